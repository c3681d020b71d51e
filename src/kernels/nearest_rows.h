/* Point and triangles over the vectors of double_*.h, which is included before. Minima are exact whatever
 * their order, so that all variants agree. Private to src/kernels. */
#pragma once

#include "hilum/kernels/nearest.h"

#include <math.h>

#define LANES HILUM_NEAREST_LANES

typedef struct {
  Vector x, y, z;
} Three;

static inline Three three_at(const double rows[3][LANES], size_t i)
{
  return (Three){load(rows[0] + i), load(rows[1] + i), load(rows[2] + i)};
}

static inline Vector product(Three a, Three b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline Three minus(Three a, Three b)
{
  return (Three){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline void store_three(double rows[3][LANES], size_t i, Three v)
{
  store(rows[0] + i, v.x);
  store(rows[1] + i, v.y);
  store(rows[2] + i, v.z);
}

/* 1 / v; 0 where v is not above 0. */
static inline Vector per(Vector v)
{
  return or_zero(below(fill(0), v), fill(1) / v);
}

static inline void finish_at(HilumNearestBlock *b, size_t i)
{
  const Three a = three_at(b->a, i), ab = minus(three_at(b->ab, i), a), ac = minus(three_at(b->ac, i), a),
              bc = minus(three_at(b->ac, i), three_at(b->ab, i));
  const Three n = {ab.y * ac.z - ab.z * ac.y, ab.z * ac.x - ab.x * ac.z, ab.x * ac.y - ab.y * ac.x};
  const Vector ab2 = product(ab, ab), ac2 = product(ac, ac);
  store_three(b->ab, i, ab);
  store_three(b->ac, i, ac);
  store(b->ab2 + i, ab2);
  store(b->ac2 + i, ac2);
  store(b->ab_ac + i, product(ab, ac));
  store(b->per_ab2 + i, per(ab2));
  store(b->per_ac2 + i, per(ac2));
  store(b->per_bc2 + i, per(product(bc, bc)));
  store(b->per_area2 + i, per(product(n, n)));
}

static void finish(HilumNearestBlock *blocks, size_t n)
{
  for (size_t block = 0; block < n; block++)
    for (size_t i = 0; i < LANES; i += VALUES)
      finish_at(&blocks[block], i);
}

static inline Vector clamped(Vector v)
{
  return smaller(larger(v, fill(0)), fill(1));
}

/* From p to a + v ab + w ac, squared. */
static inline Vector to_point(Three ap, Three ab, Three ac, Vector v, Vector w)
{
  const Three d = {ap.x - v * ab.x - w * ac.x, ap.y - v * ab.y - w * ac.y, ap.z - v * ab.z - w * ac.z};
  return product(d, d);
}

static inline Vector to_side(Three ap, Three side, Vector t)
{
  const Three d = {ap.x - t * side.x, ap.y - t * side.y, ap.z - t * side.z};
  return product(d, d);
}

static inline Vector distance2_at(const HilumNearestBlock *b, Three p, size_t i)
{
  const Three a = three_at(b->a, i), ab = three_at(b->ab, i), ac = three_at(b->ac, i);
  const Three ap = {p.x - a.x, p.y - a.y, p.z - a.z};
  const Vector along_b = product(ab, ap), along_c = product(ac, ap);
  const Vector ab2 = load(b->ab2 + i), ac2 = load(b->ac2 + i), ab_ac = load(b->ab_ac + i);
  const Vector to_ab = to_side(ap, ab, clamped(along_b * load(b->per_ab2 + i)));
  const Vector to_ac = to_side(ap, ac, clamped(along_c * load(b->per_ac2 + i)));
  const Vector t = clamped((along_c - along_b + (ab2 - ab_ac)) * load(b->per_bc2 + i));
  const Vector to_bc = to_point(ap, ab, ac, fill(1) - t, t);
  const Vector per = load(b->per_area2 + i);
  const Vector v = (ac2 * along_b - ab_ac * along_c) * per, w = (ab2 * along_c - ab_ac * along_b) * per;
  const Flags inside = both(both(not_above(fill(0), v), not_above(fill(0), w)), not_above(v + w, fill(1)));
  const Vector to_foot = to_point(ap, ab, ac, or_zero(inside, v), or_zero(inside, w));
  return smaller(smaller(to_ab, to_ac), smaller(to_bc, to_foot));
}

static double distances2(const HilumNearestBlock *blocks, size_t n, const double p[3], double *d2)
{
  const Three point = {fill(p[0]), fill(p[1]), fill(p[2])};
  Vector least = fill(INFINITY);
  for (size_t block = 0; block < n; block++)
    for (size_t i = 0; i < LANES; i += VALUES) {
      const Vector d = distance2_at(&blocks[block], point, i);
      store(d2 + LANES * block + i, d);
      least = smaller(least, d);
    }
  return smallest(least);
}

static double least_greatest(const double *a, const double *b, const double *c, size_t n)
{
  Vector least = fill(INFINITY);
  for (size_t i = 0; i < n; i += VALUES)
    least = smaller(least, larger(larger(load(a + i), load(b + i)), load(c + i)));
  return smallest(least);
}

#define NEAREST_TABLE                                                                                        \
  {                                                                                                          \
    .finish = finish, .distances2 = distances2, .least_greatest = least_greatest                             \
  }
