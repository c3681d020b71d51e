/* Reference of the smoothing kernels - the loops of gauss_rows.h on single values - and the choice of
 * variant. */
#include "float_c.h"

#include "gauss_rows.h"
#include "hilum/base/cpu.h"

const HilumGaussKernels hilum_gauss_reference = GAUSS_TABLE;

void hilum_gauss_kernels_init(HilumGaussKernels *table)
{
  *table = hilum_gauss_reference;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_gauss_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_gauss_kernels_init_avx512(table);
#endif
}
