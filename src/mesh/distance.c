/* Distance between surfaces.
 *
 * Mean and percentiles come from points spread evenly over each triangle, as in P. Cignoni, C. Rocchini, R.
 * Scopigno, Metro: measuring error on simplified surfaces, Computer Graphics Forum 17, 1998. The greatest
 * distance is not left to samples: the distance to one triangle of the other surface is a convex function, so
 * over a triangle its greatest value lies in a corner; the least such value over the triangles found nearest
 * to the corners bounds the distance to the whole surface from above. Where that is not enough the triangle
 * is cut into four (the idea of M. Tang, M. Lee, Y. Kim, Interactive Hausdorff distance computation for
 * general polygonal models, SIGGRAPH 2009). */
#include "hilum/mesh/distance.h"

#include "distance_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRAIN = 2048, MAX_DEPTH = 6, MAX_SIDE = 32 };
#define SAMPLES_WANTED 100000.0 /* at least so many, if the triangles are few */

typedef struct {
  double p[3];
  HilumNearest near;
} Corner;

/* `hint`: a triangle thought to be near, which saves most of the search. */
static HilumNearest nearest_from(const HilumBvh *bvh, const double p[3], uint32_t hint)
{
  double t[3][3];
  HilumNearest guess = {.triangle = hint};
  hilum_triangle_corners(bvh->positions, bvh->indices, hint, t);
  guess.d2 = hilum_nearest_on_triangle(p, t[0], t[1], t[2], guess.point);
  const HilumNearest nearer = hilum_bvh_nearest(bvh, p, guess.d2);
  return nearer.triangle != UINT32_MAX ? nearer : guess;
}

static Corner corner_at(const HilumBvh *bvh, const double p[3], uint32_t hint)
{
  Corner c;
  memcpy(c.p, p, sizeof c.p);
  c.near = hint == UINT32_MAX ? hilum_bvh_nearest(bvh, p, INFINITY) : nearest_from(bvh, p, hint);
  return c;
}

