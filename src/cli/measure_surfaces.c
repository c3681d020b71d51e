/* Surfaces for `measure`: they share their boundaries, as everything that shows or exports them. */
#include "measure_surfaces.h"

#include "hilum/casefile/boundaries.h"
#include "hilum/mesh/surface.h"

#include <stdio.h>
#include <string.h>

void cli_case_surfaces_clear(CliCaseSurfaces *surfaces)
{
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    g_clear_pointer(&surfaces->mesh[l], hilum_mesh_unref);
    g_clear_pointer(&surfaces->numbers[l], g_free);
  }
}

/* Of one structure. */
static bool add_surface(CliCaseSurfaces *surfaces, uint8_t label, const HilumJoint *smooth,
                        const HilumJoint *bare, const HilumProgress *progress, GError **error)
{
  surfaces->mesh[label] = hilum_joint_split(smooth, label, error);
  if (!surfaces->mesh[label] || !bare) return surfaces->mesh[label] != NULL;
  g_autoptr(HilumMesh) rough = hilum_joint_split(bare, label, error);
  surfaces->numbers[label] = g_new0(CliSurfaceNumbers, 1);
  return rough &&
         cli_surface_numbers(surfaces->mesh[label], rough, surfaces->numbers[label], progress, error);
}

bool cli_case_surfaces(HilumCase *self, const uint8_t *wanted, CliCaseSurfaces *surfaces,
                       const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(self);
  uint8_t chosen[HILUM_LABEL_COUNT] = {0};
  int n = 0, done = 0;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    chosen[l] = (!wanted || wanted[l]) && hilum_label_snapshot_count(labels, (uint8_t)l) > 0;
    n += chosen[l];
  }
  if (n == 0) return true;
  HilumProgress part = hilum_progress_part(progress, 0, 0.4, "surfaces");
  HilumSurfaceRange *ranges = hilum_case_dup_surface_ranges(self);
  g_autoptr(HilumJoint) smooth =
      hilum_surface_joint_new_grey(labels, chosen, ranges, hilum_case_get_smoothing(self), &part, error);
  hilum_surface_ranges_free(ranges);
  if (!smooth) return false;
  part = hilum_progress_part(progress, 0.4, 0.5, "surfaces");
  g_autoptr(HilumJoint) bare = wanted ? NULL : hilum_surface_joint_new(labels, chosen, 0, &part, error);
  if (!wanted && !bare) return false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    if (!chosen[l]) continue;
    part = hilum_progress_part(progress, 0.5 + 0.5 * done / n, 0.5 + 0.5 * (done + 1) / n, "surfaces");
    if (!add_surface(surfaces, (uint8_t)l, smooth, bare, &part, error)) return false;
    done++;
  }
  return true;
}

static HilumStructure *find_filled(HilumCase *self, const char *name, GError **error)
{
  HilumStructure *structure = cli_find_structure(self, name, error);
  if (!structure || hilum_structure_get_voxels(structure) > 0) return structure;
  g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_INPUT, "%s has no voxels, so it has no surface",
              hilum_structure_get_name(structure));
  return NULL;
}

GArray *cli_between_parse(const CliArgs *args, HilumCase *self, GError **error)
{
  g_autoptr(GArray) pairs = g_array_new(FALSE, TRUE, sizeof(CliBetween));
  for (guint n = 0; n < args->options->len; n++) {
    const CliOption *option = &g_array_index(args->options, CliOption, n);
    if (strcmp(option->name, "between") != 0) continue;
    g_auto(GStrv) names = g_strsplit(option->value, ",", -1);
    if (g_strv_length(names) != 2) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE,
                  "--between wants two structures, A,B, not '%s'", option->value);
      return NULL;
    }
    CliBetween pair = {.a = find_filled(self, g_strstrip(names[0]), error)};
    if (!pair.a || !(pair.b = find_filled(self, g_strstrip(names[1]), error))) return NULL;
    if (pair.a == pair.b) {
      g_set_error(error, HILUM_CLI_ERROR, HILUM_CLI_ERROR_USAGE, "--between wants two different structures");
      return NULL;
    }
    g_array_append_val(pairs, pair);
  }
  return g_steal_pointer(&pairs);
}

bool cli_between_measure(GArray *pairs, const CliCaseSurfaces *surfaces, const HilumProgress *progress,
                         GError **error)
{
  for (guint n = 0; n < pairs->len; n++) {
    CliBetween *p = &g_array_index(pairs, CliBetween, n);
    const HilumMesh *a = surfaces->mesh[hilum_structure_get_label(p->a)];
    const HilumMesh *b = surfaces->mesh[hilum_structure_get_label(p->b)];
    const HilumProgress part =
        hilum_progress_part(progress, (double)n / pairs->len, (n + 1.0) / pairs->len, "distances");
    if (!hilum_mesh_gap(a, b, &p->gap, &part, error) ||
        !hilum_mesh_distances(a, b, &p->a_to_b, &p->b_to_a, &p->both, &part, error))
      return false;
  }
  return true;
}

static void print_between(const CliBetween *p)
{
  printf("%s to %s: %.3f mm between surfaces, at %.2f %.2f %.2f and %.2f %.2f %.2f mm; mean %.2f mm, 95 %% "
         "%.2f mm, Hausdorff %.2f mm\n",
         hilum_structure_get_name(p->a), hilum_structure_get_name(p->b), p->gap.mm, p->gap.a_mm.x,
         p->gap.a_mm.y, p->gap.a_mm.z, p->gap.b_mm.x, p->gap.b_mm.y, p->gap.b_mm.z, p->both.mean_mm,
         p->both.p95_mm, p->both.max_mm);
}

void cli_between_report(JsonBuilder *b, const GArray *pairs)
{
  if (b) {
    json_builder_set_member_name(b, "between");
    json_builder_begin_array(b);
  }
  for (guint n = 0; n < pairs->len; n++) {
    const CliBetween *p = &g_array_index(pairs, CliBetween, n);
    if (!b) {
      print_between(p);
      continue;
    }
    json_builder_begin_object(b);
    cli_json_string(b, "a", hilum_structure_get_name(p->a));
    cli_json_string(b, "b", hilum_structure_get_name(p->b));
    cli_json_double(b, "gap_mm", p->gap.mm);
    cli_json_vec3(b, "point_a_mm", p->gap.a_mm);
    cli_json_vec3(b, "point_b_mm", p->gap.b_mm);
    cli_json_distance(b, "a_to_b", &p->a_to_b);
    cli_json_distance(b, "b_to_a", &p->b_to_a);
    cli_json_distance(b, "symmetric", &p->both);
    json_builder_end_object(b);
  }
  if (b) json_builder_end_array(b);
}
