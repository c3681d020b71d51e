/* How thin is a closed surface? Measured for the tests with nothing of src/: a hash of triangles, and for
 * each sampled point of the surface ball: the local thickness, the diameter of the greatest ball inside that
 * holds the point (T. Hildebrand, P. Rueegsegger, A new method for the model-independent assessment of
 * thickness in three-dimensional images, Journal of Microscopy 1997), found by climbing from the inward ray;
 * what climbing misses makes it less, never more; ray:  how far a ray along the facet's inward normal goes
 * until it leaves the material. Both only up to `limit`: what is at least that is not looked at further. */
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
  size_t samples, below; /* points looked at; of those, balls less than limit - 2 tolerances */
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

/* Radius of the greatest ball inside that comes within `tolerance` of x, up to `most`: climbs from the
 * surface and from places on the ray. A step is shorter than the way to the surface, so that it stays on the
 * same side. */
static inline double wall_climb(const WallHash *h, const double x[3], const double in[3], double way,
                                double most, double tolerance)
{
  const double starts[] = {most, 0.5 * way, 0.48 * way, 0.45 * way, 0.35 * way, tolerance};
  double best = 0;
  for (size_t start = 0; start < G_N_ELEMENTS(starts) && best < most - tolerance / 2; start++) {
    if (starts[start] > MIN(way / 2, most) && starts[start] > tolerance) continue;
    double c[3] = {x[0] + starts[start] * in[0], x[1] + starts[start] * in[1], x[2] + starts[start] * in[2]};
    double r = wall_distance(h, c, most);
    if (starts[start] > r + tolerance) continue;
    best = MAX(best, r);
    for (double step = most / 3; step > most / 60 && best < most - tolerance / 2;) {
      double next[3] = {c[0], c[1], c[2]}, next_r = r;
      for (int code = 0; code < 27; code++) {
        double d[3] = {code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1}, len = sqrt(wall_dot(d, d)), q[3],
               q2 = 0;
        if (len == 0) continue;
        for (int a = 0; a < 3; a++) {
          q[a] = c[a] + MIN(step, 0.9 * r) * d[a] / len;
          q2 += (q[a] - x[a]) * (q[a] - x[a]);
        }
        if (sqrt(q2) > most + tolerance) continue;
        const double rq = wall_distance(h, q, most);
        if (rq > next_r + 1e-9 && sqrt(q2) <= rq + tolerance) {
          next_r = rq;
          memcpy(next, q, sizeof next);
        }
      }
      if (next_r > r)
        memcpy(c, next, sizeof c);
      else
        step /= 2;
      best = MAX(best, r = next_r);
    }
  }
  return best;
}

/* Looks at the middle of every `every`-th triangle. Facets lower than `sliver` have no direction of their own
 * and are left out of the rays (their neighbours are not). */
static inline WallReport walls_measure(const Walls *w, double limit, double tolerance, double sliver,
                                       size_t every)
{
  WallHash h = wall_hash_new(w, MAX(limit / 4, 0.2));
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
    const double ball = 2 * wall_climb(&h, x, in, way, limit / 2, tolerance);
    r.below += ball < limit - 2 * tolerance;
    if (ball < r.ball) {
      r.ball = ball;
      memcpy(r.ball_at, x, sizeof x);
    }
  }
  g_free(h.first);
  g_free(h.list);
  return r;
}
