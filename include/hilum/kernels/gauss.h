/* Rows of separable smoothing and of the derivatives of what was smoothed, in single precision. Every entry
 * does the operations of the reference in the same order, without contraction: bit-exact in all variants.
 * Rows need no alignment. See kernels.h for the rules of tables. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* First differences that are exact for polynomials up to the fourth degree:
 *   near * (p1 - m1) - far * (p2 - m2), with near = 2/3 and far = 1/12 of a unit. */
#define HILUM_GAUSS_NEAR (2.0f / 3.0f)
#define HILUM_GAUSS_FAR (1.0f / 12.0f)

typedef struct {
  /* dst[i] = src[i] */
  void (*widen)(float *dst, const int16_t *src, size_t n);
  /* dst[i] = src[i] to the nearest integer, ties to even, limited to what int16_t holds. |src| < 2^22. */
  void (*narrow)(int16_t *dst, const float *src, size_t n);
  /* dst[i] = w[0] * rows[r][i] + sum over t = 1..r, ascending, of w[t] * (rows[r - t][i] + rows[r + t][i]).
   * `rows` has 2 r + 1 entries; dst overlaps none of them. */
  void (*weigh)(float *dst, const float *const *rows, const float *w, size_t r, size_t n);
  /* The same along one row of n + 2 r values: rows[t] is src + t. dst does not overlap src. */
  void (*weigh_along)(float *dst, const float *src, const float *w, size_t r, size_t n);
  /* dst[i] = near * (p1[i] - m1[i]) - far * (p2[i] - m2[i]) */
  void (*differ)(float *dst, const float *const taps[4], float near, float far, size_t n);
  /* dst[i] = sqrt((x^2 + y^2) + z^2) of three such differences: taps[a][0..3] are m2, m1, p1, p2 along axis
   * a. */
  void (*magnitude)(float *dst, const float *const taps[3][4], const float near[3], const float far[3],
                    size_t n);
} HilumGaussKernels;

/* Fills the table with the best variants that hilum_cpu_flags() allows. Cheap: call it once an operation. */
void hilum_gauss_kernels_init(HilumGaussKernels *table);

/* Each architecture's own file; called by hilum_gauss_kernels_init() only. */
void hilum_gauss_kernels_init_avx2(HilumGaussKernels *table);
void hilum_gauss_kernels_init_avx512(HilumGaussKernels *table);

#ifdef __cplusplus
}
#endif
