/* Eigenvalues and vesselness over the vectors of float_*.h, which is included before. Doing
 * a value twice, as the loops do at their end, is harmless: the best is kept. Private to src/kernels. */
#pragma once

#include "float_loop.h"
#include "vessel_private.h"

typedef struct {
  Vector first, second, third; /* descending */
} Roots;

/* Arc cosine over [-1, 1], wrong by less than 1e-7 (Abramowitz and Stegun 4.4.46). */
static inline Vector arc_cosine(Vector r)
{
  const Vector x = larger(r, -r);
  Vector p = fill(-0.0012624911f);
  p = p * x + fill(0.0066700901f);
  p = p * x + fill(-0.0170881256f);
  p = p * x + fill(0.0308918810f);
  p = p * x + fill(-0.0501743046f);
  p = p * x + fill(0.0889789874f);
  p = p * x + fill(-0.2145988016f);
  p = p * x + fill(1.5707963050f);
  const Vector angle = p * root(fill(1) - x);
  return choose(below(r, fill(0)), fill(3.14159265f) - angle, angle);
}

/* Of angles in [0, pi/3]: series that end below 1e-8. */
static inline Vector sine(Vector v)
{
  const Vector s = v * v;
  Vector p = fill(1.0f / 362880);
  p = p * s + fill(-1.0f / 5040);
  p = p * s + fill(1.0f / 120);
  p = p * s + fill(-1.0f / 6);
  return v + v * (s * p);
}

static inline Vector cosine(Vector v)
{
  const Vector s = v * v;
  Vector p = fill(-1.0f / 3628800);
  p = p * s + fill(1.0f / 40320);
  p = p * s + fill(-1.0f / 720);
  p = p * s + fill(1.0f / 24);
  p = p * s + fill(-0.5f);
  return fill(1) + s * p;
}

/* exp(-v) for v >= 0, never less than exp(-40): relative error below 1e-6. */
static inline Vector decay(Vector v)
{
  const Vector y = smaller(v, fill(40)) * fill(-1.44269504f);
  const Vector shifted = y + fill(12582912.0f);
  const Vector f = y - (shifted - fill(12582912.0f)); /* -1/2..1/2 */
  Vector p = fill(0.000154035304f);
  p = p * f + fill(0.00133335581f);
  p = p * f + fill(0.00961812911f);
  p = p * f + fill(0.0555041087f);
  p = p * f + fill(0.240226507f);
  p = p * f + fill(0.693147181f);
  p = p * f + fill(1);
  return times_power(p, shifted);
}

/* The matrix is q I + p B, where B has no trace and det B / 2 is the cosine of three times an angle. */
static inline Roots roots(const Vector m[6])
{
  const Vector q = ((m[0] + m[1]) + m[2]) * fill(1.0f / 3);
  Vector a = m[0] - q, b = m[1] - q, c = m[2] - q, d = m[3], e = m[4], f = m[5];
  const Vector diagonal = (a * a + b * b) + c * c, rest = (d * d + e * e) + f * f;
  const Vector p = root(larger(diagonal * fill(1.0f / 6) + rest * fill(1.0f / 3), fill(1e-20f)));
  const Vector inverse = fill(1) / p;
  a = a * inverse;
  b = b * inverse;
  c = c * inverse;
  d = d * inverse;
  e = e * inverse;
  f = f * inverse;
  const Vector det = (a * (b * c - f * f) - d * (d * c - f * e)) + e * (d * f - b * e);
  const Vector r = larger(smaller(det * fill(0.5f), fill(1)), fill(-1));
  const Vector angle = arc_cosine(r) * fill(1.0f / 3);
  const Vector along = cosine(angle), across = sine(angle) * fill(1.73205081f);
  Roots l = {.first = q + (p + p) * along, .third = q - p * (along + across)};
  l.second = smaller(q - p * (along - across), l.first);
  return l;
}

static inline Vector mixed(const float *centre, size_t i)
{
  return fill(2.0f / 3) * (load(centre + i + 1) - load(centre + i - 1)) -
         fill(1.0f / 12) * (load(centre + i + 2) - load(centre + i - 2));
}

