/* Multi-scale vesselness: second differences of the tiles of gauss_tile.c, scale by scale, the best kept. The
 * matrix of a voxel never leaves the registers (src/kernels/vessel_rows.h). */
#include "hilum/filter/vesselness.h"

#include "gauss_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/error.h"
#include "hilum/kernels/vessel.h"
#include "mask_box_private.h"

#include <math.h>
#include <string.h>

#define REACH 5
#define HALO 2

typedef struct {
  HilumVoxelBox box;
  HilumVesselnessMeasure measure;
  HilumFrangi frangi;
  HilumSato sato;
  HilumVesselKernels kernels;
  float *out;
  /* of one scale: */
  HilumGaussPlan plan;
  float scale[6];
  float *scratch; /* per worker: the stencil's, differences along z of a slice, along y of a row */
  size_t scratch_floats;
  HilumTicks ticks;
} Vesselness;

void hilum_vesselness_scales(HilumVesselnessOptions *options, double first_mm, double last_mm, size_t n)
{
  g_return_if_fail(n >= 1 && n <= HILUM_VESSELNESS_MAX_SCALES);
  options->n_scales = n;
  for (size_t s = 0; s < n; s++)
    options->scales_mm[s] =
        n == 1 ? first_mm : first_mm * pow(last_mm / first_mm, (double)s / (double)(n - 1));
}

/* Differences along z of all rows of the slice, halo included. */
static void differ_slice(const Vesselness *v, const HilumGaussStencil *stencil, float *dz)
{
  const HilumGaussPlan *p = &v->plan;
  const int32_t rows = stencil->tile.hi[1] - stencil->tile.lo[1] + 2 * HALO;
  const size_t columns = (size_t)(stencil->tile.hi[0] - stencil->tile.lo[0] + 2 * HALO);
  float *const *slices = stencil->slices;
  for (int32_t j = 0; j < rows; j++) {
    const size_t at = (size_t)j * p->row_floats;
    const float *const taps[4] = {slices[0] + at, slices[1] + at, slices[3] + at, slices[4] + at};
    p->kernels.differ(dz + at, taps, HILUM_GAUSS_NEAR, HILUM_GAUSS_FAR, columns);
  }
}

static void measure_row(const Vesselness *v, const HilumGaussStencil *stencil, int32_t j, int32_t k,
                        const float *dz, float *dy)
{
  const HilumGaussPlan *p = &v->plan;
  const HilumGaussTile *t = &stencil->tile;
  const ptrdiff_t stride = (ptrdiff_t)p->row_floats;
  const size_t n = (size_t)(t->hi[0] - t->lo[0]);
  HilumVesselRow row = {.values = hilum_gauss_tile_at(t, stencil->slices[2], t->lo[0], j), .dy = dy + HALO};
  row.dz = dz + (row.values - stencil->slices[2]);
  const float *wide[4]; /* rows above and below with their halo */
  for (int n_tap = 0; n_tap < 4; n_tap++) {
    const int off = n_tap < 2 ? n_tap - 2 : n_tap - 1;
    row.along_y[n_tap] = row.values + off * stride;
    row.dz_along_y[n_tap] = row.dz + off * stride;
    row.along_z[n_tap] = stencil->slices[2 + off] + (row.values - stencil->slices[2]);
    wide[n_tap] = row.along_y[n_tap] - HALO;
  }
  memcpy(row.scale, v->scale, sizeof row.scale);
  p->kernels.differ(dy, wide, HILUM_GAUSS_NEAR, HILUM_GAUSS_FAR, n + 2 * HALO);
  const size_t nx = (size_t)(v->box.hi[0] - v->box.lo[0]), ny = (size_t)(v->box.hi[1] - v->box.lo[1]);
  float *best = v->out + ((size_t)(k - v->box.lo[2]) * ny + (size_t)(j - v->box.lo[1])) * nx +
                (size_t)(t->lo[0] - v->box.lo[0]);
  if (v->measure == HILUM_VESSELNESS_SATO)
    v->kernels.sato(best, &row, &v->sato, n);
  else
    v->kernels.frangi(best, &row, &v->frangi, n);
}

static void scale_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Vesselness *v = data;
  float *scratch = v->scratch + worker * v->scratch_floats;
  float *dz = scratch + hilum_gauss_stencil_floats(&v->plan), *dy = dz + v->plan.slice_floats;
  for (size_t t = begin; t < end; t++) {
    HilumGaussStencil stencil;
    hilum_gauss_stencil_init(&stencil, &v->plan, t, scratch);
    for (int32_t k = v->box.lo[2]; k < v->box.hi[2]; k++) {
      if (!hilum_ticks_step(&v->ticks)) return;
      hilum_gauss_stencil_move(&stencil, k);
      differ_slice(v, &stencil, dz);
      for (int32_t j = stencil.tile.lo[1]; j < stencil.tile.hi[1]; j++)
        measure_row(v, &stencil, j, k, dz, dy);
    }
  }
}

