/* AVX-512 vesselness kernels: sixteen values a vector. */
#include "../vessel_private.h"
#include "float_avx512.h"

#include "../vessel_rows.h"

static void frangi_avx512(float *best, const HilumVesselRow *row, const HilumFrangi *measure, size_t n)
{
  if (!vessel_frangi(best, row, measure, n)) hilum_vessel_reference.frangi(best, row, measure, n);
}

static void sato_avx512(float *best, const HilumVesselRow *row, const HilumSato *measure, size_t n)
{
  if (!vessel_sato(best, row, measure, n)) hilum_vessel_reference.sato(best, row, measure, n);
}

static void eigenvalues_avx512(float *const l[3], const float *const m[6], size_t n)
{
  if (!vessel_eigenvalues(l, m, n)) hilum_vessel_reference.eigenvalues(l, m, n);
}

void hilum_vessel_kernels_init_avx512(HilumVesselKernels *table)
{
  *table = (HilumVesselKernels){frangi_avx512, sato_avx512, eigenvalues_avx512};
}
