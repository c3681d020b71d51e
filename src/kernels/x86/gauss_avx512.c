/* AVX-512 smoothing kernels: sixteen values a vector. */
#include "float_avx512.h"

#include "../gauss_rows.h"

void hilum_gauss_kernels_init_avx512(HilumGaussKernels *table)
{
  *table = (HilumGaussKernels)GAUSS_TABLE;
}
