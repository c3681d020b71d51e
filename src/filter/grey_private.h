/* What filters of grey values share. */
#pragma once

#include "hilum/base/memory.h"
#include "hilum/volume/volume.h"

/* Room for the voxels of a result as large as `source`, which is in memory: no overflow. hilum_big_alloc().
 */
static inline int16_t *hilum_grey_alloc(const HilumVolume *source, GError **error)
{
  const size_t bytes = hilum_grid_count(hilum_volume_get_grid(source)) * sizeof(int16_t);
  int16_t *voxels = hilum_big_alloc(bytes, error);
  if (voxels != NULL) hilum_big_touch(voxels, bytes);
  return voxels;
}

/* The finished result: grid, map to real values and unit are the source's. Takes over `voxels`. */
static inline HilumVolume *hilum_grey_take(const HilumVolume *source, int16_t *voxels, GError **error)
{
  return hilum_volume_new_take(hilum_volume_get_grid(source), voxels, hilum_volume_get_slope(source),
                               hilum_volume_get_intercept(source), hilum_volume_get_unit(source), error);
}
