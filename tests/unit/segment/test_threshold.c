/* Threshold and region growing against comparisons of real values, voxel by voxel. */
#include "hilum/segment/threshold.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

static HilumVolume *make_volume(int32_t nx, int32_t ny, int32_t nz, double slope, double intercept,
                                uint64_t seed)
{
  const HilumGrid g = hilum_grid_new(nx, ny, nz, 0.7, 0.8, 1.5);
  const size_t n = hilum_grid_count(&g);
  int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
  for (size_t v = 0; v < n; v++) {
    const uint64_t r = hilum_random_u64(seed, v);
    voxels[v] = r % 16 == 0 ? INT16_MIN : r % 16 == 1 ? INT16_MAX : (int16_t)(r >> 40 & 255);
  }
  HilumVolume *volume = hilum_volume_new_take(&g, voxels, slope, intercept, "HU", NULL);
  g_assert_nonnull(volume);
  return volume;
}

static void check_threshold(HilumVolume *volume, double lo, double hi)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = hilum_threshold(volume, lo, hi, NULL, &error);
  g_assert_no_error(error);
  const HilumGrid *g = hilum_volume_get_grid(volume);
  uint64_t n = 0;
  for (int32_t k = 0; k < g->dims[2]; k++)
    for (int32_t j = 0; j < g->dims[1]; j++)
      for (int32_t i = 0; i < g->dims[0]; i++) {
        const double value = hilum_volume_get_value(volume, (HilumVoxel){i, j, k});
        g_assert_cmpint(hilum_mask_get(mask, (HilumVoxel){i, j, k}), ==, value >= lo && value <= hi);
        n += value >= lo && value <= hi;
      }
  g_assert_cmpuint(hilum_mask_count(mask), ==, n); /* nothing in the padding */
}

static void test_threshold(void)
{
  static const int32_t widths[] = {1, 63, 64, 65, 128, 130};
  static const double maps[][2] = {{1, 0}, {1, -1024}, {0.1, 0.05}, {2.5, 7}};
  for (size_t w = 0; w < G_N_ELEMENTS(widths); w++)
    for (size_t m = 0; m < G_N_ELEMENTS(maps); m++) {
      g_autoptr(HilumVolume) v = make_volume(widths[w], 5, 9, maps[m][0], maps[m][1], w);
      const double at = maps[m][0] * 100 + maps[m][1], step = maps[m][0];
      check_threshold(v, at, at + 50 * step);
      check_threshold(v, at, at);
      check_threshold(v, at + 0.3 * step, at + 0.6 * step); /* between two steps: empty */
      check_threshold(v, -INFINITY, at);
      check_threshold(v, at, INFINITY);
      check_threshold(v, -INFINITY, INFINITY);
      check_threshold(v, 1e12, 1e13);
    }
}

static void test_refusals(void)
{
  g_autoptr(HilumVolume) v = make_volume(20, 5, 5, 1, 0, 1);
  static const double bad[][2] = {{2, 1}, {NAN, 1}, {1, NAN}};
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_threshold(v, bad[b][0], bad[b][1], NULL, &error));
    g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  }
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_threshold(v, 0, 1, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The tolerance is around the mean of the seeds' neighbourhoods, clipped at the corner of the volume. */
static void test_tolerance(void)
{
  g_autoptr(HilumVolume) v = make_volume(40, 12, 10, 0.5, 3, 5);
  const HilumVoxel seeds[2] = {{0, 0, 0}, {20, 6, 5}};
  double sum[2] = {0}, n[2] = {0}, squares = 0, mean, sd;
  for (int s = 0; s < 2; s++)
    for (int32_t k = MAX(seeds[s].k - 1, 0); k <= seeds[s].k + 1; k++)
      for (int32_t j = MAX(seeds[s].j - 1, 0); j <= seeds[s].j + 1; j++)
        for (int32_t i = MAX(seeds[s].i - 1, 0); i <= seeds[s].i + 1; i++) {
          sum[s] += hilum_volume_get_value(v, (HilumVoxel){i, j, k});
          n[s]++;
        }
  hilum_neighbourhood_stats(v, seeds[1], 1, &mean, &sd);
  g_assert_cmpfloat_with_epsilon(mean, sum[1] / 27, 1e-9 * fabs(mean) + 1e-9);
  for (int c = 0; c < 27; c++) {
    const HilumVoxel at = {19 + c % 3, 5 + c / 3 % 3, 4 + c / 9};
    squares += pow(hilum_volume_get_value(v, at) - mean, 2);
  }
  g_assert_cmpfloat_with_epsilon(sd, sqrt(squares / 27), 1e-6 * (1 + sd));

  HilumGrowOptions options = {.seeds = seeds, .n_seeds = 2, .tolerance = 1e5};
  double lo, hi;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) all = hilum_grow(v, &options, &lo, &hi, NULL, &error);
  g_assert_no_error(error);
  const double centre = (sum[0] / n[0] + sum[1] / n[1]) / 2;
  g_assert_cmpfloat_with_epsilon(lo, centre - 1e5, 1e-6);
  g_assert_cmpfloat_with_epsilon(hi, centre + 1e5, 1e-6);
  g_assert_cmpuint(hilum_mask_count(all), ==, 40 * 12 * 10);

  /* Held inside a fence that one of the seeds stands in. */
  g_autoptr(HilumMask) fence = hilum_mask_new(hilum_volume_get_grid(v)->dims, NULL);
  hilum_mask_set_span(fence, 18, 25, 6, 5);
  options.inside = fence;
  g_autoptr(HilumMask) held = hilum_grow(v, &options, NULL, NULL, NULL, &error);
  g_assert_true(hilum_mask_equal(held, fence));
  options.n_seeds = 1;
  g_assert_null(hilum_grow(v, &options, NULL, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_assert_nonnull(strstr(error->message, "(0.0, 0.0, 0.0) mm"));
}

static void test_threads(void)
{
  g_autoptr(HilumVolume) v = make_volume(100, 40, 50, 1, 0, 8);
  const HilumVoxel seed = {50, 20, 25};
  HilumGrowOptions options = {
      .seeds = &seed, .n_seeds = 1, .connectivity = HILUM_CONNECT_26, .lo = -1e5, .hi = 100};
  if (hilum_volume_get_value(v, seed) > 100) options.hi = 1e5;
  g_autoptr(HilumMask) many = hilum_grow(v, &options, NULL, NULL, NULL, NULL);
  hilum_parallel_set_threads(1);
  g_autoptr(HilumMask) one = hilum_grow(v, &options, NULL, NULL, NULL, NULL);
  hilum_parallel_set_threads(0);
  g_assert_true(hilum_mask_equal(many, one));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/threshold/values", test_threshold);
  g_test_add_func("/segment/threshold/refusals", test_refusals);
  g_test_add_func("/segment/threshold/tolerance", test_tolerance);
  g_test_add_func("/segment/threshold/threads", test_threads);
  return g_test_run();
}
