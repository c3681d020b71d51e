/* scan: patients, studies, series and volumes in a heap of files, each volume with its verdict. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static void json_volume(JsonBuilder *b, size_t index, const HilumSeriesInfo *s)
{
  json_builder_begin_object(b);
  cli_json_int(b, "index", (gint64)index);
  cli_json_string(b, "modality", s->modality);
  cli_json_string(b, "study_uid", s->study_uid);
  cli_json_string(b, "series_uid", s->series_uid);
  cli_json_int(b, "series_number", s->series_number);
  cli_json_string(b, "description", s->series_description);
  cli_json_string(b, "phase", s->phase);
  cli_json_ints(b, "dims", s->grid.dims, 3);
  cli_json_doubles(b, "spacing_mm", s->grid.spacing_mm, 3);
  cli_json_vec3(b, "origin_mm", s->grid.origin_mm);
  json_builder_set_member_name(b, "axes");
  json_builder_begin_array(b);
  for (int a = 0; a < 3; a++)
    cli_json_vec3(b, NULL, s->grid.axes[a]);
  json_builder_end_array(b);
  cli_json_int(b, "files", (gint64)s->n_files);
  cli_json_string(b, "transfer_syntax", s->transfer_syntax);
  cli_json_string(b, "verdict", hilum_verdict_name(s->verdict));
  cli_json_findings(b, s->findings, s->n_findings);
  json_builder_end_object(b);
}

/* Volumes come sorted by study, so that patients and studies are runs of them. */
static void json_patients(JsonBuilder *b, const HilumCatalog *catalog)
{
  size_t n = hilum_catalog_get_count(catalog);
  g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
  json_builder_set_member_name(b, "patients");
  json_builder_begin_array(b);
  for (size_t p = 0; p < n; p++) {
    const HilumSeriesInfo *patient = hilum_catalog_get_series(catalog, p);
    bool first = true;
    for (size_t q = 0; q < p && first; q++) {
      const HilumSeriesInfo *earlier = hilum_catalog_get_series(catalog, q);
      first = g_strcmp0(earlier->patient_id, patient->patient_id) != 0 ||
              g_strcmp0(earlier->patient_name, patient->patient_name) != 0;
    }
    if (!first) continue;
    json_builder_begin_object(b);
    cli_json_string(b, "name", patient->patient_name);
    cli_json_string(b, "id", patient->patient_id);
    json_builder_set_member_name(b, "studies");
    json_builder_begin_array(b);
    for (size_t s = p; s < n; s++) {
      const HilumSeriesInfo *study = hilum_catalog_get_series(catalog, s);
      if (g_strcmp0(study->patient_id, patient->patient_id) != 0 ||
          g_strcmp0(study->patient_name, patient->patient_name) != 0)
        continue;
      if (!g_hash_table_add(done, (gpointer)(study->study_uid ? study->study_uid : ""))) continue;
      json_builder_begin_object(b);
      cli_json_string(b, "uid", study->study_uid);
      cli_json_string(b, "date", study->study_date);
      cli_json_string(b, "description", study->study_description);
      json_builder_set_member_name(b, "volumes");
      json_builder_begin_array(b);
      for (size_t v = s; v < n; v++)
        if (g_strcmp0(hilum_catalog_get_series(catalog, v)->study_uid, study->study_uid) == 0)
          json_builder_add_int_value(b, (gint64)v);
      json_builder_end_array(b);
      json_builder_end_object(b);
    }
    json_builder_end_array(b);
    json_builder_end_object(b);
  }
  json_builder_end_array(b);
}

static void print_volume(size_t index, const HilumSeriesInfo *s)
{
  printf("%3zu  %-2s %-8s %s%s%s\n", index, s->modality ? s->modality : "", hilum_verdict_name(s->verdict),
         s->series_description && *s->series_description ? s->series_description : "(no description)",
         s->phase && *s->phase ? ", " : "", s->phase ? s->phase : "");
  if (s->verdict != HILUM_VERDICT_REFUSED) {
    char letters[3][4];
    for (int a = 0; a < 3; a++)
      hilum_orientation_letters(s->grid.axes[a], 0.1, letters[a]);
    printf("    %d x %d x %d voxels of %.4g x %.4g x %.4g mm, axes to %s %s %s, origin %.2f %.2f %.2f, %zu "
           "files\n",
           s->grid.dims[0], s->grid.dims[1], s->grid.dims[2], s->grid.spacing_mm[0], s->grid.spacing_mm[1],
           s->grid.spacing_mm[2], letters[0], letters[1], letters[2], s->grid.origin_mm.x,
           s->grid.origin_mm.y, s->grid.origin_mm.z, s->n_files);
  } else {
    printf("    %zu files\n", s->n_files);
  }
  cli_print_findings(s->findings, s->n_findings);
}

/* A damaged file is the input's fault: said on standard error as well when nothing else is left to load. */
static bool fail_if_all_damaged(const HilumCatalog *catalog, GError **error)
{
  static const char *const damage[] = {"pixel-length", "no-pixels"};
  const HilumFinding *first = NULL;
  size_t count = hilum_catalog_get_count(catalog);
  for (size_t n = 0; n < count; n++) {
    const HilumSeriesInfo *s = hilum_catalog_get_series(catalog, n);
    const HilumFinding *found = NULL;
    for (size_t f = 0; f < s->n_findings && !found; f++)
      for (size_t d = 0; d < G_N_ELEMENTS(damage); d++)
        if (s->findings[f].verdict == HILUM_VERDICT_REFUSED && strcmp(s->findings[f].code, damage[d]) == 0)
          found = &s->findings[f];
    if (!found) return true;
    if (!first) first = found;
  }
  if (!first) return true;
  g_set_error_literal(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, first->message);
  return false;
}

static bool scan(const CliArgs *args, GError **error)
{
  if (args->positional->len == 0) return cli_args_expect(args, 1, "PATH", error);
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan((const char *const *)args->positional->pdata,
                                                       args->positional->len, &args->progress, error);
  if (!catalog) return false;
  size_t n_findings, count = hilum_catalog_get_count(catalog);
  const HilumFinding *findings = hilum_catalog_get_findings(catalog, &n_findings);

  if (args->json) {
    JsonBuilder *b = cli_json_begin();
    json_patients(b, catalog);
    json_builder_set_member_name(b, "volumes");
    json_builder_begin_array(b);
    for (size_t n = 0; n < count; n++)
      json_volume(b, n, hilum_catalog_get_series(catalog, n));
    json_builder_end_array(b);
    cli_json_findings(b, findings, n_findings);
    cli_json_int(b, "ignored_files", (gint64)hilum_catalog_get_ignored(catalog));
    cli_json_end(b);
    return fail_if_all_damaged(catalog, error);
  }
  for (size_t n = 0; n < count; n++)
    print_volume(n, hilum_catalog_get_series(catalog, n));
  if (n_findings) puts("Other findings:");
  cli_print_findings(findings, n_findings);
  printf("%zu volume%s; %zu files that are not DICOM were left alone\n", count, count == 1 ? "" : "s",
         hilum_catalog_get_ignored(catalog));
  return fail_if_all_damaged(catalog, error);
}

const CliVerb cli_verb_scan = {
    "scan", "scan PATH...", "lists patients, studies, series and volumes, each with its verdict", NULL, scan};
