/* What happens to a surface once it is smooth: the leash, the guard's say, and the offset along its normals
 * that gives it its volume. The volume changes by the area times the offset, so Newton's method ends in a few
 * steps. Every step starts from the smooth surface and ends with the leash, so the leash always holds; if it
 * or the guard keeps the volume from being reached, they win. */
#include "smooth_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "mesh_private.h"

#include <math.h>
#include <string.h>

enum {
  OFFSET_GRAIN = 8192,
  OFFSET_STEPS = 8,
  RESOLVE_ROUNDS = 8, /* the guard has spoken: solve again, so often */
  PATIENCE = 48       /* then vertex by vertex no more, but whole pieces */
};

/* Short of the leash by the rounding of the coordinates, so that it holds in floats too. */
static inline HilumLanes leashed(const HilumSmoothing *s, size_t v, HilumLanes p, double tightest)
{
  double start[3], rounding = 0;
  for (size_t a = 0; a < 3; a++) {
    start[a] = (double)s->start[3 * v + a];
    rounding += fabs(start[a]);
  }
  HilumVec3 d = hilum_vec3((double)p[0] - start[0], (double)p[1] - start[1], (double)p[2] - start[2]);
  HilumVec3 unit = hilum_vec3(hilum_vec3_dot(s->leash[0], d), hilum_vec3_dot(s->leash[1], d),
                              hilum_vec3_dot(s->leash[2], d));
  double l = hilum_vec3_length(unit);
  if (l <= 1) return p;
  double k = fmax(0, 1 - 1e-7 * (1 + rounding * tightest)) / l;
  return (HilumLanes){(float)(start[0] + k * d.x), (float)(start[1] + k * d.y), (float)(start[2] + k * d.z),
                      0};
}

/* Unit lengths per millimetre where the leash is shortest. */
static double tightest(const HilumSmoothing *s)
{
  double most = 0;
  for (int a = 0; a < 3; a++)
    most = fmax(most, hilum_vec3_length(s->leash[a]));
  return most;
}

static void leash_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  HilumSmoothing *s = data;
  double tight = tightest(s);
  for (size_t v = begin; v < end; v++)
    s->from[v] = leashed(s, v, s->from[v], tight);
}

void hilum_smoothing_leash(HilumSmoothing *s)
{
  if (tightest(s) > 0) hilum_parallel_for(s->n, OFFSET_GRAIN, leash_chunk, s);
}

typedef struct {
  const HilumLanes *p;
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
      HilumLanes p = w->p[w->indices[3 * t + c]];
      v[c] = hilum_vec3((double)p[0], (double)p[1], (double)p[2]);
    }
    area += 0.5 * hilum_vec3_length(hilum_vec3_cross(hilum_vec3_sub(v[1], v[0]), hilum_vec3_sub(v[2], v[0])));
    volume += hilum_vec3_dot(v[0], hilum_vec3_cross(v[1], v[2])) / 6;
  }
  w->part[begin / OFFSET_GRAIN][0] = area;
  w->part[begin / OFFSET_GRAIN][1] = volume;
}

void hilum_smoothing_area_and_volume(const HilumSmoothing *s, double *area, double *volume)
{
  size_t chunks = hilum_parallel_chunks(s->n_triangles, OFFSET_GRAIN);
  g_autofree double(*part)[2] = g_malloc(sizeof *part * (chunks + 1));
  Sums w = {s->from, s->indices, part};
  hilum_parallel_for(s->n_triangles, OFFSET_GRAIN, sum_chunk, &w);
  *area = *volume = 0;
  for (size_t c = 0; c < chunks; c++) {
    *area += part[c][0];
    *volume += part[c][1];
  }
}

typedef struct {
  const HilumLanes *p;
  float *out;
} Store;

static void store_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Store *s = data;
  for (size_t v = begin; v < end; v++)
    memcpy(s->out + 3 * v, &s->p[v], 3 * sizeof(float));
}

