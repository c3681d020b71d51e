/* Ball morphology and smoothing against loops over every voxel of the ball. */
#include "hilum/filter/morphology.h"

#include "../../../src/filter/ball_private.h"
#include "brute.h"
#include "hilum/base/parallel.h"
#include "hilum/filter/error.h"

#include <math.h>

/* Is any voxel (or the outside) with that value within the radius? */
static bool near_value(const HilumMask *m, HilumVoxel v, bool value, bool outside, const double s[3],
                       double r)
{
  const int32_t n[3] = {(int32_t)(r / s[0]) + 1, (int32_t)(r / s[1]) + 1, (int32_t)(r / s[2]) + 1};
  for (int32_t dk = -n[2]; dk <= n[2]; dk++)
    for (int32_t dj = -n[1]; dj <= n[1]; dj++)
      for (int32_t di = -n[0]; di <= n[0]; di++) {
        const double x = di * s[0], y = dj * s[1], z = dk * s[2];
        if (x * x + y * y + z * z > r * r * (1 + 1e-9)) continue;
        if (brute_get(m, v.i + di, v.j + dj, v.k + dk, outside) == value) return true;
      }
  return false;
}

static HilumMask *brute_spread(const HilumMask *m, const double s[3], double r, bool dilate)
{
  HilumMask *out = brute_new(m->dims);
  for (int32_t k = 0; k < m->dims[2]; k++)
    for (int32_t j = 0; j < m->dims[1]; j++)
      for (int32_t i = 0; i < m->dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        if (dilate ? near_value(m, v, true, false, s, r) : !near_value(m, v, false, true, s, r))
          hilum_mask_set(out, v);
      }
  return out;
}

static void check_ball(const HilumMask *mask, const double s[3], double r)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) big = brute_spread(mask, s, r, true);
  g_autoptr(HilumMask) small = brute_spread(mask, s, r, false);
  g_autoptr(HilumMask) closed = brute_spread(big, s, r, false);
  g_autoptr(HilumMask) opened = brute_spread(small, s, r, true);
  struct {
    bool (*run)(HilumMask *, const double *, double, const HilumProgress *, GError **);
    const HilumMask *expected;
  } cases[] = {{hilum_mask_dilate, big},
               {hilum_mask_erode, small},
               {hilum_mask_close, closed},
               {hilum_mask_open, opened}};
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
    g_autoptr(HilumMask) m = hilum_mask_copy(mask, NULL);
    g_assert_true(cases[c].run(m, s, r, NULL, &error));
    g_assert_no_error(error);
    brute_assert_padding(m);
    g_assert_true(hilum_mask_equal(m, cases[c].expected));
  }
}

/* By the definition: some voxel of the element around v has that value. */
static bool near_by(const HilumMask *m, HilumVoxel v, bool value, const double s[3], const HilumElement *e)
{
  const double *r = e->radius_mm;
  const int32_t n[3] = {(int32_t)(r[0] / s[0]) + 1, (int32_t)(r[1] / s[1]) + 1, (int32_t)(r[2] / s[2]) + 1};
  for (int32_t dk = -n[2]; dk <= n[2]; dk++)
    for (int32_t dj = -n[1]; dj <= n[1]; dj++)
      for (int32_t di = -n[0]; di <= n[0]; di++) {
        const int32_t d[3] = {di, dj, dk};
        double sum = 0, most = 0;
        for (int a = 0; a < 3; a++) {
          const double part = d[a] == 0 ? 0 : r[a] > 0 ? fabs(d[a] * s[a]) / r[a] : INFINITY;
          sum += part * part;
          most = fmax(most, part);
        }
        if ((e->box ? most : sum) > 1 + 1e-9) continue;
        if (brute_get(m, v.i + di, v.j + dj, v.k + dk, !value) == value) return true;
      }
  return false;
}

static void check_element(const HilumMask *mask, const double s[3], const HilumElement *e)
{
  g_autoptr(HilumMask) big = hilum_mask_copy(mask, NULL), small = hilum_mask_copy(mask, NULL);
  g_assert_true(hilum_mask_dilate_by(big, s, e, NULL, NULL));
  g_assert_true(hilum_mask_erode_by(small, s, e, NULL, NULL));
  brute_assert_padding(big);
  brute_assert_padding(small);
  HilumVoxel v;
  for (v.k = 0; v.k < mask->dims[2]; v.k++)
    for (v.j = 0; v.j < mask->dims[1]; v.j++)
      for (v.i = 0; v.i < mask->dims[0]; v.i++) {
        g_assert_cmpint(hilum_mask_get(big, v), ==, near_by(mask, v, true, s, e));
        g_assert_cmpint(hilum_mask_get(small, v), ==, !near_by(mask, v, false, s, e));
      }
}

