/* smooth: several structures smoothed together, without gaps or overlaps between them. */
#include "cli.h"

#include "hilum/segment/joint_smooth.h"

#include <string.h>

/* Structures that take part: those named, else all; never locked ones. With --outer, nothing does too. */
static bool choose(const CliArgs *args, HilumCase *self, uint8_t set[HILUM_LABEL_COUNT], GError **error)
{
  bool named = false;
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "structure") != 0) continue;
    HilumStructure *structure = cli_find_structure(self, option->value, error);
    if (!structure) return false;
    set[hilum_structure_get_label(structure)] = 1;
    named = true;
  }
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    const uint8_t label = hilum_structure_get_label(structure);
    set[label] = (set[label] || !named) && !hilum_structure_get_locked(structure);
  }
  set[0] = cli_args_has(args, "outer");
  return true;
}

static void report(const CliArgs *args, HilumCase *self, const uint8_t set[HILUM_LABEL_COUNT],
                   guint64 changed)
{
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) cli_json_int(b, "changed_voxels", (gint64)changed);
  cli_report_volumes(b, self, set);
  if (b) cli_json_end(b);
}

static bool smooth(const CliArgs *args, GError **error)
{
  const char *amount = cli_args_require(args, "sigma", error);
  if (!amount) return false;
  char *end = NULL;
  const double sigma_mm = g_ascii_strtod(amount, &end);
  if (end == amount || *end != '\0' || !(sigma_mm > 0 && sigma_mm <= 20)) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                "--sigma wants millimetres above 0 and up to 20, not '%s'", amount);
    return false;
  }
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_NONE, error);
  uint8_t set[HILUM_LABEL_COUNT] = {0};
  if (!self || !choose(args, self, set, error)) return false;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.9, "smoothing");
  g_autoptr(HilumLabelSnapshot) after = hilum_labels_smooth_jointly(labels, set, sigma_mm, &part, error);
  if (!after) return false;
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(labels, after, error);
  if (!delta) return false;
  const guint64 changed = hilum_label_delta_get_changed(delta);
  if (!hilum_case_apply_labels(self, "Smooth together", delta, error)) return false;
  part = hilum_progress_part(&args->progress, 0.9, 1, "writing the case");
  if (!hilum_case_save(self, hilum_case_get_path(self), &part, error)) return false;
  report(args, self, set, changed);
  return true;
}

static const CliOptionSpec options[] = {
    {"sigma", true}, {"structure", true}, {"outer", false}, {NULL, false}};
const CliVerb cli_verb_smooth = {"smooth", "smooth CASE --sigma MM [--structure NAME]... [--outer]",
                                 "smooths structures together, without gaps or overlaps between them",
                                 options, smooth};
