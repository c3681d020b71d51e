/* Four doubles a vector: see ../double_c.h. */
#pragma once

#include <immintrin.h>

#define VALUES 4
typedef __m256d Vector;
typedef __m256d Flags;

static inline Vector load(const double *p)
{
  return _mm256_load_pd(p);
}
static inline void store(double *p, Vector v)
{
  _mm256_store_pd(p, v);
}
static inline Vector fill(double v)
{
  return _mm256_set1_pd(v);
}
static inline Vector smaller(Vector a, Vector b)
{
  return _mm256_min_pd(a, b);
}
static inline Vector larger(Vector a, Vector b)
{
  return _mm256_max_pd(a, b);
}
static inline Flags below(Vector a, Vector b)
{
  return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}
static inline Flags not_above(Vector a, Vector b)
{
  return _mm256_cmp_pd(a, b, _CMP_LE_OQ);
}
static inline Flags both(Flags a, Flags b)
{
  return _mm256_and_pd(a, b);
}
static inline Vector or_zero(Flags f, Vector v)
{
  return _mm256_and_pd(f, v);
}
static inline double smallest(Vector v)
{
  const __m128d half = _mm_min_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
  return _mm_cvtsd_f64(_mm_min_sd(half, _mm_unpackhi_pd(half, half)));
}
