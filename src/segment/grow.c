/* Region growing: threshold to bits, then the flood of the filter module from the seeds. */
#include "hilum/segment/threshold.h"

#include "hilum/segment/error.h"
#include "seed_private.h"

#include <math.h>

void hilum_neighbourhood_stats(const HilumVolume *volume, HilumVoxel voxel, int radius, double *mean,
                               double *sd)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const int32_t at[3] = {voxel.i, voxel.j, voxel.k};
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = at[a] < radius ? 0 : at[a] - radius;
    hi[a] = grid->dims[a] - 1 - at[a] < radius ? grid->dims[a] - 1 : at[a] + radius;
  }
  /* Two passes, so that a large intercept costs no digits. */
  double n = 0, sum = 0, squares = 0;
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      for (int32_t i = lo[0]; i <= hi[0]; i++) {
        sum += hilum_volume_get_value(volume, (HilumVoxel){i, j, k});
        n++;
      }
  const double m = n > 0 ? sum / n : NAN;
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      for (int32_t i = lo[0]; i <= hi[0]; i++) {
        const double d = hilum_volume_get_value(volume, (HilumVoxel){i, j, k}) - m;
        squares += d * d;
      }
  if (mean != NULL) *mean = m;
  if (sd != NULL) *sd = n > 0 ? sqrt(squares / n) : NAN;
}

char *hilum_seed_describe(const HilumGrid *grid, HilumVoxel seed)
{
  const HilumVec3 mm = hilum_grid_voxel_to_mm(grid, seed);
  return g_strdup_printf("(%.1f, %.1f, %.1f) mm", mm.x, mm.y, mm.z);
}

static bool check_seeds(const HilumVolume *volume, const HilumGrowOptions *o, GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  if (o->n_seeds == 0) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "Region growing needs at least one seed.");
    return false;
  }
  for (size_t s = 0; s < o->n_seeds; s++) {
    if (hilum_grid_contains(grid, o->seeds[s])) continue;
    g_autofree char *where = hilum_seed_describe(grid, o->seeds[s]);
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                "The seed at %s lies outside the volume.", where);
    return false;
  }
  return true;
}

static bool choose_range(const HilumVolume *volume, const HilumGrowOptions *o, double *lo, double *hi,
                         GError **error)
{
  *lo = o->lo;
  *hi = o->hi;
  if (isnan(o->tolerance) || o->tolerance < 0) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "The tolerance must be a number above zero.");
    return false;
  }
  if (!(o->tolerance > 0)) return true;
  double sum = 0;
  for (size_t s = 0; s < o->n_seeds; s++) {
    double mean;
    hilum_neighbourhood_stats(volume, o->seeds[s], 1, &mean, NULL);
    sum += mean;
  }
  *lo = sum / (double)o->n_seeds - o->tolerance;
  *hi = sum / (double)o->n_seeds + o->tolerance;
  return true;
}

/* Says why nothing grew. */
static void fail_unreached(const HilumVolume *volume, const HilumGrowOptions *o, double lo, double hi,
                           GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const double value = hilum_volume_get_value(volume, o->seeds[0]);
  const char *unit = hilum_volume_get_unit(volume);
  g_autofree char *where = hilum_seed_describe(grid, o->seeds[0]);
  const bool in_range = value >= lo && value <= hi;
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
              in_range ? "The seed at %s, of value %g%s%s, lies outside the region that growth is limited to."
                       : "The seed at %s has the value %g%s%s, outside the range from %g to %g.",
              where, value, *unit ? " " : "", unit, lo, hi);
}

HilumMask *hilum_grow(const HilumVolume *volume, const HilumGrowOptions *o, double *lo_used, double *hi_used,
                      const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL && o != NULL, NULL);
  double lo, hi;
  if (!check_seeds(volume, o, error) || !choose_range(volume, o, &lo, &hi, error)) return NULL;
  if (lo_used != NULL) *lo_used = lo;
  if (hi_used != NULL) *hi_used = hi;

  HilumProgress part = hilum_progress_part(progress, 0, 0.5, NULL);
  g_autoptr(HilumMask) domain = hilum_threshold(volume, lo, hi, &part, error);
  if (domain == NULL) return NULL;
  if (o->inside != NULL) hilum_mask_and(domain, o->inside);
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  size_t reached = 0;
  const HilumConnectivity connectivity = o->connectivity ? o->connectivity : HILUM_CONNECT_6;
  g_autoptr(HilumMask) grown =
      hilum_mask_flood(domain, o->seeds, o->n_seeds, connectivity, &reached, &part, error);
  if (grown == NULL) return NULL;
  if (reached == 0) {
    fail_unreached(volume, o, lo, hi, error);
    return NULL;
  }
  return g_steal_pointer(&grown);
}
