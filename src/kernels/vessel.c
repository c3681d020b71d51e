/* Reference of the vesselness kernels - the loops of vessel_rows.h on single values - and the choice of
 * variant. */
#include "float_c.h"

#include "hilum/base/cpu.h"
#include "vessel_rows.h"

const HilumVesselKernels hilum_vessel_reference = VESSEL_TABLE;

void hilum_vessel_kernels_init(HilumVesselKernels *table)
{
  *table = hilum_vessel_reference;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_vessel_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_vessel_kernels_init_avx512(table);
#endif
}
