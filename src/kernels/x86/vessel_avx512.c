/* AVX-512 vesselness kernels: sixteen values a vector. */
#include "float_avx512.h"

#include "../vessel_rows.h"

void hilum_vessel_kernels_init_avx512(HilumVesselKernels *table)
{
  *table = (HilumVesselKernels)VESSEL_TABLE;
}
