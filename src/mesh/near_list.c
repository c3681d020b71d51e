/* Short lists of what can be nearest, and the points that ask them. */
#include "near_list_private.h"

#include "bvh_four_private.h"
#include "hilum/base/memory.h"

#include <math.h>

enum { WIDTH = HILUM_BVH_WIDTH, LANES = HILUM_NEAREST_LANES, STACK = 3 * HILUM_BVH_LEVELS + 1 };

/* The box that asks, in floats, taken a little larger by more than floats round. */
typedef struct {
  Four lo[3], hi[3], middle[3], half[3], margin, slab_margin, limit2;
} Region;

typedef struct {
  uint32_t node;
  int level;
} Place;

static bool region_of(const HilumBvh *bvh, const double lo[3], const double hi[3], double radius, Region *r)
{
  static const double FAR = 1e15, BOX = 0x1p-21, SLAB = 0x1p-18; /* of the greatest coordinate */
  double reach = (double)bvh->reach;
  for (int a = 0; a < 3; a++) {
    reach = fmax(reach, fmax(fabs(lo[a]), fabs(hi[a])));
    r->lo[a] = (Four){0} + (float)lo[a];
    r->hi[a] = (Four){0} + (float)hi[a];
    r->middle[a] = (Four){0} + (float)((lo[a] + hi[a]) / 2);
    r->half[a] = (Four){0} + (float)((hi[a] - lo[a]) / 2);
  }
  r->margin = (Four){0} + (float)(BOX * reach);
  r->slab_margin = (Four){0} + (float)(SLAB * reach);
  r->limit2 = (Four){0} + rounded_up(radius * radius);
  return reach < FAR && radius < FAR;
}

/* A bit for each child that may come within the radius. */
static inline unsigned children_near(const HilumBvhNode *node, const Region *r)
{
  const Four zero = {0, 0, 0, 0};
  Four d2 = zero, along = zero, wide = zero;
  for (int a = 0; a < 3; a++) {
    const Four below = four_of(node->lo[a]) - r->hi[a], above = r->lo[a] - four_of(node->hi[a]);
    const Four d = four_max(four_max(below, above) - r->margin, zero), n = four_of(node->n[a]);
    d2 += d * d;
    along += n * r->middle[a];
    wide += four_max(n, -n) * r->half[a];
  }
  const Four beside = four_max(four_of(node->from) - along, along - four_of(node->to)) - wide;
  const Four d = four_max(beside - r->slab_margin, zero);
  return four_bits(four_max(d2, d * d) <= r->limit2);
}

static bool add_lanes(HilumNearList *list, const HilumBvh *bvh, uint32_t leaf, unsigned lanes, size_t most)
{
  for (; lanes; lanes &= lanes - 1) {
    if (list->n == most) return false;
    const uint32_t t = bvh->order[WIDTH * (size_t)leaf + (size_t)__builtin_ctz(lanes)];
    HilumNearestBlock *block = &list->blocks[list->n / LANES];
    const size_t lane = list->n++ % LANES;
    const uint32_t *corner = bvh->indices + 3 * (size_t)t;
    for (size_t a = 0; a < 3; a++) {
      block->a[a][lane] = (double)bvh->positions[3 * (size_t)corner[0] + a];
      block->ab[a][lane] = (double)bvh->positions[3 * (size_t)corner[1] + a];
      block->ac[a][lane] = (double)bvh->positions[3 * (size_t)corner[2] + a];
    }
  }
  return true;
}

/* The last block is filled up with its last triangle, which changes no least distance. */
static void finish(HilumNearList *list)
{
  list->padded = (list->n + LANES - 1) / LANES * LANES;
  const size_t last = list->n - 1;
  for (size_t i = list->n; i < list->padded; i++)
    for (int a = 0; a < 3; a++) {
      HilumNearestBlock *block = &list->blocks[last / LANES];
      block->a[a][i % LANES] = block->a[a][last % LANES];
      block->ab[a][i % LANES] = block->ab[a][last % LANES];
      block->ac[a][i % LANES] = block->ac[a][last % LANES];
    }
  list->kernels.finish(list->blocks, list->padded / LANES);
}

