/* Capsule sets in a uniform grid of cells: each cell lists what can be nearest within reach, and knows how
 * far away everything is if nothing is near. */
#include "capsules_private.h"

#define CELL_MM 6.0

HilumCapsules *hilum_capsules_new(double blend)
{
  HilumCapsules *c = g_new0(HilumCapsules, 1);
  c->items = g_array_new(FALSE, FALSE, sizeof(HilumCapsule));
  c->blend = blend;
  c->bounds = hilum_box_empty();
  return c;
}

void hilum_capsules_free(HilumCapsules *c)
{
  if (c == NULL) return;
  g_array_unref(c->items);
  g_free(c->first);
  g_free(c->list);
  g_free(c->bound);
  g_free(c);
}

void hilum_capsules_add(HilumCapsules *c, HilumVec3 a, HilumVec3 b, double ra, double rb, int group)
{
  HilumCapsule item = {a, b, ra, rb, group};
  g_array_append_val(c->items, item);
  c->bounds = hilum_box_union(c->bounds, shape_box(a, ra, ra, ra));
  c->bounds = hilum_box_union(c->bounds, shape_box(b, rb, rb, rb));
}

void hilum_capsules_add_path(HilumCapsules *c, const HilumVec3 *points, size_t n, double ra, double rb,
                             int group)
{
  for (size_t i = 0; i + 1 < n; i++) {
    double r0 = ra + (rb - ra) * (double)i / (double)(n - 1);
    double r1 = ra + (rb - ra) * (double)(i + 1) / (double)(n - 1);
    hilum_capsules_add(c, points[i], points[i + 1], r0, r1, group);
  }
}

static double item_distance(const HilumCapsules *c, uint32_t i, HilumVec3 p)
{
  const HilumCapsule *item = &g_array_index(c->items, HilumCapsule, i);
  return shape_capsule(p, item->a, item->b, item->ra, item->rb);
}

void hilum_capsules_seal(HilumCapsules *c)
{
  c->bounds = shape_box_grow(c->bounds, HILUM_CAPSULES_REACH + c->blend);
  HilumVec3 size = hilum_vec3_sub(c->bounds.max, c->bounds.min);
  c->dims[0] = (int32_t)(size.x / CELL_MM) + 1;
  c->dims[1] = (int32_t)(size.y / CELL_MM) + 1;
  c->dims[2] = (int32_t)(size.z / CELL_MM) + 1;
  size_t cells = (size_t)c->dims[0] * (size_t)c->dims[1] * (size_t)c->dims[2];
  c->first = g_new0(uint32_t, cells + 1);
  c->bound = g_new(float, cells);
  g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  const double half = CELL_MM * 0.8660254037844386;
  for (size_t cell = 0; cell < cells; cell++) {
    size_t x = cell % (size_t)c->dims[0], y = cell / (size_t)c->dims[0] % (size_t)c->dims[1];
    size_t z = cell / ((size_t)c->dims[0] * (size_t)c->dims[1]);
    HilumVec3 p = hilum_vec3(c->bounds.min.x + ((double)x + 0.5) * CELL_MM,
                             c->bounds.min.y + ((double)y + 0.5) * CELL_MM,
                             c->bounds.min.z + ((double)z + 0.5) * CELL_MM);
    double nearest = INFINITY;
    for (uint32_t i = 0; i < c->items->len; i++) {
      double d = item_distance(c, i, p);
      nearest = shape_min(nearest, d);
      if (d < half + HILUM_CAPSULES_REACH + c->blend) g_array_append_val(list, i);
    }
    c->bound[cell] = (float)(nearest - half - c->blend);
    c->first[cell + 1] = list->len;
  }
  c->list = g_memdup2(list->data, list->len * sizeof(uint32_t));
}

/* The cell of a point, or -1 with the distance to the grid. */
static ptrdiff_t find_cell(const HilumCapsules *c, HilumVec3 p, double *outside)
{
  *outside = shape_box_distance(&c->bounds, p);
  if (*outside > 0) return -1;
  int32_t x = (int32_t)((p.x - c->bounds.min.x) / CELL_MM), y = (int32_t)((p.y - c->bounds.min.y) / CELL_MM);
  int32_t z = (int32_t)((p.z - c->bounds.min.z) / CELL_MM);
  x = MIN(x, c->dims[0] - 1);
  y = MIN(y, c->dims[1] - 1);
  z = MIN(z, c->dims[2] - 1);
  return ((ptrdiff_t)z * c->dims[1] + y) * c->dims[0] + x;
}

double hilum_capsules_distance(const HilumCapsules *c, HilumVec3 p)
{
  double outside;
  ptrdiff_t cell = find_cell(c, p, &outside);
  if (cell < 0) return outside + HILUM_CAPSULES_REACH;
  if ((double)c->bound[cell] > HILUM_CAPSULES_REACH) return (double)c->bound[cell];
  double d = HILUM_CAPSULES_REACH + c->blend;
  for (uint32_t i = c->first[cell]; i < c->first[cell + 1]; i++) {
    double di = item_distance(c, c->list[i], p);
    d = c->blend > 0 ? shape_smooth_min(d, di, c->blend) : shape_min(d, di);
  }
  return d;
}

double hilum_capsules_nearest(const HilumCapsules *c, HilumVec3 p, const HilumCapsule **nearest,
                              double *other_group)
{
  double outside;
  ptrdiff_t cell = find_cell(c, p, &outside);
  *nearest = NULL;
  *other_group = HILUM_CAPSULES_REACH;
  if (cell < 0) return outside + HILUM_CAPSULES_REACH;
  if ((double)c->bound[cell] > HILUM_CAPSULES_REACH) return (double)c->bound[cell];
  double best = HILUM_CAPSULES_REACH;
  for (uint32_t i = c->first[cell]; i < c->first[cell + 1]; i++) {
    const HilumCapsule *item = &g_array_index(c->items, HilumCapsule, c->list[i]);
    double d = shape_capsule(p, item->a, item->b, item->ra, item->rb);
    if (d < best) {
      if (*nearest != NULL && (*nearest)->group != item->group) *other_group = best;
      best = d;
      *nearest = item;
    } else if ((*nearest == NULL || (*nearest)->group != item->group) && d < *other_group) {
      *other_group = d;
    }
  }
  return *nearest != NULL ? best : shape_max((double)c->bound[cell], HILUM_CAPSULES_REACH);
}
