/* Connected pieces of a mesh and whether each faces the right way. */
#pragma once

#include "hilum/mesh/mesh.h"

/* Counts the pieces. `outward`: every piece encloses positive volume, but for cavities, which lie inside the
 * material of other pieces and enclose negative volume. */
bool hilum_mesh_study_shells(const HilumMesh *mesh, uint32_t *shells, bool *outward,
                             const HilumProgress *progress, GError **error);
