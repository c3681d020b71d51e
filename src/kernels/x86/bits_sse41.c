/* SSE4.1 bit kernels: a voxel is inside when clamping it to [lo, hi] changes nothing. */
#include "hilum/kernels/bits.h"

#include <smmintrin.h>

static void compare_i16_sse41(const int16_t *src, size_t n, int16_t lo, int16_t hi, uint64_t *dst)
{
  const __m128i vlo = _mm_set1_epi16(lo), vhi = _mm_set1_epi16(hi);
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    uint64_t word = 0;
    for (int part = 0; part < 4; part++) {
      const __m128i *p = (const __m128i *)(const void *)(src + i + part * 16);
      __m128i a = _mm_loadu_si128(p), b = _mm_loadu_si128(p + 1);
      a = _mm_cmpeq_epi16(a, _mm_max_epi16(vlo, _mm_min_epi16(a, vhi)));
      b = _mm_cmpeq_epi16(b, _mm_max_epi16(vlo, _mm_min_epi16(b, vhi)));
      word |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, b)) << (part * 16);
    }
    dst[i / 64] = lo <= hi ? word : 0;
  }
  if (i < n) {
    uint64_t word = 0;
    for (size_t b = 0; i + b < n; b++)
      word |= (uint64_t)(src[i + b] >= lo && src[i + b] <= hi) << b;
    dst[i / 64] = word;
  }
}

void hilum_bits_kernels_init_sse41(HilumBitsKernels *table)
{
  table->compare_i16 = compare_i16_sse41;
}
