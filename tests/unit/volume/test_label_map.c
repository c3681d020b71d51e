/* The label map against a dense array that does the same the plain way. */
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/volume/error.h"
#include "hilum/volume/label_map.h"

#include <string.h>

/* Odd sizes: bricks that end outside the grid along every axis, and mask words shared by two bricks. */
enum { NX = 101, NY = 45, NZ = 67, COUNT = NX * NY * NZ };

static HilumGrid test_grid(void)
{
  return hilum_grid_new(NX, NY, NZ, 0.7, 0.7, 1);
}

static uint64_t pick(uint64_t seed, uint64_t counter, uint64_t below)
{
  return hilum_random_u64(seed, counter) % below;
}

/* A box, a ball, everything or noise. */
static HilumMask *random_mask(uint64_t seed)
{
  const int32_t dims[3] = {NX, NY, NZ};
  HilumMask *mask = hilum_mask_new(dims, NULL);
  uint64_t kind = pick(seed, 0, 8);
  int32_t c[3], r = 1 + (int32_t)pick(seed, 4, 40);
  for (int a = 0; a < 3; a++)
    c[a] = (int32_t)pick(seed, 1 + (uint64_t)a, (uint64_t)dims[a]);
  if (kind == 0) hilum_mask_fill(mask, true);
  for (int32_t k = 0; k < NZ && kind > 0; k++)
    for (int32_t j = 0; j < NY; j++) {
      int32_t dj = j - c[1], dk = k - c[2];
      if (kind < 4 && abs(dj) < r && abs(dk) < r) hilum_mask_set_span(mask, c[0] - r, c[0] + r, j, k);
      if (kind >= 4 && dj * dj + dk * dk < r * r)
        for (int32_t i = 0; i < NX; i++)
          if ((i - c[0]) * (i - c[0]) + dj * dj + dk * dk < r * r &&
              (kind < 7 || hilum_random_u64(seed, (uint64_t)((k * NY + j) * NX + i)) & 1))
            hilum_mask_set(mask, (HilumVoxel){i, j, k});
    }
  return mask;
}

static HilumLabelWrite random_write(uint64_t seed)
{
  HilumLabelWrite write = {.label = (uint8_t)(1 + pick(seed, 10, 5)),
                           .mode = (HilumLabelMode)pick(seed, 11, 4)};
  if (write.mode == HILUM_LABEL_CLEAR && pick(seed, 16, 2)) write.label = 0;
  if (pick(seed, 12, 2)) write.locked[pick(seed, 13, 6)] = 1;
  if (pick(seed, 14, 4) == 0) write.locked[pick(seed, 15, 6)] = 1;
  return write;
}

static HilumVoxelBox random_region(uint64_t seed)
{
  HilumVoxelBox box;
  const int32_t dims[3] = {NX, NY, NZ};
  for (int a = 0; a < 3; a++) {
    box.lo[a] = (int32_t)pick(seed, 20 + (uint64_t)a, (uint64_t)dims[a]) - 10;
    box.hi[a] = box.lo[a] + (int32_t)pick(seed, 30 + (uint64_t)a, 90);
  }
  return box;
}

/* The contract of HilumLabelWrite, voxel by voxel. Returns how many change. */
static uint64_t reference_write(uint8_t *dense, const HilumMask *mask, const HilumVoxelBox *region,
                                const HilumLabelWrite *write)
{
  uint64_t changed = 0;
  for (int32_t k = 0; k < NZ; k++)
    for (int32_t j = 0; j < NY; j++)
      for (int32_t i = 0; i < NX; i++) {
        if (region && (i < region->lo[0] || i >= region->hi[0] || j < region->lo[1] || j >= region->hi[1] ||
                       k < region->lo[2] || k >= region->hi[2]))
          continue;
        uint8_t *voxel = &dense[(k * NY + j) * NX + i], old = *voxel, new = old;
        bool in = hilum_mask_get(mask, (HilumVoxel){i, j, k});
        if (write->locked[old]) continue;
        if (write->mode == HILUM_LABEL_REMOVE)
          new = in &&old == write->label ? 0 : old;
        else if (write->mode == HILUM_LABEL_CLEAR)
          new = in ? 0 : old;
        else if (in)
          new = write->label;
        else if (write->mode == HILUM_LABEL_REPLACE && old == write->label)
          new = 0;
        changed += new != old;
        *voxel = new;
      }
  return changed;
}

