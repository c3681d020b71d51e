/* What a ray hits in 3D. A bounding volume hierarchy per mesh (binned surface area heuristic: Wald 2007),
 * built on any thread as a pure function of the mesh, immutable and reference counted. */
#pragma once

#include "hilum/geom/ray.h"
#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

typedef struct HilumBvh HilumBvh;

/* Takes a reference on the mesh. */
HilumBvh *hilum_bvh_new(HilumMesh *mesh, const HilumProgress *progress, GError **error);
HilumBvh *hilum_bvh_ref(HilumBvh *bvh);
void hilum_bvh_unref(HilumBvh *bvh);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumBvh, hilum_bvh_unref)
HilumMesh *hilum_bvh_get_mesh(const HilumBvh *bvh);

/* Nearest triangle with 0 < t < *t (in units of ray.dir; start with INFINITY), from either side. On a hit
 * lowers *t and writes the triangle. */
bool hilum_bvh_hit(const HilumBvh *bvh, HilumRay ray, double *t, uint32_t *triangle);

typedef struct {
  uint8_t label;
  HilumVec3 point_mm;
  HilumVec3 normal; /* unit, towards the ray's origin */
  double t;
} HilumPick;

G_END_DECLS
