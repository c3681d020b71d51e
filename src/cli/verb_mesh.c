/* mesh: surfaces of a case's structures. */
#include "grey_ranges.h"
#include "surface_numbers.h"

#include "hilum/mesh/measure.h"

#include <stdio.h>
#include <string.h>

static void print_mesh(JsonBuilder *b, HilumStructure *structure, const HilumMesh *mesh,
                       const CliSurfaceNumbers *numbers, const CliGrey *grey, double seconds)
{
  const HilumMeshReport *r = &numbers->report;
  const uint8_t label = hilum_structure_get_label(structure);
  const char *name = hilum_structure_get_name(structure);
  uint32_t vertices = hilum_mesh_get_vertex_count(mesh), triangles = hilum_mesh_get_triangle_count(mesh);
  if (!b) {
    printf("%-20s %9u triangles %10.1f mm2 %9.2f ml (surface, by %s) %s, %s, %s, %u shell%s, %.3f s\n", name,
           triangles, r->area_mm2, r->volume_mm3 / 1000, cli_grey_position(grey, label),
           r->closed ? "closed" : "OPEN", r->manifold ? "manifold" : "NOT MANIFOLD",
           r->oriented && r->outward ? "outward" : "NOT OUTWARD", r->shells, r->shells == 1 ? "" : "s",
           seconds);
    return;
  }
  json_builder_begin_object(b);
  cli_json_string(b, "structure", name);
  cli_grey_report(b, grey, label);
  cli_json_int(b, "vertices", vertices);
  cli_json_int(b, "triangles", triangles);
  cli_json_surface(b, numbers);
  cli_json_string(b, "volume_method", "enclosed by the surface");
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
  int smoothing;
  g_autoptr(HilumCase) self = cli_open_case(args, cli_grey_images(args), error);
  g_auto(CliGrey) grey = {NULL};
  uint8_t wanted[HILUM_LABEL_COUNT];
  if (!self || !cli_get_smoothing(args, self, &smoothing, error) || !cli_grey_init(&grey, args, self, error))
    return false;
  if (!cli_choose_surfaces(args, self, wanted, error)) return false;

  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  GListModel *list = hilum_case_get_structures(self);
  guint count = g_list_model_get_n_items(list);
  JsonBuilder *b = args->json ? cli_json_begin() : NULL;
  if (b) {
    json_builder_set_member_name(b, "meshes");
    json_builder_begin_array(b);
  }
  bool any = memchr(wanted, 1, sizeof wanted) != NULL, good = true;
  HilumProgress making = hilum_progress_part(&args->progress, 0.3, 0.8, "surfaces");
  gint64 start = g_get_monotonic_time();
  g_autoptr(HilumJoint) joint = any ? cli_grey_joint(&grey, labels, wanted, smoothing, &making, error) : NULL;
  double seconds = (double)(g_get_monotonic_time() - start) * 1e-6; /* all of them together */
  if (any && !joint) good = false;
  for (guint n = 0; good && n < count; n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(list, n);
    if (!wanted[hilum_structure_get_label(structure)]) continue;
    HilumProgress part =
        hilum_progress_part(&args->progress, 0.8 + 0.2 * n / count, 0.8 + 0.2 * (n + 1) / count,
                            hilum_structure_get_name(structure));
    g_autoptr(HilumMesh) surface = hilum_joint_split(joint, hilum_structure_get_label(structure), error);
    CliSurfaceNumbers numbers;
    good = surface && cli_surface_numbers(surface, NULL, &numbers, &part, error);
    if (good) print_mesh(b, structure, surface, &numbers, &grey, seconds);
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

static const CliOptionSpec options[] = {
    {"structure", true}, {"smooth", true}, CLI_GREY_OPTIONS, {NULL, false}};
const CliVerb cli_verb_mesh = {"mesh", "mesh CASE [--structure NAME] [--smooth PASSES] " CLI_GREY_USAGE,
                               "surfaces: size, area, volume and verdict", options, mesh};
