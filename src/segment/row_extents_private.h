/* First and last voxel of a structure in every row of its box: all that its extremes depend on. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/geom/box.h"

#include <stddef.h>

typedef struct {
  int32_t begin, end; /* voxels [begin, end); equal: none */
} HilumRowExtent;

typedef struct {
  HilumVoxelBox box;
  HilumRowExtent *rows;
} HilumRowExtents;

/* Uninitialised rows. */
bool hilum_row_extents_init(HilumRowExtents *extents, HilumVoxelBox box, GError **error);
void hilum_row_extents_clear(HilumRowExtents *extents);

static inline HilumRowExtent *hilum_row_extents_at(const HilumRowExtents *e, int32_t j, int32_t k)
{
  return e->rows + (size_t)(k - e->box.lo[2]) * (size_t)(e->box.hi[1] - e->box.lo[1]) +
         (size_t)(j - e->box.lo[1]);
}

/* Largest distance between two corners of cells, exact. At least one row must hold a voxel. */
bool hilum_row_extents_diameter(const HilumRowExtents *extents, const double spacing_mm[3],
                                double *diameter_mm, const HilumProgress *progress, GError **error);
