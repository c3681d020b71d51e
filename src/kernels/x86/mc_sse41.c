/* SSE4.1 variants: the compares that turn voxels into bits. Bit-exact. */
#include "../mc_private.h"

#include <smmintrin.h>

static inline uint32_t ge16(const int16_t *src, __m128i below)
{
  __m128i a = _mm_cmpgt_epi16(_mm_loadu_si128((const __m128i *)(const void *)src), below);
  __m128i b = _mm_cmpgt_epi16(_mm_loadu_si128((const __m128i *)(const void *)(src + 8)), below);
  return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, b));
}

/* `a >= t` is `a > t - 1`; the smallest threshold has nothing below it and is true everywhere. */
static void row_i16(uint64_t *dst, const int16_t *src, size_t n, int16_t threshold)
{
  size_t w = 0, i = 0, words = hilum_mc_row_words(n);
  uint64_t carry = 0, all = threshold == INT16_MIN ? ~UINT64_C(0) : 0;
  __m128i below = _mm_set1_epi16((int16_t)(threshold == INT16_MIN ? threshold : threshold - 1));
  for (; i + 64 <= n; i += 64) {
    uint64_t bits = all;
    for (unsigned q = 0; q < 4; q++)
      bits |= (uint64_t)ge16(src + i + 16 * q, below) << (16 * q);
    dst[w++] = bits << 1 | carry;
    carry = bits >> 63;
  }
  for (; w < words; w++) {
    uint64_t bits = 0;
    for (unsigned b = 0; b < 64 && i < n; b++, i++)
      bits |= (uint64_t)(src[i] >= threshold) << b;
    dst[w] = bits << 1 | carry;
    carry = bits >> 63;
  }
}

static void rows32_u8(uint32_t *dst, const uint8_t *src, size_t rows, uint8_t label)
{
  __m128i l = _mm_set1_epi8((char)label);
  for (size_t r = 0; r < rows; r++, src += 32) {
    __m128i a = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)src), l);
    __m128i b = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(src + 16)), l);
    dst[r] = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
  }
}

void hilum_mc_init_sse41(HilumMcKernels *kernels)
{
  kernels->row_i16 = row_i16;
  kernels->rows32_u8 = rows32_u8;
}
