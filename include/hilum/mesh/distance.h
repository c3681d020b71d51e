/* How far one surface lies from another: mean, 95 % and greatest distance from the points of one to the
 * nearest point of the other, in millimetres. Any thread, all cores, the same numbers with any number of
 * threads. */
#pragma once

#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

typedef struct {
  double mean_mm, rms_mm, p95_mm; /* over the area of the first surface, sampled (docs/meshing.md) */
  double max_mm;                  /* one-sided Hausdorff distance: the greatest distance found */
  double bound_mm; /* no point of the first surface, sampled or not, is farther than this; at most 2 % or 1
                      micrometre above max_mm unless triangles are very large */
  uint64_t samples;
} HilumSurfaceDistance;

/* From every part of `from` to the nearest point of `to`. Frames are the meshes' own LPS millimetres.
 * HILUM_MESH_ERROR_EMPTY if either has no triangle. */
bool hilum_mesh_distance(const HilumMesh *from, const HilumMesh *to, HilumSurfaceDistance *distance,
                         const HilumProgress *progress, GError **error);

/* Both ways: means weighted by the areas, 95 % of all samples of both, and the greater of the two Hausdorff
 * distances. */
bool hilum_mesh_distance_symmetric(const HilumMesh *a, const HilumMesh *b, HilumSurfaceDistance *distance,
                                   const HilumProgress *progress, GError **error);

/* One way, the other, and both, for the work of both. */
bool hilum_mesh_distances(const HilumMesh *a, const HilumMesh *b, HilumSurfaceDistance *there,
                          HilumSurfaceDistance *back, HilumSurfaceDistance *both,
                          const HilumProgress *progress, GError **error);

/* The least distance between two surfaces, exact on their triangles (to the rounding of doubles), and a pair
 * of points that has it; 0 where they touch or cross, though one may lie within the other: it is the distance
 * of the surfaces, not of what they enclose. HILUM_MESH_ERROR_EMPTY if either has no triangle. */
typedef struct {
  double mm;
  HilumVec3 a_mm, b_mm; /* LPS */
} HilumSurfaceGap;
bool hilum_mesh_gap(const HilumMesh *a, const HilumMesh *b, HilumSurfaceGap *gap,
                    const HilumProgress *progress, GError **error);

/* Distance of each vertex of `from` to `to`, for a colour map: one float a vertex into `mm`. */
bool hilum_mesh_distance_of_vertices(const HilumMesh *from, const HilumMesh *to, float *mm,
                                     const HilumProgress *progress, GError **error);
/* The same with a sign: above zero on the side that `to`, which faces outward, faces. The side is decided by
 * the normal of `to` at the nearest point, interpolated between its corners (after J. A. Baerentzen, H.
 * Aanaes, Signed distance computation using the angle weighted pseudonormal, 2005). */
bool hilum_mesh_signed_distance_of_vertices(const HilumMesh *from, const HilumMesh *to, float *mm,
                                            const HilumProgress *progress, GError **error);

G_END_DECLS
