/* Self-intersection: pairs of triangles whose boxes meet, decided by exact orientations. Two triangles that
 * share a side meet beyond it only if folded flat onto each other; two that share a corner meet beyond it
 * only if the side that faces the corner in one of them meets the other; else some side of one must meet the
 * other. */
#include "bvh_private.h"
#include "exact_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/verdict.h"

#include <math.h>
#include <stdatomic.h>

enum { GRAIN = 1024 }; /* leaves */

typedef const float *Corners[3];

static bool between(const float *a, const float *b, const float *p)
{
  for (int i = 0; i < 3; i++)
    if (p[i] < MIN(a[i], b[i]) || p[i] > MAX(a[i], b[i])) return false;
  return true;
}

static bool segments_meet(const float *p, const float *q, const float *a, const float *b, int drop)
{
  const int s1 = hilum_orient2(p, q, a, drop), s2 = hilum_orient2(p, q, b, drop);
  const int s3 = hilum_orient2(a, b, p, drop), s4 = hilum_orient2(a, b, q, drop);
  if (s1 * s2 < 0 && s3 * s4 < 0) return true;
  return (s1 == 0 && between(p, q, a)) || (s2 == 0 && between(p, q, b)) || (s3 == 0 && between(a, b, p)) ||
         (s4 == 0 && between(a, b, q));
}

/* An axis along which the triangle has a shadow; -1: it has no area. */
static int drop_axis(Corners t)
{
  for (int a = 0; a < 3; a++)
    if (hilum_orient2(t[0], t[1], t[2], a) != 0) return a;
  return -1;
}

/* Closed segment against closed triangle. */
static bool meets(const float *p, const float *q, Corners t)
{
  const int a = hilum_orient3(t[0], t[1], t[2], p), b = hilum_orient3(t[0], t[1], t[2], q);
  if (a * b > 0) return false;
  int s[3];
  if (a || b) {
    for (int i = 0; i < 3; i++)
      s[i] = hilum_orient3(p, q, t[i], t[(i + 1) % 3]);
    return (s[0] >= 0 && s[1] >= 0 && s[2] >= 0) || (s[0] <= 0 && s[1] <= 0 && s[2] <= 0);
  }
  const int drop = drop_axis(t);
  for (int i = 0; i < 3; i++) {
    if (segments_meet(p, q, t[i], t[(i + 1) % 3], drop)) return true;
    s[i] = hilum_orient2(t[i], t[(i + 1) % 3], p, drop);
  }
  return s[0] == s[1] && s[1] == s[2];
}

/* --- what roundings cannot doubt ---
 * On flat surfaces neighbours lie in one plane, where only exact orientations tell that they do, and most
 * neighbours are of that kind. A plane that stands on one of them and has the other beyond it spares that. */

static void minus(const float *p, const float *q, double d[3])
{
  for (int a = 0; a < 3; a++)
    d[a] = (double)p[a] - (double)q[a];
}

/* A vector product and, in `most`, what its terms add up to without their signs: rounding errors are small
 * shares of that. `most_u` is that of u. */
static void cross(const double u[3], const double most_u[3], const double v[3], double n[3], double most[3])
{
  for (int a = 0; a < 3; a++) {
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    n[a] = u[b] * v[c] - u[c] * v[b];
    most[a] = most_u[b] * fabs(v[c]) + most_u[c] * fabs(v[b]);
  }
}

/* A plane that holds `along` and stands on the triangle of u and v: its normal. */
typedef struct {
  double m[3], most[3];
} Upright;

static Upright upright(const double u[3], const double v[3], const double along[3])
{
  const double most_u[3] = {fabs(u[0]), fabs(u[1]), fabs(u[2])};
  double n[3], most_n[3];
  Upright plane;
  cross(u, most_u, v, n, most_n);
  cross(n, most_n, along, plane.m, plane.most);
  return plane;
}

/* Above zero, or below, for certain; else 0. Differences, three products and their sums are a dozen
 * roundings. */
