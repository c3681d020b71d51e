/* Taubin's lambda|mu smoothing (A signal processing approach to fair surface design, SIGGRAPH 1995) with
 * equal weights over the one-ring, 1/lambda + 1/mu = k_PB. Border vertices of an open surface stay where they
 * are. What follows the passes - leash, guard, volume - is in smooth_offset.c. */
#include "hilum/mesh/smooth.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"
#include "smooth_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRAIN = 8192, MAX_ITERATIONS = 1000 };

typedef struct {
  HilumSmoothing s;
  HilumCorners corners; /* corner[] is replaced by neighbours: the next vertex of each corner */
  float factor;
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
  Smooth *w = data;
  const HilumSmoothing *s = &w->s;
  for (size_t v = begin; v < end; v++) {
    uint32_t first = w->corners.first[v], n = w->corners.first[v + 1] - first, previous[32];
    uint32_t *ring = w->corners.corner + first;
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
  HilumSmoothing *s = &((Smooth *)data)->s;
  for (size_t v = begin; v < end; v++)
    s->from[v] = (HilumLanes){s->start[3 * v], s->start[3 * v + 1], s->start[3 * v + 2], 0};
}

static void step(size_t begin, size_t end, unsigned worker, void *data)
{
  const Smooth *w = data;
  const HilumSmoothing *s = &w->s;
  const HilumLanes *from = s->from;
  for (size_t v = begin; v < end; v++) {
    HilumLanes p = from[v], sum = {0, 0, 0, 0};
    if (s->fixed[v]) {
      s->to[v] = p;
      continue;
    }
    uint32_t first = w->corners.first[v], last = w->corners.first[v + 1];
    for (uint32_t i = first; i < last; i++)
      sum += from[w->corners.corner[i]];
    s->to[v] = p + w->factor * (sum * (1.0f / (float)(last - first)) - p);
  }
}

static bool iterate(Smooth *w, int iterations, double pass_band, const HilumProgress *progress,
                    GError **error)
{
  double lambda = 0.5, mu = 1 / (pass_band - 1 / lambda);
  for (int i = 0; i < iterations; i++) {
    if (hilum_progress_fail(progress, error)) return false;
    w->factor = (float)lambda;
    hilum_parallel_for(w->s.n, GRAIN, step, w);
    hilum_smoothing_swap(&w->s);
    w->factor = (float)mu;
    hilum_parallel_for(w->s.n, GRAIN, step, w);
    hilum_smoothing_swap(&w->s);
    hilum_progress_step(progress, (double)(i + 1) / iterations);
  }
  return true;
}

static HilumMesh *finish(HilumSmoothing *s, GError **error)
{
  float *positions = hilum_big_alloc(3 * (size_t)s->n * sizeof *positions, error);
  uint32_t *indices = positions ? hilum_big_alloc(3 * (size_t)s->n_triangles * sizeof *indices, error) : NULL;
  if (!indices) {
    hilum_big_free(positions);
    return NULL;
  }
  hilum_smoothing_store(s, s->from, positions);
  memcpy(indices, s->indices, 3 * (size_t)s->n_triangles * sizeof *indices);
  return hilum_mesh_new_trusted(s->origin_mm, s->n, positions, NULL, s->n_triangles, indices);
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

static void set_leash(HilumSmoothing *s, const HilumSmoothOptions *o)
{
  static const HilumVec3 unit[3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  for (int a = 0; a < 3; a++)
    if (o->leash_grid)
      s->leash[a] = hilum_vec3_scale(o->leash_grid->axes[a], 2 / o->leash_grid->spacing_mm[a]);
    else if (o->max_move_mm > 0)
      s->leash[a] = hilum_vec3_scale(unit[a], 1 / o->max_move_mm);
}

/* An open surface encloses nothing. A vertex without triangles is no border. */
static bool is_closed(const Smooth *w)
{
  for (uint32_t v = 0; v < w->s.n; v++)
    if (w->s.fixed[v] && w->corners.first[v] < w->corners.first[v + 1]) return false;
  return true;
}

static HilumMesh *run(Smooth *w, const HilumSmoothOptions *o, const HilumProgress *progress, GError **error)
{
  HilumSmoothing *s = &w->s;
  HilumProgress part = hilum_progress_part(progress, 0.1, 0.8, NULL);
  double area, volume = o->volume_mm3;
  hilum_parallel_for(s->n, GRAIN, find_ring, w);
  hilum_parallel_for(s->n, GRAIN, load, w);
  bool closed = is_closed(w), keep = o->keep_volume && closed;
  if (keep && !(volume > 0)) hilum_smoothing_area_and_volume(s, &area, &volume);
  if (!iterate(w, o->iterations ? o->iterations : 20, o->pass_band > 0 ? o->pass_band : 0.1, &part, error))
    return NULL;
  hilum_corners_clear(&w->corners);
  hilum_smoothing_leash(s);
  if (!keep && !o->keep_facing) return finish(s, error);

  HilumGuard guard = {0};
  HilumLanes *base = hilum_big_alloc((size_t)s->n * sizeof *base, error);
  bool ok =
      base && (!o->keep_facing || hilum_guard_init(&guard, s->n, s->n_triangles, s->indices, closed, error));
  if (ok && o->keep_facing) hilum_smoothing_hold_facing(s, &guard, base);
  if (ok && keep)
    ok = !hilum_progress_fail(progress, error) &&
         hilum_smoothing_keep_volume(s, o->keep_facing ? &guard : NULL, base, volume, error);
  hilum_guard_clear(&guard);
  hilum_big_free(base);
  return ok ? finish(s, error) : NULL;
}

HilumMesh *hilum_mesh_smooth(HilumMesh *mesh, const HilumSmoothOptions *options,
                             const HilumProgress *progress, GError **error)
{
  HilumSmoothOptions o = options ? *options : (HilumSmoothOptions){0};
  if (!check_options(&o, error)) return NULL;
  Smooth w = {.s = {.n = hilum_mesh_get_vertex_count(mesh),
                    .n_triangles = hilum_mesh_get_triangle_count(mesh),
                    .start = hilum_mesh_get_positions(mesh),
                    .indices = hilum_mesh_get_indices(mesh),
                    .origin_mm = hilum_mesh_get_origin_mm(mesh)}};
  set_leash(&w.s, &o);
  HilumMesh *result = NULL;
  if (!hilum_corners_init(&w.corners, w.s.n, w.s.n_triangles, w.s.indices, error)) return NULL;
  w.s.fixed = hilum_big_alloc(w.s.n, error);
  w.s.from = w.s.fixed ? hilum_big_alloc((size_t)w.s.n * sizeof *w.s.from, error) : NULL;
  w.s.to = w.s.from ? hilum_big_alloc((size_t)w.s.n * sizeof *w.s.to, error) : NULL;
  if (w.s.to) result = run(&w, &o, progress, error);
  hilum_corners_clear(&w.corners);
  hilum_big_free(w.s.fixed);
  hilum_big_free(w.s.from);
  hilum_big_free(w.s.to);
  return result;
}