void hilum_smoothing_store(const HilumSmoothing *s, const HilumLanes *p, float *out)
{
  Store store = {p, out};
  hilum_parallel_for(s->n, OFFSET_GRAIN, store_chunk, &store);
}

typedef struct {
  const HilumSmoothing *s;
  HilumLanes *p;
} Load;

static void load_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Load *l = data;
  const float *start = l->s->start;
  for (size_t v = begin; v < end; v++)
    l->p[v] = (HilumLanes){start[3 * v], start[3 * v + 1], start[3 * v + 2], 0};
}

void hilum_smoothing_load(const HilumSmoothing *s, HilumLanes *p)
{
  Load load = {s, p};
  hilum_parallel_for(s->n, OFFSET_GRAIN, load_chunk, &load);
}

typedef struct {
  HilumSmoothing *s;
  const HilumLanes *base;
  const uint8_t *level;
  const float *normals;
  float distance;
  double tight;
} Move;

static void blend_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Move *m = data;
  for (size_t v = begin; v < end; v++) {
    HilumLanes whole = m->s->from[v], base = m->base[v];
    uint8_t level = m->level[v];
    m->s->to[v] = level == 0                    ? whole
                  : level == HILUM_GUARD_LEVELS ? base
                                                : base + hilum_guard_share(level) * (whole - base);
  }
}

void hilum_smoothing_hold_facing(HilumSmoothing *s, HilumGuard *guard, HilumLanes *base)
{
  hilum_smoothing_load(s, base);
  hilum_guard_set_base(guard, base);
  Move m = {.s = s, .base = base, .level = guard->level};
  int round = 0;
  do
    hilum_parallel_for(s->n, OFFSET_GRAIN, blend_chunk, &m);
  while (!hilum_guard_check(guard, base, s->to, round++ >= PATIENCE));
  hilum_smoothing_swap(s);
}

static void offset_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Move *m = data;
  for (size_t v = begin; v < end; v++) {
    uint8_t level = m->level ? m->level[v] : 0;
    HilumLanes p = m->base[v];
    if (!m->s->fixed[v] && level < HILUM_GUARD_LEVELS) {
      const float *n = m->normals + 3 * v;
      p += hilum_guard_share(level) * m->distance * (HilumLanes){n[0], n[1], n[2], 0};
      if (m->tight > 0) p = leashed(m->s, v, p, m->tight);
    }
    m->s->from[v] = p;
  }
}

static void solve(Move *m, double target)
{
  for (int i = 0; i < OFFSET_STEPS; i++) {
    double area, volume;
    hilum_smoothing_area_and_volume(m->s, &area, &volume);
    if (!(area > 0) || fabs(target - volume) <= 1e-7 * fabs(target)) return;
    m->distance += (float)((target - volume) / area);
    hilum_parallel_for(m->s->n, OFFSET_GRAIN, offset_chunk, m);
  }
}

bool hilum_smoothing_keep_volume(HilumSmoothing *s, HilumGuard *guard, HilumLanes *base, double target,
                                 GError **error)
{
  HilumCorners corners;
  float *normals = hilum_big_alloc(3 * (size_t)s->n * sizeof *normals, error);
  if (!normals) return false;
  if (!hilum_corners_init(&corners, s->n, s->n_triangles, s->indices, error)) {
    hilum_big_free(normals);
    return false;
  }
  hilum_smoothing_store(s, s->from, (float *)s->to);
  hilum_mesh_compute_normals(s->n, (const float *)s->to, s->indices, &corners, normals);
  hilum_corners_clear(&corners);

  memcpy(base, s->from, (size_t)s->n * sizeof *base);
  if (guard) hilum_guard_set_base(guard, base);
  Move m = {s, base, guard ? guard->level : NULL, normals, 0, tightest(s)};
  solve(&m, target);
  for (int round = 0; guard && !hilum_guard_check(guard, base, s->from, round >= PATIENCE); round++) {
    hilum_parallel_for(s->n, OFFSET_GRAIN, offset_chunk, &m);
    if (round < RESOLVE_ROUNDS) solve(&m, target);
  }
  hilum_big_free(normals);
  return true;
}
