/* AVX-512 variants (F, BW, DQ, VL). A compare writes its bits directly, a case code is one test of eight
 * words, and the fifteen indices of a cell are one permutation. Bit-exact. */
#include "../mc_private.h"
#include "../mc_rows.h"

#include <immintrin.h>

static void row_i16(uint64_t *dst, const int16_t *src, size_t n, int16_t threshold)
{
  size_t w = 0, i = 0, words = hilum_mc_row_words(n);
  uint64_t carry = 0;
  __m512i t = _mm512_set1_epi16(threshold);
  for (; i + 64 <= n; i += 64) {
    uint64_t lo = _mm512_cmpge_epi16_mask(_mm512_loadu_si512(src + i), t);
    uint64_t hi = _mm512_cmpge_epi16_mask(_mm512_loadu_si512(src + i + 32), t);
    uint64_t bits = lo | hi << 32;
    dst[w++] = bits << 1 | carry;
    carry = bits >> 63;
  }
  for (; w < words; w++) {
    uint64_t bits = 0;
    for (unsigned h = 0; h < 2 && i < n; h++, i += 32) {
      size_t left = n - i;
      __mmask32 valid = left >= 32 ? ~UINT32_C(0) : (UINT32_C(1) << left) - 1;
      __m512i v = _mm512_maskz_loadu_epi16(valid, src + i);
      bits |= (uint64_t)_mm512_mask_cmpge_epi16_mask(valid, v, t) << (32 * h);
    }
    dst[w] = bits << 1 | carry;
    carry = bits >> 63;
  }
}

/* Which of the eight words from w on have cells or edges that are cut; see mc_mixed(). */
static inline unsigned mixed_words(const HilumMcCellRow *row, size_t w)
{
  size_t left = row->words - w;
  __mmask8 here = left >= 8 ? 0xFF : (__mmask8)((1u << left) - 1);
  __mmask8 beyond = left >= 9 ? 0xFF : (__mmask8)((1u << (left - 1)) - 1);
  __m512i a = _mm512_maskz_loadu_epi64(here, row->r00 + w), b = _mm512_maskz_loadu_epi64(here, row->r10 + w);
  __m512i c = _mm512_maskz_loadu_epi64(here, row->r01 + w), d = _mm512_maskz_loadu_epi64(here, row->r11 + w);
  __m512i an = _mm512_maskz_loadu_epi64(beyond, row->r00 + w + 1);
  __m512i bn = _mm512_maskz_loadu_epi64(beyond, row->r10 + w + 1);
  __m512i cn = _mm512_maskz_loadu_epi64(beyond, row->r01 + w + 1);
  __m512i dn = _mm512_maskz_loadu_epi64(beyond, row->r11 + w + 1);
  __m512i one = _mm512_set1_epi64(1), full = _mm512_set1_epi64(-1);
  __m512i any = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d));
  __m512i all = _mm512_and_si512(_mm512_and_si512(a, b), _mm512_and_si512(c, d));
  __m512i any_next = _mm512_or_si512(_mm512_or_si512(an, bn), _mm512_or_si512(cn, dn));
  __m512i all_next = _mm512_and_si512(_mm512_and_si512(an, bn), _mm512_and_si512(cn, dn));
  unsigned some = _mm512_test_epi64_mask(any, any) | _mm512_test_epi64_mask(any_next, one);
  unsigned lacks = _mm512_cmpneq_epi64_mask(all, full) | _mm512_testn_epi64_mask(all_next, one);
  return some & lacks & here;
}

/* 64 cells: the words of their eight corners, and which cells are cut. */
static inline __m512i cell_corners(const HilumMcCellRow *row, size_t w, uint64_t *active)
{
  const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  __m256i here = _mm256_set_epi64x((int64_t)row->r11[w], (int64_t)row->r01[w], (int64_t)row->r10[w],
                                   (int64_t)row->r00[w]);
  __m256i next = _mm256_srli_epi64(here, 1);
  if (w + 1 < row->words) {
    __m256i more = _mm256_set_epi64x((int64_t)row->r11[w + 1], (int64_t)row->r01[w + 1],
                                     (int64_t)row->r10[w + 1], (int64_t)row->r00[w + 1]);
    next = _mm256_or_si256(next, _mm256_slli_epi64(more, 63));
  }
  __m512i c = _mm512_permutexvar_epi64(order, _mm512_inserti64x4(_mm512_castsi256_si512(here), next, 1));
  uint64_t any = (uint64_t)_mm512_reduce_or_epi64(c), all = (uint64_t)_mm512_reduce_and_epi64(c);
  *active = any & ~all & mc_range_word(w, row->first, row->last);
  return c;
}

