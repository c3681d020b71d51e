/* Exact Euclidean distance in millimetres on anisotropic grids (separable lower envelope of parabolas:
 * Felzenszwalb and Huttenlocher 2012). Any thread, all cores. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

G_BEGIN_DECLS

/* Distance from each voxel centre to the nearest set voxel's centre, 0 inside; INFINITY if the mask is empty.
 * A dense float array of the mask's dims from hilum_big_alloc(). */
float *hilum_mask_distance(const HilumMask *mask, const double spacing_mm[3], const HilumProgress *progress,
                           GError **error);
/* Signed: outside positive distance to the nearest set voxel, inside negative distance to the nearest clear
 * voxel (as ITK's Maurer filter with inside negative). */
float *hilum_mask_signed_distance(const HilumMask *mask, const double spacing_mm[3],
                                  const HilumProgress *progress, GError **error);

G_END_DECLS
