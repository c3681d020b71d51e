/* Gaussian smoothing of a volume: the tiles of gauss_tile.c, rounded. */
#include "hilum/filter/gaussian.h"

#include "gauss_private.h"
#include "grey_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "mask_box_private.h"

#define REACH 4

typedef struct {
  HilumGaussPlan plan;
  int16_t *out;
  float *scratch; /* per worker: the tile's, and a slice */
  HilumTicks ticks;
} Gaussian;

static void gaussian_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Gaussian *g = data;
  const HilumGaussPlan *p = &g->plan;
  float *scratch = g->scratch + worker * (p->scratch_floats + p->slice_floats);
  float *slice = scratch + p->scratch_floats;
  for (size_t t = begin; t < end; t++) {
    HilumGaussTile tile;
    hilum_gauss_tile_init(&tile, p, t, scratch);
    const size_t columns = (size_t)(tile.hi[0] - tile.lo[0]);
    for (int32_t k = 0; k < p->dims[2]; k++) {
      if (!hilum_ticks_step(&g->ticks)) return;
      hilum_gauss_tile_slice(&tile, k, slice);
      for (int32_t j = tile.lo[1]; j < tile.hi[1]; j++) {
        int16_t *out =
            g->out + ((size_t)k * (size_t)p->dims[1] + (size_t)j) * (size_t)p->dims[0] + (size_t)tile.lo[0];
        p->kernels.narrow(out, hilum_gauss_tile_at(&tile, slice, tile.lo[0], j), columns);
      }
    }
  }
}

HilumVolume *hilum_volume_gaussian(const HilumVolume *volume, double sigma_mm, const HilumProgress *progress,
                                   GError **error)
{
  g_return_val_if_fail(volume != NULL, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  if (!hilum_filter_check_sigma(sigma_mm, grid->spacing_mm, HILUM_GAUSS_MAX_VOX, error)) return NULL;
  Gaussian g = {0};
  const HilumVoxelBox all = {.hi = {grid->dims[0], grid->dims[1], grid->dims[2]}};
  hilum_gauss_plan_init(&g.plan, volume, all, sigma_mm, REACH, 0);
  const size_t tiles = hilum_gauss_plan_tiles(&g.plan);
  hilum_ticks_init(&g.ticks, progress, tiles * (size_t)grid->dims[2]);
  g.out = hilum_grey_alloc(volume, error);
  if (g.out != NULL)
    g.scratch = hilum_big_alloc(
        hilum_parallel_threads() * (g.plan.scratch_floats + g.plan.slice_floats) * sizeof *g.scratch, error);
  if (g.scratch != NULL) hilum_parallel_for(tiles, 1, gaussian_body, &g);
  const bool ok = g.scratch != NULL && !hilum_progress_fail(progress, error);
  hilum_big_free(g.scratch);
  hilum_gauss_plan_clear(&g.plan);
  if (ok) return hilum_grey_take(volume, g.out, error);
  hilum_big_free(g.out);
  return NULL;
}
