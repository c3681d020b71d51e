/* The tree of boxes: built bottom-up over Morton-ordered triangles, four by four. Every level is full but for
 * its last node, so that the tree needs no pointers. */
#include "bvh_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

enum {
  WIDTH = HILUM_BVH_WIDTH,
  GRAIN = 4096,
  BITS = 10,
  SLAB_LEVELS = 3 /* 64 triangles; what is larger is seldom flat */
};

typedef struct {
  HilumBvh *bvh;
  double lo[3], scale;
  uint32_t *code;
  int level; /* being made */
} Build;

/* Ten bits spread to every third place. */
static uint32_t spread(uint32_t v)
{
  v = (v | v << 16) & 0x030000FF;
  v = (v | v << 8) & 0x0300F00F;
  v = (v | v << 4) & 0x030C30C3;
  return (v | v << 2) & 0x09249249;
}

static void code_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Build *b = data;
  for (size_t t = begin; t < end; t++) {
    double p[3][3];
    hilum_triangle_corners(b->bvh->positions, b->bvh->indices, t, p);
    uint32_t code = 0;
    for (int a = 0; a < 3; a++) {
      double x = ((p[0][a] + p[1][a] + p[2][a]) / 3 - b->lo[a]) * b->scale;
      code |= spread((uint32_t)CLAMP(x, 0.0, (1 << BITS) - 1.0)) << a;
    }
    b->code[t] = code;
  }
}

/* Stable, least digit first: three passes of ten bits. */
static bool sort_codes(Build *b, GError **error)
{
  const size_t n = b->bvh->n_triangles;
  uint32_t *from = b->bvh->order, *to = hilum_big_alloc((n + 1) * sizeof *to, error), *scratch = to;
  if (!to) return false;
  g_autofree uint32_t *at = g_new(uint32_t, (1 << BITS) + 1);
  for (size_t t = 0; t < n; t++)
    from[t] = (uint32_t)t;
  for (int pass = 0; pass < 3; pass++) {
    const int shift = BITS * pass;
    memset(at, 0, ((1 << BITS) + 1) * sizeof *at);
    for (size_t t = 0; t < n; t++)
      at[(b->code[t] >> shift & ((1 << BITS) - 1)) + 1]++;
    for (int d = 0; d < 1 << BITS; d++)
      at[d + 1] += at[d];
    for (size_t i = 0; i < n; i++)
      to[at[b->code[from[i]] >> shift & ((1 << BITS) - 1)]++] = from[i];
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != b->bvh->order) memcpy(b->bvh->order, from, n * sizeof *from);
  hilum_big_free(scratch);
  return true;
}

static void empty_lane(HilumBvhNode *node, int lane)
{
  for (int a = 0; a < 3; a++) {
    node->lo[a][lane] = INFINITY;
    node->hi[a][lane] = -INFINITY;
  }
}

/* What faces which way is only a choice: a slab is right for any direction. */
static void set_slab(const HilumBvh *bvh, HilumBvhNode *node, int lane, size_t first, size_t until)
{
  double sum[3] = {0, 0, 0}, p[3][3], low = INFINITY, high = -INFINITY;
  for (size_t i = first; i < until; i++) {
    hilum_triangle_corners(bvh->positions, bvh->indices, bvh->order[i], p);
    for (int a = 0; a < 3; a++) {
      const int b = (a + 1) % 3, c = (a + 2) % 3;
      sum[a] += (p[1][b] - p[0][b]) * (p[2][c] - p[0][c]) - (p[1][c] - p[0][c]) * (p[2][b] - p[0][b]);
    }
  }
  const double length = sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
  const double scale = length > 0 && isfinite(length) ? 1 / length : 0;
  const float n[3] = {(float)(sum[0] * scale), (float)(sum[1] * scale), (float)(sum[2] * scale)};
  for (size_t i = first; i < until; i++) {
    hilum_triangle_corners(bvh->positions, bvh->indices, bvh->order[i], p);
    for (int c = 0; c < 3; c++) {
      const double along = (double)n[0] * p[c][0] + (double)n[1] * p[c][1] + (double)n[2] * p[c][2];
      low = fmin(low, along);
      high = fmax(high, along);
    }
  }
  for (int a = 0; a < 3; a++)
    node->n[a][lane] = n[a];
  node->from[lane] = (float)low;
  node->to[lane] = (float)high;
}

static void no_slab(HilumBvhNode *node, int lane)
{
  for (int a = 0; a < 3; a++)
    node->n[a][lane] = 0;
  node->from[lane] = -INFINITY;
  node->to[lane] = INFINITY;
}

