/* An image volume: 16-bit voxels, a linear map to real values, a grid. Immutable and reference counted once
 * built, so any thread may read it. Unsigned 16-bit data is stored shifted by -32768 with the intercept
 * shifted to match: every step is kept. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/grid.h"

G_BEGIN_DECLS

typedef struct HilumVolume HilumVolume;

enum { HILUM_HISTOGRAM_BINS = 65536 };

/* Takes over `voxels` (hilum_big_alloc(), x fastest, hilum_grid_count() values), freed with the volume, also
 * on failure. real = slope * stored + intercept; slope must be finite and > 0. `unit` is "HU", or "" where
 * the values are relative. */
HilumVolume *hilum_volume_new_take(const HilumGrid *grid, int16_t *voxels, double slope, double intercept,
                                   const char *unit, GError **error);
HilumVolume *hilum_volume_ref(HilumVolume *volume);
void hilum_volume_unref(HilumVolume *volume);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumVolume, hilum_volume_unref)

const HilumGrid *hilum_volume_get_grid(const HilumVolume *volume);
const int16_t *hilum_volume_get_voxels(const HilumVolume *volume);
double hilum_volume_get_slope(const HilumVolume *volume);
double hilum_volume_get_intercept(const HilumVolume *volume);
const char *hilum_volume_get_unit(const HilumVolume *volume);
/* The next three count all voxels when first asked, on all cores (20 ms for 100 million), and hold other
 * threads that ask meanwhile. Who makes a volume for the main thread asks first.
 *
 * Real values (HU) of the smallest and largest voxel. */
void hilum_volume_get_range(const HilumVolume *volume, double *min, double *max);
/* HILUM_HISTOGRAM_BINS counts, index = stored + 32768. */
const uint64_t *hilum_volume_get_histogram(const HilumVolume *volume);
/* Real value below which `fraction` (0..1) of the voxels lie: 0.01 and 0.99 make the MR window. */
double hilum_volume_get_quantile(const HilumVolume *volume, double fraction);

static inline double hilum_stored_to_real(double slope, double intercept, int16_t stored)
{
  return slope * stored + intercept;
}
/* Real value of one voxel, which must lie in the grid. */
double hilum_volume_get_value(const HilumVolume *volume, HilumVoxel voxel);
/* Trilinear, clamped at the border; false if the point lies outside the outermost voxel cells. */
bool hilum_volume_sample_mm(const HilumVolume *volume, HilumVec3 point_mm, double *value);
/* The smallest range of stored values [*lo, *hi] whose real values lie in [lo_real, hi_real]; false if there
 * is none. Infinite bounds are fine. */
bool hilum_volume_stored_range(const HilumVolume *volume, double lo_real, double hi_real, int16_t *lo,
                               int16_t *hi);

G_END_DECLS