static double distance2(const double a[3], const double b[3])
{
  const double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

/* Least over the candidate triangles, those nearest to the corners and to the middle, of the greatest corner
 * distance. */
static double convex_bound(const HilumBvh *bvh, const Corner c[3], uint32_t middle)
{
  double least = INFINITY;
  for (int k = 0; k < 4; k++) {
    double t[3][3], q[3], most = 0;
    hilum_triangle_corners(bvh->positions, bvh->indices, k < 3 ? c[k].near.triangle : middle, t);
    for (int i = 0; i < 3 && most < least; i++) {
      const double d2 = hilum_nearest_on_triangle(c[i].p, t[0], t[1], t[2], q);
      most = MAX(most, d2);
    }
    least = MIN(least, most);
  }
  return sqrt(least);
}

/* No point of a triangle is farther than this from the nearest of its corners: the radius of the circle
 * through them, or if one angle is blunt, what is left on the side that faces it once the corners have their
 * share. */
static double reach_of(const double *a, const double *b, const double *c)
{
  const double *p[3] = {a, b, c};
  double side2[3]; /* facing each corner */
  int blunt = 0;
  for (int i = 0; i < 3; i++) {
    side2[i] = distance2(p[(i + 1) % 3], p[(i + 2) % 3]);
    if (side2[i] > side2[blunt]) blunt = i;
  }
  const double longest = side2[blunt], u = side2[(blunt + 1) % 3], v = side2[(blunt + 2) % 3];
  if (!(longest > 0)) return 0;
  if (longest >= u + v) { /* along that side, the corner facing it has its foot so far from its ends: */
    const double root = sqrt(longest), to_v = (longest + u - v) / (2 * root), to_u = root - to_v;
    return MIN(root / 2, MAX(u / (2 * MAX(to_v, 1e-300)), v / (2 * MAX(to_u, 1e-300))));
  }
  const double area16 = 4 * u * v - (u + v - longest) * (u + v - longest);
  return sqrt(longest * u * v / area16);
}

/* The distance grows at most as fast as one walks (it is 1-Lipschitz), and nobody in the triangle walks far
 * from where it is known: a corner or the middle. */
static double walking_bound(const Corner c[3], const Corner *m)
{
  double most = 0;
  for (int i = 0; i < 3; i++) {
    const Corner *a = &c[i], *b = &c[(i + 1) % 3];
    const double known = sqrt(MAX(m->near.d2, MAX(a->near.d2, b->near.d2)));
    most = MAX(most, known + reach_of(a->p, b->p, m->p));
  }
  return most;
}

static Corner middle_of(const HilumBvh *bvh, const Corner c[3])
{
  double m[3];
  for (int a = 0; a < 3; a++)
    m[a] = (c[0].p[a] + c[1].p[a] + c[2].p[a]) / 3;
  return corner_at(bvh, m, c[0].near.triangle);
}

static double bound_part(const HilumBvh *bvh, const Corner c[3], const Corner *m, double enough,
                         double tolerance, double *found, int depth)
{
  *found = MAX(*found, sqrt(m->near.d2));
  for (int i = 0; i < 3; i++)
    *found = MAX(*found, sqrt(c[i].near.d2));
  if (enough > 0 && *found > enough) return INFINITY;
  const double good = MAX(enough, *found + tolerance), walking = walking_bound(c, m);
  if (walking <= good) return walking;
  const double bound = MIN(convex_bound(bvh, c, m->near.triangle), walking);
  if (bound <= good || depth == MAX_DEPTH) return bound;
  Corner mid[3];
  for (int i = 0; i < 3; i++) {
    const double *a = c[i].p, *b = c[(i + 1) % 3].p;
    const double half[3] = {(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2};
    mid[i] = corner_at(bvh, half, c[i].near.triangle);
  }
  Corner inner = middle_of(bvh, mid);
  double most = bound_part(bvh, mid, &inner, enough, tolerance, found, depth + 1);
  for (int i = 0; i < 3; i++) {
    const Corner part[3] = {c[i], mid[i], mid[(i + 2) % 3]};
    inner = middle_of(bvh, part);
    const double b = bound_part(bvh, part, &inner, enough, tolerance, found, depth + 1);
    most = MAX(most, b);
  }
  return MIN(bound, most);
}

double hilum_bound_triangle(const HilumBvh *bvh, double corner[3][3], double enough, double tolerance,
                            double *found)
{
  const Corner c[3] = {corner_at(bvh, corner[0], UINT32_MAX), corner_at(bvh, corner[1], UINT32_MAX),
                       corner_at(bvh, corner[2], UINT32_MAX)};
  const Corner middle = middle_of(bvh, c);
  return bound_part(bvh, c, &middle, enough, tolerance, found, 0);
}

/* One triangle's share of the samples: all have the same weight within it. */
typedef struct {
  float mm, weight;
} Sample;

typedef struct {
  double sum, sum2, area, found, bound;
  uint64_t samples;
} Partial;

typedef struct {
  const HilumBvh *bvh;
  const float *positions;
  const uint32_t *indices;
  double shift[3]; /* from this mesh's frame to the tree's */
  double area_each;
  HilumNearest *near; /* per vertex */
  Partial *partial;
  GArray **samples; /* per chunk */
  double found;     /* among the vertices */
  const HilumProgress *progress;
} Work;

static void near_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  if (hilum_progress_cancelled(w->progress)) return;
  for (size_t v = begin; v < end; v++) {
    double p[3];
    for (size_t a = 0; a < 3; a++)
      p[a] = (double)w->positions[3 * v + a] + w->shift[a];
    w->near[v] = hilum_bvh_nearest(w->bvh, p, INFINITY);
  }
}

static void load_corners(const Work *w, size_t t, Corner c[3])
{
  for (int i = 0; i < 3; i++) {
    const size_t v = w->indices[3 * t + (size_t)i];
    for (size_t a = 0; a < 3; a++)
      c[i].p[a] = (double)w->positions[3 * v + a] + w->shift[a];
    c[i].near = w->near[v];
  }
}

static double area_of(const Corner c[3])
{
  double u[3], v[3];
  for (int a = 0; a < 3; a++) {
    u[a] = c[1].p[a] - c[0].p[a];
    v[a] = c[2].p[a] - c[0].p[a];
  }
  const double n[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
  return 0.5 * sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
}

static void take(Partial *part, GArray *samples, double mm, double weight)
{
  const Sample s = {(float)mm, (float)weight};
  g_array_append_val(samples, s);
  part->sum += weight * mm;
  part->sum2 += weight * mm * mm;
  part->samples++;
  part->found = fmax(part->found, mm);
}

/* The middles of the side * side equal parts of a triangle: of those that stand and those that hang. Of one
 * part it is its own middle. */
static void sample_triangle(const Work *w, const Corner c[3], const Corner *middle, Partial *part,
                            GArray *samples)
{
  const double area = area_of(c);
  const int side = (int)CLAMP(ceil(sqrt(area / w->area_each)), 1.0, (double)MAX_SIDE);
  const double weight = area / (side * side);
  part->area += area;
  if (side == 1) {
    take(part, samples, sqrt(middle->near.d2), weight);
    return;
  }
  for (int i = 0; i < side; i++)
    for (int j = 0; i + j < side; j++)
      for (int hanging = 0; hanging < (i + j + 1 < side ? 2 : 1); hanging++) {
        const double u = (i + (hanging ? 2 : 1) / 3.0) / side, v = (j + (hanging ? 2 : 1) / 3.0) / side;
        double p[3];
        for (int a = 0; a < 3; a++)
          p[a] = (1 - u - v) * c[0].p[a] + u * c[1].p[a] + v * c[2].p[a];
        take(part, samples, sqrt(nearest_from(w->bvh, p, c[0].near.triangle).d2), weight);
      }
}

static void triangle_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  Partial *part = &w->partial[begin / GRAIN];
  *part = (Partial){.found = w->found};
  GArray *samples = w->samples[begin / GRAIN] = g_array_sized_new(FALSE, FALSE, sizeof(Sample), GRAIN);
  for (size_t t = begin; t < end; t++) {
    if (hilum_progress_cancelled(w->progress)) return;
    Corner c[3];
    load_corners(w, t, c);
    const Corner middle = middle_of(w->bvh, c);
    sample_triangle(w, c, &middle, part, samples);
    const double tolerance = fmax(0.02 * part->found, 1e-3);
    part->bound = fmax(part->bound, bound_part(w->bvh, c, &middle, 0, tolerance, &part->found, 0));
  }
}

static int compare_samples(const void *a, const void *b)
{
  const float x = ((const Sample *)a)->mm, y = ((const Sample *)b)->mm;
  return (x > y) - (x < y);
}

static double percentile(GArray *samples, double share)
{
  Sample *s = (Sample *)(void *)samples->data;
  double sum = 0, total = 0;
  qsort(s, samples->len, sizeof *s, compare_samples);
  for (guint i = 0; i < samples->len; i++)
    total += (double)s[i].weight;
  for (guint i = 0; i < samples->len; i++) {
    sum += (double)s[i].weight;
    if (sum >= share * total) return (double)s[i].mm;
  }
  return samples->len > 0 ? (double)s[samples->len - 1].mm : 0;
}

static double area_of_mesh(const HilumMesh *mesh)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  const float *positions = hilum_mesh_get_positions(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  double area = 0;
  for (size_t t = 0; t < nt; t++) {
    Corner c[3];
    for (int i = 0; i < 3; i++)
      for (size_t a = 0; a < 3; a++)
        c[i].p[a] = (double)positions[3 * (size_t)indices[3 * t + (size_t)i] + a];
    area += area_of(c);
  }
  return area;
}

static bool begin_work(Work *w, const HilumMesh *from, const HilumMesh *to, HilumBvh *bvh, GError **error)
{
  if (hilum_mesh_get_triangle_count(from) == 0 || hilum_mesh_get_triangle_count(to) == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "A surface without triangles has no distance to another");
    return false;
  }
  const HilumVec3 shift = hilum_vec3_sub(hilum_mesh_get_origin_mm(from), hilum_mesh_get_origin_mm(to));
  w->bvh = bvh;
  w->positions = hilum_mesh_get_positions(from);
  w->indices = hilum_mesh_get_indices(from);
  memcpy(w->shift, (double[3]){shift.x, shift.y, shift.z}, sizeof w->shift);
  w->near = hilum_big_alloc((size_t)hilum_mesh_get_vertex_count(from) * sizeof *w->near, error);
  if (!w->near) return false;
  if (hilum_bvh_init(bvh, to, error)) return true;
  hilum_big_free(w->near);
  return false;
}

