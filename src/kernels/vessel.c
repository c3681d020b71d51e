/* Reference of the vesselness kernels - the loops of vessel_rows.h on single values - and the choice of
 * variant. */
#include "vessel_private.h"

#include "float_c.h"
#include "hilum/base/cpu.h"
#include "vessel_rows.h"

static void frangi_c(float *best, const HilumVesselRow *row, const HilumFrangi *measure, size_t n)
{
  vessel_frangi(best, row, measure, n);
}

static void sato_c(float *best, const HilumVesselRow *row, const HilumSato *measure, size_t n)
{
  vessel_sato(best, row, measure, n);
}

static void eigenvalues_c(float *const l[3], const float *const m[6], size_t n)
{
  vessel_eigenvalues(l, m, n);
}

const HilumVesselKernels hilum_vessel_reference = {frangi_c, sato_c, eigenvalues_c};

void hilum_vessel_kernels_init(HilumVesselKernels *table)
{
  *table = hilum_vessel_reference;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_vessel_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_vessel_kernels_init_avx512(table);
#endif
}
