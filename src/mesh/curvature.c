/* Mean and Gaussian curvature by a quadric through two rings. */
#include "hilum/mesh/curvature.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "mesh_private.h"

#include <math.h>
#include <stdlib.h>

enum { GRAIN = 2048, MAX_NEAR = 96, TERMS = 5 };

typedef struct {
  const float *positions, *normals;
  const uint32_t *indices;
  HilumCorners corners;
  float *mean, *gaussian, *area;
  const HilumProgress *progress;
} Work;

static void add_ring(const Work *w, uint32_t v, uint32_t *near, size_t *n)
{
  for (uint32_t c = w->corners.first[v]; c < w->corners.first[v + 1]; c++) {
    const uint32_t corner = w->corners.corner[c];
    const uint32_t others[2] = {w->indices[hilum_corner_next(corner)],
                                w->indices[hilum_corner_previous(corner)]};
    for (int o = 0; o < 2; o++) {
      bool known = false;
      for (size_t k = 0; k < *n && !known; k++)
        known = near[k] == others[o];
      if (!known && *n < MAX_NEAR) near[(*n)++] = others[o];
    }
  }
}

/* The normal equations, symmetric and positive: elimination needs no pivots but those that vanish. */
static bool solve(double m[TERMS][TERMS + 1])
{
  for (int i = 0; i < TERMS; i++) {
    if (!(m[i][i] > 1e-9)) return false;
    for (int r = i + 1; r < TERMS; r++) {
      const double f = m[r][i] / m[i][i];
      for (int c = i; c <= TERMS; c++)
        m[r][c] -= f * m[i][c];
    }
  }
  for (int i = TERMS - 1; i >= 0; i--) {
    for (int c = i + 1; c < TERMS; c++)
      m[i][TERMS] -= m[i][c] * m[c][TERMS];
    m[i][TERMS] /= m[i][i];
  }
  return true;
}

/* Fits in units of the mean distance, so that all terms weigh alike. */
static bool fit(const Work *w, uint32_t v, const uint32_t *near, size_t n, double *mean, double *gaussian)
{
  const float *p = w->positions + 3 * (size_t)v, *nf = w->normals + 3 * (size_t)v;
  const HilumVec3 normal = hilum_vec3_normalize(hilum_vec3((double)nf[0], (double)nf[1], (double)nf[2]));
  const HilumVec3 aside = fabs(normal.x) < 0.6 ? hilum_vec3(1, 0, 0) : hilum_vec3(0, 1, 0);
  const HilumVec3 u = hilum_vec3_normalize(hilum_vec3_cross(normal, aside)), t = hilum_vec3_cross(normal, u);
  double m[TERMS][TERMS + 1] = {{0}}, scale = 0;
  HilumVec3 d[MAX_NEAR];
  for (size_t k = 0; k < n; k++) {
    const float *q = w->positions + 3 * (size_t)near[k];
    d[k] = hilum_vec3((double)q[0] - (double)p[0], (double)q[1] - (double)p[1], (double)q[2] - (double)p[2]);
    scale += hilum_vec3_length(d[k]) / (double)n;
  }
  if (n < TERMS || !(scale > 0)) return false;
  for (size_t k = 0; k < n; k++) {
    const double x = hilum_vec3_dot(d[k], u) / scale, y = hilum_vec3_dot(d[k], t) / scale,
                 z = hilum_vec3_dot(d[k], normal) / scale;
    const double term[TERMS + 1] = {x * x, x * y, y * y, x, y, z};
    for (int i = 0; i < TERMS; i++)
      for (int c = 0; c <= TERMS; c++)
        m[i][c] += term[i] * term[c];
  }
  if (!solve(m)) return false;
  const double a = m[0][TERMS], b = m[1][TERMS], c = m[2][TERMS], x = m[3][TERMS], y = m[4][TERMS];
  const double e = 1 + x * x, f = x * y, g = 1 + y * y, size = sqrt(1 + x * x + y * y);
  const double l = 2 * a / size, mm = b / size, nn = 2 * c / size, det = e * g - f * f;
  *mean = -(e * nn - 2 * f * mm + g * l) / (2 * det) / scale;
  *gaussian = (l * nn - mm * mm) / det / (scale * scale);
  return isfinite(*mean) && isfinite(*gaussian);
}