static void expect_counts(HilumLabelMap *map, const uint8_t *dense)
{
  uint64_t counts[HILUM_LABEL_COUNT] = {0};
  for (size_t v = 0; v < COUNT; v++)
    counts[dense[v]]++;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    g_assert_cmpuint(hilum_label_map_count(map, (uint8_t)l), ==, counts[l]);
    g_assert_cmpuint(hilum_label_snapshot_count(snapshot, (uint8_t)l), ==, counts[l]);
  }
}

static char *map_hash(HilumLabelMap *map)
{
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
  return hilum_label_snapshot_hash(snapshot);
}

static void expect_dense(HilumLabelMap *map, const uint8_t *dense)
{
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
  g_autofree uint8_t *copy = g_malloc(COUNT);
  HilumVoxelBox all = {{0, 0, 0}, {NX, NY, NZ}};
  hilum_label_snapshot_read_box(snapshot, all, copy, NX, NX * NY);
  g_assert_cmpmem(copy, COUNT, dense, COUNT);
  expect_counts(map, dense);
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelSnapshot) fresh = hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
  g_autofree char *hash = hilum_label_snapshot_hash(snapshot), *fresh_hash = hilum_label_snapshot_hash(fresh);
  g_assert_cmpstr(hash, ==, fresh_hash);
  int32_t bricks[3];
  hilum_label_snapshot_brick_dims(snapshot, bricks);
  for (int32_t b = 0; b < bricks[0] * bricks[1] * bricks[2]; b++)
    for (int l = 0; l < 8; l++)
      g_assert_cmpint(hilum_label_snapshot_brick_has(snapshot, b, (uint8_t)l), ==,
                      hilum_label_snapshot_brick_has(fresh, b, (uint8_t)l));
}

static HilumLabelDelta *make_delta(HilumLabelMap *map, const HilumMask *mask, const HilumVoxelBox *region,
                                   const HilumLabelWrite *write)
{
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
  HilumLabelDelta *delta = hilum_label_delta_new_from_mask(snapshot, mask, region, write, NULL, NULL);
  g_assert_nonnull(delta);
  return delta;
}

/* Random edits; then all undone; then all redone; hashes compared at every step. */
static void run_random_edits(unsigned threads, uint64_t seed)
{
  enum { EDITS = 24 };
  hilum_parallel_set_threads(threads);
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autofree uint8_t *dense = g_malloc0(COUNT);
  HilumLabelDelta *deltas[EDITS];
  char *hashes[EDITS + 1];
  hashes[0] = map_hash(map);
  for (uint64_t e = 0; e < EDITS; e++) {
    g_autoptr(HilumMask) mask = random_mask(seed + e);
    HilumLabelWrite write = random_write(seed + e);
    HilumVoxelBox region = random_region(seed + e);
    const HilumVoxelBox *limit = pick(seed + e, 40, 3) ? NULL : &region;
    uint64_t changed = reference_write(dense, mask, limit, &write);
    deltas[e] = make_delta(map, mask, limit, &write);
    g_assert_cmpuint(hilum_label_delta_get_changed(deltas[e]), ==, changed);
    g_assert_cmpint(hilum_label_delta_is_empty(deltas[e]), ==, changed == 0);
    g_assert_true(hilum_label_map_apply(map, deltas[e], true));
    expect_dense(map, dense);
    hashes[e + 1] = map_hash(map);
  }
  for (int e = EDITS; e-- > 0;) {
    g_assert_true(hilum_label_map_apply(map, deltas[e], false));
    g_autofree char *hash = map_hash(map);
    g_assert_cmpstr(hash, ==, hashes[e]);
  }
  g_assert_cmpuint(hilum_label_map_count(map, 0), ==, COUNT);
  for (int e = 0; e < EDITS; e++) {
    g_assert_true(hilum_label_map_apply(map, deltas[e], true));
    g_autofree char *hash = map_hash(map);
    g_assert_cmpstr(hash, ==, hashes[e + 1]);
  }
  expect_dense(map, dense);
  for (int e = 0; e < EDITS; e++)
    hilum_label_delta_unref(deltas[e]);
  for (int e = 0; e <= EDITS; e++)
    g_free(hashes[e]);
  hilum_parallel_set_threads(0);
}

