/* The single operations of print preparation. */
#pragma once

#include "hilum/mesh/repair.h"

/* Closes every simple loop of open edges: up to 200 edges by the triangulation of least area, longer ones by
 * a fan about their middle. Loops that pass a vertex twice are left. */
HilumMesh *hilum_mesh_fill_holes(HilumMesh *mesh, uint64_t *filled, GError **error);
/* Without the pieces whose enclosed volume is less than that, and without unused vertices. */
HilumMesh *hilum_mesh_remove_shells(HilumMesh *mesh, double below_mm3, uint64_t *removed, GError **error);
/* Through a grid of signed distances (remake.c): what is inside, once; hollow_mm > 0 with walls of that
 * thickness. */
HilumMesh *hilum_mesh_remake(HilumMesh *mesh, double resolution_mm, double hollow_mm,
                             const HilumProgress *progress, GError **error);
/* Every point of the result lies in a ball of that diameter inside it (thicken.c); *places counts the balls
 * that were put where the solid was too thin for one. */
HilumMesh *hilum_mesh_thicken(HilumMesh *mesh, double diameter_mm, double resolution_mm, uint64_t *places,
                              const HilumProgress *progress, GError **error);
