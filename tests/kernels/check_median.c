/* Median kernels: every variant against sorting, on odd sizes, misaligned rows, ties and extreme values, in
 * blocks that end where the values end. */
#include "hilum/base/cpu.h"
#include "hilum/base/random.h"
#include "hilum/kernels/median.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define GUARD ((int16_t)0x5A5A)

static const unsigned masks[] = {0, HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2,
                                 HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512, HILUM_CPU_NEON};
static const size_t sizes[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 512, 513};

/* Noise, few different values, only extremes, only 0 and 1 (a network that sorts those sorts everything). */
static int16_t value(uint64_t seed, uint64_t n)
{
  const uint64_t r = hilum_random_u64(seed, n);
  switch (seed % 4) {
  case 0:
    return (int16_t)r;
  case 1:
    return (int16_t)(r % 5);
  case 2:
    return r & 1 ? INT16_MAX : INT16_MIN;
  default:
    return (int16_t)(r % 100 < 48);
  }
}

static int compare(const void *pa, const void *pb)
{
  const int16_t *a = pa, *b = pb;
  return *a < *b ? -1 : *a > *b;
}

/* Nine rows of n, sorted in threes; the guards behind the rows of the result stay. */
static int16_t *check_sort3(const HilumMedianKernels *kernels, size_t n, uint64_t seed, int16_t *source[9])
{
  int16_t *block = g_new(int16_t, 9 * (n + 1));
  for (size_t v = 0; v < 9 * (n + 1); v++)
    block[v] = GUARD;
  for (size_t y = 0; y < 3; y++) {
    int16_t *at = block + 3 * y * (n + 1);
    int16_t *const sorted[3] = {at, at + n + 1, at + 2 * (n + 1)};
    kernels->sort3(source[3 * y], source[3 * y + 1], source[3 * y + 2], n, sorted);
    for (size_t i = 0; i < n; i++) {
      int16_t three[3] = {source[3 * y][i], source[3 * y + 1][i], source[3 * y + 2][i]};
      qsort(three, 3, sizeof *three, compare);
      for (size_t r = 0; r < 3; r++)
        g_assert_cmpint(sorted[r][i], ==, three[r]);
    }
    for (size_t r = 0; r < 3; r++)
      g_assert_cmpint(sorted[r][n], ==, GUARD);
  }
  return block;
}

static void check_median27(const HilumMedianKernels *kernels, size_t n, int16_t *block, int16_t *source[9])
{
  const int16_t *columns[9];
  for (size_t c = 0; c < 9; c++)
    columns[c] = block + c * (n + 1);
  int16_t *scratch = g_new(int16_t, hilum_median_scratch(n)), *dst = g_new(int16_t, n + 1);
  dst[n] = GUARD;
  kernels->median27(columns, n, scratch, dst);
  for (size_t i = 0; i < n; i++) {
    int16_t all[27];
    for (size_t v = 0; v < 27; v++) {
      const size_t x = i + v % 3; /* one too many */
      all[v] = source[v / 3][x == 0 ? 0 : x > n ? n - 1 : x - 1];
    }
    qsort(all, 27, sizeof *all, compare);
    g_assert_cmpint(dst[i], ==, all[13]);
  }
  g_assert_cmpint(dst[n], ==, GUARD);
  g_free(scratch);
  g_free(dst);
}

static void test_median(void)
{
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    HilumMedianKernels kernels;
    hilum_median_kernels_init(&kernels);
    for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++)
      for (uint64_t seed = 0; seed < 24; seed++) {
        const size_t n = sizes[s], shift = seed % 3;
        int16_t *blocks[9], *source[9];
        for (size_t r = 0; r < 9; r++) {
          blocks[r] = g_new(int16_t, n + shift);
          source[r] = blocks[r] + shift;
          for (size_t i = 0; i < n; i++)
            source[r][i] = value(seed, r * n + i);
        }
        int16_t *sorted = check_sort3(&kernels, n, seed, source);
        check_median27(&kernels, n, sorted, source);
        g_free(sorted);
        for (size_t r = 0; r < 9; r++)
          g_free(blocks[r]);
      }
  }
  hilum_cpu_set_mask(~0u);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernels/median", test_median);
  return g_test_run();
}
