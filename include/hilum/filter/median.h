/* Median of the 3x3x3 voxels round each voxel: removes noise and keeps edges. Exact; beyond the volume's
 * border the nearest voxel goes on (as in ITK's median filter, with which every voxel agrees). Pure; any
 * thread; all cores; cancellable. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* A new volume on the same grid, with the same map to real values and the same unit. Memory: the result (2
 * bytes a voxel) and less than 64 KiB a core for rows of 512 voxels (in proportion for others). NULL with
 * HILUM_BASE_ERROR_LIMIT, _MEMORY or G_IO_ERROR_CANCELLED. */
HilumVolume *hilum_volume_median(const HilumVolume *volume, const HilumProgress *progress, GError **error);

G_END_DECLS
