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

/* A part of the joint being taken out. */
typedef struct {
  const HilumJoint *joint;
  const uint8_t *set; /* labels */
  bool turn;          /* triangles whose outside is in the set and inside is not are turned */
  uint32_t *id;       /* per vertex of the joint: its number in the part + 1, or 0 */
  uint32_t nv, nt;
} Part;

static inline bool takes(const Part *p, size_t t)
{
  return p->set[p->joint->pairs[t].inside] || p->set[p->joint->pairs[t].outside];
}

/* Vertices in use are numbered in their order. */
static bool part_init(Part *p, GError **error)
{
  uint32_t nt = hilum_mesh_get_triangle_count(p->joint->mesh),
           nv = hilum_mesh_get_vertex_count(p->joint->mesh);
  const uint32_t *indices = hilum_mesh_get_indices(p->joint->mesh);
  p->id = hilum_big_alloc0((size_t)nv * sizeof *p->id, error);
  if (!p->id) return false;
  for (size_t t = 0; t < nt; t++) {
    if (!takes(p, t)) continue;
    p->nt++;
    for (size_t c = 0; c < 3; c++)
      p->id[indices[3 * t + c]] = 1;
  }
  for (uint32_t v = 0; v < nv; v++)
    if (p->id[v]) p->id[v] = ++p->nv;
  return true;
}

static void copy_part(const Part *p, float *positions, uint32_t *out, HilumLabelPair *pairs)
{
  const HilumMesh *mesh = p->joint->mesh;
  uint32_t nt = hilum_mesh_get_triangle_count(mesh), nv = hilum_mesh_get_vertex_count(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  const float *from = hilum_mesh_get_positions(mesh);
  for (size_t v = 0; v < nv; v++)
    if (p->id[v]) memcpy(positions + 3 * ((size_t)p->id[v] - 1), from + 3 * v, 3 * sizeof(float));
  for (size_t t = 0; t < nt; t++) {
    if (!takes(p, t)) continue;
    const uint32_t *i = indices + 3 * t;
    bool turn = p->turn && !p->set[p->joint->pairs[t].inside];
    out[0] = p->id[i[0]] - 1;
    out[1] = p->id[i[turn ? 2 : 1]] - 1;
    out[2] = p->id[i[turn ? 1 : 2]] - 1;
    out += 3;
    if (pairs) *pairs++ = p->joint->pairs[t];
  }
}

/* `pairs` (may be NULL) receives what belongs to the part's triangles. */
static HilumMesh *take_part(Part *p, HilumLabelPair **pairs, GError **error)
{
  float *positions = hilum_big_alloc(3 * (size_t)p->nv * sizeof *positions, error);
  uint32_t *indices = positions ? hilum_big_alloc(3 * (size_t)p->nt * sizeof *indices, error) : NULL;
  if (indices && pairs) *pairs = hilum_big_alloc((size_t)p->nt * sizeof **pairs, error);
  if (!indices || (pairs && !*pairs)) {
    hilum_big_free(positions);
    hilum_big_free(indices);
    return NULL;
  }
  copy_part(p, positions, indices, pairs ? *pairs : NULL);
  return hilum_mesh_new_trusted(hilum_mesh_get_origin_mm(p->joint->mesh), p->nv, positions, NULL, p->nt,
                                indices);
}

static void set_empty(GError **error)
{
  g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                      "There is no surface to make: no voxel belongs to the structure");
}

HilumMesh *hilum_joint_split(const HilumJoint *joint, uint8_t label, GError **error)
{
  uint8_t set[HILUM_LABEL_COUNT] = {0};
  if (label == 0 || !joint->present[label]) {
    set_empty(error);
    return NULL;
  }
  set[label] = 1;
  Part part = {.joint = joint, .set = set, .turn = true};
  HilumMesh *mesh = part_init(&part, error) ? take_part(&part, NULL, error) : NULL;
  hilum_big_free(part.id);
  return mesh;
}

HilumJoint *hilum_joint_restrict(HilumJoint *joint, const uint8_t set[HILUM_LABEL_COUNT], GError **error)
{
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  bool all = true, any = false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    wanted[l] = joint->present[l] && set[l];
    any |= wanted[l];
    all &= wanted[l] || !joint->present[l];
  }
  if (all) return hilum_joint_ref(joint);
  if (!any) {
    set_empty(error);
    return NULL;
  }
  Part part = {.joint = joint, .set = wanted};
  HilumLabelPair *pairs = NULL;
  HilumMesh *mesh = part_init(&part, error) ? take_part(&part, &pairs, error) : NULL;
  hilum_big_free(part.id);
  return mesh ? hilum_joint_new_take(mesh, pairs) : NULL;
}

static uint8_t find(uint8_t *parent, uint8_t l)
{
  while (parent[l] != l)
    l = parent[l] = parent[parent[l]];
  return l;
}

void hilum_joint_find_touching(const HilumJoint *joint, const uint8_t wanted[HILUM_LABEL_COUNT],
                               uint8_t touching[HILUM_LABEL_COUNT])
{
  uint32_t nt = hilum_mesh_get_triangle_count(joint->mesh), nv = hilum_mesh_get_vertex_count(joint->mesh);
  const uint32_t *indices = hilum_mesh_get_indices(joint->mesh);
  uint8_t parent[HILUM_LABEL_COUNT], roots[HILUM_LABEL_COUNT] = {0};
  g_autofree uint8_t *first = g_malloc0(nv); /* a label at each vertex */
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    parent[l] = (uint8_t)l;
  for (size_t t = 0; t < nt; t++) {
    HilumLabelPair pair = joint->pairs[t];
    if (pair.outside) parent[find(parent, pair.outside)] = find(parent, pair.inside);
    for (size_t c = 0; c < 3; c++) {
      uint8_t *at = &first[indices[3 * t + c]];
      if (*at && *at != pair.inside) parent[find(parent, *at)] = find(parent, pair.inside);
      *at = pair.inside;
    }
  }
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (wanted[l] && joint->present[l]) roots[find(parent, (uint8_t)l)] = 1;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    touching[l] = l && joint->present[l] && roots[find(parent, (uint8_t)l)];
}
