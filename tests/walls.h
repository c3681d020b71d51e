/* How thin is a closed surface? Measured for the tests with nothing of src/, for each sampled point of the
 * surface:
 * ball: the local thickness, the diameter of the greatest ball inside that holds the point (T. Hildebrand, P.
 * Rueegsegger, A new method for the model-independent assessment of thickness in three-dimensional images,
 * Journal of Microscopy 1997). Found by branch and bound over cubes of centers: the distance to the surface
 * changes by no more than one goes, so that a cube whose middle is too shallow by more than half its diagonal
 * holds no better center and is left, and any other is cut into eight, until half the diagonal is half the
 * tolerance. No local maximum stops it: what is found is a ball inside that comes within the tolerance of the
 * point, and its radius is less than that of the greatest one that holds the point by at most half the
 * tolerance. Inside is where the triangles wind round (crossings of a ray along x, with their direction);
 * ray: how far a ray along the facet's inward normal goes until it leaves the material.
 * Both only up to `limit`: what is at least that is not looked at further. */
#pragma once

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  double (*v)[3][3]; /* triangles, outward */
  size_t n;
} Walls;

typedef struct {
  double ball, ray; /* the least, at most `limit` */
  double ball_at[3], ray_at[3];
  size_t samples, below; /* points looked at; of those, balls found less than limit - 2 tolerances: the
                            thickness there is less than limit - tolerance, whatever was not looked at */
  size_t short_rays;     /* rays less than limit - 2 tolerances */
} WallReport;

typedef struct {
  const Walls *w;
  double cell, lo[3];
  int n[3];
  uint32_t *first, *list;
} WallHash;

static inline int wall_cell(const WallHash *h, double x, int a)
{
  return CLAMP((int)floor((x - h->lo[a]) / h->cell), 0, h->n[a] - 1);
}

static inline size_t wall_slot(const WallHash *h, int i, int j, int k)
{
  return ((size_t)k * (size_t)h->n[1] + (size_t)j) * (size_t)h->n[0] + (size_t)i;
}

static inline void wall_range(const WallHash *h, const double lo[3], const double hi[3], int range[3][2])
{
  for (int a = 0; a < 3; a++) {
    range[a][0] = wall_cell(h, lo[a], a);
    range[a][1] = wall_cell(h, hi[a], a);
  }
}

static inline WallHash wall_hash_new(const Walls *w, double cell)
{
  WallHash h = {.w = w, .cell = cell};
  double hi[3];
  for (int a = 0; a < 3; a++) {
    h.lo[a] = INFINITY;
    hi[a] = -INFINITY;
    for (size_t t = 0; t < w->n; t++)
      for (int c = 0; c < 3; c++) {
        h.lo[a] = MIN(h.lo[a], w->v[t][c][a]);
        hi[a] = MAX(hi[a], w->v[t][c][a]);
      }
    h.n[a] = (int)((hi[a] - h.lo[a]) / cell) + 1;
  }
  const size_t cells = (size_t)h.n[0] * (size_t)h.n[1] * (size_t)h.n[2];
  h.first = g_new0(uint32_t, cells + 1);
  for (int pass = 0; pass < 2; pass++) {
    for (size_t t = 0; t < w->n; t++) {
      double box[2][3];
      int r[3][2];
      for (int a = 0; a < 3; a++) {
        box[0][a] = MIN(w->v[t][0][a], MIN(w->v[t][1][a], w->v[t][2][a]));
        box[1][a] = MAX(w->v[t][0][a], MAX(w->v[t][1][a], w->v[t][2][a]));
      }
      wall_range(&h, box[0], box[1], r);
      for (int k = r[2][0]; k <= r[2][1]; k++)
        for (int j = r[1][0]; j <= r[1][1]; j++)
          for (int i = r[0][0]; i <= r[0][1]; i++) {
            if (pass == 0)
              h.first[wall_slot(&h, i, j, k) + 1]++;
            else
              h.list[h.first[wall_slot(&h, i, j, k)]++] = (uint32_t)t;
          }
    }
    if (pass == 1) break;
    for (size_t c = 0; c < cells; c++)
      h.first[c + 1] += h.first[c];
    h.list = g_new(uint32_t, h.first[cells] + 1);
  }
  memmove(h.first + 1, h.first, cells * sizeof *h.first); /* the second pass moved each to its end */
  h.first[0] = 0;
  return h;
}

