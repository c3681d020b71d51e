/* AVX2 distance kernels: sixteen columns in two registers. */
#include "hilum/kernels/edt.h"

#include <immintrin.h>

#define LANES HILUM_EDT_LANES

typedef struct {
  __m256 a, b;
} Lanes;

static inline Lanes load(const float *v)
{
  return (Lanes){_mm256_load_ps(v), _mm256_load_ps(v + 8)};
}

static inline __m256 consider8(__m256 best, __m256 v, __m256 sign, __m256 square)
{
  __m256 g = _mm256_max_ps(_mm256_xor_ps(v, sign), _mm256_setzero_ps());
  return _mm256_min_ps(best, _mm256_add_ps(g, square));
}

/* best = min(best, g(v) + square): g drops to 0 where v lies on the other side. */
static inline Lanes consider(Lanes best, const float *v, Lanes sign, float square)
{
  const Lanes l = load(v);
  const __m256 s = _mm256_set1_ps(square);
  return (Lanes){consider8(best.a, l.a, sign.a, s), consider8(best.b, l.b, sign.b, s)};
}

/* Is any lane still farther than the next step costs? */
static inline int unfinished(Lanes best, float square)
{
  const __m256 most = _mm256_max_ps(best.a, best.b);
  return _mm256_movemask_ps(_mm256_cmp_ps(most, _mm256_set1_ps(square), _CMP_GT_OQ)) != 0;
}

static void column_tile_avx2(const float *src, float *dst, size_t n, size_t from, size_t until,
                             const float *squares)
{
  const __m256 sign_bit = _mm256_set1_ps(-0.0f);
  for (size_t y = 0; y < n; y++) {
    const Lanes here = load(src + y * LANES);
    const Lanes sign = {_mm256_and_ps(here.a, sign_bit), _mm256_and_ps(here.b, sign_bit)};
    Lanes best = {_mm256_xor_ps(here.a, sign.a), _mm256_xor_ps(here.b, sign.b)};
    /* Rows that both directions have, then what is left of each. */
    size_t up = y > from ? y - from : 0, down = until > y + 1 ? until - 1 - y : 0;
    size_t r = 1, first_up = y >= until ? y - until + 1 : 1, first_down = from > y ? from - y : 1;
    if (first_up == 1 && first_down == 1) {
      const size_t both = up < down ? up : down;
      for (; r <= both && unfinished(best, squares[r]); r++) {
        best = consider(best, src + (y - r) * LANES, sign, squares[r]);
        best = consider(best, src + (y + r) * LANES, sign, squares[r]);
      }
    }
    for (size_t u = r > first_up ? r : first_up; u <= up && unfinished(best, squares[u]); u++)
      best = consider(best, src + (y - u) * LANES, sign, squares[u]);
    for (size_t d = r > first_down ? r : first_down; d <= down && unfinished(best, squares[d]); d++)
      best = consider(best, src + (y + d) * LANES, sign, squares[d]);
    _mm256_store_ps(dst + y * LANES, _mm256_or_ps(best.a, sign.a));
    _mm256_store_ps(dst + y * LANES + 8, _mm256_or_ps(best.b, sign.b));
  }
}

void hilum_edt_kernels_init_avx2(HilumEdtKernels *table)
{
  table->column_tile = column_tile_avx2;
}