static inline Vector mixed_rows(const float *const rows[4], size_t i)
{
  return fill(2.0f / 3) * (load(rows[2] + i) - load(rows[1] + i)) -
         fill(1.0f / 12) * (load(rows[3] + i) - load(rows[0] + i));
}

/* Second difference, exact up to the fifth degree and exactly 0 where all five are equal. */
static inline Vector second(Vector c, Vector m2, Vector m1, Vector p1, Vector p2)
{
  return fill(4.0f / 3) * ((p1 - c) + (m1 - c)) - fill(1.0f / 12) * ((p2 - c) + (m2 - c));
}

static inline Vector second_rows(Vector c, const float *const rows[4], size_t i)
{
  return second(c, load(rows[0] + i), load(rows[1] + i), load(rows[2] + i), load(rows[3] + i));
}

static inline Roots roots_at(const HilumVesselRow *row, size_t i)
{
  const float *v = row->values + i;
  const Vector c = load(v);
  const Vector m[6] = {fill(row->scale[0]) * second(c, load(v - 2), load(v - 1), load(v + 1), load(v + 2)),
                       fill(row->scale[1]) * second_rows(c, row->along_y, i),
                       fill(row->scale[2]) * second_rows(c, row->along_z, i),
                       fill(row->scale[3]) * mixed(row->dy, i),
                       fill(row->scale[4]) * mixed(row->dz, i),
                       fill(row->scale[5]) * mixed_rows(row->dz_along_y, i)};
  return roots(m);
}

static inline void frangi_at(float *best, const HilumVesselRow *row, const HilumFrangi *measure, size_t i)
{
  const Roots l = roots_at(row, i);
  const Vector zero = fill(0);
  const Flags tube = both(below(l.second, zero), not_above(l.first, -l.second));
  if (!any(tube)) return;
  const Vector second = choose(tube, l.second, fill(-1)), third = choose(tube, l.third, fill(-1));
  const Vector plate = second / third, squares = l.first * l.first;
  const Vector size = (squares + second * second) + third * third;
  const Vector v = ((fill(1) - decay(fill(measure->a) * (plate * plate))) *
                    decay(fill(measure->b) * (squares / (second * third)))) *
                   (fill(1) - decay(fill(measure->c) * size));
  const Vector before = load(best + i);
  store(best + i, larger(choose(tube, v, zero), before));
}

static inline void sato_at(float *best, const HilumVesselRow *row, const HilumSato *measure, size_t i)
{
  const Roots l = roots_at(row, i);
  const Vector zero = fill(0);
  const Flags tube = below(l.second, zero);
  if (!any(tube)) return;
  const Vector second = choose(tube, l.second, fill(-1)), ratio = l.first / second;
  const Vector s = choose(not_above(l.first, zero), fill(measure->below), fill(measure->above));
  const Vector v = -second * decay(s * (ratio * ratio));
  const Vector before = load(best + i);
  store(best + i, larger(choose(tube, v, zero), before));
}

static inline void eigenvalues_at(float *const l[3], const float *const m[6], size_t i)
{
  const Vector v[6] = {load(m[0] + i), load(m[1] + i), load(m[2] + i),
                       load(m[3] + i), load(m[4] + i), load(m[5] + i)};
  const Roots r = roots(v);
  store(l[0] + i, r.first);
  store(l[1] + i, r.second);
  store(l[2] + i, r.third);
}

static void vessel_frangi(float *best, const HilumVesselRow *row, const HilumFrangi *measure, size_t n)
{
  ROW_LOOP(hilum_vessel_reference.frangi, frangi_at, best, row, measure);
}

static void vessel_sato(float *best, const HilumVesselRow *row, const HilumSato *measure, size_t n)
{
  ROW_LOOP(hilum_vessel_reference.sato, sato_at, best, row, measure);
}

static void vessel_eigenvalues(float *const l[3], const float *const m[6], size_t n)
{
  ROW_LOOP(hilum_vessel_reference.eigenvalues, eigenvalues_at, l, m);
}

/* The table of the variant that includes this. */
#define VESSEL_TABLE                                                                                         \
  {                                                                                                          \
    vessel_frangi, vessel_sato, vessel_eigenvalues                                                           \
  }
