/* Nearest triangles of grid points, carried from neighbour to neighbour.
 *
 * Slabs of slices are worked on side by side. A slab writes only its own points: in each round it looks at
 * the points that were reached in the round before, its own and those of its two neighbours, in their order,
 * so that any number of threads gives the same. */
#include "bvh_private.h"
#include "field_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"

#include <math.h>

enum { SLAB = 8 };
#define NOBODY UINT32_MAX
#define FRESH 0x80000000u /* reached in this round */

typedef struct {
  GArray *now, *next; /* uint32_t, points reached in the last round and in this one */
} Slab;

typedef struct {
  const HilumField *f;
  const HilumMesh *surface;
  const float *positions;
  const uint32_t *indices;
  HilumVec3 shift; /* from the field's origin to the surface's */
  const HilumFieldAsk *ask;
  float *out;
  uint32_t *near;       /* triangle of each point */
  uint32_t *slab_first; /* triangles near each slab, ascending */
  uint32_t *slab_list;
  HilumCorners corners;
  Slab *slabs;
  size_t n_slabs;
  const HilumBvh *bvh; /* for what is to be exact */
  const HilumProgress *progress;
} Near;

static inline double limit_at(const Near *w, size_t n)
{
  const double d = (double)w->ask->where[n];
  if (!(d >= w->ask->from && d <= w->ask->to)) return -1;
  return d < 0 ? w->ask->within : w->ask->without;
}

static inline void place_at(const Near *w, size_t n, double p[3])
{
  const size_t nx = (size_t)w->f->n[0], ny = (size_t)w->f->n[1];
  p[0] = w->f->lo[0] + (double)(n % nx) * w->f->h + w->shift.x;
  p[1] = w->f->lo[1] + (double)(n / nx % ny) * w->f->h + w->shift.y;
  p[2] = w->f->lo[2] + (double)(n / nx / ny) * w->f->h + w->shift.z;
}

static inline double to_triangle2(const Near *w, const double p[3], uint32_t t)
{
  double c[3][3], q[3];
  hilum_triangle_corners(w->positions, w->indices, t, c);
  return hilum_nearest_on_triangle(p, c[0], c[1], c[2], q);
}

/* Points a spacing around a triangle's box; false: none. */
static bool points_around(const Near *w, uint32_t t, int32_t range[3][2])
{
  double c[3][3];
  const double shift[3] = {w->shift.x, w->shift.y, w->shift.z};
  hilum_triangle_corners(w->positions, w->indices, t, c);
  for (int a = 0; a < 3; a++) {
    const double lo = MIN(c[0][a], MIN(c[1][a], c[2][a])), hi = MAX(c[0][a], MAX(c[1][a], c[2][a]));
    const double first = ceil((lo - shift[a] - w->f->lo[a]) / w->f->h - 1.01),
                 last = floor((hi - shift[a] - w->f->lo[a]) / w->f->h + 1.01);
    range[a][0] = (int32_t)CLAMP(first, 0, w->f->n[a]);
    range[a][1] = (int32_t)CLAMP(last, -1, w->f->n[a] - 1);
    if (range[a][1] < range[a][0]) return false;
  }
  return true;
}

static bool bin_triangles(Near *w, GError **error)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(w->surface);
  w->slab_first = g_new0(uint32_t, w->n_slabs + 2);
  uint32_t *at = w->slab_first + 1; /* shifted by one while being filled */
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t t = 0; t < nt; t++) {
      int32_t range[3][2];
      if (!points_around(w, t, range)) continue;
      for (size_t s = (size_t)range[2][0] / SLAB; s <= (size_t)range[2][1] / SLAB; s++) {
        if (pass == 0)
          at[s + 1]++;
        else
          w->slab_list[at[s]++] = t;
      }
    }
    if (pass == 1) break;
    uint64_t sum = 0;
    for (size_t s = 0; s <= w->n_slabs; s++)
      at[s] = (uint32_t)(sum += at[s]);
    if (sum > UINT32_MAX) {
      g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
                          "The surface has too many triangles for a grid; decimate it first");
      return false;
    }
    w->slab_list = hilum_big_alloc(((size_t)sum + 1) * sizeof *w->slab_list, error);
    if (!w->slab_list) return false;
  }
  return true;
}

