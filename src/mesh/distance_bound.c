/* How far a triangle can lie from a surface at most.
 *
 * The distance to one triangle of the surface is a convex function, so over a triangle its greatest value
 * lies in a corner; the least such value over the triangles that are near bounds the distance to the whole
 * surface from above. Where that is not enough the triangle is cut into four (the idea of M. Tang, M. Lee, Y.
 * Kim, Interactive Hausdorff distance computation for general polygonal models, SIGGRAPH 2009). Near are all
 * that a list gathered for the triangle and its neighbours holds: each corner has a row of distances to them,
 * and the bound is the least of the greatest of three rows. */
#include "distance_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 6, CHUNK = 512 /* triangles */, SHORT = 128 /* lists of several triangles */ };

HilumNearest hilum_nearest_from(const HilumBvh *bvh, const double p[3], uint32_t hint)
{
  if (hint == UINT32_MAX) return hilum_bvh_nearest(bvh, p, INFINITY);
  double t[3][3];
  HilumNearest guess = {.triangle = hint};
  hilum_triangle_corners(bvh->positions, bvh->indices, hint, t);
  guess.d2 = hilum_nearest_on_triangle(p, t[0], t[1], t[2], guess.point);
  const HilumNearest nearer = hilum_bvh_nearest(bvh, p, guess.d2);
  return nearer.triangle != UINT32_MAX ? nearer : guess;
}

HilumDistanceCorner hilum_distance_corner(const HilumBvh *bvh, const double p[3], uint32_t hint)
{
  HilumDistanceCorner c;
  memcpy(c.p, p, sizeof c.p);
  c.near = hilum_nearest_from(bvh, p, hint);
  return c;
}

HilumDistanceCorner hilum_distance_middle(const HilumBvh *bvh, const HilumDistanceCorner c[3])
{
  double m[3];
  for (int a = 0; a < 3; a++)
    m[a] = (c[0].p[a] + c[1].p[a] + c[2].p[a]) / 3;
  return hilum_distance_corner(bvh, m, c[0].near.triangle);
}

