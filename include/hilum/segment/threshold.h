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
  double lo, hi;     /* real values, inclusive; used as given unless tolerance or confidence > 0 */
  double tolerance;  /* > 0: range = mean of the seeds' 3x3x3 neighbourhoods -+ tolerance */
  double confidence; /* > 0: range = mean -+ confidence standard deviations of what has grown, see below */
  int iterations;    /* of that; 0: 4 */
  double barrier;    /* > 0: growth does not pass voxels whose gradient is steeper, real values a mm */
  double radius_mm;  /* > 0: growth stays within so much of a seed (voxel centres) */
  const HilumMask *inside; /* NULL: everywhere; else growth stays inside */
} HilumGrowOptions;

/* Connected region in the range. HILUM_SEGMENT_ERROR_SEED, naming the seed in LPS mm and its value, if a seed
 * lies outside the volume or no seed lies in the range. The range used is written to *lo_used and *hi_used
 * (either may be NULL).
 *
 * Confidence-connected: the first range is that of the seeds' 3x3x3 neighbourhoods, widened to hold the seeds
 * themselves; after each growth the range is taken anew from all voxels grown. It ends when a range holds the
 * same stored values as the one before, or after `iterations` new ranges. (As ITK's ConfidenceConnected,
 * which always runs them all.) A range from a region without any spread is one stored step wide each way.
 *
 * Barrier: the gradient is of central differences in millimetres (one-sided at the border). A voxel steeper
 * than the barrier may be reached, by a face, but not left again, so that the region ends on the edge and
 * not a voxel before it; a seed on such a voxel is an error of its own sentence. */
HilumMask *hilum_grow(const HilumVolume *volume, const HilumGrowOptions *options, double *lo_used,
                      double *hi_used, const HilumProgress *progress, GError **error);

/* Mean and standard deviation of real values over the (2r+1)^3 neighbourhood of a voxel, clipped to the
 * volume. */
void hilum_neighbourhood_stats(const HilumVolume *volume, HilumVoxel voxel, int radius, double *mean,
                               double *sd);

G_END_DECLS
