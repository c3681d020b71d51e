/* Local thickness of a surface, decided by balls that are known and, where none holds, by branch and bound.
 */
#include "openness_private.h"

#include "bvh_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

#define MORE 1.1 /* radii are known up to this times the one asked for */
enum {
  MAX_STEPS = 5,
  GRAIN = 512,
  STACK = 256 /* seven cubes wait on each level, and there are less than 36 */
};

/* --- regions --- */

HilumRegion hilum_region_new(const HilumMesh *mesh, double cell)
{
  const HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  const HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  const double size[3] = {box.max.x - box.min.x, box.max.y - box.min.y, box.max.z - box.min.z};
  HilumRegion r = {{box.min.x - o.x, box.min.y - o.y, box.min.z - o.z}, cell, {0, 0, 0}, NULL};
  for (int a = 0; a < 3; a++) {
    r.cell = fmax(r.cell, size[a] / 1000);
    r.lo[a] -= cell;
  }
  for (int a = 0; a < 3; a++)
    r.n[a] = (int32_t)(size[a] / r.cell) + 4;
  r.marked = g_malloc0_n((size_t)r.n[0] * (size_t)r.n[1], (size_t)r.n[2]);
  return r;
}

static inline bool region_cell(const HilumRegion *r, const double p[3], int32_t at[3])
{
  for (int a = 0; a < 3; a++) {
    const double x = floor((p[a] - r->lo[a]) / r->cell);
    if (!(x >= -1 && x <= r->n[a])) return false;
    at[a] = (int32_t)x;
  }
  return true;
}

void hilum_region_mark(HilumRegion *r, const double p[3])
{
  int32_t at[3];
  if (!region_cell(r, p, at)) return;
  for (int32_t k = MAX(at[2] - 1, 0); k <= MIN(at[2] + 1, r->n[2] - 1); k++)
    for (int32_t j = MAX(at[1] - 1, 0); j <= MIN(at[1] + 1, r->n[1] - 1); j++)
      for (int32_t i = MAX(at[0] - 1, 0); i <= MIN(at[0] + 1, r->n[0] - 1); i++)
        r->marked[((size_t)k * (size_t)r->n[1] + (size_t)j) * (size_t)r->n[0] + (size_t)i] = 1;
}

bool hilum_region_holds(const HilumRegion *r, const double p[3])
{
  int32_t at[3];
  if (!r) return true;
  if (!region_cell(r, p, at)) return false;
  for (int a = 0; a < 3; a++)
    if (at[a] < 0 || at[a] >= r->n[a]) return false;
  return r->marked[((size_t)at[2] * (size_t)r->n[1] + (size_t)at[1]) * (size_t)r->n[0] + (size_t)at[0]] != 0;
}

/* --- balls --- */

typedef struct {
  double c[3], r; /* inside; no triangle is nearer to c than r */
} Ball;

/* Balls by the cell of their middle. */
typedef struct {
  double lo[3], cell;
  int32_t n[3];
  uint32_t *first;
  Ball *balls;
} BallHash;

typedef struct {
  const HilumBvh *bvh;
  const float *normals;
  const HilumRegion *region;
  double radius, tolerance;
  HilumOpennessEffort effort;
  bool want_thin;
  Ball *own;             /* by vertex; r < 0: none, or not looked at */
  uint32_t *triangle_of; /* by vertex: one that it is a corner of */
  BallHash hash;
  struct {
    HilumOpenness found;
    GArray *thin;
  } * chunks;
  const HilumProgress *progress;
} Work;

static inline void triangle_middle(const HilumBvh *bvh, size_t t, double x[3], double n[3], double *height)
{
  double c[3][3], longest2 = 0;
  hilum_triangle_corners(bvh->positions, bvh->indices, t, c);
  for (int a = 0; a < 3; a++) {
    const int b = (a + 1) % 3, d = (a + 2) % 3;
    x[a] = (c[0][a] + c[1][a] + c[2][a]) / 3;
    n[a] = (c[1][b] - c[0][b]) * (c[2][d] - c[0][d]) - (c[1][d] - c[0][d]) * (c[2][b] - c[0][b]);
    double e2 = 0;
    for (int k = 0; k < 3; k++)
      e2 += (c[b][k] - c[a][k]) * (c[b][k] - c[a][k]);
    longest2 = MAX(longest2, e2);
  }
  const double area2 = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  for (int a = 0; a < 3; a++)
    n[a] = area2 > 0 ? n[a] / area2 : 0;
  *height = longest2 > 0 ? area2 / sqrt(longest2) : 0;
}

