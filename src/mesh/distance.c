/* Distance between surfaces.
 *
 * Mean and percentiles come from points spread evenly over each triangle, as in P. Cignoni, C. Rocchini, R.
 * Scopigno, Metro: measuring error on simplified surfaces, Computer Graphics Forum 17, 1998. The greatest
 * distance is not left to samples: no triangle is done with before it is known to lie no farther than what
 * was found (distance_bound.c). First all triangles are measured and bounded as they are, then those are cut
 * whose bound exceeds the greatest distance that was found anywhere. */
#include "hilum/mesh/distance.h"

#include "distance_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRAIN = 2048, MAX_SIDE = 32, SHORT = 128 /* lists of several triangles */ };
#define SAMPLES_WANTED 100000.0 /* at least so many, if the triangles are few */

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
  const uint32_t *order; /* of the triangles of `from`: neighbours follow each other */
  double shift[3];       /* from this mesh's frame to the tree's */
  double area_each;
  HilumNearest *near; /* per vertex */
  HilumNearGroup *groups;
  float *bound; /* per triangle, in that order: no point is farther */
  Partial *partial;
  GArray **samples; /* per chunk */
  double found;     /* the greatest of all so far */
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
    w->near[v] = hilum_nearest_from(w->bvh, p, v > begin ? w->near[v - 1].triangle : UINT32_MAX);
  }
}

