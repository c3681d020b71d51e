/* Sixteen values a vector: see ../float_c.h. */
#pragma once

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VALUES 16
typedef __m512 Vector;
typedef __mmask16 Flags;

static inline Vector load(const float *p)
{
  return _mm512_loadu_ps(p);
}
static inline void store(float *p, Vector v)
{
  _mm512_storeu_ps(p, v);
}
static inline Vector fill(float v)
{
  return _mm512_set1_ps(v);
}
static inline Vector root(Vector v)
{
  return _mm512_sqrt_ps(v);
}
static inline Vector smaller(Vector a, Vector b)
{
  return _mm512_min_ps(a, b);
}
static inline Vector larger(Vector a, Vector b)
{
  return _mm512_max_ps(a, b);
}
static inline Flags below(Vector a, Vector b)
{
  return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}
static inline Flags not_above(Vector a, Vector b)
{
  return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ);
}
static inline Flags both(Flags a, Flags b)
{
  return a & b;
}
static inline bool any(Flags f)
{
  return f != 0;
}
static inline Vector choose(Flags f, Vector yes, Vector no)
{
  return _mm512_mask_blend_ps(f, no, yes);
}
static inline Vector times_power(Vector v, Vector shifted)
{
  const __m512i n = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(v), n));
}
static inline Vector widen_at(const int16_t *src)
{
  return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_loadu_si256((const void *)src)));
}
static inline void narrow_at(int16_t *dst, Vector v)
{
  _mm256_storeu_si256((void *)dst, _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(v)));
}

/* Sixteen values out of two vectors that follow each other, from the s-th on, s <= 16. */
#define PICKS
typedef __m512i Picks;
static inline Picks pick_from(size_t s)
{
  const __m512i count = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_add_epi32(count, _mm512_set1_epi32((int)s));
}
static inline Vector pick(Vector a, Vector b, Picks from)
{
  return _mm512_permutex2var_ps(a, from, b);
}
