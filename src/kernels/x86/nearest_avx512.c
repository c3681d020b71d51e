/* AVX-512 nearest-triangle kernels: eight doubles a vector. */
#include "double_avx512.h"

#include "../nearest_rows.h"

void hilum_nearest_kernels_init_avx512(HilumNearestKernels *table)
{
  *table = (HilumNearestKernels)NEAREST_TABLE;
}
