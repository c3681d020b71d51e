/* Slow and obvious versions of what the filter module does fast, and the masks to try both on. */
#pragma once

#include "hilum/base/random.h"
#include "hilum/filter/components.h"
#include "hilum/volume/mask.h"

/* Odd sizes: single voxels, one below, at and above the word, several words. */
static const int32_t brute_dims[][3] = {{1, 1, 1},  {63, 5, 4}, {64, 7, 3},  {65, 6, 5},   {130, 7, 5},
                                        {1, 20, 9}, {5, 1, 40}, {17, 19, 1}, {128, 3, 9},  {200, 2, 2}};
static const double brute_spacings[][3] = {{1, 1, 1}, {0.7, 0.7, 2.5}, {0.8, 1.3, 1.0}};

static inline bool brute_get(const HilumMask *m, int32_t i, int32_t j, int32_t k, bool outside)
{
  if (i < 0 || j < 0 || k < 0 || i >= m->dims[0] || j >= m->dims[1] || k >= m->dims[2]) return outside;
  return hilum_mask_get(m, (HilumVoxel){i, j, k});
}

static inline HilumMask *brute_new(const int32_t dims[3])
{
  HilumMask *m = hilum_mask_new(dims, NULL);
  g_assert_nonnull(m);
  return m;
}

static inline HilumMask *brute_random(const int32_t dims[3], double density, uint64_t seed)
{
  HilumMask *m = brute_new(dims);
  uint64_t n = 0;
  for (int32_t k = 0; k < dims[2]; k++)
    for (int32_t j = 0; j < dims[1]; j++)
      for (int32_t i = 0; i < dims[0]; i++, n++)
        if (hilum_random_uniform(seed, n) < density) hilum_mask_set(m, (HilumVoxel){i, j, k});
  return m;
}

/* Blobs: balls of random place and size, as structures are. */
static inline HilumMask *brute_blobs(const int32_t dims[3], int n_blobs, double radius, uint64_t seed)
{
  HilumMask *m = brute_new(dims);
  for (int b = 0; b < n_blobs; b++) {
    double c[3];
    for (int a = 0; a < 3; a++)
      c[a] = hilum_random_uniform(seed, (uint64_t)(b * 4 + a)) * dims[a];
    double r = radius * (0.3 + hilum_random_uniform(seed, (uint64_t)(b * 4 + 3)));
    for (int32_t k = 0; k < dims[2]; k++)
      for (int32_t j = 0; j < dims[1]; j++)
        for (int32_t i = 0; i < dims[0]; i++)
          if ((i - c[0]) * (i - c[0]) + (j - c[1]) * (j - c[1]) + (k - c[2]) * (k - c[2]) <= r * r)
            hilum_mask_set(m, (HilumVoxel){i, j, k});
  }
  return m;
}

/* The words beyond dims[0] must stay clear, or counts lie. */
static inline void brute_assert_padding(const HilumMask *m)
{
  for (int32_t k = 0; k < m->dims[2]; k++)
    for (int32_t j = 0; j < m->dims[1]; j++)
      g_assert_cmphex(hilum_mask_row(m, j, k)[m->row_words - 1] & ~hilum_mask_tail(m), ==, 0);
}

/* Component of every voxel by plain flood, numbered by first voxel; -1 where clear. g_free(). */
static inline int32_t *brute_label(const HilumMask *m, int connectivity, int32_t *count)
{
  const int32_t nx = m->dims[0], ny = m->dims[1], nz = m->dims[2];
  const size_t n = (size_t)nx * (size_t)ny * (size_t)nz;
  int32_t *label = g_new(int32_t, n);
  size_t *stack = g_new(size_t, n);
  *count = 0;
  for (size_t v = 0; v < n; v++)
    label[v] = -1;
  for (size_t v = 0; v < n; v++) {
    const int32_t i = (int32_t)(v % (size_t)nx), j = (int32_t)(v / (size_t)nx % (size_t)ny);
    const int32_t k = (int32_t)(v / ((size_t)nx * (size_t)ny));
    if (label[v] >= 0 || !brute_get(m, i, j, k, false)) continue;
    size_t depth = 0;
    stack[depth++] = v;
    label[v] = *count;
    while (depth > 0) {
      const size_t u = stack[--depth];
      const int32_t ui = (int32_t)(u % (size_t)nx), uj = (int32_t)(u / (size_t)nx % (size_t)ny);
      const int32_t uk = (int32_t)(u / ((size_t)nx * (size_t)ny));
      for (int d = 0; d < 27; d++) {
        const int di = d % 3 - 1, dj = d / 3 % 3 - 1, dk = d / 9 - 1;
        if (connectivity == 6 && abs(di) + abs(dj) + abs(dk) != 1) continue;
        if (!brute_get(m, ui + di, uj + dj, uk + dk, false)) continue;
        const size_t w =
            ((size_t)(uk + dk) * (size_t)ny + (size_t)(uj + dj)) * (size_t)nx + (size_t)(ui + di);
        if (label[w] >= 0) continue;
        label[w] = *count;
        stack[depth++] = w;
      }
    }
    (*count)++;
  }
  g_free(stack);
  return label;
}
