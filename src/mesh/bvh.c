/* The tree of boxes: built bottom-up over Morton-ordered leaves of at most four triangles. An implicit
 * complete tree needs no pointers, and both children of a node share a cache line more often than not. */
#include "bvh_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

enum { LEAF = 4, GRAIN = 16384, BITS = 10, STACK = 64 };

typedef struct {
  HilumBvh *bvh;
  double lo[3], scale;
  uint32_t *code;
  size_t first; /* of the level being made */
} Build;

/* Ten bits spread to every third place. */
static uint32_t spread(uint32_t v)
{
  v = (v | v << 16) & 0x030000FF;
  v = (v | v << 8) & 0x0300F00F;
  v = (v | v << 4) & 0x030C30C3;
  return (v | v << 2) & 0x09249249;
}

static void code_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Build *b = data;
  for (size_t t = begin; t < end; t++) {
    double p[3][3];
    hilum_triangle_corners(b->bvh->positions, b->bvh->indices, t, p);
    uint32_t code = 0;
    for (int a = 0; a < 3; a++) {
      double x = ((p[0][a] + p[1][a] + p[2][a]) / 3 - b->lo[a]) * b->scale;
      code |= spread((uint32_t)CLAMP(x, 0.0, (1 << BITS) - 1.0)) << a;
    }
    b->code[t] = code;
  }
}

/* Stable, least digit first: three passes of ten bits. */
static bool sort_codes(Build *b, GError **error)
{
  const size_t n = b->bvh->n_triangles;
  uint32_t *from = b->bvh->order, *to = hilum_big_alloc((n + 1) * sizeof *to, error), *scratch = to;
  if (!to) return false;
  g_autofree uint32_t *at = g_new(uint32_t, (1 << BITS) + 1);
  for (size_t t = 0; t < n; t++)
    from[t] = (uint32_t)t;
  for (int pass = 0; pass < 3; pass++) {
    const int shift = BITS * pass;
    memset(at, 0, ((1 << BITS) + 1) * sizeof *at);
    for (size_t t = 0; t < n; t++)
      at[(b->code[t] >> shift & ((1 << BITS) - 1)) + 1]++;
    for (int d = 0; d < 1 << BITS; d++)
      at[d + 1] += at[d];
    for (size_t i = 0; i < n; i++)
      to[at[b->code[from[i]] >> shift & ((1 << BITS) - 1)]++] = from[i];
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != b->bvh->order) memcpy(b->bvh->order, from, n * sizeof *from);
  hilum_big_free(scratch);
  return true;
}

static void leaf_range(const HilumBvh *bvh, size_t leaf, uint32_t *begin, uint32_t *end)
{
  *begin = (uint32_t)((uint64_t)leaf * bvh->n_triangles / bvh->n_leaves);
  *end = (uint32_t)((uint64_t)(leaf + 1) * bvh->n_triangles / bvh->n_leaves);
}

static void leaf_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const HilumBvh *bvh = ((Build *)data)->bvh;
  for (size_t leaf = begin; leaf < end; leaf++) {
    float *box = bvh->box[bvh->n_leaves - 1 + leaf];
    for (int a = 0; a < 3; a++) {
      box[a] = INFINITY;
      box[3 + a] = -INFINITY;
    }
    uint32_t from, until;
    leaf_range(bvh, leaf, &from, &until);
    for (uint32_t i = from; i < until; i++)
      for (int c = 0; c < 3; c++) {
        const float *p = bvh->positions + 3 * (size_t)bvh->indices[3 * (size_t)bvh->order[i] + (size_t)c];
        for (int a = 0; a < 3; a++) {
          box[a] = MIN(box[a], p[a]);
          box[3 + a] = MAX(box[3 + a], p[a]);
        }
      }
  }
}

static void level_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Build *b = data;
  for (size_t i = begin; i < end; i++) {
    size_t n = b->first + i;
    const float *l = b->bvh->box[2 * n + 1], *r = b->bvh->box[2 * n + 2];
    float *box = b->bvh->box[n];
    for (int a = 0; a < 3; a++) {
      box[a] = MIN(l[a], r[a]);
      box[3 + a] = MAX(l[3 + a], r[3 + a]);
    }
  }
}

