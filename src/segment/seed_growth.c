/* Grow from seeds: the state of a growth and what is read from it. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/segment/error.h"
#include "seed_growth_private.h"
#include "seed_update_private.h"

#include <math.h>
#include <string.h>

#define MARGIN_MM 20.0

static bool check_options(const HilumSeedOptions *o, size_t n_strokes, GError **error)
{
  const char *why = NULL;
  if (o->n_volumes == 0 || o->n_volumes > HILUM_SEED_MAX_PHASES)
    why = "Growing from seeds reads from 1 to 8 phases.";
  for (size_t p = 0; why == NULL && p < o->n_volumes; p++)
    if (o->volumes[p] == NULL)
      why = "There are no images to read.";
    else if (!hilum_grid_equal(hilum_volume_get_grid(o->volumes[p]), hilum_volume_get_grid(o->volumes[0]),
                               0.01))
      why = "The phases to grow in do not lie on one grid.";
  if (why == NULL && n_strokes == 0) why = "No stroke was given.";
  if (why != NULL) g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, why);
  return why == NULL;
}

static HilumSeedGrowth *new_growth(const HilumSeedOptions *o, GError **error)
{
  g_autoptr(HilumSeedGrowth) g = g_new0(HilumSeedGrowth, 1);
  g->grid = *hilum_volume_get_grid(o->volumes[0]);
  for (; g->n_volumes < o->n_volumes; g->n_volumes++)
    g->volumes[g->n_volumes] = hilum_volume_ref(o->volumes[g->n_volumes]);
  g->margin_mm = o->margin_mm != 0 ? o->margin_mm : MARGIN_MM;
  g->edge_weight = o->edge_weight > 0 ? fmin(o->edge_weight, 100) : o->edge_weight < 0 ? 0 : 1;
  g->models = g_new0(HilumSeedModel, HILUM_LABEL_COUNT);
  if (o->inside == NULL) return g_steal_pointer(&g);
  g->inside = hilum_mask_copy(o->inside, error);
  return g->inside != NULL ? g_steal_pointer(&g) : NULL;
}

void hilum_seed_growth_free(HilumSeedGrowth *g)
{
  if (g == NULL) return;
  for (size_t p = 0; p < g->n_volumes; p++)
    hilum_volume_unref(g->volumes[p]);
  hilum_mask_free(g->inside);
  hilum_big_free((void *)g->state);
  hilum_big_free(g->look);
  hilum_big_free(g->unlike);
  g_free(g->models);
  if (g->kept != NULL) g_ptr_array_unref(g->kept);
  g_free(g);
}

HilumVoxelBox hilum_seed_growth_wanted_box(const HilumSeedGrowth *g, HilumVoxelBox strokes)
{
  HilumVoxelBox box;
  for (int a = 0; a < 3; a++) {
    const double margin = g->margin_mm >= 0 ? fmin(g->margin_mm / g->grid.spacing_mm[a], 40000) : 40000;
    box.lo[a] = MAX(0, strokes.lo[a] - (int32_t)ceil(margin));
    box.hi[a] = MIN(g->grid.dims[a], strokes.hi[a] + (int32_t)ceil(margin));
  }
  return box;
}

bool hilum_seed_growth_set_box(HilumSeedGrowth *g, HilumVoxelBox box, GError **error)
{
  g->box = box;
  const double *spacing = g->grid.spacing_mm;
  const double finest = fmin(spacing[0], fmin(spacing[1], spacing[2]));
  for (int a = 0; a < 3; a++) {
    g->dims[a] = (size_t)(box.hi[a] - box.lo[a]) + 2;
    /* Beyond ratios that images have, so that the ring of buckets stays small. */
    g->step[a] = (uint32_t)lrint(HILUM_SEED_UNIT * fmin(spacing[a] / finest, 64));
  }
  g->along[0] = 1;
  g->along[1] = (ptrdiff_t)g->dims[0];
  g->along[2] = (ptrdiff_t)(g->dims[0] * g->dims[1]);
  hilum_big_free((void *)g->state);
  hilum_big_free(g->look);
  g->state = NULL;
  g->look = NULL;
  size_t bytes;
  if (!hilum_size_mul3((int64_t)g->dims[0], (int64_t)g->dims[1], (int64_t)g->dims[2], &g->count) ||
      g->count >= UINT32_MAX || !hilum_size_mul(g->count, 2 * g->n_volumes, &bytes)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "The region around the strokes is too large: choose a smaller margin.");
    return false;
  }
  g->state = hilum_big_alloc(g->count * sizeof *g->state, error);
  g->look = g->state != NULL ? hilum_big_alloc(bytes, error) : NULL;
  return g->look != NULL;
}

/* Values of one slice of the box with its frame, which takes those of the nearest voxel inside. */
static void gather_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const HilumSeedGrowth *g = data;
  const HilumGrid *grid = &g->grid;
  const int32_t *lo = g->box.lo, *hi = g->box.hi;
  for (size_t z = begin; z < end; z++)
    for (size_t y = 0; y < g->dims[1]; y++) {
      const int32_t k = CLAMP(lo[2] - 1 + (int32_t)z, lo[2], hi[2] - 1);
      const int32_t j = CLAMP(lo[1] - 1 + (int32_t)y, lo[1], hi[1] - 1);
      for (size_t p = 0; p < g->n_volumes; p++) {
        int16_t *to = g->look + p * g->count + (z * g->dims[1] + y) * g->dims[0];
        const int16_t *row =
            hilum_volume_get_voxels(g->volumes[p]) + hilum_grid_offset(grid, (HilumVoxel){0, j, k});
        to[0] = row[lo[0]];
        memcpy(to + 1, row + lo[0], (g->dims[0] - 2) * sizeof *to);
        to[g->dims[0] - 1] = row[hi[0] - 1];
      }
    }
}

