/* Level tracing: the contour, in one slice, of what is at least as bright (or as dark) as the voxel under the
 * pointer and joined to it. Main thread or any other: a slice of 512 x 512 takes a few milliseconds at most.
 */
#pragma once

#include "hilum/segment/polygon.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_TRACE_BRIGHT, /* values >= the voxel's */
  HILUM_TRACE_DARK    /* values <= the voxel's */
} HilumTraceSide;

/* The outer border of the 4-connected region that holds `voxel` in its slice across `n_axis`, along the edges
 * of the voxels, as a closed polygon in the slice's coordinates (polygon.h; voxel centres are integers,
 * borders halves), corners only, clockwise on a screen whose y runs down. hilum_polygon_fill_slice() of it
 * gives the region with its holes filled. `level` (may be NULL) receives the voxel's value. A GArray of
 * HilumPoint2; NULL with HILUM_SEGMENT_ERROR_SEED if the voxel lies outside the volume, or
 * HILUM_BASE_ERROR_*. Scratch: a byte a voxel of the slice. */
GArray *hilum_level_trace(const HilumVolume *volume, HilumVoxel voxel, int n_axis, HilumTraceSide side,
                          double *level, GError **error);

G_END_DECLS
