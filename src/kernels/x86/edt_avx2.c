/* AVX2 distance kernels: sixteen columns in two registers. */
#include "hilum/kernels/edt.h"

#include <immintrin.h>
#include <math.h>

#define LANES HILUM_EDT_LANES

typedef struct {
  __m256 minimum;
  __m256i arg;
} Half;

static inline Half consider(Half h, const float *g, __m256 square, __m256i row)
{
  const __m256 d = _mm256_add_ps(_mm256_load_ps(g), square);
  const __m256 less = _mm256_cmp_ps(d, h.minimum, _CMP_LT_OQ);
  return (Half){_mm256_min_ps(d, h.minimum), _mm256_blendv_epi8(h.arg, row, _mm256_castps_si256(less))};
}

/* Lowest and highest of eight row numbers (below 2^31). */
static inline uint32_t lowest(__m256i v)
{
  __m128i m = _mm_min_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  m = _mm_min_epu32(m, _mm_shuffle_epi32(m, 0x4E));
  m = _mm_min_epu32(m, _mm_shuffle_epi32(m, 0xB1));
  return (uint32_t)_mm_cvtsi128_si32(m);
}

static inline uint32_t highest(__m256i v)
{
  __m128i m = _mm_max_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  m = _mm_max_epu32(m, _mm_shuffle_epi32(m, 0x4E));
  m = _mm_max_epu32(m, _mm_shuffle_epi32(m, 0xB1));
  return (uint32_t)_mm_cvtsi128_si32(m);
}

/* Flips the values of the negative side. */
static inline __m256 side_bit(float sign)
{
  return _mm256_and_ps(_mm256_set1_ps(sign), _mm256_set1_ps(-0.0f));
}

/* Writes the minima where the value has this sign. */
static inline void settle(float *out, __m256 minimum, float sign)
{
  const __m256 was = _mm256_load_ps(out), other = _mm256_xor_ps(was, side_bit(sign));
  _mm256_store_ps(out, _mm256_blendv_ps(_mm256_xor_ps(minimum, side_bit(sign)), was, other));
}

static void row_minimum_avx2(const float *g, uint32_t y, uint32_t lo, uint32_t hi, const float *squares,
                             float sign, float *out, uint32_t *arg_lo, uint32_t *arg_hi)
{
  const __m256 infinite = _mm256_set1_ps(INFINITY);
  Half a = {infinite, _mm256_setzero_si256()}, b = a;
  for (uint32_t row = lo; row <= hi; row++) {
    const __m256 square = _mm256_set1_ps(squares[row < y ? y - row : row - y]);
    const __m256i number = _mm256_set1_epi32((int)row);
    a = consider(a, g + (size_t)row * LANES, square, number);
    b = consider(b, g + (size_t)row * LANES + 8, square, number);
  }
  settle(out, a.minimum, sign);
  settle(out + 8, b.minimum, sign);
  const __m256i finite_a = _mm256_castps_si256(_mm256_cmp_ps(a.minimum, infinite, _CMP_LT_OQ));
  const __m256i finite_b = _mm256_castps_si256(_mm256_cmp_ps(b.minimum, infinite, _CMP_LT_OQ));
  const __m256i none = _mm256_set1_epi32(-1);
  *arg_lo = lowest(
      _mm256_min_epu32(_mm256_blendv_epi8(none, a.arg, finite_a), _mm256_blendv_epi8(none, b.arg, finite_b)));
  *arg_hi = highest(_mm256_max_epu32(_mm256_and_si256(a.arg, finite_a), _mm256_and_si256(b.arg, finite_b)));
}

static bool look_from_avx2(float sign, const float *tile, size_t n, float *g, uint32_t *first, uint32_t *last)
{
  const __m256 flip = side_bit(sign), zero = _mm256_setzero_ps();
  bool any = false;
  for (size_t y = 0; y < n; y++) {
    const __m256 a = _mm256_xor_ps(_mm256_load_ps(tile + y * LANES), flip);
    const __m256 b = _mm256_xor_ps(_mm256_load_ps(tile + y * LANES + 8), flip);
    _mm256_store_ps(g + y * LANES, _mm256_max_ps(a, zero));
    _mm256_store_ps(g + y * LANES + 8, _mm256_max_ps(b, zero));
    if (_mm256_movemask_ps(_mm256_and_ps(a, b)) == 0xFF) continue;
    if (!any) *first = (uint32_t)y;
    *last = (uint32_t)y;
    any = true;
  }
  return any;
}

static void signed_root_avx2(float *v, size_t n)
{
  const __m256 sign_bit = _mm256_set1_ps(-0.0f);
  for (size_t i = 0; i < n; i += 8) {
    const __m256 x = _mm256_load_ps(v + i), sign = _mm256_and_ps(x, sign_bit);
    _mm256_store_ps(v + i, _mm256_or_ps(_mm256_sqrt_ps(_mm256_xor_ps(x, sign)), sign));
  }
}

void hilum_edt_kernels_init_avx2(HilumEdtKernels *table)
{
  table->row_minimum = row_minimum_avx2;
  table->look_from = look_from_avx2;
  table->signed_root = signed_root_avx2;
}
