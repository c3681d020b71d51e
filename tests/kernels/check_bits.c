/* Kernels over bits and rows: every variant against the C reference, on odd sizes, misaligned rows and
 * extreme values, with guards behind what may be written. */
#include "hilum/base/cpu.h"
#include "hilum/base/random.h"
#include "hilum/kernels/bits.h"
#include "hilum/kernels/morph.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define GUARD UINT64_C(0xA5A5A5A5A5A5A5A5)

static const unsigned masks[] = {0, HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2,
                                 HILUM_CPU_SSE41 | HILUM_CPU_AVX2 | HILUM_CPU_AVX512, HILUM_CPU_NEON};
static const size_t sizes[] = {1, 2, 15, 31, 32, 33, 63, 64, 65, 96, 97, 127, 128, 129, 200, 512, 1000};

static int16_t extreme(uint64_t seed, uint64_t n, int16_t lo, int16_t hi)
{
  const int16_t values[] = {INT16_MIN,
                            INT16_MAX,
                            0,
                            -1,
                            lo,
                            hi,
                            (int16_t)(lo - (lo > INT16_MIN)),
                            (int16_t)(hi + (hi < INT16_MAX))};
  const uint64_t r = hilum_random_u64(seed, n);
  return r & 8 ? values[r & 7] : (int16_t)(r >> 16);
}

static void check_compare(const HilumBitsKernels *kernels, size_t n, size_t shift, int16_t lo, int16_t hi)
{
  /* The block ends where the values end: the address sanitizer sees a read too far. */
  int16_t *block = g_new(int16_t, n + shift), *src = block + shift;
  const size_t words = (n + 63) / 64;
  g_autofree uint64_t *dst = g_new(uint64_t, words + 1);
  for (size_t i = 0; i < n; i++)
    src[i] = extreme(n, i, lo, hi);
  for (size_t w = 0; w <= words; w++)
    dst[w] = GUARD;
  kernels->compare_i16(src, n, lo, hi, dst);
  for (size_t i = 0; i < words * 64; i++) {
    const bool expected = i < n && src[i] >= lo && src[i] <= hi;
    g_assert_cmpint((dst[i / 64] >> (i % 64)) & 1, ==, expected);
  }
  g_assert_cmphex(dst[words], ==, GUARD);
  g_free(block);
}

static void test_compare(void)
{
  static const int16_t ranges[][2] = {
      {-100, 300}, {INT16_MIN, INT16_MAX}, {INT16_MIN, -1},        {0, INT16_MAX},
      {7, 7},      {INT16_MAX, INT16_MAX}, {INT16_MIN, INT16_MIN}, {5, -5}};
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    HilumBitsKernels kernels;
    hilum_bits_kernels_init(&kernels);
    for (size_t n = 0; n < G_N_ELEMENTS(sizes); n++)
      for (size_t r = 0; r < G_N_ELEMENTS(ranges); r++)
        check_compare(&kernels, sizes[n], r % 3, ranges[r][0], ranges[r][1]);
  }
  hilum_cpu_set_mask(~0u);
}

static void test_or_rows(void)
{
  for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
    hilum_cpu_set_mask(masks[m]);
    HilumMorphKernels kernels;
    hilum_morph_kernels_init(&kernels);
    for (size_t words = 1; words < 20; words++)
      for (size_t rows = 0; rows < 5; rows++) {
        const size_t stride = words + rows % 2, total = rows * stride + 1;
        g_autofree uint64_t *src = g_new(uint64_t, words), *dst = g_new(uint64_t, total);
        g_autofree uint64_t *expected = g_new(uint64_t, total);
        for (size_t w = 0; w < words; w++)
          src[w] = hilum_random_u64(1, w);
        for (size_t w = 0; w < total; w++)
          expected[w] = dst[w] = hilum_random_u64(2, w);
        for (size_t r = 0; r < rows; r++)
          for (size_t w = 0; w < words; w++)
            expected[r * stride + w] |= src[w];
        kernels.or_rows(dst, stride, rows, src, words);
        g_assert_cmpmem(dst, total * sizeof *dst, expected, total * sizeof *dst);
      }
  }
  hilum_cpu_set_mask(~0u);
}

static void test_widen(void)
{
  static const size_t reaches[] = {0, 1, 2, 3, 5, 31, 63, 64, 65, 100, 300, 1000};
  for (size_t words = 1; words < 6; words++)
    for (size_t r = 0; r < G_N_ELEMENTS(reaches); r++)
      for (uint64_t seed = 0; seed < 8; seed++) {
        uint64_t src[6], dst[6], tmp[6], expected[6] = {0};
        const size_t n = words * 64, reach = reaches[r];
        memset(src, 0, sizeof src);
        for (uint64_t b = 0; b < 3; b++) {
          const size_t at = hilum_random_u64(seed, b) % n;
          src[at / 64] |= UINT64_C(1) << (at % 64);
          for (size_t i = at > reach ? at - reach : 0; i < n && i <= at + reach; i++)
            expected[i / 64] |= UINT64_C(1) << (i % 64);
        }
        dst[words] = tmp[words] = GUARD;
        hilum_morph_widen_row(dst, src, words, reach, tmp);
        g_assert_cmpmem(dst, words * 8, expected, words * 8);
        g_assert_true(dst[words] == GUARD && tmp[words] == GUARD);
        hilum_morph_widen_row(src, src, words, reach, tmp); /* in place */
        g_assert_cmpmem(src, words * 8, expected, words * 8);
      }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernels/bits/compare", test_compare);
  g_test_add_func("/kernels/morph/or-rows", test_or_rows);
  g_test_add_func("/kernels/morph/widen", test_widen);
  return g_test_run();
}