static inline double wall_dot(const double a[3], const double b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Squared distance to a segment. */
static inline double wall_to_segment(const double p[3], const double a[3], const double b[3])
{
  double d[3], e[3], q[3];
  for (int c = 0; c < 3; c++) {
    d[c] = b[c] - a[c];
    e[c] = p[c] - a[c];
  }
  const double len = wall_dot(d, d), t = len > 0 ? CLAMP(wall_dot(e, d) / len, 0, 1) : 0;
  for (int c = 0; c < 3; c++)
    q[c] = e[c] - t * d[c];
  return wall_dot(q, q);
}

static inline void wall_normal(double v[3][3], double n[3])
{
  for (int c = 0; c < 3; c++) {
    const int x = (c + 1) % 3, y = (c + 2) % 3;
    n[c] = (v[1][x] - v[0][x]) * (v[2][y] - v[0][y]) - (v[1][y] - v[0][y]) * (v[2][x] - v[0][x]);
  }
}

/* Squared distance to a triangle, or anything not below `best`: to its plane where the foot lies inside, else
 * to the nearest side. */
static inline double wall_to_triangle(const double p[3], double v[3][3], double best)
{
  double n[3];
  wall_normal(v, n);
  const double nn = wall_dot(n, n), up[3] = {p[0] - v[0][0], p[1] - v[0][1], p[2] - v[0][2]},
               d = wall_dot(up, n);
  if (d * d >= best * nn * (1 + 1e-12)) return best;
  bool inside = nn > 0;
  for (int s = 0; s < 3; s++) {
    const double *a = v[s], *b = v[(s + 1) % 3];
    const double e[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]},
                 f[3] = {p[0] - a[0], p[1] - a[1], p[2] - a[2]};
    const double side[3] = {n[1] * e[2] - n[2] * e[1], n[2] * e[0] - n[0] * e[2], n[0] * e[1] - n[1] * e[0]};
    inside = inside && wall_dot(side, f) >= 0;
    best = MIN(best, wall_to_segment(p, a, b));
  }
  return inside ? MIN(best, d * d / nn) : best;
}

/* Squared distance from p to a cell. */
static inline double wall_to_cell(const WallHash *h, const double p[3], const int at[3])
{
  double d2 = 0;
  for (int a = 0; a < 3; a++) {
    const double lo = h->lo[a] + at[a] * h->cell, out = MAX(MAX(lo - p[a], p[a] - lo - h->cell), 0);
    d2 += out * out;
  }
  return d2;
}

/* Distance to the surface, at most `reach`: the cells around, ring by ring. */
static inline double wall_distance(const WallHash *h, const double p[3], double reach)
{
  double best = reach * reach;
  const int mid[3] = {wall_cell(h, p[0], 0), wall_cell(h, p[1], 1), wall_cell(h, p[2], 2)};
  for (int ring = 0; ring <= (int)ceil(reach / h->cell) + 1; ring++) {
    if (ring > 1 && best <= pow((ring - 1) * h->cell, 2)) break;
    for (int k = MAX(mid[2] - ring, 0); k <= MIN(mid[2] + ring, h->n[2] - 1); k++)
      for (int j = MAX(mid[1] - ring, 0); j <= MIN(mid[1] + ring, h->n[1] - 1); j++) {
        const bool side = abs(k - mid[2]) == ring || abs(j - mid[1]) == ring;
        for (int i = mid[0] - ring; i <= mid[0] + ring; i += side || ring == 0 ? 1 : 2 * ring) {
          const int at[3] = {i, j, k};
          if (i < 0 || i >= h->n[0] || wall_to_cell(h, p, at) >= best) continue;
          for (uint32_t e = h->first[wall_slot(h, i, j, k)]; e < h->first[wall_slot(h, i, j, k) + 1]; e++)
            best = wall_to_triangle(p, h->w->v[h->list[e]], best);
        }
      }
  }
  return sqrt(best);
}

/* Where a ray of unit direction meets the first triangle but `own`, at most `reach`. */
static inline double wall_ray(const WallHash *h, const double p[3], const double dir[3], double reach,
                              size_t own)
{
  double lo[3], hi[3], best = reach;
  int r[3][2];
  for (int a = 0; a < 3; a++) {
    lo[a] = MIN(p[a], p[a] + reach * dir[a]);
    hi[a] = MAX(p[a], p[a] + reach * dir[a]);
  }
  wall_range(h, lo, hi, r);
  for (int k = r[2][0]; k <= r[2][1]; k++)
    for (int j = r[1][0]; j <= r[1][1]; j++)
      for (int i = r[0][0]; i <= r[0][1]; i++)
        for (uint32_t e = h->first[wall_slot(h, i, j, k)]; e < h->first[wall_slot(h, i, j, k) + 1]; e++) {
          double(*v)[3] = h->w->v[h->list[e]], n[3];
          if (h->list[e] == own) continue;
          wall_normal(v, n);
          const double down = wall_dot(n, dir), f[3] = {v[0][0] - p[0], v[0][1] - p[1], v[0][2] - p[2]};
          if (down == 0) continue;
          const double t = wall_dot(f, n) / down;
          if (!(t > 1e-9) || t >= best) continue;
          const double q[3] = {p[0] + t * dir[0], p[1] + t * dir[1], p[2] + t * dir[2]};
          bool in = true;
          for (int s = 0; s < 3 && in; s++) {
            const double *a = v[s], *b = v[(s + 1) % 3];
            const double ab[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]},
                         aq[3] = {q[0] - a[0], q[1] - a[1], q[2] - a[2]};
            const double x[3] = {ab[1] * aq[2] - ab[2] * aq[1], ab[2] * aq[0] - ab[0] * aq[2],
                                 ab[0] * aq[1] - ab[1] * aq[0]};
            in = wall_dot(x, n) >= 0;
          }
          if (in) best = t;
        }
  return best;
}

