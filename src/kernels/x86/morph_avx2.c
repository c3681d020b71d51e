/* AVX2 morphology kernels. */
#include "hilum/kernels/morph.h"

#include <immintrin.h>

static inline void or4(uint64_t *dst, __m256i v)
{
  __m256i *p = (__m256i *)(void *)dst;
  _mm256_storeu_si256(p, _mm256_or_si256(_mm256_loadu_si256(p), v));
}

static void or_rows_avx2(uint64_t *dst, size_t stride, size_t n_rows, const uint64_t *src, size_t n_words)
{
  size_t w = 0;
  for (; w + 8 <= n_words; w += 8) { /* the source stays in registers while it meets all rows */
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(src + w));
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(src + w + 4));
    uint64_t *p = dst + w;
    for (size_t r = 0; r < n_rows; r++, p += stride) {
      or4(p, a);
      or4(p + 4, b);
    }
  }
  for (; w < n_words; w++)
    for (size_t r = 0; r < n_rows; r++)
      dst[r * stride + w] |= src[w];
}

void hilum_morph_kernels_init_avx2(HilumMorphKernels *table)
{
  table->or_rows = or_rows_avx2;
}
