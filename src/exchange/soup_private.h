/* Triangles as files have them, three corners each, and how they become a mesh. */
#pragma once

#include "hilum/mesh/mesh.h"

/* Joins corners with the same coordinates (minus zero is zero) and takes the middle of the box as the mesh's
 * origin, so that what was written by us comes back with the same floats. `corners` holds 9 floats a triangle
 * and stays the caller's. Coordinates must be finite. */
HilumMesh *hilum_soup_to_mesh(const float *corners, size_t n_triangles, const HilumProgress *progress,
                              GError **error);
