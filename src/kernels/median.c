/* Reference of the median kernels - the networks of median_rows.h on single voxels - and the choice of
 * variant. */
#include "median_private.h"

#include "hilum/base/cpu.h"

#define VALUES 1
typedef int16_t Vector;

static inline Vector load(const int16_t *p)
{
  return *p;
}

static inline void store(int16_t *p, Vector v)
{
  *p = v;
}

static inline Vector smaller(Vector a, Vector b)
{
  return a < b ? a : b;
}

static inline Vector larger(Vector a, Vector b)
{
  return a > b ? a : b;
}

#include "median_rows.h"

const HilumMedianKernels hilum_median_reference = {sort3_rows, median27_rows};

void hilum_median_kernels_init(HilumMedianKernels *table)
{
  *table = hilum_median_reference;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_median_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_median_kernels_init_avx512(table);
#endif
}