/* c is inside if the first triangle on the way to x, a point of the surface, is seen from behind. */
static bool is_inside(const HilumBvh *bvh, const double c[3], const double x[3])
{
  const double dir[3] = {x[0] - c[0], x[1] - c[1], x[2] - c[2]};
  uint32_t t;
  double m[3], n[3], height;
  hilum_bvh_ray(bvh, c, dir, 0, UINT32_MAX, &t);
  if (t == UINT32_MAX) return false;
  triangle_middle(bvh, t, m, n, &height);
  return n[0] * dir[0] + n[1] * dir[1] + n[2] * dir[2] > 0;
}

/* Distance to the surface, at most `most`. */
static inline double clearance(const HilumBvh *bvh, const double c[3], double most)
{
  const HilumNearest q = hilum_bvh_nearest(bvh, c, most * most);
  return q.triangle == UINT32_MAX ? most : sqrt(q.d2);
}

static inline double distance(const double p[3], const double q[3])
{
  const double d[3] = {p[0] - q[0], p[1] - q[1], p[2] - q[2]};
  return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

/* A ball that is great enough and holds x, where the surface has this normal: the one that touches x, moved
 * off what is too near, a few times; false: not found. */
static bool try_touching(const Work *w, const double x[3], const double n[3], const double seen[3],
                         Ball *ball)
{
  const double most = MORE * w->radius;
  for (int a = 0; a < 3; a++)
    ball->c[a] = x[a] - w->radius * n[a];
  for (int step = 0; step < MAX_STEPS; step++) {
    const HilumNearest q = hilum_bvh_nearest(w->bvh, ball->c, most * most);
    ball->r = q.triangle == UINT32_MAX ? most : sqrt(q.d2);
    if (!(ball->r > 0.1 * w->radius) || distance(ball->c, x) > ball->r + w->radius / 4) return false;
    if (ball->r >= w->radius - w->tolerance / 2 && distance(ball->c, x) <= ball->r + w->tolerance)
      return is_inside(w->bvh, ball->c, seen);
    for (int a = 0; a < 3; a++)
      ball->c[a] += (w->radius / ball->r - 1) * (ball->c[a] - q.point[a]);
  }
  return false;
}

static void touch_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  for (size_t v = begin; v < end; v++) {
    double x[3], n[3], seen[3], unused[3], height;
    w->own[v].r = -1;
    if ((v & 63) == 0 && hilum_progress_cancelled(w->progress)) return;
    for (size_t a = 0; a < 3; a++) {
      x[a] = (double)w->bvh->positions[3 * v + a];
      n[a] = (double)w->normals[3 * v + a];
    }
    if (w->triangle_of[v] == UINT32_MAX || !hilum_region_holds(w->region, x)) continue;
    triangle_middle(w->bvh, w->triangle_of[v], seen, unused, &height);
    Ball ball;
    if (try_touching(w, x, n, seen, &ball)) w->own[v] = ball;
  }
}

static inline int32_t ball_cell(const BallHash *h, double x, int a)
{
  return (int32_t)CLAMP(floor((x - h->lo[a]) / h->cell), 0, h->n[a] - 1);
}

static inline size_t ball_slot(const BallHash *h, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)k * (size_t)h->n[1] + (size_t)j) * (size_t)h->n[0] + (size_t)i;
}

