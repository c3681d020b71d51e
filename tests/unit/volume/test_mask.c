/* Masks at odd widths against a mask of one byte per voxel; the padding bits must stay clear. */
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/volume/error.h"
#include "hilum/volume/mask.h"

#include <string.h>

static const int32_t WIDTHS[] = {1, 2, 63, 64, 65, 127, 128, 130};
enum { NY = 5, NZ = 3 };

static HilumMask *new_mask(int32_t nx)
{
  const int32_t dims[3] = {nx, NY, NZ};
  HilumMask *mask = hilum_mask_new(dims, NULL);
  g_assert_nonnull(mask);
  return mask;
}

static size_t at(int32_t nx, int32_t i, int32_t j, int32_t k)
{
  return (size_t)((k * NY + j) * nx + i);
}

/* Same voxels as the reference, no bit beyond the row, and every question answers from that. */
static void expect(const HilumMask *mask, const uint8_t *reference)
{
  int32_t nx = mask->dims[0];
  uint64_t count = 0;
  HilumVoxelBox box = {{0, 0, 0}, {0, 0, 0}};
  for (int32_t k = 0; k < NZ; k++)
    for (int32_t j = 0; j < NY; j++) {
      g_assert_cmphex(hilum_mask_row(mask, j, k)[mask->row_words - 1] & ~hilum_mask_tail(mask), ==, 0);
      for (int32_t i = 0; i < nx; i++) {
        bool set = reference[at(nx, i, j, k)];
        g_assert_cmpint(hilum_mask_get(mask, (HilumVoxel){i, j, k}), ==, set);
        if (!set) continue;
        const int32_t v[3] = {i, j, k};
        for (int a = 0; a < 3; a++) {
          box.lo[a] = count ? MIN(box.lo[a], v[a]) : v[a];
          box.hi[a] = MAX(box.hi[a], v[a] + 1);
        }
        count++;
      }
    }
  g_assert_cmpuint(hilum_mask_count(mask), ==, count);
  HilumVoxelBox bounds = hilum_mask_bounds(mask);
  g_assert_cmpmem(&bounds, sizeof bounds, &box, sizeof box);
}

static void test_spans(void)
{
  for (size_t w = 0; w < G_N_ELEMENTS(WIDTHS); w++) {
    int32_t nx = WIDTHS[w];
    g_autoptr(HilumMask) mask = new_mask(nx);
    g_autofree uint8_t *reference = g_malloc0((size_t)nx * NY * NZ);
    expect(mask, reference);
    for (uint64_t n = 0; n < 400; n++) {
      uint64_t r = hilum_random_u64((uint64_t)nx, n);
      int32_t i0 = (int32_t)(r % (uint64_t)(nx + 8)) - 4, i1 = (int32_t)((r >> 16) % (uint64_t)(nx + 8)) - 4;
      int32_t j = (int32_t)((r >> 32) % NY), k = (int32_t)((r >> 40) % NZ);
      bool value = r >> 60 & 1;
      if (value)
        hilum_mask_set_span(mask, i0, i1, j, k);
      else
        hilum_mask_clear_span(mask, i0, i1, j, k);
      for (int32_t i = MAX(i0, 0); i < MIN(i1, nx); i++)
        reference[at(nx, i, j, k)] = value;
      if (n % 10 == 0) expect(mask, reference);
    }
    hilum_mask_set_span(mask, INT32_MIN, INT32_MAX, 2, 1);
    memset(reference + at(nx, 0, 2, 1), 1, (size_t)nx);
    expect(mask, reference);
  }
}

static void randomize(HilumMask *mask, uint8_t *reference, uint64_t seed)
{
  for (int32_t k = 0; k < NZ; k++)
    for (int32_t j = 0; j < NY; j++)
      for (int32_t i = 0; i < mask->dims[0]; i++) {
        size_t offset = at(mask->dims[0], i, j, k);
        reference[offset] = hilum_random_u64(seed, offset) & 1;
        if (reference[offset])
          hilum_mask_set(mask, (HilumVoxel){i, j, k});
        else
          hilum_mask_clear(mask, (HilumVoxel){i, j, k});
      }
}

