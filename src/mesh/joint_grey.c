/* Grey values where a structure's own range of values defines its boundary: where the vertices lie.
 *
 * On a grid edge from a voxel of the structure, inside the range, to one that is not, outside of it, the
 * vertex moves to where linear interpolation meets the end of the range. Elsewhere - a boundary drawn by
 * hand, or towards a structure of like values - it stays half way.
 *
 * Where a boundary was drawn by hand through tissue whose noise straddles the end of the range, a pair of
 * voxels agrees by chance, one in four at most (p (1 - p)). So a vertex follows the values only where at
 * least half of the boundary between the same two labels does, within a voxel of its edge. That reads voxels
 * alone, so that a part of the surface is placed as the whole is.
 *
 * Middles of faces and apexes follow as the mean of what they are joined to. */
#include "joint_grey.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "joint_private.h"
#include "mesh_private.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 4096 };

/* As far from the voxels as the vertices of an isosurface are kept. */
static const double NEAREST = 1.0 / 4096;

typedef struct {
  const HilumJoint *joint;
  HilumLabelSnapshot *labels;
  const HilumSurfaceRange *ranges;
  HilumGrid grid;
  const HilumGreyTrust *trust; /* NULL: whole */
  float *positions;
  float *weight;
  uint8_t *edge; /* per vertex: on a grid edge */
  HilumCorners corners;
} Place;

bool hilum_grey_check(const HilumSurfaceRange *ranges, const HilumGrid *grid, bool *used, GError **error)
{
  *used = false;
  for (int l = 1; ranges && l < HILUM_LABEL_COUNT; l++) {
    if (!hilum_surface_range_in_use(&ranges[l])) continue;
    *used = true;
    if (hilum_grid_equal(grid, hilum_volume_get_grid(ranges[l].image), 1e-3)) continue;
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "The image and the structures lie on different grids");
    return false;
  }
  return true;
}

static inline bool is_inside(const HilumSurfaceRange *r, double value)
{
  return value >= r->lo && value <= r->hi;
}

static inline bool parts(const HilumSurfaceRange *r, HilumVoxel own, HilumVoxel other)
{
  return hilum_surface_range_in_use(r) && is_inside(r, hilum_volume_get_value(r->image, own)) &&
         !is_inside(r, hilum_volume_get_value(r->image, other));
}

uint8_t hilum_grey_decides(const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], uint8_t la, HilumVoxel a,
                           uint8_t lb, HilumVoxel b)
{
  const bool a_first = (uint8_t)(la - 1) < (uint8_t)(lb - 1);
  if (a_first && parts(&ranges[la], a, b)) return la;
  if (parts(&ranges[lb], b, a)) return lb;
  return !a_first && parts(&ranges[la], a, b) ? la : 0;
}

/* Where the end of the range lies, from `own`, inside of it, to `other`, outside. */
static double crossing(const HilumSurfaceRange *r, HilumVoxel own, HilumVoxel other)
{
  const double a = hilum_volume_get_value(r->image, own), b = hilum_volume_get_value(r->image, other);
  return CLAMP(((b < r->lo ? r->lo : r->hi) - a) / (b - a), NEAREST, 1 - NEAREST);
}

static inline HilumVoxel next_voxel(HilumVoxel v, int axis)
{
  return (HilumVoxel){v.i + (axis == 0), v.j + (axis == 1), v.k + (axis == 2)};
}

/* Which edge a vertex lies half way on: the voxel it starts from and its axis; -1: none. */
static int edge_of(const Place *p, size_t v, HilumVoxel *from)
{
  HilumIndexPos at = hilum_grid_from_mm(
      &p->grid, hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(p->joint->mesh),
                                     hilum_mesh_get_positions(p->joint->mesh), (uint32_t)v));
  double c[3] = {at.i, at.j, at.k};
  int axis = -1;
  int32_t voxel[3];
  for (int a = 0; a < 3; a++) {
    double whole = round(c[a]), half = floor(c[a]) + 0.5;
    if (fabs(c[a] - whole) < 0.01) {
      voxel[a] = (int32_t)whole;
    } else if (fabs(c[a] - half) < 0.01 && axis < 0) {
      voxel[a] = (int32_t)floor(c[a]);
      axis = a;
    } else {
      return -1;
    }
  }
  *from = (HilumVoxel){voxel[0], voxel[1], voxel[2]};
  return axis;
}

/* Whether at least half of the boundary between the labels of a and b, within a voxel of the edge from a to
 * b, is decided by `label`. */
static bool agreed(const Place *p, HilumVoxel a, HilumVoxel b, uint8_t label)
{
  const uint8_t la = hilum_label_snapshot_get(p->labels, a), lb = hilum_label_snapshot_get(p->labels, b);
  const HilumVoxelBox box = {
      {MAX(a.i - 1, 0), MAX(a.j - 1, 0), MAX(a.k - 1, 0)},
      {MIN(b.i + 2, p->grid.dims[0]), MIN(b.j + 2, p->grid.dims[1]), MIN(b.k + 2, p->grid.dims[2])}};
  const int32_t n[3] = {box.hi[0] - box.lo[0], box.hi[1] - box.lo[1], box.hi[2] - box.lo[2]};
  const int32_t step[3] = {1, n[0], n[0] * n[1]};
  uint8_t near[4 * 4 * 4]; /* 36 of them */
  int all = 0, with = 0;
  hilum_label_snapshot_read_box(p->labels, box, near, (size_t)step[1], (size_t)step[2]);
  for (int32_t k = 0, at = 0; k < n[2]; k++)
    for (int32_t j = 0; j < n[1]; j++)
      for (int32_t i = 0; i < n[0]; i++, at++)
        for (int axis = 0; axis < 3; axis++) {
          const int32_t place[3] = {i, j, k};
          if (place[axis] + 1 >= n[axis]) continue;
          const uint8_t from = near[at], to = near[at + step[axis]];
          if (!((from == la && to == lb) || (from == lb && to == la))) continue;
          const HilumVoxel v = {box.lo[0] + i, box.lo[1] + j, box.lo[2] + k};
          all++;
          with += hilum_grey_decides(p->ranges, from, v, to, next_voxel(v, axis)) == label;
        }
  return 2 * with >= all;
}

