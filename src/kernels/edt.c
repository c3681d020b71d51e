/* Reference of the distance kernels and the choice of variant.
 *
 * The lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012) visits every column alone, with a
 * division a step. Here columns go side by side, and each voxel looks up and down its column only as far as
 * its best so far allows: a step of r rows costs at least squares[r]. On anatomy that is a few dozen steps
 * without a branch between the lanes, and the minimum is the same. */
#include "hilum/kernels/edt.h"

#include "hilum/base/cpu.h"

#include <math.h>

#define LANES HILUM_EDT_LANES

/* What a voxel at a given side sees at another: |v| on its own side, 0 on the other. */
static inline float seen(float v, float side)
{
  float g = v * side;
  return g > 0 ? g : 0;
}

static float column_minimum(const float *column, size_t y, size_t from, size_t until, const float *squares)
{
  const float side = signbit(column[y * LANES]) ? -1.0f : 1.0f;
  float best = fabsf(column[y * LANES]);
  for (size_t u = y >= until ? y - until + 1 : 1; u + from <= y && squares[u] < best; u++) {
    const float d = seen(column[(y - u) * LANES], side) + squares[u];
    best = d < best ? d : best;
  }
  for (size_t d = from > y ? from - y : 1; y + d < until && squares[d] < best; d++) {
    const float below = seen(column[(y + d) * LANES], side) + squares[d];
    best = below < best ? below : best;
  }
  return copysignf(best, side);
}

static void column_tile_c(const float *src, float *dst, size_t n, size_t from, size_t until,
                          const float *squares)
{
  for (size_t y = 0; y < n; y++)
    for (size_t lane = 0; lane < LANES; lane++)
      dst[y * LANES + lane] = column_minimum(src + lane, y, from, until, squares);
}

void hilum_edt_kernels_init(HilumEdtKernels *table)
{
  table->column_tile = column_tile_c;
#if defined(__x86_64__)
  unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_edt_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_edt_kernels_init_avx512(table);
#endif
}
