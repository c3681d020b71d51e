/* Medians of masks against loops over every voxel of the neighbourhood. */
#include "hilum/filter/majority.h"

#include "brute.h"
#include "hilum/base/parallel.h"
#include "hilum/filter/error.h"

#include <math.h>

static int32_t clamp(int32_t v, int32_t n)
{
  return v < 0 ? 0 : v >= n ? n - 1 : v;
}

/* Set voxels less clear ones within `n` voxels along each axis and, where the radius is not negative, within
 * it. */
static int balance(const HilumMask *m, HilumVoxel v, const int32_t n[3], const double s[3], double r)
{
  int sum = 0;
  for (int32_t dk = -n[2]; dk <= n[2]; dk++)
    for (int32_t dj = -n[1]; dj <= n[1]; dj++)
      for (int32_t di = -n[0]; di <= n[0]; di++) {
        const double x = di * s[0], y = dj * s[1], z = dk * s[2];
        if (r >= 0 && x * x + y * y + z * z > r * r * (1 + 1e-9)) continue;
        const HilumVoxel u = {clamp(v.i + di, m->dims[0]), clamp(v.j + dj, m->dims[1]),
                              clamp(v.k + dk, m->dims[2])};
        sum += hilum_mask_get(m, u) ? 1 : -1;
      }
  return sum;
}

/* A negative radius: the 3x3x3 voxels. */
static HilumMask *brute_median(const HilumMask *m, const double s[3], double r)
{
  HilumMask *out = brute_new(m->dims);
  int32_t n[3] = {1, 1, 1};
  for (int a = 0; r >= 0 && a < 3; a++)
    n[a] = (int32_t)(r / s[a] + 1);
  for (int32_t k = 0; k < m->dims[2]; k++)
    for (int32_t j = 0; j < m->dims[1]; j++)
      for (int32_t i = 0; i < m->dims[0]; i++)
        if (balance(m, (HilumVoxel){i, j, k}, n, s, r) > 0) hilum_mask_set(out, (HilumVoxel){i, j, k});
  return out;
}

static void check(const HilumMask *mask, const double s[3], double r)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) expected = brute_median(mask, s, r);
  g_autoptr(HilumMask) m = hilum_mask_copy(mask, NULL);
  g_assert_true(r < 0 ? hilum_mask_median(m, NULL, &error) : hilum_mask_majority(m, s, r, NULL, &error));
  g_assert_no_error(error);
  brute_assert_padding(m);
  g_assert_true(hilum_mask_equal(m, expected));
}

static void test_against_brute(void)
{
  static const double radii[] = {-1, 0, 0.8, 1.5, 2.9};
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++)
    for (int kind = 0; kind < 4; kind++) {
      g_autoptr(HilumMask) mask = kind == 3 ? brute_blobs(brute_dims[d], 5, 4, d)
                                            : brute_random(brute_dims[d], 0.2 + 0.3 * kind, d + 10);
      for (size_t r = 0; r < G_N_ELEMENTS(radii); r++)
        check(mask, brute_spacings[d % G_N_ELEMENTS(brute_spacings)], radii[r]);
    }
}

/* A structure far from the border, and one that is cut by it: only the box round it is looked at. */
static void test_boxes(void)
{
  const int32_t dims[3] = {200, 40, 30};
  const double s[3] = {0.8, 0.8, 1};
  for (int at = 0; at < 3; at++) {
    g_autoptr(HilumMask) mask = brute_new(dims);
    for (int32_t k = 0; k < 9; k++)
      for (int32_t j = 0; j < 9; j++)
        for (int32_t i = 0; i < 70; i++)
          if (hilum_random_uniform(5, (uint64_t)(i + 100 * (j + 10 * k))) < 0.6)
            hilum_mask_set(mask, (HilumVoxel){at == 1   ? i
                                              : at == 2 ? i + 130
                                                        : i + 60,
                                              at == 1   ? j
                                              : at == 2 ? j + 31
                                                        : j + 15,
                                              at == 1   ? k
                                              : at == 2 ? k + 21
                                                        : k + 10});
    check(mask, s, -1);
    check(mask, s, 2);
  }
}

/* A flat wall stays, a speck goes, a pit is filled. */
static void test_what_it_is_for(void)
{
  const int32_t dims[3] = {40, 40, 40};
  const double s[3] = {1, 1, 1};
  for (int ball = 0; ball < 2; ball++) {
    g_autoptr(HilumMask) mask = brute_new(dims);
    for (int32_t k = 0; k < 40; k++)
      for (int32_t j = 0; j < 40; j++)
        hilum_mask_set_span(mask, 0, 20, j, k);
    g_autoptr(HilumMask) wall = hilum_mask_copy(mask, NULL);
    hilum_mask_set(mask, (HilumVoxel){30, 20, 20});
    hilum_mask_clear(mask, (HilumVoxel){10, 20, 20});
    g_assert_true(ball ? hilum_mask_majority(mask, s, 2, NULL, NULL) : hilum_mask_median(mask, NULL, NULL));
    g_assert_true(hilum_mask_equal(mask, wall));
  }
}

static void test_threads(void)
{
  const int32_t dims[3] = {130, 50, 60};
  const double s[3] = {0.8, 0.8, 1};
  g_autoptr(HilumMask) mask = brute_random(dims, 0.5, 3);
  for (int ball = 0; ball < 2; ball++) {
    g_autoptr(HilumMask) many = hilum_mask_copy(mask, NULL);
    g_autoptr(HilumMask) one = hilum_mask_copy(mask, NULL);
    for (int t = 0; t < 2; t++) {
      HilumMask *m = t ? one : many;
      hilum_parallel_set_threads(t ? 1 : 4);
      g_assert_true(ball ? hilum_mask_majority(m, s, 2.5, NULL, NULL) : hilum_mask_median(m, NULL, NULL));
    }
    hilum_parallel_set_threads(0);
    g_assert_true(hilum_mask_equal(many, one));
  }
}

static void test_refusals(void)
{
  const double s[3] = {1, 1, 1};
  static const double bad[] = {-1, NAN, INFINITY, 64.5};
  g_autoptr(HilumMask) mask = brute_random(brute_dims[4], 0.5, 1);
  g_autoptr(HilumMask) before = hilum_mask_copy(mask, NULL);
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) error = NULL;
    g_assert_false(hilum_mask_majority(mask, s, bad[b], NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
  }
  g_assert_true(hilum_mask_equal(mask, before));
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_mask_majority(mask, s, 2, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  g_assert_false(hilum_mask_median(mask, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autoptr(HilumMask) nothing = brute_new(brute_dims[4]);
  g_assert_true(hilum_mask_median(nothing, NULL, NULL));
  g_assert_cmpuint(hilum_mask_count(nothing), ==, 0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/majority/brute", test_against_brute);
  g_test_add_func("/filter/majority/boxes", test_boxes);
  g_test_add_func("/filter/majority/what-it-is-for", test_what_it_is_for);
  g_test_add_func("/filter/majority/threads", test_threads);
  g_test_add_func("/filter/majority/refusals", test_refusals);
  return g_test_run();
}