void hilum_seed_growth_gather(HilumSeedGrowth *g)
{
  hilum_parallel_for(g->dims[2], 4, gather_slices, g);
}

/* Everything unset but the frame and what lies outside of the region. */
static void reset_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  HilumSeedGrowth *g = data;
  const HilumVoxelBox *b = &g->box;
  for (size_t z = begin; z < end; z++)
    for (size_t y = 0; y < g->dims[1]; y++)
      for (size_t x = 0; x < g->dims[0]; x++) {
        const HilumVoxel v = {b->lo[0] + (int32_t)x - 1, b->lo[1] + (int32_t)y - 1,
                              b->lo[2] + (int32_t)z - 1};
        const bool open = hilum_voxel_box_contains(*b, v.i, v.j, v.k) &&
                          (g->inside == NULL || hilum_mask_get(g->inside, v));
        atomic_store_explicit(&g->state[(z * g->dims[1] + y) * g->dims[0] + x],
                              open ? HILUM_SEED_UNSET : HILUM_SEED_BLOCKED, memory_order_relaxed);
      }
}

void hilum_seed_growth_reset(HilumSeedGrowth *g)
{
  hilum_parallel_for(g->dims[2], 4, reset_slices, g);
}

HilumSeedGrowth *hilum_seed_growth_new(const HilumSeedOptions *options, const HilumStroke *strokes,
                                       size_t n_strokes, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(options != NULL && (strokes != NULL || n_strokes == 0), NULL);
  if (!check_options(options, n_strokes, error)) return NULL;
  g_autoptr(HilumSeedGrowth) g = new_growth(options, error);
  if (g == NULL || !hilum_seed_growth_update(g, strokes, n_strokes, NULL, progress, error)) return NULL;
  return g_steal_pointer(&g);
}

HilumVoxelBox hilum_seed_growth_get_box(const HilumSeedGrowth *g)
{
  return g->box;
}

static uint8_t label_of(const HilumSeedGrowth *g, size_t at)
{
  const uint32_t state = atomic_load_explicit(&g->state[at], memory_order_relaxed);
  return state == HILUM_SEED_UNSET ? 0 : g->models[state & 0xff].label;
}

uint8_t hilum_seed_growth_at(const HilumSeedGrowth *g, HilumVoxel v)
{
  if (!hilum_voxel_box_contains(g->box, v.i, v.j, v.k)) return 0;
  return label_of(g, hilum_seed_growth_place(g, v.i, v.j, v.k));
}

HilumMask *hilum_seed_growth_dup_mask(const HilumSeedGrowth *g, uint8_t label, GError **error)
{
  g_return_val_if_fail(g != NULL && label != 0, NULL);
  HilumMask *mask = hilum_mask_new(g->grid.dims, error);
  if (mask == NULL) return NULL;
  for (int32_t k = g->box.lo[2]; k < g->box.hi[2]; k++)
    for (int32_t j = g->box.lo[1]; j < g->box.hi[1]; j++)
      for (int32_t i = g->box.lo[0]; i < g->box.hi[0]; i++)
        if (label_of(g, hilum_seed_growth_place(g, i, j, k)) == label)
          hilum_mask_set(mask, (HilumVoxel){i, j, k});
  return mask;
}

typedef struct {
  const HilumSeedGrowth *growth;
  const uint8_t *locked;
  bool ours[HILUM_LABEL_COUNT];
  uint8_t *labels; /* of the grid */
} Writing;

static void write_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const Writing *w = data;
  const HilumVoxelBox *b = &w->growth->box;
  for (int32_t k = b->lo[2] + (int32_t)begin; k < b->lo[2] + (int32_t)end; k++)
    for (int32_t j = b->lo[1]; j < b->hi[1]; j++) {
      uint8_t *row = w->labels + hilum_grid_offset(&w->growth->grid, (HilumVoxel){0, j, k});
      for (int32_t i = b->lo[0]; i < b->hi[0]; i++) {
        const size_t at = hilum_seed_growth_place(w->growth, i, j, k);
        const uint8_t grown = label_of(w->growth, at);
        const bool open =
            atomic_load_explicit(&w->growth->state[at], memory_order_relaxed) != HILUM_SEED_BLOCKED;
        if (open && !w->locked[row[i]] && (grown != 0 || w->ours[row[i]])) row[i] = grown;
      }
    }
}

HilumLabelSnapshot *hilum_seed_growth_dup_labels(const HilumSeedGrowth *g, HilumLabelSnapshot *base,
                                                 const uint8_t locked[HILUM_LABEL_COUNT], GError **error)
{
  g_return_val_if_fail(g != NULL && base != NULL && locked != NULL, NULL);
  g_return_val_if_fail(hilum_grid_equal(hilum_label_snapshot_get_grid(base), &g->grid, 0.01), NULL);
  uint8_t *labels = hilum_big_alloc(hilum_grid_count(&g->grid), error);
  if (labels == NULL) return NULL;
  const int32_t *dims = g->grid.dims;
  const HilumVoxelBox all = {{0, 0, 0}, {dims[0], dims[1], dims[2]}};
  hilum_label_snapshot_read_box(base, all, labels, (size_t)dims[0], (size_t)dims[0] * (size_t)dims[1]);
  Writing w = {.growth = g, .locked = locked, .labels = labels};
  for (unsigned m = 1; m < g->n_models; m++)
    w.ours[g->models[m].label] = true;
  hilum_parallel_for((size_t)(g->box.hi[2] - g->box.lo[2]), 4, write_slices, &w);
  HilumLabelSnapshot *after =
      hilum_label_snapshot_new_from_dense(hilum_label_snapshot_get_grid(base), labels, error);
  hilum_big_free(labels);
  return after;
}
