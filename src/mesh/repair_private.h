/* The single operations of print preparation. */
#pragma once

#include "hilum/mesh/repair.h"

/* Closes every simple loop of open edges: up to 200 edges by the triangulation of least area, longer ones by
 * a fan about their middle. Loops that pass a vertex twice are left. */
HilumMesh *hilum_mesh_fill_holes(HilumMesh *mesh, uint64_t *filled, GError **error);
/* Without the pieces whose enclosed volume is less than that, and without unused vertices. */
HilumMesh *hilum_mesh_remove_shells(HilumMesh *mesh, double below_mm3, uint64_t *removed, GError **error);
/* The spacing that is meant, if none is asked for. */
double hilum_prepare_choose_resolution(const HilumPrepareOptions *options);
/* How far the grids of remaking and of thickening reach beyond the surface. */
static inline double hilum_remake_margin_mm(double resolution_mm)
{
  return 3 * resolution_mm;
}
static inline double hilum_thicken_margin_mm(double diameter_mm, double resolution_mm)
{
  return diameter_mm + 3 * resolution_mm;
}
/* Both may lose this much off either side to decimation later, and are asked for that much more. */
static inline double hilum_prepare_allowance_mm(const HilumPrepareOptions *options)
{
  return 2 * options->decimate_error_mm;
}
/* Through a grid of signed distances (remake.c): what is inside, once; hollow_mm > 0 with walls of that
 * thickness. */
HilumMesh *hilum_mesh_remake(HilumMesh *mesh, double resolution_mm, double hollow_mm,
                             const HilumProgress *progress, GError **error);
/* Every point of the result lies in a ball of that diameter inside it (thicken.c); *places counts the balls
 * that were put where the solid was too thin for one. */
HilumMesh *hilum_mesh_thicken(HilumMesh *mesh, double diameter_mm, double resolution_mm, uint64_t *places,
                              const HilumProgress *progress, GError **error);
