/* Distance kernels: every variant against the C reference, bit for bit. */
#include "hilum/base/cpu.h"
#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/kernels/edt.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define LANES HILUM_EDT_LANES
#define MAX_ROWS 140

static const unsigned masks[] = {HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2,
                                 HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512, HILUM_CPU_NEON};

static void fill(float *v, size_t n, uint64_t seed)
{
  for (size_t i = 0; i < n; i++) {
    const uint64_t r = hilum_random_u64(seed, i);
    v[i] = r & 3 ? (float)(r >> 40) * 0.01f : r & 4 ? INFINITY : 0;
    if (seed % 5 == 4 && i % LANES < 5) v[i] = INFINITY; /* lanes with nothing to find */
  }
}

/* Values of both sides, either zero among them; from time to time all of one. */
static void fill_sides(float *v, size_t n, uint64_t seed)
{
  fill(v, n, seed);
  for (size_t i = 0; i < n; i++)
    if (seed % 7 == 6 || (seed % 7 != 5 && hilum_random_u64(seed + 1, i) & 1)) v[i] = -v[i];
}

static void test_look_from(void)
{
  enum { ROWS = 9 };
  hilum_cpu_set_mask(0);
  HilumEdtKernels reference;
  hilum_edt_kernels_init(&reference);
  static float tile[ROWS * LANES] __attribute__((aligned(64))), a[ROWS * LANES] __attribute__((aligned(64))),
      b[ROWS * LANES] __attribute__((aligned(64)));
  int nobody = 0;
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    HilumEdtKernels kernels;
    hilum_edt_kernels_init(&kernels);
    for (uint64_t seed = 0; seed < 300; seed++) {
      const float sign = seed & 1 ? -1.0f : 1.0f;
      uint32_t firsts[2] = {77, 77}, lasts[2] = {77, 77};
      for (size_t y = 0; y < ROWS; y++) /* rows of one side at either end */
        fill_sides(tile + y * LANES, LANES, y < seed % 4 || y > 6 ? 7 * (seed + y) + 5 + seed % 2 : seed + y);
      const bool any = reference.look_from(sign, tile, ROWS, a, &firsts[0], &lasts[0]);
      g_assert_cmpint(kernels.look_from(sign, tile, ROWS, b, &firsts[1], &lasts[1]), ==, any);
      g_assert_cmpmem(a, sizeof a, b, sizeof b);
      g_assert_cmpuint(firsts[0], ==, firsts[1]);
      g_assert_cmpuint(lasts[0], ==, lasts[1]);
      for (size_t y = 0; y < ROWS; y++)
        fill_sides(tile + y * LANES, LANES, 7 * y + (sign > 0 ? 6 : 5));
      nobody += !kernels.look_from(sign, tile, ROWS, b, &firsts[1], &lasts[1]);
      g_assert_cmpuint(firsts[0], ==, firsts[1]); /* not written */
    }
  }
  g_assert_cmpint(nobody, ==, 300 * (int)G_N_ELEMENTS(masks));
  hilum_cpu_set_mask(~0u);
}

static void test_row_minimum(void)
{
  hilum_cpu_set_mask(0);
  HilumEdtKernels reference;
  hilum_edt_kernels_init(&reference);
  float *g = hilum_big_alloc(MAX_ROWS * LANES * sizeof *g, NULL);
  float squares[MAX_ROWS];
  for (int i = 0; i < MAX_ROWS; i++)
    squares[i] = (float)(i * 0.7 * (i * 0.7));
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    HilumEdtKernels kernels;
    hilum_edt_kernels_init(&kernels);
    for (uint64_t seed = 0; seed < 300; seed++) {
      fill(g, MAX_ROWS * LANES, seed);
      uint32_t y = (uint32_t)(hilum_random_u64(seed, 1) % MAX_ROWS),
               lo = (uint32_t)(hilum_random_u64(seed, 2) % MAX_ROWS);
      uint32_t hi = lo + (uint32_t)(hilum_random_u64(seed, 3) % (MAX_ROWS - lo)), la, ha, lb, hb;
      float a[LANES] __attribute__((aligned(64))), b[LANES] __attribute__((aligned(64)));
      const float sign = seed & 1 ? -1.0f : 1.0f;
      fill_sides(a, LANES, seed);
      memcpy(b, a, sizeof b);
      reference.row_minimum(g, y, lo, hi, squares, sign, a, &la, &ha);
      kernels.row_minimum(g, y, lo, hi, squares, sign, b, &lb, &hb);
      g_assert_cmpmem(a, sizeof a, b, sizeof b);
      g_assert_cmpuint(la, ==, lb);
      g_assert_cmpuint(ha, ==, hb);
    }
  }
  hilum_cpu_set_mask(~0u);
  hilum_big_free(g);
}

static void test_root(void)
{
  static const float special[LANES] = {0,      -0.0f,   INFINITY, -INFINITY, 1,  -1, 4, -4,
                                       1e-38f, -1e-38f, 3e38f,    2,         -2, 3,  5, 0.1f};
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    HilumEdtKernels kernels;
    hilum_edt_kernels_init(&kernels);
    float v[LANES] __attribute__((aligned(64)));
    memcpy(v, special, sizeof v);
    kernels.signed_root(v, LANES);
    for (int l = 0; l < LANES; l++) {
      const float expected = copysignf(sqrtf(fabsf(special[l])), special[l]);
      g_assert_cmpmem(&v[l], sizeof v[l], &expected, sizeof expected);
    }
  }
  hilum_cpu_set_mask(~0u);
}

/* Whole tiles against the definition: the minimum over all rows, for both sides. */
static void test_tile(void)
{
  float *tile = hilum_big_alloc(MAX_ROWS * LANES * sizeof *tile, NULL);
  float *scratch = hilum_big_alloc(hilum_edt_scratch(MAX_ROWS) * sizeof *scratch, NULL);
  g_autofree float *before = g_new(float, MAX_ROWS *LANES);
  float squares[MAX_ROWS];
  for (int i = 0; i < MAX_ROWS; i++)
    squares[i] = (float)(i * i);
  HilumEdtKernels kernels;
  hilum_edt_kernels_init(&kernels);
  for (uint64_t seed = 0; seed < 60; seed++) {
    const uint32_t n = 1 + (uint32_t)(hilum_random_u64(seed, 0) % MAX_ROWS);
    for (size_t v = 0; v < n * LANES; v++) {
      const uint64_t r = hilum_random_u64(seed, v + 1);
      tile[v] = (float)(r >> 50) * ((r & 7) < seed % 8 ? -1.0f : 1.0f);
      if (tile[v] == 0) tile[v] = 1;
    }
    memcpy(before, tile, n * LANES * sizeof *tile);
    hilum_edt_column_tile(&kernels, tile, n, 0, n, squares, scratch);
    for (size_t v = 0; v < n * LANES; v++) {
      const size_t y = v / LANES, lane = v % LANES;
      const float side = before[v] < 0 ? -1.0f : 1.0f;
      float best = INFINITY;
      for (size_t row = 0; row < n; row++) {
        const float g = before[row * LANES + lane] * side;
        best = fminf(best, (g > 0 ? g : 0) + squares[row < y ? y - row : row - y]);
      }
      g_assert_cmpfloat(tile[v], ==, side * best);
    }
  }
  hilum_big_free(tile);
  hilum_big_free(scratch);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernels/edt/look-from", test_look_from);
  g_test_add_func("/kernels/edt/row-minimum", test_row_minimum);
  g_test_add_func("/kernels/edt/root", test_root);
  g_test_add_func("/kernels/edt/tile", test_tile);
  return g_test_run();
}
