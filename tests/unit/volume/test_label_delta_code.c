/* Deltas as bytes: what is coded comes back and does the same; what is damaged does not come back. */
#include "hilum/base/random.h"
#include "hilum/volume/error.h"
#include "hilum/volume/label_map.h"

#include <string.h>

enum { NX = 101, NY = 45, NZ = 67 };

static HilumLabelDelta *random_delta(HilumLabelMap *map, uint64_t seed)
{
  const int32_t dims[3] = {NX, NY, NZ};
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, NULL);
  const int r = 3 + (int)(hilum_random_u64(seed, 0) % 40);
  const int ci = (int)(hilum_random_u64(seed, 1) % NX), cj = (int)(hilum_random_u64(seed, 2) % NY);
  for (int k = 0; k < NZ; k++)
    for (int j = MAX(0, cj - r); j < MIN(NY, cj + r); j++)
      hilum_mask_set_span(mask, MAX(0, ci - r), MIN(NX, ci + r - (j + k) % 3), j, k);
  HilumLabelWrite write = {.label = (uint8_t)(1 + hilum_random_u64(seed, 3) % 4),
                           .mode = hilum_random_u64(seed, 4) % 3 ? HILUM_LABEL_ADD : HILUM_LABEL_REMOVE};
  g_autoptr(HilumLabelSnapshot) base = hilum_label_map_snapshot(map);
  return hilum_label_delta_new_from_mask(base, mask, NULL, &write, NULL, NULL);
}

static char *hash(HilumLabelMap *map)
{
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_map_snapshot(map);
  return hilum_label_snapshot_hash(labels);
}

static void test_round_trip(void)
{
  const HilumGrid grid = hilum_grid_new(NX, NY, NZ, 0.7, 0.7, 1);
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL), other = hilum_label_map_new(&grid, NULL);
  for (uint64_t seed = 0; seed < 30; seed++) {
    g_autoptr(HilumLabelDelta) delta = random_delta(map, seed);
    g_autoptr(GByteArray) code = g_byte_array_new(), twice = g_byte_array_new();
    hilum_label_delta_encode(delta, code);
    g_autoptr(HilumLabelDelta) back = hilum_label_delta_decode(grid.dims, code->data, code->len, NULL);
    g_assert_nonnull(back);
    hilum_label_delta_encode(back, twice);
    g_assert_cmpmem(code->data, code->len, twice->data, twice->len);
    g_assert_cmpuint(hilum_label_delta_get_changed(delta), ==, hilum_label_delta_get_changed(back));
    g_assert_true(hilum_label_map_apply(map, delta, true));
    g_assert_true(hilum_label_map_apply(other, back, true));
    g_autofree char *a = hash(map), *b = hash(other);
    g_assert_cmpstr(a, ==, b);
    for (int l = 0; l < HILUM_LABEL_COUNT; l++)
      g_assert_cmpuint(hilum_label_map_count(map, (uint8_t)l), ==, hilum_label_map_count(other, (uint8_t)l));
    if (seed % 3) continue;
    g_assert_true(hilum_label_map_apply(map, delta, false));
    g_assert_true(hilum_label_map_apply(other, back, false));
  }
}

static void test_damaged(void)
{
  const HilumGrid grid = hilum_grid_new(NX, NY, NZ, 0.7, 0.7, 1);
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelDelta) delta = random_delta(map, 5);
  g_autoptr(GByteArray) code = g_byte_array_new();
  hilum_label_delta_encode(delta, code);
  for (guint cut = 0; cut < code->len; cut += 1 + cut / 50) {
    g_autofree guint8 *copy = cut ? g_memdup2(code->data, cut) : g_malloc(1);
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_label_delta_decode(grid.dims, copy, cut, &error));
    g_assert_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID);
  }
  guint refused = 0;
  for (uint64_t n = 0; n < 2000; n++) {
    g_autofree guint8 *copy = g_memdup2(code->data, code->len);
    copy[hilum_random_u64(9, n) % code->len] ^= (guint8)(1 << n % 8);
    g_autoptr(HilumLabelDelta) bad = hilum_label_delta_decode(grid.dims, copy, code->len, NULL);
    refused += !bad;
    if (bad && hilum_label_map_apply(map, bad, true)) /* another change, but one that can be taken back */
      g_assert_true(hilum_label_map_apply(map, bad, false));
  }
  g_assert_cmpuint(refused, >, 200);
}

/* Labels in the part of a brick that lies beyond the grid. */
static void test_padding(void)
{
  const int32_t dims[3] = {33, 32, 32};
  static const guint8 code[] = {33, 0, 0, 0, 32, 0, 0, 0, 32, 0, 0, 0,    1,    0, 0, 0,    1,    0,
                                0,  0, 4, 0, 0,  0, 4, 0, 0,  0, 0, 0xFF, 0xFF, 1, 1, 0xFF, 0xFF, 1};
  g_assert_null(hilum_label_delta_decode(dims, code, sizeof code, NULL));
  const int32_t whole[3] = {64, 32, 32};
  guint8 fits[sizeof code];
  memcpy(fits, code, sizeof code);
  fits[0] = 64;
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_decode(whole, fits, sizeof fits, NULL);
  g_assert_nonnull(delta);
  g_assert_cmpuint(hilum_label_delta_get_changed(delta), ==, 32768);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/label-delta-code/round-trip", test_round_trip);
  g_test_add_func("/label-delta-code/damaged", test_damaged);
  g_test_add_func("/label-delta-code/padding", test_padding);
  return g_test_run();
}
