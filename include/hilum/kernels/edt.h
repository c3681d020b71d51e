/* The column pass of the exact Euclidean distance transform. See kernels.h for the rules of tables. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HILUM_EDT_LANES 16

typedef struct {
  /* One tile of HILUM_EDT_LANES columns side by side; src and dst hold n rows of that many floats, 64-byte
   * aligned. A value's sign is the voxel's side, its size the squared distance to the nearest voxel of the
   * other side found so far (infinite: none). For each voxel of either side, |dst[y]| = min over y' of g(y')
   * + squares[|y - y'|], where g(y') is |src[y']| if y' lies on the same side and 0 if not; the sign is kept.
   * Only y' in [from, until) are looked at, beside y itself. squares[] holds n values, ascending. Bit-exact
   * in every variant: minima of single sums. */
  void (*column_tile)(const float *src, float *dst, size_t n, size_t from, size_t until,
                      const float *squares);
} HilumEdtKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_edt_kernels_init(HilumEdtKernels *table);

/* Each architecture's own file; called by hilum_edt_kernels_init() only. */
void hilum_edt_kernels_init_avx2(HilumEdtKernels *table);
void hilum_edt_kernels_init_avx512(HilumEdtKernels *table);

#ifdef __cplusplus
}
#endif
