/* Volumes to try grey-value filters on, and what each of them must do: the same voxels for any number of
 * threads and any processor, nothing after a cancellation. */
#pragma once

#include "hilum/base/cpu.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/volume/volume.h"

#include <string.h>

/* Odd sizes: a voxel, a row, a column, thinner than any reach, over the borders of tiles. */
static const int32_t grey_dims[][3] = {{1, 1, 1},   {70, 1, 1},  {1, 41, 1},   {1, 1, 33},
                                       {67, 19, 9}, {2, 3, 130}, {131, 66, 5}, {33, 18, 21}};
static const double grey_spacings[][3] = {{1, 1, 1}, {0.7, 0.7, 2.5}, {0.8, 1.3, 1.0}};

typedef double (*GreyFunc)(int32_t i, int32_t j, int32_t k, const void *data);

/* Stored values are what `func` gives, rounded; real = slope * stored + intercept. */
static inline HilumVolume *grey_volume(const int32_t dims[3], const double spacing[3], double slope,
                                       double intercept, GreyFunc func, const void *data)
{
  const HilumGrid grid = hilum_grid_new(dims[0], dims[1], dims[2], spacing[0], spacing[1], spacing[2]);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  size_t n = 0;
  for (int32_t k = 0; k < dims[2]; k++)
    for (int32_t j = 0; j < dims[1]; j++)
      for (int32_t i = 0; i < dims[0]; i++)
        voxels[n++] = (int16_t)CLAMP(floor(func(i, j, k, data) + 0.5), INT16_MIN, INT16_MAX);
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, slope, intercept, "HU", NULL);
  g_assert_nonnull(volume);
  return volume;
}

/* `data` points to the seed. */
static inline double grey_noise(int32_t i, int32_t j, int32_t k, const void *data)
{
  const uint64_t at = ((uint64_t)k << 40) + ((uint64_t)j << 20) + (uint64_t)i;
  return (int16_t)hilum_random_u64(*(const uint64_t *)data, at);
}

/* Stored value with the nearest voxel going on beyond the border. */
static inline double grey_at(const HilumVolume *v, int32_t i, int32_t j, int32_t k)
{
  const HilumGrid *g = hilum_volume_get_grid(v);
  const HilumVoxel at = {CLAMP(i, 0, g->dims[0] - 1), CLAMP(j, 0, g->dims[1] - 1),
                         CLAMP(k, 0, g->dims[2] - 1)};
  return hilum_volume_get_voxels(v)[hilum_grid_offset(g, at)];
}

/* A filter as bytes: a dense result of `bytes` in a hilum_big_alloc() buffer, NULL with an error. */
typedef void *(*GreyFilter)(const HilumVolume *volume, const HilumProgress *progress, size_t *bytes,
                            GError **error);

static inline void grey_check_same(const HilumVolume *volume, GreyFilter filter)
{
  static const struct {
    unsigned threads, cpu;
  } cases[] = {{1, ~0u},
               {4, ~0u},
               {3, 0},
               {2, HILUM_CPU_SSE41},
               {2, HILUM_CPU_SSE41 | HILUM_CPU_AVX2},
               {2, HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512}};
  void *first = NULL;
  size_t first_bytes = 0;
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
    g_autoptr(GError) error = NULL;
    size_t bytes = 0;
    hilum_parallel_set_threads(cases[c].threads);
    hilum_cpu_set_mask(cases[c].cpu);
    void *out = filter(volume, NULL, &bytes, &error);
    g_assert_no_error(error);
    g_assert_nonnull(out);
    if (c == 0) {
      first = out;
      first_bytes = bytes;
      continue;
    }
    g_assert_cmpmem(out, bytes, first, first_bytes);
    hilum_big_free(out);
  }
  hilum_parallel_set_threads(0);
  hilum_cpu_set_mask(~0u);
  hilum_big_free(first);
}

/* Cancelled before it starts, and at its first report. */
static inline void grey_cancel_at_once(double fraction, const char *what, void *data)
{
  g_cancellable_cancel(data);
}

static inline void grey_check_cancel(const HilumVolume *volume, GreyFilter filter)
{
  for (int late = 0; late < 2; late++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    if (!late) g_cancellable_cancel(cancellable);
    const HilumProgress progress = {
        .cancellable = cancellable, .func = late ? grey_cancel_at_once : NULL, .data = cancellable};
    size_t bytes = 0;
    g_assert_null(filter(volume, &progress, &bytes, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
}

/* A result volume as bytes, for GreyFilter; consumes it. */
static inline void *grey_bytes(HilumVolume *out, size_t *bytes)
{
  if (out == NULL) return NULL;
  *bytes = hilum_grid_count(hilum_volume_get_grid(out)) * sizeof(int16_t);
  void *copy = hilum_big_alloc(*bytes, NULL);
  memcpy(copy, hilum_volume_get_voxels(out), *bytes);
  hilum_volume_unref(out);
  return copy;
}
