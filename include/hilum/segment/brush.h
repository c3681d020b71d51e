/* Brush and eraser: discs on a plane and balls, in millimetres, swept along the stroke. Main thread or any
 * other: small work by construction. */
#pragma once

#include "hilum/volume/mask.h"
#include "hilum/volume/volume.h"

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

/* The smart brush: of the voxels of `mask` within `box` (inside the grid) only those stay that are in the
 * range and joined to `center` through such voxels, face to face. Nothing stays if the centre is not one of
 * them. `lo` and `hi` are real values (HU), inclusive. Outside the box nothing changes. Cost and scratch: the
 * box, two bits a voxel; false, with the box cleared, if there is no memory for it. */
bool hilum_brush_keep_to_range(const HilumVolume *volume, double lo, double hi, HilumVoxel center,
                               HilumVoxelBox box, HilumMask *mask);

G_END_DECLS