static void test_random_edits(void)
{
  run_random_edits(1, 0);
  run_random_edits(2, 1000);
  run_random_edits(7, 2000);
}

static HilumMask *box_mask(int32_t lo, int32_t hi)
{
  const int32_t dims[3] = {NX, NY, NZ};
  HilumMask *mask = hilum_mask_new(dims, NULL);
  for (int32_t k = lo; k < MIN(hi, NZ); k++)
    for (int32_t j = lo; j < MIN(hi, NY); j++)
      hilum_mask_set_span(mask, lo, hi, j, k);
  return mask;
}

static void test_stale(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumMask) here = box_mask(5, 40);
  g_autoptr(HilumMask) there = box_mask(30, 44); /* shares bricks with `here` */
  HilumLabelWrite one = {.label = 1}, two = {.label = 2};
  g_autoptr(HilumLabelDelta) first = make_delta(map, here, NULL, &one);
  g_autoptr(HilumLabelDelta) stale = make_delta(map, there, NULL, &two);
  g_assert_false(hilum_label_map_apply(map, first, false)); /* not there yet */
  g_assert_true(hilum_label_map_apply(map, first, true));
  g_autofree char *before = map_hash(map);
  uint64_t serial = hilum_label_map_get_serial(map);
  g_assert_false(hilum_label_map_apply(map, stale, true));
  g_assert_false(hilum_label_map_apply(map, first, true)); /* twice */
  g_autofree char *after = map_hash(map);
  g_assert_cmpstr(before, ==, after);
  g_assert_cmpuint(hilum_label_map_get_serial(map), ==, serial);
  g_assert_cmpuint(hilum_label_map_count(map, 1), ==, 35 * 35 * 35);
  g_assert_cmpuint(hilum_label_map_count(map, 2), ==, 0);

  HilumGrid other_grid = hilum_grid_new(NX, NY, NZ + 1, 1, 1, 1);
  g_autoptr(HilumLabelMap) other = hilum_label_map_new(&other_grid, NULL);
  g_assert_false(hilum_label_map_apply(other, first, true));
}

/* The same voxels reached by another way have other stamps: only their content can tell that they are equal.
 */
static void test_same_content(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumMask) mask = box_mask(5, 40);
  HilumLabelWrite write = {.label = 1}, remove = {.label = 1, .mode = HILUM_LABEL_REMOVE};
  g_autoptr(HilumLabelMap) a = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelMap) b = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelDelta) add_a = make_delta(a, mask, NULL, &write);
  g_autoptr(HilumLabelDelta) add_b = make_delta(b, mask, NULL, &write);
  g_assert_true(hilum_label_map_apply(a, add_a, true));
  g_assert_true(hilum_label_map_apply(b, add_b, true));
  g_autoptr(HilumLabelDelta) take_a = make_delta(a, mask, NULL, &remove);
  g_assert_true(hilum_label_map_apply(b, take_a, true));
  g_assert_cmpuint(hilum_label_map_count(b, 1), ==, 0);
}

