/* AVX-512BW bit kernels: the comparison yields the bits themselves. */
#include "hilum/kernels/bits.h"

#include <immintrin.h>

static inline uint64_t compare32(__m512i v, __m512i vlo, __m512i vhi)
{
  return _mm512_mask_cmple_epi16_mask(_mm512_cmpge_epi16_mask(v, vlo), v, vhi);
}

static void compare_i16_avx512(const int16_t *src, size_t n, int16_t lo, int16_t hi, uint64_t *dst)
{
  const __m512i vlo = _mm512_set1_epi16(lo), vhi = _mm512_set1_epi16(hi);
  size_t i = 0;
  for (; i + 64 <= n; i += 64)
    dst[i / 64] = compare32(_mm512_loadu_si512(src + i), vlo, vhi) |
                  compare32(_mm512_loadu_si512(src + i + 32), vlo, vhi) << 32;
  if (i < n) {
    uint64_t valid = (UINT64_C(1) << (n - i)) - 1;
    uint64_t a = compare32(_mm512_maskz_loadu_epi16((__mmask32)valid, src + i), vlo, vhi);
    uint64_t b = 0;
    if (n - i > 32) b = compare32(_mm512_maskz_loadu_epi16((__mmask32)(valid >> 32), src + i + 32), vlo, vhi);
    dst[i / 64] = (a | b << 32) & valid;
  }
}

void hilum_bits_kernels_init_avx512(HilumBitsKernels *table)
{
  table->compare_i16 = compare_i16_avx512;
}
