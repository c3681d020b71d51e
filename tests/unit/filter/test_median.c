/* The median of a volume against sorting 27 values. */
#include "hilum/filter/median.h"

#include "grey.h"

#include <stdlib.h>

static int compare(const void *pa, const void *pb)
{
  const double *a = pa, *b = pb;
  return *a < *b ? -1 : *a > *b;
}

static double brute_median(const HilumVolume *v, int32_t i, int32_t j, int32_t k)
{
  double all[27];
  for (int n = 0; n < 27; n++)
    all[n] = grey_at(v, i + n % 3 - 1, j + n / 3 % 3 - 1, k + n / 9 - 1);
  qsort(all, 27, sizeof *all, compare);
  return all[13];
}

static void test_brute(void)
{
  for (size_t d = 0; d < G_N_ELEMENTS(grey_dims); d++) {
    const uint64_t seed = d;
    const int32_t *dims = grey_dims[d];
    g_autoptr(HilumVolume) volume = grey_volume(dims, grey_spacings[d % 3], 0.5, -7, grey_noise, &seed);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumVolume) out = hilum_volume_median(volume, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(hilum_grid_equal(hilum_volume_get_grid(out), hilum_volume_get_grid(volume), 0));
    g_assert_cmpfloat(hilum_volume_get_slope(out), ==, 0.5);
    g_assert_cmpfloat(hilum_volume_get_intercept(out), ==, -7);
    g_assert_cmpstr(hilum_volume_get_unit(out), ==, "HU");
    for (int32_t k = 0; k < dims[2]; k++)
      for (int32_t j = 0; j < dims[1]; j++)
        for (int32_t i = 0; i < dims[0]; i++)
          g_assert_cmpfloat(grey_at(out, i, j, k), ==, brute_median(volume, i, j, k));
  }
}

/* A wall stays where it is and a lonely voxel goes. */
static double wall(int32_t i, int32_t j, int32_t k, const void *data)
{
  return (i < 20 ? 100 : -900) + (i == 9 && j == 9 && k == 9) * 2000;
}

static void test_edge(void)
{
  const int32_t dims[3] = {40, 20, 20};
  g_autoptr(HilumVolume) volume = grey_volume(dims, grey_spacings[1], 1, 0, wall, NULL);
  g_autoptr(HilumVolume) out = hilum_volume_median(volume, NULL, NULL);
  for (int32_t i = 0; i < 40; i++)
    g_assert_cmpfloat(grey_at(out, i, 9, 9), ==, i < 20 ? 100 : -900);
  double lo, hi; /* counted again, not taken over */
  hilum_volume_get_range(out, &lo, &hi);
  g_assert_cmpfloat(lo, ==, -900);
  g_assert_cmpfloat(hi, ==, 100);
}

static void *run(const HilumVolume *volume, const HilumProgress *progress, size_t *bytes, GError **error)
{
  return grey_bytes(hilum_volume_median(volume, progress, error), bytes);
}

static void test_same(void)
{
  const int32_t dims[3] = {133, 150, 21};
  const uint64_t seed = 5;
  g_autoptr(HilumVolume) volume = grey_volume(dims, grey_spacings[0], 1, 0, grey_noise, &seed);
  grey_check_same(volume, run);
  grey_check_cancel(volume, run);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/median/brute", test_brute);
  g_test_add_func("/filter/median/edge", test_edge);
  g_test_add_func("/filter/median/same", test_same);
  return g_test_run();
}
