/* Connected pieces of a mesh and whether each faces the right way. */
#pragma once

#include "hilum/mesh/measure.h"

/* Fills in what the report says of pieces. `outward`: every piece encloses positive volume, but for cavities,
 * which lie inside the material of other pieces and enclose negative volume. */
bool hilum_mesh_study_shells(const HilumMesh *mesh, HilumMeshReport *report, const HilumProgress *progress,
                             GError **error);

/* Numbers the pieces in the order of their first vertex into shell[n_vertices] and returns how many there
 * are. A vertex without triangles is a piece. */
uint32_t hilum_mesh_number_shells(uint32_t n_vertices, uint32_t n_triangles, const uint32_t *indices,
                                  uint32_t *shell);
