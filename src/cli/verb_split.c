/* split: parts of a structure become structures of their own. */
#include "cli.h"

#include "hilum/segment/split.h"

#include <string.h>

enum { MAX_PARTS = 100 };

/* The points of one --part, as a group of seeds. */
static bool add_group(const char *text, const HilumGrid *grid, uint8_t group, GArray *seeds, GError **error)
{
  g_auto(GStrv) points = g_strsplit(text, ";", -1);
  for (guint n = 0; points[n]; n++) {
    HilumVec3 point_mm;
    if (!cli_parse_point(points[n], &point_mm, error)) return false;
    const HilumSplitSeed seed = {hilum_grid_voxel_at_mm(grid, point_mm), group};
    g_array_append_val(seeds, seed);
  }
  return true;
}

/* How to split, from the options; seeds are appended. Returns how many parts are wanted, 0 with the error. */
static guint choose(const CliArgs *args, const HilumGrid *grid, HilumLabelSplit *split, GArray *seeds,
                    GError **error)
{
  gint64 islands, necks;
  guint groups = 0;
  if (!cli_args_get_int(args, "islands", 2, MAX_PARTS, 0, &islands, error) ||
      !cli_args_get_int(args, "necks", 2, MAX_PARTS, 0, &necks, error))
    return 0;
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "part") != 0 || groups == MAX_PARTS) continue;
    if (!add_group(option->value, grid, (uint8_t)++groups, seeds, error)) return 0;
  }
  if ((islands > 0) + (necks > 0) + (groups > 0) != 1 || groups == 1) {
    g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                        "say how to split: --islands N, --necks N, or --part X,Y,Z for each of the parts");
    return 0;
  }
  split->method = islands > 0 ? HILUM_SPLIT_ISLANDS : necks > 0 ? HILUM_SPLIT_NECKS : HILUM_SPLIT_POINTS;
  split->n = (uint32_t)MAX(islands, necks);
  split->seeds = (const HilumSplitSeed *)(void *)seeds->data;
  split->n_seeds = seeds->len;
  return groups > 0 ? groups : (guint)split->n;
}

/* Adds structures for the parts and gives their labels. */
static bool add_structures(HilumCase *self, HilumStructure *from, guint n, uint8_t *fresh, GError **error)
{
  for (guint p = 0; p < n; p++) {
    HilumStructure *part = hilum_case_add_structure(self, hilum_structure_get_kind(from), NULL, error);
    if (!part) return false;
    fresh[p] = hilum_structure_get_label(part);
  }
  return true;
}

/* Those that no part came for. */
static bool drop_structures(HilumCase *self, const uint8_t *fresh, size_t from, size_t to, GError **error)
{
  for (size_t p = from; p < to; p++)
    if (!hilum_case_remove_structure(self, hilum_case_get_structure(self, fresh[p]), error)) return false;
  return true;
}

static bool run(const CliArgs *args, HilumCase *self, HilumStructure *structure, GError **error)
{
  const uint8_t label = hilum_structure_get_label(structure);
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  g_autoptr(GArray) seeds = g_array_new(FALSE, FALSE, sizeof(HilumSplitSeed));
  uint8_t fresh[MAX_PARTS];
  HilumLabelSplit split = {.fresh = fresh};
  const guint wanted = choose(args, hilum_label_snapshot_get_grid(labels), &split, seeds, error);
  if (wanted == 0 || !add_structures(self, structure, wanted - 1, fresh, error)) return false;
  split.n_fresh = wanted - 1;
  size_t made;
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.9, "splitting");
  g_autoptr(HilumLabelSnapshot) after = hilum_labels_split(labels, label, &split, &made, &part, error);
  if (!after || !drop_structures(self, fresh, made, split.n_fresh, error)) return false;
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(labels, after, error);
  if (!delta || !hilum_case_apply_labels(self, "Split", delta, error)) return false;
  part = hilum_progress_part(&args->progress, 0.9, 1, "writing the case");
  if (!hilum_case_save(self, hilum_case_get_path(self), &part, error)) return false;
  uint8_t shown[HILUM_LABEL_COUNT] = {0};
  shown[label] = 1;
  for (size_t p = 0; p < made; p++)
    shown[fresh[p]] = 1;
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  cli_report_volumes(b, self, shown);
  if (b) cli_json_end(b);
  return true;
}

static bool verb(const CliArgs *args, GError **error)
{
  const char *name = cli_args_require(args, "structure", error);
  if (!name) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_NONE, error);
  HilumStructure *structure = self ? cli_find_structure(self, name, error) : NULL;
  if (!structure) return false;
  HilumLabelWrite write; /* refuses what is locked */
  if (!hilum_case_prepare_write(self, structure, HILUM_LABEL_REPLACE, &write, error)) return false;
  return run(args, self, structure, error);
}

static const CliOptionSpec options[] = {
    {"structure", true}, {"islands", true}, {"necks", true}, {"part", true}, {NULL, false}};
const CliVerb cli_verb_split = {
    "split", "split CASE --structure NAME (--islands N | --necks N | --part X,Y,Z[;X,Y,Z...] --part ...)",
    "makes parts of a structure structures of their own", options, verb};
