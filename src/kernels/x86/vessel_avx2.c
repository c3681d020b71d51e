/* AVX2 vesselness kernels: eight values a vector. */
#include "../vessel_private.h"
#include "float_avx2.h"

#include "../vessel_rows.h"

static void frangi_avx2(float *best, const HilumVesselRow *row, const HilumFrangi *measure, size_t n)
{
  if (!vessel_frangi(best, row, measure, n)) hilum_vessel_reference.frangi(best, row, measure, n);
}

static void sato_avx2(float *best, const HilumVesselRow *row, const HilumSato *measure, size_t n)
{
  if (!vessel_sato(best, row, measure, n)) hilum_vessel_reference.sato(best, row, measure, n);
}

static void eigenvalues_avx2(float *const l[3], const float *const m[6], size_t n)
{
  if (!vessel_eigenvalues(l, m, n)) hilum_vessel_reference.eigenvalues(l, m, n);
}

void hilum_vessel_kernels_init_avx2(HilumVesselKernels *table)
{
  *table = (HilumVesselKernels){frangi_avx2, sato_avx2, eigenvalues_avx2};
}
