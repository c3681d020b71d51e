/* Tiles of smoothed grey values. Along y first, straight from the rows of the volume, so that only these have
 * to be widened for the rows that the filter reaches beyond the tile; then along x; along z out of the ring.
 */
#include "gauss_private.h"
#include "mask_box_private.h"

#include <math.h>
#include <string.h>

#define TILE_ROWS 32
#define MIN_COLUMNS 64
#define MAX_COLUMNS 512
#define RING_FLOATS (192 * 1024) /* what a ring should not exceed: it lives in the second-level cache */
#define LINE_VOXELS 32
#define ALIGN 16 /* floats in a line of cache */

static size_t round_up(size_t n)
{
  return (n + ALIGN - 1) / ALIGN * ALIGN;
}

HilumGaussWeights hilum_gauss_weights(double sigma_vox, double reach)
{
  HilumGaussWeights w = {.radius = (size_t)ceil(reach * sigma_vox)};
  w.weights = g_new(float, w.radius + 1);
  double sum = 1;
  for (size_t r = 1; r <= w.radius; r++)
    sum += 2 * exp(-0.5 * (double)(r * r) / (sigma_vox * sigma_vox));
  w.weights[0] = (float)(1 / sum);
  for (size_t r = 1; r <= w.radius; r++)
    w.weights[r] = (float)(exp(-0.5 * (double)(r * r) / (sigma_vox * sigma_vox)) / sum);
  return w;
}

void hilum_gauss_plan_init(HilumGaussPlan *plan, const HilumVolume *volume, HilumVoxelBox box,
                           double sigma_mm, double reach, int32_t halo)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  *plan = (HilumGaussPlan){.voxels = hilum_volume_get_voxels(volume), .box = box, .halo = halo};
  hilum_gauss_kernels_init(&plan->kernels);
  for (int a = 0; a < 3; a++) {
    plan->dims[a] = grid->dims[a];
    plan->w[a] = hilum_gauss_weights(sigma_mm / grid->spacing_mm[a], reach);
  }
  plan->ring_slices = MIN(2 * plan->w[2].radius + 1, (size_t)plan->dims[2]);
  const size_t height = TILE_ROWS + 2 * (size_t)halo;
  int32_t columns = MAX_COLUMNS;
  while (columns > MIN_COLUMNS && plan->ring_slices * height * (size_t)columns > RING_FLOATS)
    columns /= 2;
  const int32_t most[2] = {columns, TILE_ROWS};
  for (int a = 0; a < 2; a++) {
    plan->width[a] = MIN(most[a], box.hi[a] - box.lo[a]);
    plan->tiles[a] = (box.hi[a] - box.lo[a] + plan->width[a] - 1) / plan->width[a];
  }
  plan->row_floats = round_up((size_t)plan->width[0] + 2 * (size_t)halo);
  plan->slice_floats = plan->row_floats * ((size_t)plan->width[1] + 2 * (size_t)halo);
  const size_t source_row = round_up(plan->row_floats + 2 * plan->w[0].radius);
  const size_t source_rows =
      MIN((size_t)plan->width[1] + 2 * (size_t)halo + 2 * plan->w[1].radius, (size_t)plan->dims[1]);
  const size_t taps = 2 * MAX(MAX(plan->w[0].radius, plan->w[1].radius), plan->w[2].radius) + 1;
  plan->scratch_floats = plan->ring_slices * plan->slice_floats + (source_rows + 1) * source_row +
                         round_up(taps * sizeof(float *) / sizeof(float));
}

void hilum_gauss_plan_clear(HilumGaussPlan *plan)
{
  for (int a = 0; a < 3; a++)
    g_clear_pointer(&plan->w[a].weights, g_free);
}

void hilum_gauss_tile_init(HilumGaussTile *tile, const HilumGaussPlan *plan, size_t index, float *scratch)
{
  *tile = (HilumGaussTile){.plan = plan, .ring = scratch};
  const int32_t at[2] = {(int32_t)(index % (size_t)plan->tiles[0]),
                         (int32_t)(index / (size_t)plan->tiles[0])};
  for (int a = 0; a < 2; a++) {
    tile->lo[a] = plan->box.lo[a] + at[a] * plan->width[a];
    tile->hi[a] = MIN(tile->lo[a] + plan->width[a], plan->box.hi[a]);
  }
  tile->across = scratch + plan->ring_slices * plan->slice_floats;
  tile->source = tile->across + round_up(plan->row_floats + 2 * plan->w[0].radius);
  const size_t taps = round_up((2 * MAX(MAX(plan->w[0].radius, plan->w[1].radius), plan->w[2].radius) + 1) *
                               sizeof(float *) / sizeof(float));
  tile->rows = (const float **)(void *)(scratch + plan->scratch_floats - taps);
  tile->ready = hilum_filter_clamp(plan->box.lo[2] - plan->halo - (int32_t)plan->w[2].radius, plan->dims[2]);
}

