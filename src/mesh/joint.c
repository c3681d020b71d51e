/* The joint surface as an object, and the surface of one structure out of it. */
#include "joint_private.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"

#include <string.h>

HilumJoint *hilum_joint_new_take(HilumMesh *mesh, HilumLabelPair *pairs)
{
  HilumJoint *joint = g_new0(HilumJoint, 1);
  g_atomic_ref_count_init(&joint->refs);
  joint->mesh = mesh;
  joint->pairs = pairs;
  uint32_t n = hilum_mesh_get_triangle_count(mesh);
  for (uint32_t t = 0; t < n; t++)
    joint->present[pairs[t].inside] = joint->present[pairs[t].outside] = true;
  joint->present[0] = false;
  return joint;
}

HilumJoint *hilum_joint_ref(HilumJoint *joint)
{
  g_atomic_ref_count_inc(&joint->refs);
  return joint;
}

void hilum_joint_unref(HilumJoint *joint)
{
  if (!joint || !g_atomic_ref_count_dec(&joint->refs)) return;
  hilum_mesh_unref(joint->mesh);
  hilum_big_free(joint->pairs);
  g_free(joint);
}

HilumMesh *hilum_joint_get_mesh(const HilumJoint *joint)
{
  return joint->mesh;
}

const HilumLabelPair *hilum_joint_get_pairs(const HilumJoint *joint)
{
  return joint->pairs;
}

bool hilum_joint_has(const HilumJoint *joint, uint8_t label)
{
  return joint->present[label];
}

/* Numbers the vertices in use in their order: id[v] + 1, or 0. */
static uint32_t number_vertices(const HilumJoint *joint, uint8_t label, uint32_t *id, uint32_t *n_triangles)
{
  uint32_t nt = hilum_mesh_get_triangle_count(joint->mesh), nv = hilum_mesh_get_vertex_count(joint->mesh);
  const uint32_t *indices = hilum_mesh_get_indices(joint->mesh);
  uint32_t triangles = 0, vertices = 0;
  for (size_t t = 0; t < nt; t++) {
    if (joint->pairs[t].inside != label && joint->pairs[t].outside != label) continue;
    triangles++;
    for (size_t c = 0; c < 3; c++)
      id[indices[3 * t + c]] = 1;
  }
  for (uint32_t v = 0; v < nv; v++)
    if (id[v]) id[v] = ++vertices;
  *n_triangles = triangles;
  return vertices;
}

static void copy_part(const HilumJoint *joint, uint8_t label, const uint32_t *id, float *positions,
                      uint32_t *out)
{
  uint32_t nt = hilum_mesh_get_triangle_count(joint->mesh), nv = hilum_mesh_get_vertex_count(joint->mesh);
  const uint32_t *indices = hilum_mesh_get_indices(joint->mesh);
  const float *from = hilum_mesh_get_positions(joint->mesh);
  for (size_t v = 0; v < nv; v++)
    if (id[v]) memcpy(positions + 3 * ((size_t)id[v] - 1), from + 3 * v, 3 * sizeof(float));
  for (size_t t = 0; t < nt; t++) {
    bool inside = joint->pairs[t].inside == label;
    if (!inside && joint->pairs[t].outside != label) continue;
    const uint32_t *i = indices + 3 * t;
    out[0] = id[i[0]] - 1;
    out[1] = id[i[inside ? 1 : 2]] - 1;
    out[2] = id[i[inside ? 2 : 1]] - 1;
    out += 3;
  }
}

HilumMesh *hilum_joint_split(const HilumJoint *joint, uint8_t label, GError **error)
{
  if (label == 0 || !joint->present[label]) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "There is no surface to make: no voxel belongs to the structure");
    return NULL;
  }
  uint32_t *id = hilum_big_alloc0((size_t)hilum_mesh_get_vertex_count(joint->mesh) * sizeof *id, error);
  if (!id) return NULL;
  uint32_t nt, nv = number_vertices(joint, label, id, &nt);
  HilumMesh *mesh = NULL;
  float *positions = hilum_big_alloc(3 * (size_t)nv * sizeof *positions, error);
  uint32_t *indices = positions ? hilum_big_alloc(3 * (size_t)nt * sizeof *indices, error) : NULL;
  if (indices) {
    copy_part(joint, label, id, positions, indices);
    mesh = hilum_mesh_new_trusted(hilum_mesh_get_origin_mm(joint->mesh), nv, positions, NULL, nt, indices);
  } else {
    hilum_big_free(positions);
  }
  hilum_big_free(id);
  return mesh;
}
