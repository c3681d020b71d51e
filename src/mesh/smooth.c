/* Smoothing of one surface: rings, filter (smooth_filter.c), and what follows it - leash, guard, volume - in
 * smooth_offset.c. Border vertices of an open surface stay where they are. */
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

static bool contains(const uint32_t *some, uint32_t n, uint32_t value)
{
  for (uint32_t i = 0; i < n; i++)
    if (some[i] == value) return true;
  return false;
}

/* True if the n vertices of a and of b are the same set and a has none twice. */
static bool same_set(const uint32_t *a, const uint32_t *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (!contains(b, n, a[i]) || contains(a + i + 1, n - i - 1, a[i])) return false;
  return true;
}

/* The same for eight, all with all at once, without a branch to guess wrong. */
typedef uint32_t Four __attribute__((vector_size(16)));

static bool same_eight(const uint32_t a[8], const uint32_t b[8])
{
  Four a0, a1, b0, b1;
  memcpy(&a0, a, sizeof a0);
  memcpy(&a1, a + 4, sizeof a1);
  memcpy(&b0, b, sizeof b0);
  memcpy(&b1, b + 4, sizeof b1);
#define TURN(x, by) __builtin_shufflevector(x, x, by, (by + 1) % 4, (by + 2) % 4, (by + 3) % 4)
#define IS_IN(x, y) ((x == y) | (x == TURN(y, 1)) | (x == TURN(y, 2)) | (x == TURN(y, 3)))
  Four found = (Four)(IS_IN(a0, b0) | IS_IN(a0, b1)) & (Four)(IS_IN(a1, b0) | IS_IN(a1, b1));
  Four twice = (Four)IS_IN(a0, a1) | (Four)(a0 == TURN(a0, 1)) | (Four)(a0 == TURN(a0, 2)) |
               (Four)(a1 == TURN(a1, 1)) | (Four)(a1 == TURN(a1, 2));
#undef IS_IN
#undef TURN
  Four good = found & ~twice;
  return (good[0] & good[1] & good[2] & good[3]) != 0;
}

void hilum_smoothing_set_ring(HilumSmoothing *s, size_t v, const uint32_t *ring, uint32_t n)
{
  uint32_t *eight = s->eight + 8 * v, size = n > HILUM_RING_MOST ? 0 : n;
  for (uint32_t i = 0; i < 8; i++)
    eight[i] = i < size ? ring[i] : s->n;
  s->size[v] = (uint8_t)size;
  s->fixed[v] = size == 0;
}

/* Where more than eight triangles meet. */
static void find_large_ring(HilumSmoothing *s, size_t v, uint32_t *corners, uint32_t n)
{
  uint32_t before[HILUM_RING_MOST];
  bool closed = n <= HILUM_RING_MOST;
  for (uint32_t i = 0; i < n && closed; i++) {
    before[i] = s->indices[hilum_corner_previous(corners[i])];
    corners[i] = s->indices[hilum_corner_next(corners[i])];
  }
  hilum_smoothing_set_ring(s, v, corners, closed && same_set(corners, before, n) ? n : 0);
}

/* In a closed fan each neighbour follows v in one triangle and precedes it in another, so the next vertices
 * are the one-ring. Anything else - border, flipped or crowded edges - is left alone. Missing corners stand
 * for vertices that equal themselves and nothing else. */
static void find_ring(size_t begin, size_t end, unsigned worker, void *data)
{
  HilumSmoothing *s = data;
  for (size_t v = begin; v < end; v++) {
    uint32_t first = s->ring.first[v], n = s->ring.first[v + 1] - first, before[8], after[8];
    uint32_t *corners = s->ring.corner + first;
    if (n > 8) {
      find_large_ring(s, v, corners, n);
      continue;
    }
    for (uint32_t i = 0; i < 8; i++) { /* may look at the next corners, or at the slack behind the last */
      uint32_t corner = i < n ? corners[i] : 0;
      before[i] = i < n ? s->indices[hilum_corner_previous(corner)] : UINT32_MAX - i;
      after[i] = i < n ? s->indices[hilum_corner_next(corner)] : UINT32_MAX - i;
    }
    hilum_smoothing_set_ring(s, v, after, n >= 3 && same_eight(after, before) ? n : 0);
  }
}

