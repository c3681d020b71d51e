/* AVX-512 distance kernels: sixteen columns in one register. */
#include "hilum/kernels/edt.h"

#include <immintrin.h>

#define LANES HILUM_EDT_LANES

/* best = min(best, g(v) + square): g drops to 0 where v lies on the other side. */
static inline __m512 consider(__m512 best, const float *v, __m512 sign, __m512 square)
{
  __m512 g = _mm512_max_ps(_mm512_xor_ps(_mm512_load_ps(v), sign), _mm512_setzero_ps());
  return _mm512_min_ps(best, _mm512_add_ps(g, square));
}

/* Is any lane still farther than the next step costs? */
static inline int unfinished(__m512 best, const float *square)
{
  return _mm512_cmp_ps_mask(best, _mm512_set1_ps(*square), _CMP_GT_OQ) != 0;
}

static void column_tile_avx512(const float *src, float *dst, size_t n, size_t from, size_t until,
                               const float *squares)
{
  const __m512 sign_bit = _mm512_set1_ps(-0.0f);
  for (size_t y = 0; y < n; y++) {
    const __m512 here = _mm512_load_ps(src + y * LANES);
    const __m512 sign = _mm512_and_ps(here, sign_bit);
    __m512 best = _mm512_xor_ps(here, sign);
    /* Rows that both directions have, then what is left of each. */
    size_t up = y > from ? y - from : 0, down = until > y + 1 ? until - 1 - y : 0;
    size_t r = 1, first_up = y >= until ? y - until + 1 : 1, first_down = from > y ? from - y : 1;
    if (first_up == 1 && first_down == 1) {
      const size_t both = up < down ? up : down;
      for (; r <= both && unfinished(best, squares + r); r++) {
        const __m512 square = _mm512_set1_ps(squares[r]);
        best = consider(best, src + (y - r) * LANES, sign, square);
        best = consider(best, src + (y + r) * LANES, sign, square);
      }
    }
    for (size_t u = r > first_up ? r : first_up; u <= up && unfinished(best, squares + u); u++)
      best = consider(best, src + (y - u) * LANES, sign, _mm512_set1_ps(squares[u]));
    for (size_t d = r > first_down ? r : first_down; d <= down && unfinished(best, squares + d); d++)
      best = consider(best, src + (y + d) * LANES, sign, _mm512_set1_ps(squares[d]));
    _mm512_store_ps(dst + y * LANES, _mm512_or_ps(best, sign));
  }
}

void hilum_edt_kernels_init_avx512(HilumEdtKernels *table)
{
  table->column_tile = column_tile_avx512;
}
