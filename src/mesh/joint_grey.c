/* Grey values where a structure's own range of values defines its boundary: where the vertices lie, and how
 * much the structure holds.
 *
 * Position: on a grid edge from a voxel of the structure, inside the range, to one that is not, outside of
 * it, the vertex moves to where linear interpolation meets the end of the range. Elsewhere - a boundary drawn
 * by hand, or towards a structure of like values - it stays half way. Middles of faces and apexes follow as
 * the mean of what they are joined to.
 *
 * Volume: a surface through interpolated crossings encloses too little where it is convex: its chords cut
 * corners, the partial volume effect shifts the crossing inwards (by 1/12 of the mean curvature, in voxels),
 * and so does interpolation. All three are of second order and together 2.5 % of a ball of six voxels'
 * radius. The sum of the shares of the voxels has none of these errors. A voxel's share is 1/2 at the end of
 * the range and runs linearly to 1 at the level of the structure nearby and to 0 at that of its surroundings:
 * the mean of the pure voxels (all 26 neighbours on their side) within two voxels. */
#include "joint_grey.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "joint_private.h"
#include "mesh_private.h"

#include <math.h>
#include <string.h>

enum { GRAIN = 4096, NEAR = 2, MARGIN = NEAR + 1 };

/* As far from the voxels as the vertices of an isosurface are kept. */
static const double NEAREST = 1.0 / 4096;

typedef struct {
  const HilumJoint *joint;
  HilumLabelSnapshot *labels;
  const HilumVolume *image;
  const HilumSurfaceRange *ranges;
  HilumGrid grid;
  float *positions;
  uint8_t *edge; /* per vertex: on a grid edge */
  HilumCorners corners;
} Place;

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

static inline bool in_use(const HilumSurfaceRange *r)
{
  return r->lo < r->hi;
}

/* Where the end of the range lies between the structure's value a and the other's b; false if a is not inside
 * or b is. */
static bool crossing(const HilumSurfaceRange *r, double a, double b, double *t)
{
  if (!in_use(r) || a < r->lo || a > r->hi || (b >= r->lo && b <= r->hi)) return false;
  *t = CLAMP(((b < r->lo ? r->lo : r->hi) - a) / (b - a), NEAREST, 1 - NEAREST);
  return true;
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
    if (axis < 0) continue;
    b = (HilumVoxel){a.i + (axis == 0), a.j + (axis == 1), a.k + (axis == 2)};
    if (!hilum_grid_contains(&p->grid, a) || !hilum_grid_contains(&p->grid, b)) continue;
    uint8_t la = hilum_label_snapshot_get(p->labels, a), lb = hilum_label_snapshot_get(p->labels, b);
    double va = hilum_volume_get_value(p->image, a), vb = hilum_volume_get_value(p->image, b), t;
    bool a_first = (uint8_t)(la - 1) < (uint8_t)(lb - 1); /* the structure that is inside of the boundary */
    bool from_a = crossing(&p->ranges[la], va, vb, &t);
    if (!from_a || !a_first) {
      double u;
      if (crossing(&p->ranges[lb], vb, va, &u)) {
        t = 1 - u;
        from_a = true;
      }
    }
    if (!from_a) continue;
    HilumVec3 move = hilum_vec3_scale(p->grid.axes[axis], (t - 0.5) * p->grid.spacing_mm[axis]);
    p->positions[3 * v] += (float)move.x;
    p->positions[3 * v + 1] += (float)move.y;
    p->positions[3 * v + 2] += (float)move.z;
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
    int n = 0;
    if (p->edge[v]) continue;
    for (uint32_t i = p->corners.first[v]; i < p->corners.first[v + 1]; i++) {
      uint32_t corner = p->corners.corner[i];
      size_t other[2] = {indices[hilum_corner_next(corner)], indices[hilum_corner_previous(corner)]};
      for (int o = 0; o < 2; o++) {
        if (!p->edge[other[o]]) continue;
        n++;
        for (size_t c = 0; c < 3; c++)
          sum[c] += (double)p->positions[3 * other[o] + c] - (double)old[3 * other[o] + c];
      }
    }
    for (size_t c = 0; c < 3 && n > 0; c++)
      p->positions[3 * v + c] += (float)(sum[c] / n);
  }
}