bool hilum_bvh_init(HilumBvh *bvh, const HilumMesh *mesh, GError **error)
{
  *bvh = (HilumBvh){.positions = hilum_mesh_get_positions(mesh),
                    .indices = hilum_mesh_get_indices(mesh),
                    .n_triangles = hilum_mesh_get_triangle_count(mesh),
                    .n_leaves = 1};
  while ((uint64_t)bvh->n_leaves * LEAF < bvh->n_triangles)
    bvh->n_leaves *= 2;
  const size_t nt = bvh->n_triangles;
  Build b = {.bvh = bvh, .scale = 1};
  bvh->order = hilum_big_alloc((nt + 1) * sizeof *bvh->order, error);
  if (bvh->order) bvh->box = hilum_big_alloc((2 * (size_t)bvh->n_leaves - 1) * sizeof *bvh->box, error);
  if (bvh->box) b.code = hilum_big_alloc((nt + 1) * sizeof *b.code, error);
  if (!b.code) {
    hilum_bvh_clear(bvh);
    return false;
  }
  HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  if (!hilum_box_is_empty(box)) {
    HilumVec3 lo = hilum_vec3_sub(box.min, o), size = hilum_vec3_sub(box.max, box.min);
    double longest = fmax(size.x, fmax(size.y, size.z));
    memcpy(b.lo, (double[3]){lo.x, lo.y, lo.z}, sizeof b.lo);
    b.scale = longest > 0 ? (1 << BITS) / longest : 1;
  }
  hilum_parallel_for(nt, GRAIN, code_chunk, &b);
  const bool sorted = sort_codes(&b, error);
  hilum_big_free(b.code);
  if (!sorted) {
    hilum_bvh_clear(bvh);
    return false;
  }
  hilum_parallel_for(bvh->n_leaves, GRAIN / LEAF, leaf_chunk, &b);
  for (size_t width = bvh->n_leaves / 2; width >= 1; width /= 2) {
    b.first = width - 1;
    hilum_parallel_for(width, GRAIN, level_chunk, &b);
  }
  return true;
}

void hilum_bvh_clear(HilumBvh *bvh)
{
  hilum_big_free(bvh->order);
  hilum_big_free(bvh->box);
  *bvh = (HilumBvh){0};
}

static double dot3(const double a[3], const double b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static double result(const double p[3], const double q[3], double nearest[3])
{
  const double d[3] = {p[0] - q[0], p[1] - q[1], p[2] - q[2]};
  memcpy(nearest, q, 3 * sizeof *q);
  return dot3(d, d);
}

/* a + v ab + w ac */
static double inside(const double p[3], const double a[3], const double ab[3], const double ac[3], double v,
                     double w, double nearest[3])
{
  const double q[3] = {a[0] + v * ab[0] + w * ac[0], a[1] + v * ab[1] + w * ac[1],
                       a[2] + v * ab[2] + w * ac[2]};
  return result(p, q, nearest);
}

double hilum_nearest_on_triangle(const double p[3], const double a[3], const double b[3], const double c[3],
                                 double nearest[3])
{
  const double ab[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]},
               ac[3] = {c[0] - a[0], c[1] - a[1], c[2] - a[2]};
  const double ap[3] = {p[0] - a[0], p[1] - a[1], p[2] - a[2]};
  const double d1 = dot3(ab, ap), d2 = dot3(ac, ap);
  if (d1 <= 0 && d2 <= 0) return result(p, a, nearest);
  const double bp[3] = {p[0] - b[0], p[1] - b[1], p[2] - b[2]};
  const double d3 = dot3(ab, bp), d4 = dot3(ac, bp);
  if (d3 >= 0 && d4 <= d3) return result(p, b, nearest);
  const double vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) return inside(p, a, ab, ac, d1 / (d1 - d3), 0, nearest);
  const double cp[3] = {p[0] - c[0], p[1] - c[1], p[2] - c[2]};
  const double d5 = dot3(ab, cp), d6 = dot3(ac, cp);
  if (d6 >= 0 && d5 <= d6) return result(p, c, nearest);
  const double vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) return inside(p, a, ab, ac, 0, d2 / (d2 - d6), nearest);
  const double va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
    const double w = (d4 - d3) / ((d4 - d3) + (d5 - d6));
    return inside(p, a, ab, ac, 1 - w, w, nearest);
  }
  const double sum = va + vb + vc;
  return inside(p, a, ab, ac, vb / sum, vc / sum, nearest);
}