bool hilum_near_list_gather(HilumNearList *list, const HilumBvh *bvh, const double lo[3], const double hi[3],
                            double radius, size_t most)
{
  Region region;
  Place stack[STACK];
  int top = 0;
  list->n = list->padded = 0;
  if (!region_of(bvh, lo, hi, radius, &region)) return false;
  if (bvh->n_levels > 0) stack[top++] = (Place){0, bvh->n_levels - 1};
  while (top > 0) {
    const Place e = stack[--top];
    unsigned lanes =
        children_near(&bvh->nodes[bvh->first[e.level] + e.node], &region) & used_lanes(bvh, e.level, e.node);
    if (e.level == 0) {
      if (!add_lanes(list, bvh, e.node, lanes, most)) return false;
      continue;
    }
    for (; lanes; lanes &= lanes - 1)
      stack[top++] = (Place){WIDTH * e.node + (uint32_t)__builtin_ctz(lanes), e.level - 1};
  }
  finish(list);
  return true;
}

/* Blocks, and rows of distances, as rows of lanes. */
static void copy_lane(double *to, size_t to_lane, const double *from, size_t lane, size_t rows)
{
  for (size_t row = 0; row < rows; row++)
    to[LANES * row + to_lane] = from[LANES * row + lane];
}

bool hilum_near_list_narrow(const HilumNearList *list, const double *const row[3], double limit, double size,
                            HilumNearList *shorter, double *to)
{
  enum { ROWS = sizeof *list->blocks / sizeof(double[LANES]) };
  const double limit2 = (limit + size) * (limit + size) * (1 + 1e-12);
  uint16_t kept[HILUM_NEAR_MOST];
  size_t n = 0;
  if (list->padded <= LANES) return false;
  for (size_t i = 0; i < list->n; i++) {
    kept[n] = (uint16_t)i;
    n += row[0][i] <= limit2 && row[1][i] <= limit2 && row[2][i] <= limit2;
  }
  const size_t padded = (n + LANES - 1) / LANES * LANES;
  if (n == 0 || padded > list->padded / 2) return false;
  *shorter = (HilumNearList){list->kernels, list->blocks + list->padded / LANES, n, padded};
  for (size_t i = 0; i < padded; i++) {
    const size_t j = kept[MIN(i, n - 1)];
    copy_lane((double *)&shorter->blocks[i / LANES], i % LANES, (const double *)&list->blocks[j / LANES],
              j % LANES, ROWS);
    for (size_t c = 0; c < 3; c++)
      to[padded * c + i] = row[c][j];
  }
  return true;
}

bool hilum_near_group_init(HilumNearGroup *group, GError **error)
{
  *group = (HilumNearGroup){0};
  hilum_nearest_kernels_init(&group->list.kernels);
  group->list.blocks = hilum_big_alloc(2 * HILUM_NEAR_MOST / LANES * sizeof *group->list.blocks, error);
  if (!group->list.blocks) return false;
  group->rows = hilum_big_alloc(
      (3 * HILUM_NEAR_GROUP + HILUM_NEAR_SPARE) * HILUM_NEAR_MOST * sizeof *group->rows, error);
  return group->rows != NULL;
}

void hilum_near_group_clear(HilumNearGroup *group)
{
  hilum_big_free(group->list.blocks);
  hilum_big_free(group->rows);
  *group = (HilumNearGroup){0};
}

static uint8_t find_point(HilumNearGroup *group, const float *positions, const double shift[3],
                          uint32_t vertex)
{
  for (size_t i = 0; i < group->n_points; i++)
    if (group->vertex[i] == vertex) return (uint8_t)i;
  const size_t i = group->n_points++;
  group->vertex[i] = vertex;
  for (size_t a = 0; a < 3; a++) {
    const double x = (double)positions[3 * (size_t)vertex + a] + shift[a];
    group->p[i][a] = x;
    group->lo[a] = fmin(group->lo[a], x);
    group->hi[a] = fmax(group->hi[a], x);
  }
  return (uint8_t)i;
}

void hilum_near_group_load(HilumNearGroup *group, const float *positions, const uint32_t *indices,
                           const double shift[3], const uint32_t *triangle, size_t n)
{
  group->triangle = triangle;
  group->n_triangles = n;
  group->n_points = 0;
  for (int a = 0; a < 3; a++) {
    group->lo[a] = INFINITY;
    group->hi[a] = -INFINITY;
  }
  for (size_t t = 0; t < n; t++)
    for (size_t c = 0; c < 3; c++)
      group->corner[t][c] = find_point(group, positions, shift, indices[3 * (size_t)triangle[t] + c]);
}

void hilum_near_group_measure(HilumNearGroup *group)
{
  for (size_t i = 0; i < group->n_points; i++)
    group->least2[i] =
        hilum_near_list_distances2(&group->list, group->p[i], group->rows + group->list.padded * i);
}
