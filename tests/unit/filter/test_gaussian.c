/* Gaussian smoothing and gradient of a volume against sums in double over every voxel in reach. */
#include "hilum/filter/gaussian.h"

#include "grey.h"
#include "hilum/filter/error.h"
#include "hilum/filter/gradient.h"

#include <math.h>

/* Stored value of the Gaussian at a voxel, which may lie beyond the border. */
static double brute_gaussian(const HilumVolume *v, int32_t i, int32_t j, int32_t k, double sigma_mm,
                             double reach)
{
  const double *s = hilum_volume_get_grid(v)->spacing_mm;
  int32_t r[3];
  for (int a = 0; a < 3; a++)
    r[a] = (int32_t)ceil(reach * sigma_mm / s[a]);
  double sum = 0, weight = 0;
  for (int32_t dk = -r[2]; dk <= r[2]; dk++)
    for (int32_t dj = -r[1]; dj <= r[1]; dj++)
      for (int32_t di = -r[0]; di <= r[0]; di++) {
        const double x = di * s[0], y = dj * s[1], z = dk * s[2];
        const double w = exp(-0.5 * (x * x + y * y + z * z) / (sigma_mm * sigma_mm));
        weight += w;
        sum += w * grey_at(v, i + di, j + dj, k + dk);
      }
  return sum / weight;
}

static void check_gaussian(const HilumVolume *volume, double sigma, uint64_t seed)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) out = hilum_volume_gaussian(volume, sigma, NULL, &error);
  g_assert_no_error(error);
  const HilumGrid *g = hilum_volume_get_grid(out);
  g_assert_true(hilum_grid_equal(g, hilum_volume_get_grid(volume), 0));
  g_assert_cmpfloat(hilum_volume_get_slope(out), ==, hilum_volume_get_slope(volume));
  g_assert_cmpfloat(hilum_volume_get_intercept(out), ==, hilum_volume_get_intercept(volume));
  for (uint64_t n = 0; n < 60; n++) { /* corners first */
    const uint64_t r = n < 8 ? 0 : hilum_random_u64(seed, n);
    int32_t at[3];
    for (int a = 0; a < 3; a++)
      at[a] = n < 8 ? (n >> a & 1 ? g->dims[a] - 1 : 0) : (int32_t)((r >> (20 * a)) % (uint64_t)g->dims[a]);
    const double exact = brute_gaussian(volume, at[0], at[1], at[2], sigma, 4);
    g_assert_cmpfloat(fabs(grey_at(out, at[0], at[1], at[2]) - exact), <, 0.52);
  }
}

static void test_brute(void)
{
  static const double sigmas[] = {0.3, 0.9, 2.1};
  for (size_t d = 0; d < G_N_ELEMENTS(grey_dims); d++)
    for (size_t s = 0; s < G_N_ELEMENTS(sigmas); s++) {
      const uint64_t seed = d * 3 + s;
      g_autoptr(HilumVolume) volume =
          grey_volume(grey_dims[d], grey_spacings[(d + s) % 3], 0.5, 12, grey_noise, &seed);
      check_gaussian(volume, sigmas[s], seed);
    }
}

static double constant(int32_t i, int32_t j, int32_t k, const void *data)
{
  return *(const double *)data;
}

static double impulse(int32_t i, int32_t j, int32_t k, const void *data)
{
  return i == 30 && j == 20 && k == 20 ? 32000 : 0;
}

static double step(int32_t i, int32_t j, int32_t k, const void *data)
{
  return i < 30 ? 1000 : -1000;
}