static double box_distance2(const float box[6], const double p[3])
{
  double d2 = 0;
  for (int a = 0; a < 3; a++) {
    const double below = (double)box[a] - p[a], above = p[a] - (double)box[3 + a];
    const double d = MAX(MAX(below, above), 0.0);
    d2 += d * d;
  }
  return d2;
}

static void nearest_in_leaf(const HilumBvh *bvh, size_t leaf, const double p[3], HilumNearest *best)
{
  uint32_t from, until;
  leaf_range(bvh, leaf, &from, &until);
  for (uint32_t i = from; i < until; i++) {
    double c[3][3], q[3];
    hilum_triangle_corners(bvh->positions, bvh->indices, bvh->order[i], c);
    const double d2 = hilum_nearest_on_triangle(p, c[0], c[1], c[2], q);
    if (d2 >= best->d2) continue;
    best->d2 = d2;
    best->triangle = bvh->order[i];
    memcpy(best->point, q, sizeof q);
  }
}

HilumNearest hilum_bvh_nearest(const HilumBvh *bvh, const double p[3], double limit2)
{
  HilumNearest best = {.d2 = limit2, .triangle = UINT32_MAX};
  struct {
    size_t node;
    double d2;
  } stack[STACK];
  int top = 0;
  size_t node = 0;
  double d2 = box_distance2(bvh->box[0], p);
  for (;;) {
    if (d2 < best.d2) {
      if (node >= bvh->n_leaves - 1) {
        nearest_in_leaf(bvh, node - (bvh->n_leaves - 1), p, &best);
      } else {
        const double l = box_distance2(bvh->box[2 * node + 1], p),
                     r = box_distance2(bvh->box[2 * node + 2], p);
        stack[top].node = 2 * node + (l <= r ? 2 : 1);
        stack[top++].d2 = MAX(l, r);
        node = 2 * node + (l <= r ? 1 : 2);
        d2 = MIN(l, r);
        continue;
      }
    }
    if (top == 0) return best;
    node = stack[--top].node;
    d2 = stack[top].d2;
  }
}

/* Where the ray enters the box, or INFINITY. Infinite inverses are fine: a NaN from 0 * inf loses each fmin.
 */
static double box_entry(const float box[6], const double o[3], const double inverse[3], double t_max)
{
  double enter = 0, leave = t_max;
  for (int a = 0; a < 3; a++) {
    const double s = ((double)box[a] - o[a]) * inverse[a], t = ((double)box[3 + a] - o[a]) * inverse[a];
    enter = fmax(enter, fmin(s, t));
    leave = fmin(leave, fmax(s, t));
  }
  return enter <= leave ? enter : INFINITY;
}

/* Moeller and Trumbore 1997, two-sided, edges included. */
static double ray_triangle(const double o[3], const double d[3], double c[3][3])
{
  const double e1[3] = {c[1][0] - c[0][0], c[1][1] - c[0][1], c[1][2] - c[0][2]};
  const double e2[3] = {c[2][0] - c[0][0], c[2][1] - c[0][1], c[2][2] - c[0][2]};
  const double p[3] = {d[1] * e2[2] - d[2] * e2[1], d[2] * e2[0] - d[0] * e2[2], d[0] * e2[1] - d[1] * e2[0]};
  const double det = dot3(e1, p);
  if (det == 0) return INFINITY;
  const double s[3] = {o[0] - c[0][0], o[1] - c[0][1], o[2] - c[0][2]};
  const double u = dot3(s, p) / det;
  if (u < -1e-9 || u > 1 + 1e-9) return INFINITY;
  const double q[3] = {s[1] * e1[2] - s[2] * e1[1], s[2] * e1[0] - s[0] * e1[2], s[0] * e1[1] - s[1] * e1[0]};
  const double v = dot3(d, q) / det;
  if (v < -1e-9 || u + v > 1 + 1e-9) return INFINITY;
  return dot3(e2, q) / det;
}

