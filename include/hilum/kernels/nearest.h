/* Squared distances from a point to many triangles. See kernels.h for the rules of tables. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Eight triangles side by side: corner a, the sides b - a and c - a, their products, and one over the squared
 * lengths of the three sides and over the squared length of their cross product (0 where that is 0). */
#define HILUM_NEAREST_LANES 8

typedef struct {
  double a[3][HILUM_NEAREST_LANES], ab[3][HILUM_NEAREST_LANES], ac[3][HILUM_NEAREST_LANES];
  double ab2[HILUM_NEAREST_LANES], ac2[HILUM_NEAREST_LANES], ab_ac[HILUM_NEAREST_LANES];
  double per_ab2[HILUM_NEAREST_LANES], per_ac2[HILUM_NEAREST_LANES], per_bc2[HILUM_NEAREST_LANES],
      per_area2[HILUM_NEAREST_LANES];
} HilumNearestBlock;

typedef struct {
  /* From the three corners of each triangle, held in a[], ab[] and ac[], what a block holds, for i < n. 64-byte
   * aligned. Bit-exact. */
  void (*finish)(HilumNearestBlock *blocks, size_t n);
  /* d2[8 i + lane] = squared distance from p to that triangle of blocks[i], for i < n; returns the least of
   * them. Each is the least of those to four points of the triangle, one on each side and the foot of p if it
   * falls inside: never less than the distance but for rounding, and it unless the triangle is a sliver
   * whose foot rounding cannot tell. blocks and d2 are 64-byte aligned, coordinates finite floats. Bit-exact.
   */
  double (*distances2)(const HilumNearestBlock *blocks, size_t n, const double p[3], double *d2);
  /* Least over i < n of the greatest of a[i], b[i], c[i]; n a multiple of the lanes, 64-byte aligned, no NaN.
   * Bit-exact. */
  double (*least_greatest)(const double *a, const double *b, const double *c, size_t n);
} HilumNearestKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_nearest_kernels_init(HilumNearestKernels *table);

/* Each architecture's own file; called by hilum_nearest_kernels_init() only. */
void hilum_nearest_kernels_init_avx2(HilumNearestKernels *table);
void hilum_nearest_kernels_init_avx512(HilumNearestKernels *table);

#ifdef __cplusplus
}
#endif
