/* Columns of the exact Euclidean distance transform. See kernels.h for the rules of tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Columns go side by side in tiles of this many; a tile is n rows of that many floats, 64-byte aligned. */
#define HILUM_EDT_LANES 16

typedef struct {
  /* For each lane, the minimum over row in [lo, hi] of g[row] + squares[|y - row|], written with `sign` (1 or
   * -1) into those lanes of `out` that have this sign. The lowest and highest of the rows where the lanes,
   * written or not, have their minimum (the first such row of each lane) go to *arg_lo and *arg_hi; lanes
   * whose minimum is infinite do not count, and if there is no other, *arg_lo > *arg_hi. Bit-exact. */
  void (*row_minimum)(const float *g, uint32_t y, uint32_t lo, uint32_t hi, const float *squares, float sign,
                      float *out, uint32_t *arg_lo, uint32_t *arg_hi);
  /* What the side of `sign` (1 or -1) sees in n rows: g = |v| where v has this sign, else 0. *first and *last
   * become the outermost rows with a voxel on this side; false, and neither is written, if nobody is. */
  bool (*look_from)(float sign, const float *tile, size_t n, float *g, uint32_t *first, uint32_t *last);
  /* v = sqrt(|v|) with the sign of v, for n a multiple of the lanes. Bit-exact. */
  void (*signed_root)(float *v, size_t n);
} HilumEdtKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_edt_kernels_init(HilumEdtKernels *table);

/* What hilum_edt_column_tile() needs for columns of n rows: floats, of which the first is 64-byte aligned. */
static inline size_t hilum_edt_scratch(size_t n)
{
  return n * (HILUM_EDT_LANES + 2) + HILUM_EDT_LANES;
}

/* One tile, in place. The sign of a value is the voxel's side of the boundary, its size the squared distance
 * to the nearest voxel of the other side found so far (infinite: none). For each voxel of either side
 *   |out[y]| = min over y' of g(y') + squares[|y - y'|],
 * where g(y') is |in[y']| if y' lies on the same side and 0 if not; the sign is kept. Only rows y' in
 * [from, until) are looked at. squares[] holds n values, ascending and convex. */
void hilum_edt_column_tile(const HilumEdtKernels *kernels, float *tile, uint32_t n, uint32_t from,
                           uint32_t until, const float *squares, float *scratch);

/* Each architecture's own file; called by hilum_edt_kernels_init() only. */
void hilum_edt_kernels_init_avx2(HilumEdtKernels *table);
void hilum_edt_kernels_init_avx512(HilumEdtKernels *table);

#ifdef __cplusplus
}
#endif
