/* labels: the label map out of and into a case as NRRD, structures named in its header. */
#include "cli.h"

#include "hilum/exchange/nrrd.h"

#include <stdio.h>

static void report(const CliArgs *args, const char *path, HilumCase *self)
{
  GListModel *list = hilum_case_get_structures(self);
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    cli_json_string(b, "path", path);
    json_builder_set_member_name(b, "structures");
    json_builder_begin_array(b);
  }
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (!b) {
      printf("%3u %-20s %12" G_GUINT64_FORMAT " voxels\n", hilum_structure_get_label(structure),
             hilum_structure_get_name(structure), (guint64)hilum_structure_get_voxels(structure));
      continue;
    }
    json_builder_begin_object(b);
    cli_json_int(b, "label", hilum_structure_get_label(structure));
    cli_json_string(b, "name", hilum_structure_get_name(structure));
    cli_json_int(b, "voxels", (gint64)hilum_structure_get_voxels(structure));
    cli_json_boundary(b, structure);
    json_builder_end_object(b);
  }
  if (b) {
    json_builder_end_array(b);
    cli_json_end(b);
  }
}

static bool write_labels(HilumCase *self, const char *path, const CliArgs *args, GError **error)
{
  const char *names[HILUM_LABEL_COUNT] = {NULL};
  for (unsigned label = 1; label < HILUM_LABEL_COUNT; label++) {
    HilumStructure *structure = hilum_case_get_structure(self, (uint8_t)label);
    if (structure) names[label] = hilum_structure_get_name(structure);
  }
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 1, "writing");
  return hilum_nrrd_write_labels(path, labels, names, !cli_args_has(args, "raw"), &part, error);
}

static bool read_labels(HilumCase *self, const char *path, const CliArgs *args, GError **error)
{
  g_autoptr(GPtrArray) names = NULL;
  HilumProgress part = hilum_progress_part(&args->progress, 0.3, 0.7, "reading");
  g_autoptr(HilumLabelSnapshot) labels = hilum_nrrd_read_labels(path, &names, &part, error);
  if (!labels) return false;
  g_autoptr(HilumLabelSnapshot) mine = hilum_case_dup_labels(self);
  const HilumGrid *grid = mine ? hilum_label_snapshot_get_grid(mine) : NULL;
  if (!grid || !hilum_grid_equal(grid, hilum_label_snapshot_get_grid(labels), 0.01)) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
                "%s lies on another grid than the case (dimensions, spacing, origin or axes differ)", path);
    return false;
  }
  if (!hilum_case_import_labels(self, "Import labels", labels,
                                names ? (const char *const *)names->pdata : NULL, error)) {
    g_prefix_error(error, "%s: ", path);
    return false;
  }
  part = hilum_progress_part(&args->progress, 0.7, 1, "writing the case");
  return hilum_case_save(self, hilum_case_get_path(self), &part, error);
}

static bool labels(const CliArgs *args, GError **error)
{
  const char *in = cli_args_get(args, "in"), *out = cli_args_get(args, "out");
  if (!in == !out) {
    g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "either --out or --in names a file");
    return false;
  }
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_NONE, error);
  if (!self) return false;
  if (in ? !read_labels(self, in, args, error) : !write_labels(self, out, args, error)) return false;
  report(args, in ? in : out, self);
  return true;
}

static const CliOptionSpec options[] = {{"in", true}, {"out", true}, {"raw", false}, {NULL, false}};
const CliVerb cli_verb_labels = {"labels", "labels CASE (--out FILE.nrrd [--raw] | --in FILE.nrrd)",
                                 "the label map out or in", options, labels};
