/* Taubin's lambda|mu smoothing (A signal processing approach to fair surface design, SIGGRAPH 1995) with
 * equal weights over the one-ring, 1/lambda + 1/mu = k_PB. Border vertices of an open surface stay where they
 * are.
 *
 * Where the volume is to be kept, the surface is then offset along its normals: the volume changes by the
 * area times the offset, and Newton's method on that ends in a few steps. The leash is applied last and again
 * after each offset, so it always holds; if it keeps the volume from being reached, it wins. */
#include "hilum/mesh/smooth.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRAIN = 8192, MAX_ITERATIONS = 1000, OFFSET_STEPS = 8 };

/* Four lanes, so that a vertex is one aligned load; the last is not used. */
typedef float Vec4 __attribute__((vector_size(16)));

typedef struct {
  uint32_t n;
  const float *start;
  const uint32_t *indices;
  HilumCorners corners; /* corner[] is replaced by neighbours: the next vertex of each corner */
  uint8_t *fixed;       /* the one-ring is not a closed fan */
  Vec4 *from, *to;
  float factor;
  double max_move;
} Smooth;

static bool contains(const uint32_t *sorted, uint32_t n, uint32_t value)
{
  for (uint32_t i = 0; i < n; i++)
    if (sorted[i] == value) return true;
  return false;
}

/* In a closed fan each neighbour follows v in one triangle and precedes it in another, so the next vertices
 * are the one-ring. Anything else - border, flipped or crowded edges - is left alone. */
static void find_ring(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  for (size_t v = begin; v < end; v++) {
    uint32_t first = s->corners.first[v], n = s->corners.first[v + 1] - first, previous[32];
    uint32_t *ring = s->corners.corner + first;
    bool fixed = n < 3;
    uint32_t *before = n <= G_N_ELEMENTS(previous) ? previous : g_new(uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
      before[i] = s->indices[hilum_corner_previous(ring[i])];
      ring[i] = s->indices[hilum_corner_next(ring[i])];
    }
    /* Equal as sets, and no neighbour twice. Fans are small; a crowded vertex is fixed without a look. */
    if (n > 512) fixed = true;
    for (uint32_t i = 0; i < n && !fixed; i++)
      fixed = !contains(before, n, ring[i]) || contains(ring + i + 1, n - i - 1, ring[i]);
    s->fixed[v] = fixed;
    if (before != previous) g_free(before);
  }
}

static void load(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  for (size_t v = begin; v < end; v++)
    s->from[v] = (Vec4){s->start[3 * v], s->start[3 * v + 1], s->start[3 * v + 2], 0};
}

static void step(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  const Vec4 *from = s->from;
  for (size_t v = begin; v < end; v++) {
    Vec4 p = from[v], sum = {0, 0, 0, 0};
    if (s->fixed[v]) {
      s->to[v] = p;
      continue;
    }
    uint32_t first = s->corners.first[v], last = s->corners.first[v + 1];
    for (uint32_t i = first; i < last; i++)
      sum += from[s->corners.corner[i]];
    s->to[v] = p + s->factor * (sum * (1.0f / (float)(last - first)) - p);
  }
}

static void swap(Smooth *s)
{
  Vec4 *t = s->from;
  s->from = s->to;
  s->to = t;
}

/* Back to the leash around the start, short of it by the rounding of the coordinates, so that it holds in
 * floats too. */
static void leash(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  for (size_t v = begin; v < end; v++) {
    double d[3], l = 0, rounding = s->max_move;
    for (int a = 0; a < 3; a++) {
      double start = (double)s->start[3 * v + (size_t)a];
      d[a] = (double)s->from[v][a] - start;
      l += d[a] * d[a];
      rounding += fabs(start);
    }
    l = sqrt(l);
    if (l <= s->max_move) continue;
    double k = fmax(0, s->max_move - 1e-7 * rounding) / l;
    for (int a = 0; a < 3; a++)
      s->from[v][a] = (float)((double)s->start[3 * v + (size_t)a] + k * d[a]);
  }
}

static bool iterate(Smooth *s, int iterations, double pass_band, const HilumProgress *progress,
                    GError **error)
{
  double lambda = 0.5, mu = 1 / (pass_band - 1 / lambda);
  for (int i = 0; i < iterations; i++) {
    if (hilum_progress_fail(progress, error)) return false;
    s->factor = (float)lambda;
    hilum_parallel_for(s->n, GRAIN, step, s);
    swap(s);
    s->factor = (float)mu;
    hilum_parallel_for(s->n, GRAIN, step, s);
    swap(s);
    hilum_progress_step(progress, (double)(i + 1) / iterations);
  }
  if (s->max_move > 0) hilum_parallel_for(s->n, GRAIN, leash, s);
  return true;
}

typedef struct {
  const Vec4 *p;
  const uint32_t *indices;
  double (*part)[2];
} Sums;

static void sum_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Sums *w = data;
  double area = 0, volume = 0;
  for (size_t t = begin; t < end; t++) {
    HilumVec3 v[3];
    for (size_t c = 0; c < 3; c++) {
      Vec4 p = w->p[w->indices[3 * t + c]];
      v[c] = hilum_vec3((double)p[0], (double)p[1], (double)p[2]);
    }
    area += 0.5 * hilum_vec3_length(hilum_vec3_cross(hilum_vec3_sub(v[1], v[0]), hilum_vec3_sub(v[2], v[0])));
    volume += hilum_vec3_dot(v[0], hilum_vec3_cross(v[1], v[2])) / 6;
  }
  w->part[begin / GRAIN][0] = area;
  w->part[begin / GRAIN][1] = volume;
}

