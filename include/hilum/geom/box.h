/* Axis-aligned boxes in millimetres (HilumBox, closed) and in voxels (HilumVoxelBox, half-open: lo <= v <
 * hi). */
#pragma once

#include "hilum/geom/vec3.h"

#include <stdint.h>

typedef struct {
  HilumVec3 min, max; /* mm; empty if any min > max */
} HilumBox;

typedef struct {
  int32_t lo[3], hi[3]; /* voxels, hi exclusive; empty if any lo >= hi */
} HilumVoxelBox;

static inline HilumBox hilum_box_empty(void)
{
  return (HilumBox){{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
}
static inline bool hilum_box_is_empty(HilumBox b)
{
  return !(b.min.x <= b.max.x && b.min.y <= b.max.y && b.min.z <= b.max.z);
}
static inline HilumBox hilum_box_include(HilumBox b, HilumVec3 p)
{
  return (HilumBox){{fmin(b.min.x, p.x), fmin(b.min.y, p.y), fmin(b.min.z, p.z)},
                    {fmax(b.max.x, p.x), fmax(b.max.y, p.y), fmax(b.max.z, p.z)}};
}
static inline HilumBox hilum_box_union(HilumBox a, HilumBox b)
{
  return hilum_box_is_empty(b) ? a : hilum_box_include(hilum_box_include(a, b.min), b.max);
}
static inline HilumVec3 hilum_box_center(HilumBox b)
{
  return hilum_vec3_lerp(b.min, b.max, 0.5);
}
static inline double hilum_box_diagonal(HilumBox b)
{
  return hilum_box_is_empty(b) ? 0 : hilum_vec3_distance(b.min, b.max);
}

static inline bool hilum_voxel_box_is_empty(HilumVoxelBox b)
{
  return b.lo[0] >= b.hi[0] || b.lo[1] >= b.hi[1] || b.lo[2] >= b.hi[2];
}
static inline bool hilum_voxel_box_contains(HilumVoxelBox b, int32_t i, int32_t j, int32_t k)
{
  return i >= b.lo[0] && i < b.hi[0] && j >= b.lo[1] && j < b.hi[1] && k >= b.lo[2] && k < b.hi[2];
}
/* Grown by `margin` voxels on every side and clipped to [0, dims). */
static inline HilumVoxelBox hilum_voxel_box_grow(HilumVoxelBox b, int32_t margin, const int32_t dims[3])
{
  for (int a = 0; a < 3; a++) {
    b.lo[a] = b.lo[a] - margin < 0 ? 0 : b.lo[a] - margin;
    b.hi[a] = b.hi[a] + margin > dims[a] ? dims[a] : b.hi[a] + margin;
  }
  return b;
}