static void place_edges(size_t begin, size_t end, unsigned worker, void *data)
{
  Place *p = data;
  const float *old = hilum_mesh_get_positions(p->joint->mesh);
  for (size_t v = begin; v < end; v++) {
    HilumVoxel a, b;
    int axis = edge_of(p, v, &a);
    memcpy(p->positions + 3 * v, old + 3 * v, 3 * sizeof *old);
    p->edge[v] = axis >= 0;
    p->weight[v] = 0;
    if (axis < 0) continue;
    b = next_voxel(a, axis);
    if (!hilum_grid_contains(&p->grid, a) || !hilum_grid_contains(&p->grid, b)) continue;
    const uint8_t la = hilum_label_snapshot_get(p->labels, a);
    const uint8_t label = hilum_grey_decides(p->ranges, la, a, hilum_label_snapshot_get(p->labels, b), b);
    if (label == 0 || !agreed(p, a, b, label)) continue;
    const HilumSurfaceRange *range = &p->ranges[label];
    const HilumVoxel own = la == label ? a : b, other = la == label ? b : a;
    const double t = la == label ? crossing(range, own, other) : 1 - crossing(range, own, other);
    HilumVec3 move = hilum_vec3_scale(p->grid.axes[axis], (t - 0.5) * p->grid.spacing_mm[axis]);
    p->positions[3 * v] += (float)move.x;
    p->positions[3 * v + 1] += (float)move.y;
    p->positions[3 * v + 2] += (float)move.z;
    if (!p->trust)
      p->weight[v] = 1;
    else
      p->weight[v] = hilum_volume_get_value(range->image, other) < range->lo ? p->trust[label].below
                                                                             : p->trust[label].above;
  }
}

/* The others: moved by the mean of what the vertices on edges around them moved by. */
static void follow(size_t begin, size_t end, unsigned worker, void *data)
{
  Place *p = data;
  const float *old = hilum_mesh_get_positions(p->joint->mesh);
  const uint32_t *indices = hilum_mesh_get_indices(p->joint->mesh);
  for (size_t v = begin; v < end; v++) {
    double sum[3] = {0, 0, 0};
    float weight = 0;
    int n = 0;
    if (p->edge[v]) continue;
    for (uint32_t i = p->corners.first[v]; i < p->corners.first[v + 1]; i++) {
      uint32_t corner = p->corners.corner[i];
      size_t other[2] = {indices[hilum_corner_next(corner)], indices[hilum_corner_previous(corner)]};
      for (int o = 0; o < 2; o++) {
        if (!p->edge[other[o]]) continue;
        n++;
        weight += p->weight[other[o]];
        for (size_t c = 0; c < 3; c++)
          sum[c] += (double)p->positions[3 * other[o] + c] - (double)old[3 * other[o] + c];
      }
    }
    if (n == 0) continue;
    p->weight[v] = weight / (float)n;
    for (size_t c = 0; c < 3; c++)
      p->positions[3 * v + c] += (float)(sum[c] / n);
  }
}

HilumJoint *hilum_joint_place_grey(HilumJoint *joint, HilumLabelSnapshot *labels,
                                   const HilumSurfaceRange ranges[HILUM_LABEL_COUNT],
                                   const HilumGreyTrust *trust, float *weight, GError **error)
{
  uint32_t nv = hilum_mesh_get_vertex_count(joint->mesh), nt = hilum_mesh_get_triangle_count(joint->mesh);
  Place p = {.joint = joint,
             .labels = labels,
             .ranges = ranges,
             .grid = *hilum_label_snapshot_get_grid(labels),
             .trust = trust,
             .weight = weight};
  HilumJoint *result = NULL;
  const uint32_t *indices = hilum_mesh_get_indices(joint->mesh);
  HilumLabelPair *pairs = hilum_big_alloc((size_t)nt * sizeof *pairs, error);
  p.positions = pairs ? hilum_big_alloc(3 * (size_t)nv * sizeof *p.positions, error) : NULL;
  p.edge = p.positions ? hilum_big_alloc(nv, error) : NULL;
  if (p.edge && !weight) p.weight = hilum_big_alloc((size_t)nv * sizeof *p.weight, error);
  if (p.edge && p.weight && hilum_corners_init(&p.corners, nv, nt, indices, error)) {
    hilum_parallel_for(nv, GRAIN, place_edges, &p);
    hilum_parallel_for(nv, GRAIN, follow, &p);
    memcpy(pairs, joint->pairs, (size_t)nt * sizeof *pairs);
    result = hilum_joint_new_take(hilum_mesh_new_moved(joint->mesh, p.positions), pairs);
    p.positions = NULL;
    pairs = NULL;
  }
  hilum_corners_clear(&p.corners);
  if (!weight) hilum_big_free(p.weight);
  hilum_big_free(p.edge);
  hilum_big_free(p.positions);
  hilum_big_free(pairs);
  return result;
}
