/* Largest diameter of a structure.
 *
 * The farthest pair of corners are vertices of the convex hull of each plane of corners they lie in. So each
 * plane of corners is reduced to its convex polygon (hull_private.h), and pairs of planes are compared, the
 * most distant planes first, leaving out every pair whose bounding rectangles cannot beat what is already
 * found. */
#include "hull_private.h"
#include "row_extents_private.h"

#include "hilum/base/memory.h"

#include <glib.h>
#include <math.h>
#include <stdint.h>

typedef struct {
  HilumCorner *corners;
  size_t n;
  int32_t lo[2], hi[2];
} Plane;

bool hilum_row_extents_init(HilumRowExtents *e, HilumVoxelBox box, GError **error)
{
  e->box = box;
  const size_t n = (size_t)(box.hi[1] - box.lo[1]) * (size_t)(box.hi[2] - box.lo[2]);
  e->rows = hilum_big_alloc(n * sizeof *e->rows, error);
  return e->rows != NULL;
}

void hilum_row_extents_clear(HilumRowExtents *e)
{
  hilum_big_free(e->rows);
  e->rows = NULL;
}

static void widen(HilumRowExtent *extent, const HilumRowExtents *e, int32_t j, int32_t k)
{
  if (j < e->box.lo[1] || j >= e->box.hi[1] || k < e->box.lo[2] || k >= e->box.hi[2]) return;
  const HilumRowExtent *row = hilum_row_extents_at(e, j, k);
  if (row->begin == row->end) return;
  const bool fresh = extent->begin == extent->end;
  extent->begin = fresh ? row->begin : MIN(extent->begin, row->begin);
  extent->end = fresh ? row->end : MAX(extent->end, row->end);
}

/* The polygon around the corners of plane k (between slices k - 1 and k). `left` and `right` hold a chain. */
static Plane make_plane(const HilumRowExtents *e, int32_t k, HilumCorner *left, HilumCorner *right)
{
  size_t n_left = 0, n_right = 0;
  Plane plane = {.lo = {INT32_MAX, INT32_MAX}, .hi = {INT32_MIN, INT32_MIN}};
  for (int32_t y = e->box.lo[1]; y <= e->box.hi[1]; y++) {
    HilumRowExtent extent = {0, 0};
    for (int n = 0; n < 4; n++)
      widen(&extent, e, y - (n & 1), k - (n >> 1));
    if (extent.begin == extent.end) continue;
    n_left = hilum_chain_push(left, n_left, (HilumCorner){extent.begin, y}, -1);
    n_right = hilum_chain_push(right, n_right, (HilumCorner){extent.end, y}, 1);
    plane.lo[0] = MIN(plane.lo[0], extent.begin);
    plane.hi[0] = MAX(plane.hi[0], extent.end);
    plane.lo[1] = MIN(plane.lo[1], y);
    plane.hi[1] = y;
  }
  plane.n = n_left + n_right;
  plane.corners = g_new(HilumCorner, MAX(plane.n, 1));
  for (size_t n = 0; n < n_left; n++)
    plane.corners[n] = left[n];
  for (size_t n = 0; n < n_right; n++)
    plane.corners[n_left + n] = right[n];
  return plane;
}

static double squared(double x, double y, double z, const double s[3])
{
  return x * s[0] * (x * s[0]) + y * s[1] * (y * s[1]) + z * s[2] * (z * s[2]);
}

/* No pair of corners of these planes is farther apart than this. */
static double bound(const Plane *a, const Plane *b, int32_t dz, const double s[3])
{
  const double x = MAX(abs(a->hi[0] - b->lo[0]), abs(b->hi[0] - a->lo[0]));
  const double y = MAX(abs(a->hi[1] - b->lo[1]), abs(b->hi[1] - a->lo[1]));
  return squared(x, y, dz, s);
}

static double farthest(const Plane *a, const Plane *b, int32_t dz, const double s[3], double best)
{
  for (size_t m = 0; m < a->n; m++)
    for (size_t n = 0; n < b->n; n++) {
      const double d = squared(a->corners[m].x - b->corners[n].x, a->corners[m].y - b->corners[n].y, dz, s);
      if (d > best) best = d;
    }
  return best;
}

bool hilum_row_extents_diameter(const HilumRowExtents *e, const double spacing_mm[3], double *diameter_mm,
                                const HilumProgress *progress, GError **error)
{
  const int32_t n_planes = e->box.hi[2] - e->box.lo[2] + 1;
  const size_t n_rows = (size_t)(e->box.hi[1] - e->box.lo[1]) + 1;
  g_autofree HilumCorner *left = g_new(HilumCorner, n_rows), *right = g_new(HilumCorner, n_rows);
  Plane *planes = g_new(Plane, (size_t)n_planes);
  for (int32_t p = 0; p < n_planes; p++)
    planes[p] = make_plane(e, e->box.lo[2] + p, left, right);
  double best = 0;
  bool ok = true;
  for (int32_t dz = n_planes - 1; dz >= 0 && ok; dz--) {
    ok = !hilum_progress_fail(progress, error);
    for (int32_t p = 0; p + dz < n_planes; p++) {
      const Plane *a = &planes[p], *b = &planes[p + dz];
      if (a->n > 0 && b->n > 0 && bound(a, b, dz, spacing_mm) > best)
        best = farthest(a, b, dz, spacing_mm, best);
    }
  }
  for (int32_t p = 0; p < n_planes; p++)
    g_free(planes[p].corners);
  g_free(planes);
  *diameter_mm = sqrt(best);
  return ok;
}
