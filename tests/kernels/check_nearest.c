/* Nearest-triangle kernels: every variant against the C reference, bit for bit, and the reference against the
 * nearest point of a raster over the triangle. */
#include "hilum/base/cpu.h"
#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/kernels/nearest.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define LANES HILUM_NEAREST_LANES
enum { BLOCKS = 5, N = BLOCKS * LANES };

static const unsigned masks[] = {HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2,
                                 HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512, HILUM_CPU_NEON};

/* Fair ones, slivers, segments, points, tiny and very large ones. */
static void random_triangle(uint64_t seed, double corner[3][3])
{
  const double size = (double[]){1, 1, 1e-20, 1e18}[hilum_random_u64(seed, 90) % 4];
  for (uint64_t c = 0; c < 3; c++)
    for (uint64_t k = 0; k < 3; k++)
      corner[c][k] = (double)(float)(size * (hilum_random_uniform(seed, 3 * c + k) - 0.5));
  switch (hilum_random_u64(seed, 91) % 6) {
  case 0: /* in one line, or nearly so once rounded */
    for (int k = 0; k < 3; k++)
      corner[2][k] = (double)(float)(0.3 * corner[0][k] + 0.7 * corner[1][k]);
    break;
  case 1:
    memcpy(corner[2], corner[1], sizeof corner[2]);
    break;
  case 2:
    memcpy(corner[1], corner[0], sizeof corner[1]);
    memcpy(corner[2], corner[0], sizeof corner[2]);
    break;
  default:
    break;
  }
}

static void set_lane(HilumNearestBlock *block, size_t lane, double corner[3][3])
{
  for (int k = 0; k < 3; k++) {
    block->a[k][lane] = corner[0][k];
    block->ab[k][lane] = corner[1][k];
    block->ac[k][lane] = corner[2][k];
  }
}

static HilumNearestBlock *random_blocks(uint64_t seed)
{
  HilumNearestBlock *blocks = hilum_big_alloc(BLOCKS * sizeof *blocks, NULL);
  for (unsigned i = 0; i < N; i++) {
    double corner[3][3];
    random_triangle(100 * seed + i, corner);
    set_lane(&blocks[i / LANES], i % LANES, corner);
  }
  return blocks;
}

static void test_variants(void)
{
  static double a[N + LANES] __attribute__((aligned(64))), b[N + LANES] __attribute__((aligned(64)));
  hilum_cpu_set_mask(0);
  HilumNearestKernels reference, kernels;
  hilum_nearest_kernels_init(&reference);
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    hilum_nearest_kernels_init(&kernels);
    for (uint64_t seed = 0; seed < 400; seed++) {
      HilumNearestBlock *blocks = random_blocks(seed), *same = random_blocks(seed);
      reference.finish(blocks, BLOCKS);
      kernels.finish(same, BLOCKS);
      g_assert_cmpmem(blocks, BLOCKS * sizeof *blocks, same, BLOCKS * sizeof *same);
      const size_t n = seed % (BLOCKS + 1);
      double p[3];
      for (uint64_t k = 0; k < 3; k++)
        p[k] = (seed % 3 ? 1 : 1e10) * (hilum_random_uniform(seed, 200 + k) - 0.5);
      memset(a, 0x55, sizeof a);
      memset(b, 0x55, sizeof b);
      const double x = reference.distances2(blocks, n, p, a), y = kernels.distances2(blocks, n, p, b);
      g_assert_cmpmem(a, sizeof a, b, sizeof b); /* nothing beyond written either */
      g_assert_cmpmem(&x, sizeof x, &y, sizeof y);
      const double u = reference.least_greatest(a, a + LANES, a + 2 * LANES, N - 2 * LANES),
                   v = kernels.least_greatest(a, a + LANES, a + 2 * LANES, N - 2 * LANES);
      g_assert_cmpmem(&u, sizeof u, &v, sizeof v);
      hilum_big_free(blocks);
      hilum_big_free(same);
    }
  }
  hilum_cpu_set_mask(~0u);
}

static double to_raster(const double p[3], double c[3][3])
{
  enum { STEPS = 200 };
  double least = INFINITY;
  for (int i = 0; i <= STEPS; i++)
    for (int j = 0; i + j <= STEPS; j++) {
      double sum = 0;
      for (int k = 0; k < 3; k++) {
        const double d = c[0][k] + (i * (c[1][k] - c[0][k]) + j * (c[2][k] - c[0][k])) / STEPS - p[k];
        sum += d * d;
      }
      least = fmin(least, sum);
    }
  return sqrt(least);
}

/* No raster point is nearer, and one is hardly farther. */
static void test_definition(void)
{
  HilumNearestKernels kernels;
  hilum_nearest_kernels_init(&kernels);
  HilumNearestBlock *block = hilum_big_alloc(sizeof *block, NULL);
  static double d2[LANES] __attribute__((aligned(64)));
  int tested = 0;
  for (uint64_t seed = 0; tested < 300; seed++) {
    double corner[3][3], p[3];
    random_triangle(seed, corner);
    if (hilum_random_u64(seed, 90) % 4 > 1) continue; /* a size of 1 */
    for (uint64_t k = 0; k < 3; k++)
      p[k] = 2 * hilum_random_uniform(seed, 300 + k) - 1;
    memset(block, 0, sizeof *block);
    set_lane(block, seed % LANES, corner);
    kernels.finish(block, 1);
    kernels.distances2(block, 1, p, d2);
    const double d = sqrt(d2[seed % LANES]), raster = to_raster(p, corner);
    g_assert_cmpfloat(d, <=, raster + 1e-12);
    g_assert_cmpfloat(raster, <=, d + 0.01);
    tested++;
  }
  hilum_big_free(block);
}

static void test_least_greatest(void)
{
  static double a[LANES] __attribute__((aligned(64))) = {9, 1, 5, 9, 9, 9, 9, 9};
  static double b[LANES] __attribute__((aligned(64))) = {9, 8, 2, 9, 9, 9, 9, INFINITY};
  static double c[LANES] __attribute__((aligned(64))) = {9, 1, 3, 9, 9, 9, 9, 0};
  HilumNearestKernels kernels;
  hilum_nearest_kernels_init(&kernels);
  g_assert_cmpfloat(kernels.least_greatest(a, b, c, LANES), ==, 5);
  g_assert_cmpfloat(kernels.least_greatest(a, b, c, 0), ==, INFINITY);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernels/nearest/variants", test_variants);
  g_test_add_func("/kernels/nearest/definition", test_definition);
  g_test_add_func("/kernels/nearest/least-greatest", test_least_greatest);
  return g_test_run();
}
