/* Polygons drawn by hand, and what they cover: polygon and lasso in a slice. A polygon is closed (the last
 * point joins the first), may cross itself, and has any number of points. Pure functions, any thread.
 *
 * One rule decides everywhere (slices, scissors, tests): a horizontal line at y crosses an edge if one end
 * has y0 <= y and the other has not, at the x that the edge has there, computed from its lower end; a point
 * is inside by the crossings to its right. So two polygons that share an edge share no point and leave none
 * out. */
#pragma once

#include "hilum/volume/mask.h"

G_BEGIN_DECLS

typedef struct {
  double x, y;
} HilumPoint2;

typedef enum { HILUM_FILL_EVEN_ODD, HILUM_FILL_NONZERO } HilumFillRule;

/* Borrowed points. Fewer than three cover nothing. */
typedef struct {
  const HilumPoint2 *points;
  size_t n;
  HilumFillRule rule;
} HilumPolygon;

bool hilum_polygon_contains(const HilumPolygon *polygon, double x, double y);

/* The grid axes that x and y of a slice across `n_axis` run along: the lower one is x. */
static inline int hilum_slice_x_axis(int n_axis)
{
  return n_axis == 0 ? 1 : 0;
}
static inline int hilum_slice_y_axis(int n_axis)
{
  return n_axis == 2 ? 1 : 2;
}
/* A point of the patient in a slice's own coordinates: index positions along its two axes. */
HilumPoint2 hilum_slice_point_from_mm(const HilumGrid *grid, int n_axis, HilumVec3 point_mm);

/* Sets in `mask` the voxels of one slice whose centres lie in the polygon, which is given in the slice's
 * coordinates (above) and clipped to it. `touched` (may be NULL) is grown to the box of rows and columns that
 * were written. Nothing happens outside the grid or with coordinates that are not finite. Rows times points:
 * a lasso of a thousand points in a slice of 512 x 512 takes a millisecond. */
void hilum_polygon_fill_slice(const HilumPolygon *polygon, int n_axis, int32_t slice, HilumMask *mask,
                              HilumVoxelBox *touched);

G_END_DECLS
