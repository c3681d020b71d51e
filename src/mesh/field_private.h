/* Signed distances of a surface on a grid, for what is easier done to a solid than to triangles. One owner;
 * all cores; the same bits with any number of threads. Places are relative to the mesh's origin. */
#pragma once

#include "bvh_private.h"

typedef struct {
  double h, lo[3]; /* spacing; first grid point */
  int32_t n[3];
  float *d;    /* x fastest; negative inside */
  double band; /* deeper distances are only known to be that, and are -band; outside the same with 3 h */
} HilumField;

/* The size is exact: the distance to the nearest triangle, in double, rounded once. The sign is the winding
 * number's: along each row of the grid the crossings with all triangles are summed with their direction, so
 * overlapping pieces become one and what crosses itself is resolved (A. Jacobson, L. Kavan, O. Sorkine,
 * Robust inside-outside segmentation using generalized winding numbers, SIGGRAPH 2013, on closed meshes). The
 * grid reaches `margin` beyond the mesh. HILUM_MESH_ERROR_LIMIT if it would have more than HILUM_FIELD_MAX
 * points. */
#define HILUM_FIELD_MAX 400000000.0
bool hilum_field_init(HilumField *field, const HilumMesh *mesh, double h, double margin, double band,
                      const HilumProgress *progress, GError **error);
void hilum_field_clear(HilumField *field);
/* Points of the grid that hilum_field_init() would make of a mesh with these bounds. */
double hilum_field_count(HilumBox bounds_mm, double h, double margin);

/* `far` (one float a point, cleared to anything) becomes the distance to the surface of `bvh`, at most
 * `band`, where the field lies within [from, to]; `band` elsewhere. */
bool hilum_field_distances(const HilumField *field, const HilumBvh *bvh, double from, double to, double band,
                           float *far, const HilumProgress *progress, GError **error);

typedef struct {
  double c[3], r;
} HilumBall;

/* The union of what `d` is negative in (a field's own, or another on its grid) with balls. */
void hilum_field_add_balls(const HilumField *field, float *d, const HilumBall *balls, size_t n);

/* The surface of { max(d, -d - hollow) <= level }, by marching cubes: without `hollow` (0) the surface where
 * d is `level`. Places are rounded to h / 8192. Empty: HILUM_MESH_ERROR_EMPTY. */
HilumMesh *hilum_field_extract(const HilumField *field, const float *d, HilumVec3 origin_mm, double level,
                               double hollow, const HilumProgress *progress, GError **error);
