/* Brush and eraser: discs on a plane and balls, in millimetres, swept along the stroke. Main thread or any
 * other: small work by construction. */
#pragma once

#include "hilum/volume/mask.h"

G_BEGIN_DECLS

typedef struct {
  double radius_mm;
  bool ball; /* else a disc in the plane through the stroke, one voxel layer thick along the grid axis closest
                to `normal` */
  HilumVec3 normal; /* unit; plane of the disc, LPS */
} HilumBrush;

/* Adds to `mask` every voxel whose centre is within the radius of the segment a_mm..b_mm (a == b: a single
 * dab). At least the voxel under the pointer is set when it is in the grid. `touched` (may be NULL) is grown
 * to include what was visited. */
void hilum_brush_sweep(const HilumBrush *brush, const HilumGrid *grid, HilumVec3 a_mm, HilumVec3 b_mm,
                       HilumMask *mask, HilumVoxelBox *touched);

G_END_DECLS
