/* Splitting what touches, filling between slices, smoothing structures together. */
#include "hilum/segment/split.h"

#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"
#include "hilum/segment/fill_slices.h"
#include "hilum/segment/joint_smooth.h"

#include <math.h>

static const int32_t DIMS[3] = {60, 40, 30};
static const double SPACING_MM[3] = {0.8, 1, 1.3};

static HilumVec3 centre_of(HilumVoxel v)
{
  return hilum_vec3(v.i * SPACING_MM[0], v.j * SPACING_MM[1], v.k * SPACING_MM[2]);
}

static HilumMask *balls(const HilumVec3 *centres, const double *radii, int n)
{
  HilumMask *mask = hilum_mask_new(DIMS, NULL);
  for (int32_t k = 0; k < DIMS[2]; k++)
    for (int32_t j = 0; j < DIMS[1]; j++)
      for (int32_t i = 0; i < DIMS[0]; i++)
        for (int b = 0; b < n; b++)
          if (hilum_vec3_distance(centre_of((HilumVoxel){i, j, k}), centres[b]) <= radii[b])
            hilum_mask_set(mask, (HilumVoxel){i, j, k});
  return mask;
}

/* Two balls of 9 and 7 mm that overlap: the circle where they cross lies in the plane x = 23.7 mm, 4.6 mm
 * wide. */
static const HilumVec3 PAIR[2] = {{16, 19, 19}, {29, 19, 19}};
static const double RADII[2] = {9, 7};

