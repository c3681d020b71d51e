/* How a vessel looks where somebody clicked on it, and the checks that every way to follow it begins with. */
#include "vessel_private.h"

#include "hilum/filter/gaussian.h"
#include "hilum/segment/error.h"
#include "seed_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLICK_MM 1.5
#define NEAR_MM 5.0
#define FLOOR_MM 15.0
#define FLOOR_HU 50.0
#define SHARE 0.25
#define DEVIATIONS 2.5

static bool is_relative(const HilumVolume *volume)
{
  return strcmp(hilum_volume_get_unit(volume), "HU") != 0;
}

const char *hilum_vessel_scene_unit(const HilumVesselScene *scene)
{
  return is_relative(scene->volume) ? "" : " HU";
}

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static HilumVoxelBox box_round(const HilumGrid *grid, HilumVoxel v, double radius_mm)
{
  const int32_t at[3] = {v.i, v.j, v.k};
  HilumVoxelBox box;
  for (int a = 0; a < 3; a++) {
    const int32_t reach = (int32_t)(radius_mm / grid->spacing_mm[a]);
    box.lo[a] = MAX(at[a] - reach, 0);
    box.hi[a] = MIN(at[a] + reach + 1, grid->dims[a]);
  }
  return box;
}

/* Values of the voxels within a radius of one, in order. */
static GArray *values_round(const HilumVolume *volume, HilumVoxel v, double radius_mm)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const HilumVec3 at = hilum_grid_voxel_to_mm(grid, v);
  const HilumVoxelBox box = box_round(grid, v, radius_mm);
  GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      for (int32_t i = box.lo[0]; i < box.hi[0]; i++) {
        const HilumVoxel w = {i, j, k};
        if (hilum_vec3_distance(hilum_grid_voxel_to_mm(grid, w), at) > radius_mm) continue;
        const double value = hilum_volume_get_value(volume, w);
        g_array_append_val(values, value);
      }
  qsort(values->data, values->len, sizeof(double), by_value);
  return values;
}

static double quantile_round(const HilumVolume *volume, HilumVoxel v, double radius_mm, double share)
{
  g_autoptr(GArray) values = values_round(volume, v, radius_mm);
  return g_array_index(values, double, (guint)(share * (values->len - 1) + 0.5));
}

/* Mean and standard deviation of what lies near and is that close to the lumen: so small a ball holds little
 * else of that brightness. */
static double look_round(const HilumVolume *volume, HilumVoxel v, double tolerance, double *lumen)
{
  g_autoptr(GArray) values = values_round(volume, v, NEAR_MM);
  double sum = 0, squares = 0;
  guint n = 0;
  for (guint m = 0; m < values->len; m++) {
    const double off = g_array_index(values, double, m) - *lumen;
    if (fabs(off) > tolerance) continue;
    sum += off;
    squares += off * off;
    n++;
  }
  if (n < 2) return 0;
  *lumen += sum / n;
  return sqrt(fmax(squares - sum * sum / n, 0) / (n - 1));
}

static bool look_at(HilumVesselScene *scene, HilumVoxel v, GError **error)
{
  HilumVesselLook *look = &scene->look;
  look->lumen = quantile_round(scene->calm, v, CLICK_MM, 0.5);
  look->floor = is_relative(scene->volume) ? quantile_round(scene->calm, v, FLOOR_MM, 0.25) : FLOOR_HU;
  const double contrast = look->lumen - look->floor;
  if (contrast <= 0) {
    g_autofree char *where = hilum_seed_describe(scene->grid, v);
    g_set_error(
        error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
        "The point at %s, of value %.0f%s, does not lie in a vessel that is brighter than what is round "
        "it: choose a phase in which it is, or another point.",
        where, look->lumen, hilum_vessel_scene_unit(scene));
    return false;
  }
  const double spread = look_round(scene->calm, v, SHARE * contrast, &look->lumen);
  look->tolerance =
      scene->options.tolerance > 0 ? scene->options.tolerance : fmax(SHARE * contrast, DEVIATIONS * spread);
  return true;
}

static bool check_points(const HilumVesselScene *scene, const HilumVec3 *points_mm, size_t n, GError **error)
{
  for (size_t p = 0; p < n; p++) {
    const HilumVoxel v = hilum_grid_voxel_at_mm(scene->grid, points_mm[p]);
    const bool there = hilum_grid_contains(scene->grid, v);
    if (there && (scene->options.inside == NULL || hilum_mask_get(scene->options.inside, v))) continue;
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                there ? "The point (%.1f, %.1f, %.1f) mm lies outside the region that tracing is limited to."
                      : "The point (%.1f, %.1f, %.1f) mm lies outside the volume.",
                points_mm[p].x, points_mm[p].y, points_mm[p].z);
    return false;
  }
  return true;
}

static bool check_options(const HilumVesselOptions *o, GError **error)
{
  if (isfinite(o->max_radius_mm) && o->max_radius_mm >= 0 && isfinite(o->tolerance) && o->tolerance >= 0 &&
      isfinite(o->calcium_ml))
    return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                      "The largest radius and the tolerance must be numbers above zero.");
  return false;
}

bool hilum_vessel_scene_init(HilumVesselScene *scene, const HilumVolume *volume, const HilumVec3 *points_mm,
                             size_t n_points, const HilumVesselOptions *options,
                             const HilumProgress *progress, GError **error)
{
  *scene = (HilumVesselScene){
      .options = options != NULL ? *options : (HilumVesselOptions){0},
      .grid = hilum_volume_get_grid(volume),
      .volume = volume,
  };
  HilumVesselOptions *o = &scene->options;
  if (!check_options(o, error)) return false;
  if (o->max_radius_mm == 0) o->max_radius_mm = HILUM_VESSEL_MAX_RADIUS_MM;
  if (o->calcium_ml == 0) o->calcium_ml = HILUM_VESSEL_CALCIUM_ML;
  if (n_points == 0) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED, "No point was given.");
    return false;
  }
  if (!check_points(scene, points_mm, n_points, error)) return false;
  scene->calm = hilum_volume_gaussian(volume, HILUM_VESSEL_CALM_MM, progress, error);
  return scene->calm != NULL && look_at(scene, hilum_grid_voxel_at_mm(scene->grid, points_mm[0]), error);
}

void hilum_vessel_scene_clear(HilumVesselScene *scene)
{
  g_clear_pointer(&scene->calm, hilum_volume_unref);
}
