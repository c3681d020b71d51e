/* Size of the gradient of grey values. Pure; any thread; all cores; cancellable. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Real units (HU) per mm at every voxel: a dense float array of the volume's dims from hilum_big_alloc().
 *
 * sigma 0: central differences over two voxels, at the border the one-sided difference, so that a ramp has
 * its exact slope everywhere; an axis with one voxel has none. sigma > 0: derivative of the volume smoothed
 * by that Gaussian (as in hilum_volume_gaussian(), but cut off at 5 sigma and not rounded) by differences
 * over four voxels that are exact up to the fourth degree; beyond the border the nearest voxel goes on. In
 * single precision, rounded at each step.
 *
 * Memory: the result (4 bytes a voxel) and about 1 MiB a core. NULL with HILUM_FILTER_ERROR_INVALID if sigma
 * is negative or more than 100 voxels, HILUM_FILTER_ERROR_LIMIT, HILUM_BASE_ERROR_LIMIT, _MEMORY or
 * G_IO_ERROR_CANCELLED. */
float *hilum_volume_gradient(const HilumVolume *volume, double sigma_mm, const HilumProgress *progress,
                             GError **error);

G_END_DECLS
