/* A grid that nothing may take for axial: anisotropic, oblique and left-handed. */
#pragma once

#include "hilum/volume/grid.h"

#include <math.h>

static inline HilumGrid oblique_grid(int32_t nx, int32_t ny, int32_t nz)
{
  HilumGrid g = hilum_grid_new(nx, ny, nz, 0.7, 0.9, 1.6);
  const double c = cos(0.3), s = sin(0.3);
  g.axes[0] = hilum_vec3(c, 0, s);
  g.axes[1] = hilum_vec3(0, 1, 0);
  g.axes[2] = hilum_vec3(s, 0, -c); /* left-handed */
  g.origin_mm = hilum_vec3(5, -80, 300);
  return g;
}

static inline HilumVoxel voxel_at(const HilumGrid *g, size_t v)
{
  const size_t nx = (size_t)g->dims[0], ny = (size_t)g->dims[1];
  return (HilumVoxel){(int32_t)(v % nx), (int32_t)(v / nx % ny), (int32_t)(v / (nx * ny))};
}