static void test_shapes(void)
{
  const int32_t dims[3] = {61, 41, 41};
  const double s[3] = {0.7, 0.7, 0.8};
  static const double extremes[] = {-32768, 32767, -1000, 0};
  for (size_t e = 0; e < G_N_ELEMENTS(extremes); e++) { /* what is constant stays, whatever the rounding */
    g_autoptr(HilumVolume) flat = grey_volume(dims, s, 1, 0, constant, &extremes[e]);
    g_autoptr(HilumVolume) out = hilum_volume_gaussian(flat, 2.2, NULL, NULL);
    double lo, hi;
    hilum_volume_get_range(out, &lo, &hi);
    g_assert_cmpfloat(lo, ==, extremes[e]);
    g_assert_cmpfloat(hi, ==, extremes[e]);
  }
  g_autoptr(HilumVolume) point = grey_volume(dims, s, 1, 0, impulse, NULL);
  g_autoptr(HilumVolume) out = hilum_volume_gaussian(point, 1, NULL, NULL);
  const double peak = 32000 * 0.7 * 0.7 * 0.8 / pow(2 * G_PI, 1.5);
  for (int32_t d = 0; d < 5; d++) /* the Gaussian itself, the same on both sides */
    for (int side = -1; side < 2; side += 2) {
      const double x = d * 0.7, z = d * 0.8;
      g_assert_cmpfloat(fabs(grey_at(out, 30 + side * d, 20, 20) - peak * exp(-0.5 * x * x)), <, 2);
      g_assert_cmpfloat(fabs(grey_at(out, 30, 20, 20 + side * d) - peak * exp(-0.5 * z * z)), <, 2);
    }
  g_autoptr(HilumVolume) wall = grey_volume(dims, s, 1, 0, step, NULL);
  g_autoptr(HilumVolume) soft = hilum_volume_gaussian(wall, 1.4, NULL, NULL);
  for (int32_t i = 0; i < 61; i++) { /* the error function; odd about the wall */
    const double x = (i - 29.5) * 0.7;
    g_assert_cmpfloat(fabs(grey_at(soft, i, 20, 20) + 1000 * erf(x / (1.4 * sqrt(2)))), <, 8);
    if (i < 60) g_assert_cmpfloat(grey_at(soft, i, 20, 20), ==, -grey_at(soft, 59 - i, 20, 20));
  }
  g_autoptr(HilumVolume) same = hilum_volume_gaussian(point, 0, NULL, NULL);
  g_assert_cmpmem(hilum_volume_get_voxels(same), 61 * 41 * 41 * 2, hilum_volume_get_voxels(point),
                  61 * 41 * 41 * 2);
}

/* --- gradient --- */

static double ramp(int32_t i, int32_t j, int32_t k, const void *data)
{
  return 3 * i - 5 * j + 8 * k - 100;
}

static void test_ramp(void)
{
  static const int32_t dims[][3] = {{70, 33, 21}, {70, 1, 21}, {1, 5, 1}, {2, 2, 2}, {1, 1, 1}, {600, 3, 2}};
  const double s[3] = {0.7, 0.8, 2.5}, slopes[3] = {3, -5, 8};
  for (size_t d = 0; d < G_N_ELEMENTS(dims); d++) {
    g_autoptr(HilumVolume) volume = grey_volume(dims[d], s, 0.5, 0, ramp, NULL);
    double square = 0;
    for (int a = 0; a < 3; a++)
      if (dims[d][a] > 1) square += pow(0.5 * slopes[a] / s[a], 2);
    float *out = hilum_volume_gradient(volume, 0, NULL, NULL);
    const size_t count = hilum_grid_count(hilum_volume_get_grid(volume));
    for (size_t v = 0; v < count; v++) /* to the border */
      g_assert_cmpfloat(fabs((double)out[v] - sqrt(square)), <=, 1e-6 * sqrt(square));
    hilum_big_free(out);
  }
  g_autoptr(HilumVolume) volume = grey_volume(dims[0], s, 0.5, 0, ramp, NULL);
  float *out = hilum_volume_gradient(volume, 0.9, NULL, NULL); /* as far as the border cannot reach */
  const HilumGrid *g = hilum_volume_get_grid(volume);
  for (int32_t i = 9; i < 61; i++) {
    const double exact = 0.5 * sqrt(pow(3 / 0.7, 2) + pow(5 / 0.8, 2) + pow(8 / 2.5, 2));
    const size_t at = hilum_grid_offset(g, (HilumVoxel){i, 16, 10});
    g_assert_cmpfloat(fabs((double)out[at] - exact), <, 1e-3);
  }
  hilum_big_free(out);
}