HilumMesh *hilum_smoothing_finish(const HilumSmoothing *s, GError **error)
{
  float *positions = hilum_big_alloc(3 * (size_t)s->n * sizeof *positions, error);
  if (!positions) return NULL;
  hilum_smoothing_store(s, s->from, positions);
  return hilum_mesh_new_moved(s->mesh, positions);
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

bool hilum_smoothing_init(HilumSmoothing *s, HilumMesh *mesh, const HilumSmoothOptions *options,
                          GError **error)
{
  *s = (HilumSmoothing){.mesh = mesh,
                        .n = hilum_mesh_get_vertex_count(mesh),
                        .n_triangles = hilum_mesh_get_triangle_count(mesh),
                        .start = hilum_mesh_get_positions(mesh),
                        .indices = hilum_mesh_get_indices(mesh)};
  if (!check_options(options, error)) return false;
  set_leash(s, options);
  if (!hilum_corners_init(&s->ring, s->n, s->n_triangles, s->indices, error)) return false;
  s->fixed = hilum_big_alloc(s->n, error);
  s->size = s->fixed ? hilum_big_alloc(s->n, error) : NULL;
  s->eight = s->size ? hilum_big_alloc(8 * (size_t)s->n * sizeof *s->eight, error) : NULL;
  s->from = s->eight ? hilum_big_alloc(((size_t)s->n + 1) * sizeof *s->from, error) : NULL;
  s->to = s->from ? hilum_big_alloc(((size_t)s->n + 1) * sizeof *s->to, error) : NULL;
  if (!s->to) return false;
  s->from[s->n] = s->to[s->n] = (HilumLanes){0, 0, 0, 0};
  return true;
}

void hilum_smoothing_clear_rings(HilumSmoothing *s)
{
  hilum_corners_clear(&s->ring);
  hilum_big_free(s->eight);
  hilum_big_free(s->size);
  s->eight = NULL;
  s->size = NULL;
}

void hilum_smoothing_clear(HilumSmoothing *s)
{
  hilum_smoothing_clear_rings(s);
  hilum_big_free(s->fixed);
  hilum_big_free(s->from);
  hilum_big_free(s->to);
  *s = (HilumSmoothing){0};
}

/* An open surface encloses nothing. A vertex without triangles is no border. */
static bool is_closed(const HilumSmoothing *s)
{
  for (uint32_t v = 0; v < s->n; v++)
    if (s->fixed[v] && s->ring.first[v] < s->ring.first[v + 1]) return false;
  return true;
}

/* Volume of the input, before the filter. */
static double start_volume(HilumSmoothing *s)
{
  double area, volume;
  hilum_smoothing_load(s, s->from);
  hilum_smoothing_area_and_volume(s, &area, &volume);
  return volume;
}

static HilumMesh *run(HilumSmoothing *s, const HilumSmoothOptions *o, const HilumProgress *progress,
                      GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0.1, 0.8, NULL);
  double volume = o->volume_mm3;
  hilum_parallel_for(s->n, GRAIN, find_ring, s);
  bool closed = is_closed(s), keep = o->keep_volume && closed;
  if (keep && !(volume > 0)) volume = start_volume(s);
  const bool filtered = hilum_smoothing_filter(s, o, &part, error);
  hilum_smoothing_clear_rings(s);
  if (!filtered) return NULL;
  hilum_smoothing_leash(s);
  if (!keep && !o->keep_facing) return hilum_smoothing_finish(s, error);

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
  return ok ? hilum_smoothing_finish(s, error) : NULL;
}

HilumMesh *hilum_mesh_smooth(HilumMesh *mesh, const HilumSmoothOptions *options,
                             const HilumProgress *progress, GError **error)
{
  HilumSmoothOptions o = options ? *options : (HilumSmoothOptions){0};
  HilumSmoothing s;
  HilumMesh *result = hilum_smoothing_init(&s, mesh, &o, error) ? run(&s, &o, progress, error) : NULL;
  hilum_smoothing_clear(&s);
  return result;
}
