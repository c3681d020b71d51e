/* What verbs that read studies and cases share. */
#include "cli.h"

#include "hilum/casefile/journal.h"

#include <stdio.h>

#include <string.h>

HilumCatalog *cli_scan_volume(const CliArgs *args, double end, size_t *index, GError **error)
{
  gint64 wanted;
  if (!cli_args_get_int(args, "volume", 0, G_MAXINT32, 0, &wanted, error)) return NULL;
  HilumProgress part = hilum_progress_part(&args->progress, 0, end, "reading headers");
  g_autoptr(HilumCatalog) catalog =
      hilum_catalog_scan((const char *const *)args->positional->pdata, args->positional->len, &part, error);
  if (!catalog) return NULL;
  *index = (size_t)wanted;
  if (*index >= hilum_catalog_get_count(catalog)) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT,
                "there is no volume %" G_GINT64_FORMAT " in %s: it holds %zu", wanted,
                (const char *)args->positional->pdata[0], hilum_catalog_get_count(catalog));
    return NULL;
  }
  if (cli_args_has(args, "accept-gaps") && !hilum_catalog_accept_gaps(catalog, *index, error)) return NULL;
  return g_steal_pointer(&catalog);
}

HilumStructure *cli_find_structure(HilumCase *self, const char *name, GError **error)
{
  HilumStructure *structure = hilum_case_find_structure(self, name);
  if (structure) return structure;
  g_autoptr(GString) known = g_string_new(NULL);
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) item = g_list_model_get_item(list, n);
    g_string_append_printf(known, "%s%s", known->len ? ", " : "", hilum_structure_get_name(item));
  }
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "the case has no structure '%s'; it has %s",
              name, known->len ? known->str : "none");
  return NULL;
}

static void print_findings(const char *path, const GArray *findings)
{
  for (guint n = 0; n < findings->len; n++)
    fprintf(stderr, "%s: %s\n", path, g_array_index(findings, HilumFinding, n).message);
}

static bool follows_values(HilumCase *self)
{
  GListModel *list = hilum_case_get_structures(self);
  bool any = false;
  for (guint n = 0; n < g_list_model_get_n_items(list) && !any; n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    any = hilum_structure_boundary_is_range(hilum_structure_get_boundary(structure));
  }
  return any;
}

HilumCase *cli_open_case(const CliArgs *args, CliImages images, GError **error)
{
  if (!cli_args_expect(args, 1, "CASE", error)) return NULL;
  const char *path = args->positional->pdata[0];
  HilumProgress part = hilum_progress_part(&args->progress, 0, 0.3, "opening the case");
  if (images != CLI_IMAGES_IF_FOUND) {
    HilumRecovery recovery;
    g_autoptr(HilumCaseRecord) record =
        hilum_case_record_recover(path, HILUM_RECOVER_READ, &recovery, &part, error);
    if (!record) return NULL;
    g_autoptr(HilumCase) bare = hilum_case_new_from_record(record, NULL, error);
    const bool enough = !bare || images == CLI_IMAGES_NONE || !follows_values(bare);
    if (enough) print_findings(path, recovery.findings); /* else said when it is opened with images */
    hilum_recovery_clear(&recovery);
    if (enough) return g_steal_pointer(&bare);
  }
  const char *search = cli_args_get(args, "images");
  g_autoptr(GArray) findings = NULL;
  g_autoptr(HilumCase) opened = hilum_case_open(path, &search, search ? 1 : 0, &findings, &part, error);
  if (opened && findings) print_findings(path, findings);
  return g_steal_pointer(&opened);
}

void cli_json_boundary(JsonBuilder *b, HilumStructure *structure)
{
  const HilumStructureBoundary *boundary = hilum_structure_get_boundary(structure);
  json_builder_set_member_name(b, "boundary");
  if (!hilum_structure_boundary_is_range(boundary)) {
    json_builder_add_null_value(b);
    return;
  }
  json_builder_begin_object(b);
  cli_json_int(b, "phase", boundary->phase);
  cli_json_double(b, "lo", boundary->lo);
  cli_json_double(b, "hi", boundary->hi);
  json_builder_end_object(b);
}

void cli_report_volumes(JsonBuilder *b, HilumCase *self, const uint8_t labels[HILUM_LABEL_COUNT])
{
  if (b) {
    json_builder_set_member_name(b, "structures");
    json_builder_begin_array(b);
  }
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (!labels[hilum_structure_get_label(structure)]) continue;
    const char *name = hilum_structure_get_name(structure);
    if (!b) {
      printf("%s: %.2f ml (voxels)\n", name, hilum_structure_get_volume_ml(structure));
      continue;
    }
    json_builder_begin_object(b);
    cli_json_string(b, "name", name);
    cli_json_int(b, "voxels", (gint64)hilum_structure_get_voxels(structure));
    cli_json_double(b, "volume_ml", hilum_structure_get_volume_ml(structure));
    cli_json_boundary(b, structure);
    json_builder_end_object(b);
  }
  if (b) json_builder_end_array(b);
}

bool cli_get_smoothing(const CliArgs *args, HilumCase *self, int *passes, GError **error)
{
  gint64 given;
  if (!cli_args_get_int(args, "smooth", 0, 1000, hilum_case_get_smoothing(self), &given, error)) return false;
  *passes = (int)given;
  return true;
}

bool cli_choose_surfaces(const CliArgs *args, HilumCase *self, uint8_t wanted[HILUM_LABEL_COUNT],
                         GError **error)
{
  const char *name = cli_args_get(args, "structure");
  HilumStructure *only = name ? cli_find_structure(self, name, error) : NULL;
  if (name && !only) return false;
  if (only && hilum_structure_get_voxels(only) == 0) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "'%s' is empty, so it has no surface",
                hilum_structure_get_name(only));
    return false;
  }
  GListModel *list = hilum_case_get_structures(self);
  memset(wanted, 0, HILUM_LABEL_COUNT);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if ((!only || structure == only) && hilum_structure_get_voxels(structure) > 0)
      wanted[hilum_structure_get_label(structure)] = 1;
  }
  return true;
}
