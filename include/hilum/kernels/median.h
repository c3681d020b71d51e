/* Median of 3x3x3 voxels, row by row. See kernels.h for the rules of tables.
 *
 * Three voxels above each other are sorted once and serve the three rows that hold them; three such columns
 * are merged into nine and serve the three voxels that hold them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  /* sorted[0][i] <= sorted[1][i] <= sorted[2][i] are a[i], b[i], c[i], for i in [0, n). The sources may be
   * the same row; they do not overlap the result. Bit-exact. */
  void (*sort3)(const int16_t *a, const int16_t *b, const int16_t *c, size_t n, int16_t *const sorted[3]);
  /* dst[i] = the 14th of the 27 values in columns i - 1, i and i + 1; beyond the row the outermost column
   * goes on. columns[3 * y + rank] is what sort3() made of row y of three. `scratch` holds
   * hilum_median_scratch(n) values and overlaps nothing. Bit-exact. */
  void (*median27)(const int16_t *const columns[9], size_t n, int16_t *scratch, int16_t *dst);
} HilumMedianKernels;

static inline size_t hilum_median_scratch(size_t n)
{
  return 9 * (n + 2);
}

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_median_kernels_init(HilumMedianKernels *table);

/* Each architecture's own file; called by hilum_median_kernels_init() only. */
void hilum_median_kernels_init_avx2(HilumMedianKernels *table);
void hilum_median_kernels_init_avx512(HilumMedianKernels *table);

#ifdef __cplusplus
}
#endif