static double area_of(const double *const p[3])
{
  double u[3], v[3];
  for (int a = 0; a < 3; a++) {
    u[a] = p[1][a] - p[0][a];
    v[a] = p[2][a] - p[0][a];
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

/* Where distances are asked: of a list that holds all within `radius`, or (NULL) of the tree, near to what
 * `hint` is near to. */
typedef struct {
  const HilumBvh *bvh;
  const HilumNearGroup *group;
  double radius;
  uint32_t hint;
} Asked;

static double distance_at(const Asked *asked, const double p[3])
{
  if (!asked->group) return sqrt(hilum_nearest_from(asked->bvh, p, asked->hint).d2);
  const double d2 = hilum_near_list_distances2(&asked->group->list, p, hilum_near_group_spare(asked->group));
  const double d = sqrt(d2);
  return d <= asked->radius ? d : sqrt(hilum_bvh_nearest(asked->bvh, p, d2).d2);
}

/* The middles of the side * side equal parts of a triangle: of those that stand and those that hang. Of one
 * part it is its own middle. */
static void sample_triangle(const Work *w, const Asked *asked, const double *const c[3], Partial *part,
                            GArray *samples)
{
  const double area = area_of(c);
  const int side = (int)CLAMP(ceil(sqrt(area / w->area_each)), 1.0, (double)MAX_SIDE);
  const double weight = area / (side * side);
  part->area += area;
  for (int i = 0; i < side; i++)
    for (int j = 0; i + j < side; j++)
      for (int hanging = 0; hanging < (i + j + 1 < side ? 2 : 1); hanging++) {
        const double u = (i + (hanging ? 2 : 1) / 3.0) / side, v = (j + (hanging ? 2 : 1) / 3.0) / side;
        double p[3];
        for (int a = 0; a < 3; a++)
          p[a] = (1 - u - v) * c[0][a] + u * c[1][a] + v * c[2][a];
        take(part, samples, distance_at(asked, p), weight);
      }
}

/* A float that is not less. */
static float float_above(double x)
{
  const float f = (float)x;
  return (double)f < x ? nextafterf(f, INFINITY) : f;
}

/* The share of what was found that a bound may exceed it by. */
static double tolerance_of(double found)
{
  return fmax(0.02 * found, 1e-3);
}

/* The group is measured; its list holds all within `radius`, no corner lies farther. */
static void look_through_list(const Work *w, const HilumNearGroup *group, double radius, size_t first,
                              Partial *part, GArray *samples)
{
  for (size_t i = 0; i < group->n_points; i++)
    part->found = fmax(part->found, sqrt(group->least2[i]));
  const Asked asked = {.bvh = w->bvh, .group = group, .radius = radius};
  for (size_t t = 0; t < group->n_triangles; t++) {
    const double *const c[3] = {group->p[group->corner[t][0]], group->p[group->corner[t][1]],
                                group->p[group->corner[t][2]]};
    sample_triangle(w, &asked, c, part, samples);
    w->bound[first + t] = float_above(hilum_bound_listed_at_once(group, t, part->found));
  }
}

/* A triangle so large that it has too many near it. */
static void look_through_tree(const Work *w, const HilumNearGroup *group, size_t first, Partial *part,
                              GArray *samples)
{
  const double *const p[3] = {group->p[group->corner[0][0]], group->p[group->corner[0][1]],
                              group->p[group->corner[0][2]]};
  HilumDistanceCorner c[3];
  for (int i = 0; i < 3; i++) {
    c[i] = hilum_distance_corner(w->bvh, p[i], i > 0 ? c[i - 1].near.triangle : UINT32_MAX);
    part->found = fmax(part->found, sqrt(c[i].near.d2));
  }
  const HilumDistanceCorner middle = hilum_distance_middle(w->bvh, c);
  const Asked asked = {.bvh = w->bvh, .hint = middle.near.triangle};
  sample_triangle(w, &asked, p, part, samples);
  w->bound[first] = float_above(hilum_bound_at_once(w->bvh, c, &middle));
}

/* No corner lies farther than this: the middle of the box knows the triangle nearest to it. */
static double corners_within(const HilumBvh *bvh, const HilumNearGroup *group)
{
  const double middle[3] = {(group->lo[0] + group->hi[0]) / 2, (group->lo[1] + group->hi[1]) / 2,
                            (group->lo[2] + group->hi[2]) / 2};
  const HilumNearest near = hilum_bvh_nearest(bvh, middle, INFINITY);
  double t[3][3], q[3], most = 0;
  hilum_triangle_corners(bvh->positions, bvh->indices, near.triangle, t);
  for (size_t i = 0; i < group->n_points; i++) {
    const double d2 = hilum_nearest_on_triangle(group->p[i], t[0], t[1], t[2], q);
    most = fmax(most, d2);
  }
  return sqrt(most);
}

static double farthest_corner(const HilumNearGroup *group)
{
  double most = 0;
  for (size_t i = 0; i < group->n_points; i++)
    most = fmax(most, group->least2[i]);
  return sqrt(most);
}

/* Gathers and measures with a radius that turns out to be enough: where a corner has nothing within *radius,
 * what it did find is. Neighbours are about as far: *radius begins at what the group before had. */
static bool gather_enough(const HilumBvh *bvh, HilumNearGroup *group, double *radius)
{
  const size_t most = group->n_triangles > 1 ? SHORT : HILUM_NEAR_MOST;
  double size = 0, far;
  for (int a = 0; a < 3; a++)
    size = fmax(size, group->hi[a] - group->lo[a]);
  *radius = fmax(2 * *radius, size / 8);
  if (!hilum_near_list_gather(&group->list, bvh, group->lo, group->hi, *radius, most)) return false;
  hilum_near_group_measure(group);
  far = farthest_corner(group);
  if (far <= *radius) return true;
  *radius = (group->list.n > 0 ? far : corners_within(bvh, group)) * (1 + 1e-12);
  if (!hilum_near_list_gather(&group->list, bvh, group->lo, group->hi, *radius, most)) return false;
  hilum_near_group_measure(group);
  return true;
}

/* *near: how far the corners of the group before lay. */
static void look_at(const Work *w, HilumNearGroup *group, size_t first, size_t n, double *near, Partial *part,
                    GArray *samples)
{
  double radius = *near;
  hilum_near_group_load(group, w->positions, w->indices, w->shift, w->order + first, n);
  if (gather_enough(w->bvh, group, &radius)) {
    *near = farthest_corner(group);
    look_through_list(w, group, radius, first, part, samples);
  } else if (n > 1) {
    look_at(w, group, first, n / 2, near, part, samples);
    look_at(w, group, first + n / 2, n - n / 2, near, part, samples);
  } else {
    look_through_tree(w, group, first, part, samples);
  }
}

static void look_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  Partial *part = &w->partial[begin / GRAIN];
  GArray *samples = w->samples[begin / GRAIN] = g_array_sized_new(FALSE, FALSE, sizeof(Sample), GRAIN);
  double near = 0;
  for (size_t i = begin; i < end; i += HILUM_NEAR_GROUP) {
    if (hilum_progress_cancelled(w->progress)) return;
    look_at(w, &w->groups[worker], i, MIN((size_t)HILUM_NEAR_GROUP, end - i), &near, part, samples);
  }
}

/* Cuts what may lie farther than anything that was found. */
static void cut_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Work *w = data;
  HilumNearGroup *group = &w->groups[worker];
  Partial *part = &w->partial[begin / GRAIN];
  part->found = w->found;
  for (size_t i = begin; i < end; i++) {
    const double within = (double)w->bound[i];
    const HilumBoundWish wish = {.tolerance = tolerance_of(part->found), .found = &part->found};
    if (within <= part->found + wish.tolerance) {
      part->bound = fmax(part->bound, within);
      continue;
    }
    if (hilum_progress_cancelled(w->progress)) return;
    double bound;
    hilum_near_group_load(group, w->positions, w->indices, w->shift, w->order + i, 1);
    if (hilum_near_list_gather(&group->list, w->bvh, group->lo, group->hi, within, HILUM_NEAR_MOST)) {
      hilum_near_group_measure(group);
      bound = hilum_bound_in_group(group, 0, &wish);
    } else {
      double c[3][3];
      for (int k = 0; k < 3; k++)
        memcpy(c[k], group->p[group->corner[0][k]], sizeof c[k]);
      bound = hilum_bound_triangle(w->bvh, group, c, &wish);
    }
    part->bound = fmax(part->bound, fmin(bound, within));
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
    double p[3][3];
    hilum_triangle_corners(positions, indices, t, p);
    area += area_of((const double *const[3]){p[0], p[1], p[2]});
  }
  return area;
}