/* The words of the eight edge rows, in the order of the slots. */
static inline __m512i cell_edges(const HilumMcCellRow *row, size_t w, __m512i c)
{
  __m512i from = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 0, 4, 0, 2), c);
  __m512i to = _mm512_permutexvar_epi64(_mm512_setr_epi64(1, 3, 5, 7, 2, 6, 4, 6), c);
  __m512i edges = _mm512_xor_si512(from, to);
  __m512i range = _mm512_set1_epi64((int64_t)mc_range_word(w, row->first, row->last));
  return _mm512_mask_and_epi64(edges, 0x0F, edges, range);
}

static void count_row(const HilumMcCellRow *row, const HilumMcTable *table, HilumMcCounts *out)
{
  HilumMcCounts n = {0, 0, 0, 0};
  for (size_t block = 0; block < row->words; block += 8) {
    for (unsigned m = mixed_words(row, block); m; m &= m - 1) {
      size_t w = block + _tzcnt_u32(m);
      uint64_t active, a = row->r00[w], an = mc_next_word(row->r00, w, row->words);
      __m512i c = cell_corners(row, w, &active);
      n.x += (uint32_t)_mm_popcnt_u64((a ^ an) & mc_range_word(w, row->first, row->last));
      n.y += (uint32_t)_mm_popcnt_u64(a ^ row->r10[w]);
      n.z += (uint32_t)_mm_popcnt_u64(a ^ row->r01[w]);
      for (; active; active &= active - 1) {
        __m512i bit = _mm512_set1_epi64((int64_t)_blsi_u64(active));
        n.triangles += table->triangles[_mm512_test_epi64_mask(c, bit)];
      }
    }
  }
  *out = n;
}

/* Population count of eight 64-bit words by nibbles (Mula), as eight 32-bit numbers. */
static inline __m256i popcount8(__m512i v)
{
  const __m512i lut = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m512i low = _mm512_set1_epi8(15);
  __m512i a = _mm512_shuffle_epi8(lut, _mm512_and_si512(v, low));
  __m512i b = _mm512_shuffle_epi8(lut, _mm512_and_si512(_mm512_srli_epi16(v, 4), low));
  return _mm512_cvtepi64_epi32(_mm512_sad_epu8(_mm512_add_epi8(a, b), _mm512_setzero_si512()));
}

/* The cells of one word. `base` holds the ids of the word's first vertices, one lane a slot row. */
static inline uint32_t *emit_word(uint64_t active, __m512i c, __m512i e, __m256i base,
                                  const uint8_t triangles[256], const uint8_t pattern[256][16], uint32_t *out,
                                  const uint32_t *end)
{
  const __m256i one = _mm256_set1_epi32(1);
  for (; active; active &= active - 1) {
    __m512i bit = _mm512_set1_epi64((int64_t)_blsi_u64(active));
    __m512i below = _mm512_set1_epi64((int64_t)(_blsmsk_u64(active) >> 1));
    __m256i here = _mm256_add_epi32(base, popcount8(_mm512_and_si512(e, below)));
    __m256i next = _mm256_mask_add_epi32(here, _mm512_test_epi64_mask(e, bit), here, one);
    unsigned code = _mm512_test_epi64_mask(c, bit);
    __m512i all = _mm512_inserti64x4(_mm512_castsi256_si512(here), next, 1);
    __m128i slots = _mm_loadu_si128((const __m128i *)(const void *)pattern[code]);
    __m512i corner = _mm512_permutexvar_epi32(_mm512_cvtepu8_epi32(slots), all);
    size_t n = 3u * triangles[code];
    if ((size_t)(end - out) >= HILUM_MC_OVERRUN)
      _mm512_storeu_si512(out, corner);
    else
      _mm512_mask_storeu_epi32(out, (__mmask16)((1u << n) - 1), corner);
    out += n;
  }
  return out;
}

static uint32_t *emit_row(const HilumMcCellRow *row, const uint8_t triangles[256],
                          const uint8_t pattern[256][16], const uint32_t ids[8], uint32_t *out, uint32_t *end)
{
  __m256i base = _mm256_loadu_si256((const __m256i *)(const void *)ids);
  for (size_t block = 0; block < row->words; block += 8) {
    for (unsigned m = mixed_words(row, block); m; m &= m - 1) {
      size_t w = block + _tzcnt_u32(m);
      uint64_t active;
      __m512i c = cell_corners(row, w, &active), e = cell_edges(row, w, c);
      out = emit_word(active, c, e, base, triangles, pattern, out, end);
      base = _mm256_add_epi32(base, popcount8(e));
    }
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

void hilum_mc_init_avx512(HilumMcKernels *kernels)
{
  kernels->row_i16 = row_i16;
  kernels->count_row = count_row;
  kernels->emit_row = emit_row;
  kernels->place_iso = place_iso;
  kernels->place_half = place_half;
}
