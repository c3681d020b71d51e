/* What the files of the mesh module share: construction without the checks that a file's data needs, and the
 * corners around each vertex. */
#pragma once

#include "hilum/mesh/mesh.h"

/* Like hilum_mesh_new_take(), for indices that are right by construction. */
HilumMesh *hilum_mesh_new_trusted(HilumVec3 origin_mm, uint32_t n_vertices, float *positions, float *normals,
                                  uint32_t n_triangles, uint32_t *indices);

/* The same triangles with vertices elsewhere: takes over `positions`, shares the indices. */
HilumMesh *hilum_mesh_new_moved(HilumMesh *mesh, float *positions);

/* For each vertex the corners (3 * triangle + 0..2) that use it, ascending: corner[first[v] .. first[v+1]).
 */
typedef struct {
  uint32_t *first;  /* n_vertices + 1 */
  uint32_t *corner; /* 3 * n_triangles */
} HilumCorners;

bool hilum_corners_init(HilumCorners *corners, uint32_t n_vertices, uint32_t n_triangles,
                        const uint32_t *indices, GError **error);
void hilum_corners_clear(HilumCorners *corners);

/* The corners before and after one in its triangle. */
static inline uint32_t hilum_corner_next(uint32_t c)
{
  return c % 3 == 2 ? c - 2 : c + 1;
}
static inline uint32_t hilum_corner_previous(uint32_t c)
{
  return c % 3 == 0 ? c + 2 : c - 1;
}

/* Area-weighted unit normals into 3 * n_vertices floats. */
void hilum_mesh_compute_normals(uint32_t n_vertices, const float *positions, const uint32_t *indices,
                                const HilumCorners *corners, float *normals);
