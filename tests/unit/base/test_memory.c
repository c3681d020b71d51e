/* Checked sizes and large buffers. */
#include "hilum/base/error.h"
#include "hilum/base/memory.h"
#include "hilum/base/size.h"

#include <stdint.h>
#include <string.h>

static void test_size_overflow(void)
{
  size_t out = 42;
  g_assert_false(hilum_size_add(SIZE_MAX, 1, &out));
  g_assert_false(hilum_size_mul(SIZE_MAX / 2 + 1, 2, &out));
  g_assert_false(hilum_size_mul3(INT64_MAX, 2, 2, &out));
  g_assert_false(hilum_size_mul3(-1, 0, 5, &out));
  g_assert_false(hilum_size_mul3(3, 5, -1, &out));
  g_assert_cmpuint(out, ==, 42);
  g_assert_true(hilum_size_add(SIZE_MAX - 1, 1, &out));
  g_assert_cmpuint(out, ==, SIZE_MAX);
  g_assert_true(hilum_size_mul(SIZE_MAX, 1, &out));
  g_assert_cmpuint(out, ==, SIZE_MAX);
  g_assert_true(hilum_size_mul3(512, 512, 400, &out));
  g_assert_cmpuint(out, ==, 104857600);
  g_assert_true(hilum_size_mul3(0, INT64_MAX, INT64_MAX, &out));
  g_assert_cmpuint(out, ==, 0);
}

static void test_buffers(void)
{
  static const size_t sizes[] = {0, 1, 63, 4096, (size_t)9 << 20};
  for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
    g_autoptr(GError) error = NULL;
    unsigned char *zeroed = hilum_big_alloc0(sizes[s], &error);
    g_assert_no_error(error);
    g_assert_nonnull(zeroed);
    g_assert_cmpuint((uintptr_t)zeroed % 64, ==, 0);
    hilum_big_touch(zeroed, sizes[s]); /* changes nothing */
    for (size_t i = 0; i < sizes[s] + 64; i++) /* the slack may be read */
      g_assert_cmpuint(zeroed[i], ==, 0);
    memset(zeroed, 0xA5, sizes[s]);
    hilum_big_free(zeroed);

    unsigned char *raw = hilum_big_alloc(sizes[s], &error);
    g_assert_nonnull(raw);
    g_assert_cmpuint((uintptr_t)raw % 64, ==, 0);
    memset(raw, 0x5A, sizes[s]);
    hilum_big_free(raw);
  }
  hilum_big_free(NULL);
}

/* A large buffer that was freed serves the next request of its size, and zeroed means zeroed all the same. */
static void test_kept(void)
{
  static const size_t size = (size_t)40 << 20;
  for (int round = 0; round < 3; round++) {
    unsigned char *first = hilum_big_alloc(size, NULL);
    g_assert_nonnull(first);
    memset(first, 0xA5, size + 64);
    hilum_big_free(first);
    unsigned char *zeroed = hilum_big_alloc0(size - round, NULL);
    g_assert_nonnull(zeroed);
    for (size_t i = 0; i < size - (size_t)round + 64; i++)
      if (zeroed[i] != 0) g_error("byte %zu is %u", i, zeroed[i]);
    /* Two at once are two. */
    unsigned char *other = hilum_big_alloc(size, NULL);
    g_assert_nonnull(other);
    g_assert_true(other >= zeroed + size || zeroed >= other + size);
    memset(other, 1, size);
    hilum_big_free(zeroed);
    hilum_big_free(other);
    /* Larger than what is kept: not served from it. */
    unsigned char *larger = hilum_big_alloc(size + size / 2, NULL);
    memset(larger, 2, size + size / 2);
    hilum_big_free(larger);
    hilum_memory_trim();
    hilum_memory_trim();
  }
}

static void test_too_big(void)
{
  static const size_t absurd[] = {SIZE_MAX, SIZE_MAX / 2};
  for (size_t s = 0; s < G_N_ELEMENTS(absurd); s++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_big_alloc(absurd[s], &error));
    g_assert_error(error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_LIMIT);
    g_assert_null(hilum_big_alloc0(absurd[s], NULL));
  }
  g_assert_null(hilum_big_alloc(hilum_memory_budget() + 1, NULL));
  g_assert_cmpuint(hilum_memory_budget(), >, (size_t)64 << 20);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/size/overflow", test_size_overflow);
  g_test_add_func("/memory/buffers", test_buffers);
  g_test_add_func("/memory/kept", test_kept);
  g_test_add_func("/memory/too-big", test_too_big);
  return g_test_run();
}
