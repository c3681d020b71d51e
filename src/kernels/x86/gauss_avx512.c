/* AVX-512 smoothing kernels: sixteen values a vector. */
#include "../gauss_private.h"
#include "float_avx512.h"

#include "../gauss_rows.h"

static void widen_avx512(float *dst, const int16_t *src, size_t n)
{
  if (!gauss_widen(dst, src, n)) hilum_gauss_reference.widen(dst, src, n);
}

static void narrow_avx512(int16_t *dst, const float *src, size_t n)
{
  if (!gauss_narrow(dst, src, n)) hilum_gauss_reference.narrow(dst, src, n);
}

static void weigh_avx512(float *dst, const float *const *rows, const float *w, size_t r, size_t n)
{
  if (!gauss_weigh(dst, rows, w, r, n)) hilum_gauss_reference.weigh(dst, rows, w, r, n);
}

static void differ_avx512(float *dst, const float *const taps[4], float near, float far, size_t n)
{
  if (!gauss_differ(dst, taps, near, far, n)) hilum_gauss_reference.differ(dst, taps, near, far, n);
}

static void magnitude_avx512(float *dst, const float *const taps[3][4], const float near[3],
                             const float far[3], size_t n)
{
  if (!gauss_magnitude(dst, taps, near, far, n)) hilum_gauss_reference.magnitude(dst, taps, near, far, n);
}

void hilum_gauss_kernels_init_avx512(HilumGaussKernels *table)
{
  *table = (HilumGaussKernels){widen_avx512, narrow_avx512, weigh_avx512, differ_avx512, magnitude_avx512};
}