static void test_elements(void)
{
  static const HilumElement elements[] = {{{2, 1, 3.1}, false}, {{0, 2.5, 0}, false}, {{1.5, 0, 4}, true},
                                          {{2, 2, 2}, true},    {{0, 0, 0}, true},    {{70, 1, 0}, false},
                                          {{0.01, 3, 3}, true}};
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++)
    for (size_t n = 0; n < G_N_ELEMENTS(elements); n++) {
      const double *spacing = brute_spacings[(d + n) % G_N_ELEMENTS(brute_spacings)];
      g_autoptr(HilumMask) sparse = brute_random(brute_dims[d], 0.01, d + n);
      g_autoptr(HilumMask) dense = brute_random(brute_dims[d], 0.98, d + n + 50);
      check_element(sparse, spacing, &elements[n]);
      check_element(dense, spacing, &elements[n]);
    }
  g_autoptr(HilumMask) mask = brute_random(brute_dims[0], 0.1, 1);
  for (int bad = 0; bad < 3; bad++) {
    const HilumElement element = {{1, bad == 0 ? -1 : bad == 1 ? NAN : INFINITY, 1}, bad == 1};
    g_autoptr(GError) error = NULL;
    g_assert_false(hilum_mask_dilate_by(mask, brute_spacings[0], &element, NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
  }
}

static void test_balls(void)
{
  static const double radii[] = {0, 0.5, 1.0, 2.1, 4.0};
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++)
    for (size_t r = 0; r < G_N_ELEMENTS(radii); r++) {
      const double *spacing = brute_spacings[(d + r) % G_N_ELEMENTS(brute_spacings)];
      g_autoptr(HilumMask) sparse = brute_random(brute_dims[d], 0.01, d + r);
      g_autoptr(HilumMask) dense = brute_random(brute_dims[d], 0.98, d + r + 50);
      check_ball(sparse, spacing, radii[r]);
      check_ball(dense, spacing, radii[r]);
    }
}

/* Radii beyond words and beyond the volume; a structure that leaves most of the volume alone. */
static void test_far(void)
{
  const int32_t dims[3] = {200, 3, 3};
  const double s[3] = {0.5, 2, 3};
  g_autoptr(HilumMask) mask = brute_random(dims, 0.001, 3);
  check_ball(mask, s, 40.0);
  const int32_t cube[3] = {140, 20, 12};
  g_autoptr(HilumMask) blobs = brute_blobs(cube, 3, 5, 5);
  const double one[3] = {1, 1, 1};
  check_ball(blobs, one, 3.5);
  g_assert_true(hilum_mask_dilate(blobs, one, 1e6, NULL, NULL));
  g_assert_cmpuint(hilum_mask_count(blobs), ==, 140 * 20 * 12);
  hilum_mask_clear(blobs, (HilumVoxel){139, 0, 0});
  g_assert_true(hilum_mask_erode(blobs, one, 1e6, NULL, NULL));
  g_assert_cmpuint(hilum_mask_count(blobs), ==, 0);
}

/* By distance and row by row: the same bits, also where a voxel lies on the sphere - exactly (multiples of
 * the spacing, Pythagorean triples) or within a part in 1e9. */
static void check_far(const HilumMask *src, const double s[3], double r)
{
  HilumBall ball;
  g_autoptr(GError) error = NULL;
  hilum_ball_init(&ball, s, r, src->dims);
  g_autoptr(HilumMask) rows = brute_new(src->dims);
  g_autoptr(HilumMask) far = brute_new(src->dims);
  g_assert_true(hilum_ball_spread_rows(&ball, src, rows, NULL, NULL, &error));
  g_assert_true(hilum_ball_spread_far(&ball, src, far, s, r, NULL, &error));
  g_assert_no_error(error);
  brute_assert_padding(far);
  g_assert_true(hilum_mask_equal(rows, far));
  hilum_ball_clear(&ball);
}

