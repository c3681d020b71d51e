/* Watershed split of a mask; the header names the papers. */
#include "hilum/segment/split.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"
#include "hilum/filter/distance.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

#define LEVELS 65536
#define PER_VOXEL 16.0 /* levels to the finest spacing */
#define DEPTH_MM 1.0

/* Parts while they flood: a forest. */
typedef struct {
  uint32_t parent;
  uint16_t peak;
  uint8_t group; /* 0: none */
} Basin;

struct HilumSplit {
  int32_t dims[3];   /* of the mask */
  HilumVoxelBox box; /* of its voxels, with one around it where the volume goes on */
  size_t size[3];
  uint32_t *part;
  GArray *sizes; /* uint64_t, by part; [0] unused */
  GArray *peaks; /* uint16_t, levels, by part; [0] unused */
  double level_mm;
};

typedef struct {
  HilumSplit *split;
  uint16_t *level; /* 0 outside the mask */
  uint32_t *order;
  size_t n;
  GArray *basins; /* Basin; [0] unused */
  GArray *necks;  /* uint16_t: how deep they are where parts were joined; NULL: not asked for */
  uint32_t depth; /* in levels */
  double widening;
  bool has_seeds;
} Flood;

static size_t place(const HilumSplit *s, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)(k - s->box.lo[2]) * s->size[1] + (size_t)(j - s->box.lo[1])) * s->size[0] +
         (size_t)(i - s->box.lo[0]);
}

static HilumVoxel voxel_of(const HilumSplit *s, size_t at)
{
  return (HilumVoxel){s->box.lo[0] + (int32_t)(at % s->size[0]),
                      s->box.lo[1] + (int32_t)(at / s->size[0] % s->size[1]),
                      s->box.lo[2] + (int32_t)(at / (s->size[0] * s->size[1]))};
}

static bool is_wall(const HilumMask *walls, HilumVoxel v)
{
  return walls != NULL && hilum_mask_get(walls, v);
}

/* The mask's box cut out: what thickness is measured from. */
static HilumMask *crop(const HilumSplit *s, const HilumMask *mask, const HilumMask *walls, GError **error)
{
  const int32_t dims[3] = {(int32_t)s->size[0], (int32_t)s->size[1], (int32_t)s->size[2]};
  HilumMask *small = hilum_mask_new(dims, error);
  if (small == NULL) return NULL;
  for (int32_t k = 0; k < dims[2]; k++)
    for (int32_t j = 0; j < dims[1]; j++)
      for (int32_t i = 0; i < dims[0]; i++) {
        const HilumVoxel v = {s->box.lo[0] + i, s->box.lo[1] + j, s->box.lo[2] + k};
        if (!hilum_mask_get(mask, v) || is_wall(walls, v)) hilum_mask_set(small, (HilumVoxel){i, j, k});
      }
  return small;
}

/* Thickness of each voxel of the mask as a level above zero, and the voxels from thick to thin. */
static bool sort_voxels(Flood *f, const HilumMask *mask, const HilumMask *walls, const double spacing_mm[3],
                        const HilumProgress *progress, GError **error)
{
  HilumSplit *s = f->split;
  const size_t count = s->size[0] * s->size[1] * s->size[2];
  g_autoptr(HilumMask) outside = crop(s, mask, walls, error);
  float *distance = outside != NULL ? hilum_mask_distance(outside, spacing_mm, progress, error) : NULL;
  f->level = distance != NULL ? hilum_big_alloc(count * sizeof *f->level, error) : NULL;
  f->order = f->level != NULL ? hilum_big_alloc(count * sizeof *f->order, error) : NULL;
  if (f->order == NULL) {
    hilum_big_free(distance);
    return false;
  }
  const double finest = fmin(spacing_mm[0], fmin(spacing_mm[1], spacing_mm[2]));
  g_autofree size_t *start = g_new0(size_t, LEVELS + 1);
  for (size_t at = 0; at < count; at++) {
    const double scaled = (double)distance[at] / finest * PER_VOXEL; /* infinite if nothing is outside */
    f->level[at] = scaled > 0 ? (uint16_t)fmin(fmax(rint(scaled), 1), LEVELS - 1) : 0;
    if (f->level[at] == 0 && is_wall(walls, voxel_of(s, at)) && hilum_mask_get(mask, voxel_of(s, at)))
      f->level[at] = 1;
    start[LEVELS - f->level[at]]++; /* [LEVELS]: outside */
  }
  hilum_big_free(distance);
  f->n = count - start[LEVELS];
  size_t sum = 0;
  for (size_t l = 0; l <= LEVELS; l++) {
    const size_t here = start[l];
    start[l] = sum;
    sum += here;
  }
  for (size_t at = 0; at < count; at++)
    if (f->level[at] > 0) f->order[start[LEVELS - f->level[at]]++] = (uint32_t)at;
  return true;
}

