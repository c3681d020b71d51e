/* Scissors. Along a row of voxels the homogeneous screen position is linear in the index, and what a stretch
 * of the row covers on the screen lies in the rectangle of its two ends (all before the eye). A stretch whose
 * rectangle no edge comes near is kept or dropped as a whole; the others are halved, down to single voxels.
 */
#include "hilum/segment/scissors.h"

#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "outline_map_private.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>

#define MAX_POINTS 1000000

typedef struct {
  const HilumScissors *scissors;
  const HilumOutlineMap *map;
  HilumMask *mask;
  HilumMat4 from_index; /* voxel index to screen */
  double depth[4];      /* depth = depth[0] i + depth[1] j + depth[2] k + depth[3] */
  const HilumProgress *progress;
  atomic_size_t done;
} Cut;

/* One row: screen position and depth are start + i step. */
typedef struct {
  const Cut *cut;
  uint64_t *words;
  int32_t j, k;
  double start[3], step[3]; /* x w, y w, w */
} Row;

HilumMat4 hilum_scissors_view_along(HilumVec3 direction)
{
  const HilumVec3 n = hilum_vec3_normalize(direction);
  const HilumVec3 aside = fabs(n.z) < 0.9 ? hilum_vec3(0, 0, 1) : hilum_vec3(1, 0, 0);
  const HilumVec3 x = hilum_vec3_normalize(hilum_vec3_cross(aside, n));
  return hilum_mat4_from_rows(x, hilum_vec3_cross(n, x), n);
}

bool hilum_scissors_project(const HilumMat4 *to_screen, HilumVec3 p, HilumPoint2 *out)
{
  const double *m = to_screen->m;
  const double w = m[3] * p.x + m[7] * p.y + m[11] * p.z + m[15];
  if (!(w > 0)) return false;
  out->x = (m[0] * p.x + m[4] * p.y + m[8] * p.z + m[12]) / w;
  out->y = (m[1] * p.x + m[5] * p.y + m[9] * p.z + m[13]) / w;
  return true;
}

HilumVec3 hilum_polygon_normal(const HilumVec3 *points_mm, size_t n)
{
  HilumVec3 sum = {0, 0, 0};
  for (size_t p = 1; p + 1 < n; p++) {
    const HilumVec3 a = hilum_vec3_sub(points_mm[p], points_mm[0]);
    sum = hilum_vec3_add(sum, hilum_vec3_cross(a, hilum_vec3_sub(points_mm[p + 1], points_mm[0])));
  }
  return hilum_vec3_normalize(sum);
}

/* --- rows --- */

static HilumPoint2 at(const Row *row, int32_t i)
{
  const double w = row->start[2] + i * row->step[2];
  return (HilumPoint2){(row->start[0] + i * row->step[0]) / w, (row->start[1] + i * row->step[1]) / w};
}

static bool any_set(const uint64_t *words, int32_t first, int32_t last)
{
  const int32_t w0 = first >> 6, w1 = last >> 6;
  const uint64_t head = ~UINT64_C(0) << (first & 63), tail = ~UINT64_C(0) >> (63 - (last & 63));
  if (w0 == w1) return (words[w0] & head & tail) != 0;
  if (words[w0] & head || words[w1] & tail) return true;
  for (int32_t w = w0 + 1; w < w1; w++)
    if (words[w]) return true;
  return false;
}

static void cut_stretch(const Row *row, int32_t first, int32_t last)
{
  const Cut *c = row->cut;
  if (!any_set(row->words, first, last)) return;
  const HilumPoint2 a = at(row, first);
  if (first < last && hilum_outline_map_is_near(c->map, a, at(row, last))) {
    const int32_t middle = first + (last - first) / 2;
    cut_stretch(row, first, middle);
    cut_stretch(row, middle + 1, last);
    return;
  }
  if (hilum_outline_map_contains(c->map, a) == c->scissors->outside)
    hilum_mask_clear_span(c->mask, first, last + 1, row->j, row->k);
}