static void test_operations(void)
{
  for (size_t w = 0; w < G_N_ELEMENTS(WIDTHS); w++) {
    int32_t nx = WIDTHS[w];
    size_t count = (size_t)nx * NY * NZ;
    g_autofree uint8_t *ra = g_malloc(count), *rb = g_malloc(count);
    g_autoptr(HilumMask) a = new_mask(nx);
    g_autoptr(HilumMask) b = new_mask(nx);
    randomize(b, rb, 2);
    expect(b, rb);
    for (int op = 0; op < 6; op++) {
      randomize(a, ra, 1);
      for (size_t v = 0; v < count; v++) {
        const uint8_t results[] = {ra[v] & rb[v], ra[v] & !rb[v], ra[v] | rb[v], !ra[v], 1, 0};
        ra[v] = results[op];
      }
      if (op == 0) hilum_mask_and(a, b);
      if (op == 1) hilum_mask_and_not(a, b);
      if (op == 2) hilum_mask_or(a, b);
      if (op == 3) hilum_mask_invert(a);
      if (op >= 4) hilum_mask_fill(a, op == 4);
      expect(a, ra);
    }
  }
}

static void test_copy_and_equal(void)
{
  g_autofree uint8_t *reference = g_malloc(65 * NY * NZ);
  g_autoptr(HilumMask) mask = new_mask(65);
  randomize(mask, reference, 3);
  g_autoptr(HilumMask) copy = hilum_mask_copy(mask, NULL);
  expect(copy, reference);
  g_assert_true(hilum_mask_equal(mask, copy));
  hilum_mask_row(copy, NY - 1, NZ - 1)[1] ^= 1; /* the very last voxel */
  g_assert_false(hilum_mask_equal(mask, copy));
}

static void test_refused(void)
{
  static const int32_t bad[][3] = {{0, 1, 1}, {1, -1, 1}, {INT32_MAX, INT32_MAX, INT32_MAX}};
  for (size_t b = 0; b < G_N_ELEMENTS(bad); b++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_mask_new(bad[b], &error));
    g_assert_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_LIMIT);
  }
}

/* Large enough for many chunks; the numbers must not depend on the threads. */
static void test_threads(void)
{
  static const unsigned threads[] = {1, 2, 7};
  const int32_t dims[3] = {1001, 333, 17};
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, NULL);
  uint64_t expected = 0;
  for (int32_t k = 2; k < 15; k++)
    for (int32_t j = 7; j < 300; j++) {
      int32_t length = (int32_t)(hilum_random_u64(9, (uint64_t)(k * 333 + j)) % 900);
      hilum_mask_set_span(mask, 50, 50 + length, j, k);
      expected += (uint64_t)length;
    }
  for (size_t t = 0; t < G_N_ELEMENTS(threads); t++) {
    hilum_parallel_set_threads(threads[t]);
    g_assert_cmpuint(hilum_mask_count(mask), ==, expected);
    hilum_mask_invert(mask);
    g_assert_cmpuint(hilum_mask_count(mask), ==, (uint64_t)1001 * 333 * 17 - expected);
    hilum_mask_invert(mask);
    HilumVoxelBox box = hilum_mask_bounds(mask);
    g_assert_true(box.lo[0] == 50 && box.lo[2] == 2 && box.hi[2] == 15 && box.hi[0] <= 950);
  }
  hilum_parallel_set_threads(0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mask/spans", test_spans);
  g_test_add_func("/mask/operations", test_operations);
  g_test_add_func("/mask/copy-and-equal", test_copy_and_equal);
  g_test_add_func("/mask/refused", test_refused);
  g_test_add_func("/mask/threads", test_threads);
  return g_test_run();
}