static void check_cut(const HilumSplit *split, const HilumMask *mask)
{
  const double plane = (16.0 + 29 + (81.0 - 49) / 13) / 2;
  const uint32_t left = hilum_split_at(split, (HilumVoxel){20, 19, 15});
  uint64_t sizes[3] = {0};
  g_assert_cmpuint(hilum_split_get_count(split), ==, 2);
  for (int32_t k = 0; k < DIMS[2]; k++)
    for (int32_t j = 0; j < DIMS[1]; j++)
      for (int32_t i = 0; i < DIMS[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const uint32_t part = hilum_split_at(split, v);
        g_assert_cmpint(part != 0, ==, hilum_mask_get(mask, v)); /* no gap, no overlap, nothing added */
        sizes[part]++;
        if (part == 0) continue;
        /* The distance map is flat around the neck: two voxels either side of the plane are free. */
        if (centre_of(v).x < plane - 1.7) g_assert_cmpuint(part, ==, left);
        if (centre_of(v).x > plane + 1.7) g_assert_cmpuint(part, !=, left);
      }
  for (uint32_t p = 1; p <= 2; p++)
    g_assert_cmpuint(hilum_split_get_size(split, p), ==, sizes[p]);
}

static void test_neck(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = balls(PAIR, RADII, 2);
  const HilumSplitOptions by_depth = {0};
  g_autoptr(HilumSplit) split = hilum_split_new(mask, SPACING_MM, &by_depth, NULL, &error);
  g_assert_no_error(error);
  check_cut(split, mask);
  /* The neck lets a ball of 4.6 mm through, and 7 is not 5 more than that. */
  const HilumSplitOptions deep = {.depth_mm = 5};
  g_autoptr(HilumSplit) whole = hilum_split_new(mask, SPACING_MM, &deep, NULL, &error);
  g_assert_cmpuint(hilum_split_get_count(whole), ==, 1);
  uint8_t keep[3] = {0, 1, 0};
  g_autoptr(HilumMask) first = hilum_split_dup_mask(split, keep, &error);
  keep[1] = 0;
  keep[2] = 1;
  g_autoptr(HilumMask) second = hilum_split_dup_mask(split, keep, &error);
  hilum_mask_or(first, second);
  g_assert_true(hilum_mask_equal(first, mask));
}

/* A chain of four balls whose necks are 3, 5 and 1 mm deep in this order, and one apart. */
static HilumMask *chain(void)
{
  static const HilumVec3 centres[] = {{7, 8, 8}, {16.5, 8, 8}, {25, 8, 8}, {36, 8, 8}, {30, 30, 25}};
  static const double radii[] = {6, 5.5, 4.5, 6.5, 4};
  return balls(centres, radii, 5);
}

/* As many parts as were asked for, and each step up parts one of them in two. */
static void test_number_of_parts(void)
{
  g_autoptr(HilumMask) mask = chain();
  uint32_t most = 0;
  for (uint32_t n = 1; n <= 5; n++) {
    g_autoptr(GError) error = NULL;
    const HilumSplitOptions options = {.n_parts = n};
    g_autoptr(HilumSplit) split = hilum_split_new(mask, SPACING_MM, &options, NULL, &error);
    g_assert_no_error(error);
    const uint32_t count = hilum_split_get_count(split);
    g_assert_cmpuint(count, ==, MAX(n, 2)); /* two pieces do not touch to begin with */
    uint64_t sum = 0;
    for (uint32_t p = 1; p <= count; p++)
      sum += hilum_split_get_size(split, p);
    g_assert_cmpuint(sum, ==, hilum_mask_count(mask));
    most = MAX(most, count);
  }
  g_assert_cmpuint(most, ==, 5);
  /* The balls' middles are apart in the end. */
  const HilumSplitOptions five = {.n_parts = 5};
  g_autoptr(HilumSplit) split = hilum_split_new(mask, SPACING_MM, &five, NULL, NULL);
  const HilumVoxel middles[] = {{9, 8, 6}, {21, 8, 6}, {31, 8, 6}, {45, 8, 6}, {38, 30, 19}};
  for (size_t a = 0; a < G_N_ELEMENTS(middles); a++)
    for (size_t b = 0; b < a; b++)
      g_assert_cmpuint(hilum_split_at(split, middles[a]), !=, hilum_split_at(split, middles[b]));
}

static HilumLabelSnapshot *labels_of(const HilumMask *mask, uint8_t label)
{
  const HilumGrid grid =
      hilum_grid_new(DIMS[0], DIMS[1], DIMS[2], SPACING_MM[0], SPACING_MM[1], SPACING_MM[2]);
  g_autofree uint8_t *dense = g_new0(uint8_t, hilum_grid_count(&grid));
  HilumVoxel v;
  for (v.k = 0; v.k < DIMS[2]; v.k++)
    for (v.j = 0; v.j < DIMS[1]; v.j++)
      for (v.i = 0; v.i < DIMS[0]; v.i++)
        dense[hilum_grid_offset(&grid, v)] = hilum_mask_get(mask, v) ? label : v.i == 0 ? 9 : 0;
  return hilum_label_snapshot_new_from_dense(&grid, dense, NULL);
}

/* Parts become labels; nothing is lost, and what is no part stays. */
static void test_labels(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = chain();
  g_autoptr(HilumLabelSnapshot) labels = labels_of(mask, 3);
  const uint64_t all = hilum_mask_count(mask), others = hilum_label_snapshot_count(labels, 9);
  const uint8_t fresh[] = {4, 7, 8};
  size_t made = 0;
  HilumLabelSplit split = {.method = HILUM_SPLIT_ISLANDS, .n = 2, .fresh = fresh, .n_fresh = 1};
  g_autoptr(HilumLabelSnapshot) islands = hilum_labels_split(labels, 3, &split, &made, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(made, ==, 1);
  g_assert_cmpuint(hilum_label_snapshot_get(islands, (HilumVoxel){9, 8, 6}), ==, 3); /* the larger */
  g_assert_cmpuint(hilum_label_snapshot_get(islands, (HilumVoxel){38, 30, 19}), ==, 4);
  g_assert_cmpuint(hilum_label_snapshot_count(islands, 3) + hilum_label_snapshot_count(islands, 4), ==, all);
  g_assert_cmpuint(hilum_label_snapshot_count(islands, 9), ==, others);

  split = (HilumLabelSplit){.method = HILUM_SPLIT_NECKS, .n = 4, .fresh = fresh, .n_fresh = 3};
  g_autoptr(HilumLabelSnapshot) necks = hilum_labels_split(labels, 3, &split, &made, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(made, ==, 3);
  uint64_t sum = 0, last = UINT64_MAX;
  for (int p = 0; p < 4; p++) { /* largest first */
    const uint64_t size = hilum_label_snapshot_count(necks, p ? fresh[p - 1] : 3);
    g_assert_cmpuint(size, <=, last);
    sum += last = size;
  }
  g_assert_cmpuint(sum, ==, all);

  /* Two clicks in one part, two groups; the piece apart has none and stays. */
  const HilumSplitSeed seeds[] = {{{9, 8, 6}, 1}, {{21, 8, 6}, 2}, {{31, 8, 6}, 2}, {{45, 8, 6}, 3}};
  split = (HilumLabelSplit){
      .method = HILUM_SPLIT_POINTS, .seeds = seeds, .n_seeds = 4, .fresh = fresh, .n_fresh = 2};
  g_autoptr(HilumLabelSnapshot) points = hilum_labels_split(labels, 3, &split, &made, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(made, ==, 2);
  for (size_t n = 0; n < 4; n++)
    g_assert_cmpuint(hilum_label_snapshot_get(points, seeds[n].voxel), ==,
                     seeds[n].group == 1 ? 3 : fresh[seeds[n].group - 2]);
  g_assert_cmpuint(hilum_label_snapshot_get(points, (HilumVoxel){38, 30, 19}), ==, 3);

  /* One ball is one part. */
  g_autoptr(HilumMask) single = balls(PAIR, RADII, 1);
  g_autoptr(HilumLabelSnapshot) alone = labels_of(single, 3);
  split = (HilumLabelSplit){.method = HILUM_SPLIT_ISLANDS, .n = 3, .fresh = fresh, .n_fresh = 2};
  g_assert_null(hilum_labels_split(alone, 3, &split, &made, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
}

static void test_seeds(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = balls(PAIR, RADII, 2);
  /* Near the wall, and two of one group: neither matters. */
  const HilumSplitSeed seeds[3] = {{{12, 19, 15}, 4}, {{20, 12, 15}, 4}, {{42, 19, 15}, 9}};
  const HilumSplitOptions options = {.seeds = seeds, .n_seeds = 3};
  g_autoptr(HilumSplit) split = hilum_split_new(mask, SPACING_MM, &options, NULL, &error);
  g_assert_no_error(error);
  check_cut(split, mask);
  g_assert_cmpuint(hilum_split_at(split, seeds[0].voxel), ==, hilum_split_at(split, seeds[1].voxel));
  g_assert_cmpuint(hilum_split_at(split, seeds[0].voxel), !=, hilum_split_at(split, seeds[2].voxel));
  const HilumSplitSeed outside = {{1, 1, 1}, 1};
  const HilumSplitOptions bad = {.seeds = &outside, .n_seeds = 1};
  g_assert_null(hilum_split_new(mask, SPACING_MM, &bad, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  const HilumSplitSeed same[2] = {{{20, 19, 15}, 1}, {{19, 19, 15}, 2}};
  const HilumSplitOptions one_bulge = {.seeds = same, .n_seeds = 2};
  g_assert_null(hilum_split_new(mask, SPACING_MM, &one_bulge, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  g_autoptr(HilumMask) empty = hilum_mask_new(DIMS, NULL);
  g_assert_null(hilum_split_new(empty, SPACING_MM, &bad, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
}

/* The neck of 4.6 mm times 1.4 is 6.4, and 7 is not 1 more than that; times 1.1 it is. */
static void test_widening(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = balls(PAIR, RADII, 2);
  const HilumSplitOptions wide = {.widening = 1.4}, less = {.widening = 1.1};
  g_autoptr(HilumSplit) whole = hilum_split_new(mask, SPACING_MM, &wide, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_split_get_count(whole), ==, 1);
  g_assert_cmpfloat(fabs(hilum_split_get_widest_mm(whole, 1) - 9), <, 1);
  g_autoptr(HilumSplit) split = hilum_split_new(mask, SPACING_MM, &less, NULL, &error);
  g_assert_no_error(error);
  check_cut(split, mask);
  const uint32_t right = hilum_split_at(split, (HilumVoxel){38, 19, 15});
  g_assert_cmpfloat(fabs(hilum_split_get_widest_mm(split, right) - 7), <, 1);
}

/* A ball has no neck: points on both sides of its middle part it only where a wall runs through. */
static void test_walls(void)
{
  static const HilumVec3 middle = {20, 19, 19};
  static const double radius = 10;
  enum { WALL = 25 }; /* x = 20 mm */
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) ball = balls(&middle, &radius, 1), walls = hilum_mask_new(DIMS, NULL);
  for (int32_t k = 0; k < DIMS[2]; k++)
    for (int32_t j = 0; j < DIMS[1]; j++)
      hilum_mask_set(walls, (HilumVoxel){WALL, j, k});
  const HilumSplitSeed seeds[2] = {{{18, 19, 15}, 1}, {{32, 19, 15}, 2}};
  HilumSplitOptions options = {.seeds = seeds, .n_seeds = 2};
  g_assert_null(hilum_split_new(ball, SPACING_MM, &options, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  options.walls = walls;
  g_autoptr(HilumSplit) split = hilum_split_new(ball, SPACING_MM, &options, NULL, &error);
  g_assert_no_error(error);
  const uint32_t left = hilum_split_at(split, seeds[0].voxel);
  for (int32_t k = 0; k < DIMS[2]; k++)
    for (int32_t j = 0; j < DIMS[1]; j++)
      for (int32_t i = 0; i < DIMS[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const uint32_t part = hilum_split_at(split, v);
        g_assert_cmpint(part != 0, ==, hilum_mask_get(ball, v)); /* the wall is not a gap */
        if (part != 0 && i < WALL) g_assert_cmpuint(part, ==, left);
        if (part != 0 && i > WALL) g_assert_cmpuint(part, !=, left);
      }
}

/* Every n-th slice of a ball along an axis; what is filled in lies within a voxel of the ball's wall. */
static void check_ball(int axis, int every, bool automatic)
{
  static const HilumVec3 middle = {23, 19, 19};
  static const double radius = 14;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) ball = balls(&middle, &radius, 1);
  g_autoptr(HilumMask) some = hilum_mask_new(DIMS, NULL);
  const HilumVoxelBox bounds = hilum_mask_bounds(ball);
  int32_t last = 0;
  for (int32_t k = 0; k < DIMS[2]; k++)
    for (int32_t j = 0; j < DIMS[1]; j++)
      for (int32_t i = 0; i < DIMS[0]; i++) {
        const int32_t at[3] = {i, j, k};
        if ((at[axis] - bounds.lo[axis]) % every != 0 || !hilum_mask_get(ball, (HilumVoxel){i, j, k}))
          continue;
        hilum_mask_set(some, (HilumVoxel){i, j, k});
        last = MAX(last, at[axis]);
      }
  g_assert_true(hilum_mask_fill_slices(some, SPACING_MM, automatic ? -1 : axis, NULL, &error));
  g_assert_no_error(error);
  const double bow = (every * SPACING_MM[axis]) * (every * SPACING_MM[axis]) / 8 / radius;
  for (int32_t k = 0; k < DIMS[2]; k++)
    for (int32_t j = 0; j < DIMS[1]; j++)
      for (int32_t i = 0; i < DIMS[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const int32_t at[3] = {i, j, k};
        const double off = hilum_vec3_distance(centre_of(v), middle) - radius;
        if (at[axis] > last) g_assert_false(hilum_mask_get(some, v));
        /* Away from the poles, where outlines change faster than a chord can follow. */
        if (at[axis] > last ||
            fabs((at[axis] - (bounds.lo[axis] + bounds.hi[axis] - 1) / 2.0) * SPACING_MM[axis]) > 9)
          continue;
        if (off < -1.3 - bow) g_assert_true(hilum_mask_get(some, v));
        if (off > 1.3) g_assert_false(hilum_mask_get(some, v));
      }
}

static void test_fill(void)
{
  for (int axis = 0; axis < 3; axis++) {
    check_ball(axis, 3, false);
    check_ball(axis, 4, true);
  }
  /* Two parts, and uneven gaps; slices that were drawn stay, and a second run changes nothing. */
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = hilum_mask_new(DIMS, NULL);
  static const int32_t slices[] = {3, 5, 6, 14};
  for (int s = 0; s < 4; s++)
    for (int32_t j = 5; j < 15; j++) {
      hilum_mask_set_span(mask, 5, 15, j, slices[s]);
      hilum_mask_set_span(mask, 30, 45, j, slices[s]);
    }
  g_assert_true(hilum_mask_fill_slices(mask, SPACING_MM, 2, NULL, &error));
  g_assert_cmpuint(hilum_mask_count(mask), ==, 12 * 10 * 25);
  g_autoptr(HilumMask) again = hilum_mask_copy(mask, NULL);
  g_assert_true(hilum_mask_fill_slices(again, SPACING_MM, 2, NULL, &error));
  g_assert_true(hilum_mask_equal(again, mask));
  g_autoptr(HilumMask) one = hilum_mask_new(DIMS, NULL);
  hilum_mask_set(one, (HilumVoxel){5, 5, 5});
  g_assert_false(hilum_mask_fill_slices(one, SPACING_MM, 2, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
}

enum { N = 48 };

/* Two boxes with ragged walls between them, a locked bar through both, nothing around. */
static HilumLabelSnapshot *ragged(HilumGrid *grid)
{
  *grid = hilum_grid_new(N, N, N, 1, 1, 1);
  g_autofree uint8_t *labels = g_new0(uint8_t, N * N * N);
  for (int at = 0; at < N * N * N; at++) {
    const int i = at % N, j = at / N % N, k = at / N / N;
    if (i < 8 || i >= 40 || j < 8 || j >= 40 || k < 8 || k >= 40) continue;
    const double wall = 24 + 4 * (hilum_random_uniform(7, (uint64_t)at) - 0.5);
    labels[at] = j == 20 && k == 20 ? 9 : i < wall ? 1 : 2;
  }
  return hilum_label_snapshot_new_from_dense(grid, labels, NULL);
}

/* Pairs of neighbours along y and z with labels 1 and 2: how ragged the wall is. */
static int raggedness(HilumLabelSnapshot *s)
{
  int n = 0;
  for (int at = 0; at < N * (N - 1) * (N - 1); at++) {
    const int32_t i = at % N, j = at / N % (N - 1), k = at / N / (N - 1);
    const int a = hilum_label_snapshot_get(s, (HilumVoxel){i, j, k});
    const int b = hilum_label_snapshot_get(s, (HilumVoxel){i, j + 1, k});
    const int c = hilum_label_snapshot_get(s, (HilumVoxel){i, j, k + 1});
    n += (a + b == 3 && a * b == 2) + (a + c == 3 && a * c == 2);
  }
  return n;
}

static void test_joint(void)
{
  HilumGrid grid;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) before = ragged(&grid);
  const uint8_t set[HILUM_LABEL_COUNT] = {[1] = 1, [2] = 1};
  hilum_parallel_set_threads(1);
  g_autoptr(HilumLabelSnapshot) one = hilum_labels_smooth_jointly(before, set, 2, NULL, &error);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumLabelSnapshot) after = hilum_labels_smooth_jointly(before, set, 2, NULL, &error);
  hilum_parallel_set_threads(0);
  g_assert_no_error(error);
  g_autofree char *hash_one = hilum_label_snapshot_hash(one), *hash = hilum_label_snapshot_hash(after);
  g_assert_cmpstr(hash_one, ==, hash);
  for (int at = 0; at < N * N * N; at++) {
    const HilumVoxel v = {at % N, at / N % N, at / N / N};
    const uint8_t was = hilum_label_snapshot_get(before, v), is = hilum_label_snapshot_get(after, v);
    if (was == 0 || was == 9)
      g_assert_cmpuint(is, ==, was);
    else
      g_assert_true(is == 1 || is == 2);
    if (v.i < 21 && was == 1) g_assert_cmpuint(is, ==, 1);
    if (v.i > 27 && was == 2) g_assert_cmpuint(is, ==, 2);
  }
  g_assert_cmpint(raggedness(before), >, 10 * raggedness(after));
  /* With nothing in the contest, the outer edge is rounded and no voxel far from it changes. */
  const uint8_t all[HILUM_LABEL_COUNT] = {[0] = 1, [1] = 1, [2] = 1};
  g_autoptr(HilumLabelSnapshot) round = hilum_labels_smooth_jointly(before, all, 2, NULL, &error);
  g_assert_cmpuint(hilum_label_snapshot_get(round, (HilumVoxel){8, 8, 8}), ==, 0);
  g_assert_cmpuint(hilum_label_snapshot_get(round, (HilumVoxel){8, 30, 30}), ==, 1);
  g_assert_cmpuint(hilum_label_snapshot_get(round, (HilumVoxel){7, 30, 30}), ==, 0);
  g_assert_cmpuint(hilum_label_snapshot_get(round, (HilumVoxel){20, 20, 20}), ==, 9);
  const uint8_t nobody[HILUM_LABEL_COUNT] = {[5] = 1};
  g_assert_null(hilum_labels_smooth_jointly(before, nobody, 2, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/split/neck", test_neck);
  g_test_add_func("/segment/split/seeds", test_seeds);
  g_test_add_func("/segment/split/widening", test_widening);
  g_test_add_func("/segment/split/walls", test_walls);
  g_test_add_func("/segment/fill-slices", test_fill);
  g_test_add_func("/segment/joint-smooth", test_joint);
  g_test_add_func("/segment/split/number-of-parts", test_number_of_parts);
  g_test_add_func("/segment/split/labels", test_labels);
  return g_test_run();
}