/* Calls for each of the 26 neighbours inside the box: `at` of the n-th, or SIZE_MAX. */
static size_t neighbour(const HilumSplit *s, HilumVoxel v, int n)
{
  const int32_t i = v.i + n % 3 - 1, j = v.j + n / 3 % 3 - 1, k = v.k + n / 9 - 1;
  return n != 13 && hilum_voxel_box_contains(s->box, i, j, k) ? place(s, i, j, k) : SIZE_MAX;
}

static uint32_t find_root(Flood *f, uint32_t b)
{
  Basin *basins = (Basin *)(void *)f->basins->data;
  while (basins[b].parent != b)
    b = basins[b].parent = basins[basins[b].parent].parent;
  return b;
}

/* Two parts meet at a level. The higher peak goes on; of equal ones the older. */
static uint32_t meet(Flood *f, uint32_t a, uint32_t b, uint16_t level)
{
  Basin *basins = (Basin *)(void *)f->basins->data;
  const uint8_t ga = basins[a].group, gb = basins[b].group;
  const bool apart = f->has_seeds ? ga != 0 && gb != 0 && ga != gb
                                  : MIN(basins[a].peak, basins[b].peak) - f->widening * level >= f->depth;
  if (apart) return a;
  const bool swap = basins[b].peak > basins[a].peak || (basins[b].peak == basins[a].peak && b < a);
  const uint32_t stays = swap ? b : a, goes = swap ? a : b;
  basins[goes].parent = stays;
  const uint16_t deep = (uint16_t)(basins[goes].peak - level);
  if (f->necks != NULL) g_array_append_val(f->necks, deep);
  if (basins[stays].group == 0) basins[stays].group = basins[goes].group;
  return stays;
}

/* A voxel joins the part of its thickest flooded neighbour; parts that meet in it are judged. */
static void flood_voxel(Flood *f, size_t at)
{
  HilumSplit *s = f->split;
  const HilumVoxel v = voxel_of(s, at);
  const uint16_t level = f->level[at];
  uint32_t own = s->part[at] != 0 ? find_root(f, s->part[at]) : 0; /* a seed's basin is there already */
  size_t thickest = SIZE_MAX;
  for (int n = 0; own == 0 && n < 27; n++) {
    const size_t to = neighbour(s, v, n);
    if (to == SIZE_MAX || s->part[to] == 0 || f->level[to] < level) continue;
    if (thickest == SIZE_MAX || f->level[to] > f->level[thickest]) thickest = to;
  }
  if (own == 0 && thickest == SIZE_MAX) {
    const Basin basin = {.parent = f->basins->len, .peak = level};
    own = f->basins->len;
    g_array_append_val(f->basins, basin);
  } else if (own == 0)
    own = find_root(f, s->part[thickest]);
  s->part[at] = own;
  for (int n = 0; n < 27; n++) {
    const size_t to = neighbour(s, v, n);
    if (to == SIZE_MAX || s->part[to] == 0 || f->level[to] < level) continue;
    const uint32_t other = find_root(f, s->part[to]);
    if (other != own) own = meet(f, own, other, level);
  }
}

