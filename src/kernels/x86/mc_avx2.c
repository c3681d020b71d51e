/* AVX2 variants. Compares, the emitter and everything that lives on popcount and bit scans. Bit-exact. */
#include "../mc_private.h"
#include "../mc_rows.h"

#include <immintrin.h>

static inline uint64_t ge64(const int16_t *src, __m256i below)
{
  uint64_t bits = 0;
  for (unsigned q = 0; q < 2; q++, src += 32) {
    __m256i a = _mm256_cmpgt_epi16(_mm256_loadu_si256((const __m256i *)(const void *)src), below);
    __m256i b = _mm256_cmpgt_epi16(_mm256_loadu_si256((const __m256i *)(const void *)(src + 16)), below);
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8);
    bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(packed) << (32 * q);
  }
  return bits;
}

static void row_i16(uint64_t *dst, const int16_t *src, size_t n, int16_t threshold)
{
  size_t w = 0, i = 0, words = hilum_mc_row_words(n);
  uint64_t carry = 0, all = threshold == INT16_MIN ? ~UINT64_C(0) : 0;
  __m256i below = _mm256_set1_epi16((int16_t)(threshold == INT16_MIN ? threshold : threshold - 1));
  for (; i + 64 <= n; i += 64) {
    uint64_t bits = ge64(src + i, below) | all;
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
  __m256i l = _mm256_set1_epi8((char)label);
  for (size_t r = 0; r < rows; r++, src += 32)
    dst[r] = (uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)src), l));
}

static void count_row(const HilumMcCellRow *row, const HilumMcTable *table, HilumMcCounts *out)
{
  mc_count_row(row, table, out);
}

/* Population count of four 64-bit words by nibbles (Mula). */
static inline __m256i popcount4(__m256i v)
{
  const __m256i lut = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3,
                                       1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  __m256i a = _mm256_shuffle_epi8(lut, _mm256_and_si256(v, low));
  __m256i b = _mm256_shuffle_epi8(lut, _mm256_and_si256(_mm256_srli_epi16(v, 4), low));
  return _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

/* The low halves of eight 64-bit lanes as eight 32-bit lanes. */
static inline __m256i narrow(__m256i a, __m256i b)
{
  __m256 s = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(s), 0xD8);
}

/* sixteen[pattern]: entries below 8 from `here`, the others from `next`. */
static inline __m256i pick(__m256i here, __m256i next, __m256i pattern)
{
  __m256i a = _mm256_permutevar8x32_epi32(here, pattern), b = _mm256_permutevar8x32_epi32(next, pattern);
  return _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b),
                                              _mm256_castsi256_ps(_mm256_slli_epi32(pattern, 28))));
}

static uint32_t *emit_row(const HilumMcCellRow *row, const uint8_t triangles[256],
                          const uint8_t pattern[256][16], const uint32_t ids[8], uint32_t *out, uint32_t *end)
{
  __m256i base = _mm256_loadu_si256((const __m256i *)(const void *)ids);
  for (size_t w = 0; w < row->words; w++) {
    if (!mc_mixed(row, w)) continue;
    uint64_t edges[8], corners[8];
    uint64_t active = mc_cell_words(row, w, edges, corners);
    __m256i e0 = _mm256_loadu_si256((const __m256i *)(const void *)edges);
    __m256i e1 = _mm256_loadu_si256((const __m256i *)(const void *)(edges + 4));
    __m256i c0 = _mm256_loadu_si256((const __m256i *)(const void *)corners);
    __m256i c1 = _mm256_loadu_si256((const __m256i *)(const void *)(corners + 4));
    for (; active; active &= active - 1) {
      unsigned s = (unsigned)_tzcnt_u64(active);
      __m256i below = _mm256_set1_epi64x((int64_t)_bzhi_u64(~UINT64_C(0), s));
      __m256i here = _mm256_add_epi32(
          base, narrow(popcount4(_mm256_and_si256(e0, below)), popcount4(_mm256_and_si256(e1, below))));
      __m128i up = _mm_cvtsi32_si128((int)(63 - s));
      __m256i bit = narrow(_mm256_srli_epi64(_mm256_sll_epi64(e0, up), 63),
                           _mm256_srli_epi64(_mm256_sll_epi64(e1, up), 63));
      __m256i next = _mm256_add_epi32(here, bit);
      unsigned code = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_sll_epi64(c0, up))) |
                      (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_sll_epi64(c1, up))) << 4;
      __m128i slots = _mm_loadu_si128((const __m128i *)(const void *)pattern[code]);
      __m256i lo = pick(here, next, _mm256_cvtepu8_epi32(slots));
      __m256i hi = pick(here, next, _mm256_cvtepu8_epi32(_mm_srli_si128(slots, 8)));
      size_t n = 3u * triangles[code];
      if ((size_t)(end - out) >= HILUM_MC_OVERRUN) {
        _mm256_storeu_si256((__m256i *)(void *)out, lo);
        _mm256_storeu_si256((__m256i *)(void *)(out + 8), hi);
      } else {
        uint32_t last[16];
        _mm256_storeu_si256((__m256i *)(void *)last, lo);
        _mm256_storeu_si256((__m256i *)(void *)(last + 8), hi);
        for (size_t i = 0; i < n; i++)
          out[i] = last[i];
      }
      out += n;
    }
    base = _mm256_add_epi32(base, narrow(popcount4(e0), popcount4(e1)));
  }
  return out;
}

static void place_iso(float *out, double *t, const uint32_t *p, size_t n, const int16_t *src,
                      ptrdiff_t stride, double iso, const HilumMcFrame *frame)
{
  mc_place_iso(out, t, p, n, src, stride, iso, frame);
}

static void place_half(float *out, const uint32_t *p, size_t n, const HilumMcFrame *frame)
{
  mc_place_half(out, p, n, frame);
}

static size_t expand(uint32_t *dst, const uint64_t *bits, size_t words)
{
  return mc_expand(dst, bits, words);
}

void hilum_mc_init_avx2(HilumMcKernels *kernels)
{
  *kernels = (HilumMcKernels){row_i16, rows32_u8, count_row, emit_row, place_iso, place_half, expand};
}
