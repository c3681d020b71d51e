/* No two triangles of the smooth surfaces cross. The bare surface crosses nowhere, so vertices of triangles
 * that do go back to their start, and the guard has its say about what that turns over, until none is left.
 * The first look is at everything; after that only triangles near those that moved can cross anew, and only
 * they are looked at, cut out of the surface by a coarse grid. */
#include "joint_smooth_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/verdict.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 4096, ROUNDS = 64, PATIENCE = 48, GRID = 128 };

typedef struct {
  HilumJointSmoothing *w;
  HilumLanes *whole; /* the smooth surface; `base` is the start */
  uint8_t *held;     /* per vertex: goes back */
  uint8_t *near;     /* per triangle: to be looked at */
  uint8_t *crossed;  /* per triangle that is looked at */
  uint32_t *id;      /* per vertex, for the part that is looked at */
  uint8_t *cell;     /* GRID cubed */
  float lo[3], per_cell[3];
} Apart;

static void blend_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Apart *a = data;
  HilumJointSmoothing *w = a->w;
  for (size_t v = begin; v < end; v++)
    w->s.from[v] = w->base[v] + hilum_guard_share(w->guard.level[v]) * (a->whole[v] - w->base[v]);
}

/* Cells of the box of a triangle, as it is or as it was. */
static void cells_of(const Apart *a, const HilumLanes *p, size_t t, int lo[3], int hi[3])
{
  const uint32_t *i = a->w->s.indices + 3 * t;
  for (int c = 0; c < 3; c++) {
    float x = p[i[0]][c], y = p[i[1]][c], z = p[i[2]][c];
    lo[c] = CLAMP((int)((fminf(x, fminf(y, z)) - a->lo[c]) * a->per_cell[c]), 0, GRID - 1);
    hi[c] = CLAMP((int)((fmaxf(x, fmaxf(y, z)) - a->lo[c]) * a->per_cell[c]), 0, GRID - 1);
  }
}

static bool visit_cells(const Apart *a, size_t t, bool mark)
{
  int lo[3], hi[3];
  cells_of(a, a->w->s.from, t, lo, hi);
  for (int k = lo[2]; k <= hi[2]; k++)
    for (int j = lo[1]; j <= hi[1]; j++)
      for (int i = lo[0]; i <= hi[0]; i++) {
        uint8_t *cell = &a->cell[((size_t)k * GRID + (size_t)j) * GRID + (size_t)i];
        if (mark)
          *cell = 1;
        else if (*cell)
          return true;
      }
  return false;
}

static void set_grid(Apart *a)
{
  const HilumSmoothing *s = &a->w->s;
  float hi[3];
  for (int c = 0; c < 3; c++) {
    a->lo[c] = INFINITY;
    hi[c] = -INFINITY;
  }
  for (size_t v = 0; v < s->n; v++)
    for (int c = 0; c < 3; c++) {
      a->lo[c] = fminf(a->lo[c], s->from[v][c]);
      hi[c] = fmaxf(hi[c], s->from[v][c]);
    }
  for (int c = 0; c < 3; c++)
    a->per_cell[c] = hi[c] > a->lo[c] ? GRID / (hi[c] - a->lo[c]) : 0;
}

/* Triangles near those with a vertex that moved. */
static void find_near(Apart *a, const uint8_t *moved)
{
  const HilumSmoothing *s = &a->w->s;
  memset(a->cell, 0, (size_t)GRID * GRID * GRID);
  for (size_t t = 0; t < s->n_triangles; t++) {
    const uint32_t *i = s->indices + 3 * t;
    if (moved[i[0]] || moved[i[1]] || moved[i[2]]) visit_cells(a, t, true);
  }
  for (size_t t = 0; t < s->n_triangles; t++)
    a->near[t] = visit_cells(a, t, false);
}