static int side_of(const Upright *plane, const double d[3])
{
  double sum = 0, most = 0;
  for (int a = 0; a < 3; a++) {
    sum += plane->m[a] * d[a];
    most += plane->most[a] * fabs(d[a]);
  }
  return (sum > 0x1p-46 * most) - (sum < -0x1p-46 * most);
}

/* They share e0 and e1; p and q are the other corners. True if p and q lie on different sides of the shared
 * one, seen from above. */
static bool unfolded(const float *e0, const float *e1, const float *p, const float *q)
{
  double e[3], u[3], v[3];
  minus(e1, e0, e);
  minus(p, e0, u);
  minus(q, e0, v);
  const Upright plane = upright(e, u, e);
  return side_of(&plane, u) * side_of(&plane, v) < 0;
}

/* They share c; a plane through it that stands on a side of the one triangle parts it from the other. */
static bool parted_by(const float *c, const float *const a[2], const float *const b[2])
{
  double u[2][3], v[2][3];
  for (int i = 0; i < 2; i++) {
    minus(a[i], c, u[i]);
    minus(b[i], c, v[i]);
  }
  for (int i = 0; i < 2; i++) {
    const Upright plane = upright(u[0], u[1], u[i]);
    const int side = side_of(&plane, u[1 - i]);
    if (side * side_of(&plane, v[0]) < 0 && side * side_of(&plane, v[1]) < 0) return true;
  }
  return false;
}

static bool parted(Corners a, int at_a, Corners b, int at_b)
{
  const float *const of_a[2] = {a[(at_a + 1) % 3], a[(at_a + 2) % 3]}, *const of_b[2] = {b[(at_b + 1) % 3],
                                                                                         b[(at_b + 2) % 3]};
  return parted_by(a[at_a], of_a, of_b) || parted_by(a[at_a], of_b, of_a);
}

/* Is all of b strictly on that side of a plane through `from`? */
static bool is_beyond(const Upright *plane, const float *from, Corners b, int side)
{
  for (int i = 0; i < 3; i++) {
    double d[3];
    minus(b[i], from, d);
    if (side == 0 || side_of(plane, d) != side) return false;
  }
  return true;
}

/* b lies on one side of the plane of a, or beyond one of its sides. */
static bool apart_from(Corners a, Corners b)
{
  double u[3], v[3], d[3];
  Upright plane;
  minus(a[1], a[0], u);
  minus(a[2], a[0], v);
  minus(b[0], a[0], d);
  const double most_u[3] = {fabs(u[0]), fabs(u[1]), fabs(u[2])};
  cross(u, most_u, v, plane.m, plane.most);
  if (is_beyond(&plane, a[0], b, side_of(&plane, d))) return true;
  for (int i = 0; i < 3; i++) {
    double along[3], third[3];
    minus(a[(i + 1) % 3], a[i], along);
    minus(a[(i + 2) % 3], a[i], third);
    plane = upright(u, v, along);
    if (is_beyond(&plane, a[i], b, -side_of(&plane, third))) return true;
  }
  return false;
}