static bool have_triangles(const HilumMesh *from, const HilumMesh *to, GError **error)
{
  if (hilum_mesh_get_triangle_count(from) > 0 && hilum_mesh_get_triangle_count(to) > 0) return true;
  g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                      "A surface without triangles has no distance to another");
  return false;
}

static Work work_of(const HilumMesh *from, const HilumMesh *to, const HilumBvh *bvh,
                    const HilumProgress *progress)
{
  const HilumVec3 shift = hilum_vec3_sub(hilum_mesh_get_origin_mm(from), hilum_mesh_get_origin_mm(to));
  return (Work){.bvh = bvh,
                .positions = hilum_mesh_get_positions(from),
                .indices = hilum_mesh_get_indices(from),
                .shift = {shift.x, shift.y, shift.z},
                .progress = progress};
}

static void look_and_cut(Work *w, size_t nt)
{
  const size_t chunks = hilum_parallel_chunks(nt, GRAIN);
  hilum_parallel_for(nt, GRAIN, look_chunk, w);
  hilum_progress_step(w->progress, 0.8);
  if (hilum_progress_cancelled(w->progress)) return; /* not all bounds are known */
  for (size_t c = 0; c < chunks; c++)
    w->found = fmax(w->found, w->partial[c].found);
  hilum_parallel_for(nt, GRAIN, cut_chunk, w);
}

/* One way; the samples are appended to `all`, the sums to `sum`. */
static bool measure_way(const HilumMesh *from, const HilumBvh *from_bvh, const HilumMesh *to,
                        const HilumBvh *bvh, Partial *sum, GArray *all, const HilumProgress *progress,
                        GError **error)
{
  const uint32_t nt = hilum_mesh_get_triangle_count(from);
  const size_t chunks = hilum_parallel_chunks(nt, GRAIN);
  Work w = work_of(from, to, bvh, progress);
  w.order = from_bvh->order;
  w.area_each = fmax(area_of_mesh(from) / SAMPLES_WANTED, 1e-12);
  w.bound = hilum_big_alloc(nt * sizeof *w.bound, error);
  if (w.bound) w.groups = hilum_near_groups_new(error);
  w.partial = g_new0(Partial, chunks);
  w.samples = g_new0(GArray *, chunks);
  const bool started = w.groups != NULL;
  if (started) look_and_cut(&w, nt);
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
  hilum_near_groups_free(w.groups);
  hilum_big_free(w.bound);
  hilum_progress_step(progress, 1);
  return started && !hilum_progress_fail(progress, error);
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

static bool init_trees(HilumBvh *from, HilumBvh *to, const HilumMesh *a, const HilumMesh *b, GError **error)
{
  if (!have_triangles(a, b, error) || !hilum_bvh_init(from, a, error)) return false;
  if (hilum_bvh_init(to, b, error)) return true;
  hilum_bvh_clear(from);
  return false;
}

bool hilum_mesh_distance(const HilumMesh *from, const HilumMesh *to, HilumSurfaceDistance *distance,
                         const HilumProgress *progress, GError **error)
{
  *distance = (HilumSurfaceDistance){0};
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Sample));
  HilumBvh from_bvh, bvh;
  Partial sum = {0};
  if (!init_trees(&from_bvh, &bvh, from, to, error)) return false;
  const bool good = measure_way(from, &from_bvh, to, &bvh, &sum, all, progress, error);
  if (good) conclude(&sum, all, distance);
  hilum_bvh_clear(&from_bvh);
  hilum_bvh_clear(&bvh);
  return good;
}

bool hilum_mesh_distances(const HilumMesh *a, const HilumMesh *b, HilumSurfaceDistance *there,
                          HilumSurfaceDistance *back, HilumSurfaceDistance *both,
                          const HilumProgress *progress, GError **error)
{
  *there = *back = *both = (HilumSurfaceDistance){0};
  g_autoptr(GArray) of_a = g_array_new(FALSE, FALSE, sizeof(Sample));
  g_autoptr(GArray) of_b = g_array_new(FALSE, FALSE, sizeof(Sample));
  Partial from_a = {0}, from_b = {0};
  HilumBvh bvh_a, bvh_b;
  const HilumProgress first = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress second = hilum_progress_part(progress, 0.5, 1, NULL);
  if (!init_trees(&bvh_a, &bvh_b, a, b, error)) return false;
  const bool good = measure_way(a, &bvh_a, b, &bvh_b, &from_a, of_a, &first, error) &&
                    measure_way(b, &bvh_b, a, &bvh_a, &from_b, of_b, &second, error);
  hilum_bvh_clear(&bvh_a);
  hilum_bvh_clear(&bvh_b);
  if (!good) return false;
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
  if (!have_triangles(from, to, error) || !hilum_bvh_init(&bvh, to, error)) return false;
  Work w = work_of(from, to, &bvh, progress);
  w.near = hilum_big_alloc((size_t)nv * sizeof *w.near, error);
  if (w.near) hilum_parallel_for(nv, GRAIN, near_chunk, &w);
  const bool good = w.near && !hilum_progress_fail(progress, error);
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