static void area_and_volume(const Smooth *s, uint32_t n_triangles, double *area, double *volume)
{
  size_t chunks = hilum_parallel_chunks(n_triangles, GRAIN);
  g_autofree double(*part)[2] = g_malloc(sizeof *part * (chunks + 1));
  Sums w = {s->from, s->indices, part};
  hilum_parallel_for(n_triangles, GRAIN, sum_chunk, &w);
  *area = *volume = 0;
  for (size_t c = 0; c < chunks; c++) {
    *area += part[c][0];
    *volume += part[c][1];
  }
}

static void store(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  float *out = (float *)s->to; /* packed: three floats a vertex */
  for (size_t v = begin; v < end; v++)
    memcpy(out + 3 * v, &s->from[v], 3 * sizeof(float));
}

typedef struct {
  Smooth *s;
  const float *normals;
  float distance;
} Offset;

static void offset_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Offset *o = data;
  for (size_t v = begin; v < end; v++) {
    const float *n = o->normals + 3 * v;
    if (!o->s->fixed[v]) o->s->from[v] += o->distance * (Vec4){n[0], n[1], n[2], 0};
  }
}

static bool keep_volume(Smooth *s, HilumMesh *mesh, double target, GError **error)
{
  uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  HilumCorners corners;
  float *normals = hilum_big_alloc(3 * (size_t)s->n * sizeof *normals, error);
  if (!normals) return false;
  if (!hilum_corners_init(&corners, s->n, nt, s->indices, error)) {
    hilum_big_free(normals);
    return false;
  }
  hilum_parallel_for(s->n, GRAIN, store, s);
  hilum_mesh_compute_normals(s->n, (const float *)s->to, s->indices, &corners, normals);
  hilum_corners_clear(&corners);
  for (int i = 0; i < OFFSET_STEPS; i++) {
    double area, volume;
    area_and_volume(s, nt, &area, &volume);
    if (!(area > 0) || fabs(target - volume) <= 1e-7 * fabs(target)) break;
    Offset o = {s, normals, (float)((target - volume) / area)};
    hilum_parallel_for(s->n, GRAIN, offset_chunk, &o);
    if (s->max_move > 0) hilum_parallel_for(s->n, GRAIN, leash, s);
  }
  hilum_big_free(normals);
  return true;
}

static HilumMesh *finish(Smooth *s, HilumMesh *mesh, GError **error)
{
  uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  float *positions = hilum_big_alloc(3 * (size_t)s->n * sizeof *positions, error);
  uint32_t *indices = positions ? hilum_big_alloc(3 * (size_t)nt * sizeof *indices, error) : NULL;
  if (!indices) {
    hilum_big_free(positions);
    return NULL;
  }
  Vec4 *scratch = s->to;
  s->to = (Vec4 *)(void *)positions; /* hilum_big_alloc() aligns */
  hilum_parallel_for(s->n, GRAIN, store, s);
  s->to = scratch;
  memcpy(indices, s->indices, 3 * (size_t)nt * sizeof *indices);
  return hilum_mesh_new_trusted(hilum_mesh_get_origin_mm(mesh), s->n, positions, NULL, nt, indices);
}

static bool check_options(const HilumSmoothOptions *o, GError **error)
{
  if (o->iterations >= 0 && o->iterations <= MAX_ITERATIONS && o->pass_band >= 0 && o->pass_band < 2 &&
      o->max_move_mm >= 0 && isfinite(o->max_move_mm))
    return true;
  g_set_error(
      error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
      "Smoothing takes 0 to %d iterations, a pass band from 0 to 2 and a distance in millimetres that is "
      "not negative",
      MAX_ITERATIONS);
  return false;
}

HilumMesh *hilum_mesh_smooth(HilumMesh *mesh, const HilumSmoothOptions *options,
                             const HilumProgress *progress, GError **error)
{
  HilumSmoothOptions o = options ? *options : (HilumSmoothOptions){0};
  if (!check_options(&o, error)) return NULL;
  Smooth s = {.n = hilum_mesh_get_vertex_count(mesh),
              .start = hilum_mesh_get_positions(mesh),
              .indices = hilum_mesh_get_indices(mesh),
              .max_move = o.max_move_mm};
  uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  HilumProgress part = hilum_progress_part(progress, 0.1, 0.9, NULL);
  HilumMesh *result = NULL;
  if (!hilum_corners_init(&s.corners, s.n, nt, s.indices, error)) return NULL;
  s.fixed = hilum_big_alloc(s.n, error);
  s.from = s.fixed ? hilum_big_alloc((size_t)s.n * sizeof(Vec4), error) : NULL;
  s.to = s.from ? hilum_big_alloc((size_t)s.n * sizeof(Vec4), error) : NULL;
  if (s.to) {
    double area, volume = 0;
    hilum_parallel_for(s.n, GRAIN, find_ring, &s);
    hilum_parallel_for(s.n, GRAIN, load, &s);
    bool keep = o.keep_volume;
    for (uint32_t v = 0; v < s.n && keep; v++) /* an open surface encloses nothing */
      keep = !s.fixed[v] || s.corners.first[v] == s.corners.first[v + 1];
    if (keep && o.volume_mm3 > 0)
      volume = o.volume_mm3;
    else if (keep)
      area_and_volume(&s, nt, &area, &volume);
    if (iterate(&s, o.iterations ? o.iterations : 20, o.pass_band > 0 ? o.pass_band : 0.1, &part, error) &&
        (!keep || keep_volume(&s, mesh, volume, error)))
      result = finish(&s, mesh, error);
  }
  hilum_corners_clear(&s.corners);
  hilum_big_free(s.fixed);
  hilum_big_free(s.from);
  hilum_big_free(s.to);
  return result;
}
