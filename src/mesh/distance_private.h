/* Certified distances, for what must promise them. */
#pragma once

#include "near_list_private.h"

typedef struct {
  double p[3];
  HilumNearest near;
} HilumDistanceCorner;

/* The nearest point. `hint`: a triangle thought to be near, which saves most of the search (UINT32_MAX:
 * none).
 */
HilumNearest hilum_nearest_from(const HilumBvh *bvh, const double p[3], uint32_t hint);
HilumDistanceCorner hilum_distance_corner(const HilumBvh *bvh, const double p[3], uint32_t hint);
HilumDistanceCorner hilum_distance_middle(const HilumBvh *bvh, const HilumDistanceCorner c[3]);

/* Bounds of the distance from any point of a triangle to the surface, all true, none of which cuts it: from
 * its corners and middle, and from the row of each corner in a list. */
double hilum_bound_at_once(const HilumBvh *bvh, const HilumDistanceCorner c[3],
                           const HilumDistanceCorner *middle);
double hilum_bound_listed_at_once(const HilumNearGroup *group, size_t triangle, double good);

/* What is to be shown of a triangle. It is cut along the middles of its sides until each part is known to lie
 * no farther than `enough` (mm), or no farther than `tolerance` beyond what was found. With `enough` above
 * zero, the bound is INFINITY as soon as a point lies farther than that. */
typedef struct {
  double enough, tolerance;
  double *found; /* in and out: greatest distance seen at a point */
} HilumBoundWish;

/* A bound that no point of the triangle exceeds: of one of a group that was measured against its list, whose
 * list holds whatever is nearest to a point of it (or nearer than `enough`) and of any, for which lists are
 * made with what `group` has once they are short enough; corner[] in the tree's frame. */
double hilum_bound_in_group(const HilumNearGroup *group, size_t triangle, const HilumBoundWish *wish);
double hilum_bound_triangle(const HilumBvh *bvh, HilumNearGroup *group, double corner[3][3],
                            const HilumBoundWish *wish);

/* For each triangle of `from` a bound of its distance to `to`: at most `enough`, or (a part lies farther or
 * could not be shown not to) more. Both meshes have one origin. Spread over all cores. */
bool hilum_bound_all(const HilumBvh *from, const HilumBvh *to, double enough, double *bound,
                     const HilumProgress *progress, GError **error);

/* A group a thread. */
HilumNearGroup *hilum_near_groups_new(GError **error);
void hilum_near_groups_free(HilumNearGroup *groups);