/* One way; the samples are appended to `all`, the sums to `sum`. */
static bool measure_way(const HilumMesh *from, const HilumMesh *to, Partial *sum, GArray *all,
                        const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(from), nt = hilum_mesh_get_triangle_count(from);
  HilumBvh bvh;
  Work w = {.progress = progress};
  if (!begin_work(&w, from, to, &bvh, error)) return false;
  w.area_each = fmax(area_of_mesh(from) / SAMPLES_WANTED, 1e-12);
  hilum_parallel_for(nv, GRAIN, near_chunk, &w);
  hilum_progress_step(progress, 0.3);
  const size_t chunks = hilum_parallel_chunks(nt, GRAIN);
  w.partial = g_new0(Partial, chunks);
  w.samples = g_new0(GArray *, chunks);
  if (!hilum_progress_cancelled(progress)) { /* else near[] is not filled */
    for (size_t i = 0; i < 3 * (size_t)nt; i++)
      w.found = fmax(w.found, w.near[w.indices[i]].d2);
    w.found = sqrt(w.found);
    hilum_parallel_for(nt, GRAIN, triangle_chunk, &w);
  }
  for (size_t c = 0; c < chunks; c++) {
    sum->sum += w.partial[c].sum;
    sum->sum2 += w.partial[c].sum2;
    sum->area += w.partial[c].area;
    sum->samples += w.partial[c].samples;
    sum->found = fmax(sum->found, w.partial[c].found);
    sum->bound = fmax(sum->bound, w.partial[c].bound);
    if (!w.samples[c]) continue;
    g_array_append_vals(all, w.samples[c]->data, w.samples[c]->len);
    g_array_unref(w.samples[c]);
  }
  g_free(w.partial);
  g_free(w.samples);
  hilum_big_free(w.near);
  hilum_bvh_clear(&bvh);
  hilum_progress_step(progress, 1);
  return !hilum_progress_fail(progress, error);
}