static bool triangles_cross(const uint32_t *ia, Corners a, const uint32_t *ib, Corners b)
{
  int shared = 0, at_a = 0, at_b = 0, sum_a = 0, sum_b = 0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      if (ia[i] == ib[j]) {
        shared++;
        at_a = i;
        at_b = j;
        sum_a += i;
        sum_b += j;
      }
  if (shared == 2 && unfolded(a[at_a], a[3 - sum_a == (at_a + 1) % 3 ? (at_a + 2) % 3 : (at_a + 1) % 3],
                              a[3 - sum_a], b[3 - sum_b]))
    return false;
  if (shared == 1 && parted(a, at_a, b, at_b)) return false;
  if (shared == 0 && (apart_from(a, b) || apart_from(b, a))) return false;
  const int drop_a = drop_axis(a);
  if (drop_a < 0 || drop_axis(b) < 0) return false;
  if (shared >= 3) return true;
  if (shared == 2) {
    const int i = 3 - sum_a, j = 3 - sum_b;
    if (hilum_orient3(a[0], a[1], a[2], b[j]) != 0) return false;
    const float *e0 = a[(i + 1) % 3], *e1 = a[(i + 2) % 3];
    return hilum_orient2(e0, e1, a[i], drop_a) == hilum_orient2(e0, e1, b[j], drop_a);
  }
  if (shared == 1)
    return meets(a[(at_a + 1) % 3], a[(at_a + 2) % 3], b) || meets(b[(at_b + 1) % 3], b[(at_b + 2) % 3], a);
  for (int i = 0; i < 3; i++)
    if (meets(a[i], a[(i + 1) % 3], b) || meets(b[i], b[(i + 1) % 3], a)) return true;
  return false;
}

typedef struct {
  const HilumBvh *bvh;
  uint64_t *pairs;       /* per chunk */
  atomic_uchar *crossed; /* per triangle, or NULL */
  const HilumProgress *progress;
} Search;

typedef struct {
  Search *search;
  uint64_t pairs;
} Part;

static void point_at(const HilumBvh *bvh, size_t t, Corners c)
{
  for (size_t i = 0; i < 3; i++)
    c[i] = bvh->positions + 3 * (size_t)bvh->indices[3 * t + i];
}

static void visit(uint32_t a, uint32_t b, void *data)
{
  Part *part = data;
  const Search *s = part->search;
  Corners of_a, of_b;
  point_at(s->bvh, a, of_a);
  point_at(s->bvh, b, of_b);
  if (!triangles_cross(s->bvh->indices + 3 * (size_t)a, of_a, s->bvh->indices + 3 * (size_t)b, of_b)) return;
  part->pairs++;
  if (s->crossed) {
    atomic_store_explicit(&s->crossed[a], 1, memory_order_relaxed);
    atomic_store_explicit(&s->crossed[b], 1, memory_order_relaxed);
  }
}

static void search_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Search *s = data;
  Part part = {.search = s};
  for (size_t leaf = begin; leaf < end; leaf++) {
    if ((leaf & 63) == 0 && hilum_progress_cancelled(s->progress)) return;
    hilum_bvh_pairs(s->bvh, (uint32_t)leaf, visit, &part);
  }
  s->pairs[begin / GRAIN] = part.pairs;
}

bool hilum_mesh_self_intersections(const HilumMesh *mesh, uint64_t *pairs, uint8_t *crossed,
                                   const HilumProgress *progress, GError **error)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  HilumBvh bvh;
  *pairs = 0;
  if (!hilum_bvh_init(&bvh, mesh, error)) return false;
  const size_t leaves = nt > 0 ? bvh.count[0] : 0, chunks = hilum_parallel_chunks(leaves, GRAIN);
  Search s = {.bvh = &bvh, .pairs = g_new0(uint64_t, chunks + 1), .progress = progress};
  s.crossed = crossed ? hilum_big_alloc0(MAX(nt, 1u) * sizeof *s.crossed, error) : NULL;
  bool good = !crossed || s.crossed;
  if (good) {
    hilum_parallel_for(leaves, GRAIN, search_chunk, &s);
    for (size_t c = 0; c < chunks; c++)
      *pairs += s.pairs[c];
    for (uint32_t t = 0; crossed && t < nt; t++)
      crossed[t] = atomic_load_explicit(&s.crossed[t], memory_order_relaxed);
    good = !hilum_progress_fail(progress, error);
  }
  hilum_big_free(s.crossed);
  g_free(s.pairs);
  hilum_bvh_clear(&bvh);
  return good;
}

int64_t hilum_mesh_report_genus(const HilumMeshReport *report)
{
  return report->closed && report->manifold ? (2 * (int64_t)report->shells - report->euler) / 2 : -1;
}