/* The triangles to be looked at as a mesh of their own. */
static HilumMesh *cut_out(Apart *a, GError **error)
{
  const HilumSmoothing *s = &a->w->s;
  uint32_t nv = 0, nt = 0;
  memset(a->id, 0, (size_t)s->n * sizeof *a->id);
  for (size_t t = 0; t < s->n_triangles; t++) {
    nt += a->near[t];
    for (size_t c = 0; c < 3 && a->near[t]; c++)
      a->id[s->indices[3 * t + c]] = 1;
  }
  for (size_t v = 0; v < s->n; v++)
    if (a->id[v]) a->id[v] = ++nv;
  float *positions = hilum_big_alloc(3 * (size_t)nv * sizeof *positions, error);
  uint32_t *indices = positions ? hilum_big_alloc(3 * (size_t)nt * sizeof *indices, error) : NULL;
  if (!indices) {
    hilum_big_free(positions);
    return NULL;
  }
  for (size_t v = 0; v < s->n; v++)
    if (a->id[v]) memcpy(positions + 3 * ((size_t)a->id[v] - 1), &s->from[v], 3 * sizeof *positions);
  for (size_t t = 0, at = 0; t < s->n_triangles; t++)
    for (size_t c = 0; c < 3 && a->near[t]; c++)
      indices[at++] = a->id[s->indices[3 * t + c]] - 1;
  return hilum_mesh_new_trusted(hilum_mesh_get_origin_mm(s->mesh), nv, positions, NULL, nt, indices);
}

/* Marks the vertices of crossed triangles in `held`; how many pairs there were. */
static bool look(Apart *a, uint64_t *pairs, GError **error)
{
  const HilumSmoothing *s = &a->w->s;
  g_autoptr(HilumMesh) mesh = cut_out(a, error);
  memset(a->held, 0, s->n);
  *pairs = 0;
  if (!mesh) return false;
  if (!hilum_mesh_self_intersections(mesh, pairs, a->crossed, a->w->progress, error)) return false;
  for (size_t t = 0, at = 0; t < s->n_triangles; t++) {
    if (!a->near[t] || !a->crossed[at++]) continue;
    for (size_t c = 0; c < 3; c++)
      a->held[s->indices[3 * t + c]] = 1;
  }
  return true;
}

/* Vertices that are held go to the last level, others where the guard wants them; `held` then says who moved.
 */
static void hold(Apart *a)
{
  HilumJointSmoothing *w = a->w;
  g_autofree uint8_t *before = g_memdup2(w->guard.level, w->s.n);
  for (size_t v = 0; v < w->s.n; v++)
    if (a->held[v]) w->guard.level[v] = HILUM_GUARD_LEVELS;
  int turn = 0;
  do
    hilum_parallel_for(w->s.n, GRAIN, blend_chunk, a);
  while (!hilum_guard_check(&w->guard, w->base, w->s.from, turn++ >= PATIENCE));
  for (size_t v = 0; v < w->s.n; v++)
    a->held[v] = w->guard.level[v] != before[v];
}

static bool run(Apart *a, GError **error)
{
  HilumJointSmoothing *w = a->w;
  memcpy(a->whole, w->s.from, (size_t)w->s.n * sizeof *a->whole);
  hilum_smoothing_load(&w->s, w->base);
  hilum_guard_set_base(&w->guard, w->base);
  set_grid(a);
  memset(a->near, 1, w->s.n_triangles);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t pairs;
    if (!look(a, &pairs, error)) return false;
    if (pairs == 0) return true;
    hold(a);
    find_near(a, a->held);
  }
  return true;
}

bool hilum_joint_keep_apart(HilumJointSmoothing *w, GError **error)
{
  size_t n = w->s.n, nt = w->s.n_triangles;
  Apart a = {.w = w};
  a.whole = hilum_big_alloc(n * sizeof *a.whole, error);
  a.held = a.whole ? hilum_big_alloc(n, error) : NULL;
  a.near = a.held ? hilum_big_alloc(nt, error) : NULL;
  a.crossed = a.near ? hilum_big_alloc(nt, error) : NULL;
  a.id = a.crossed ? hilum_big_alloc(n * sizeof *a.id, error) : NULL;
  a.cell = a.id ? hilum_big_alloc((size_t)GRID * GRID * GRID, error) : NULL;
  bool ok = a.cell && run(&a, error);
  hilum_big_free(a.whole);
  hilum_big_free(a.held);
  hilum_big_free(a.near);
  hilum_big_free(a.crossed);
  hilum_big_free(a.id);
  hilum_big_free(a.cell);
  return ok;
}
