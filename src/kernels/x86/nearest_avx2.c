/* AVX2 nearest-triangle kernels: four doubles a vector. */
#include "double_avx2.h"

#include "../nearest_rows.h"

void hilum_nearest_kernels_init_avx2(HilumNearestKernels *table)
{
  *table = (HilumNearestKernels)NEAREST_TABLE;
}
