/* Reference of the median kernels - the networks of median_rows.h on single voxels - and the choice of
 * variant. */
#include "median_private.h"

#include "hilum/base/cpu.h"

#include <stdbool.h>

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

void hilum_median_sort3_c(const int16_t *a, const int16_t *b, const int16_t *c, size_t n,
                          int16_t *const sorted[3])
{
  sort3_rows(a, b, c, n, sorted);
}

void hilum_median_median27_c(const int16_t *const columns[9], size_t n, int16_t *scratch, int16_t *dst)
{
  median27_rows(columns, n, scratch, dst);
}

void hilum_median_kernels_init(HilumMedianKernels *table)
{
  table->sort3 = hilum_median_sort3_c;
  table->median27 = hilum_median_median27_c;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_median_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_median_kernels_init_avx512(table);
#endif
}
