/* Image volumes: histogram, range, quantiles, stored range at fractional slopes, sampling. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/volume/error.h"
#include "hilum/volume/volume.h"

#include <string.h>

static int16_t *make_voxels(size_t count)
{
  int16_t *voxels = hilum_big_alloc(count * sizeof *voxels, NULL);
  for (size_t v = 0; v < count; v++)
    voxels[v] = (int16_t)(hilum_random_u64(11, v) % 4096) - 1024;
  return voxels;
}

static HilumVolume *make_volume(double slope, double intercept)
{
  HilumGrid grid = hilum_grid_new(129, 65, 127, 0.7, 0.7, 1); /* more than one chunk */
  return hilum_volume_new_take(&grid, make_voxels(hilum_grid_count(&grid)), slope, intercept, "HU", NULL);
}

static void test_histogram(void)
{
  static const unsigned threads[] = {1, 2, 7};
  HilumGrid grid = hilum_grid_new(129, 65, 127, 0.7, 0.7, 1);
  size_t count = hilum_grid_count(&grid);
  g_autofree uint64_t *expected = g_new0(uint64_t, 65536);
  for (size_t t = 0; t < G_N_ELEMENTS(threads); t++) {
    hilum_parallel_set_threads(threads[t]);
    int16_t *voxels = make_voxels(count);
    voxels[count - 1] = INT16_MAX; /* the last voxel and the extremes of the type */
    voxels[0] = INT16_MIN;
    memset(expected, 0, 65536 * sizeof *expected);
    for (size_t v = 0; v < count; v++)
      expected[voxels[v] + 32768]++;
    g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 0.5, -3, NULL, NULL);
    g_assert_cmpmem(hilum_volume_get_histogram(volume), 65536 * sizeof *expected, expected,
                    65536 * sizeof *expected);
    double lo, hi;
    hilum_volume_get_range(volume, &lo, &hi);
    g_assert_cmpfloat(lo, ==, 0.5 * INT16_MIN - 3);
    g_assert_cmpfloat(hi, ==, 0.5 * INT16_MAX - 3);
    g_assert_cmpstr(hilum_volume_get_unit(volume), ==, "");
  }
  hilum_parallel_set_threads(0);
}

static void ask(size_t begin, size_t end, unsigned worker, void *data)
{
  for (size_t at = begin; at < end; at++) {
    const HilumVolume *volume = data;
    double lo, hi;
    if (at % 2) (void)hilum_volume_get_histogram(volume);
    hilum_volume_get_range(volume, &lo, &hi);
    g_assert_cmpfloat(lo, ==, -1024);
    g_assert_cmpfloat(hi, ==, 3071);
  }
}

/* First asked by several threads at once: counted once, and everybody sees all of it. */
static void test_asked_at_once(void)
{
  hilum_parallel_set_threads(7);
  for (int round = 0; round < 20; round++) {
    g_autoptr(HilumVolume) volume = make_volume(1, 0);
    hilum_parallel_for(14, 1, ask, volume);
    const uint64_t *bins = hilum_volume_get_histogram(volume);
    uint64_t all = 0;
    for (size_t b = 0; b < HILUM_HISTOGRAM_BINS; b++)
      all += bins[b];
    g_assert_cmpuint(all, ==, hilum_grid_count(hilum_volume_get_grid(volume)));
  }
  hilum_parallel_set_threads(0);
}

static void test_refused(void)
{
  HilumGrid grid = hilum_grid_new(2, 2, 2, 1, 1, 1);
  static const double slopes[] = {0, -1, NAN, INFINITY};
  for (size_t s = 0; s < G_N_ELEMENTS(slopes); s++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_volume_new_take(&grid, make_voxels(8), slopes[s], 0, "HU", &error));
    g_assert_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID);
  }
  g_assert_null(hilum_volume_new_take(&grid, make_voxels(8), 1, NAN, "HU", NULL));
  grid.spacing_mm[1] = 0;
  g_assert_null(hilum_volume_new_take(&grid, make_voxels(8), 1, 0, "HU", NULL));
}

static void test_quantile(void)
{
  HilumGrid grid = hilum_grid_new(10, 10, 1, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc(200, NULL);
  for (int v = 0; v < 100; v++)
    voxels[v] = (int16_t)(99 - v);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 2, 10, "", NULL);
  g_assert_cmpfloat(hilum_volume_get_quantile(volume, 0), ==, 10);
  g_assert_cmpfloat(hilum_volume_get_quantile(volume, 0.01), ==, 10);
  g_assert_cmpfloat(hilum_volume_get_quantile(volume, 0.5), ==, 2 * 49 + 10);
  g_assert_cmpfloat(hilum_volume_get_quantile(volume, 0.99), ==, 2 * 98 + 10);
  g_assert_cmpfloat(hilum_volume_get_quantile(volume, 1), ==, 2 * 99 + 10);
  g_assert_cmpfloat(hilum_volume_get_quantile(volume, 7), ==, 2 * 99 + 10);
}