static bool hash_balls(Work *w, uint32_t nv, GError **error)
{
  BallHash *h = &w->hash;
  double hi[3] = {-INFINITY, -INFINITY, -INFINITY};
  uint32_t count = 0;
  h->cell = MORE * w->radius;
  for (int a = 0; a < 3; a++)
    h->lo[a] = INFINITY;
  for (uint32_t v = 0; v < nv; v++) {
    if (w->own[v].r < 0) continue;
    count++;
    for (int a = 0; a < 3; a++) {
      h->lo[a] = MIN(h->lo[a], w->own[v].c[a]);
      hi[a] = MAX(hi[a], w->own[v].c[a]);
    }
  }
  for (int a = 0; a < 3 && count > 0; a++)
    h->cell = MAX(h->cell, (hi[a] - h->lo[a]) / 1000);
  for (int a = 0; a < 3; a++)
    h->n[a] = count > 0 ? (int32_t)((hi[a] - h->lo[a]) / h->cell) + 1 : 1;
  const size_t cells = (size_t)h->n[0] * (size_t)h->n[1] * (size_t)h->n[2];
  h->first = hilum_big_alloc0((cells + 2) * sizeof *h->first, error);
  h->balls = h->first ? hilum_big_alloc(((size_t)count + 1) * sizeof *h->balls, error) : NULL;
  if (!h->balls) return false;
  uint32_t *at = h->first + 1; /* shifted by one while being filled */
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t v = 0; v < nv; v++) {
      const Ball *b = &w->own[v];
      if (b->r < 0) continue;
      const size_t slot =
          ball_slot(h, ball_cell(h, b->c[0], 0), ball_cell(h, b->c[1], 1), ball_cell(h, b->c[2], 2));
      if (pass == 0)
        at[slot + 1]++;
      else
        h->balls[at[slot]++] = *b;
    }
    for (size_t s = 0; pass == 0 && s < cells; s++)
      at[s + 1] += at[s];
  }
  return true;
}

static bool holds(const Work *w, const Ball *ball, const double x[3])
{
  return ball->r >= 0 && distance(ball->c, x) <= ball->r + w->tolerance;
}

static bool is_known(const Work *w, const double x[3])
{
  const BallHash *h = &w->hash;
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = ball_cell(h, x[a] - MORE * w->radius - w->tolerance, a);
    hi[a] = ball_cell(h, x[a] + MORE * w->radius + w->tolerance, a);
  }
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      for (int32_t i = lo[0]; i <= hi[0]; i++)
        for (uint32_t b = h->first[ball_slot(h, i, j, k)]; b < h->first[ball_slot(h, i, j, k) + 1]; b++)
          if (holds(w, &h->balls[b], x)) return true;
  return false;
}

/* --- branch and bound --- */

typedef struct {
  double m[3], half, depth;
} Cube;

typedef struct {
  const Work *w;
  const double *x, *seen;
  double target; /* a ball as great as that is enough */
  bool exact;
  Ball best;
} Hunt;

/* The distance to the surface, negative outside, at most `most`. Where the nearest point is the foot of a
 * perpendicular its triangle tells the side; else what is first seen on the way to `seen` does. */
static double signed_clearance(const HilumBvh *bvh, const double p[3], const double seen[3], double most)
{
  const HilumNearest q = hilum_bvh_nearest(bvh, p, most * most);
  const double u = q.triangle == UINT32_MAX ? most : sqrt(q.d2);
  if (q.triangle != UINT32_MAX) {
    double m[3], n[3], height, along = 0;
    triangle_middle(bvh, q.triangle, m, n, &height);
    for (int a = 0; a < 3; a++)
      along += n[a] * (p[a] - q.point[a]);
    if (fabs(along) > (1 - 1e-9) * u && height > 0) return along < 0 ? u : -u;
  }
  return is_inside(bvh, p, seen) ? u : -u;
}

/* Looks at the middle of a cube; false: no ball of those looked for has its middle in it. */
static bool look(Hunt *s, Cube *cube)
{
  const double e = cube->half * sqrt(3), away = distance(cube->m, s->x), tolerance = s->w->tolerance;
  const double wanted = s->exact ? MAX(s->best.r + tolerance / 2, 0) : s->target;
  if (away - e - tolerance > s->w->radius) return false;
  const double depth = signed_clearance(s->w->bvh, cube->m, s->seen, s->w->radius + e);
  if (depth >= away - tolerance && depth > s->best.r) {
    s->best.r = MIN(depth, s->w->radius);
    memcpy(s->best.c, cube->m, sizeof cube->m);
  }
  cube->depth = depth;
  return depth + e >= MAX(wanted, away - e - tolerance);
}

/* The greatest ball inside that comes within the tolerance of x, or the first that is great enough. Depth
 * first, the deepest of the eight next. */
