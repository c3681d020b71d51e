/* Where grey values made the bare surface cross itself: middles of faces and apexes follow the mean of their
 * neighbours, which can take them through a neighbouring sheet where three structures meet. The bare surface
 * of the labels crosses nowhere, so vertices of triangles that do go back there, with one ring more each time
 * that was not enough. Everything behind it - the leash, the guard, keep_apart - starts from a surface that
 * does not cross. */
#include "joint_grey.h"

#include "hilum/base/memory.h"
#include "hilum/mesh/verdict.h"
#include "joint_private.h"
#include "mesh_private.h"

#include <string.h>

enum { ROUNDS = 12, PATIENCE = 4 };

/* Vertices of crossed triangles; `rings` times also those of triangles that touch them. */
static void mark(const HilumMesh *mesh, const uint8_t *crossed, int rings, uint8_t *back)
{
  const uint32_t *i = hilum_mesh_get_indices(mesh);
  const size_t nt = hilum_mesh_get_triangle_count(mesh), nv = hilum_mesh_get_vertex_count(mesh);
  memset(back, 0, nv);
  for (size_t t = 0; t < nt; t++)
    if (crossed[t]) back[i[3 * t]] = back[i[3 * t + 1]] = back[i[3 * t + 2]] = 1;
  for (int ring = 1; ring <= rings; ring++) /* the number of the ring: one that grows does not run away */
    for (size_t t = 0; t < nt; t++) {
      bool near = false;
      for (size_t c = 0; c < 3; c++)
        near |= back[i[3 * t + c]] > 0 && back[i[3 * t + c]] <= ring;
      for (size_t c = 0; c < 3 && near; c++)
        if (!back[i[3 * t + c]]) back[i[3 * t + c]] = (uint8_t)(ring + 1);
    }
}

/* The surface with the marked vertices where they are in `bare`. */
static HilumJoint *take_back(const HilumJoint *placed, const HilumJoint *bare, const uint8_t *back,
                             float *weight, GError **error)
{
  const size_t nv = hilum_mesh_get_vertex_count(placed->mesh),
               nt = hilum_mesh_get_triangle_count(placed->mesh);
  const float *now = hilum_mesh_get_positions(placed->mesh), *was = hilum_mesh_get_positions(bare->mesh);
  HilumLabelPair *pairs = hilum_big_alloc(nt * sizeof *pairs, error);
  float *positions = pairs ? hilum_big_alloc(3 * nv * sizeof *positions, error) : NULL;
  if (!positions) {
    hilum_big_free(pairs);
    return NULL;
  }
  for (size_t v = 0; v < nv; v++) {
    memcpy(positions + 3 * v, (back[v] ? was : now) + 3 * v, 3 * sizeof *positions);
    if (back[v]) weight[v] = 0;
  }
  memcpy(pairs, placed->pairs, nt * sizeof *pairs);
  return hilum_joint_new_take(hilum_mesh_new_moved(placed->mesh, positions), pairs);
}

HilumJoint *hilum_joint_uncross(HilumJoint *placed, const HilumJoint *bare, float *weight,
                                const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumJoint) now = hilum_joint_ref(placed);
  uint8_t *crossed = hilum_big_alloc(hilum_mesh_get_triangle_count(placed->mesh), error);
  uint8_t *back = crossed ? hilum_big_alloc(hilum_mesh_get_vertex_count(placed->mesh), error) : NULL;
  uint64_t pairs = 0, before = UINT64_MAX;
  bool good = back != NULL;
  for (int round = 0; good && round < ROUNDS; round++) {
    good = hilum_mesh_self_intersections(now->mesh, &pairs, crossed, progress, error);
    if (!good || pairs == 0 || (round >= PATIENCE && pairs >= before)) break; /* the labels' own */
    before = pairs;
    mark(now->mesh, crossed, round, back);
    HilumJoint *next = take_back(now, bare, back, weight, error);
    good = next != NULL;
    hilum_joint_unref(now);
    now = next;
  }
  hilum_big_free(crossed);
  hilum_big_free(back);
  return good ? g_steal_pointer(&now) : NULL;
}
