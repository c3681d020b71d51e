/* What the variants of the extraction kernels export to mc.c. Private to src/kernels. */
#pragma once

#include "hilum/kernels/mc.h"

void hilum_mc_init_sse41(HilumMcKernels *kernels);
void hilum_mc_init_avx2(HilumMcKernels *kernels);
void hilum_mc_init_avx512(HilumMcKernels *kernels);
void hilum_mc_init_neon(HilumMcKernels *kernels);