/* Against the definition: every stored value, one by one. */
static void check_range(const HilumVolume *volume, double lo_real, double hi_real)
{
  double slope = hilum_volume_get_slope(volume), intercept = hilum_volume_get_intercept(volume);
  int first = INT16_MAX + 1, last = INT16_MIN - 1;
  for (int s = INT16_MIN; s <= INT16_MAX; s++) {
    double real = hilum_stored_to_real(slope, intercept, (int16_t)s);
    if (real < lo_real || real > hi_real) continue;
    first = MIN(first, s);
    last = MAX(last, s);
  }
  int16_t lo = 77, hi = 77;
  bool found = hilum_volume_stored_range(volume, lo_real, hi_real, &lo, &hi);
  g_assert_cmpint(found, ==, first <= last);
  if (!found) return;
  g_assert_cmpint(lo, ==, first);
  g_assert_cmpint(hi, ==, last);
}

static void test_stored_range(void)
{
  static const double slopes[] = {1, 0.1, 1.0 / 3, 0.00372, 7.25};
  for (size_t s = 0; s < G_N_ELEMENTS(slopes); s++) {
    g_autoptr(HilumVolume) volume = make_volume(slopes[s], -1024.3);
    check_range(volume, -INFINITY, INFINITY);
    check_range(volume, -INFINITY, -1000);
    check_range(volume, -1000, INFINITY);
    check_range(volume, 1e9, INFINITY);
    check_range(volume, -INFINITY, -1e9);
    check_range(volume, -1020.1, -1020.1);
    for (uint64_t n = 0; n < 20; n++) {
      /* Bounds that are exactly some voxel's value are where rounding bites. */
      int16_t stored = (int16_t)hilum_random_u64(5, n);
      double real = hilum_stored_to_real(slopes[s], -1024.3, stored);
      check_range(volume, real, real);
      check_range(volume, nextafter(real, INFINITY), real + 3 * slopes[s]);
      check_range(volume, real - 2 * slopes[s], nextafter(real, -INFINITY));
    }
    int16_t lo, hi;
    g_assert_false(hilum_volume_stored_range(volume, 10, 9, &lo, &hi));
    g_assert_false(hilum_volume_stored_range(volume, NAN, 9, &lo, &hi));
    g_assert_false(hilum_volume_stored_range(volume, 0, NAN, &lo, &hi));
  }
}

/* A linear function is reproduced exactly by trilinear interpolation, and clamped in the outer half cells. */
static void test_sample(void)
{
  HilumGrid grid = hilum_grid_new(7, 5, 3, 0.5, 2, 3);
  grid.origin_mm = hilum_vec3(100, -20, 3);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * 2, NULL);
  for (int32_t k = 0; k < 3; k++)
    for (int32_t j = 0; j < 5; j++)
      for (int32_t i = 0; i < 7; i++)
        voxels[hilum_grid_offset(&grid, (HilumVoxel){i, j, k})] = (int16_t)(3 * i - 20 * j + 100 * k);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 0.25, 8, "HU", NULL);
  double value;
  for (uint64_t n = 0; n < 200; n++) {
    HilumIndexPos p = {6 * hilum_random_uniform(1, n), 4 * hilum_random_uniform(2, n),
                       2 * hilum_random_uniform(3, n)};
    g_assert_true(hilum_volume_sample_mm(volume, hilum_grid_to_mm(&grid, p), &value));
    g_assert_cmpfloat_with_epsilon(value, 0.25 * (3 * p.i - 20 * p.j + 100 * p.k) + 8, 1e-9);
  }
  g_assert_true(
      hilum_volume_sample_mm(volume, hilum_grid_to_mm(&grid, (HilumIndexPos){-0.49, 0, 2.49}), &value));
  g_assert_cmpfloat(value, ==, hilum_volume_get_value(volume, (HilumVoxel){0, 0, 2}));
  g_assert_false(
      hilum_volume_sample_mm(volume, hilum_grid_to_mm(&grid, (HilumIndexPos){-0.51, 0, 0}), &value));
  g_assert_false(
      hilum_volume_sample_mm(volume, hilum_grid_to_mm(&grid, (HilumIndexPos){0, 4.51, 0}), &value));
  g_assert_false(hilum_volume_sample_mm(volume, hilum_vec3(NAN, 0, 0), &value));

  HilumGrid one = hilum_grid_new(1, 1, 1, 1, 1, 1);
  int16_t *single = hilum_big_alloc(2, NULL);
  *single = -7;
  g_autoptr(HilumVolume) tiny = hilum_volume_new_take(&one, single, 1, 0, "HU", NULL);
  g_assert_true(hilum_volume_sample_mm(tiny, hilum_vec3(0.3, -0.3, 0.3), &value));
  g_assert_cmpfloat(value, ==, -7);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/volume/histogram", test_histogram);
  g_test_add_func("/volume/asked-at-once", test_asked_at_once);
  g_test_add_func("/volume/refused", test_refused);
  g_test_add_func("/volume/quantile", test_quantile);
  g_test_add_func("/volume/stored-range", test_stored_range);
  g_test_add_func("/volume/sample", test_sample);
  return g_test_run();
}