/* How deep p lies, at most `reach`; negative outside. */
static inline double wall_depth(const WallHash *h, const double p[3], double reach)
{
  const int j = wall_cell(h, p[1], 1), k = wall_cell(h, p[2], 2);
  int winding = 0;
  for (int i = wall_cell(h, p[0], 0); i < h->n[0]; i++)
    for (uint32_t e = h->first[wall_slot(h, i, j, k)]; e < h->first[wall_slot(h, i, j, k) + 1]; e++) {
      double(*v)[3] = h->w->v[h->list[e]], side[3];
      for (int c = 0; c < 3; c++) {
        const double *a = v[c], *b = v[(c + 1) % 3];
        side[c] = (a[1] - p[1]) * (b[2] - p[2]) - (a[2] - p[2]) * (b[1] - p[1]);
      }
      const bool up = side[0] > 0 && side[1] > 0 && side[2] > 0,
                 down = side[0] < 0 && side[1] < 0 && side[2] < 0;
      if (!up && !down) continue;
      const double x =
          (side[1] * v[0][0] + side[2] * v[1][0] + side[0] * v[2][0]) / (side[0] + side[1] + side[2]);
      /* a triangle lies in several cells, its crossing in one */
      if (x > p[0] && wall_cell(h, x, 0) == i) winding += up ? 1 : -1;
    }
  const double d = wall_distance(h, p, reach);
  return winding > 0 ? d : -d;
}

/* Balls that were found, by cells of their greatest radius. */
typedef struct {
  double cell, lo[3];
  GHashTable *at; /* cell -> GArray of WallBall */
} WallBalls;

typedef struct {
  double c[3], r;
} WallBall;

static inline gpointer wall_ball_key(const WallBalls *b, const double p[3], int i, int j, int k)
{
  const int step[3] = {i, j, k};
  guintptr key = 0;
  for (int a = 0; a < 3; a++)
    key = key << 20 | ((guintptr)((int)floor((p[a] - b->lo[a]) / b->cell) + step[a] + 8) & 0xfffff);
  return (gpointer)key;
}

static inline bool wall_is_known(const WallBalls *b, const double x[3], double tolerance)
{
  for (int code = 0; code < 27; code++) {
    const GArray *list = (const GArray *)g_hash_table_lookup(
        b->at, wall_ball_key(b, x, code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1));
    for (guint n = 0; list && n < list->len; n++) {
      const WallBall *ball = &g_array_index(list, WallBall, n);
      const double d[3] = {x[0] - ball->c[0], x[1] - ball->c[1], x[2] - ball->c[2]};
      if (wall_dot(d, d) <= (ball->r + tolerance) * (ball->r + tolerance)) return true;
    }
  }
  return false;
}

static inline void wall_keep(WallBalls *b, const double c[3], double r)
{
  const WallBall ball = {{c[0], c[1], c[2]}, r};
  gpointer key = wall_ball_key(b, c, 0, 0, 0);
  GArray *list = (GArray *)g_hash_table_lookup(b->at, key);
  if (!list) {
    list = g_array_new(FALSE, FALSE, sizeof(WallBall));
    g_hash_table_insert(b->at, key, list);
  }
  g_array_append_val(list, ball);
}

typedef struct {
  double m[3], half, most, key; /* no center in the cube has a greater ball than `most` */
} WallCube;

static inline void wall_push(GArray *heap, const WallCube *cube)
{
  g_array_append_val(heap, *cube);
  WallCube *q = (WallCube *)(void *)heap->data;
  for (guint n = heap->len - 1; n > 0 && q[(n - 1) / 2].key < q[n].key; n = (n - 1) / 2) {
    const WallCube up = q[(n - 1) / 2];
    q[(n - 1) / 2] = q[n];
    q[n] = up;
  }
}

static inline WallCube wall_pop(GArray *heap)
{
  WallCube *q = (WallCube *)(void *)heap->data;
  const WallCube top = q[0];
  q[0] = q[heap->len - 1];
  g_array_set_size(heap, heap->len - 1);
  for (guint n = 0;;) {
    guint child = 2 * n + 1;
    if (child + 1 < heap->len && q[child + 1].key > q[child].key) child++;
    if (child >= heap->len || q[child].key <= q[n].key) return top;
    const WallCube down = q[n];
    q[n] = q[child];
    q[child] = down;
    n = child;
  }
}

