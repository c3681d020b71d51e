/* A triangle mesh in patient space. Immutable and reference counted once built; builders are single-owner.
 * Positions are floats in millimetres relative to a double origin at the middle of the surface, so that
 * rounding stays below 2e-5 mm however far from the scanner's origin the patient lies (decision 0003).
 * Triangles are counter-clockwise seen from outside. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/geom/box.h"

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct HilumMesh HilumMesh;

/* Takes over the arrays (hilum_big_alloc()): positions 3 * n_vertices, normals the same (unit, outward) or
 * NULL, indices 3 * n_triangles. Indices must be below n_vertices (checked). Freed with the mesh, also on
 * failure. */
HilumMesh *hilum_mesh_new_take(HilumVec3 origin_mm, uint32_t n_vertices, float *positions, float *normals,
                               uint32_t n_triangles, uint32_t *indices, GError **error);
HilumMesh *hilum_mesh_ref(HilumMesh *mesh);
void hilum_mesh_unref(HilumMesh *mesh);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumMesh, hilum_mesh_unref)

uint32_t hilum_mesh_get_vertex_count(const HilumMesh *mesh);
uint32_t hilum_mesh_get_triangle_count(const HilumMesh *mesh);
HilumVec3 hilum_mesh_get_origin_mm(const HilumMesh *mesh);
const float *hilum_mesh_get_positions(const HilumMesh *mesh); /* xyz, relative to the origin */
const float *hilum_mesh_get_normals(
    const HilumMesh *mesh); /* never NULL: area-weighted normals are made when first asked for if none came */
const uint32_t *hilum_mesh_get_indices(const HilumMesh *mesh);
HilumBox hilum_mesh_get_bounds_mm(const HilumMesh *mesh);
static inline HilumVec3 hilum_mesh_vertex_mm(HilumVec3 origin_mm, const float *positions, uint32_t v)
{
  return hilum_vec3(origin_mm.x + (double)positions[3 * (size_t)v],
                    origin_mm.y + (double)positions[3 * (size_t)v + 1],
                    origin_mm.z + (double)positions[3 * (size_t)v + 2]);
}

G_END_DECLS
