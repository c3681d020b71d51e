/* A vector of one value, for the reference. The same names stand in x86/float_*.h; sums, products and
 * quotients are the operators in all of them. Private to src/kernels. */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define VALUES 1
typedef float Vector;
typedef bool Flags;

static inline Vector load(const float *p)
{
  return *p;
}
static inline void store(float *p, Vector v)
{
  *p = v;
}
static inline Vector fill(float v)
{
  return v;
}
static inline Vector root(Vector v)
{
  return sqrtf(v);
}
static inline Vector smaller(Vector a, Vector b)
{
  return a < b ? a : b;
}
static inline Vector larger(Vector a, Vector b)
{
  return a > b ? a : b;
}
static inline Flags below(Vector a, Vector b)
{
  return a < b;
}
static inline Flags not_above(Vector a, Vector b)
{
  return a <= b;
}
static inline Flags both(Flags a, Flags b)
{
  return a && b;
}
static inline bool any(Flags f)
{
  return f;
}
static inline Vector choose(Flags f, Vector yes, Vector no)
{
  return f ? yes : no;
}
/* v * 2^n, where the lowest bits of `shifted` are n: it is 1.5 * 2^23 + n. The result is normal. */
static inline Vector times_power(Vector v, Vector shifted)
{
  uint32_t bits, n;
  memcpy(&bits, &v, sizeof bits);
  memcpy(&n, &shifted, sizeof n);
  bits += n << 23;
  memcpy(&v, &bits, sizeof v);
  return v;
}
static inline Vector widen_at(const int16_t *src)
{
  return *src;
}
/* |v| < 2^22: adding 1.5 * 2^23 rounds to an integer, ties to even. */
static inline void narrow_at(int16_t *dst, Vector v)
{
  const float rounded = (v + 12582912.0f) - 12582912.0f;
  *dst = (int16_t)(rounded < INT16_MIN ? INT16_MIN : rounded > INT16_MAX ? INT16_MAX : rounded);
}
