/* What an edit may change, and the smart brush, against the rule applied to every voxel. */
#include "hilum/segment/limits.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/brush.h"

static const int32_t DIMS[3] = {75, 21, 19};

static HilumVolume *noise(const HilumGrid *grid)
{
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(grid) * sizeof *voxels, NULL);
  for (size_t v = 0; v < hilum_grid_count(grid); v++)
    voxels[v] = (int16_t)(hilum_random_u64(7, v) % 400);
  return hilum_volume_new_take(grid, voxels, 0.5, -20, "HU", NULL);
}

static HilumLabelSnapshot *blocks(const HilumGrid *grid)
{
  g_autofree uint8_t *labels = g_malloc(hilum_grid_count(grid));
  for (size_t v = 0; v < hilum_grid_count(grid); v++)
    labels[v] = (uint8_t)(v / 11 % 4);
  return hilum_label_snapshot_new_from_dense(grid, labels, NULL);
}

static HilumMask *random_mask(uint64_t seed)
{
  HilumMask *mask = hilum_mask_new(DIMS, NULL);
  HilumVoxel v;
  for (v.k = 0; v.k < DIMS[2]; v.k++)
    for (v.j = 0; v.j < DIMS[1]; v.j++)
      for (v.i = 0; v.i < DIMS[0]; v.i++)
        if (hilum_random_u64(seed, (uint64_t)((v.k * 100 + v.j) * 100 + v.i)) % 4) hilum_mask_set(mask, v);
  return mask;
}

static bool in_box(const HilumVoxelBox *b, HilumVoxel v)
{
  return v.i >= b->lo[0] && v.i < b->hi[0] && v.j >= b->lo[1] && v.j < b->hi[1] && v.k >= b->lo[2] &&
         v.k < b->hi[2];
}

static void test_limits(void)
{
  const HilumGrid grid = hilum_grid_new(DIMS[0], DIMS[1], DIMS[2], 1, 1, 1);
  g_autoptr(HilumVolume) volume = noise(&grid);
  g_autoptr(HilumLabelSnapshot) labels = blocks(&grid);
  for (uint64_t seed = 0; seed < 24; seed++) {
    const HilumEditLimits limits = {.has_range = seed % 2,
                                    .lo = 10,
                                    .hi = 120.5,
                                    .where = (HilumEditWhere)(seed / 2 % 3),
                                    .other = (uint8_t)(seed / 6 % 3)};
    const HilumVoxelBox box = {{(int32_t)(seed * 5 % 70), 2, 3}, {seed % 5 ? 75 : 72, 20, 19}};
    g_autoptr(HilumMask) before = random_mask(seed), after = hilum_mask_copy(before, NULL);
    HilumEditRefused refused, expected = {0, 0};
    hilum_parallel_set_threads(1 + (unsigned)(seed % 4));
    hilum_edit_limits_apply(&limits, seed == 3 ? NULL : volume, labels, box, after, &refused);
    hilum_parallel_set_threads(0);
    HilumVoxel v;
    for (v.k = 0; v.k < DIMS[2]; v.k++)
      for (v.j = 0; v.j < DIMS[1]; v.j++)
        for (v.i = 0; v.i < DIMS[0]; v.i++) {
          const double value = seed == 3 ? -1e9 : hilum_volume_get_value(volume, v);
          const uint8_t label = hilum_label_snapshot_get(labels, v);
          const bool range = !limits.has_range || (value >= limits.lo && value <= limits.hi);
          const bool place = limits.where == HILUM_EDIT_ANYWHERE || limits.other == 0 ||
                             (label == limits.other) == (limits.where == HILUM_EDIT_INSIDE);
          const bool asked = in_box(&box, v) && hilum_mask_get(before, v);
          g_assert_cmpint(hilum_mask_get(after, v), ==,
                          hilum_mask_get(before, v) && (!asked || (range && place)));
          expected.by_range += asked && !range;
          expected.by_structure += asked && range && !place;
        }
    g_assert_cmpuint(refused.by_range, ==, expected.by_range);
    g_assert_cmpuint(refused.by_structure, ==, expected.by_structure);
  }
}

/* A mask that replaces a structure: what may not change stays as it is, inside and outside the structure. */
static void test_replacing(void)
{
  const HilumGrid grid = hilum_grid_new(DIMS[0], DIMS[1], DIMS[2], 1, 1, 1);
  g_autoptr(HilumVolume) volume = noise(&grid);
  g_autoptr(HilumLabelSnapshot) labels = blocks(&grid);
  const HilumVoxelBox box = {{0, 3, 2}, {75, 18, 11}};
  for (uint64_t seed = 0; seed < 4; seed++) {
    const HilumEditLimits limits = {
        .has_range = seed & 1, .lo = 10, .hi = 90, .where = HILUM_EDIT_OUTSIDE, .other = 3};
    g_autoptr(HilumMask) before = random_mask(seed), after = hilum_mask_copy(before, NULL);
    HilumEditRefused refused;
    g_assert_true(hilum_edit_limits_apply_replacing(&limits, volume, labels, 2, box, after, &refused, NULL));
    uint64_t kept = 0;
    HilumVoxel v;
    for (v.k = 0; v.k < DIMS[2]; v.k++)
      for (v.j = 0; v.j < DIMS[1]; v.j++)
        for (v.i = 0; v.i < DIMS[0]; v.i++) {
          const uint8_t label = hilum_label_snapshot_get(labels, v);
          const double value = hilum_volume_get_value(volume, v);
          const bool may = label != 3 && (!limits.has_range || (value >= 10 && value <= 90));
          const bool asked = hilum_mask_get(before, v), is = label == 2;
          const bool expected = in_box(&box, v) && !may ? is : asked;
          g_assert_cmpint(hilum_mask_get(after, v), ==, expected);
          kept += expected != asked;
        }
    g_assert_cmpuint(refused.by_range + refused.by_structure, ==, kept);
    g_assert_cmpuint(kept, >, 0);
  }
}

