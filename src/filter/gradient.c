/* Size of the gradient: differences of the tiles of gauss_tile.c. */
#include "hilum/filter/gradient.h"

#include "gauss_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/error.h"
#include "mask_box_private.h"

#define REACH 5
#define HALO 2

typedef struct {
  HilumGaussPlan plan;
  bool smooth;
  float unit[3]; /* real units a stored unit, over the spacing */
  float *out, *scratch;
  HilumTicks ticks;
} Gradient;

/* Without smoothing the difference at the border has one side: twice the weight of the one that leads to the
 * continued voxel. */
static float plain_weight(const Gradient *g, int a, int32_t at)
{
  const bool border = at == 0 || at == g->plan.dims[a] - 1;
  return g->unit[a] * (border ? 1.0f : 0.5f);
}

/* Along x the same comes of continuing the line instead of the voxel. */
static void continue_lines(const Gradient *g, const HilumGaussTile *tile, float *slice)
{
  const int32_t n = g->plan.dims[0];
  if (n < 2) return;
  for (int32_t j = tile->lo[1]; j < tile->hi[1]; j++) {
    float *row = slice + (hilum_gauss_tile_at(tile, slice, tile->lo[0], j) - slice) - tile->lo[0];
    if (tile->lo[0] == 0) row[-1] = 2 * row[0] - row[1];
    if (tile->hi[0] == n) row[n] = 2 * row[n - 1] - row[n - 2];
  }
}

static void gradient_row(const Gradient *g, const HilumGaussStencil *stencil, int32_t j, int32_t k)
{
  const HilumGaussTile *tile = &stencil->tile;
  const ptrdiff_t stride = (ptrdiff_t)g->plan.row_floats;
  const float *rows[5];
  for (int s = 0; s < 5; s++)
    rows[s] = hilum_gauss_tile_at(tile, stencil->slices[s], tile->lo[0], j);
  const float *row = rows[2];
  const float *const taps[3][4] = {{row - 2, row - 1, row + 1, row + 2},
                                   {row - 2 * stride, row - stride, row + stride, row + 2 * stride},
                                   {rows[0], rows[1], rows[3], rows[4]}};
  float near[3] = {g->unit[0] * 0.5f, plain_weight(g, 1, j), plain_weight(g, 2, k)}, far[3] = {0, 0, 0};
  for (int a = 0; g->smooth && a < 3; a++) {
    near[a] = g->unit[a] * HILUM_GAUSS_NEAR;
    far[a] = g->unit[a] * HILUM_GAUSS_FAR;
  }
  const size_t at = ((size_t)k * (size_t)g->plan.dims[1] + (size_t)j) * (size_t)g->plan.dims[0];
  g->plan.kernels.magnitude(g->out + at + (size_t)tile->lo[0], taps, near, far,
                            (size_t)(tile->hi[0] - tile->lo[0]));
}

static void gradient_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Gradient *g = data;
  for (size_t t = begin; t < end; t++) {
    HilumGaussStencil stencil;
    hilum_gauss_stencil_init(&stencil, &g->plan, t,
                             g->scratch + worker * hilum_gauss_stencil_floats(&g->plan));
    for (int32_t k = 0; k < g->plan.dims[2]; k++) {
      if (!hilum_ticks_step(&g->ticks)) return;
      hilum_gauss_stencil_move(&stencil, k);
      if (!g->smooth) continue_lines(g, &stencil.tile, stencil.slices[2]);
      for (int32_t j = stencil.tile.lo[1]; j < stencil.tile.hi[1]; j++)
        gradient_row(g, &stencil, j, k);
    }
  }
}

static bool run_gradient(Gradient *g, const HilumProgress *progress, GError **error)
{
  const int32_t *dims = g->plan.dims;
  size_t count, bytes;
  if (!hilum_size_mul3(dims[0], dims[1], dims[2], &count) || !hilum_size_mul(count, sizeof(float), &bytes)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "The volume is too large for a map of its gradient.");
    return false;
  }
  g->out = hilum_big_alloc(bytes, error);
  if (g->out == NULL) return false;
  hilum_big_touch(g->out, bytes);
  g->scratch = hilum_big_alloc(
      hilum_parallel_threads() * hilum_gauss_stencil_floats(&g->plan) * sizeof *g->scratch, error);
  if (g->scratch == NULL) return false;
  const size_t tiles = hilum_gauss_plan_tiles(&g->plan);
  hilum_ticks_init(&g->ticks, progress, tiles * (size_t)dims[2]);
  hilum_parallel_for(tiles, 1, gradient_body, g);
  return !hilum_progress_fail(progress, error);
}

float *hilum_volume_gradient(const HilumVolume *volume, double sigma_mm, const HilumProgress *progress,
                             GError **error)
{
  g_return_val_if_fail(volume != NULL, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  if (!hilum_filter_check_sigma(sigma_mm, grid->spacing_mm, HILUM_GAUSS_MAX_VOX, error)) return NULL;
  Gradient g = {.smooth = sigma_mm > 0};
  for (int a = 0; a < 3; a++)
    g.unit[a] = (float)(hilum_volume_get_slope(volume) / grid->spacing_mm[a]);
  const HilumVoxelBox all = {.hi = {grid->dims[0], grid->dims[1], grid->dims[2]}};
  hilum_gauss_plan_init(&g.plan, volume, all, sigma_mm, REACH, HALO);
  if (!run_gradient(&g, progress, error)) g_clear_pointer(&g.out, hilum_big_free);
  hilum_big_free(g.scratch);
  hilum_gauss_plan_clear(&g.plan);
  return g.out;
}
