/* Distance maps against the minimum over all voxels. */
#include "hilum/filter/distance.h"

#include "brute.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

static double brute_distance(const HilumMask *m, HilumVoxel v, bool to, const double s[3])
{
  double best = INFINITY;
  for (int32_t k = 0; k < m->dims[2]; k++)
    for (int32_t j = 0; j < m->dims[1]; j++)
      for (int32_t i = 0; i < m->dims[0]; i++) {
        if (hilum_mask_get(m, (HilumVoxel){i, j, k}) != to) continue;
        const double x = (i - v.i) * s[0], y = (j - v.j) * s[1], z = (k - v.k) * s[2];
        best = fmin(best, x * x + y * y + z * z);
      }
  return sqrt(best);
}

static void assert_close(float got, double expected)
{
  if (isinf(expected))
    g_assert_true((double)got == expected);
  else
    g_assert_cmpfloat_with_epsilon((double)got, expected, 1e-5 * (1 + fabs(expected)));
}

static void check(const HilumMask *mask, const double s[3])
{
  float *outside = hilum_mask_distance(mask, s, NULL, NULL);
  float *both = hilum_mask_signed_distance(mask, s, NULL, NULL);
  size_t n = 0;
  for (int32_t k = 0; k < mask->dims[2]; k++)
    for (int32_t j = 0; j < mask->dims[1]; j++)
      for (int32_t i = 0; i < mask->dims[0]; i++, n++) {
        const HilumVoxel v = {i, j, k};
        const bool set = hilum_mask_get(mask, v);
        const double expected = brute_distance(mask, v, !set, s);
        assert_close(outside[n], set ? 0 : expected);
        assert_close(both[n], set ? -expected : expected);
      }
  hilum_big_free(outside);
  hilum_big_free(both);
}

static void test_random(void)
{
  static const double densities[] = {0, 0.003, 0.1, 0.9, 0.997, 1};
  static const int32_t dims[][3] = {{1, 1, 1},  {63, 4, 5}, {65, 6, 3},  {17, 19, 1},
                                    {1, 20, 9}, {33, 1, 9}, {16, 12, 11}};
  for (size_t d = 0; d < G_N_ELEMENTS(dims); d++)
    for (size_t p = 0; p < G_N_ELEMENTS(densities); p++) {
      g_autoptr(HilumMask) mask = brute_random(dims[d], densities[p], d * 10 + p);
      check(mask, brute_spacings[(d + p) % G_N_ELEMENTS(brute_spacings)]);
    }
}

/* A compact object: whole rows and slices around it know nothing at first, whole rows inside are solid. */
static void test_block(void)
{
  const int32_t dims[3] = {20, 18, 14};
  g_autoptr(HilumMask) mask = brute_new(dims);
  for (int32_t k = 4; k < 11; k++)
    for (int32_t j = 5; j < 14; j++)
      hilum_mask_set_span(mask, 0, 20, j, k);
  for (size_t s = 0; s < G_N_ELEMENTS(brute_spacings); s++)
    check(mask, brute_spacings[s]);
  hilum_mask_invert(mask);
  check(mask, brute_spacings[1]);
}

static void test_threads(void)
{
  const int32_t dims[3] = {70, 50, 40};
  g_autoptr(HilumMask) mask = brute_blobs(dims, 10, 8, 4);
  float *many = hilum_mask_signed_distance(mask, brute_spacings[1], NULL, NULL);
  hilum_parallel_set_threads(1);
  float *one = hilum_mask_signed_distance(mask, brute_spacings[1], NULL, NULL);
  hilum_parallel_set_threads(0);
  g_assert_cmpint(memcmp(many, one, 70 * 50 * 40 * sizeof *one), ==, 0);
  hilum_big_free(many);
  hilum_big_free(one);
}

static void test_cancel(void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(HilumMask) mask = brute_random(brute_dims[4], 0.5, 1);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_mask_distance(mask, brute_spacings[0], &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/distance/random", test_random);
  g_test_add_func("/filter/distance/block", test_block);
  g_test_add_func("/filter/distance/threads", test_threads);
  g_test_add_func("/filter/distance/cancel", test_cancel);
  return g_test_run();
}