/* From the seed up to where it is thickest; there its part begins, however near to the wall the click was. */
static bool plant_seed(Flood *f, const HilumSplitSeed *seed, GError **error)
{
  HilumSplit *s = f->split;
  const HilumVoxel v = seed->voxel;
  size_t at = hilum_voxel_box_contains(s->box, v.i, v.j, v.k) ? place(s, v.i, v.j, v.k) : SIZE_MAX;
  if (at == SIZE_MAX || f->level[at] == 0) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "A point to split at lies outside the structure.");
    return false;
  }
  for (size_t up = at; up != SIZE_MAX;) {
    at = up;
    up = SIZE_MAX;
    for (int n = 0; n < 27; n++) {
      const size_t to = neighbour(s, voxel_of(s, at), n);
      if (to != SIZE_MAX && f->level[to] > f->level[up == SIZE_MAX ? at : up]) up = to;
    }
  }
  if (s->part[at] == 0) {
    const Basin basin = {.parent = f->basins->len, .peak = f->level[at], .group = seed->group};
    s->part[at] = f->basins->len;
    g_array_append_val(f->basins, basin);
  } else if (g_array_index(f->basins, Basin, s->part[at]).group != seed->group) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "Two points that are to be parted lie in the same bulge of the structure: move them "
                        "apart, or draw strokes and grow from seeds.");
    return false;
  }
  return true;
}

void hilum_split_seeds_add(GArray *seeds, const HilumVoxel *voxels, size_t n, uint8_t group)
{
  for (size_t v = 0; v < n; v++) {
    const HilumSplitSeed seed = {voxels[v], group};
    g_array_append_val(seeds, seed);
  }
}

/* Numbers of parts by their first voxel. */
static void number_parts(Flood *f)
{
  HilumSplit *s = f->split;
  const size_t count = s->size[0] * s->size[1] * s->size[2];
  g_autofree uint32_t *number = g_new0(uint32_t, f->basins->len);
  const uint64_t none = 0;
  const uint16_t flat = 0;
  g_array_append_val(s->sizes, none);
  g_array_append_val(s->peaks, flat);
  for (size_t at = 0; at < count; at++) {
    if (s->part[at] == 0) continue;
    const uint32_t root = find_root(f, s->part[at]);
    if (number[root] == 0) {
      number[root] = s->sizes->len;
      g_array_append_val(s->sizes, none);
      g_array_append_val(s->peaks, g_array_index(f->basins, Basin, root).peak);
    }
    s->part[at] = number[root];
    g_array_index(s->sizes, uint64_t, number[root])++;
  }
}

static bool flood(Flood *f, const HilumProgress *progress, GError **error)
{
  for (size_t n = 0; n < f->n; n++) {
    flood_voxel(f, f->order[n]);
    if (n % 65536 == 0 && !hilum_progress_step(progress, (double)n / (double)f->n)) break;
  }
  return !hilum_progress_fail(progress, error);
}

static int compare_deep(gconstpointer a, gconstpointer b)
{
  return (int)*(const uint16_t *)b - (int)*(const uint16_t *)a;
}

/* Floods once with everything joined, and takes the depth of the neck that the last part wanted hangs on. A
 * part that is kept apart is at least that deep beside every neck below, so that as many stay apart as there
 * are necks of that depth. */
static bool choose_depth(Flood *f, uint32_t n_parts, const HilumProgress *progress, GError **error)
{
  HilumSplit *s = f->split;
  g_autoptr(GArray) necks = g_array_new(FALSE, FALSE, sizeof(uint16_t));
  f->necks = necks;
  f->depth = LEVELS;
  const bool good = flood(f, progress, error);
  f->necks = NULL;
  if (!good) return false;
  const uint32_t pieces = f->basins->len - 1 - necks->len;
  g_array_sort(necks, compare_deep);
  if (n_parts > pieces && necks->len > 0)
    f->depth = MAX(g_array_index(necks, uint16_t, MIN(n_parts - pieces, necks->len) - 1), 1);
  g_array_set_size(f->basins, 1);
  memset(s->part, 0, s->size[0] * s->size[1] * s->size[2] * sizeof *s->part);
  return true;
}

