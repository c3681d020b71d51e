/* AVX-512 distance kernels: sixteen columns in one register. */
#include "hilum/kernels/edt.h"

#include <immintrin.h>
#include <math.h>

#define LANES HILUM_EDT_LANES

/* Flips the values of the negative side. */
static inline __m512 side_bit(float sign)
{
  return _mm512_and_ps(_mm512_set1_ps(sign), _mm512_set1_ps(-0.0f));
}

static void row_minimum_avx512(const float *g, uint32_t y, uint32_t lo, uint32_t hi, const float *squares,
                               float sign, float *out, uint32_t *arg_lo, uint32_t *arg_hi)
{
  const __m512 infinite = _mm512_set1_ps(INFINITY);
  __m512 minimum = infinite;
  __m512i arg = _mm512_setzero_si512();
  for (uint32_t row = lo; row <= hi; row++) {
    const __m512 square = _mm512_set1_ps(squares[row < y ? y - row : row - y]);
    const __m512 d = _mm512_add_ps(_mm512_load_ps(g + (size_t)row * LANES), square);
    const __mmask16 less = _mm512_cmp_ps_mask(d, minimum, _CMP_LT_OQ);
    arg = _mm512_mask_set1_epi32(arg, less, (int)row);
    minimum = _mm512_min_ps(d, minimum);
  }
  const __m512i mine = _mm512_castps_si512(_mm512_xor_ps(_mm512_load_ps(out), side_bit(sign)));
  _mm512_mask_store_ps(out, _mm512_cmpge_epi32_mask(mine, _mm512_setzero_si512()),
                       _mm512_xor_ps(minimum, side_bit(sign)));
  const __mmask16 finite = _mm512_cmp_ps_mask(minimum, infinite, _CMP_LT_OQ);
  *arg_lo = _mm512_mask_reduce_min_epu32(finite, arg); /* all ones if no lane */
  *arg_hi = _mm512_mask_reduce_max_epu32(finite, arg); /* 0 if no lane */
}

static bool look_from_avx512(float sign, const float *tile, size_t n, float *g, uint32_t *first,
                             uint32_t *last)
{
  const __m512 flip = side_bit(sign), zero = _mm512_setzero_ps();
  bool any = false;
  for (size_t y = 0; y < n; y++) {
    const __m512 mine = _mm512_xor_ps(_mm512_load_ps(tile + y * LANES), flip);
    _mm512_store_ps(g + y * LANES, _mm512_max_ps(mine, zero));
    if (_mm512_cmpge_epi32_mask(_mm512_castps_si512(mine), _mm512_setzero_si512()) == 0) continue;
    if (!any) *first = (uint32_t)y;
    *last = (uint32_t)y;
    any = true;
  }
  return any;
}

static void signed_root_avx512(float *v, size_t n)
{
  const __m512 sign_bit = _mm512_set1_ps(-0.0f);
  for (size_t i = 0; i < n; i += LANES) {
    const __m512 x = _mm512_load_ps(v + i), sign = _mm512_and_ps(x, sign_bit);
    _mm512_store_ps(v + i, _mm512_or_ps(_mm512_sqrt_ps(_mm512_xor_ps(x, sign)), sign));
  }
}

void hilum_edt_kernels_init_avx512(HilumEdtKernels *table)
{
  table->row_minimum = row_minimum_avx512;
  table->look_from = look_from_avx512;
  table->signed_root = signed_root_avx512;
}