static void hunt(Hunt *s)
{
  Cube stack[STACK];
  int top = 0;
  stack[top] = (Cube){.half = s->w->radius + s->w->tolerance};
  memcpy(stack[top].m, s->x, sizeof stack[top].m);
  if (look(s, &stack[top])) top++;
  while (top > 0 && s->best.r < s->target) {
    const Cube cube = stack[--top];
    const double e = cube.half * sqrt(3);
    if (e <= s->w->tolerance / 2 || top + 8 > STACK ||
        (s->exact && cube.depth + e <= s->best.r + s->w->tolerance / 2))
      continue;
    const int bottom = top;
    for (int child = 0; child < 8; child++) {
      Cube next = {.half = cube.half / 2};
      for (int a = 0; a < 3; a++)
        next.m[a] = cube.m[a] + (child >> a & 1 ? next.half : -next.half);
      if (!look(s, &next)) continue;
      int at = top++;
      for (; at > bottom && stack[at - 1].depth > next.depth; at--)
        stack[at] = stack[at - 1];
      stack[at] = next;
    }
  }
}

/* A deep place within reach of x, by climbing: along the normal first, then off what is nearest. */
static Ball climb(const Work *w, const double x[3], const double n[3], const double seen[3])
{
  Ball best = {{x[0], x[1], x[2]}, 0};
  for (double share = 1; share > 0.04 && best.r <= 0; share *= 0.8) {
    Ball b;
    for (int a = 0; a < 3; a++)
      b.c[a] = x[a] - share * w->radius * n[a];
    b.r = clearance(w->bvh, b.c, MORE * w->radius);
    if (holds(w, &b, x) && is_inside(w->bvh, b.c, seen)) best = b;
  }
  for (double step = w->radius / 4; best.r > 0 && step > w->tolerance / 2;) {
    const HilumNearest q = hilum_bvh_nearest(w->bvh, best.c, INFINITY);
    Ball b;
    for (int a = 0; a < 3; a++)
      b.c[a] = best.c[a] + MIN(step, 0.9 * best.r) * (best.c[a] - q.point[a]) / best.r;
    b.r = clearance(w->bvh, b.c, MORE * w->radius);
    if (b.r > best.r && holds(w, &b, x))
      best = b; /* a step is shorter than the way to the surface: the same side */
    else
      step /= 2;
  }
  return best;
}

/* Whether x is too thin; the deepest place within reach that was found, if so: for certain the deepest where
 * it could be the `least`. */
static bool is_thin(const Work *w, const double x[3], const double n[3], const double seen[3], double least,
                    Ball *best)
{
  Hunt s = {w, x, seen, w->radius - w->tolerance / 2, false, climb(w, x, n, seen)};
  if (w->effort != HILUM_OPENNESS_QUICK) hunt(&s);
  if (s.best.r >= s.target) return false;
  if (w->effort == HILUM_OPENNESS_EXACT && 2 * s.best.r < least) {
    s.exact = true;
    hunt(&s);
  }
  *best = s.best;
  return true;
}

static void note(Work *w, size_t chunk, const double x[3], const double c[3], double diameter)
{
  HilumThin thin = {{x[0], x[1], x[2]}, {c[0], c[1], c[2]}, diameter};
  w->chunks[chunk].found.below++;
  if (!w->want_thin) return;
  if (!w->chunks[chunk].thin) w->chunks[chunk].thin = g_array_new(FALSE, FALSE, sizeof(HilumThin));
  g_array_append_val(w->chunks[chunk].thin, thin);
}

/* Is a place thick by ball? Notes it if not. */
static bool check_ball(Work *w, size_t chunk, const double x[3], const double n[3], const double seen[3])
{
  Ball best;
  if (is_known(w, x) || !is_thin(w, x, n, seen, w->chunks[chunk].found.least_ball_mm, &best)) return true;
  w->chunks[chunk].found.least_ball_mm = MIN(w->chunks[chunk].found.least_ball_mm, 2 * best.r);
  note(w, chunk, x, best.c, 2 * best.r);
  return false;
}

static void check_ray(Work *w, size_t chunk, const double x[3], const double n[3])
{
  const double in[3] = {-n[0], -n[1], -n[2]};
  const double way = hilum_bvh_ray(w->bvh, x, in, 1e-3 * w->tolerance, UINT32_MAX, NULL);
  HilumOpenness *found = &w->chunks[chunk].found;
  found->least_ray_mm = MIN(found->least_ray_mm, way);
  if (way >= 2 * (w->radius - w->tolerance)) return;
  const double c[3] = {x[0] + way / 2 * in[0], x[1] + way / 2 * in[1], x[2] + way / 2 * in[2]};
  note(w, chunk, x, c, way);
}

