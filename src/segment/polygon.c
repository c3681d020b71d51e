/* Polygons in a slice: each row's crossings in order, the spans between them filled. */
#include "polygon_private.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double x;
  int direction;
} Crossing;

bool hilum_polygon_contains(const HilumPolygon *polygon, double x, double y)
{
  int crossings = 0, winding = 0;
  if (polygon->n < 3) return false;
  for (size_t e = 0; e < polygon->n; e++) {
    const HilumPoint2 a = polygon->points[e], b = hilum_polygon_next(polygon, e);
    const int direction = hilum_edge_direction(a, b, y);
    if (direction == 0 || !(hilum_edge_x_at(a, b, y) > x)) continue;
    crossings++;
    winding += direction;
  }
  return hilum_fill_rule_holds(polygon->rule, crossings, winding);
}

HilumPoint2 hilum_slice_point_from_mm(const HilumGrid *grid, int n_axis, HilumVec3 point_mm)
{
  const HilumIndexPos p = hilum_grid_from_mm(grid, point_mm);
  const double at[3] = {p.i, p.j, p.k};
  return (HilumPoint2){at[hilum_slice_x_axis(n_axis)], at[hilum_slice_y_axis(n_axis)]};
}

static int by_x(const void *a, const void *b)
{
  const double x = ((const Crossing *)a)->x, y = ((const Crossing *)b)->x;
  return (x > y) - (x < y);
}

static size_t cross_row(const HilumPolygon *polygon, double y, Crossing *out)
{
  size_t n = 0;
  for (size_t e = 0; e < polygon->n; e++) {
    const HilumPoint2 a = polygon->points[e], b = hilum_polygon_next(polygon, e);
    const int direction = hilum_edge_direction(a, b, y);
    if (direction != 0) out[n++] = (Crossing){hilum_edge_x_at(a, b, y), direction};
  }
  qsort(out, n, sizeof *out, by_x);
  return n;
}

/* Columns [x0, x1) of a row of the slice. */
static void set_columns(HilumMask *mask, int n_axis, int32_t slice, int32_t x0, int32_t x1, int32_t y)
{
  if (n_axis == 2)
    hilum_mask_set_span(mask, x0, x1, y, slice);
  else if (n_axis == 1)
    hilum_mask_set_span(mask, x0, x1, slice, y);
  else
    for (int32_t x = x0; x < x1; x++)
      hilum_mask_set(mask, (HilumVoxel){slice, x, y});
}

/* A position lies in [a, b) of two crossings as hilum_polygon_contains() sees it: not a > x, but b > x. */
static int32_t first_column(double x, int32_t columns)
{
  return (int32_t)CLAMP(ceil(x), 0, columns);
}

static bool fill_row(const HilumPolygon *polygon, const Crossing *at, size_t n, int n_axis, int32_t slice,
                     int32_t y, HilumMask *mask, int32_t reach[2])
{
  const int32_t columns = mask->dims[hilum_slice_x_axis(n_axis)];
  bool any = false;
  int winding = 0;
  for (size_t c = n; c-- > 1;) { /* from the right, as the rule counts */
    winding += at[c].direction;
    if (!hilum_fill_rule_holds(polygon->rule, (int)(n - c), winding)) continue;
    const int32_t x0 = first_column(at[c - 1].x, columns), x1 = first_column(at[c].x, columns);
    if (x0 >= x1) continue;
    set_columns(mask, n_axis, slice, x0, x1, y);
    reach[0] = any ? MIN(reach[0], x0) : x0;
    reach[1] = any ? MAX(reach[1], x1) : x1;
    any = true;
  }
  return any;
}

static void include(HilumVoxelBox *box, int n_axis, int32_t slice, const int32_t x[2], int32_t y)
{
  HilumVoxelBox row;
  row.lo[n_axis] = slice;
  row.hi[n_axis] = slice + 1;
  row.lo[hilum_slice_x_axis(n_axis)] = x[0];
  row.hi[hilum_slice_x_axis(n_axis)] = x[1];
  row.lo[hilum_slice_y_axis(n_axis)] = y;
  row.hi[hilum_slice_y_axis(n_axis)] = y + 1;
  if (hilum_voxel_box_is_empty(*box)) {
    *box = row;
    return;
  }
  for (int a = 0; a < 3; a++) {
    box->lo[a] = MIN(box->lo[a], row.lo[a]);
    box->hi[a] = MAX(box->hi[a], row.hi[a]);
  }
}

void hilum_polygon_fill_slice(const HilumPolygon *polygon, int n_axis, int32_t slice, HilumMask *mask,
                              HilumVoxelBox *touched)
{
  g_return_if_fail(polygon != NULL && mask != NULL && n_axis >= 0 && n_axis < 3);
  if (polygon->n < 3 || slice < 0 || slice >= mask->dims[n_axis]) return;
  double top = INFINITY, bottom = -INFINITY;
  for (size_t p = 0; p < polygon->n; p++) {
    if (!isfinite(polygon->points[p].x) || !isfinite(polygon->points[p].y)) return;
    top = MIN(top, polygon->points[p].y);
    bottom = MAX(bottom, polygon->points[p].y);
  }
  const int32_t rows = mask->dims[hilum_slice_y_axis(n_axis)];
  const int32_t y0 = (int32_t)CLAMP(ceil(top), 0, rows), y1 = (int32_t)CLAMP(ceil(bottom), 0, rows);
  g_autofree Crossing *crossings = g_new(Crossing, polygon->n);
  for (int32_t y = y0; y < y1; y++) {
    int32_t reach[2] = {0, 0};
    const size_t n = cross_row(polygon, y, crossings);
    if (fill_row(polygon, crossings, n, n_axis, slice, y, mask, reach) && touched != NULL)
      include(touched, n_axis, slice, reach, y);
  }
}