/* Narrows [*first, *last] to where start + i step is at least (at most, for sign -1) `bound`. */
static bool clip(double start, double step, double bound, int sign, int32_t *first, int32_t *last)
{
  int32_t in = *first, out = *last;
  const bool first_in = sign * (start + in * step) >= sign * bound;
  const bool last_in = sign * (start + out * step) >= sign * bound;
  if (first_in && last_in) return true;
  if (!first_in && !last_in) return false;
  if (!first_in) {
    in = *last;
    out = *first;
  }
  while (abs(out - in) > 1) {
    const int32_t middle = in + (out - in) / 2;
    if (sign * (start + middle * step) >= sign * bound)
      in = middle;
    else
      out = middle;
  }
  *(first_in ? last : first) = in;
  return true;
}

static void cut_row(const Cut *c, int32_t j, int32_t k)
{
  const HilumScissors *s = c->scissors;
  const double *m = c->from_index.m;
  const int32_t count = c->mask->dims[0];
  Row row = {.cut = c, .words = hilum_mask_row(c->mask, j, k), .j = j, .k = k};
  int32_t first = 0, last = count - 1;
  if (!any_set(row.words, first, last)) return;
  static const int LINES[3] = {0, 1, 3};
  for (int n = 0; n < 3; n++) {
    row.step[n] = m[LINES[n]];
    row.start[n] = m[4 + LINES[n]] * j + m[8 + LINES[n]] * k + m[12 + LINES[n]];
  }
  const double depth = c->depth[1] * j + c->depth[2] * k + c->depth[3];
  if (!clip(row.start[2], row.step[2], DBL_MIN, 1, &first, &last) ||
      (s->has_depth && (!clip(depth, c->depth[0], s->depth_lo, 1, &first, &last) ||
                        !clip(depth, c->depth[0], s->depth_hi, -1, &first, &last)))) {
    hilum_mask_clear_span(c->mask, 0, count, j, k);
    return;
  }
  hilum_mask_clear_span(c->mask, 0, first, j, k);
  hilum_mask_clear_span(c->mask, last + 1, count, j, k);
  cut_stretch(&row, first, last);
}

static void cut_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Cut *c = data;
  for (size_t k = begin; k < end; k++) {
    const size_t done = atomic_fetch_add_explicit(&c->done, 1, memory_order_relaxed);
    if (!hilum_progress_step(c->progress, (double)done / c->mask->dims[2])) return;
    for (int32_t j = 0; j < c->mask->dims[1]; j++)
      cut_row(c, j, (int32_t)k);
  }
}

/* --- the whole --- */

static HilumMat4 index_to_mm(const HilumGrid *g)
{
  HilumMat4 r = hilum_mat4_translation(g->origin_mm);
  for (int a = 0; a < 3; a++) {
    const HilumVec3 step = hilum_vec3_scale(g->axes[a], g->spacing_mm[a]);
    r.m[4 * a] = step.x;
    r.m[4 * a + 1] = step.y;
    r.m[4 * a + 2] = step.z;
  }
  return r;
}

static bool check(const HilumPolygon *polygon, GError **error)
{
  const char *what = polygon->n < 3            ? "A cut needs at least three points."
                     : polygon->n > MAX_POINTS ? "A cut can have at most a million points."
                                               : NULL;
  for (size_t n = 0; what == NULL && n < polygon->n; n++)
    if (!isfinite(polygon->points[n].x) || !isfinite(polygon->points[n].y))
      what = "A point of the cut lies nowhere on the screen.";
  if (what != NULL) g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, what);
  return what == NULL;
}

bool hilum_scissors_cut(const HilumScissors *scissors, const HilumGrid *grid, HilumMask *mask,
                        const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(scissors != NULL && grid != NULL && mask != NULL, false);
  if (!check(&scissors->polygon, error)) return false;
  g_autoptr(HilumOutlineMap) map = hilum_outline_map_new(&scissors->polygon, error);
  if (map == NULL) return false;
  Cut c = {.scissors = scissors, .map = map, .mask = mask, .progress = progress};
  c.from_index = hilum_mat4_mul(scissors->to_screen, index_to_mm(grid));
  for (int a = 0; a < 3; a++)
    c.depth[a] = grid->spacing_mm[a] * hilum_vec3_dot(scissors->depth_axis, grid->axes[a]);
  c.depth[3] = hilum_vec3_dot(scissors->depth_axis, grid->origin_mm);
  atomic_init(&c.done, 0);
  hilum_parallel_for((size_t)mask->dims[2], 4, cut_slices, &c);
  return !hilum_progress_fail(progress, error);
}