static void test_snapshots(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelSnapshot) empty = hilum_label_map_snapshot(map);
  g_autoptr(HilumLabelSnapshot) again = hilum_label_map_snapshot(map);
  g_assert_true(empty == again);
  g_autoptr(HilumMask) mask = box_mask(40, 44);
  HilumLabelWrite write = {.label = 9};
  g_autoptr(HilumLabelDelta) delta = make_delta(map, mask, NULL, &write);
  g_assert_true(hilum_label_map_apply(map, delta, true));
  g_autoptr(HilumLabelSnapshot) now = hilum_label_map_snapshot(map);
  g_assert_true(now != empty);
  HilumVoxel v = {43, 43, 43};
  g_assert_cmpint(hilum_label_snapshot_get(empty, v), ==, 0); /* immutable */
  g_assert_cmpint(hilum_label_snapshot_get(now, v), ==, 9);
  g_assert_cmpint(hilum_label_map_get(map, v), ==, 9);
  g_assert_cmpuint(hilum_label_snapshot_get_serial(now), >, hilum_label_snapshot_get_serial(empty));

  g_autoptr(GArray) bricks = g_array_new(FALSE, FALSE, sizeof(int32_t));
  hilum_label_map_changed_since(map, hilum_label_snapshot_get_serial(empty), bricks);
  g_assert_cmpuint(bricks->len, ==, 1);
  int32_t brick = g_array_index(bricks, int32_t, 0);
  g_assert_cmpint(brick, ==, (1 * 2 + 1) * 4 + 1); /* 4 x 2 x 3 bricks */
  HilumVoxelBox box = hilum_label_snapshot_brick_box(now, brick);
  g_assert_true(box.lo[1] == 32 && box.hi[1] == NY && box.hi[0] == 64);
  uint8_t uniform = 77;
  g_assert_nonnull(hilum_label_snapshot_get_brick(now, brick, &uniform));
  g_assert_cmpint(uniform, ==, 77);
  g_assert_null(hilum_label_snapshot_get_brick(empty, brick, &uniform));
  g_assert_cmpint(uniform, ==, 0);
  g_array_set_size(bricks, 0);
  hilum_label_map_changed_since(map, hilum_label_map_get_serial(map), bricks);
  g_assert_cmpuint(bricks->len, ==, 0);
}

/* A border brick whose every voxel inside the grid has a label does not hold "nothing"; its padding does not
 * count. A whole brick of one label costs no voxels. */
static void test_presence(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumMask) mask = box_mask(0, NX);
  HilumLabelWrite write = {.label = 3};
  g_autoptr(HilumLabelDelta) delta = make_delta(map, mask, NULL, &write);
  g_assert_cmpuint(hilum_label_delta_get_changed(delta), ==, COUNT);
  g_assert_true(hilum_label_map_apply(map, delta, true));
  g_autoptr(HilumLabelSnapshot) full = hilum_label_map_snapshot(map);
  for (int32_t b = 0; b < 4 * 2 * 3; b++) {
    g_assert_false(hilum_label_snapshot_brick_has(full, b, 0));
    g_assert_true(hilum_label_snapshot_brick_has(full, b, 3));
  }
  uint8_t uniform = 0;
  g_assert_null(hilum_label_snapshot_get_brick(full, 0, &uniform));
  g_assert_cmpint(uniform, ==, 3);
  HilumVoxelBox bounds = hilum_label_snapshot_bounds(full, 3), none = hilum_label_snapshot_bounds(full, 0);
  g_assert_true(bounds.lo[0] == 0 && bounds.hi[0] == NX && bounds.hi[1] == NY && bounds.hi[2] == NZ);
  g_assert_true(hilum_voxel_box_is_empty(none) && none.hi[0] == 0);
}

static void test_masks_and_bounds(void)
{
  HilumGrid grid = test_grid();
  g_autofree uint8_t *dense = g_malloc0(COUNT);
  for (uint64_t seed = 0; seed < 6; seed++) {
    memset(dense, 0, COUNT);
    for (uint64_t part = 0; part < 4; part++) {
      g_autoptr(HilumMask) mask = random_mask(100 + 10 * seed + part);
      HilumLabelWrite write = {.label = (uint8_t)(part == 3 ? 255 : part + 1)};
      reference_write(dense, mask, NULL, &write);
    }
    g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
    static const uint8_t labels[] = {0, 1, 2, 3, 255, 200};
    for (size_t l = 0; l < G_N_ELEMENTS(labels); l++) {
      g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(snapshot, labels[l], NULL);
      g_autoptr(HilumMask) expected = hilum_mask_new(grid.dims, NULL);
      for (int32_t v = 0; v < COUNT; v++)
        if (dense[v] == labels[l]) hilum_mask_set(expected, (HilumVoxel){v % NX, v / NX % NY, v / NX / NY});
      g_assert_true(hilum_mask_equal(mask, expected));
      HilumVoxelBox a = hilum_mask_bounds(expected), b = hilum_label_snapshot_bounds(snapshot, labels[l]);
      g_assert_cmpmem(&a, sizeof a, &b, sizeof b);
    }
    uint8_t set[HILUM_LABEL_COUNT] = {0};
    set[1] = set[255] = 1;
    g_autoptr(HilumMask) both = hilum_label_snapshot_dup_mask_of_set(snapshot, set, NULL);
    g_assert_cmpuint(hilum_mask_count(both), ==,
                     hilum_label_snapshot_count(snapshot, 1) + hilum_label_snapshot_count(snapshot, 255));
  }
}