static void test_far_is_rows(void)
{
  static const double radii[] = {0, 0.7, 1, 5, 7.0, 13, 13 * (1 - 1e-9), 13 * (1 + 1e-9), 25, 31.3, 1000};
  const int32_t cube[3] = {70, 61, 52};
  for (size_t r = 0; r < G_N_ELEMENTS(radii); r++) {
    for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++) {
      g_autoptr(HilumMask) sparse = brute_random(brute_dims[d], 0.02, d);
      check_far(sparse, brute_spacings[(d + r) % 3], radii[r]);
    }
    for (uint64_t seed = 0; seed < 3; seed++) {
      g_autoptr(HilumMask) points = brute_random(cube, 1e-5 * pow(10, (double)seed), seed);
      check_far(points, brute_spacings[seed], radii[r]);
      for (int a = 0; a < 3; a++)
        check_far(points, brute_spacings[seed], 17 * brute_spacings[seed][a]);
    }
  }
}

/* What the functions choose by themselves for a large ball on a dense mask, and that they can be stopped. */
static void test_large(void)
{
  const int32_t dims[3] = {66, 64, 60};
  const double s[3] = {0.8, 0.8, 1};
  g_autoptr(HilumMask) blobs = brute_blobs(dims, 8, 16, 4);
  HilumBall ball;
  hilum_ball_init(&ball, s, 24, dims);
  g_autoptr(HilumMask) expected = brute_new(dims);
  g_assert_true(hilum_ball_spread_rows(&ball, blobs, expected, NULL, NULL, NULL));
  hilum_ball_clear(&ball);
  for (unsigned threads = 1; threads < 5; threads += 3) {
    hilum_parallel_set_threads(threads);
    g_autoptr(HilumMask) m = hilum_mask_copy(blobs, NULL);
    g_assert_true(hilum_mask_dilate(m, s, 24, NULL, NULL));
    g_assert_true(hilum_mask_equal(m, expected));
  }
  hilum_parallel_set_threads(0);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_mask_dilate(blobs, s, 24, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A radius that is a multiple of the spacing reaches its last voxel whatever the rounding. */
static void test_multiples(void)
{
  const int32_t dims[3] = {41, 41, 41};
  for (int n = 1; n <= 20; n++) {
    const double s[3] = {0.1, 0.3, 0.7};
    for (int a = 0; a < 3; a++) {
      g_autoptr(HilumMask) m = brute_new(dims);
      hilum_mask_set(m, (HilumVoxel){20, 20, 20});
      g_assert_true(hilum_mask_dilate(m, s, n * s[a], NULL, NULL));
      HilumVoxel tip = {20 + (a == 0) * n, 20 + (a == 1) * n, 20 + (a == 2) * n};
      g_assert_true(hilum_mask_get(m, tip));
      HilumVoxel beyond = {tip.i + (a == 0), tip.j + (a == 1), tip.k + (a == 2)};
      g_assert_false(brute_get(m, beyond.i, beyond.j, beyond.k, false));
    }
  }
}

/* The Gaussian of the indicator in double; -1 where it is too close to one half to call. */
static int brute_smooth_at(const HilumMask *m, HilumVoxel v, const double s[3], double sigma)
{
  double sum = 0, weight = 0;
  int32_t r[3];
  for (int a = 0; a < 3; a++)
    r[a] = (int32_t)ceil(4 * sigma / s[a]);
  for (int32_t dk = -r[2]; dk <= r[2]; dk++)
    for (int32_t dj = -r[1]; dj <= r[1]; dj++)
      for (int32_t di = -r[0]; di <= r[0]; di++) {
        const double x = di * s[0], y = dj * s[1], z = dk * s[2];
        const double w = exp(-0.5 * (x * x + y * y + z * z) / (sigma * sigma));
        weight += w;
        sum += w * brute_get(m, CLAMP(v.i + di, 0, m->dims[0] - 1), CLAMP(v.j + dj, 0, m->dims[1] - 1),
                             CLAMP(v.k + dk, 0, m->dims[2] - 1), false);
      }
  return fabs(sum / weight - 0.5) < 1e-3 ? -1 : sum / weight > 0.5;
}

static void test_smooth(void)
{
  const int32_t all_dims[][3] = {{40, 20, 18}, {66, 9, 12}, {5, 1, 30}, {1, 1, 1}};
  for (size_t d = 0; d < G_N_ELEMENTS(all_dims); d++)
    for (size_t sp = 0; sp < G_N_ELEMENTS(brute_spacings); sp++) {
      g_autoptr(HilumMask) mask = brute_blobs(all_dims[d], 4, 6, d + 9);
      g_autoptr(HilumMask) m = hilum_mask_copy(mask, NULL);
      g_assert_true(hilum_mask_smooth(m, brute_spacings[sp], 0.9, NULL, NULL));
      brute_assert_padding(m);
      int undecided = 0, total = 0;
      for (int32_t k = 0; k < mask->dims[2]; k++)
        for (int32_t j = 0; j < mask->dims[1]; j++)
          for (int32_t i = 0; i < mask->dims[0]; i++, total++) {
            int expected = brute_smooth_at(mask, (HilumVoxel){i, j, k}, brute_spacings[sp], 0.9);
            if (expected < 0)
              undecided++;
            else
              g_assert_cmpint(hilum_mask_get(m, (HilumVoxel){i, j, k}), ==, expected);
          }
      g_assert_cmpint(undecided, <=, total / 50);
    }
}

/* A flat wall stays where it is, whatever the width; so does one cut by the volume's border. */
static void test_smooth_wall(void)
{
  const int32_t dims[3] = {70, 30, 30};
  const double s[3] = {0.7, 0.7, 1.2};
  for (double sigma = 0.3; sigma < 8; sigma *= 2) {
    g_autoptr(HilumMask) wall = brute_new(dims);
    for (int32_t k = 0; k < 30; k++)
      for (int32_t j = 0; j < 30; j++)
        hilum_mask_set_span(wall, 0, 33, j, k);
    g_autoptr(HilumMask) m = hilum_mask_copy(wall, NULL);
    g_assert_true(hilum_mask_smooth(m, s, sigma, NULL, NULL));
    g_assert_true(hilum_mask_equal(m, wall));
  }
}

static void test_threads(void)
{
  const int32_t dims[3] = {130, 50, 60};
  const double s[3] = {0.8, 0.8, 1};
  g_autoptr(HilumMask) mask = brute_blobs(dims, 20, 9, 2);
  for (int op = 0; op < 3; op++) {
    g_autoptr(HilumMask) many = hilum_mask_copy(mask, NULL);
    g_autoptr(HilumMask) one = hilum_mask_copy(mask, NULL);
    for (int t = 0; t < 2; t++) {
      HilumMask *m = t ? one : many;
      hilum_parallel_set_threads(t ? 1 : 4);
      if (op == 0) g_assert_true(hilum_mask_dilate(m, s, 2.5, NULL, NULL));
      if (op == 1) g_assert_true(hilum_mask_open(m, s, 2.5, NULL, NULL));
      if (op == 2) g_assert_true(hilum_mask_smooth(m, s, 1.5, NULL, NULL));
    }
    hilum_parallel_set_threads(0);
    g_assert_true(hilum_mask_equal(many, one));
  }
}

static void test_refusals(void)
{
  const double s[3] = {1, 1, 1};
  static const double bad[] = {-1, NAN, INFINITY, -INFINITY};
  g_autoptr(HilumMask) mask = brute_random(brute_dims[4], 0.3, 1);
  g_autoptr(HilumMask) before = hilum_mask_copy(mask, NULL);
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) error = NULL;
    g_assert_false(hilum_mask_dilate(mask, s, bad[b], NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(hilum_mask_smooth(mask, s, bad[b], NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
  }
  g_assert_true(hilum_mask_equal(mask, before));
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_mask_close(mask, s, 2, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  g_assert_false(hilum_mask_smooth(mask, s, 2, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/morphology/elements", test_elements);
  g_test_add_func("/filter/morphology/balls", test_balls);
  g_test_add_func("/filter/morphology/far", test_far);
  g_test_add_func("/filter/morphology/far-is-rows", test_far_is_rows);
  g_test_add_func("/filter/morphology/large", test_large);
  g_test_add_func("/filter/morphology/multiples", test_multiples);
  g_test_add_func("/filter/morphology/smooth", test_smooth);
  g_test_add_func("/filter/morphology/smooth-wall", test_smooth_wall);
  g_test_add_func("/filter/morphology/threads", test_threads);
  g_test_add_func("/filter/morphology/refusals", test_refusals);
  return g_test_run();
}
