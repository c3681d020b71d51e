/* AVX2 vesselness kernels: eight values a vector. */
#include "float_avx2.h"

#include "../vessel_rows.h"

void hilum_vessel_kernels_init_avx2(HilumVesselKernels *table)
{
  *table = (HilumVesselKernels)VESSEL_TABLE;
}
