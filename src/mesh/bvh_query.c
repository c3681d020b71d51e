/* What is asked of the tree of boxes. Boxes are looked at four at a time, in floats: they only decide what
 * need not be looked at, and are taken a little larger than they are, by more than floats round. What is left
 * is decided in double. */
#include "bvh_four_private.h"

#include <float.h>
#include <math.h>

enum { WIDTH = HILUM_BVH_WIDTH, STACK = 3 * HILUM_BVH_LEVELS + 1 };

typedef struct {
  uint32_t node;
  int level;
  float key; /* squared distance, or where a ray enters */
} Entry;

/* Puts the lanes in `bits` on the stack, the one with the least key on top. */
static inline int push_sorted(Entry *stack, int top, unsigned bits, Four key, int level, uint32_t node)
{
  const int bottom = top;
  for (; bits; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    const Entry e = {WIDTH * node + (uint32_t)lane, level - 1, key[lane]};
    int at = top++;
    for (; at > bottom && stack[at - 1].key < e.key; at--)
      stack[at] = stack[at - 1];
    stack[at] = e;
  }
  return top;
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

/* Where distances are asked from, in floats. */
typedef struct {
  Four p[3], margin, slab_margin;
  bool far; /* beyond what floats can square */
  double scale, from[3];
} Place;

static Place place_of(const HilumBvh *bvh, const double p[3])
{
  static const double FAR = 1e15, BOX = 0x1p-21,
                      SLAB = 0x1p-19; /* of the greatest coordinate: several roundings */
  double reach = (double)bvh->reach;
  Place at = {.scale = 1};
  for (int a = 0; a < 3; a++) {
    reach = fmax(reach, fabs(p[a]));
    at.from[a] = p[a];
    at.p[a] = (Four){0} + (float)p[a];
  }
  at.margin = (Four){0} + (float)(BOX * reach);
  at.slab_margin = (Four){0} + (float)(SLAB * reach);
  at.far = !(reach < FAR);
  if (at.far) at.scale = FAR / reach;
  return at;
}

static Four far_box_distance2(const HilumBvhNode *node, const Place *at)
{
  Four d2;
  for (int lane = 0; lane < WIDTH; lane++) {
    double sum = 0;
    for (int a = 0; a < 3; a++) {
      const double below = (double)node->lo[a][lane] - at->from[a],
                   above = at->from[a] - (double)node->hi[a][lane];
      const double d = fmax(fmax(below, above), 0) * at->scale * (1 - 1e-6);
      sum += d * d;
    }
    d2[lane] = (float)fmin(sum, FLT_MAX);
  }
  return d2;
}

/* No child is nearer. */
static inline Four least_distance2(const HilumBvhNode *node, const Place *at)
{
  if (at->far) return far_box_distance2(node, at);
  Four d2 = {0, 0, 0, 0}, along = d2;
  for (int a = 0; a < 3; a++) {
    const Four below = four_of(node->lo[a]) - at->p[a], above = at->p[a] - four_of(node->hi[a]);
    const Four d = four_max(four_max(below, above) - at->margin, (Four){0, 0, 0, 0});
    d2 += d * d;
    along += four_of(node->n[a]) * at->p[a];
  }
  const Four beside = four_max(four_of(node->from) - along, along - four_of(node->to));
  const Four d = four_max(beside - at->slab_margin, (Four){0, 0, 0, 0});
  return four_max(d2, d * d);
}

static void nearest_in_leaf(const HilumBvh *bvh, uint32_t leaf, unsigned lanes, const Place *at,
                            HilumNearest *best)
{
  for (; lanes; lanes &= lanes - 1) {
    const uint32_t t = bvh->order[WIDTH * (size_t)leaf + (size_t)__builtin_ctz(lanes)];
    double c[3][3], q[3];
    hilum_triangle_corners(bvh->positions, bvh->indices, t, c);
    const double d2 = hilum_nearest_on_triangle(at->from, c[0], c[1], c[2], q);
    if (d2 >= best->d2) continue;
    best->d2 = d2;
    best->triangle = t;
    memcpy(best->point, q, sizeof q);
  }
}

HilumNearest hilum_bvh_nearest(const HilumBvh *bvh, const double p[3], double limit2)
{
  HilumNearest best = {.d2 = limit2, .triangle = UINT32_MAX};
  if (bvh->n_levels == 0) return best;
  const Place at = place_of(bvh, p);
  const double scale2 = at.scale * at.scale;
  float most = rounded_up(best.d2 * scale2);
  Entry stack[STACK];
  int top = 0;
  stack[top++] = (Entry){0, bvh->n_levels - 1, 0};
  while (top > 0) {
    const Entry e = stack[--top];
    if (!(e.key < most)) continue;
    const Four d2 = least_distance2(&bvh->nodes[bvh->first[e.level] + e.node], &at);
    const unsigned lanes = four_bits(d2 < (Four){0} + most) & used_lanes(bvh, e.level, e.node);
    if (e.level > 0) {
      top = push_sorted(stack, top, lanes, d2, e.level, e.node);
    } else if (lanes) {
      nearest_in_leaf(bvh, e.node, lanes, &at, &best);
      most = rounded_up(best.d2 * scale2);
    }
  }
  return best;
}

/* A ray in floats; its boxes are larger by the margin. */
typedef struct {
  Four o[3], inverse[3], margin;
} Line;

/* Where the ray enters each box; lanes that it misses before t_max are not in `bits`. Infinite inverses are
 * fine: a NaN from 0 * inf loses each comparison (T. Ize, Robust BVH ray traversal, JCGT 2013). */
static inline Four box_entries(const HilumBvhNode *node, const Line *line, double t_max, unsigned *bits)
{
  Four enter = {0, 0, 0, 0}, leave = (Four){0} + rounded_up(t_max);
  for (int a = 0; a < 3; a++) {
    const Four s = (four_of(node->lo[a]) - line->margin - line->o[a]) * line->inverse[a];
    const Four t = (four_of(node->hi[a]) + line->margin - line->o[a]) * line->inverse[a];
    enter = four_max(four_min(s, t), enter);
    leave = four_min(four_max(s, t) * (1 + 0x1p-20f), leave);
  }
  *bits = four_bits(enter <= leave);
  return enter;
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

static void ray_in_leaf(const HilumBvh *bvh, uint32_t leaf, unsigned lanes, const double o[3],
                        const double d[3], double t_min, uint32_t skip, double *best, uint32_t *triangle)
{
  for (; lanes; lanes &= lanes - 1) {
    const uint32_t i = bvh->order[WIDTH * (size_t)leaf + (size_t)__builtin_ctz(lanes)];
    const uint32_t *v = bvh->indices + 3 * (size_t)i;
    if (v[0] == skip || v[1] == skip || v[2] == skip) continue;
    double c[3][3];
    hilum_triangle_corners(bvh->positions, bvh->indices, i, c);
    const double t = ray_triangle(o, d, c);
    if (t <= t_min || t >= *best) continue;
    *best = t;
    if (triangle) *triangle = i;
  }
}

double hilum_bvh_ray(const HilumBvh *bvh, const double origin[3], const double dir[3], double t_min,
                     uint32_t skip, uint32_t *triangle)
{
  double best = INFINITY, reach = (double)bvh->reach;
  Line line;
  for (int a = 0; a < 3; a++) {
    reach = fmax(reach, fabs(origin[a]));
    line.o[a] = (Four){0} + (float)origin[a];
    line.inverse[a] = (Four){0} + 1 / (float)dir[a];
  }
  line.margin = (Four){0} + (float)(0x1p-20 * reach);
  if (triangle) *triangle = UINT32_MAX;
  Entry stack[STACK];
  int top = 0;
  if (bvh->n_levels > 0) stack[top++] = (Entry){0, bvh->n_levels - 1, 0};
  while (top > 0) {
    const Entry e = stack[--top];
    if ((double)e.key > best * (1 + 0x1p-20)) continue;
    unsigned lanes;
    const Four enter = box_entries(&bvh->nodes[bvh->first[e.level] + e.node], &line, best, &lanes);
    lanes &= used_lanes(bvh, e.level, e.node);
    if (e.level > 0)
      top = push_sorted(stack, top, lanes, enter, e.level, e.node);
    else
      ray_in_leaf(bvh, e.node, lanes, origin, dir, t_min, skip, &best, triangle);
  }
  return best;
}

static inline unsigned boxes_meet(const HilumBvhNode *node, const Four lo[3], const Four hi[3])
{
  FourFlags apart = {0, 0, 0, 0};
  for (int a = 0; a < 3; a++)
    apart |= (four_of(node->lo[a]) > hi[a]) | (four_of(node->hi[a]) < lo[a]);
  return four_bits(~apart);
}

void hilum_bvh_overlaps(const HilumBvh *bvh, const float lo[3], const float hi[3], HilumBvhVisit visit,
                        void *data)
{
  Four low[3], high[3];
  for (int a = 0; a < 3; a++) {
    low[a] = (Four){0} + lo[a];
    high[a] = (Four){0} + hi[a];
  }
  Entry stack[STACK];
  int top = 0;
  if (bvh->n_levels > 0) stack[top++] = (Entry){0, bvh->n_levels - 1, 0};
  while (top > 0) {
    const Entry e = stack[--top];
    unsigned lanes =
        boxes_meet(&bvh->nodes[bvh->first[e.level] + e.node], low, high) & used_lanes(bvh, e.level, e.node);
    if (e.level > 0) { /* the first on top */
      for (; lanes; lanes &= ~(1u << (31 - __builtin_clz(lanes))))
        stack[top++] = (Entry){WIDTH * e.node + (31 - (uint32_t)__builtin_clz(lanes)), e.level - 1, 0};
      continue;
    }
    for (; lanes; lanes &= lanes - 1)
      if (!visit(bvh->order[WIDTH * (size_t)e.node + (size_t)__builtin_ctz(lanes)], data)) return;
  }
}

/* A leaf's triangles, each with its box in all lanes, and the box of them all. */
typedef struct {
  Four lo[WIDTH + 1][3], hi[WIDTH + 1][3];
  unsigned lanes;
} LeafBoxes;

static LeafBoxes leaf_boxes(const HilumBvh *bvh, uint32_t leaf)
{
  const HilumBvhNode *node = &bvh->nodes[leaf];
  LeafBoxes b = {.lanes = hilum_bvh_lanes(bvh, 0, leaf)};
  for (int a = 0; a < 3; a++) {
    b.lo[WIDTH][a] = b.lo[0][a] = (Four){0} + node->lo[a][0];
    b.hi[WIDTH][a] = b.hi[0][a] = (Four){0} + node->hi[a][0];
    for (unsigned i = 1; i < b.lanes; i++) {
      b.lo[i][a] = (Four){0} + node->lo[a][i];
      b.hi[i][a] = (Four){0} + node->hi[a][i];
      b.lo[WIDTH][a] = four_min(b.lo[WIDTH][a], b.lo[i][a]);
      b.hi[WIDTH][a] = four_max(b.hi[WIDTH][a], b.hi[i][a]);
    }
  }
  return b;
}

static void leaf_pairs(const HilumBvh *bvh, const LeafBoxes *own, uint32_t leaf, uint32_t other,
                       HilumBvhPair visit, void *data)
{
  const HilumBvhNode *node = &bvh->nodes[other];
  const unsigned used = used_lanes(bvh, 0, other);
  for (unsigned i = 0; i < own->lanes; i++) {
    unsigned lanes = boxes_meet(node, own->lo[i], own->hi[i]) & used;
    if (other == leaf) lanes &= ~0u << (i + 1);
    for (; lanes; lanes &= lanes - 1)
      visit(bvh->order[WIDTH * (size_t)leaf + i],
            bvh->order[WIDTH * (size_t)other + (size_t)__builtin_ctz(lanes)], data);
  }
}

void hilum_bvh_pairs(const HilumBvh *bvh, uint32_t leaf, HilumBvhPair visit, void *data)
{
  const LeafBoxes own = leaf_boxes(bvh, leaf);
  leaf_pairs(bvh, &own, leaf, leaf, visit, data);
  Entry stack[STACK];
  int top = 0;
  if (bvh->n_levels > 1) stack[top++] = (Entry){0, bvh->n_levels - 1, 0};
  while (top > 0) {
    const Entry e = stack[--top];
    if (e.level == 0) {
      leaf_pairs(bvh, &own, leaf, e.node, visit, data);
      continue;
    }
    unsigned lanes = boxes_meet(&bvh->nodes[bvh->first[e.level] + e.node], own.lo[WIDTH], own.hi[WIDTH]) &
                     used_lanes(bvh, e.level, e.node);
    /* The first child that holds a later leaf. */
    const uint64_t later = ((uint64_t)leaf + 1) >> 2 * (e.level - 1), here = (uint64_t)WIDTH * e.node;
    if (later > here) lanes &= later - here < WIDTH ? ~0u << (later - here) : 0;
    for (; lanes; lanes &= lanes - 1)
      stack[top++] = (Entry){WIDTH * e.node + (uint32_t)__builtin_ctz(lanes), e.level - 1, 0};
  }
}