/* Triangle t is tried for the points of slab s around it, row by row. */
static void seed_triangle(Near *w, uint32_t t, int32_t k0, int32_t k1)
{
  int32_t range[3][2];
  double c[3][3], n[3];
  if (!points_around(w, t, range)) return;
  hilum_triangle_corners(w->positions, w->indices, t, c);
  for (int a = 0; a < 3; a++) {
    const int b = (a + 1) % 3, d = (a + 2) % 3;
    n[a] = (c[1][b] - c[0][b]) * (c[2][d] - c[0][d]) - (c[1][d] - c[0][d]) * (c[2][b] - c[0][b]);
  }
  const double far2 = 1.02 * w->f->h * w->f->h * (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  for (int32_t k = MAX(range[2][0], k0); k <= MIN(range[2][1], k1); k++)
    for (int32_t j = range[1][0]; j <= range[1][1]; j++)
      for (int32_t i = range[0][0]; i <= range[0][1]; i++) {
        const size_t at = hilum_field_index(w->f, i, j, k);
        double p[3], q[3];
        place_at(w, at, p);
        const double up = n[0] * (p[0] - c[0][0]) + n[1] * (p[1] - c[0][1]) + n[2] * (p[2] - c[0][2]);
        if (up * up > far2) continue;
        const double d = sqrt(hilum_nearest_on_triangle(p, c[0], c[1], c[2], q));
        if (d > 1.01 * w->f->h || d > limit_at(w, at)) continue;
        if (w->near[at] != NOBODY && (float)d >= fabsf(w->out[at])) continue;
        w->near[at] = t;
        w->out[at] = copysignf((float)d, w->out[at]);
      }
}

static void seed_slabs(size_t begin, size_t end, unsigned worker, void *data)
{
  Near *w = data;
  for (size_t s = begin; s < end; s++) {
    const int32_t k0 = (int32_t)(s * SLAB), k1 = MIN(k0 + SLAB, w->f->n[2]) - 1;
    const size_t from = hilum_field_index(w->f, 0, 0, k0), to = hilum_field_index(w->f, 0, 0, k1 + 1);
    for (size_t n = from; n < to; n++)
      w->near[n] = NOBODY;
    if (hilum_progress_cancelled(w->progress)) continue;
    for (uint32_t e = w->slab_first[s]; e < w->slab_first[s + 1]; e++)
      seed_triangle(w, w->slab_list[e], k0, k1);
    for (size_t n = from; n < to; n++)
      if (w->near[n] != NOBODY) {
        const uint32_t point = (uint32_t)n;
        g_array_append_val(w->slabs[s].now, point);
      }
  }
}

/* The neighbours of a point within slices k0..k1 try its triangle. */
static void offer(Near *w, uint32_t from, int32_t k0, int32_t k1, GArray *next)
{
  const int32_t nx = w->f->n[0], ny = w->f->n[1];
  const int32_t i = (int32_t)(from % (uint32_t)nx), j = (int32_t)(from / (uint32_t)nx % (uint32_t)ny),
                k = (int32_t)(from / (uint32_t)nx / (uint32_t)ny);
  const uint32_t t = w->near[from];
  for (int32_t z = MAX(k - 1, k0); z <= MIN(k + 1, k1); z++)
    for (int32_t y = MAX(j - 1, 0); y <= MIN(j + 1, ny - 1); y++)
      for (int32_t x = MAX(i - 1, 0); x <= MIN(i + 1, nx - 1); x++) {
        const size_t at = hilum_field_index(w->f, x, y, z);
        const uint32_t has = w->near[at];
        if (has != NOBODY && (!(has & FRESH) || (has & ~FRESH) == t)) continue;
        const double limit = limit_at(w, at);
        if (limit < 0) continue;
        double p[3];
        place_at(w, at, p);
        const float d = (float)sqrt(to_triangle2(w, p, t));
        if (has == NOBODY ? (double)d > limit + w->f->h
                          : (d > fabsf(w->out[at]) || (d == fabsf(w->out[at]) && t > (has & ~FRESH))))
          continue;
        if (has == NOBODY) {
          const uint32_t point = (uint32_t)at;
          g_array_append_val(next, point);
        }
        w->near[at] = t | FRESH;
        w->out[at] = copysignf(d, w->out[at]);
      }
}

/* From triangle to triangle while one that shares a corner is nearer. */
static double descend(const Near *w, const double p[3], uint32_t *t)
{
  double best = to_triangle2(w, p, *t);
  for (bool better = true; better;) {
    const uint32_t here = *t;
    better = false;
    for (size_t c = 0; c < 3; c++) {
      const uint32_t v = w->indices[3 * (size_t)here + c];
      for (uint32_t e = w->corners.first[v]; e < w->corners.first[v + 1]; e++) {
        const uint32_t other = w->corners.corner[e] / 3;
        if (other == here) continue;
        const double d2 = to_triangle2(w, p, other);
        if (d2 >= best) continue;
        best = d2;
        *t = other;
        better = true;
      }
    }
  }
  return sqrt(best);
}

static void reach_slabs(size_t begin, size_t end, unsigned worker, void *data)
{
  Near *w = data;
  for (size_t s = begin; s < end; s++) {
    const int32_t k0 = (int32_t)(s * SLAB), k1 = MIN(k0 + SLAB, w->f->n[2]) - 1;
    GArray *next = w->slabs[s].next;
    if (hilum_progress_cancelled(w->progress)) continue;
    for (size_t o = s > 0 ? s - 1 : 0; o <= s + 1 && o < w->n_slabs; o++) {
      const GArray *now = w->slabs[o].now;
      for (guint n = 0; n < now->len; n++)
        offer(w, g_array_index(now, uint32_t, n), k0, k1, next);
    }
  }
}

static void settle_slabs(size_t begin, size_t end, unsigned worker, void *data)
{
  Near *w = data;
  for (size_t s = begin; s < end; s++) {
    Slab *slab = &w->slabs[s];
    guint kept = 0;
    for (guint n = 0; n < slab->next->len; n++) {
      const uint32_t at = g_array_index(slab->next, uint32_t, n);
      const double limit = limit_at(w, at);
      uint32_t t = w->near[at] & ~FRESH;
      double p[3];
      place_at(w, at, p);
      const double d = descend(w, p, &t);
      w->near[at] = d <= limit ? t : NOBODY;
      w->out[at] = copysignf((float)fmin(d, limit), w->out[at]);
      if (d <= limit) g_array_index(slab->next, uint32_t, kept++) = at;
    }
    g_array_set_size(slab->next, kept);
  }
}

static bool carry(Near *w, GError **error)
{
  const double farthest = MAX(w->ask->within, w->ask->without);
  for (int round = 0;; round++) {
    hilum_parallel_for(w->n_slabs, 1, reach_slabs, w);
    if (hilum_progress_fail(w->progress, error)) return false;
    hilum_parallel_for(w->n_slabs, 1, settle_slabs, w);
    bool any = false;
    for (size_t s = 0; s < w->n_slabs; s++) {
      GArray *done = w->slabs[s].now;
      w->slabs[s].now = w->slabs[s].next;
      w->slabs[s].next = done;
      g_array_set_size(done, 0);
      any |= w->slabs[s].now->len > 0;
    }
    if (!any) return true;
    hilum_progress_step(w->progress, MIN(round * w->f->h / farthest, 1));
  }
}

static void make_exact(size_t begin, size_t end, unsigned worker, void *data)
{
  Near *w = data;
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(w->progress)) return;
    for (size_t n = hilum_field_index(w->f, 0, 0, (int32_t)k);
         n < hilum_field_index(w->f, 0, 0, (int32_t)k + 1); n++) {
      if (w->near[n] == NOBODY || !(fabs(fabs((double)w->out[n]) - w->ask->exact_at) < 2 * w->f->h)) continue;
      double p[3];
      place_at(w, n, p);
      const double known = to_triangle2(w, p, w->near[n]);
      const HilumNearest q = hilum_bvh_nearest(w->bvh, p, known);
      w->out[n] = copysignf((float)sqrt(MIN(q.d2, known)), w->out[n]);
    }
  }
}

