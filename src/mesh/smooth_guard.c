/* The guard of smoothing: no triangle turns over or collapses, no piece turns inside out. A surface on which
 * either has happened is not taken back as a whole: only the vertices concerned make less of their move. */
#include "smooth_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "shells_private.h"

#include <math.h>
#include <string.h>

enum { GUARD_GRAIN = 8192 };

/* A triangle, seen along its old normal, keeps at least this share of its old area: it neither turns by a
 * right angle nor shrinks to a line. A piece keeps its sign and this share of its volume. */
static const double TRIANGLE_SHARE = 1.0 / 16, SHELL_SHARE = 1.0 / 4;

static bool alloc(HilumGuard *g, GError **error)
{
  g->level = hilum_big_alloc(g->n_vertices, error);
  g->touched = g->level ? hilum_big_alloc0(g->n_vertices, error) : NULL;
  g->bad = g->touched ? hilum_big_alloc(g->n_triangles, error) : NULL;
  g->part = g->bad ? hilum_big_alloc((size_t)g->n_triangles * sizeof *g->part, error) : NULL;
  if (!g->part) hilum_guard_clear(g);
  return g->part != NULL;
}

static void alloc_volumes(HilumGuard *g)
{
  g->base_mm3 = g_new0(double, (size_t)g->n_shells + 1);
  g->now_mm3 = g_new0(double, (size_t)g->n_shells + 1);
}

bool hilum_guard_init(HilumGuard *g, uint32_t n_vertices, uint32_t n_triangles, const uint32_t *indices,
                      bool closed, GError **error)
{
  *g = (HilumGuard){
      .n_vertices = n_vertices, .n_triangles = n_triangles, .indices = indices, .closed = closed};
  g->shell = hilum_big_alloc((size_t)n_vertices * sizeof *g->shell, error);
  if (!g->shell || !alloc(g, error)) return false;
  g->n_shells = hilum_mesh_number_shells(n_vertices, n_triangles, indices, g->shell);
  alloc_volumes(g);
  return true;
}

bool hilum_guard_init_pieces(HilumGuard *g, uint32_t n_vertices, uint32_t n_triangles,
                             const uint32_t *indices, const HilumPieces *pieces, uint32_t n_pieces,
                             GError **error)
{
  *g = (HilumGuard){.n_vertices = n_vertices,
                    .n_triangles = n_triangles,
                    .n_shells = n_pieces,
                    .indices = indices,
                    .closed = true,
                    .pieces = pieces};
  if (!alloc(g, error)) return false;
  alloc_volumes(g);
  return true;
}

void hilum_guard_clear(HilumGuard *g)
{
  hilum_big_free(g->shell);
  hilum_big_free(g->level);
  hilum_big_free(g->touched);
  hilum_big_free(g->bad);
  hilum_big_free(g->part);
  g_free(g->base_mm3);
  g_free(g->now_mm3);
  *g = (HilumGuard){0};
}

typedef struct {
  const HilumGuard *g;
  const HilumLanes *base, *now;
} Look;

static inline HilumPieces pieces_of(const HilumGuard *g, size_t t)
{
  return g->pieces ? g->pieces[t] : (HilumPieces){g->shell[g->indices[3 * t]], HILUM_NO_PIECE};
}

static inline HilumVec3 corner(const HilumLanes *p, uint32_t v)
{
  return hilum_vec3((double)p[v][0], (double)p[v][1], (double)p[v][2]);
}

/* Twice the area, along the normal. */
static inline HilumVec3 area_vector(const HilumLanes *p, const uint32_t *i)
{
  HilumVec3 a = corner(p, i[0]);
  return hilum_vec3_cross(hilum_vec3_sub(corner(p, i[1]), a), hilum_vec3_sub(corner(p, i[2]), a));
}

static void look_at_triangles(size_t begin, size_t end, unsigned worker, void *data)
{
  const Look *l = data;
  for (size_t t = begin; t < end; t++) {
    const uint32_t *i = l->g->indices + 3 * t;
    HilumVec3 old = area_vector(l->base, i);
    l->g->bad[t] = hilum_vec3_dot(area_vector(l->now, i), old) < TRIANGLE_SHARE * hilum_vec3_dot(old, old);
  }
}

static void tetrahedra(size_t begin, size_t end, unsigned worker, void *data)
{
  const Look *l = data;
  for (size_t t = begin; t < end; t++) {
    const uint32_t *i = l->g->indices + 3 * t;
    l->g->part[t] =
        hilum_vec3_dot(corner(l->now, i[0]), hilum_vec3_cross(corner(l->now, i[1]), corner(l->now, i[2]))) /
        6;
  }
}

static void sum_shells(const HilumGuard *g, const HilumLanes *now, double *mm3)
{
  Look l = {g, NULL, now};
  hilum_parallel_for(g->n_triangles, GUARD_GRAIN, tetrahedra, &l);
  memset(mm3, 0, (size_t)g->n_shells * sizeof *mm3);
  for (size_t t = 0; t < g->n_triangles; t++) {
    HilumPieces p = pieces_of(g, t);
    mm3[p.of] += g->part[t];
    if (p.into != HILUM_NO_PIECE) mm3[p.into] -= g->part[t];
  }
}

void hilum_guard_set_base(HilumGuard *g, const HilumLanes *base)
{
  memset(g->level, 0, g->n_vertices);
  if (g->closed) sum_shells(g, base, g->base_mm3);
}

static void blame(const HilumGuard *g, size_t t, gboolean *wrong)
{
  HilumPieces p = pieces_of(g, t);
  wrong[p.of] = TRUE;
  if (p.into != HILUM_NO_PIECE) wrong[p.into] = TRUE;
}

/* Vertices of wrong triangles go up one level each, once a check. */
static bool raise_triangles(HilumGuard *g, gboolean *wrong)
{
  bool good = true;
  for (int pass = 0; pass < 2; pass++) /* raise, then forget who was raised */
    for (size_t t = 0; t < g->n_triangles; t++) {
      if (!g->bad[t]) continue;
      good = false;
      if (wrong) blame(g, t, wrong);
      for (size_t c = 0; c < 3; c++) {
        uint32_t v = g->indices[3 * t + c];
        if (pass == 0 && !g->touched[v] && g->level[v] < HILUM_GUARD_LEVELS) g->level[v]++;
        g->touched[v] = pass == 0;
      }
    }
  return good;
}

bool hilum_guard_check(HilumGuard *g, const HilumLanes *base, const HilumLanes *now, bool whole)
{
  Look l = {g, base, now};
  hilum_parallel_for(g->n_triangles, GUARD_GRAIN, look_at_triangles, &l);
  g_autofree gboolean *wrong = g_new0(gboolean, (gsize)g->n_shells + 1);
  bool good = raise_triangles(g, whole ? wrong : NULL), turned = false;
  if (g->closed) {
    sum_shells(g, now, g->now_mm3);
    for (uint32_t s = 0; s < g->n_shells; s++) {
      double before = g->base_mm3[s], share = before != 0 ? g->now_mm3[s] / before : 1;
      if (share < SHELL_SHARE) wrong[s] = turned = TRUE;
    }
  }
  if (turned || (whole && !good))
    for (size_t t = 0; t < g->n_triangles; t++) {
      HilumPieces p = pieces_of(g, t);
      if (!wrong[p.of] && (p.into == HILUM_NO_PIECE || !wrong[p.into])) continue;
      for (size_t c = 0; c < 3; c++)
        g->level[g->indices[3 * t + c]] = HILUM_GUARD_LEVELS;
    }
  return good && !turned;
}