/* A box that sticks out on all sides reads 0 there. */
static void test_read_box(void)
{
  HilumGrid grid = test_grid();
  g_autofree uint8_t *dense = g_malloc(COUNT);
  for (size_t v = 0; v < COUNT; v++)
    dense[v] = (uint8_t)(1 + hilum_random_u64(8, v) % 250);
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
  static const HilumVoxelBox boxes[] = {{{-3, -2, -1}, {NX + 3, NY + 2, NZ + 1}},
                                        {{30, 31, 32}, {35, 34, 33}},
                                        {{200, 0, 0}, {210, 4, 4}},
                                        {{-9, 3, 3}, {-5, 6, 6}},
                                        {{60, -5, 60}, {70, 2, 90}}};
  for (size_t b = 0; b < G_N_ELEMENTS(boxes); b++) {
    HilumVoxelBox box = boxes[b];
    size_t width = (size_t)(box.hi[0] - box.lo[0]), height = (size_t)(box.hi[1] - box.lo[1]);
    size_t row = width + 5, slice = row * height + 3, total = slice * (size_t)(box.hi[2] - box.lo[2]);
    g_autofree uint8_t *out = g_malloc(total);
    memset(out, 0xEE, total);
    hilum_label_snapshot_read_box(snapshot, box, out, row, slice);
    for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
      for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
        const uint8_t *line = out + (size_t)(k - box.lo[2]) * slice + (size_t)(j - box.lo[1]) * row;
        for (int32_t i = box.lo[0]; i < box.hi[0]; i++) {
          HilumVoxel v = {i, j, k};
          uint8_t wanted = hilum_grid_contains(&grid, v) ? dense[hilum_grid_offset(&grid, v)] : 0;
          g_assert_cmpint(line[i - box.lo[0]], ==, wanted);
        }
        g_assert_cmpint(line[width], ==, 0xEE); /* nothing beyond the row */
      }
  }
}

static void test_between_snapshots(void)
{
  HilumGrid grid = test_grid();
  g_autofree uint8_t *dense = g_malloc0(COUNT);
  HilumLabelWrite write = {.label = 4};
  g_autoptr(HilumMask) mask = random_mask(5);
  uint64_t changed = reference_write(dense, mask, NULL, &write);
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(map);
  g_autoptr(HilumLabelSnapshot) after = hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(before, after, NULL);
  g_assert_cmpuint(hilum_label_delta_get_changed(delta), ==, changed);
  g_assert_true(hilum_label_map_apply(map, delta, true));
  expect_dense(map, dense);
  g_assert_true(hilum_label_map_apply(map, delta, false));
  g_assert_cmpuint(hilum_label_map_count(map, 4), ==, 0);

  HilumGrid other = hilum_grid_new(4, 4, 4, 1, 1, 1);
  uint8_t zeros[64] = {0};
  g_autoptr(HilumLabelSnapshot) small = hilum_label_snapshot_new_from_dense(&other, zeros, NULL);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_label_delta_new_from_snapshots(before, small, &error));
  g_assert_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID);
}