static void leaf_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const HilumBvh *bvh = ((Build *)data)->bvh;
  for (size_t leaf = begin; leaf < end; leaf++) {
    HilumBvhNode *node = &bvh->nodes[leaf];
    for (int lane = 0; lane < WIDTH; lane++) {
      empty_lane(node, lane);
      no_slab(node, lane);
      if (leaf * WIDTH + (size_t)lane >= bvh->n_triangles) continue;
      const uint32_t t = bvh->order[leaf * WIDTH + (size_t)lane];
      double p[3][3];
      hilum_triangle_corners(bvh->positions, bvh->indices, t, p);
      set_slab(bvh, node, lane, leaf * WIDTH + (size_t)lane, leaf * WIDTH + (size_t)lane + 1);
      for (int c = 0; c < 3; c++)
        for (int a = 0; a < 3; a++) {
          node->lo[a][lane] = MIN(node->lo[a][lane], (float)p[c][a]);
          node->hi[a][lane] = MAX(node->hi[a][lane], (float)p[c][a]);
        }
    }
  }
}

static void level_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Build *b = data;
  const HilumBvh *bvh = b->bvh;
  for (size_t i = begin; i < end; i++) {
    HilumBvhNode *node = &bvh->nodes[bvh->first[b->level] + i];
    for (int lane = 0; lane < WIDTH; lane++) {
      empty_lane(node, lane);
      no_slab(node, lane);
      if (i * WIDTH + (size_t)lane >= bvh->count[b->level - 1]) continue;
      const HilumBvhNode *child = &bvh->nodes[bvh->first[b->level - 1] + i * WIDTH + (size_t)lane];
      for (int a = 0; a < 3; a++)
        for (int c = 0; c < WIDTH; c++) {
          node->lo[a][lane] = MIN(node->lo[a][lane], child->lo[a][c]);
          node->hi[a][lane] = MAX(node->hi[a][lane], child->hi[a][c]);
        }
      if (b->level > SLAB_LEVELS) continue;
      const size_t each = (size_t)1 << 2 * b->level, first = (i * WIDTH + (size_t)lane) * each;
      set_slab(bvh, node, lane, first, MIN(first + each, (size_t)bvh->n_triangles));
    }
  }
}

/* How many nodes on which level; returns all. */
static size_t count_nodes(HilumBvh *bvh)
{
  size_t nodes = 0;
  for (uint32_t n = bvh->n_triangles; n > 0 && (n > 1 || bvh->n_levels == 0);) {
    n = n / WIDTH + (n % WIDTH != 0);
    bvh->first[bvh->n_levels] = nodes;
    bvh->count[bvh->n_levels++] = n;
    nodes += n;
  }
  return nodes;
}

static void set_frame(Build *b, const HilumMesh *mesh)
{
  const HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  if (hilum_box_is_empty(box)) return;
  const HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  const HilumVec3 lo = hilum_vec3_sub(box.min, o), size = hilum_vec3_sub(box.max, box.min);
  const double longest = fmax(size.x, fmax(size.y, size.z));
  memcpy(b->lo, (double[3]){lo.x, lo.y, lo.z}, sizeof b->lo);
  b->scale = longest > 0 ? (1 << BITS) / longest : 1;
}

static bool build(Build *b, GError **error)
{
  HilumBvh *bvh = b->bvh;
  hilum_parallel_for(bvh->n_triangles, GRAIN, code_chunk, b);
  if (!sort_codes(b, error)) return false;
  hilum_parallel_for(bvh->count[0], GRAIN / WIDTH, leaf_chunk, b);
  for (b->level = 1; b->level < bvh->n_levels; b->level++)
    hilum_parallel_for(bvh->count[b->level], GRAIN, level_chunk, b);
  const HilumBvhNode *top = &bvh->nodes[bvh->first[bvh->n_levels - 1]];
  for (int a = 0; a < 3; a++)
    for (int lane = 0; lane < (int)hilum_bvh_lanes(bvh, bvh->n_levels - 1, 0); lane++)
      bvh->reach = MAX(bvh->reach, MAX(-top->lo[a][lane], top->hi[a][lane]));
  return true;
}

bool hilum_bvh_init(HilumBvh *bvh, const HilumMesh *mesh, GError **error)
{
  *bvh = (HilumBvh){.positions = hilum_mesh_get_positions(mesh),
                    .indices = hilum_mesh_get_indices(mesh),
                    .n_triangles = hilum_mesh_get_triangle_count(mesh)};
  const size_t nt = bvh->n_triangles, nodes = count_nodes(bvh);
  if (nt == 0) return true;
  Build b = {.bvh = bvh, .scale = 1};
  set_frame(&b, mesh);
  bvh->order = hilum_big_alloc(nt * sizeof *bvh->order, error);
  if (bvh->order) bvh->nodes = hilum_big_alloc(nodes * sizeof *bvh->nodes, error);
  if (bvh->nodes) b.code = hilum_big_alloc(nt * sizeof *b.code, error);
  const bool good = b.code && build(&b, error);
  hilum_big_free(b.code);
  if (!good) hilum_bvh_clear(bvh);
  return good;
}

void hilum_bvh_clear(HilumBvh *bvh)
{
  hilum_big_free(bvh->order);
  hilum_big_free(bvh->nodes);
  *bvh = (HilumBvh){0};
}