static double distance2(const double a[3], const double b[3])
{
  const double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

/* Least over the candidate triangles, those nearest to the corners and to the middle, of the greatest corner
 * distance. */
static double convex_bound(const HilumBvh *bvh, const HilumDistanceCorner c[3], uint32_t middle)
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
static double walking_bound(const HilumDistanceCorner c[3], const HilumDistanceCorner *m)
{
  double most = 0;
  for (int i = 0; i < 3; i++) {
    const HilumDistanceCorner *a = &c[i], *b = &c[(i + 1) % 3];
    const double known = sqrt(MAX(m->near.d2, MAX(a->near.d2, b->near.d2)));
    most = MAX(most, known + reach_of(a->p, b->p, m->p));
  }
  return most;
}

double hilum_bound_at_once(const HilumBvh *bvh, const HilumDistanceCorner c[3],
                           const HilumDistanceCorner *middle)
{
  const double walking = walking_bound(c, middle);
  return MIN(convex_bound(bvh, c, middle->near.triangle), walking);
}

/* A part of a triangle whose corners were measured against a list. */
typedef struct {
  const double *p[3], *row[3];
  double least2[3];
} Part;

/* At most `good` if one of the two bounds is. */
static double bound_at_once(const HilumNearList *list, const Part *part, double good)
{
  const double convex =
      sqrt(list->kernels.least_greatest(part->row[0], part->row[1], part->row[2], list->padded));
  if (convex <= good) return convex;
  const double known = sqrt(MAX(part->least2[0], MAX(part->least2[1], part->least2[2])));
  return MIN(convex, known + reach_of(part->p[0], part->p[1], part->p[2]));
}

static double bound_part(const HilumNearList *list, double *spare, const Part *part,
                         const HilumBoundWish *wish, int depth);

/* The part, cut into four. */
static double bound_quarters(const HilumNearList *list, double *spare, const Part *part,
                             const HilumBoundWish *wish, int depth)
{
  double half[3][3];
  Part inner;
  for (int i = 0; i < 3; i++) {
    for (int a = 0; a < 3; a++)
      half[i][a] = (part->p[i][a] + part->p[(i + 1) % 3][a]) / 2;
    double *row = spare + list->padded * (size_t)i;
    inner.p[i] = half[i];
    inner.row[i] = row;
    inner.least2[i] = hilum_near_list_distances2(list, half[i], row);
  }
  spare += 3 * list->padded;
  double most = bound_part(list, spare, &inner, wish, depth + 1);
  for (int i = 0; i < 3 && most < INFINITY; i++) {
    const int before = (i + 2) % 3;
    const Part outer = {{part->p[i], half[i], half[before]},
                        {part->row[i], inner.row[i], inner.row[before]},
                        {part->least2[i], inner.least2[i], inner.least2[before]}};
    const double b = bound_part(list, spare, &outer, wish, depth + 1);
    most = MAX(most, b);
  }
  return most;
}

/* The list holds whatever is nearest to a point of the part, or nearer than `enough`. */
static double bound_part(const HilumNearList *list, double *spare, const Part *part,
                         const HilumBoundWish *wish, int depth)
{
  for (int i = 0; i < 3; i++)
    *wish->found = MAX(*wish->found, sqrt(part->least2[i]));
  if (wish->enough > 0 && *wish->found > wish->enough) return INFINITY;
  const double good = MAX(wish->enough, *wish->found + wish->tolerance);
  const double bound = bound_at_once(list, part, good);
  if (bound <= good || depth == MAX_DEPTH) return bound;
  const double size2 = MAX(distance2(part->p[0], part->p[1]),
                           MAX(distance2(part->p[1], part->p[2]), distance2(part->p[2], part->p[0])));
  HilumNearList shorter;
  double most;
  if (hilum_near_list_narrow(list, part->row, wish->enough > 0 ? wish->enough : bound, sqrt(size2), &shorter,
                             spare)) {
    Part again = *part;
    for (size_t i = 0; i < 3; i++)
      again.row[i] = spare + shorter.padded * i;
    most = bound_quarters(&shorter, spare + 3 * shorter.padded, &again, wish, depth);
  } else {
    most = bound_quarters(list, spare, part, wish, depth);
  }
  return MIN(bound, most);
}

static Part part_of(const HilumNearGroup *group, size_t triangle)
{
  Part part;
  for (int i = 0; i < 3; i++) {
    const size_t k = group->corner[triangle][i];
    part.p[i] = group->p[k];
    part.row[i] = hilum_near_group_row(group, triangle, i);
    part.least2[i] = group->least2[k];
  }
  return part;
}

double hilum_bound_listed_at_once(const HilumNearGroup *group, size_t triangle, double good)
{
  const Part part = part_of(group, triangle);
  return bound_at_once(&group->list, &part, good);
}

double hilum_bound_in_group(const HilumNearGroup *group, size_t triangle, const HilumBoundWish *wish)
{
  const Part part = part_of(group, triangle);
  return bound_part(&group->list, hilum_near_group_spare(group), &part, wish, 0);
}

/* True if a list for this part is short enough; *bound becomes what it says. `within`: no point of the part
 * lies farther. */
static bool bound_by_list(const HilumBvh *bvh, HilumNearGroup *group, const HilumDistanceCorner c[3],
                          double within, const HilumBoundWish *wish, double *bound)
{
  double lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = fmin(c[0].p[a], fmin(c[1].p[a], c[2].p[a]));
    hi[a] = fmax(c[0].p[a], fmax(c[1].p[a], c[2].p[a]));
  }
  if (!hilum_near_list_gather(&group->list, bvh, lo, hi, within, HILUM_NEAR_MOST)) return false;
  Part part;
  for (int i = 0; i < 3; i++) {
    double *row = group->rows + group->list.padded * (size_t)i;
    part.p[i] = c[i].p;
    part.row[i] = row;
    part.least2[i] = hilum_near_list_distances2(&group->list, c[i].p, row);
  }
  *bound = bound_part(&group->list, group->rows + 3 * group->list.padded, &part, wish, 0);
  return true;
}

