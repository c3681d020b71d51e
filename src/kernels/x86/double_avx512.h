/* Eight doubles a vector: see ../double_c.h. */
#pragma once

#include <immintrin.h>

#define VALUES 8
typedef __m512d Vector;
typedef __mmask8 Flags;

static inline Vector load(const double *p)
{
  return _mm512_load_pd(p);
}
static inline void store(double *p, Vector v)
{
  _mm512_store_pd(p, v);
}
static inline Vector fill(double v)
{
  return _mm512_set1_pd(v);
}
static inline Vector smaller(Vector a, Vector b)
{
  return _mm512_min_pd(a, b);
}
static inline Vector larger(Vector a, Vector b)
{
  return _mm512_max_pd(a, b);
}
static inline Flags below(Vector a, Vector b)
{
  return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}
static inline Flags not_above(Vector a, Vector b)
{
  return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ);
}
static inline Flags both(Flags a, Flags b)
{
  return a & b;
}
static inline Vector or_zero(Flags f, Vector v)
{
  return _mm512_maskz_mov_pd(f, v);
}
static inline double smallest(Vector v)
{
  return _mm512_reduce_min_pd(v);
}