static bool find_distances(Near *w, GError **error)
{
  if (!bin_triangles(w, error)) return false;
  hilum_parallel_for(w->n_slabs, 1, seed_slabs, w);
  if (hilum_progress_fail(w->progress, error) || !carry(w, error)) return false;
  if (isnan(w->ask->exact_at)) return true;
  HilumBvh bvh;
  if (!hilum_bvh_init(&bvh, w->surface, error)) return false;
  w->bvh = &bvh;
  hilum_parallel_for((size_t)w->f->n[2], 1, make_exact, w);
  hilum_bvh_clear(&bvh);
  return !hilum_progress_fail(w->progress, error);
}

bool hilum_field_distances(const HilumField *field, HilumVec3 origin_mm, const HilumMesh *surface,
                           const HilumFieldAsk *ask, float *out, const HilumProgress *progress,
                           GError **error)
{
  Near w = {.f = field,
            .surface = surface,
            .positions = hilum_mesh_get_positions(surface),
            .indices = hilum_mesh_get_indices(surface),
            .shift = hilum_vec3_sub(origin_mm, hilum_mesh_get_origin_mm(surface)),
            .ask = ask,
            .out = out,
            .n_slabs = ((size_t)field->n[2] + SLAB - 1) / SLAB,
            .progress = progress};
  const uint32_t nt = hilum_mesh_get_triangle_count(surface);
  if (nt >= FRESH) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
                        "The surface has too many triangles for a grid; decimate it first");
    return false;
  }
  if (!hilum_corners_init(&w.corners, hilum_mesh_get_vertex_count(surface), nt, w.indices, error))
    return false;
  w.slabs = g_new0(Slab, w.n_slabs);
  for (size_t s = 0; s < w.n_slabs; s++)
    w.slabs[s] =
        (Slab){g_array_new(FALSE, FALSE, sizeof(uint32_t)), g_array_new(FALSE, FALSE, sizeof(uint32_t))};
  w.near = hilum_big_alloc(hilum_field_points(field) * sizeof *w.near, error);
  const bool good = w.near && find_distances(&w, error);
  for (size_t s = 0; s < w.n_slabs; s++) {
    g_array_unref(w.slabs[s].now);
    g_array_unref(w.slabs[s].next);
  }
  g_free(w.slabs);
  g_free(w.slab_first);
  hilum_big_free(w.slab_list);
  hilum_big_free(w.near);
  hilum_corners_clear(&w.corners);
  return good;
}
