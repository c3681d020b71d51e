/* Is every point of a surface in a ball of a diameter inside of it? And where not, where would one fit best?
 * Any thread, all cores, the same with any number of threads. Places are relative to the mesh's origin. */
#pragma once

#include "hilum/mesh/mesh.h"

/* Some of space, as marked cells: what lies in none is not looked at. */
typedef struct {
  double lo[3], cell;
  int32_t n[3];
  uint8_t *marked;
} HilumRegion;

/* Cells that hold the box of the mesh, none marked. Free `marked`. */
HilumRegion hilum_region_new(const HilumMesh *mesh, double cell);
/* Marks the cell of p and the 26 around it: all that is nearer than a cell. */
void hilum_region_mark(HilumRegion *region, const double p[3]);
bool hilum_region_holds(const HilumRegion *region, const double p[3]); /* NULL: all of space */

/* A place that is too thin. */
typedef struct {
  double x[3];     /* on the surface */
  double c[3];     /* the deepest place within reach of it that was found: the middle of the ball, or of the
                      ray */
  double diameter; /* of the ball, or how long the ray is */
} HilumThin;

typedef struct {
  double least_ball_mm, least_ray_mm; /* of the places that were looked at; at most the diameter */
  uint64_t below;                     /* places that are too thin, by ball or by ray */
} HilumOpenness;

typedef enum {
  HILUM_OPENNESS_QUICK,   /* thin is what no ball is found for at once; some of it may not be */
  HILUM_OPENNESS_CERTAIN, /* thin is what is certain to be */
  HILUM_OPENNESS_EXACT    /* and its least ball is measured, to the tolerance: not only the best found */
} HilumOpennessEffort;

/* Looks at the corners and the middle of every triangle of a closed surface that does not cross itself. A
 * place x is thick enough if there is a ball inside, of the diameter less the tolerance or more, that comes
 * within the tolerance of x (local thickness: T. Hildebrand, P. Rueegsegger, Journal of Microscopy 1997), and
 * if a ray from the triangle's middle along its inward normal stays inside for the diameter less two
 * tolerances. Triangles lower than half a tolerance have no direction of their own: no rays.
 *
 * That a place is too thin is certain: balls are tried that touch x or that were found nearby, then all
 * others by branch and bound, where the distance to the surface, which changes by no more than one goes,
 * excludes whole cubes of middles; what is left out holds no ball of the diameter that holds x.
 *
 * `region` NULL: everywhere. `thin` may be NULL, else gets HilumThin in the order of the triangles. */
bool hilum_mesh_openness(const HilumMesh *mesh, double diameter, double tolerance, const HilumRegion *region,
                         HilumOpennessEffort effort, HilumOpenness *openness, GArray *thin,
                         const HilumProgress *progress, GError **error);
