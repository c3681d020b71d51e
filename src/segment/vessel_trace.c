/* A vessel by its course: the ways between the points, one after another, each measured by its wall. */
#include "hilum/segment/error.h"
#include "vessel_private.h"

#include <math.h>

#define MARGIN_MM 25.0

static void branch_free(gpointer data)
{
  HilumVesselBranch *branch = data;
  g_array_unref(branch->points);
  g_free(branch);
}

void hilum_vessel_free(HilumVessel *vessel)
{
  if (vessel == NULL) return;
  g_ptr_array_unref(vessel->branches);
  hilum_mask_free(vessel->mask);
  g_free(vessel);
}

/* Diameters are means over the length: the points are evenly spaced. */
static HilumVesselBranch *branch_new(GArray *sections)
{
  HilumVesselBranch *b = g_new0(HilumVesselBranch, 1);
  b->points = g_array_sized_new(FALSE, FALSE, sizeof(HilumVesselPoint), sections->len);
  b->least_diameter_mm = INFINITY;
  double sum = 0;
  for (guint n = 0; n < sections->len; n++) {
    const HilumVesselSection *s = &g_array_index(sections, HilumVesselSection, n);
    const HilumVesselPoint point = {s->at_mm, hilum_vessel_section_radius_mm(s)};
    if (n > 0)
      b->length_mm += hilum_vec3_distance(s->at_mm, g_array_index(b->points, HilumVesselPoint, n - 1).at_mm);
    if (2 * point.radius_mm < b->least_diameter_mm) {
      b->least_diameter_mm = 2 * point.radius_mm;
      b->narrowest_mm = point.at_mm;
    }
    sum += 2 * point.radius_mm;
    g_array_append_val(b->points, point);
  }
  b->mean_diameter_mm = sum / sections->len;
  return b;
}

/* Another way to start from: every point of the branch. */
static void add_sources(GArray *sources, const HilumVesselBranch *branch)
{
  for (guint n = 0; n < branch->points->len; n++)
    g_array_append_val(sources, g_array_index(branch->points, HilumVesselPoint, n).at_mm);
}

static bool join(const HilumVesselScene *scene, HilumVessel *vessel, GArray *sources, HilumVec3 tip_mm,
                 const HilumProgress *progress, GError **error)
{
  g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  HilumVoxelBox box;
  g_array_append_vals(ends, sources->data, sources->len);
  g_array_append_val(ends, tip_mm);
  if (!hilum_vessel_scene_box(scene, (const HilumVec3 *)(void *)ends->data, ends->len, MARGIN_MM, &box,
                              error))
    return false;
  const HilumVoxel tip = hilum_grid_voxel_at_mm(scene->grid, tip_mm);
  HilumProgress part = hilum_progress_part(progress, 0, 0.7, NULL);
  g_autoptr(HilumVesselMap) map = hilum_vessel_map_search(
      scene, box, (const HilumVec3 *)(void *)sources->data, sources->len, &tip, SIZE_MAX, &part, error);
  g_autoptr(GArray) course = map != NULL ? hilum_vessel_map_dup_course(map, tip_mm) : NULL;
  if (map != NULL && course == NULL)
    g_set_error(
        error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
        "No way leads to the point (%.1f, %.1f, %.1f) mm within the region that tracing is limited to.",
        tip_mm.x, tip_mm.y, tip_mm.z);
  else if (course != NULL && course->len < 2)
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                "The point (%.1f, %.1f, %.1f) mm lies on the course already: set the tip farther on.",
                tip_mm.x, tip_mm.y, tip_mm.z);
  if (course == NULL || course->len < 2) return false;
  part = hilum_progress_part(progress, 0.7, 1, NULL);
  g_autoptr(GArray) sections = hilum_vessel_measure_course(scene, course, &part, error);
  if (sections == NULL) return false;
  hilum_vessel_fill_sections(scene->grid, sections, vessel->mask);
  HilumVesselBranch *branch = branch_new(sections);
  add_sources(sources, branch);
  g_ptr_array_add(vessel->branches, branch);
  return true;
}

static bool trace(const HilumVesselScene *scene, HilumVessel *vessel, const HilumVec3 *points_mm, size_t n,
                  const HilumProgress *progress, GError **error)
{
  g_autoptr(GArray) sources = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  g_array_append_val(sources, points_mm[0]);
  for (size_t p = 1; p < n; p++) {
    const HilumProgress part = hilum_progress_part(progress, 0.1 + 0.9 * (double)(p - 1) / (double)(n - 1),
                                                   0.1 + 0.9 * (double)p / (double)(n - 1), NULL);
    if (!join(scene, vessel, sources, points_mm[p], &part, error)) return false;
  }
  if (scene->options.inside != NULL) hilum_mask_and(vessel->mask, scene->options.inside);
  return true;
}

HilumVessel *hilum_vessel_trace(const HilumVolume *volume, const HilumVec3 *points_mm, size_t n_points,
                                const HilumVesselOptions *options, const HilumProgress *progress,
                                GError **error)
{
  g_return_val_if_fail(volume != NULL && (points_mm != NULL || n_points == 0), NULL);
  if (n_points < 2) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "A vessel is traced between two points or more: its root, then a tip.");
    return NULL;
  }
  HilumVesselScene scene;
  g_autoptr(HilumVessel) vessel = g_new0(HilumVessel, 1);
  vessel->branches = g_ptr_array_new_with_free_func(branch_free);
  HilumProgress part = hilum_progress_part(progress, 0, 0.1, NULL);
  bool good = hilum_vessel_scene_init(&scene, volume, points_mm, n_points, options, &part, error);
  if (good) vessel->mask = hilum_mask_new(scene.grid->dims, error);
  good = good && vessel->mask != NULL && trace(&scene, vessel, points_mm, n_points, progress, error);
  hilum_vessel_scene_clear(&scene);
  return good ? g_steal_pointer(&vessel) : NULL;
}
