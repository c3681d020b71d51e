/* A vector of one double, for the reference. The same names stand in x86/double_*.h; sums and products are
 * the operators in all of them. Private to src/kernels. */
#pragma once

#include <stdbool.h>

#define VALUES 1
typedef double Vector;
typedef bool Flags;

static inline Vector load(const double *p)
{
  return *p;
}
static inline void store(double *p, Vector v)
{
  *p = v;
}
static inline Vector fill(double v)
{
  return v;
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
static inline Vector or_zero(Flags f, Vector v)
{
  return f ? v : 0;
}
static inline double smallest(Vector v)
{
  return v;
}