static void conclude(const Partial *sum, GArray *all, HilumSurfaceDistance *d)
{
  const double area = sum->area > 0 ? sum->area : 1;
  *d = (HilumSurfaceDistance){.mean_mm = sum->sum / area,
                              .rms_mm = sqrt(sum->sum2 / area),
                              .p95_mm = percentile(all, 0.95),
                              .max_mm = sum->found,
                              .bound_mm = fmax(sum->bound, sum->found),
                              .samples = sum->samples};
}

bool hilum_mesh_distance(const HilumMesh *from, const HilumMesh *to, HilumSurfaceDistance *distance,
                         const HilumProgress *progress, GError **error)
{
  *distance = (HilumSurfaceDistance){0};
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Sample));
  Partial sum = {0};
  if (!measure_way(from, to, &sum, all, progress, error)) return false;
  conclude(&sum, all, distance);
  return true;
}

bool hilum_mesh_distances(const HilumMesh *a, const HilumMesh *b, HilumSurfaceDistance *there,
                          HilumSurfaceDistance *back, HilumSurfaceDistance *both,
                          const HilumProgress *progress, GError **error)
{
  *there = *back = *both = (HilumSurfaceDistance){0};
  g_autoptr(GArray) of_a = g_array_new(FALSE, FALSE, sizeof(Sample));
  g_autoptr(GArray) of_b = g_array_new(FALSE, FALSE, sizeof(Sample));
  Partial from_a = {0}, from_b = {0};
  const HilumProgress first = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress second = hilum_progress_part(progress, 0.5, 1, NULL);
  if (!measure_way(a, b, &from_a, of_a, &first, error) || !measure_way(b, a, &from_b, of_b, &second, error))
    return false;
  conclude(&from_a, of_a, there);
  conclude(&from_b, of_b, back);
  const Partial sum = {.sum = from_a.sum + from_b.sum,
                       .sum2 = from_a.sum2 + from_b.sum2,
                       .area = from_a.area + from_b.area,
                       .found = fmax(from_a.found, from_b.found),
                       .bound = fmax(from_a.bound, from_b.bound),
                       .samples = from_a.samples + from_b.samples};
  g_array_append_vals(of_a, of_b->data, of_b->len);
  conclude(&sum, of_a, both);
  return true;
}

