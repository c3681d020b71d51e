/* The same voxel counts as ITK 5.2.1 wherever the definition is the same: recorded once with the comparison
 * programs that scripts/bench runs, on a volume that is made of integers and therefore the same everywhere.
 * `test-golden-peers --write FILE` writes it (150x110x70, int16) for
 *   itk_seg FILE 150 110 70 1 1 1 OP --lo 200 --hi 3071 --seed 60,50,30 --radius 3
 * whose "count" stands below; --lo 171 for the balls, which leaves one voxel in 200 out as holes. Nothing of
 * the range lies near the border, where the closings differ. */
#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/filter/components.h"
#include "hilum/filter/median.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/threshold.h"

#include <stdio.h>
#include <string.h>

/* What ITK counted. */
enum {
  PEER_THRESHOLD = 90849,
  PEER_GROW_6 = 22473,
  PEER_GROW_26 = 23687,
  PEER_COMPONENTS_6 = 61,
  PEER_COMPONENTS_26 = 13,
  PEER_DILATE = 212367,
  PEER_ERODE = 17520,
  PEER_OPEN = 88614,
  PEER_CLOSE = 111812,
  PEER_MEDIAN = 1152417
};

enum { NX = 150, NY = 110, NZ = 70, BALLS = 40, MARGIN = 8 };

/* Balls of 270 in a ground of 40, both with noise of -100..99. */
static int16_t *make_voxels(void)
{
  int16_t *voxels = hilum_big_alloc((size_t)NX * NY * NZ * sizeof *voxels, NULL);
  static const int32_t dims[3] = {NX, NY, NZ};
  int32_t ball[BALLS][4] = {{60, 50, 30, 14}};
  for (uint64_t b = 1; b < BALLS; b++) {
    ball[b][3] = 2 + (int32_t)(hilum_random_u64(2, b) % 11);
    for (uint64_t a = 0; a < 3; a++) {
      const int32_t edge = MARGIN + ball[b][3];
      ball[b][a] = edge + (int32_t)(hilum_random_u64(3 + a, b) % (uint64_t)(dims[a] - 2 * edge));
    }
  }
  size_t n = 0;
  for (int32_t k = 0; k < NZ; k++)
    for (int32_t j = 0; j < NY; j++)
      for (int32_t i = 0; i < NX; i++, n++) {
        int32_t value = 40;
        for (int b = 0; b < BALLS; b++) {
          const int32_t x = i - ball[b][0], y = j - ball[b][1], z = k - ball[b][2];
          if (x * x + y * y + z * z <= ball[b][3] * ball[b][3]) value = 270;
        }
        voxels[n] = (int16_t)(value + (int32_t)(hilum_random_u64(1, n) % 200) - 100);
      }
  return voxels;
}

static HilumVolume *make_volume(void)
{
  const HilumGrid grid = hilum_grid_new(NX, NY, NZ, 1, 1, 1);
  HilumVolume *volume = hilum_volume_new_take(&grid, make_voxels(), 1, 0, "HU", NULL);
  g_assert_nonnull(volume);
  return volume;
}

static void test_range(void)
{
  g_autoptr(HilumVolume) volume = make_volume();
  g_autoptr(HilumMask) mask = hilum_threshold(volume, 200, 3071, NULL, NULL);
  g_assert_cmpuint(hilum_mask_count(mask), ==, PEER_THRESHOLD);
  const HilumVoxel seed = {60, 50, 30};
  HilumGrowOptions options = {
      .seeds = &seed, .n_seeds = 1, .connectivity = HILUM_CONNECT_6, .lo = 200, .hi = 3071};
  g_autoptr(HilumMask) six = hilum_grow(volume, &options, NULL, NULL, NULL, NULL);
  g_assert_cmpuint(hilum_mask_count(six), ==, PEER_GROW_6);
  options.connectivity = HILUM_CONNECT_26;
  g_autoptr(HilumMask) all = hilum_grow(volume, &options, NULL, NULL, NULL, NULL);
  g_assert_cmpuint(hilum_mask_count(all), ==, PEER_GROW_26);
  g_autoptr(HilumComponents) faces = hilum_components_new(mask, HILUM_CONNECT_6, NULL, NULL);
  g_assert_cmpint(hilum_components_get_count(faces), ==, PEER_COMPONENTS_6);
  g_autoptr(HilumComponents) corners = hilum_components_new(mask, HILUM_CONNECT_26, NULL, NULL);
  g_assert_cmpint(hilum_components_get_count(corners), ==, PEER_COMPONENTS_26);
}

/* The peer's ball of radius 3 is the ellipsoid of 3 1/2 voxels. */
static void test_balls(void)
{
  static const struct {
    bool (*run)(HilumMask *, const double *, double, const HilumProgress *, GError **);
    uint64_t count;
  } cases[] = {{hilum_mask_dilate, PEER_DILATE},
               {hilum_mask_erode, PEER_ERODE},
               {hilum_mask_open, PEER_OPEN},
               {hilum_mask_close, PEER_CLOSE}};
  static const double voxels[3] = {1, 1, 1};
  g_autoptr(HilumVolume) volume = make_volume();
  g_autoptr(HilumMask) mask = hilum_threshold(volume, 171, 3071, NULL, NULL);
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
    g_autoptr(HilumMask) m = hilum_mask_copy(mask, NULL);
    g_assert_true(cases[c].run(m, voxels, 3.5, NULL, NULL));
    g_assert_cmpuint(hilum_mask_count(m), ==, cases[c].count);
  }
}

/* Voxels that are not 0 (of all of them few are). */
static void test_median(void)
{
  g_autoptr(HilumVolume) volume = make_volume();
  g_autoptr(HilumVolume) out = hilum_volume_median(volume, NULL, NULL);
  g_assert_cmpuint((uint64_t)NX * NY * NZ - hilum_volume_get_histogram(out)[32768], ==, PEER_MEDIAN);
}

static int write_volume(const char *path)
{
  int16_t *voxels = make_voxels();
  FILE *f = fopen(path, "wb");
  const size_t count = (size_t)NX * NY * NZ;
  const bool ok = f != NULL && fwrite(voxels, sizeof *voxels, count, f) == count && fclose(f) == 0;
  hilum_big_free(voxels);
  return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
  if (argc == 3 && strcmp(argv[1], "--write") == 0) return write_volume(argv[2]);
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/golden/peers/range", test_range);
  g_test_add_func("/golden/peers/balls", test_balls);
  g_test_add_func("/golden/peers/median", test_median);
  return g_test_run();
}