static void test_join(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autofree char *start = map_hash(map);
  g_autofree uint8_t *dense = g_malloc0(COUNT);
  g_autoptr(HilumLabelDelta) stroke = NULL;
  for (uint64_t e = 0; e < 20; e++) {
    g_autoptr(HilumMask) mask = random_mask(300 + e);
    HilumLabelWrite write = random_write(300 + e);
    reference_write(dense, mask, NULL, &write);
    g_autoptr(HilumLabelDelta) delta = make_delta(map, mask, NULL, &write);
    g_assert_true(hilum_label_map_apply(map, delta, true));
    HilumLabelDelta *joined = stroke ? hilum_label_delta_join(stroke, delta) : hilum_label_delta_ref(delta);
    hilum_label_delta_unref(stroke);
    stroke = joined;
  }
  uint64_t nonzero = 0;
  for (size_t v = 0; v < COUNT; v++)
    nonzero += dense[v] != 0;
  g_assert_cmpuint(hilum_label_delta_get_changed(stroke), ==, nonzero);
  g_autofree char *end = map_hash(map);
  g_assert_true(hilum_label_map_apply(map, stroke, false));
  g_autofree char *back = map_hash(map);
  g_assert_cmpstr(back, ==, start);
  g_assert_true(hilum_label_map_apply(map, stroke, true));
  g_autofree char *forth = map_hash(map);
  g_assert_cmpstr(forth, ==, end);
  expect_dense(map, dense);

  /* There and back again is nothing. */
  g_autoptr(HilumMask) mask = box_mask(0, NX);
  HilumLabelWrite add = {.label = 200}, remove = {.label = 200, .mode = HILUM_LABEL_REMOVE};
  g_autoptr(HilumLabelMap) fresh = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelDelta) there = make_delta(fresh, mask, NULL, &add);
  g_assert_true(hilum_label_map_apply(fresh, there, true));
  g_autoptr(HilumLabelDelta) home = make_delta(fresh, mask, NULL, &remove);
  g_autoptr(HilumLabelDelta) nothing = hilum_label_delta_join(there, home);
  g_assert_true(hilum_label_delta_is_empty(nothing));
  g_assert_cmpuint(hilum_label_delta_get_changed(nothing), ==, 0);
}

