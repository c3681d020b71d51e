/* mesh and measure: surfaces and numbers of a case's structures. */
#include "cli.h"

#include "hilum/mesh/measure.h"
#include "hilum/mesh/surface.h"
#include "hilum/segment/statistics.h"

#include <stdio.h>

static void print_mesh(JsonBuilder *b, HilumStructure *structure, const HilumMesh *mesh,
                       const HilumMeshReport *r, double seconds)
{
  const char *name = hilum_structure_get_name(structure);
  uint32_t vertices = hilum_mesh_get_vertex_count(mesh), triangles = hilum_mesh_get_triangle_count(mesh);
  if (!b) {
    printf("%-20s %9u triangles %10.1f mm2 %9.2f ml (surface) %s, %s, %s, %u shell%s, %.3f s\n", name,
           triangles, r->area_mm2, r->volume_mm3 / 1000, r->closed ? "closed" : "OPEN",
           r->manifold ? "manifold" : "NOT MANIFOLD", r->oriented && r->outward ? "outward" : "NOT OUTWARD",
           r->shells, r->shells == 1 ? "" : "s", seconds);
    return;
  }
  json_builder_begin_object(b);
  cli_json_string(b, "structure", name);
  cli_json_int(b, "vertices", vertices);
  cli_json_int(b, "triangles", triangles);
  cli_json_double(b, "area_mm2", r->area_mm2);
  cli_json_double(b, "volume_ml", r->volume_mm3 / 1000);
  cli_json_double(b, "label_volume_ml", hilum_structure_get_volume_ml(structure));
  cli_json_bool(b, "closed", r->closed);
  cli_json_bool(b, "manifold", r->manifold);
  cli_json_bool(b, "oriented", r->oriented);
  cli_json_bool(b, "outward", r->outward);
  cli_json_int(b, "shells", r->shells);
  cli_json_int(b, "euler", r->euler);
  cli_json_int(b, "degenerate_triangles", r->degenerate_triangles);
  cli_json_double(b, "seconds", seconds);
  json_builder_end_object(b);
}

static bool mesh(const CliArgs *args, GError **error)
{
  gint64 smoothing;
  if (!cli_args_get_int(args, "smooth", 0, 1000, HILUM_SURFACE_SMOOTHING, &smoothing, error)) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_NONE, error);
  if (!self) return false;
  const char *name = cli_args_get(args, "structure");
  HilumStructure *only = name ? cli_find_structure(self, name, error) : NULL;
  if (name && !only) return false;
  if (only && hilum_structure_get_voxels(only) == 0) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "'%s' is empty, so it has no surface",
                hilum_structure_get_name(only));
    return false;
  }

  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  GListModel *list = hilum_case_get_structures(self);
  guint count = g_list_model_get_n_items(list);
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    json_builder_set_member_name(b, "meshes");
    json_builder_begin_array(b);
  }
  bool good = true;
  for (guint n = 0; good && n < count; n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if ((only && structure != only) || hilum_structure_get_voxels(structure) == 0) continue;
    HilumProgress part =
        hilum_progress_part(&args->progress, 0.3 + 0.7 * n / count, 0.3 + 0.7 * (n + 1) / count,
                            hilum_structure_get_name(structure));
    gint64 start = g_get_monotonic_time();
    g_autoptr(HilumMesh) surface =
        hilum_surface_new(labels, hilum_structure_get_label(structure), (int)smoothing, &part, error);
    double seconds = (double)(g_get_monotonic_time() - start) * 1e-6;
    HilumMeshReport report;
    good = surface && hilum_mesh_measure(surface, &report, &part, error);
    if (good) print_mesh(b, structure, surface, &report, seconds);
  }
  if (!good) {
    g_clear_object(&b);
    return false;
  }
  if (b) {
    json_builder_end_array(b);
    cli_json_end(b);
  }
  return true;
}

static void print_structure(JsonBuilder *b, HilumStructure *structure, const HilumStructureStats *s)
{
  if (!b) {
    printf(
        "%-20s %10.2f ml (voxels)  largest diameter %7.1f mm  centre %8.2f %8.2f %8.2f mm  %7.1f +- %.1f\n",
        hilum_structure_get_name(structure), s->volume_ml, s->max_diameter_mm, s->centroid_mm.x,
        s->centroid_mm.y, s->centroid_mm.z, s->mean, s->sd);
    return;
  }
  json_builder_begin_object(b);
  cli_json_string(b, "name", hilum_structure_get_name(structure));
  cli_json_string(b, "kind", hilum_structure_kind_id(hilum_structure_get_kind(structure)));
  cli_json_int(b, "voxels", (gint64)s->voxels);
  cli_json_double(b, "volume_ml", s->volume_ml);
  cli_json_string(b, "volume_method", "voxel count");
  cli_json_vec3(b, "centroid_mm", s->centroid_mm);
  json_builder_set_member_name(b, "bounds_mm");
  json_builder_begin_array(b);
  cli_json_vec3(b, NULL, s->bounds_mm.min);
  cli_json_vec3(b, NULL, s->bounds_mm.max);
  json_builder_end_array(b);
  cli_json_double(b, "max_diameter_mm", s->max_diameter_mm);
  cli_json_double(b, "mean_hu", s->mean);
  cli_json_double(b, "sd_hu", s->sd);
  json_builder_end_object(b);
}