/* Point by point through the tree, until lists are short enough. */
static double bound_by_tree(const HilumBvh *bvh, HilumNearGroup *group, const HilumDistanceCorner c[3],
                            const HilumDistanceCorner *m, const HilumBoundWish *wish, int depth)
{
  *wish->found = MAX(*wish->found, sqrt(m->near.d2));
  for (int i = 0; i < 3; i++)
    *wish->found = MAX(*wish->found, sqrt(c[i].near.d2));
  if (wish->enough > 0 && *wish->found > wish->enough) return INFINITY;
  const double good = MAX(wish->enough, *wish->found + wish->tolerance), walking = walking_bound(c, m);
  if (walking <= good) return walking;
  const double bound = MIN(convex_bound(bvh, c, m->near.triangle), walking);
  double listed;
  if (bound <= good || depth == MAX_DEPTH) return bound;
  if (bound_by_list(bvh, group, c, bound, wish, &listed)) return MIN(bound, listed);
  HilumDistanceCorner mid[3];
  for (int i = 0; i < 3; i++) {
    const double *a = c[i].p, *b = c[(i + 1) % 3].p;
    const double half[3] = {(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2};
    mid[i] = hilum_distance_corner(bvh, half, c[i].near.triangle);
  }
  HilumDistanceCorner inner = hilum_distance_middle(bvh, mid);
  double most = bound_by_tree(bvh, group, mid, &inner, wish, depth + 1);
  for (int i = 0; i < 3; i++) {
    const HilumDistanceCorner part[3] = {c[i], mid[i], mid[(i + 2) % 3]};
    inner = hilum_distance_middle(bvh, part);
    const double b = bound_by_tree(bvh, group, part, &inner, wish, depth + 1);
    most = MAX(most, b);
  }
  return MIN(bound, most);
}

double hilum_bound_triangle(const HilumBvh *bvh, HilumNearGroup *group, double corner[3][3],
                            const HilumBoundWish *wish)
{
  HilumDistanceCorner c[3];
  for (int i = 0; i < 3; i++)
    c[i] = hilum_distance_corner(bvh, corner[i], UINT32_MAX);
  const HilumDistanceCorner middle = hilum_distance_middle(bvh, c);
  return bound_by_tree(bvh, group, c, &middle, wish, 0);
}

typedef struct {
  const HilumBvh *from, *to;
  HilumNearGroup *groups;
  double enough;
  double *bound;
  const HilumProgress *progress;
} All;

/* What is no nearer than `enough` to their box does not help; so the list is short, and nobody is asked where
 * the nearest is. Lists that are too long are made for half of the triangles. */
static void bound_some(const All *w, HilumNearGroup *group, size_t first, size_t n)
{
  static const double NO_SHIFT[3] = {0, 0, 0};
  const uint32_t *triangle = w->from->order + first;
  hilum_near_group_load(group, w->from->positions, w->from->indices, NO_SHIFT, triangle, n);
  if (hilum_near_list_gather(&group->list, w->to, group->lo, group->hi, w->enough,
                             n > 1 ? SHORT : HILUM_NEAR_MOST)) {
    hilum_near_group_measure(group);
    for (size_t t = 0; t < n; t++) {
      double found = 0;
      const HilumBoundWish wish = {w->enough, 0, &found};
      w->bound[triangle[t]] = hilum_bound_in_group(group, t, &wish);
    }
  } else if (n > 1) {
    bound_some(w, group, first, n / 2);
    bound_some(w, group, first + n / 2, n - n / 2);
  } else {
    double c[3][3], found = 0;
    const HilumBoundWish wish = {w->enough, 0, &found};
    hilum_triangle_corners(w->from->positions, w->from->indices, triangle[0], c);
    w->bound[triangle[0]] = hilum_bound_triangle(w->to, group, c, &wish);
  }
}

static void bound_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const All *w = data;
  for (size_t i = begin; i < end; i += HILUM_NEAR_GROUP) {
    if (hilum_progress_cancelled(w->progress)) return;
    bound_some(w, &w->groups[worker], i, MIN((size_t)HILUM_NEAR_GROUP, end - i));
  }
}

bool hilum_bound_all(const HilumBvh *from, const HilumBvh *to, double enough, double *bound,
                     const HilumProgress *progress, GError **error)
{
  All w = {from, to, hilum_near_groups_new(error), enough, bound, progress};
  if (!w.groups) return false;
  hilum_parallel_for(from->n_triangles, CHUNK, bound_chunk, &w);
  hilum_near_groups_free(w.groups);
  return !hilum_progress_fail(progress, error);
}

HilumNearGroup *hilum_near_groups_new(GError **error)
{
  const unsigned threads = hilum_parallel_threads();
  HilumNearGroup *groups = g_new0(HilumNearGroup, threads + 1);
  for (unsigned i = 0; i < threads; i++)
    if (!hilum_near_group_init(&groups[i], error)) {
      hilum_near_groups_free(groups);
      return NULL;
    }
  return groups;
}

void hilum_near_groups_free(HilumNearGroup *groups)
{
  for (unsigned i = 0; groups && i < hilum_parallel_threads(); i++)
    hilum_near_group_clear(&groups[i]);
  g_free(groups);
}