static void ray_in_leaf(const HilumBvh *bvh, size_t leaf, const double o[3], const double d[3], double t_min,
                        uint32_t skip, double *best, uint32_t *triangle)
{
  uint32_t from, until;
  leaf_range(bvh, leaf, &from, &until);
  for (uint32_t i = from; i < until; i++) {
    const uint32_t *v = bvh->indices + 3 * (size_t)bvh->order[i];
    if (v[0] == skip || v[1] == skip || v[2] == skip) continue;
    double c[3][3];
    hilum_triangle_corners(bvh->positions, bvh->indices, bvh->order[i], c);
    const double t = ray_triangle(o, d, c);
    if (t <= t_min || t >= *best) continue;
    *best = t;
    if (triangle) *triangle = bvh->order[i];
  }
}

double hilum_bvh_ray(const HilumBvh *bvh, const double origin[3], const double dir[3], double t_min,
                     uint32_t skip, uint32_t *triangle)
{
  const double inverse[3] = {1 / dir[0], 1 / dir[1], 1 / dir[2]};
  double best = INFINITY;
  size_t stack[STACK];
  int top = 0;
  stack[top++] = 0;
  if (triangle) *triangle = UINT32_MAX;
  while (top > 0) {
    const size_t node = stack[--top];
    if (box_entry(bvh->box[node], origin, inverse, best) == INFINITY) continue;
    if (node >= bvh->n_leaves - 1) {
      ray_in_leaf(bvh, node - (bvh->n_leaves - 1), origin, dir, t_min, skip, &best, triangle);
      continue;
    }
    const double l = box_entry(bvh->box[2 * node + 1], origin, inverse, best);
    const double r = box_entry(bvh->box[2 * node + 2], origin, inverse, best);
    if (l <= r) {
      if (r < INFINITY) stack[top++] = 2 * node + 2;
      if (l < INFINITY) stack[top++] = 2 * node + 1;
    } else {
      if (l < INFINITY) stack[top++] = 2 * node + 1;
      stack[top++] = 2 * node + 2;
    }
  }
  return best;
}

static bool boxes_meet(const float box[6], const float lo[3], const float hi[3])
{
  for (int a = 0; a < 3; a++)
    if (box[a] > hi[a] || box[3 + a] < lo[a]) return false;
  return true;
}

void hilum_bvh_overlaps(const HilumBvh *bvh, const float lo[3], const float hi[3], HilumBvhVisit visit,
                        void *data)
{
  size_t stack[STACK];
  int top = 0;
  stack[top++] = 0;
  while (top > 0) {
    const size_t node = stack[--top];
    if (!boxes_meet(bvh->box[node], lo, hi)) continue;
    if (node < bvh->n_leaves - 1) {
      stack[top++] = 2 * node + 2;
      stack[top++] = 2 * node + 1;
      continue;
    }
    uint32_t from, until;
    leaf_range(bvh, node - (bvh->n_leaves - 1), &from, &until);
    for (uint32_t i = from; i < until; i++) {
      float box[6] = {INFINITY, INFINITY, INFINITY, -INFINITY, -INFINITY, -INFINITY};
      for (int c = 0; c < 3; c++) {
        const float *p = bvh->positions + 3 * (size_t)bvh->indices[3 * (size_t)bvh->order[i] + (size_t)c];
        for (int a = 0; a < 3; a++) {
          box[a] = MIN(box[a], p[a]);
          box[3 + a] = MAX(box[3 + a], p[a]);
        }
      }
      if (boxes_meet(box, lo, hi) && !visit(bvh->order[i], data)) return;
    }
  }
}
