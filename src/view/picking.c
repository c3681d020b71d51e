/* A bounding volume hierarchy over a mesh's triangles, split by the binned surface area heuristic (Wald, "On
 * fast construction of SAH-based bounding volume hierarchies", 2007), walked front to back. Bounds are floats
 * relative to the mesh's origin, as its positions are; rays are moved there and tested in double. */
#include "hilum/view/picking.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"

#include <string.h>

#define BINS 16
#define LEAF_TRIANGLES 4
#define STACK 128

typedef struct {
  float lo[3], hi[3];
  uint32_t first; /* leaf: first entry of order; inner: left child, the right one follows it */
  uint32_t count; /* leaf: triangles; inner: 0 */
} Node;

struct HilumBvh {
  gatomicrefcount refs;
  HilumMesh *mesh;
  Node *nodes;
  uint32_t *order; /* triangles, leaf by leaf */
  uint32_t n_nodes;
};

typedef struct {
  float lo[3], hi[3];
} Bounds;

static Bounds bounds_empty(void)
{
  return (Bounds){{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
}

static void bounds_add(Bounds *b, const float lo[3], const float hi[3])
{
  for (int a = 0; a < 3; a++) {
    b->lo[a] = MIN(b->lo[a], lo[a]);
    b->hi[a] = MAX(b->hi[a], hi[a]);
  }
}

static float half_area(const Bounds *b)
{
  float x = b->hi[0] - b->lo[0], y = b->hi[1] - b->lo[1], z = b->hi[2] - b->lo[2];
  return x < 0 ? 0 : x * y + y * z + z * x;
}

typedef struct {
  Bounds *boxes; /* of each triangle */
  HilumBvh *bvh;
} Builder;

static Bounds triangle_bounds(const Builder *b, uint32_t triangle)
{
  return b->boxes[triangle];
}

static void find_boxes(const Builder *b)
{
  const float *positions = hilum_mesh_get_positions(b->bvh->mesh);
  const uint32_t *indices = hilum_mesh_get_indices(b->bvh->mesh);
  for (uint32_t t = 0; t < hilum_mesh_get_triangle_count(b->bvh->mesh); t++) {
    b->boxes[t] = bounds_empty();
    for (int c = 0; c < 3; c++) {
      const float *p = positions + 3 * (size_t)indices[3 * (size_t)t + (size_t)c];
      bounds_add(&b->boxes[t], p, p);
    }
  }
}

static float center(const Bounds *box, int axis)
{
  return 0.5f * (box->lo[axis] + box->hi[axis]);
}

typedef struct {
  int axis, bin;
  float lo, scale, cost;
} Split;

static int bin_of(const Split *s, float c)
{
  return CLAMP((int)((c - s->lo) * s->scale), 0, BINS - 1);
}

/* Best of the bin borders along one axis of the centres' box. */
static void try_axis(const Builder *b, uint32_t first, uint32_t count, const Bounds *centers, int axis,
                     Split *best)
{
  float extent = centers->hi[axis] - centers->lo[axis];
  if (!(extent > 0)) return;
  Split s = {.axis = axis, .lo = centers->lo[axis], .scale = BINS / extent};
  Bounds box[BINS];
  uint32_t n[BINS] = {0};
  for (int i = 0; i < BINS; i++)
    box[i] = bounds_empty();
  for (uint32_t i = first; i < first + count; i++) {
    Bounds t = triangle_bounds(b, b->bvh->order[i]);
    int k = bin_of(&s, center(&t, axis));
    bounds_add(&box[k], t.lo, t.hi);
    n[k]++;
  }
  float right_area[BINS];
  uint32_t right_n[BINS];
  Bounds sum = bounds_empty();
  uint32_t total = 0;
  for (int i = BINS - 1; i > 0; i--) {
    bounds_add(&sum, box[i].lo, box[i].hi);
    total += n[i];
    right_area[i] = half_area(&sum);
    right_n[i] = total;
  }
  sum = bounds_empty();
  total = 0;
  for (int i = 0; i < BINS - 1; i++) {
    bounds_add(&sum, box[i].lo, box[i].hi);
    total += n[i];
    if (total == 0 || right_n[i + 1] == 0) continue;
    s.bin = i;
    s.cost = half_area(&sum) * (float)total + right_area[i + 1] * (float)right_n[i + 1];
    if (s.cost < best->cost) *best = s;
  }
}

/* Moves the left side's triangles to the front; returns how many there are. */
static uint32_t partition(const Builder *b, uint32_t first, uint32_t count, const Split *s)
{
  uint32_t *order = b->bvh->order + first, n = 0;
  for (uint32_t i = 0; i < count; i++) {
    Bounds t = triangle_bounds(b, order[i]);
    if (bin_of(s, center(&t, s->axis)) > s->bin) continue;
    uint32_t swap = order[n];
    order[n++] = order[i];
    order[i] = swap;
  }
  return n;
}

/* Splits one node; false if it stays a leaf. */
static bool split_node(Builder *b, uint32_t index)
{
  Node *node = &b->bvh->nodes[index];
  if (node->count <= LEAF_TRIANGLES) return false;
  Bounds centers = bounds_empty();
  for (uint32_t i = node->first; i < node->first + node->count; i++) {
    Bounds t = triangle_bounds(b, b->bvh->order[i]);
    float c[3] = {center(&t, 0), center(&t, 1), center(&t, 2)};
    bounds_add(&centers, c, c);
  }
  Split best = {.cost = INFINITY};
  for (int axis = 0; axis < 3; axis++)
    try_axis(b, node->first, node->count, &centers, axis, &best);
  /* Identical centres cannot be told apart by bins: halve them, so that depth stays bounded. */
  uint32_t left = best.cost < INFINITY ? partition(b, node->first, node->count, &best) : node->count / 2;
  if (left == 0 || left == node->count) left = node->count / 2;
  uint32_t child = b->bvh->n_nodes;
  b->bvh->n_nodes += 2;
  const uint32_t firsts[2] = {node->first, node->first + left}, counts[2] = {left, node->count - left};
  for (int s = 0; s < 2; s++) {
    Bounds box = bounds_empty();
    for (uint32_t i = firsts[s]; i < firsts[s] + counts[s]; i++) {
      Bounds t = triangle_bounds(b, b->bvh->order[i]);
      bounds_add(&box, t.lo, t.hi);
    }
    Node *c = &b->bvh->nodes[child + (uint32_t)s];
    memcpy(c->lo, box.lo, sizeof c->lo);
    memcpy(c->hi, box.hi, sizeof c->hi);
    c->first = firsts[s];
    c->count = counts[s];
  }
  node->first = child;
  node->count = 0;
  return true;
}

static bool build(Builder *b, uint32_t n, const HilumProgress *progress, GError **error)
{
  HilumBvh *bvh = b->bvh;
  Bounds all = bounds_empty();
  for (uint32_t i = 0; i < n; i++) {
    bvh->order[i] = i;
    bounds_add(&all, b->boxes[i].lo, b->boxes[i].hi);
  }
  bvh->nodes[0] = (Node){.first = 0, .count = n};
  memcpy(bvh->nodes[0].lo, all.lo, sizeof all.lo);
  memcpy(bvh->nodes[0].hi, all.hi, sizeof all.hi);
  bvh->n_nodes = 1;
  /* Children are appended, so that a single sweep visits every node: breadth first. */
  for (uint32_t i = 0; i < bvh->n_nodes; i++) {
    if ((i & 1023) == 0 && hilum_progress_fail(progress, error)) return false;
    split_node(b, i);
  }
  return true;
}

HilumBvh *hilum_bvh_new(HilumMesh *mesh, const HilumProgress *progress, GError **error)
{
  uint32_t n = hilum_mesh_get_triangle_count(mesh);
  HilumBvh *bvh = g_new0(HilumBvh, 1);
  g_atomic_ref_count_init(&bvh->refs);
  bvh->mesh = hilum_mesh_ref(mesh);
  size_t node_bytes = 0, order_bytes = 0, box_bytes = 0;
  bool fits = hilum_size_mul(MAX((size_t)2 * n, 1), sizeof(Node), &node_bytes) &&
              hilum_size_mul(MAX(n, 1u), sizeof(uint32_t), &order_bytes) &&
              hilum_size_mul(MAX(n, 1u), sizeof(Bounds), &box_bytes);
  Builder b = {.bvh = bvh};
  bvh->nodes = fits ? hilum_big_alloc(node_bytes, error) : NULL;
  bvh->order = bvh->nodes ? hilum_big_alloc(order_bytes, error) : NULL;
  b.boxes = bvh->order ? hilum_big_alloc(box_bytes, error) : NULL;
  bool ok = b.boxes != NULL;
  if (ok) {
    find_boxes(&b);
    ok = build(&b, n, progress, error);
  }
  hilum_big_free(b.boxes);
  if (!ok) g_clear_pointer(&bvh, hilum_bvh_unref);
  return bvh;
}

HilumBvh *hilum_bvh_ref(HilumBvh *bvh)
{
  g_atomic_ref_count_inc(&bvh->refs);
  return bvh;
}

void hilum_bvh_unref(HilumBvh *bvh)
{
  if (!g_atomic_ref_count_dec(&bvh->refs)) return;
  hilum_mesh_unref(bvh->mesh);
  hilum_big_free(bvh->nodes);
  hilum_big_free(bvh->order);
  g_free(bvh);
}

HilumMesh *hilum_bvh_get_mesh(const HilumBvh *bvh)
{
  return bvh->mesh;
}

typedef struct {
  double origin[3], inverse[3];
} SlabRay;

/* Entry distance into a node's box, or INFINITY. A zero direction gives infinite inverses; the NaN of a ray
 * lying in a face of the box (0 * inf) fails no comparison below, which counts as inside that slab. */
static double enter(const Node *node, const SlabRay *r, double t_max)
{
  double t0 = 0, t1 = t_max;
  for (int a = 0; a < 3; a++) {
    double x = ((double)node->lo[a] - r->origin[a]) * r->inverse[a];
    double y = ((double)node->hi[a] - r->origin[a]) * r->inverse[a];
    double lo = x < y ? x : y, hi = x < y ? y : x;
    if (lo > t0) t0 = lo;
    if (hi < t1) t1 = hi;
  }
  return t0 <= t1 * (1 + 1e-12) + 1e-9 ? t0 : INFINITY;
}

static HilumVec3 corner(const HilumBvh *bvh, uint32_t triangle, int c)
{
  const uint32_t *index = hilum_mesh_get_indices(bvh->mesh) + 3 * (size_t)triangle;
  return hilum_mesh_vertex_mm(hilum_vec3(0, 0, 0), hilum_mesh_get_positions(bvh->mesh), index[c]);
}

static bool hit_leaf(const HilumBvh *bvh, const Node *node, HilumRay ray, double *t, uint32_t *triangle)
{
  bool hit = false;
  for (uint32_t i = node->first; i < node->first + node->count; i++) {
    uint32_t candidate = bvh->order[i];
    double d;
    if (!hilum_ray_hit_triangle(ray, corner(bvh, candidate, 0), corner(bvh, candidate, 1),
                                corner(bvh, candidate, 2), &d))
      continue;
    if (d >= *t) continue;
    *t = d;
    *triangle = candidate;
    hit = true;
  }
  return hit;
}

bool hilum_bvh_hit(const HilumBvh *bvh, HilumRay ray, double *t, uint32_t *triangle)
{
  ray.origin = hilum_vec3_sub(ray.origin, hilum_mesh_get_origin_mm(bvh->mesh));
  SlabRay slab = {{ray.origin.x, ray.origin.y, ray.origin.z}, {1 / ray.dir.x, 1 / ray.dir.y, 1 / ray.dir.z}};
  uint32_t stack[STACK];
  int depth = 0;
  bool hit = false;
  stack[depth++] = 0;
  while (depth > 0) {
    const Node *node = &bvh->nodes[stack[--depth]];
    if (enter(node, &slab, *t) == INFINITY) continue;
    if (node->count > 0 || bvh->n_nodes == 1) {
      hit |= hit_leaf(bvh, node, ray, t, triangle);
      continue;
    }
    double a = enter(&bvh->nodes[node->first], &slab, *t);
    double b = enter(&bvh->nodes[node->first + 1], &slab, *t);
    uint32_t near_child = a <= b ? node->first : node->first + 1;
    uint32_t far_child = a <= b ? node->first + 1 : node->first;
    if (depth + 2 > STACK) continue; /* halving on equal centres keeps real trees far shallower */
    if (MAX(a, b) < INFINITY) stack[depth++] = far_child;
    if (MIN(a, b) < INFINITY) stack[depth++] = near_child;
  }
  return hit;
}
