/* What limits region growing, besides the range. */
#pragma once

#include "hilum/segment/threshold.h"

/* All voxels within the radius of a seed. */
HilumMask *hilum_grow_balls(const HilumVolume *volume, const HilumGrowOptions *options, GError **error);
/* Clears from `domain` every voxel whose gradient is steeper than the bound. Cost: the set voxels. */
bool hilum_grow_put_up_barrier(const HilumVolume *volume, double bound, HilumMask *domain,
                               const HilumProgress *progress, GError **error);
/* Adds what of `domain` touches `grown` by a face. */
bool hilum_grow_reach_faces(HilumMask *grown, const HilumMask *domain, const HilumProgress *progress,
                            GError **error);

/* Confidence-connected growth: the first range, from the seeds. */
void hilum_confidence_first_range(const HilumVolume *volume, const HilumGrowOptions *options, double *lo,
                                  double *hi);
/* The range of what has grown; false if it holds the same stored values as [*lo, *hi], which then stays. */
bool hilum_confidence_next_range(const HilumVolume *volume, const HilumMask *grown, double confidence,
                                 double *lo, double *hi);
