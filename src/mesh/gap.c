/* The least distance between two surfaces. The corners of one give a first answer; then every triangle of it
 * that could hold a nearer point is compared with all triangles of the other within that reach, face against
 * corner and side against side, of which one pair realises the least distance between two triangles (C.
 * Ericson, Real-Time Collision Detection, 2005, 5.1.9 and 5.1.10). */
#include "bvh_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/error.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 2048 };

typedef struct {
  double d2;
  double a[3], b[3];
} Pair;

typedef struct {
  double p[3][3];
} Triangle;

typedef struct {
  const HilumMesh *from;
  const HilumBvh *bvh; /* of the other; its frame is the one in use */
  double shift[3];
  double *d2; /* per vertex of `from` */
  const HilumProgress *progress;
  Triangle t; /* of `from`, the one at hand */
  Pair best;
} Work;

static void vertex_at(const Work *w, size_t v, double p[3])
{
  const float *at = hilum_mesh_get_positions(w->from) + 3 * v;
  for (int a = 0; a < 3; a++)
    p[a] = (double)at[a] + w->shift[a];
}

static void near_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  for (size_t v = begin; v < end; v++) {
    double p[3];
    if (v % 256 == 0 && hilum_progress_cancelled(w->progress)) return;
    vertex_at(w, v, p);
    w->d2[v] = hilum_bvh_nearest(w->bvh, p, INFINITY).d2;
  }
}

static double dot(const double *a, const double *b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void sub(const double *a, const double *b, double *out)
{
  for (int i = 0; i < 3; i++)
    out[i] = a[i] - b[i];
}

static void along(const double *p, const double *d, double t, double *out)
{
  for (int i = 0; i < 3; i++)
    out[i] = p[i] + t * d[i];
}

static void take(Work *w, const double *a, const double *b)
{
  double d[3];
  sub(a, b, d);
  const double d2 = dot(d, d);
  if (d2 >= w->best.d2) return;
  w->best.d2 = d2;
  memcpy(w->best.a, a, sizeof w->best.a);
  memcpy(w->best.b, b, sizeof w->best.b);
}

/* Nearest points of two segments; a point where one has no length. */
static void sides(Work *w, const double *p1, const double *q1, const double *p2, const double *q2)
{
  double d1[3], d2[3], r[3], a[3], b[3], s = 0, t = 0;
  sub(q1, p1, d1);
  sub(q2, p2, d2);
  sub(p1, p2, r);
  const double l1 = dot(d1, d1), l2 = dot(d2, d2), f = dot(d2, r), c = dot(d1, r), m = dot(d1, d2);
  if (l1 > 0 && l2 > 0) {
    const double det = l1 * l2 - m * m;
    if (det > 1e-14 * l1 * l2) s = CLAMP((m * f - c * l2) / det, 0, 1); /* else they are parallel */
    t = (m * s + f) / l2;
    if (t < 0 || t > 1) {
      t = CLAMP(t, 0, 1);
      s = CLAMP((m * t - c) / l1, 0, 1);
    }
  } else if (l1 > 0) {
    s = CLAMP(-c / l1, 0, 1);
  } else if (l2 > 0) {
    t = CLAMP(f / l2, 0, 1);
  }
  along(p1, d1, s, a);
  along(p2, d2, t, b);
  take(w, a, b);
}

/* Where a side of one goes through the other, they meet. */
static void through(Work *w, const double *p, const double *q, const Triangle *other)
{
  const double(*t)[3] = other->p;
  double e1[3], e2[3], up[3], uq[3], d[3], x[3], nearest[3];
  sub(t[1], t[0], e1);
  sub(t[2], t[0], e2);
  const double n[3] = {e1[1] * e2[2] - e1[2] * e2[1], e1[2] * e2[0] - e1[0] * e2[2],
                       e1[0] * e2[1] - e1[1] * e2[0]};
  sub(p, t[0], up);
  sub(q, t[0], uq);
  const double hp = dot(n, up), hq = dot(n, uq);
  if (hp * hq >= 0) return; /* or they touch, which sides and corners find */
  sub(q, p, d);
  along(p, d, hp / (hp - hq), x);
  const double off2 = hilum_nearest_on_triangle(x, t[0], t[1], t[2], nearest);
  if (off2 <= 1e-24 * (1 + dot(d, d))) take(w, x, x);
}

/* Called for triangles of the other surface. */
static bool compare(uint32_t triangle, void *data)
{
  Work *w = data;
  Triangle other;
  double(*o)[3] = other.p, q[3];
  hilum_triangle_corners(w->bvh->positions, w->bvh->indices, triangle, o);
  for (int i = 0; i < 3; i++) {
    hilum_nearest_on_triangle(w->t.p[i], o[0], o[1], o[2], q);
    take(w, w->t.p[i], q);
    hilum_nearest_on_triangle(o[i], w->t.p[0], w->t.p[1], w->t.p[2], q);
    take(w, q, o[i]);
    through(w, w->t.p[i], w->t.p[(i + 1) % 3], &other);
    through(w, o[i], o[(i + 1) % 3], &w->t);
    for (int j = 0; j < 3; j++)
      sides(w, w->t.p[i], w->t.p[(i + 1) % 3], o[j], o[(j + 1) % 3]);
  }
  return w->best.d2 > 0;
}

/* No point of the triangle is nearer to the other surface than its nearest corner less its longest side. */
static bool may_be_nearer(const Work *w, const uint32_t *corner)
{
  double side2 = 0, d[3];
  for (int i = 0; i < 3; i++) {
    sub(w->t.p[i], w->t.p[(i + 1) % 3], d);
    side2 = fmax(side2, dot(d, d));
  }
  const double nearest = sqrt(fmin(w->d2[corner[0]], fmin(w->d2[corner[1]], w->d2[corner[2]])));
  return nearest - sqrt(side2) < sqrt(w->best.d2);
}

static void compare_triangle(Work *w, size_t t)
{
  const uint32_t *corner = hilum_mesh_get_indices(w->from) + 3 * t;
  const double reach = sqrt(w->best.d2);
  float lo[3], hi[3];
  for (int i = 0; i < 3; i++)
    vertex_at(w, corner[i], w->t.p[i]);
  if (!may_be_nearer(w, corner)) return;
  for (int a = 0; a < 3; a++) {
    const double low = fmin(w->t.p[0][a], fmin(w->t.p[1][a], w->t.p[2][a])) - reach;
    const double high = fmax(w->t.p[0][a], fmax(w->t.p[1][a], w->t.p[2][a])) + reach;
    lo[a] = nextafterf((float)low, -INFINITY);
    hi[a] = nextafterf((float)high, INFINITY);
  }
  hilum_bvh_overlaps(w->bvh, lo, hi, compare, w);
}

static void from_corners(Work *w)
{
  size_t first = 0;
  double p[3];
  for (size_t v = 1; v < hilum_mesh_get_vertex_count(w->from); v++)
    if (w->d2[v] < w->d2[first]) first = v;
  vertex_at(w, first, p);
  const HilumNearest near = hilum_bvh_nearest(w->bvh, p, INFINITY);
  w->best.d2 = INFINITY;
  take(w, p, near.point);
}

static bool search(Work *w, GError **error)
{
  hilum_parallel_for(hilum_mesh_get_vertex_count(w->from), GRAIN, near_chunk, w);
  if (hilum_progress_fail(w->progress, error)) return false;
  hilum_progress_step(w->progress, 0.7);
  from_corners(w);
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(w->from) && w->best.d2 > 0; t++) {
    if (t % GRAIN == 0 && hilum_progress_fail(w->progress, error)) return false;
    compare_triangle(w, t);
  }
  hilum_progress_step(w->progress, 1);
  return true;
}

