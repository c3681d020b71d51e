/* Level tracing against a plain flood of the slice and of what surrounds the region. */
#include "hilum/segment/level_trace.h"

#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

static const int32_t DIMS[3] = {37, 29, 23};

/* Smooth hills under noise: regions with ragged borders, holes, and corners that touch. */
static HilumVolume *hills(uint64_t seed)
{
  const HilumGrid grid = hilum_grid_new(DIMS[0], DIMS[1], DIMS[2], 0.7, 0.8, 1.5);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  HilumVoxel v;
  for (v.k = 0; v.k < DIMS[2]; v.k++)
    for (v.j = 0; v.j < DIMS[1]; v.j++)
      for (v.i = 0; v.i < DIMS[0]; v.i++) {
        const size_t at = hilum_grid_offset(&grid, v);
        const double hill = 100 * sin(0.3 * v.i + seed) * cos(0.25 * v.j) * sin(0.35 * v.k + 1);
        voxels[at] = (int16_t)(hill + 90 * (hilum_random_uniform(seed, at) - 0.5));
      }
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, 0.5, -10, "HU", NULL);
  g_assert_nonnull(volume);
  return volume;
}

/* Spreads 1 over 0 from what is 1 already; 2 is a wall. */
static void spread(uint8_t *cells, int32_t columns, int32_t rows, bool diagonal)
{
  for (bool more = true; more;) {
    more = false;
    for (int32_t y = 0; y < rows; y++)
      for (int32_t x = 0; x < columns; x++)
        for (int dy = -1; dy <= 1; dy++)
          for (int dx = -1; dx <= 1; dx++) {
            const int32_t u = x + dx, w = y + dy;
            if (u < 0 || w < 0 || u >= columns || w >= rows || (dx && dy && !diagonal)) continue;
            if (cells[y * columns + x] != 0 || cells[w * columns + u] != 1) continue;
            cells[y * columns + x] = 1;
            more = true;
          }
  }
}

static HilumVoxel voxel_of(int n_axis, int32_t slice, int32_t x, int32_t y)
{
  int32_t at[3];
  at[n_axis] = slice;
  at[hilum_slice_x_axis(n_axis)] = x;
  at[hilum_slice_y_axis(n_axis)] = y;
  return (HilumVoxel){at[0], at[1], at[2]};
}

/* The region of the voxel with its holes filled, the slow way: what the outside cannot reach, by corners too.
 */
static void expected_region(const HilumVolume *volume, HilumVoxel seed, int n_axis, HilumTraceSide side,
                            uint8_t *cells)
{
  const int32_t seed_at[3] = {seed.i, seed.j, seed.k};
  const int32_t columns = DIMS[hilum_slice_x_axis(n_axis)], rows = DIMS[hilum_slice_y_axis(n_axis)];
  const double level = hilum_volume_get_value(volume, seed);
  for (int32_t y = 0; y < rows; y++)
    for (int32_t x = 0; x < columns; x++) {
      const double value = hilum_volume_get_value(volume, voxel_of(n_axis, seed_at[n_axis], x, y));
      cells[y * columns + x] = (side == HILUM_TRACE_DARK ? value <= level : value >= level) ? 0 : 2;
    }
  cells[seed_at[hilum_slice_y_axis(n_axis)] * columns + seed_at[hilum_slice_x_axis(n_axis)]] = 1;
  spread(cells, columns, rows, false);
  g_autofree uint8_t *outside = g_malloc0((size_t)(columns + 2) * (size_t)(rows + 2));
  outside[0] = 1;
  for (int32_t y = 0; y < rows; y++)
    for (int32_t x = 0; x < columns; x++)
      if (cells[y * columns + x] == 1) outside[(y + 1) * (columns + 2) + x + 1] = 2;
  spread(outside, columns + 2, rows + 2, true);
  for (int32_t y = 0; y < rows; y++)
    for (int32_t x = 0; x < columns; x++)
      cells[y * columns + x] = outside[(y + 1) * (columns + 2) + x + 1] != 1;
}

static void check_outline(const GArray *outline)
{
  for (guint p = 0; p < outline->len; p++) {
    const HilumPoint2 a = g_array_index(outline, HilumPoint2, p);
    const HilumPoint2 b = g_array_index(outline, HilumPoint2, (p + 1) % outline->len);
    g_assert_true((a.x == b.x) != (a.y == b.y));  /* along one axis */
    g_assert_cmpfloat(a.x - floor(a.x), ==, 0.5); /* between voxels */
    g_assert_true((a.x == b.x) == (p % 2 == 1));  /* corners only, turning at each */
  }
}

static void test_random(void)
{
  for (uint64_t seed = 0; seed < 60; seed++) {
    g_autoptr(HilumVolume) volume = hills(seed);
    const int n_axis = (int)(seed % 3);
    const HilumTraceSide side = seed & 1 ? HILUM_TRACE_DARK : HILUM_TRACE_BRIGHT;
    const HilumVoxel at = {(int32_t)(hilum_random_u64(seed, 1) % (uint64_t)DIMS[0]),
                           (int32_t)(hilum_random_u64(seed, 2) % (uint64_t)DIMS[1]),
                           (int32_t)(hilum_random_u64(seed, 3) % (uint64_t)DIMS[2])};
    const int32_t slice = n_axis == 0 ? at.i : n_axis == 1 ? at.j : at.k;
    const int32_t columns = DIMS[hilum_slice_x_axis(n_axis)], rows = DIMS[hilum_slice_y_axis(n_axis)];
    double level = NAN;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) outline = hilum_level_trace(volume, at, n_axis, side, &level, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat(level, ==, hilum_volume_get_value(volume, at));
    check_outline(outline);
    g_autoptr(HilumMask) mask = hilum_mask_new(DIMS, NULL);
    const HilumPolygon polygon = {(const HilumPoint2 *)(void *)outline->data, outline->len,
                                  HILUM_FILL_EVEN_ODD};
    hilum_polygon_fill_slice(&polygon, n_axis, slice, mask, NULL);
    g_autofree uint8_t *expected = g_malloc((size_t)columns * (size_t)rows);
    expected_region(volume, at, n_axis, side, expected);
    uint64_t n = 0;
    for (int32_t y = 0; y < rows; y++)
      for (int32_t x = 0; x < columns; x++) {
        g_assert_cmpint(hilum_mask_get(mask, voxel_of(n_axis, slice, x, y)), ==, expected[y * columns + x]);
        n += expected[y * columns + x];
      }
    g_assert_cmpuint(hilum_mask_count(mask), ==, n);
  }
}

static void test_outside(void)
{
  g_autoptr(HilumVolume) volume = hills(1);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_level_trace(volume, (HilumVoxel){0, 0, DIMS[2]}, 2, HILUM_TRACE_BRIGHT, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/level-trace/random", test_random);
  g_test_add_func("/level-trace/outside", test_outside);
  return g_test_run();
}
