/* Strokes as voxels. */
#include "hilum/base/memory.h"
#include "hilum/segment/brush.h"
#include "hilum/segment/error.h"
#include "seed_growth_private.h"

#include <string.h>

void hilum_stroke_clear(HilumStroke *stroke)
{
  g_clear_pointer(&stroke->structure, g_free);
  g_clear_pointer(&stroke->points_mm, g_array_unref);
}

static void sweep(const HilumGrid *grid, const HilumStroke *stroke, HilumMask *mask, HilumVoxelBox *touched)
{
  const HilumBrush brush = {.radius_mm = stroke->radius_mm, .ball = true};
  const GArray *points = stroke->points_mm;
  for (guint n = 0; points != NULL && n < points->len; n++) {
    const HilumVec3 from = g_array_index(points, HilumVec3, n > 0 ? n - 1 : 0);
    hilum_brush_sweep(&brush, grid, from, g_array_index(points, HilumVec3, n), mask, touched);
  }
}

bool hilum_seed_strokes_box(const HilumSeedGrowth *g, const HilumStroke *strokes, size_t n_strokes,
                            HilumVoxelBox *box, GError **error)
{
  g_autoptr(HilumMask) mask = hilum_mask_new(g->grid.dims, error);
  if (mask == NULL) return false;
  HilumVoxelBox touched = {{0, 0, 0}, {0, 0, 0}};
  for (size_t s = 0; s < n_strokes; s++)
    sweep(&g->grid, &strokes[s], mask, &touched);
  *box = hilum_mask_bounds(mask);
  if (!hilum_voxel_box_is_empty(*box)) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                      "No stroke lies inside the volume.");
  return false;
}

/* Place of a label's model; a new one where there is none; 0 if there is no room. */
static uint8_t find_model(HilumSeedGrowth *g, uint8_t label)
{
  for (unsigned m = 1; m < g->n_models; m++)
    if (g->models[m].label == label) return (uint8_t)m;
  if (g->n_models == HILUM_LABEL_COUNT) return 0;
  g->models[g->n_models] = (HilumSeedModel){.label = label};
  return (uint8_t)g->n_models++;
}

/* Writes the place of a stroke's label over its voxels in the box, and clears the mask again. */
static void paint(const HilumSeedGrowth *g, HilumMask *mask, HilumVoxelBox touched, uint8_t place,
                  uint8_t *painted, HilumVoxelBox within)
{
  const size_t ni = (size_t)(within.hi[0] - within.lo[0]), nj = (size_t)(within.hi[1] - within.lo[1]);
  for (int32_t k = touched.lo[2]; k < touched.hi[2]; k++)
    for (int32_t j = touched.lo[1]; j < touched.hi[1]; j++) {
      for (int32_t i = touched.lo[0]; i < touched.hi[0]; i++)
        if (hilum_mask_get(mask, (HilumVoxel){i, j, k}) && hilum_voxel_box_contains(within, i, j, k))
          painted[((size_t)(k - within.lo[2]) * nj + (size_t)(j - within.lo[1])) * ni +
                  (size_t)(i - within.lo[0])] = place;
      hilum_mask_clear_span(mask, touched.lo[0], touched.hi[0], j, k);
    }
}

GArray *hilum_seed_strokes_voxels(HilumSeedGrowth *g, const HilumStroke *strokes, size_t n_strokes,
                                  GError **error)
{
  g_autoptr(HilumMask) mask = hilum_mask_new(g->grid.dims, error);
  HilumVoxelBox b;
  if (mask == NULL || !hilum_seed_strokes_box(g, strokes, n_strokes, &b, error)) return NULL;
  const int32_t size[3] = {b.hi[0] - b.lo[0], b.hi[1] - b.lo[1], b.hi[2] - b.lo[2]};
  uint8_t *painted = hilum_big_alloc0((size_t)size[0] * (size_t)size[1] * (size_t)size[2], error);
  if (painted == NULL) return NULL;
  for (size_t s = 0; s < n_strokes; s++) {
    HilumVoxelBox touched = {{0, 0, 0}, {0, 0, 0}};
    sweep(&g->grid, &strokes[s], mask, &touched);
    paint(g, mask, touched, find_model(g, strokes[s].label), painted, b);
  }
  GArray *seeds = g_array_new(FALSE, FALSE, sizeof(HilumSeed));
  const uint8_t *next = painted;
  for (int32_t k = b.lo[2]; k < b.hi[2]; k++)
    for (int32_t j = b.lo[1]; j < b.hi[1]; j++)
      for (int32_t i = b.lo[0]; i < b.hi[0]; i++) {
        const HilumSeed seed = {.at = (uint32_t)hilum_seed_growth_place(g, i, j, k), .place = *next++};
        if (seed.place == 0 || (g->inside != NULL && !hilum_mask_get(g->inside, (HilumVoxel){i, j, k})))
          continue;
        g_array_append_val(seeds, seed);
      }
  hilum_big_free(painted);
  return seeds;
}
