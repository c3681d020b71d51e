/* Eight values a vector: see ../float_c.h. */
#pragma once

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define VALUES 8
typedef __m256 Vector;
typedef __m256 Flags;

static inline Vector load(const float *p)
{
  return _mm256_loadu_ps(p);
}
static inline void store(float *p, Vector v)
{
  _mm256_storeu_ps(p, v);
}
static inline Vector fill(float v)
{
  return _mm256_set1_ps(v);
}
static inline Vector root(Vector v)
{
  return _mm256_sqrt_ps(v);
}
static inline Vector smaller(Vector a, Vector b)
{
  return _mm256_min_ps(a, b);
}
static inline Vector larger(Vector a, Vector b)
{
  return _mm256_max_ps(a, b);
}
static inline Flags below(Vector a, Vector b)
{
  return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}
static inline Flags not_above(Vector a, Vector b)
{
  return _mm256_cmp_ps(a, b, _CMP_LE_OQ);
}
static inline Flags both(Flags a, Flags b)
{
  return _mm256_and_ps(a, b);
}
static inline bool any(Flags f)
{
  return _mm256_movemask_ps(f) != 0;
}
static inline Vector choose(Flags f, Vector yes, Vector no)
{
  return _mm256_blendv_ps(no, yes, f);
}
static inline Vector times_power(Vector v, Vector shifted)
{
  const __m256i n = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(v), n));
}
static inline Vector widen_at(const int16_t *src)
{
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const void *)src)));
}
static inline void narrow_at(int16_t *dst, Vector v)
{
  const __m256i wide = _mm256_cvtps_epi32(v);
  _mm_storeu_si128((void *)dst,
                   _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1)));
}
