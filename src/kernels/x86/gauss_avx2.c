/* AVX2 smoothing kernels: eight values a vector. */
#include "float_avx2.h"

#include "../gauss_rows.h"

void hilum_gauss_kernels_init_avx2(HilumGaussKernels *table)
{
  *table = (HilumGaussKernels)GAUSS_TABLE;
}