HilumJoint *hilum_joint_place_grey(HilumJoint *joint, HilumLabelSnapshot *labels, const HilumVolume *image,
                                   const HilumSurfaceRange ranges[HILUM_LABEL_COUNT], GError **error)
{
  uint32_t nv = hilum_mesh_get_vertex_count(joint->mesh), nt = hilum_mesh_get_triangle_count(joint->mesh);
  Place p = {.joint = joint,
             .labels = labels,
             .image = image,
             .ranges = ranges,
             .grid = *hilum_label_snapshot_get_grid(labels)};
  HilumJoint *result = NULL;
  const uint32_t *indices = hilum_mesh_get_indices(joint->mesh);
  HilumLabelPair *pairs = hilum_big_alloc((size_t)nt * sizeof *pairs, error);
  p.positions = pairs ? hilum_big_alloc(3 * (size_t)nv * sizeof *p.positions, error) : NULL;
  p.edge = p.positions ? hilum_big_alloc(nv, error) : NULL;
  if (p.edge && hilum_corners_init(&p.corners, nv, nt, indices, error)) {
    hilum_parallel_for(nv, GRAIN, place_edges, &p);
    hilum_parallel_for(nv, GRAIN, follow, &p);
    memcpy(pairs, joint->pairs, (size_t)nt * sizeof *pairs);
    result = hilum_joint_new_take(hilum_mesh_new_moved(joint->mesh, p.positions), pairs);
    p.positions = NULL;
    pairs = NULL;
  }
  hilum_corners_clear(&p.corners);
  hilum_big_free(p.edge);
  hilum_big_free(p.positions);
  hilum_big_free(pairs);
  return result;
}

/* --- how much a structure holds --- */

typedef struct {
  const HilumVolume *image;
  const HilumSurfaceRange *range;
  uint8_t label;
  int32_t lo[3], n[3]; /* the box, MARGIN around the structure's */
  const uint8_t *labels;
  uint8_t *kind;       /* per voxel of the box: bit 0 of the structure, bit 1 mixed (a neighbour is not) */
  double inner, outer; /* levels of the whole, where none is near */
  double *part;        /* per slice: the shares of its voxels */
  double (*level)[4];  /* per slice: sum and count inside, sum and count outside */
} Shares;

static inline size_t box_at(const Shares *s, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)k * (size_t)s->n[1] + (size_t)j) * (size_t)s->n[0] + (size_t)i;
}

/* Clamped to the grid: the image goes on as it ends. */
static inline double value_at(const Shares *s, int32_t i, int32_t j, int32_t k)
{
  const HilumGrid *g = hilum_volume_get_grid(s->image);
  return hilum_volume_get_value(s->image, (HilumVoxel){CLAMP(i + s->lo[0], 0, g->dims[0] - 1),
                                                       CLAMP(j + s->lo[1], 0, g->dims[1] - 1),
                                                       CLAMP(k + s->lo[2], 0, g->dims[2] - 1)});
}

static void find_kinds(size_t begin, size_t end, unsigned worker, void *data)
{
  Shares *s = data;
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++)
    for (int32_t j = 0; j < s->n[1]; j++)
      for (int32_t i = 0; i < s->n[0]; i++) {
        bool own = s->labels[box_at(s, i, j, k)] == s->label, mixed = false;
        for (int32_t z = MAX(k - 1, 0); z <= MIN(k + 1, s->n[2] - 1) && !mixed; z++)
          for (int32_t y = MAX(j - 1, 0); y <= MIN(j + 1, s->n[1] - 1) && !mixed; y++)
            for (int32_t x = MAX(i - 1, 0); x <= MIN(i + 1, s->n[0] - 1) && !mixed; x++)
              mixed = (s->labels[box_at(s, x, y, z)] == s->label) != own;
        s->kind[box_at(s, i, j, k)] = (uint8_t)(own | mixed << 1);
      }
}

/* Adds the pure voxels within NEAR of a place: sum and count inside, then outside. */
static void add_pure(const Shares *s, int32_t i, int32_t j, int32_t k, double sum[4])
{
  for (int32_t z = MAX(k - NEAR, 0); z <= MIN(k + NEAR, s->n[2] - 1); z++)
    for (int32_t y = MAX(j - NEAR, 0); y <= MIN(j + NEAR, s->n[1] - 1); y++)
      for (int32_t x = MAX(i - NEAR, 0); x <= MIN(i + NEAR, s->n[0] - 1); x++) {
        uint8_t kind = s->kind[box_at(s, x, y, z)];
        if (kind & 2) continue;
        sum[kind & 1 ? 0 : 2] += value_at(s, x, y, z);
        sum[kind & 1 ? 1 : 3] += 1;
      }
}

