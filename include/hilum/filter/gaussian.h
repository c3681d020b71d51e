/* Gaussian smoothing of grey values. Pure; any thread; all cores; cancellable. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Separable sampled Gaussian with sigma in mm along every axis, cut off at 4 sigma and made to sum to 1;
 * beyond the volume's border the nearest voxel goes on. Computed in single precision on stored values and
 * rounded once, to the nearest stored value (ties to the even one): every voxel is within 0.52 stored units
 * of the exact sum, and what is constant stays so.
 *
 * A new volume on the same grid, with the same map to real values and the same unit; sigma 0 copies. Memory:
 * the result (2 bytes a voxel) and about 1 MiB a core. NULL with HILUM_FILTER_ERROR_INVALID if sigma is
 * negative or more than 100 voxels, HILUM_BASE_ERROR_LIMIT, _MEMORY or G_IO_ERROR_CANCELLED. */
HilumVolume *hilum_volume_gaussian(const HilumVolume *volume, double sigma_mm, const HilumProgress *progress,
                                   GError **error);

G_END_DECLS
