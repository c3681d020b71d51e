/* Region growing: threshold to bits, less what the radius, the fence and the barrier take away, then the
 * flood of the filter module from the seeds. */
#include "hilum/segment/threshold.h"

#include "grow_private.h"
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
  const struct {
    const char *name;
    double value;
  } amounts[] = {{"tolerance", o->tolerance},
                 {"confidence", o->confidence},
                 {"barrier", o->barrier},
                 {"radius", o->radius_mm}};
  *lo = o->lo;
  *hi = o->hi;
  for (size_t n = 0; n < G_N_ELEMENTS(amounts); n++)
    if (isnan(amounts[n].value) || amounts[n].value < 0) {
      g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                  "The %s must be a number above zero.", amounts[n].name);
      return false;
    }
  if (o->confidence > 0) {
    hilum_confidence_first_range(volume, o, lo, hi);
    return true;
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

/* Says why nothing grew. `barred`: seeds were in the domain until the barrier was put up. */
static void fail_unreached(const HilumVolume *volume, const HilumGrowOptions *o, double lo, double hi,
                           bool barred, GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const double value = hilum_volume_get_value(volume, o->seeds[0]);
  const char *unit = hilum_volume_get_unit(volume);
  g_autofree char *where = hilum_seed_describe(grid, o->seeds[0]);
  const bool in_range = value >= lo && value <= hi;
  if (barred)
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                "The seed at %s lies on an edge steeper than the barrier of %g%s%s/mm: seed farther from the "
                "edge, or raise the barrier.",
                where, o->barrier, *unit ? " " : "", unit);
  else
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                in_range
                    ? "The seed at %s, of value %g%s%s, lies outside the region that growth is limited to."
                    : "The seed at %s has the value %g%s%s, outside the range from %g to %g.",
                where, value, *unit ? " " : "", unit, lo, hi);
}

static bool any_seed_in(const HilumGrowOptions *o, const HilumMask *mask)
{
  for (size_t s = 0; s < o->n_seeds; s++)
    if (hilum_mask_get(mask, o->seeds[s])) return true;
  return false;
}

/* Everything that growth may reach in the range, barrier or not. `ball` may be NULL. */
static HilumMask *make_domain(const HilumVolume *volume, const HilumGrowOptions *o, const HilumMask *ball,
                              double lo, double hi, const HilumProgress *progress, GError **error)
{
  HilumMask *domain = hilum_threshold(volume, lo, hi, progress, error);
  if (domain == NULL) return NULL;
  if (ball != NULL) hilum_mask_and(domain, ball);
  if (o->inside != NULL) hilum_mask_and(domain, o->inside);
  return domain;
}

static HilumMask *grow_once(const HilumVolume *volume, const HilumGrowOptions *o, const HilumMask *ball,
                            double lo, double hi, const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, 0.4, NULL);
  g_autoptr(HilumMask) domain = make_domain(volume, o, ball, lo, hi, &part, error);
  if (domain == NULL) return NULL;
  const bool seeded = any_seed_in(o, domain);
  g_autoptr(HilumMask) open = NULL; /* without what may not be passed */
  if (o->barrier > 0) {
    part = hilum_progress_part(progress, 0.4, 0.6, NULL);
    open = hilum_mask_copy(domain, error);
    if (open == NULL || !hilum_grow_put_up_barrier(volume, o->barrier, open, &part, error)) return NULL;
  }
  part = hilum_progress_part(progress, 0.6, 1, NULL);
  size_t reached = 0;
  const HilumConnectivity connectivity = o->connectivity ? o->connectivity : HILUM_CONNECT_6;
  g_autoptr(HilumMask) grown = hilum_mask_flood(open != NULL ? open : domain, o->seeds, o->n_seeds,
                                                connectivity, &reached, &part, error);
  if (grown == NULL) return NULL;
  if (reached == 0) {
    fail_unreached(volume, o, lo, hi, seeded, error);
    return NULL;
  }
  if (open != NULL && !hilum_grow_reach_faces(grown, domain, &part, error)) return NULL;
  return g_steal_pointer(&grown);
}

HilumMask *hilum_grow(const HilumVolume *volume, const HilumGrowOptions *o, double *lo_used, double *hi_used,
                      const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL && o != NULL, NULL);
  double lo, hi;
  if (!check_seeds(volume, o, error) || !choose_range(volume, o, &lo, &hi, error)) return NULL;
  g_autoptr(HilumMask) ball = NULL, grown = NULL;
  if (o->radius_mm > 0 && (ball = hilum_grow_balls(volume, o, error)) == NULL) return NULL;
  const int rounds = o->confidence > 0 ? (o->iterations > 0 ? o->iterations : 4) : 0;
  for (int round = 0; round <= rounds; round++) {
    const double begin = (double)round / (rounds + 1);
    HilumProgress part = hilum_progress_part(progress, begin, begin + 1.0 / (rounds + 1), NULL);
    if (round > 0 && !hilum_confidence_next_range(volume, grown, o->confidence, &lo, &hi)) break;
    GError *cause = NULL;
    HilumMask *next = grow_once(volume, o, ball, lo, hi, &part, &cause);
    /* A range that leaves the seeds behind ends the rounds; what grew before stands. */
    const bool lost = round > 0 && g_error_matches(cause, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
    if (lost)
      g_error_free(cause);
    else if (cause != NULL)
      g_propagate_error(error, cause);
    if (lost) break;
    hilum_mask_free(grown);
    grown = next;
    if (grown == NULL) return NULL;
    if (lo_used != NULL) *lo_used = lo;
    if (hi_used != NULL) *hi_used = hi;
  }
  return g_steal_pointer(&grown);
}
