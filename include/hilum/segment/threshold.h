/* Threshold and region growing over an image volume. Pure functions, any thread, all cores, cancellable. */
#pragma once

#include "hilum/filter/components.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Voxels with lo <= real value <= hi (HU; infinities allowed). */
HilumMask *hilum_threshold(const HilumVolume *volume, double lo, double hi, const HilumProgress *progress,
                           GError **error);

typedef struct {
  const HilumVoxel *seeds;
  size_t n_seeds; /* at least 1 */
  HilumConnectivity connectivity;
  double lo, hi;           /* real values, inclusive; used as given unless tolerance > 0 */
  double tolerance;        /* > 0: range = mean of the seeds' 3x3x3 neighbourhoods -+ tolerance */
  const HilumMask *inside; /* NULL: everywhere; else growth stays inside */
} HilumGrowOptions;

/* Connected region in the range. HILUM_SEGMENT_ERROR_SEED, naming the seed in LPS mm and its value, if a seed
 * lies outside the volume or no seed lies in the range. The range used is written to *lo_used and *hi_used
 * (either may be NULL). */
HilumMask *hilum_grow(const HilumVolume *volume, const HilumGrowOptions *options, double *lo_used,
                      double *hi_used, const HilumProgress *progress, GError **error);

/* Mean and standard deviation of real values over the (2r+1)^3 neighbourhood of a voxel, clipped to the
 * volume. */
void hilum_neighbourhood_stats(const HilumVolume *volume, HilumVoxel voxel, int radius, double *mean,
                               double *sd);

G_END_DECLS
