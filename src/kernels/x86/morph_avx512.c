/* AVX-512 morphology kernels. */
#include "hilum/kernels/morph.h"

#include <immintrin.h>

static void or_rows_avx512(uint64_t *dst, size_t stride, size_t n_rows, const uint64_t *src, size_t n_words)
{
  for (size_t w = 0; w < n_words; w += 8) {
    __mmask8 valid = n_words - w >= 8 ? 0xFF : (__mmask8)((1u << (n_words - w)) - 1);
    __m512i v = _mm512_maskz_loadu_epi64(valid, src + w);
    uint64_t *p = dst + w;
    for (size_t r = 0; r < n_rows; r++, p += stride)
      _mm512_mask_storeu_epi64(p, valid, _mm512_or_si512(v, _mm512_maskz_loadu_epi64(valid, p)));
  }
}

void hilum_morph_kernels_init_avx512(HilumMorphKernels *table)
{
  table->or_rows = or_rows_avx512;
}
