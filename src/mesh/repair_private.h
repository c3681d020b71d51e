/* The single operations of print preparation. */
#pragma once

#include "hilum/mesh/repair.h"
#include "openness_private.h"

/* Closes every simple loop of open edges: up to 200 edges by the triangulation of least area, longer ones by
 * a fan about their middle. Loops that pass a vertex twice are left. */
HilumMesh *hilum_mesh_fill_holes(HilumMesh *mesh, uint64_t *filled, GError **error);
/* Without the pieces whose enclosed volume is less than that, and without unused vertices. */
HilumMesh *hilum_mesh_remove_shells(HilumMesh *mesh, double below_mm3, uint64_t *removed, GError **error);
/* The spacing asked for; else a sixth of the least length, or the finest that fits, up to a third of it. */
double hilum_prepare_choose_resolution(HilumBox bounds_mm, const HilumPrepareOptions *options);
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
/* To what the thickness of something made on a grid is looked at. */
static inline double hilum_mesh_tolerance(double resolution_mm)
{
  return resolution_mm / 8;
}
/* Every point of the result lies in a ball of that diameter inside it (thicken.c); *places counts the balls
 * that were put where the solid was too thin for one. `reached`: what the last look at it found (places that
 * are still too thin after the last pass, none as a rule), to hilum_mesh_tolerance(). */
HilumMesh *hilum_mesh_thicken(HilumMesh *mesh, double diameter_mm, double resolution_mm, uint64_t *places,
                              HilumOpenness *reached, const HilumProgress *progress, GError **error);