/* Looks at a cube's middle; `best` and c become better if a better ball is there. */
static inline void wall_look(const WallHash *h, const double x[3], WallCube *cube, double reach,
                             double tolerance, double *best, double c[3])
{
  const double e = cube->half * sqrt(3), d[3] = {cube->m[0] - x[0], cube->m[1] - x[1], cube->m[2] - x[2]},
               away = sqrt(wall_dot(d, d));
  cube->most = -1;
  if (away - e - tolerance > reach) return;
  const double depth = wall_depth(h, cube->m, reach + e);
  if (depth >= away - tolerance && depth > *best) {
    *best = MIN(depth, reach);
    memcpy(c, cube->m, sizeof cube->m);
  }
  if (depth + e >= away - e - tolerance) cube->most = MIN(depth + e, reach);
  cube->key = cube->most + 1e-3 * depth;
}

/* Radius of the greatest ball inside that comes within `tolerance` of x, up to `most`, and its middle. */
static inline double wall_ball(const WallHash *h, const double x[3], const double in[3], double most,
                               double tolerance, double c[3])
{
  double best = 0;
  GArray *heap = g_array_new(FALSE, FALSE, sizeof(WallCube));
  WallCube cube = {.half = 0};
  for (int a = 0; a < 3; a++)
    cube.m[a] = x[a] + most * in[a];
  wall_look(h, x, &cube, most, tolerance, &best, c);
  cube.half = most + 1.1 * tolerance;
  for (int a = 0; a < 3; a++) /* a little beside, so that no ray along x meets an edge exactly */
    cube.m[a] = x[a] + (0.0123456 + 0.0345678 * a) * tolerance;
  wall_look(h, x, &cube, most, tolerance, &best, c);
  wall_push(heap, &cube);
  while (heap->len > 0 && best < most - tolerance / 2) {
    const WallCube top = wall_pop(heap);
    if (top.most <= best + tolerance / 2 || top.half * sqrt(3) <= tolerance / 2) continue;
    for (int child = 0; child < 8; child++) {
      cube.half = top.half / 2;
      for (int a = 0; a < 3; a++)
        cube.m[a] = top.m[a] + (child >> a & 1 ? cube.half : -cube.half);
      wall_look(h, x, &cube, most, tolerance, &best, c);
      if (cube.most > best + tolerance / 2) wall_push(heap, &cube);
    }
  }
  g_array_unref(heap);
  return best;
}

/* Looks at the middle of every `every`-th triangle. Facets lower than `sliver` have no direction of their own
 * and are left out of the rays (their neighbours are not). */
static inline WallReport walls_measure(const Walls *w, double limit, double tolerance, double sliver,
                                       size_t every)
{
  WallHash h = wall_hash_new(w, MAX(limit / 4, 0.2));
  WallBalls known = {.cell = limit / 2 + tolerance,
                     .at = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref)};
  memcpy(known.lo, h.lo, sizeof known.lo);
  WallReport r = {.ball = limit, .ray = limit};
  for (size_t t = 0; t < w->n; t += every) {
    double n[3], longest2 = 0, in[3], x[3];
    wall_normal(w->v[t], n);
    const double area2 = sqrt(wall_dot(n, n));
    for (int s = 0; s < 3; s++) {
      double e2 = 0;
      for (int a = 0; a < 3; a++)
        e2 += pow(w->v[t][s][a] - w->v[t][(s + 1) % 3][a], 2);
      longest2 = MAX(longest2, e2);
      x[s] = (w->v[t][0][s] + w->v[t][1][s] + w->v[t][2][s]) / 3;
      in[s] = -n[s] / area2;
    }
    if (!(area2 > 0) || area2 / sqrt(longest2) < sliver) continue;
    r.samples++;
    const double way = wall_ray(&h, x, in, limit, t);
    if (way < r.ray) {
      r.ray = way;
      memcpy(r.ray_at, x, sizeof x);
    }
    r.short_rays += way < limit - 2 * tolerance;
    if (wall_is_known(&known, x, tolerance)) continue;
    double c[3] = {0, 0, 0};
    const double ball = 2 * wall_ball(&h, x, in, limit / 2, tolerance, c);
    if (ball >= limit - tolerance) wall_keep(&known, c, ball / 2);
    r.below += ball < limit - 2 * tolerance;
    if (ball < r.ball) {
      r.ball = ball;
      memcpy(r.ball_at, x, sizeof x);
    }
  }
  g_hash_table_unref(known.at);
  g_free(h.first);
  g_free(h.list);
  return r;
}
