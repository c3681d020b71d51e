/* The short way to nearest points: what can be nearest to any point of a few neighbouring triangles is
 * gathered once, and each of their points asks that list only, eight triangles side by side. Each list and
 * group belongs to one thread at a time. */
#pragma once

#include "bvh_private.h"
#include "hilum/kernels/nearest.h"

/* Longer lists are not worth having. */
enum { HILUM_NEAR_MOST = 512 };

typedef struct {
  HilumNearestKernels kernels;
  HilumNearestBlock *blocks;
  size_t n, padded; /* triangles; the same as a multiple of the lanes: numbers a row of distances has */
} HilumNearList;

/* All triangles that come within `radius` (mm) of the box [lo, hi] and perhaps a few that do not. False if
 * they are more than `most` (up to HILUM_NEAR_MOST) or too far away for floats. Where no triangle comes so
 * near, n is 0. */
bool hilum_near_list_gather(HilumNearList *list, const HilumBvh *bvh, const double lo[3], const double hi[3],
                            double radius, size_t most);

/* Squared distances to all of the list into a row of `padded` numbers (64-byte aligned); returns the least
 * (INFINITY if the list is empty). */
static inline double hilum_near_list_distances2(const HilumNearList *list, const double p[3], double *d2)
{
  return list->kernels.distances2(list->blocks, list->padded / HILUM_NEAREST_LANES, p, d2);
}

/* Those of a list that may come within `limit` (mm) of a point that is no farther than `size` from each of
 * three points, whose rows these are. If they are at most half, true: `shorter` has them, its blocks behind
 * those of the list, and the rows, cut down, follow each other in `to`. */
bool hilum_near_list_narrow(const HilumNearList *list, const double *const row[3], double limit, double size,
                            HilumNearList *shorter, double *to);

/* Triangles that follow each other in the order of their own tree, and their corners, each once. */
enum { HILUM_NEAR_GROUP = 16 };

typedef struct {
  HilumNearList list; /* to be gathered by whoever asks */
  const uint32_t *triangle;
  size_t n_triangles;
  uint8_t corner[HILUM_NEAR_GROUP][3]; /* which point */
  size_t n_points;
  uint32_t vertex[3 * HILUM_NEAR_GROUP];
  double p[3 * HILUM_NEAR_GROUP][3]; /* in the frame of the tree that is asked */
  double lo[3], hi[3];
  double least2[3 * HILUM_NEAR_GROUP]; /* squared distance to the nearest of the list */
  double *rows;                        /* a row of distances a point, and some to work with */
} HilumNearGroup;

bool hilum_near_group_init(HilumNearGroup *group, GError **error);
void hilum_near_group_clear(HilumNearGroup *group);

/* Takes in n triangles (1 to HILUM_NEAR_GROUP) of a mesh; `shift` leads from its frame to that of the tree
 * that is asked. `triangle` is borrowed. */
void hilum_near_group_load(HilumNearGroup *group, const float *positions, const uint32_t *indices,
                           const double shift[3], const uint32_t *triangle, size_t n);

/* Distances from all points to the list that was gathered. */
void hilum_near_group_measure(HilumNearGroup *group);

static inline const double *hilum_near_group_row(const HilumNearGroup *group, size_t triangle, int corner)
{
  return group->rows + group->list.padded * group->corner[triangle][corner];
}

/* The rows that belong to no point; HILUM_NEAR_SPARE of them. */
enum { HILUM_NEAR_SPARE = 32 };
static inline double *hilum_near_group_spare(const HilumNearGroup *group)
{
  return group->rows + group->list.padded * group->n_points;
}