/* From thick to thin, with parts that are there already where seeds are. */
static bool make_parts(Flood *f, const HilumSplitOptions *o, const HilumProgress *progress, GError **error)
{
  const bool choose = o->n_seeds == 0 && o->n_parts > 0;
  HilumProgress part = hilum_progress_part(progress, 0, 0.5, NULL);
  if (choose && !choose_depth(f, o->n_parts, &part, error)) return false;
  for (size_t n = 0; n < o->n_seeds; n++)
    if (!plant_seed(f, &o->seeds[n], error)) return false;
  part = hilum_progress_part(progress, choose ? 0.5 : 0, 1, NULL);
  if (!flood(f, &part, error)) return false;
  number_parts(f);
  return true;
}

HilumSplit *hilum_split_new(const HilumMask *mask, const double spacing_mm[3], const HilumSplitOptions *o,
                            const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(mask != NULL && spacing_mm != NULL && o != NULL, NULL);
  g_autoptr(HilumSplit) s = g_new0(HilumSplit, 1);
  s->sizes = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  s->peaks = g_array_new(FALSE, FALSE, sizeof(uint16_t));
  memcpy(s->dims, mask->dims, sizeof s->dims);
  s->box = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(s->box)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY, "There is nothing to split.");
    return NULL;
  }
  s->box = hilum_voxel_box_grow(s->box, 1, mask->dims);
  for (int a = 0; a < 3; a++)
    s->size[a] = (size_t)(s->box.hi[a] - s->box.lo[a]);
  const size_t count = s->size[0] * s->size[1] * s->size[2];
  if (count >= UINT32_MAX) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "The structure is too large to be split.");
    return NULL;
  }
  s->part = hilum_big_alloc0(count * sizeof *s->part, error);
  if (s->part == NULL) return NULL;
  const double finest = fmin(spacing_mm[0], fmin(spacing_mm[1], spacing_mm[2]));
  s->level_mm = finest / PER_VOXEL;
  const double depth = (o->depth_mm > 0 ? o->depth_mm : DEPTH_MM) / finest * PER_VOXEL;
  Flood f = {.split = s,
             .has_seeds = o->n_seeds > 0,
             .depth = (uint32_t)fmin(fmax(rint(depth), 1), LEVELS),
             .widening = o->widening > 0 && o->n_parts == 0 ? o->widening : 1};
  f.basins = g_array_new(FALSE, TRUE, sizeof(Basin));
  g_array_set_size(f.basins, 1);
  HilumProgress part = hilum_progress_part(progress, 0, 0.4, NULL);
  bool good = sort_voxels(&f, mask, o->walls, spacing_mm, &part, error);
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  good = good && make_parts(&f, o, &part, error);
  hilum_big_free(f.level);
  hilum_big_free(f.order);
  g_array_unref(f.basins);
  return good ? g_steal_pointer(&s) : NULL;
}

void hilum_split_free(HilumSplit *s)
{
  if (s == NULL) return;
  hilum_big_free(s->part);
  g_array_unref(s->sizes);
  g_array_unref(s->peaks);
  g_free(s);
}

uint32_t hilum_split_get_count(const HilumSplit *s)
{
  return s->sizes->len - 1;
}

uint64_t hilum_split_get_size(const HilumSplit *s, uint32_t part)
{
  g_return_val_if_fail(part > 0 && part < s->sizes->len, 0);
  return g_array_index(s->sizes, uint64_t, part);
}

double hilum_split_get_widest_mm(const HilumSplit *s, uint32_t part)
{
  g_return_val_if_fail(part > 0 && part < s->peaks->len, 0);
  return g_array_index(s->peaks, uint16_t, part) * s->level_mm;
}

uint32_t hilum_split_at(const HilumSplit *s, HilumVoxel v)
{
  return hilum_voxel_box_contains(s->box, v.i, v.j, v.k) ? s->part[place(s, v.i, v.j, v.k)] : 0;
}

HilumMask *hilum_split_dup_mask(const HilumSplit *s, const uint8_t *keep, GError **error)
{
  HilumMask *mask = hilum_mask_new(s->dims, error);
  if (mask == NULL) return NULL;
  const size_t count = s->size[0] * s->size[1] * s->size[2];
  for (size_t at = 0; at < count; at++)
    if (s->part[at] != 0 && keep[s->part[at]]) hilum_mask_set(mask, voxel_of(s, at));
  return mask;
}