static bool run_scale(Vesselness *v, const HilumVolume *volume, double sigma_mm,
                      const HilumProgress *progress, GError **error)
{
  static const int axes[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
  const double *spacing = hilum_volume_get_grid(volume)->spacing_mm;
  for (int m = 0; m < 6; m++)
    v->scale[m] = (float)(hilum_volume_get_slope(volume) * sigma_mm * sigma_mm /
                          (spacing[axes[m][0]] * spacing[axes[m][1]]));
  hilum_gauss_plan_init(&v->plan, volume, v->box, sigma_mm, REACH, HALO);
  v->scratch_floats = hilum_gauss_stencil_floats(&v->plan) + v->plan.slice_floats + v->plan.row_floats;
  v->scratch = hilum_big_alloc(hilum_parallel_threads() * v->scratch_floats * sizeof *v->scratch, error);
  if (v->scratch != NULL) {
    const size_t tiles = hilum_gauss_plan_tiles(&v->plan);
    hilum_ticks_init(&v->ticks, progress, tiles * (size_t)(v->box.hi[2] - v->box.lo[2]));
    hilum_parallel_for(tiles, 1, scale_body, v);
  }
  const bool ok = v->scratch != NULL && !hilum_progress_fail(progress, error);
  g_clear_pointer(&v->scratch, hilum_big_free);
  hilum_gauss_plan_clear(&v->plan);
  return ok;
}

static bool check_options(const HilumVesselnessOptions *o, const HilumGrid *grid, GError **error)
{
  if (o->n_scales > HILUM_VESSELNESS_MAX_SCALES) {
    g_set_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID, "Vesselness takes at most %d scales.",
                HILUM_VESSELNESS_MAX_SCALES);
    return false;
  }
  for (size_t s = 0; s < o->n_scales; s++) {
    if (!hilum_filter_check_sigma(o->scales_mm[s], grid->spacing_mm, HILUM_GAUSS_MAX_VOX, error))
      return false;
    if (o->scales_mm[s] > 0) continue;
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                        "The scales of vesselness must be more than 0 mm.");
    return false;
  }
  const double numbers[3] = {o->alpha, o->beta, o->c};
  for (int n = 0; n < 3; n++)
    if (!isfinite(numbers[n]) || numbers[n] < 0) {
      g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                          "The weights of vesselness must be numbers that are not negative.");
      return false;
    }
  for (int a = 0; a < 3; a++)
    if (!hilum_voxel_box_is_empty(o->box) && (o->box.lo[a] < 0 || o->box.hi[a] > grid->dims[a])) {
      g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                          "The box for vesselness does not lie in the volume.");
      return false;
    }
  return true;
}

/* 1 / (2 v^2), `fallback` for 0. */
static float weight(double v, double fallback)
{
  if (v == 0) v = fallback;
  return (float)(1 / (2 * v * v));
}

static double default_c(const HilumVolume *volume)
{
  if (strcmp(hilum_volume_get_unit(volume), "HU") == 0) return 100;
  const double spread = hilum_volume_get_quantile(volume, 0.99) - hilum_volume_get_quantile(volume, 0.01);
  return spread > 0 ? spread / 8 : 1;
}

static bool allocate(Vesselness *v, GError **error)
{
  size_t count, bytes;
  if (!hilum_size_mul3(v->box.hi[0] - v->box.lo[0], v->box.hi[1] - v->box.lo[1], v->box.hi[2] - v->box.lo[2],
                       &count) ||
      !hilum_size_mul(count, sizeof(float), &bytes)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "The volume is too large for a map of vesselness.");
    return false;
  }
  v->out = hilum_big_alloc0(bytes, error);
  if (v->out != NULL) hilum_big_touch(v->out, bytes);
  return v->out != NULL;
}

float *hilum_volume_vesselness(const HilumVolume *volume, const HilumVesselnessOptions *options,
                               const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL && options != NULL, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  if (!check_options(options, grid, error)) return NULL;
  HilumVesselnessOptions o = *options;
  if (o.n_scales == 0) hilum_vesselness_scales(&o, 1, 3, 3);
  if (hilum_voxel_box_is_empty(o.box))
    o.box = (HilumVoxelBox){.hi = {grid->dims[0], grid->dims[1], grid->dims[2]}};
  Vesselness v = {.box = o.box,
                  .measure = o.measure,
                  .frangi = {weight(o.alpha, 0.5), weight(o.beta, 0.5), weight(o.c, default_c(volume))},
                  .sato = {weight(0.5, 0), weight(2, 0)}};
  hilum_vessel_kernels_init(&v.kernels);
  bool ok = allocate(&v, error);
  for (size_t s = 0; ok && s < o.n_scales; s++) {
    const HilumProgress part = hilum_progress_part(progress, (double)s / (double)o.n_scales,
                                                   (double)(s + 1) / (double)o.n_scales, NULL);
    ok = run_scale(&v, volume, o.scales_mm[s], &part, error);
  }
  if (!ok) g_clear_pointer(&v.out, hilum_big_free);
  return v.out;
}
