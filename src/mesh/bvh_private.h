/* A tree of boxes over the triangles of a mesh, for nearest points, rays and overlapping pairs. Immutable
 * once built; any thread. All places are relative to the mesh's origin. */
#pragma once

#include "hilum/mesh/mesh.h"

/* Four children side by side: what each lies in, a box and a slab, from <= n . p <= to with n the mean
 * direction in which it faces. Of a smooth surface the slab is thin, and tells how far away it is where the
 * box does not. */
enum { HILUM_BVH_WIDTH = 4, HILUM_BVH_LEVELS = 16 };
typedef struct {
  float lo[3][HILUM_BVH_WIDTH], hi[3][HILUM_BVH_WIDTH];
  float n[3][HILUM_BVH_WIDTH], from[HILUM_BVH_WIDTH], to[HILUM_BVH_WIDTH];
} HilumBvhNode;

typedef struct {
  const float *positions; /* the mesh's: it must outlive the tree */
  const uint32_t *indices;
  uint32_t n_triangles;
  uint32_t *order;                  /* triangles, four a leaf */
  HilumBvhNode *nodes;              /* level 0, the leaves, first */
  int n_levels;                     /* the last has one node; none if there are no triangles */
  size_t first[HILUM_BVH_LEVELS];   /* node of each level */
  uint32_t count[HILUM_BVH_LEVELS]; /* its nodes; node i has children 4 i .. 4 i + 3 of the level below */
  float reach;                      /* no coordinate is greater */
} HilumBvh;

/* Morton order of the triangles' middles (G. Morton 1966; C. Lauterbach et al., Fast BVH construction on
 * GPUs, Eurographics 2009), four triangles a leaf, four nodes a node above, so that four boxes are looked at
 * together (H. Dammertz, J. Hanika, A. Keller, Shallow bounding volume hierarchies for fast SIMD ray tracing
 * of incoherent rays, EGSR 2008). The same tree with any number of threads. */
bool hilum_bvh_init(HilumBvh *bvh, const HilumMesh *mesh, GError **error);
void hilum_bvh_clear(HilumBvh *bvh);

/* Children or triangles of a node. */
static inline unsigned hilum_bvh_lanes(const HilumBvh *bvh, int level, uint32_t node)
{
  const uint32_t below = level > 0 ? bvh->count[level - 1] : bvh->n_triangles;
  return MIN((unsigned)HILUM_BVH_WIDTH, below - HILUM_BVH_WIDTH * node);
}

typedef struct {
  double d2; /* squared distance, mm2 */
  double point[3];
  uint32_t triangle; /* UINT32_MAX: none nearer than asked */
} HilumNearest;

/* The nearest point of the surface that is nearer than sqrt(limit2) (INFINITY: any). */
HilumNearest hilum_bvh_nearest(const HilumBvh *bvh, const double p[3], double limit2);

/* Least t > t_min (in units of dir) at which origin + t dir meets a triangle that has no corner `skip`
 * (UINT32_MAX: all count); INFINITY if none. `triangle` may be NULL. */
double hilum_bvh_ray(const HilumBvh *bvh, const double origin[3], const double dir[3], double t_min,
                     uint32_t skip, uint32_t *triangle);

/* Calls `visit` for every triangle whose box meets [lo, hi] (closed), in the order of the tree, until it
 * returns false. */
typedef bool (*HilumBvhVisit)(uint32_t triangle, void *data);
void hilum_bvh_overlaps(const HilumBvh *bvh, const float lo[3], const float hi[3], HilumBvhVisit visit,
                        void *data);

/* Calls `visit` for every pair of triangles whose boxes meet (closed) of which one is in this leaf (of
 * count[0]) and the other there or in a later one: over all leaves, each pair once. */
typedef void (*HilumBvhPair)(uint32_t a, uint32_t b, void *data);
void hilum_bvh_pairs(const HilumBvh *bvh, uint32_t leaf, HilumBvhPair visit, void *data);

/* Squared distance from p to a triangle and the nearest point of it (C. Ericson, Real-Time Collision
 * Detection, 2005, 5.1.5). Degenerate triangles are segments or points. */
double hilum_nearest_on_triangle(const double p[3], const double a[3], const double b[3], const double c[3],
                                 double nearest[3]);

static inline void hilum_triangle_corners(const float *positions, const uint32_t *indices, size_t t,
                                          double p[3][3])
{
  for (int c = 0; c < 3; c++)
    for (int a = 0; a < 3; a++)
      p[c][a] = (double)positions[3 * (size_t)indices[3 * t + (size_t)c] + (size_t)a];
}
