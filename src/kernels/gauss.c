/* Reference of the smoothing kernels - the loops of gauss_rows.h on single values - and the choice of
 * variant. */
#include "gauss_private.h"

#include "float_c.h"
#include "gauss_rows.h"
#include "hilum/base/cpu.h"

static void widen_c(float *dst, const int16_t *src, size_t n)
{
  gauss_widen(dst, src, n);
}

static void narrow_c(int16_t *dst, const float *src, size_t n)
{
  gauss_narrow(dst, src, n);
}

static void weigh_c(float *dst, const float *const *rows, const float *w, size_t r, size_t n)
{
  gauss_weigh(dst, rows, w, r, n);
}

static void differ_c(float *dst, const float *const taps[4], float near, float far, size_t n)
{
  gauss_differ(dst, taps, near, far, n);
}

static void magnitude_c(float *dst, const float *const taps[3][4], const float near[3], const float far[3],
                        size_t n)
{
  gauss_magnitude(dst, taps, near, far, n);
}

const HilumGaussKernels hilum_gauss_reference = {widen_c, narrow_c, weigh_c, differ_c, magnitude_c};

void hilum_gauss_kernels_init(HilumGaussKernels *table)
{
  *table = hilum_gauss_reference;
#if defined(__x86_64__)
  const unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_gauss_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_gauss_kernels_init_avx512(table);
#endif
}