static double share(const Shares *s, double v, double inner, double outer)
{
  double cut = outer > s->range->hi ? s->range->hi : s->range->lo;
  bool over = (v - cut) * (inner - cut) >= 0; /* on the structure's side */
  double pure = over ? inner : outer, f = pure != cut ? CLAMP((v - cut) / (pure - cut), 0, 1) : 1;
  return over ? 0.5 + 0.5 * f : 0.5 - 0.5 * f;
}

static void sum_levels(size_t begin, size_t end, unsigned worker, void *data)
{
  Shares *s = data;
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++) {
    double *sum = s->level[k];
    memset(sum, 0, sizeof *s->level);
    for (int32_t j = 0; j < s->n[1]; j++)
      for (int32_t i = 0; i < s->n[0]; i++) {
        uint8_t kind = s->kind[box_at(s, i, j, k)];
        if (kind & 2) continue;
        sum[kind & 1 ? 0 : 2] += value_at(s, i, j, k);
        sum[kind & 1 ? 1 : 3] += 1;
      }
  }
}

static void sum_shares(size_t begin, size_t end, unsigned worker, void *data)
{
  Shares *s = data;
  for (int32_t k = (int32_t)begin; k < (int32_t)end; k++) {
    double sum = 0;
    for (int32_t j = 0; j < s->n[1]; j++)
      for (int32_t i = 0; i < s->n[0]; i++) {
        uint8_t kind = s->kind[box_at(s, i, j, k)];
        if (!(kind & 2)) {
          sum += kind & 1;
          continue;
        }
        double near[4] = {0, 0, 0, 0};
        add_pure(s, i, j, k, near);
        sum += share(s, value_at(s, i, j, k), near[1] > 0 ? near[0] / near[1] : s->inner,
                     near[3] > 0 ? near[2] / near[3] : s->outer);
      }
    s->part[k] = sum;
  }
}

/* Levels of the whole structure. A structure without a pure voxel is too thin for one: false. */
static bool find_levels(Shares *s)
{
  double sum[4] = {0, 0, 0, 0};
  hilum_parallel_for((size_t)s->n[2], 1, sum_levels, s);
  for (int32_t k = 0; k < s->n[2]; k++)
    for (int c = 0; c < 4; c++)
      sum[c] += s->level[k][c];
  if (sum[1] < 1 || sum[3] < 1) return false;
  s->inner = sum[0] / sum[1];
  s->outer = sum[2] / sum[3];
  return true;
}

bool hilum_label_share_volume(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *image,
                              const HilumSurfaceRange *range, double *mm3, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  HilumVoxelBox box = hilum_label_snapshot_bounds(labels, label);
  Shares s = {.image = image, .range = range, .label = label};
  *mm3 = (double)hilum_label_snapshot_count(labels, label) * hilum_grid_voxel_mm3(grid);
  if (!in_use(range) || *mm3 <= 0) return true;
  for (int a = 0; a < 3; a++) {
    s.lo[a] = box.lo[a] -= MARGIN;
    s.n[a] = (box.hi[a] += MARGIN) - box.lo[a];
  }
  size_t n = (size_t)s.n[0] * (size_t)s.n[1] * (size_t)s.n[2];
  uint8_t *dense = hilum_big_alloc(n, error);
  s.kind = dense ? hilum_big_alloc(n, error) : NULL;
  bool ok = s.kind != NULL;
  if (ok) {
    hilum_label_snapshot_read_box(labels, box, dense, (size_t)s.n[0], (size_t)s.n[0] * (size_t)s.n[1]);
    s.labels = dense;
    s.part = g_new(double, (gsize)s.n[2]);
    s.level = g_malloc(sizeof *s.level * (gsize)s.n[2]);
    hilum_parallel_for((size_t)s.n[2], 1, find_kinds, &s);
    if (find_levels(&s)) {
      double sum = 0;
      hilum_parallel_for((size_t)s.n[2], 1, sum_shares, &s);
      for (int32_t k = 0; k < s.n[2]; k++)
        sum += s.part[k];
      *mm3 = sum * hilum_grid_voxel_mm3(grid);
    }
  }
  g_free(s.part);
  g_free(s.level);
  hilum_big_free(dense);
  hilum_big_free(s.kind);
  return ok;
}