static bool measure_structures(JsonBuilder *b, GPtrArray *filled, HilumLabelSnapshot *labels,
                               const HilumVolume *volume, const CliArgs *args, GError **error)
{
  for (guint n = 0; n < filled->len; n++) {
    HilumStructureStats stats;
    HilumProgress part = hilum_progress_part(&args->progress, 0.3 + 0.3 * n / filled->len,
                                             0.3 + 0.3 * (n + 1) / filled->len, "measuring");
    if (!hilum_structure_stats(labels, hilum_structure_get_label(filled->pdata[n]), volume, &stats, &part,
                               error))
      return false;
    print_structure(b, filled->pdata[n], &stats);
  }
  return true;
}

static bool measure_distances(JsonBuilder *b, GPtrArray *filled, HilumLabelSnapshot *labels,
                              const CliArgs *args, GError **error)
{
  for (guint i = 0; i < filled->len; i++)
    for (guint j = i + 1; j < filled->len; j++) {
      double mm;
      HilumVec3 p, q;
      HilumProgress part = hilum_progress_part(&args->progress, 0.6 + 0.4 * i / filled->len,
                                               0.6 + 0.4 * (i + 1) / filled->len, "distances");
      if (!hilum_structure_distance(labels, hilum_structure_get_label(filled->pdata[i]),
                                    hilum_structure_get_label(filled->pdata[j]), &mm, &p, &q, &part, error))
        return false;
      const char *a = hilum_structure_get_name(filled->pdata[i]),
                 *c = hilum_structure_get_name(filled->pdata[j]);
      if (!b) {
        printf("%-20s to %-20s %7.2f mm between voxel centres\n", a, c, mm);
        continue;
      }
      json_builder_begin_object(b);
      cli_json_string(b, "a", a);
      cli_json_string(b, "b", c);
      cli_json_double(b, "distance_mm", mm);
      cli_json_vec3(b, "point_a_mm", p);
      cli_json_vec3(b, "point_b_mm", q);
      json_builder_end_object(b);
    }
  return true;
}

/* Numbers from a volume whose missing slices were interpolated are estimates, and say so. The labels lie on
 * the first phase's grid. */
static void report_estimate(JsonBuilder *b, HilumCase *self)
{
  size_t n = 0;
  const HilumFinding *findings = hilum_phase_get_findings(hilum_case_get_phase(self, 0), &n);
  const char *estimate = hilum_findings_mark_estimate(findings, n);
  if (b)
    cli_json_string(b, "estimate", estimate);
  else if (estimate)
    puts(estimate);
}

static bool measure(const CliArgs *args, GError **error)
{
  gint64 phase;
  if (!cli_args_get_int(args, "phase", 0, 255, 0, &phase, error)) return false;
  g_autoptr(HilumCase) self = cli_open_case(args, CLI_IMAGES_IF_FOUND, error);
  if (!self) return false;
  if ((guint)phase >= hilum_case_get_phase_count(self)) {
    g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "the case has %u phases; there is no phase %d",
                hilum_case_get_phase_count(self), (int)phase);
    return false;
  }
  HilumVolume *volume = hilum_phase_get_volume(
      hilum_case_get_phase(self, (guint)phase)); /* NULL: no intensities, said as null */
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  g_autoptr(GPtrArray) filled = g_ptr_array_new_with_free_func(g_object_unref);
  GListModel *list = hilum_case_get_structures(self);
  for (guint n = 0; n < g_list_model_get_n_items(list); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (hilum_structure_get_voxels(structure) > 0) g_ptr_array_add(filled, g_steal_pointer(&structure));
  }

  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    json_builder_set_member_name(b, "structures");
    json_builder_begin_array(b);
  }
  bool good = measure_structures(b, filled, labels, volume, args, error);
  if (b && good) {
    json_builder_end_array(b);
    json_builder_set_member_name(b, "distances");
    json_builder_begin_array(b);
  }
  good = good && measure_distances(b, filled, labels, args, error);
  if (!good) {
    g_clear_object(&b);
    return false;
  }
  if (b) {
    json_builder_end_array(b);
    cli_json_string(b, "phase", hilum_phase_get_name(hilum_case_get_phase(self, (guint)phase)));
  }
  report_estimate(b, self);
  if (b) cli_json_end(b);
  return true;
}

static const CliOptionSpec mesh_options[] = {
    {"structure", true}, {"smooth", true}, {"images", true}, {NULL, false}};
const CliVerb cli_verb_mesh = {"mesh", "mesh CASE [--structure NAME] [--smooth PASSES]",
                               "surfaces: size, area, volume and verdict", mesh_options, mesh};

static const CliOptionSpec measure_options[] = {{"phase", true}, {"images", true}, {NULL, false}};
const CliVerb cli_verb_measure = {"measure", "measure CASE [--phase N]",
                                  "volumes, extents, and distances between structures", measure_options,
                                  measure};