/* Brute differences of the brute Gaussian, which goes on beyond the border. */
static void test_gradient_brute(void)
{
  const uint64_t seed = 11;
  const double *s = grey_spacings[2], sigma = 0.8;
  const int32_t dims[3] = {21, 18, 7};
  g_autoptr(HilumVolume) volume = grey_volume(dims, s, 1, 0, grey_noise, &seed);
  float *out = hilum_volume_gradient(volume, sigma, NULL, NULL);
  for (uint64_t n = 0; n < 40; n++) {
    const int32_t i = n < 8 ? (int32_t)(n & 1) * 20 : (int32_t)(hilum_random_u64(1, n) % 21);
    const int32_t j = n < 8 ? (int32_t)(n >> 1 & 1) * 17 : (int32_t)(hilum_random_u64(2, n) % 18);
    const int32_t k = n < 8 ? (int32_t)(n >> 2 & 1) * 6 : (int32_t)(hilum_random_u64(3, n) % 7);
    double square = 0;
    for (int a = 0; a < 3; a++) {
      double f[5];
      for (int t = -2; t <= 2; t++)
        f[t + 2] = brute_gaussian(volume, i + t * (a == 0), j + t * (a == 1), k + t * (a == 2), sigma, 5);
      const double d = (8 * (f[3] - f[1]) - (f[4] - f[0])) / (12 * s[a]);
      square += d * d;
    }
    const double got = (double)out[((size_t)k * 18 + (size_t)j) * 21 + (size_t)i];
    g_assert_cmpfloat(fabs(got - sqrt(square)), <, 0.05);
  }
  hilum_big_free(out);
}

static void *run_gaussian(const HilumVolume *volume, const HilumProgress *progress, size_t *bytes,
                          GError **error)
{
  return grey_bytes(hilum_volume_gaussian(volume, 1.3, progress, error), bytes);
}

static void *run_gradient(const HilumVolume *volume, const HilumProgress *progress, size_t *bytes,
                          GError **error)
{
  *bytes = hilum_grid_count(hilum_volume_get_grid(volume)) * sizeof(float);
  return hilum_volume_gradient(volume, 1.3, progress, error);
}

static void test_same(void)
{
  const int32_t dims[3] = {530, 50, 13}; /* more than a tile along x and y */
  const uint64_t seed = 6;
  g_autoptr(HilumVolume) volume = grey_volume(dims, grey_spacings[1], 1, 0, grey_noise, &seed);
  grey_check_same(volume, run_gaussian);
  grey_check_cancel(volume, run_gaussian);
  grey_check_same(volume, run_gradient);
  grey_check_cancel(volume, run_gradient);
}

static void test_refusals(void)
{
  static const double bad[] = {-1, NAN, INFINITY, 101};
  const double zero = 0;
  g_autoptr(HilumVolume) volume = grey_volume(grey_dims[0], grey_spacings[0], 1, 0, constant, &zero);
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_volume_gaussian(volume, bad[b], NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_null(hilum_volume_gradient(volume, bad[b], NULL, &error));
    g_assert_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/gaussian/brute", test_brute);
  g_test_add_func("/filter/gaussian/shapes", test_shapes);
  g_test_add_func("/filter/gradient/ramp", test_ramp);
  g_test_add_func("/filter/gradient/brute", test_gradient_brute);
  g_test_add_func("/filter/gaussian/same", test_same);
  g_test_add_func("/filter/gaussian/refusals", test_refusals);
  return g_test_run();
}
