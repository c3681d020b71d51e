/* How a surface bends: mean and Gaussian curvature at each vertex. Any thread, all cores, the same bits with
 * any number of threads.
 *
 * A quadric z = a x^2 + b x y + c y^2 + d x + e y over the plane across the vertex's normal is fitted to the
 * vertices of its two rings by least squares (F. Cazals, M. Pouget, Estimating differential quantities using
 * polynomial fitting of osculating jets, Computer Aided Geometric Design 2005, degree 2), and its curvature
 * at the vertex is taken, so that what is measured is the surface over about two edges' lengths, not the
 * noise of single triangles. */
#pragma once

#include "hilum/mesh/mesh.h"

G_BEGIN_DECLS

/* Over the area of the surface (each vertex with a third of its triangles). */
typedef struct {
  double mean, p5, median, p95;
} HilumCurvatureSpread;

typedef struct {
  HilumCurvatureSpread mean_per_mm; /* half the sum of the principal ones; a ball of radius r has 1 / r */
  HilumCurvatureSpread gaussian_per_mm2; /* their product; a ball has 1 / r^2, a saddle is negative */
  uint64_t vertices, left_out;           /* left out: fewer than five neighbours, or all of them on a line */
} HilumCurvature;

/* mean_per_mm, gaussian_per_mm2: one float a vertex, for a colour map, NAN where it was left out; each may be
 * NULL. Positive where the surface is convex seen from outside. Members of the spread are NAN for a surface
 * without area. */
bool hilum_mesh_curvature(const HilumMesh *mesh, HilumCurvature *curvature, float *mean_per_mm,
                          float *gaussian_per_mm2, const HilumProgress *progress, GError **error);

G_END_DECLS