static void test_cancel(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
  g_autoptr(HilumMask) mask = box_mask(0, NX);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  HilumLabelWrite write = {.label = 1};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_label_delta_new_from_mask(snapshot, mask, NULL, &write, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void cancel_on_report(double fraction, const char *what, void *data)
{
  g_cancellable_cancel(data);
}

static void test_cancel_midway(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
  g_autoptr(HilumMask) mask = box_mask(0, NX);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  HilumProgress progress = {.func = cancel_on_report, .data = cancellable, .cancellable = cancellable};
  HilumLabelWrite write = {.label = 1};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_label_delta_new_from_mask(snapshot, mask, NULL, &write, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Two hundred strokes of a ball brush, each a dozen stamps joined, in a CT of 512 x 512 x 200. */
static void test_stroke_memory(void)
{
  enum { STROKES = 200, STAMPS = 12, RADIUS = 9 };
  HilumGrid grid = hilum_grid_new(512, 512, 200, 0.7, 0.7, 1);
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, NULL);
  g_autoptr(HilumMask) mask = hilum_mask_new(grid.dims, NULL);
  HilumLabelDelta *strokes[STROKES] = {NULL};
  size_t bytes = 0;
  for (uint64_t s = 0; s < STROKES; s++) {
    int32_t x = 100 + (int32_t)pick(s, 0, 200), y = 100 + (int32_t)pick(s, 1, 300),
            z = 20 + (int32_t)pick(s, 2, 160);
    HilumLabelWrite write = {.label = (uint8_t)(1 + s % 5)};
    for (int32_t stamp = 0; stamp < STAMPS; stamp++, x += 6) {
      HilumVoxelBox box = {{x - RADIUS, y - RADIUS, z - RADIUS},
                           {x + RADIUS + 1, y + RADIUS + 1, z + RADIUS + 1}};
      for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
        for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
          int32_t rest = RADIUS * RADIUS - (j - y) * (j - y) - (k - z) * (k - z);
          int32_t half = 0;
          while (rest >= 0 && (half + 1) * (half + 1) <= rest)
            half++;
          hilum_mask_clear_span(mask, box.lo[0], box.hi[0], j, k);
          if (rest >= 0) hilum_mask_set_span(mask, x - half, x + half + 1, j, k);
        }
      HilumLabelDelta *delta = make_delta(map, mask, &box, &write);
      g_assert_true(hilum_label_map_apply(map, delta, true));
      if (strokes[s]) {
        HilumLabelDelta *joined = hilum_label_delta_join(strokes[s], delta);
        hilum_label_delta_unref(strokes[s]);
        hilum_label_delta_unref(delta);
        delta = joined;
      }
      strokes[s] = delta;
    }
    bytes += hilum_label_delta_get_bytes(strokes[s]);
  }
  g_test_message("%d strokes hold %.1f MiB", STROKES, (double)bytes / 0x1p20);
  g_assert_cmpuint(bytes, <, (size_t)64 << 20);
  for (int s = STROKES; s-- > 0;) {
    g_assert_true(hilum_label_map_apply(map, strokes[s], false));
    hilum_label_delta_unref(strokes[s]);
  }
  g_assert_cmpuint(hilum_label_map_count(map, 0), ==, hilum_grid_count(&grid));
}

/* Half the resolution: the same place in the patient, and what most voxels hold. */
static void test_half(void)
{
  HilumGrid grid = test_grid();
  g_autoptr(GError) error = NULL;
  g_autofree uint8_t *voxels = g_malloc(COUNT);
  for (size_t v = 0; v < COUNT; v++)
    voxels[v] = (uint8_t)pick(31, v / 3, 4);
  g_autoptr(HilumLabelSnapshot) fine = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumLabelSnapshot) half = hilum_label_snapshot_new_half(fine, NULL, &error);
  g_assert_no_error(error);
  const HilumGrid *h = hilum_label_snapshot_get_grid(half);
  for (int a = 0; a < 3; a++)
    g_assert_cmpint(h->dims[a], ==, (grid.dims[a] + 1) / 2);
  HilumVec3 corner = hilum_grid_to_mm(h, (HilumIndexPos){-0.5, -0.5, -0.5}),
            same = hilum_grid_to_mm(&grid, (HilumIndexPos){-0.5, -0.5, -0.5});
  g_assert_cmpfloat(hilum_vec3_length(hilum_vec3_sub(corner, same)), <, 1e-9);
  for (int32_t k = 0; k < h->dims[2]; k++)
    for (int32_t j = 0; j < h->dims[1]; j++)
      for (int32_t i = 0; i < h->dims[0]; i++) {
        int count[4] = {0};
        for (int c = 0; c < 8; c++) {
          HilumVoxel v = {2 * i + (c & 1), 2 * j + (c >> 1 & 1), 2 * k + (c >> 2)};
          count[hilum_grid_contains(&grid, v) ? voxels[hilum_grid_offset(&grid, v)] : 0]++;
        }
        int most = MAX(MAX(count[0], count[1]), MAX(count[2], count[3])), want = 0;
        for (int l = 3; l >= 1; l--) /* the lowest of the most, nothing last */
          if (count[l] == most) want = l;
        g_assert_cmpint(hilum_label_snapshot_get(half, (HilumVoxel){i, j, k}), ==, want);
      }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/label-map/random-edits", test_random_edits);
  g_test_add_func("/label-map/stale", test_stale);
  g_test_add_func("/label-map/same-content", test_same_content);
  g_test_add_func("/label-map/snapshots", test_snapshots);
  g_test_add_func("/label-map/presence", test_presence);
  g_test_add_func("/label-map/masks-and-bounds", test_masks_and_bounds);
  g_test_add_func("/label-map/read-box", test_read_box);
  g_test_add_func("/label-map/between-snapshots", test_between_snapshots);
  g_test_add_func("/label-map/join", test_join);
  g_test_add_func("/label-map/cancel", test_cancel);
  g_test_add_func("/label-map/cancel-midway", test_cancel_midway);
  g_test_add_func("/label-map/stroke-memory", test_stroke_memory);
  g_test_add_func("/label-map/half", test_half);
  return g_test_run();
}