bool hilum_mesh_gap(const HilumMesh *a, const HilumMesh *b, HilumSurfaceGap *gap,
                    const HilumProgress *progress, GError **error)
{
  *gap = (HilumSurfaceGap){.mm = NAN};
  if (hilum_mesh_get_triangle_count(a) == 0 || hilum_mesh_get_triangle_count(b) == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "A surface without triangles has no distance to another");
    return false;
  }
  HilumBvh bvh;
  const HilumVec3 origin = hilum_mesh_get_origin_mm(b);
  const HilumVec3 shift = hilum_vec3_sub(hilum_mesh_get_origin_mm(a), origin);
  Work w = {.from = a, .bvh = &bvh, .shift = {shift.x, shift.y, shift.z}, .progress = progress};
  w.d2 = hilum_big_alloc((size_t)hilum_mesh_get_vertex_count(a) * sizeof *w.d2, error);
  if (!w.d2) return false;
  const bool good = hilum_bvh_init(&bvh, b, error);
  const bool found = good && search(&w, error);
  if (good) hilum_bvh_clear(&bvh);
  hilum_big_free(w.d2);
  if (!found) return false;
  gap->mm = sqrt(w.best.d2);
  gap->a_mm = hilum_vec3_add(origin, hilum_vec3(w.best.a[0], w.best.a[1], w.best.a[2]));
  gap->b_mm = hilum_vec3_add(origin, hilum_vec3(w.best.b[0], w.best.b[1], w.best.b[2]));
  return true;
}
