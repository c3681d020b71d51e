/* check: the verdict on any mesh file or DICOM object, with what speaks for it. Defects are the answer, not a
 * failure: the exit status is 0 unless the file cannot be read. */
#include "cli.h"

#include "hilum/exchange/check.h"
#include "hilum/exchange/stl.h"

#include <stdio.h>

static void json_finding(JsonBuilder *b, const char *code, const char *verdict, const char *message)
{
  json_builder_begin_object(b);
  cli_json_string(b, "code", code);
  cli_json_string(b, "verdict", verdict);
  cli_json_string(b, "message", message);
  json_builder_end_object(b);
}

/* From this file's surface to another's, back, and both. */
typedef struct {
  const char *path; /* of the other; NULL: not asked for */
  HilumSurfaceDistance there, back, both;
} Against;

static bool measure_against(const CliArgs *args, const char *path, Against *against, GError **error)
{
  HilumProgress part = hilum_progress_part(&args->progress, 0.5, 0.6, "reading");
  g_autoptr(HilumMesh) a = hilum_stl_read(path, &part, error);
  g_autoptr(HilumMesh) b = a ? hilum_stl_read(against->path, &part, error) : NULL;
  if (!b) return false;
  part = hilum_progress_part(&args->progress, 0.6, 1, "distances");
  return hilum_mesh_distances(a, b, &against->there, &against->back, &against->both, &part, error);
}

static void print_distance(const char *what, const HilumSurfaceDistance *d)
{
  printf("    %s: mean %.4f mm, 95 %% %.4f mm, greatest %.4f mm (no point beyond %.4f mm)\n", what,
         d->mean_mm, d->p95_mm, d->max_mm, d->bound_mm);
}

static void json_against(JsonBuilder *b, const Against *against)
{
  json_builder_set_member_name(b, "against");
  json_builder_begin_object(b);
  cli_json_string(b, "path", against->path);
  cli_json_distance(b, "there", &against->there);
  cli_json_distance(b, "back", &against->back);
  cli_json_distance(b, "symmetric", &against->both);
  json_builder_end_object(b);
}

static void report_mesh(const CliArgs *args, const char *path, const HilumMeshCheck *check,
                        const Against *against)
{
  const HilumMeshReport *r = &check->report;
  if (!args->json) {
    printf("%s: %s, %s, %u triangles", path, hilum_mesh_verdict_name(check->verdict), check->format,
           check->triangles);
    if (check->measured)
      printf(", %.1f mm2, %.2f ml, %u shells, genus %" G_GINT64_FORMAT
             ", thinnest wall %.2f mm (ball), %.2f mm (ray)",
             r->area_mm2, r->volume_mm3 / 1000, r->shells, hilum_mesh_report_genus(r),
             check->beyond.thickness.min_ball_mm, check->beyond.thickness.min_ray_mm);
    putchar('\n');
    for (guint n = 0; n < check->findings->len; n++) {
      const HilumMeshFinding *f = &g_array_index(check->findings, HilumMeshFinding, n);
      printf("    %s (%s): %s\n", hilum_mesh_verdict_name(f->verdict), f->code, f->message);
    }
    if (against->path) {
      print_distance("to the other surface", &against->there);
      print_distance("back", &against->back);
      print_distance("both ways", &against->both);
    }
    return;
  }
  JsonBuilder *b = cli_json_begin();
  cli_json_string(b, "path", path);
  cli_json_string(b, "format", check->format);
  cli_json_string(b, "verdict", hilum_mesh_verdict_name(check->verdict));
  json_builder_set_member_name(b, "findings");
  json_builder_begin_array(b);
  for (guint n = 0; n < check->findings->len; n++) {
    const HilumMeshFinding *f = &g_array_index(check->findings, HilumMeshFinding, n);
    json_finding(b, f->code, hilum_mesh_verdict_name(f->verdict), f->message);
  }
  json_builder_end_array(b);
  cli_json_int(b, "vertices", check->vertices);
  cli_json_int(b, "triangles", check->triangles);
  if (check->measured) {
    cli_json_double(b, "area_mm2", r->area_mm2);
    cli_json_double(b, "volume_ml", r->volume_mm3 / 1000);
    cli_json_bool(b, "closed", r->closed);
    cli_json_bool(b, "manifold", r->manifold);
    cli_json_bool(b, "oriented", r->oriented);
    cli_json_bool(b, "outward", r->outward);
    cli_json_int(b, "shells", r->shells);
    cli_json_verdict(b, r, &check->beyond);
  }
  if (against->path) json_against(b, against);
  cli_json_end(b);
}

static bool check_dicom(const CliArgs *args, const char *path, GError **error)
{
  g_autoptr(GArray) findings = hilum_dicom_check(path, error);
  if (!findings) return false;
  HilumVerdict verdict = HILUM_VERDICT_OK;
  for (guint n = 0; n < findings->len; n++)
    verdict = MAX(verdict, g_array_index(findings, HilumFinding, n).verdict);
  if (args->json) {
    JsonBuilder *b = cli_json_begin();
    cli_json_string(b, "path", path);
    cli_json_string(b, "format", "dicom");
    cli_json_string(b, "verdict", hilum_verdict_name(verdict));
    cli_json_findings(b, (const void *)findings->data, findings->len);
    cli_json_end(b);
  } else {
    printf("%s: %s, DICOM\n", path, hilum_verdict_name(verdict));
    cli_print_findings((const void *)findings->data, findings->len);
  }
  return true;
}

static bool check(const CliArgs *args, GError **error)
{
  if (!cli_args_expect(args, 1, "FILE", error)) return false;
  const char *path = args->positional->pdata[0];
  if (!hilum_mesh_check_sniff(path) && hilum_dicom_sniff(path)) return check_dicom(args, path, error);
  HilumMeshCheck result = {0};
  Against against = {.path = cli_args_get(args, "against")};
  const HilumProgress part = hilum_progress_part(&args->progress, 0, against.path ? 0.5 : 1, "checking");
  if (!hilum_mesh_check_file(path, &result, &part, error)) return false;
  const bool good = !against.path || measure_against(args, path, &against, error);
  if (good) report_mesh(args, path, &result, &against);
  hilum_mesh_check_clear(&result);
  return good;
}

static const CliOptionSpec options[] = {{"against", true}, {NULL, false}};
const CliVerb cli_verb_check = {
    "check", "check FILE [--against OTHER]",
    "the verdict on a mesh file or a DICOM object; the distance between two meshes", options, check};