/* Spreads over what is allowed, a voxel a turn. */
static void test_smart_brush(void)
{
  const HilumGrid grid = hilum_grid_new(DIMS[0], DIMS[1], DIMS[2], 1, 1, 1);
  g_autoptr(HilumVolume) volume = noise(&grid);
  uint64_t kept = 0;
  for (uint64_t seed = 0; seed < 20; seed++) {
    /* now and then over the end of a word, and one layer thick */
    const int32_t shift = seed % 3 ? 0 : 17;
    const HilumVoxelBox box = {{20, 4, seed % 2 ? 9 : 2}, {50 + shift, 19, seed % 2 ? 10 : 17}};
    const HilumVoxel center = {34 + shift, 11, 9};
    const double lo = 0, hi = 60 + 6 * (double)seed;
    g_autoptr(HilumMask) before = random_mask(seed + 100), after = hilum_mask_copy(before, NULL),
                         expected = hilum_mask_new(DIMS, NULL);
    g_assert_true(hilum_brush_keep_to_range(volume, lo, hi, center, box, after));
    HilumVoxel v;
    for (bool more = true, first = true; more; first = false) {
      more = false;
      for (v.k = box.lo[2]; v.k < box.hi[2]; v.k++)
        for (v.j = box.lo[1]; v.j < box.hi[1]; v.j++)
          for (v.i = box.lo[0]; v.i < box.hi[0]; v.i++) {
            const double value = hilum_volume_get_value(volume, v);
            if (hilum_mask_get(expected, v) || !hilum_mask_get(before, v) || value < lo || value > hi)
              continue;
            const HilumVoxel next[6] = {{v.i - 1, v.j, v.k}, {v.i + 1, v.j, v.k}, {v.i, v.j - 1, v.k},
                                        {v.i, v.j + 1, v.k}, {v.i, v.j, v.k - 1}, {v.i, v.j, v.k + 1}};
            bool joined = first && v.i == center.i && v.j == center.j && v.k == center.k;
            for (int n = 0; n < 6; n++)
              joined |= in_box(&box, next[n]) && hilum_mask_get(expected, next[n]);
            if (!joined) continue;
            hilum_mask_set(expected, v);
            more = true;
          }
    }
    for (v.k = 0; v.k < DIMS[2]; v.k++)
      for (v.j = 0; v.j < DIMS[1]; v.j++)
        for (v.i = 0; v.i < DIMS[0]; v.i++)
          g_assert_cmpint(hilum_mask_get(after, v), ==,
                          hilum_mask_get(in_box(&box, v) ? expected : before, v));
    kept += hilum_mask_count(expected);
  }
  g_assert_cmpuint(kept, >, 1000); /* the centre was inside often enough */
}

/* What may not change is as before, the rest as after. */
static void test_labels(void)
{
  const HilumGrid grid = hilum_grid_new(DIMS[0], DIMS[1], DIMS[2], 1, 1, 1);
  g_autoptr(HilumVolume) volume = noise(&grid);
  g_autoptr(HilumLabelSnapshot) before = blocks(&grid);
  g_autofree uint8_t *changed = g_malloc(hilum_grid_count(&grid));
  for (size_t v = 0; v < hilum_grid_count(&grid); v++)
    changed[v] = (uint8_t)(hilum_random_u64(3, v) % 6);
  g_autoptr(HilumLabelSnapshot) after = hilum_label_snapshot_new_from_dense(&grid, changed, NULL);
  for (int c = 0; c < 6; c++) {
    const HilumEditLimits limits = {
        .has_range = c % 2, .lo = 10, .hi = 120.5, .where = (HilumEditWhere)(c / 2), .other = 2};
    hilum_parallel_set_threads(1 + (unsigned)c % 4);
    g_autoptr(HilumLabelSnapshot) got = hilum_edit_limits_apply_labels(&limits, volume, before, after, NULL);
    hilum_parallel_set_threads(0);
    HilumVoxel v;
    for (v.k = 0; v.k < DIMS[2]; v.k++)
      for (v.j = 0; v.j < DIMS[1]; v.j++)
        for (v.i = 0; v.i < DIMS[0]; v.i++) {
          const double value = hilum_volume_get_voxels(volume)[hilum_grid_offset(&grid, v)] * 0.5 - 20;
          const bool in_other = hilum_label_snapshot_get(before, v) == 2;
          const bool may =
              (!limits.has_range || (value >= 10 && value <= 120.5)) &&
              (limits.where == HILUM_EDIT_ANYWHERE || in_other == (limits.where == HILUM_EDIT_INSIDE));
          g_assert_cmpuint(hilum_label_snapshot_get(got, v), ==,
                           hilum_label_snapshot_get(may ? after : before, v));
        }
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/limits/apply", test_limits);
  g_test_add_func("/limits/replacing", test_replacing);
  g_test_add_func("/limits/smart-brush", test_smart_brush);
  g_test_add_func("/segment/limits/labels", test_labels);
  return g_test_run();
}
