/* Rows of smoothing and differences over the vectors of float_*.h, which is included before. Private to
 * src/kernels. */
#pragma once

#include "float_loop.h"
#include "gauss_private.h"

static inline void gauss_widen_at(float *dst, const int16_t *src, size_t i)
{
  store(dst + i, widen_at(src + i));
}

static void gauss_widen(float *dst, const int16_t *src, size_t n)
{
  ROW_LOOP(hilum_gauss_reference.widen, gauss_widen_at, dst, src);
}

static inline void gauss_narrow_at(int16_t *dst, const float *src, size_t i)
{
  narrow_at(dst + i, load(src + i));
}

static void gauss_narrow(int16_t *dst, const float *src, size_t n)
{
  ROW_LOOP(hilum_gauss_reference.narrow, gauss_narrow_at, dst, src);
}

static inline void gauss_weigh_at(float *dst, const float *const *rows, const float *w, size_t r, size_t i)
{
  Vector sum = fill(w[0]) * load(rows[r] + i);
  for (size_t t = 1; t <= r; t++)
    sum = sum + fill(w[t]) * (load(rows[r - t] + i) + load(rows[r + t] + i));
  store(dst + i, sum);
}

/* Four vectors at a time: the additions of one wait for each other. */
static inline void gauss_weigh4_at(float *dst, const float *const *rows, const float *w, size_t r, size_t i)
{
  const Vector first = fill(w[0]);
  const float *centre = rows[r] + i;
  Vector a = first * load(centre), b = first * load(centre + VALUES);
  Vector c = first * load(centre + 2 * VALUES), d = first * load(centre + 3 * VALUES);
  for (size_t t = 1; t <= r; t++) {
    const float *before = rows[r - t] + i, *after = rows[r + t] + i;
    const Vector weight = fill(w[t]);
    a = a + weight * (load(before) + load(after));
    b = b + weight * (load(before + VALUES) + load(after + VALUES));
    c = c + weight * (load(before + 2 * VALUES) + load(after + 2 * VALUES));
    d = d + weight * (load(before + 3 * VALUES) + load(after + 3 * VALUES));
  }
  store(dst + i, a);
  store(dst + i + VALUES, b);
  store(dst + i + 2 * VALUES, c);
  store(dst + i + 3 * VALUES, d);
}

static void gauss_weigh(float *dst, const float *const *rows, const float *w, size_t r, size_t n)
{
  if (VALUES > 1 && n < VALUES) {
    hilum_gauss_reference.weigh(dst, rows, w, r, n);
    return;
  }
  size_t i = 0;
  for (; i + 4 * VALUES <= n; i += 4 * VALUES)
    gauss_weigh4_at(dst, rows, w, r, i);
  for (; i + VALUES <= n; i += VALUES)
    gauss_weigh_at(dst, rows, w, r, i);
  if (i < n) gauss_weigh_at(dst, rows, w, r, n - VALUES);
}

static inline void gauss_weigh_along_at(float *dst, const float *src, const float *w, size_t r, size_t i)
{
  const float *centre = src + r + i;
  Vector sum = fill(w[0]) * load(centre);
  for (size_t t = 1; t <= r; t++)
    sum = sum + fill(w[t]) * (load(centre - t) + load(centre + t));
  store(dst + i, sum);
}

#ifdef PICKS
/* Four vectors at a time out of five that are loaded once: nearly every tap would lie across two lines of
 * cache. Returns how many values are done. */
static size_t gauss_weigh_along4(float *dst, const float *src, const float *w, size_t r, size_t n)
{
  size_t i = 0;
  for (; i + 4 * VALUES <= n && i + 5 * VALUES <= n + 2 * r; i += 4 * VALUES) {
    Vector v[5], sum[4];
    for (size_t p = 0; p < 5; p++)
      v[p] = load(src + i + p * VALUES);
    for (size_t p = 0; p < 4; p++)
      sum[p] = fill(w[0]) * pick(v[p], v[p + 1], pick_from(r));
    for (size_t t = 1; t <= r; t++) {
      const Picks before = pick_from(r - t), after = pick_from(r + t);
      for (size_t p = 0; p < 4; p++)
        sum[p] = sum[p] + fill(w[t]) * (pick(v[p], v[p + 1], before) + pick(v[p], v[p + 1], after));
    }
    for (size_t p = 0; p < 4; p++)
      store(dst + i + p * VALUES, sum[p]);
  }
  return i;
}
#endif

static void gauss_weigh_along(float *dst, const float *src, const float *w, size_t r, size_t n)
{
  if (VALUES > 1 && n < VALUES) {
    hilum_gauss_reference.weigh_along(dst, src, w, r, n);
    return;
  }
  size_t i = 0;
#ifdef PICKS
  if (2 * r <= VALUES) i = gauss_weigh_along4(dst, src, w, r, n);
#endif
  for (; i + VALUES <= n; i += VALUES)
    gauss_weigh_along_at(dst, src, w, r, i);
  if (i < n) gauss_weigh_along_at(dst, src, w, r, n - VALUES);
}

static inline Vector difference(const float *const taps[4], Vector near, Vector far, size_t i)
{
  return near * (load(taps[2] + i) - load(taps[1] + i)) - far * (load(taps[3] + i) - load(taps[0] + i));
}

static inline void gauss_differ_at(float *dst, const float *const taps[4], float near, float far, size_t i)
{
  store(dst + i, difference(taps, fill(near), fill(far), i));
}

static void gauss_differ(float *dst, const float *const taps[4], float near, float far, size_t n)
{
  ROW_LOOP(hilum_gauss_reference.differ, gauss_differ_at, dst, taps, near, far);
}

static inline void gauss_magnitude_at(float *dst, const float *const taps[3][4], const float near[3],
                                      const float far[3], size_t i)
{
  const Vector x = difference(taps[0], fill(near[0]), fill(far[0]), i);
  const Vector y = difference(taps[1], fill(near[1]), fill(far[1]), i);
  const Vector z = difference(taps[2], fill(near[2]), fill(far[2]), i);
  store(dst + i, root((x * x + y * y) + z * z));
}

static void gauss_magnitude(float *dst, const float *const taps[3][4], const float near[3],
                            const float far[3], size_t n)
{
  ROW_LOOP(hilum_gauss_reference.magnitude, gauss_magnitude_at, dst, taps, near, far);
}

/* The table of the variant that includes this. */
#define GAUSS_TABLE                                                                                          \
  {                                                                                                          \
    gauss_widen, gauss_narrow, gauss_weigh, gauss_weigh_along, gauss_differ, gauss_magnitude                 \
  }