static void bend(size_t begin, size_t end, unsigned worker, void *data)
{
  const Work *w = data;
  for (size_t v = begin; v < end; v++) {
    if ((v & 255) == 0 && hilum_progress_cancelled(w->progress)) return;
    uint32_t near[MAX_NEAR + 1];
    size_t n = 1;
    double mean, gaussian, area = 0;
    near[0] = (uint32_t)v;
    add_ring(w, (uint32_t)v, near, &n);
    const size_t first = n;
    for (size_t k = 1; k < first; k++)
      add_ring(w, near[k], near, &n);
    for (uint32_t c = w->corners.first[v]; c < w->corners.first[v + 1]; c++) {
      double p[3][3];
      for (int k = 0; k < 3; k++)
        for (int a = 0; a < 3; a++)
          p[k][a] =
              (double)w
                  ->positions[3 * (size_t)w->indices[w->corners.corner[c] / 3 * 3 + (uint32_t)k] + (size_t)a];
      const HilumVec3 s = hilum_vec3(p[1][0] - p[0][0], p[1][1] - p[0][1], p[1][2] - p[0][2]),
                      t = hilum_vec3(p[2][0] - p[0][0], p[2][1] - p[0][1], p[2][2] - p[0][2]);
      area += hilum_vec3_length(hilum_vec3_cross(s, t)) / 6;
    }
    const bool good = fit(w, (uint32_t)v, near + 1, n - 1, &mean, &gaussian);
    w->mean[v] = good ? (float)mean : NAN;
    w->gaussian[v] = good ? (float)gaussian : NAN;
    w->area[v] = good ? (float)area : 0;
  }
}

typedef struct {
  float value, area;
} Weighed;

static int compare(const void *a, const void *b)
{
  const Weighed *p = a, *q = b;
  return p->value != q->value ? (p->value > q->value) - (p->value < q->value)
                              : (p->area > q->area) - (p->area < q->area);
}

static HilumCurvatureSpread spread(const float *values, const float *areas, uint32_t n, Weighed *scratch)
{
  HilumCurvatureSpread s = {NAN, NAN, NAN, NAN};
  double total = 0, sum = 0, below = 0;
  size_t count = 0;
  for (uint32_t v = 0; v < n; v++) {
    if (isnan(values[v]) || !(areas[v] > 0)) continue;
    scratch[count++] = (Weighed){values[v], areas[v]};
    total += (double)areas[v];
    sum += (double)areas[v] * (double)values[v];
  }
  if (count == 0) return s;
  qsort(scratch, count, sizeof *scratch, compare);
  const struct {
    double share, *out;
  } wanted[] = {{0.05, &s.p5}, {0.5, &s.median}, {0.95, &s.p95}};
  s.mean = sum / total;
  for (size_t i = 0, next = 0; i < count && next < G_N_ELEMENTS(wanted); i++) {
    below += (double)scratch[i].area;
    while (next < G_N_ELEMENTS(wanted) && (below >= wanted[next].share * total || i + 1 == count))
      *wanted[next++].out = (double)scratch[i].value;
  }
  return s;
}

bool hilum_mesh_curvature(const HilumMesh *mesh, HilumCurvature *curvature, float *mean_per_mm,
                          float *gaussian_per_mm2, const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  Work w = {.positions = hilum_mesh_get_positions(mesh),
            .normals = hilum_mesh_get_normals(mesh),
            .indices = hilum_mesh_get_indices(mesh),
            .progress = progress};
  *curvature = (HilumCurvature){.vertices = nv};
  float *own = hilum_big_alloc(3 * (size_t)MAX(nv, 1u) * sizeof *own, error);
  Weighed *scratch = own ? hilum_big_alloc(MAX(nv, 1u) * sizeof *scratch, error) : NULL;
  bool good =
      scratch && hilum_corners_init(&w.corners, nv, hilum_mesh_get_triangle_count(mesh), w.indices, error);
  if (good) {
    w.mean = mean_per_mm ? mean_per_mm : own;
    w.gaussian = gaussian_per_mm2 ? gaussian_per_mm2 : own + nv;
    w.area = own + 2 * (size_t)nv;
    hilum_parallel_for(nv, GRAIN, bend, &w);
    good = !hilum_progress_fail(progress, error);
  }
  if (good) {
    for (uint32_t v = 0; v < nv; v++)
      curvature->left_out += isnan(w.mean[v]);
    curvature->mean_per_mm = spread(w.mean, w.area, nv, scratch);
    curvature->gaussian_per_mm2 = spread(w.gaussian, w.area, nv, scratch);
  }
  hilum_corners_clear(&w.corners);
  hilum_big_free(scratch);
  hilum_big_free(own);
  return good;
}
