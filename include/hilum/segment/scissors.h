/* Scissors: a polygon on the screen cuts through the volume along the viewing direction, parallel or in
 * perspective. Exact: a voxel is inside if its centre projects inside. Any thread, all cores, cancellable;
 * the same bits for any number of threads. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/geom/mat4.h"
#include "hilum/segment/polygon.h"

G_BEGIN_DECLS

typedef struct {
  HilumMat4 to_screen;  /* LPS mm to homogeneous screen coordinates: (x/w, y/w) are the polygon's; voxels with
                           w <= 0 lie behind the eye and are never cut */
  HilumPolygon polygon; /* screen coordinates */
  bool outside;         /* cut what projects outside it */
  bool has_depth;       /* only centres with depth_lo <= dot(depth_axis, LPS mm) <= depth_hi */
  HilumVec3 depth_axis;
  double depth_lo, depth_hi;
} HilumScissors;

/* The view along `direction` in which a polygon in space is a polygon on the screen: coordinates are
 * millimetres in the plane across it. */
HilumMat4 hilum_scissors_view_along(HilumVec3 direction);
/* Where a point lies on the screen; false behind the eye. */
bool hilum_scissors_project(const HilumMat4 *to_screen, HilumVec3 point_mm, HilumPoint2 *out);
/* Normal of the plane that fits a closed polygon in space best (Newell); the zero vector if it has no area.
 */
HilumVec3 hilum_polygon_normal(const HilumVec3 *points_mm, size_t n);

/* `mask`: what may be cut; afterwards what is cut. Only set voxels are looked at, and of those only near the
 * polygon's outline each for itself: rows are halved until no edge lies in the rectangle that they cover on
 * the screen. Scratch: some 5 MiB and the polygon's edges. HILUM_SEGMENT_ERROR_INVALID for fewer than three
 * points, more than a million, or coordinates that are not finite; the mask is then untouched. Cancelled: its
 * contents are undefined. */
bool hilum_scissors_cut(const HilumScissors *scissors, const HilumGrid *grid, HilumMask *mask,
                        const HilumProgress *progress, GError **error);

G_END_DECLS
