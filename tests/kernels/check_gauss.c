/* Smoothing kernels: every variant against the C reference bit for bit, and the reference against plain loops
 * in double; odd sizes, misaligned rows, extreme values, guards behind what may be written. */
#include "hilum/base/cpu.h"
#include "hilum/base/random.h"
#include "hilum/kernels/gauss.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { MAX_N = 200, MAX_R = 9, TAPS = 2 * MAX_R + 1 };

static const unsigned masks[] = {0, HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2,
                                 HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512, HILUM_CPU_NEON};

static HilumGaussKernels variant(unsigned mask)
{
  HilumGaussKernels kernels;
  hilum_cpu_set_mask(mask);
  hilum_gauss_kernels_init(&kernels);
  hilum_cpu_set_mask(~0u);
  return kernels;
}

static size_t size_of(uint64_t seed)
{
  return seed < 80 ? 1 + seed : 1 + hilum_random_u64(seed, 1) % MAX_N;
}

static void test_convert(void)
{
  static const float special[] = {0,          -0.0f,    0.5f,     1.5f,      -0.5f,    -1.5f,
                                  2.4999998f, 32766.5f, 32767.5f, -32768.5f, 40000.0f, -40000.0f};
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    const HilumGaussKernels kernels = variant(masks[m]);
    for (uint64_t seed = 0; seed < 200; seed++) {
      const size_t n = size_of(seed);
      g_autofree int16_t *src = g_new(int16_t, n), *back = g_new(int16_t, n + 1);
      g_autofree float *wide = g_new(float, n + 1);
      for (size_t i = 0; i < n; i++)
        src[i] = (int16_t)hilum_random_u64(seed, i);
      wide[n] = 77;
      kernels.widen(wide, src, n);
      for (size_t i = 0; i < n; i++) {
        g_assert_cmpfloat(wide[i], ==, src[i]);
        const uint64_t r = hilum_random_u64(seed, i + 1000);
        wide[i] =
            r & 1 ? special[(r >> 1) % G_N_ELEMENTS(special)] : (float)((double)(r >> 40) / 200 - 40000);
      }
      back[n] = 0x5A5A;
      kernels.narrow(back, wide, n);
      for (size_t i = 0; i < n; i++) {
        const double nearest = nearbyint((double)wide[i]); /* ties to even */
        g_assert_cmpfloat(back[i], ==, CLAMP(nearest, -32768, 32767));
      }
      g_assert_cmpfloat(wide[n], ==, 77);
      g_assert_cmpint(back[n], ==, 0x5A5A);
    }
  }
}

/* Rows that end where their blocks end. */
typedef struct {
  size_t n, r;
  float *rows[TAPS], w[MAX_R + 1];
} Rows;

static void rows_fill(Rows *rows, uint64_t seed)
{
  rows->n = size_of(seed);
  rows->r = hilum_random_u64(seed, 2) % (MAX_R + 1);
  for (size_t t = 0; t < TAPS; t++) {
    rows->rows[t] = g_new(float, rows->n);
    for (size_t i = 0; i < rows->n; i++)
      rows->rows[t][i] = (float)(hilum_random_uniform(seed + t, i) * 65535 - 32768);
  }
  for (size_t t = 0; t <= MAX_R; t++)
    rows->w[t] = (float)hilum_random_uniform(seed, t + 5);
}

static void rows_clear(Rows *rows)
{
  for (size_t t = 0; t < TAPS; t++)
    g_free(rows->rows[t]);
}

static double plain_weigh(const Rows *rows, size_t i)
{
  double sum = 0;
  for (size_t t = 0; t <= 2 * rows->r; t++)
    sum += (double)rows->w[t > rows->r ? t - rows->r : rows->r - t] * (double)rows->rows[t][i];
  return sum;
}

static double plain_difference(float *const taps[4], double near, double far, size_t i)
{
  return near * ((double)taps[2][i] - (double)taps[1][i]) - far * ((double)taps[3][i] - (double)taps[0][i]);
}

static void check_rows(const HilumGaussKernels *reference, const HilumGaussKernels *kernels, const Rows *rows)
{
  const size_t n = rows->n;
  g_autofree float *a = g_new(float, n), *b = g_new(float, n + 1);
  b[n] = 77;
  reference->weigh(a, (const float *const *)rows->rows, rows->w, rows->r, n);
  kernels->weigh(b, (const float *const *)rows->rows, rows->w, rows->r, n);
  g_assert_cmpmem(a, n * sizeof *a, b, n * sizeof *b);
  for (size_t i = 0; i < n; i++)
    g_assert_cmpfloat(fabs((double)a[i] - plain_weigh(rows, i)), <, 0.3); /* of up to 6e5 */
  const float *taps[3][4];
  for (int t = 0; t < 12; t++)
    taps[t / 4][t % 4] = rows->rows[t];
  reference->differ(a, taps[0], 0.7f, 0.1f, n);
  kernels->differ(b, taps[0], 0.7f, 0.1f, n);
  g_assert_cmpmem(a, n * sizeof *a, b, n * sizeof *b);
  for (size_t i = 0; i < n; i++)
    g_assert_cmpfloat(fabs((double)a[i] - plain_difference(rows->rows, 0.7, 0.1, i)), <, 0.05);
  const float near[3] = {0.7f, 0.5f, 0.2f}, far[3] = {0.1f, 0, 0.05f};
  reference->magnitude(a, taps, near, far, n);
  kernels->magnitude(b, taps, near, far, n);
  g_assert_cmpmem(a, n * sizeof *a, b, n * sizeof *b);
  for (size_t i = 0; i < n; i++) {
    double square = 0;
    for (int axis = 0; axis < 3; axis++) {
      const double d = plain_difference(rows->rows + 4 * axis, (double)near[axis], (double)far[axis], i);
      square += d * d;
    }
    g_assert_cmpfloat(fabs((double)a[i] - sqrt(square)), <, 0.1);
  }
  g_assert_cmpfloat(b[n], ==, 77);
}

/* One row that ends where its block ends, against the reference of shifted rows. */
static void check_along(const HilumGaussKernels *reference, const HilumGaussKernels *kernels, uint64_t seed)
{
  const size_t n = size_of(seed), r = hilum_random_u64(seed, 2) % 20;
  g_autofree float *src = g_new(float, n + 2 * r), *a = g_new(float, n), *b = g_new(float, n + 1);
  float w[20];
  const float *rows[41];
  for (size_t i = 0; i < n + 2 * r; i++)
    src[i] = (float)(hilum_random_uniform(seed, i) * 65535 - 32768);
  for (size_t t = 0; t < 20; t++)
    w[t] = (float)hilum_random_uniform(seed + 1, t);
  for (size_t t = 0; t <= 2 * r; t++)
    rows[t] = src + t;
  b[n] = 77;
  reference->weigh(a, rows, w, r, n);
  kernels->weigh_along(b, src, w, r, n);
  g_assert_cmpmem(a, n * sizeof *a, b, n * sizeof *b);
  g_assert_cmpfloat(b[n], ==, 77);
}

static void test_rows(void)
{
  const HilumGaussKernels reference = variant(0);
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    const HilumGaussKernels kernels = variant(masks[m]);
    for (uint64_t seed = 0; seed < 250; seed++) {
      Rows rows;
      rows_fill(&rows, seed);
      check_rows(&reference, &kernels, &rows);
      check_along(&reference, &kernels, seed);
      rows_clear(&rows);
    }
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernels/gauss/convert", test_convert);
  g_test_add_func("/kernels/gauss/rows", test_rows);
  return g_test_run();
}