/* One row of the volume in single precision: the columns of the tile, its halo and the reach along x. */
static void widen_row(const HilumGaussTile *t, int32_t j, int32_t k, float *dst)
{
  const HilumGaussPlan *p = t->plan;
  const int32_t margin = p->halo + (int32_t)p->w[0].radius, n = p->dims[0];
  const int32_t first = t->lo[0] - margin, last = t->hi[0] + margin;
  const int32_t lo = MAX(first, 0), hi = MIN(last, n);
  const int16_t *src = p->voxels + ((size_t)k * (size_t)p->dims[1] + (size_t)j) * (size_t)n;
  p->kernels.widen(dst + (lo - first), src + lo, (size_t)(hi - lo));
  if (k + 1 < p->dims[2]) /* the next slice's, which no prefetcher sees coming */
    for (int32_t i = lo; i < hi; i += LINE_VOXELS)
      __builtin_prefetch(src + (size_t)p->dims[1] * (size_t)n + i, 0, 2);
  for (int32_t i = first; i < lo; i++)
    dst[i - first] = src[0];
  for (int32_t i = hi; i < last; i++)
    dst[i - first] = src[n - 1];
}

/* Slice k of the volume, smoothed along y and x, into its place in the ring. */
static void smooth_slice(const HilumGaussTile *t, int32_t k)
{
  const HilumGaussPlan *p = t->plan;
  const int32_t ry = (int32_t)p->w[1].radius, rx = (int32_t)p->w[0].radius, nj = p->dims[1];
  const int32_t j0 = t->lo[1] - p->halo, j1 = t->hi[1] + p->halo;
  const int32_t from = hilum_filter_clamp(j0 - ry, nj), until = hilum_filter_clamp(j1 - 1 + ry, nj);
  const size_t columns = (size_t)(t->hi[0] - t->lo[0] + 2 * p->halo), wide = columns + 2 * (size_t)rx;
  const size_t stride = round_up(p->row_floats + 2 * p->w[0].radius);
  for (int32_t j = from; j <= until; j++)
    widen_row(t, j, k, t->source + (size_t)(j - from) * stride);
  float *out = t->ring + ((size_t)k % p->ring_slices) * p->slice_floats;
  for (int32_t j = j0; j < j1; j++, out += p->row_floats) {
    for (int32_t r = -ry; r <= ry; r++)
      t->rows[r + ry] = t->source + (size_t)(hilum_filter_clamp(j + r, nj) - from) * stride;
    p->kernels.weigh(t->across, t->rows, p->w[1].weights, (size_t)ry, wide);
    p->kernels.weigh_along(out, t->across, p->w[0].weights, (size_t)rx, columns);
  }
}

void hilum_gauss_tile_slice(HilumGaussTile *t, int32_t k, float *out)
{
  const HilumGaussPlan *p = t->plan;
  const int32_t rz = (int32_t)p->w[2].radius, nk = p->dims[2];
  for (const int32_t last = hilum_filter_clamp(k + rz, nk); t->ready <= last; t->ready++)
    smooth_slice(t, t->ready);
  const size_t columns = (size_t)(t->hi[0] - t->lo[0] + 2 * p->halo);
  const int32_t rows = t->hi[1] - t->lo[1] + 2 * p->halo;
  for (int32_t j = 0; j < rows; j++) {
    const size_t at = (size_t)j * p->row_floats;
    for (int32_t r = -rz; r <= rz; r++)
      t->rows[r + rz] =
          t->ring + ((size_t)hilum_filter_clamp(k + r, nk) % p->ring_slices) * p->slice_floats + at;
    p->kernels.weigh(out + at, t->rows, p->w[2].weights, (size_t)rz, columns);
  }
}

void hilum_gauss_stencil_init(HilumGaussStencil *stencil, const HilumGaussPlan *plan, size_t index,
                              float *scratch)
{
  hilum_gauss_tile_init(&stencil->tile, plan, index, scratch);
  for (size_t s = 0; s < 5; s++)
    stencil->slices[s] = scratch + plan->scratch_floats + s * plan->slice_floats;
  for (int32_t s = 1; s < 5; s++)
    hilum_gauss_tile_slice(&stencil->tile, plan->box.lo[2] - 3 + s, stencil->slices[s]);
}

void hilum_gauss_stencil_move(HilumGaussStencil *stencil, int32_t k)
{
  float *oldest = stencil->slices[0];
  for (int s = 0; s < 4; s++)
    stencil->slices[s] = stencil->slices[s + 1];
  stencil->slices[4] = oldest;
  hilum_gauss_tile_slice(&stencil->tile, k + 2, oldest);
}
