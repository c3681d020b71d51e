/* Reference of the nearest-triangle kernels - the loops of nearest_rows.h on single values - and the choice
 * of variant. */
#include "hilum/kernels/nearest.h"

#include "double_c.h"
#include "hilum/base/cpu.h"
#include "nearest_rows.h"

void hilum_nearest_kernels_init(HilumNearestKernels *table)
{
  *table = (HilumNearestKernels)NEAREST_TABLE;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_nearest_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_nearest_kernels_init_avx512(table);
#endif
}