static void check_triangle(Work *w, size_t chunk, size_t t)
{
  double x[3], n[3], height;
  triangle_middle(w->bvh, t, x, n, &height);
  bool thick = true, known = false;
  if (hilum_region_holds(w->region, x)) {
    Ball ball;
    for (size_t c = 0; c < 3 && !known; c++)
      known = holds(w, &w->own[w->bvh->indices[3 * t + c]], x);
    if (!known && !try_touching(w, x, n, x, &ball)) thick = check_ball(w, chunk, x, n, x);
    if (thick && height >= w->tolerance / 2) check_ray(w, chunk, x, n);
  }
  for (size_t c = 0; c < 3; c++) { /* its corners, where no other triangle has them */
    const uint32_t v = w->bvh->indices[3 * t + c];
    if (w->triangle_of[v] != t || w->own[v].r >= 0) continue;
    double p[3], np[3];
    for (size_t a = 0; a < 3; a++) {
      p[a] = (double)w->bvh->positions[3 * (size_t)v + a];
      np[a] = (double)w->normals[3 * (size_t)v + a];
    }
    if (hilum_region_holds(w->region, p)) check_ball(w, chunk, p, np, x);
  }
}

static void check_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  const size_t chunk = begin / GRAIN;
  w->chunks[chunk].found = (HilumOpenness){2 * w->radius, 2 * w->radius, 0};
  for (size_t t = begin; t < end; t++) {
    if ((t & 31) == 0 && hilum_progress_cancelled(w->progress)) return;
    check_triangle(w, chunk, t);
  }
}

static bool check(Work *w, uint32_t nv, HilumOpenness *openness, GArray *thin, GError **error)
{
  const uint32_t nt = w->bvh->n_triangles;
  hilum_parallel_for(nv, GRAIN, touch_chunk, w);
  if (hilum_progress_fail(w->progress, error) || !hash_balls(w, nv, error)) return false;
  hilum_progress_step(w->progress, 0.5);
  const size_t chunks = hilum_parallel_chunks(nt, GRAIN);
  w->chunks = g_malloc0_n(chunks + 1, sizeof *w->chunks);
  hilum_parallel_for(nt, GRAIN, check_chunk, w);
  for (size_t c = 0; c < chunks; c++) {
    const HilumOpenness *found = &w->chunks[c].found;
    openness->least_ball_mm = MIN(openness->least_ball_mm, found->least_ball_mm);
    openness->least_ray_mm = MIN(openness->least_ray_mm, found->least_ray_mm);
    openness->below += found->below;
    if (!w->chunks[c].thin) continue;
    g_array_append_vals(thin, w->chunks[c].thin->data, w->chunks[c].thin->len);
    g_array_unref(w->chunks[c].thin);
  }
  g_free(w->chunks);
  return !hilum_progress_fail(w->progress, error);
}

bool hilum_mesh_openness(const HilumMesh *mesh, double diameter, double tolerance, const HilumRegion *region,
                         HilumOpennessEffort effort, HilumOpenness *openness, GArray *thin,
                         const HilumProgress *progress, GError **error)
{
  HilumBvh bvh;
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh);
  *openness = (HilumOpenness){diameter, diameter, 0};
  if (!hilum_bvh_init(&bvh, mesh, error)) return false;
  Work w = {.bvh = &bvh,
            .normals = hilum_mesh_get_normals((HilumMesh *)mesh),
            .region = region,
            .radius = diameter / 2,
            .tolerance = tolerance,
            .effort = effort,
            .want_thin = thin != NULL,
            .progress = progress};
  w.own = hilum_big_alloc(((size_t)nv + 1) * sizeof *w.own, error);
  w.triangle_of = w.own ? hilum_big_alloc(((size_t)nv + 1) * sizeof *w.triangle_of, error) : NULL;
  bool good = w.triangle_of != NULL;
  for (uint32_t v = 0; good && v < nv; v++)
    w.triangle_of[v] = UINT32_MAX;
  for (size_t c = 3 * (size_t)nt; good && c-- > 0;)
    w.triangle_of[bvh.indices[c]] = (uint32_t)(c / 3);
  good = good && check(&w, nv, openness, thin, error);
  hilum_big_free(w.own);
  hilum_big_free(w.triangle_of);
  hilum_big_free(w.hash.first);
  hilum_big_free(w.hash.balls);
  hilum_bvh_clear(&bvh);
  return good;
}
