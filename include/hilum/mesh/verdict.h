/* What a printer or a surgeon asks of a surface beyond its topology: does it cross itself, and where is it
 * thin? Any thread, all cores, the same numbers with any number of threads. */
#pragma once

#include "hilum/mesh/measure.h"

G_BEGIN_DECLS

/* Pairs of triangles that meet in more than the corners they share; touching counts. Decided exactly on the
 * stored coordinates (J. Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric
 * predicates, 1997). Triangles without area are left out: the report of hilum_mesh_measure() counts them.
 * `crossed` (may be NULL): one byte a triangle, set to 1 for those of such a pair, else 0. */
bool hilum_mesh_self_intersections(const HilumMesh *mesh, uint64_t *pairs, uint8_t *crossed,
                                   const HilumProgress *progress, GError **error);

/* Thickness at each vertex of a closed surface, in mm, INFINITY where there is no opposite wall:
 * by ray: how far the inward normal goes until it leaves the material;
 * by ball: the diameter of the greatest ball that touches the surface here from inside and lies in the
 * material (the shrinking ball of J. Ma, S. Bae, S. Choi, 3D medial axis point approximation using nearest
 * neighbors and the normal field, The Visual Computer 2012), to 2 % where the vertex's
 * normal is right (docs/meshing.md). In a tube that is its diameter, in a
 * plate its thickness. What touches the ball less than 100 degrees away is a corner, not a wall, and does not
 * shrink it. */
typedef struct {
  double min_ray_mm, min_ball_mm;
  HilumVec3 thinnest_mm, thinnest_ray_mm; /* the vertices with the least ball and the least ray, LPS */
  double max_depth_mm; /* how deep the middles of the balls lie at most, to 2 %; 0: there are none */
} HilumThickness;

/* ray_mm, ball_mm: one float a vertex, for a colour map; centers: 3 floats a vertex, the balls' middles
 * relative to the mesh's origin. Each may be NULL. */
bool hilum_mesh_thickness(const HilumMesh *mesh, HilumThickness *thickness, float *ray_mm, float *ball_mm,
                          float *centers, const HilumProgress *progress, GError **error);

/* All of it at once. Thickness is not measured (NAN) if the surface is not closed. */
typedef struct {
  uint64_t self_intersections;
  HilumVec3 crossing_mm; /* in a triangle that meets another, LPS; NAN without one */
  HilumThickness thickness;
} HilumMeshBeyond;
bool hilum_mesh_look_beyond(const HilumMesh *mesh, const HilumMeshReport *report, HilumMeshBeyond *beyond,
                            const HilumProgress *progress, GError **error);

/* What is wrong with a surface, a sentence each, worst first; empty if nothing is. GArray of HilumMeshDefect,
 * which frees its sentences. */
typedef struct {
  const char *code; /* static: "open-edges" "nonmanifold-edges" "nonmanifold-vertices" "flipped" "degenerate"
                       "duplicate" "self-intersecting" "inside-out" */
  char *sentence;
} HilumMeshDefect;
GArray *hilum_mesh_dup_defects(const HilumMeshReport *report, const HilumMeshBeyond *beyond);

/* Handles of all closed pieces together: (2 shells - euler) / 2; -1 for a surface that is not closed and
 * manifold. */
int64_t hilum_mesh_report_genus(const HilumMeshReport *report);

G_END_DECLS
