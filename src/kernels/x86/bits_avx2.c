/* AVX2 bit kernels: a voxel is inside when clamping it to [lo, hi] changes nothing. */
#include "hilum/kernels/bits.h"

#include <immintrin.h>

static inline uint32_t compare32(const int16_t *src, __m256i vlo, __m256i vhi)
{
  const __m256i *p = (const __m256i *)(const void *)src;
  __m256i a = _mm256_loadu_si256(p), b = _mm256_loadu_si256(p + 1);
  a = _mm256_cmpeq_epi16(a, _mm256_max_epi16(vlo, _mm256_min_epi16(a, vhi)));
  b = _mm256_cmpeq_epi16(b, _mm256_max_epi16(vlo, _mm256_min_epi16(b, vhi)));
  /* packs works in each half of 128 bits: put the quarters back in order. */
  __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8);
  return (uint32_t)_mm256_movemask_epi8(packed);
}

static void compare_i16_avx2(const int16_t *src, size_t n, int16_t lo, int16_t hi, uint64_t *dst)
{
  const __m256i vlo = _mm256_set1_epi16(lo), vhi = _mm256_set1_epi16(hi);
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    uint64_t word = compare32(src + i, vlo, vhi) | (uint64_t)compare32(src + i + 32, vlo, vhi) << 32;
    dst[i / 64] = lo <= hi ? word : 0;
  }
  if (i < n) {
    uint64_t word = 0;
    for (size_t b = 0; i + b < n; b++)
      word |= (uint64_t)(src[i + b] >= lo && src[i + b] <= hi) << b;
    dst[i / 64] = word;
  }
}

void hilum_bits_kernels_init_avx2(HilumBitsKernels *table)
{
  table->compare_i16 = compare_i16_avx2;
}
