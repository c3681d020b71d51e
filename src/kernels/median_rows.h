/* The networks of the 3x3x3 median over vectors of any width. The including file defines
 *   VALUES (how many voxels a vector holds), Vector, load(), store(), smaller(), larger()
 * and gets sort3_rows() and median27_rows(). Private to src/kernels.
 *
 * Comparing and exchanging pairs without a branch: Batcher 1968 (AFIPS 32:307); the nine are sorted with 25
 * exchanges (Floyd; Knuth, TAOCP 3, 5.3.4), nine of which sort3() has done. Of the three sorted nines only 13
 * values can be the 14th of all: a value that is rank j of its nine after sorting across (row i of three)
 * has at least i * j values not above it and (4 - i) * (10 - j) not below. */
#pragma once

#include "median_private.h"

static inline void exchange(Vector *a, Vector *b)
{
  const Vector low = smaller(*a, *b);
  *b = larger(*a, *b);
  *a = low;
}

static inline void sort3_at(const int16_t *a, const int16_t *b, const int16_t *c, int16_t *const sorted[3],
                            size_t i)
{
  Vector x = load(a + i), y = load(b + i), z = load(c + i);
  exchange(&y, &z);
  exchange(&x, &y);
  exchange(&y, &z);
  store(sorted[0] + i, x);
  store(sorted[1] + i, y);
  store(sorted[2] + i, z);
}

/* Three sorted columns at i to the nine rows of scratch. */
static inline void merge9_at(const int16_t *const columns[9], int16_t *scratch, size_t stride, size_t i)
{
  static const uint8_t pairs[16][2] = {{2, 5}, {0, 3}, {1, 4}, {5, 8}, {3, 6}, {4, 7}, {2, 5}, {0, 3},
                                       {1, 4}, {5, 7}, {2, 6}, {1, 3}, {4, 6}, {2, 4}, {5, 6}, {2, 3}};
  Vector v[9];
#pragma GCC unroll 9
  for (int r = 0; r < 9; r++)
    v[r] = load(columns[r] + i);
#pragma GCC unroll 16
  for (int p = 0; p < 16; p++)
    exchange(&v[pairs[p][0]], &v[pairs[p][1]]);
#pragma GCC unroll 9
  for (int r = 0; r < 9; r++)
    store(scratch + (size_t)r * stride + 1 + i, v[r]);
}

/* Second of three. */
static inline Vector middle(Vector a, Vector b, Vector c)
{
  return larger(smaller(a, b), smaller(larger(a, b), c));
}

/* The 14th of three sorted nines, at i - 1, i and i + 1 of the rows of scratch. */
static inline Vector middle27_at(const int16_t *scratch, size_t stride, size_t i)
{
  Vector d[8], b[5]; /* d: first of three at ranks 6..9, then last of three at ranks 1..4 */
#pragma GCC unroll 9
  for (int r = 0; r < 9; r++) {
    const int16_t *row = scratch + (size_t)r * stride + i;
    const Vector left = load(row), here = load(row + 1), right = load(row + 2);
    if (r >= 5) d[r - 5] = smaller(smaller(left, here), right);
    if (r <= 3) d[4 + r] = larger(larger(left, here), right);
    if (r >= 2 && r <= 6) b[r - 2] = middle(left, here, right);
  }
  /* Odd-even merge of the two fours; the outermost are never the median. */
  exchange(&d[0], &d[4]);
  exchange(&d[1], &d[5]);
  exchange(&d[2], &d[6]);
  exchange(&d[3], &d[7]);
  exchange(&d[2], &d[4]);
  exchange(&d[3], &d[5]);
  exchange(&d[1], &d[2]);
  exchange(&d[3], &d[4]);
  exchange(&d[5], &d[6]);
  /* Seventh of the thirteen: the smallest of max(x-th of d, (7 - x)-th of b). */
  Vector best = d[6];
#pragma GCC unroll 5
  for (int x = 0; x < 5; x++)
    best = smaller(best, larger(d[1 + x], b[4 - x]));
  return best;
}

/* Each loop ends with a vector that reaches back over voxels already done, so that exactly n are touched;
 * rows shorter than a vector are left to the reference. */
static void sort3_rows(const int16_t *a, const int16_t *b, const int16_t *c, size_t n,
                       int16_t *const sorted[3])
{
  if (VALUES > 1 && n < VALUES) {
    hilum_median_reference.sort3(a, b, c, n, sorted);
    return;
  }
  size_t i = 0;
  for (; i + VALUES <= n; i += VALUES)
    sort3_at(a, b, c, sorted, i);
  if (i < n) sort3_at(a, b, c, sorted, n - VALUES);
}

static void median27_rows(const int16_t *const columns[9], size_t n, int16_t *scratch, int16_t *dst)
{
  if (VALUES > 1 && n < VALUES) {
    hilum_median_reference.median27(columns, n, scratch, dst);
    return;
  }
  const size_t stride = n + 2;
  size_t i = 0;
  for (; i + VALUES <= n; i += VALUES)
    merge9_at(columns, scratch, stride, i);
  if (i < n) merge9_at(columns, scratch, stride, n - VALUES);
  for (size_t r = 0; r < 9; r++) {
    int16_t *row = scratch + r * stride;
    row[0] = row[1];
    row[n + 1] = row[n];
  }
  for (i = 0; i + VALUES <= n; i += VALUES)
    store(dst + i, middle27_at(scratch, stride, i));
  if (i < n) store(dst + n - VALUES, middle27_at(scratch, stride, n - VALUES));
}