bool hilum_mesh_distance_symmetric(const HilumMesh *a, const HilumMesh *b, HilumSurfaceDistance *distance,
                                   const HilumProgress *progress, GError **error)
{
  HilumSurfaceDistance there, back;
  return hilum_mesh_distances(a, b, &there, &back, distance, progress, error);
}

/* True if the vertex lies on the side that the surface faces. */
static bool is_before(const Work *w, const float *normals, uint32_t v)
{
  const HilumNearest *near = &w->near[v];
  const uint32_t *i = w->bvh->indices + 3 * (size_t)near->triangle;
  double c[3][3], side = 0;
  hilum_triangle_corners(w->bvh->positions, w->bvh->indices, near->triangle, c);
  HilumVec3 q = hilum_vec3(near->point[0], near->point[1], near->point[2]), p[3], away;
  for (int n = 0; n < 3; n++)
    p[n] = hilum_vec3_sub(hilum_vec3(c[n][0], c[n][1], c[n][2]), q);
  const float *at = w->positions + 3 * (size_t)v;
  away = hilum_vec3_sub(
      hilum_vec3((double)at[0] + w->shift[0], (double)at[1] + w->shift[1], (double)at[2] + w->shift[2]), q);
  for (int n = 0; n < 3; n++) { /* a corner weighs as much as the triangle over the other two */
    const double weight = hilum_vec3_length(hilum_vec3_cross(p[(n + 1) % 3], p[(n + 2) % 3]));
    const float *normal = normals + 3 * (size_t)i[n];
    side +=
        weight * hilum_vec3_dot(away, hilum_vec3((double)normal[0], (double)normal[1], (double)normal[2]));
  }
  return side >= 0;
}

/* `normals` of `to`: with a sign; NULL: without. */
static bool measure_vertices(const HilumMesh *from, const HilumMesh *to, const float *normals, float *mm,
                             const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(from);
  HilumBvh bvh;
  Work w = {.progress = progress};
  if (!begin_work(&w, from, to, &bvh, error)) return false;
  hilum_parallel_for(nv, GRAIN, near_chunk, &w);
  const bool good = !hilum_progress_fail(progress, error);
  for (uint32_t v = 0; good && v < nv; v++) {
    mm[v] = (float)sqrt(w.near[v].d2);
    if (normals && !is_before(&w, normals, v)) mm[v] = -mm[v];
  }
  hilum_big_free(w.near);
  hilum_bvh_clear(&bvh);
  return good;
}

bool hilum_mesh_distance_of_vertices(const HilumMesh *from, const HilumMesh *to, float *mm,
                                     const HilumProgress *progress, GError **error)
{
  return measure_vertices(from, to, NULL, mm, progress, error);
}

bool hilum_mesh_signed_distance_of_vertices(const HilumMesh *from, const HilumMesh *to, float *mm,
                                            const HilumProgress *progress, GError **error)
{
  return measure_vertices(from, to, hilum_mesh_get_normals(to), mm, progress, error);
}
