/* Components, flood, islands and holes against plain flooding, on odd sizes and densities. */
#include "hilum/filter/components.h"

#include "brute.h"
#include "hilum/base/parallel.h"

static const double densities[] = {0.02, 0.2, 0.35, 0.6, 0.95, 1.0};

static HilumVoxel voxel_at(const HilumMask *m, size_t v)
{
  const size_t nx = (size_t)m->dims[0], ny = (size_t)m->dims[1];
  return (HilumVoxel){(int32_t)(v % nx), (int32_t)(v / nx % ny), (int32_t)(v / (nx * ny))};
}

static size_t voxels_of(const HilumMask *m)
{
  return (size_t)m->dims[0] * (size_t)m->dims[1] * (size_t)m->dims[2];
}

static void check_components(const HilumMask *mask, HilumConnectivity connectivity)
{
  g_autoptr(GError) error = NULL;
  int32_t count;
  g_autofree int32_t *label = brute_label(mask, (int)connectivity, &count);
  g_autoptr(HilumComponents) c = hilum_components_new(mask, connectivity, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_components_get_count(c), ==, (guint)count);
  g_autofree uint64_t *sizes = g_new0(uint64_t, (size_t)count + 1);
  for (size_t v = 0; v < voxels_of(mask); v++) {
    const HilumVoxel at = voxel_at(mask, v);
    const uint32_t expected = label[v] < 0 ? UINT32_MAX : (uint32_t)label[v];
    g_assert_cmpuint(hilum_components_at(c, at), ==, expected);
    if (label[v] < 0) continue;
    sizes[label[v]]++;
    const HilumVoxelBox b = hilum_components_get_bounds(c, expected);
    g_assert_true(at.i >= b.lo[0] && at.i < b.hi[0] && at.j >= b.lo[1] && at.j < b.hi[1] && at.k >= b.lo[2] &&
                  at.k < b.hi[2]);
  }
  uint32_t largest = 0;
  for (uint32_t i = 0; i < (uint32_t)count; i++) {
    g_assert_cmpuint(hilum_components_get_size(c, i), ==, sizes[i]);
    if (sizes[i] > sizes[largest]) largest = i;
  }
  g_assert_cmpuint(hilum_components_get_largest(c), ==, count ? largest : UINT32_MAX);
}

static void test_components(void)
{
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++)
    for (size_t p = 0; p < G_N_ELEMENTS(densities); p++) {
      g_autoptr(HilumMask) mask = brute_random(brute_dims[d], densities[p], d * 100 + p);
      check_components(mask, HILUM_CONNECT_6);
      check_components(mask, HILUM_CONNECT_26);
    }
  g_autoptr(HilumMask) empty = brute_new(brute_dims[4]);
  check_components(empty, HILUM_CONNECT_26);
}

/* More slices than a slab, so that the seams between slabs matter. */
static void test_seams(void)
{
  const int32_t dims[3] = {70, 11, 75};
  for (uint64_t seed = 0; seed < 6; seed++) {
    g_autoptr(HilumMask) mask = brute_random(dims, 0.1 + 0.06 * (double)seed, seed);
    check_components(mask, HILUM_CONNECT_6);
    check_components(mask, HILUM_CONNECT_26);
  }
}

static void check_flood(const HilumMask *mask, HilumConnectivity connectivity, uint64_t seed)
{
  g_autoptr(GError) error = NULL;
  int32_t count;
  g_autofree int32_t *label = brute_label(mask, (int)connectivity, &count);
  HilumVoxel seeds[5];
  g_autofree bool *wanted = g_new0(bool, (size_t)count + 1);
  size_t expected = 0, reached = 99;
  for (size_t s = 0; s < 4; s++) {
    size_t v = hilum_random_u64(seed, s) % voxels_of(mask);
    seeds[s] = voxel_at(mask, v);
    if (label[v] < 0) continue;
    wanted[label[v]] = true;
    expected++;
  }
  seeds[4] = (HilumVoxel){-1, 0, 1 << 20}; /* ignored */
  g_autoptr(HilumMask) flood = hilum_mask_flood(mask, seeds, 5, connectivity, &reached, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(reached, ==, expected);
  for (size_t v = 0; v < voxels_of(mask); v++)
    g_assert_cmpint(hilum_mask_get(flood, voxel_at(mask, v)), ==, label[v] >= 0 && wanted[label[v]]);
  brute_assert_padding(flood);
}

static void test_flood(void)
{
  const int32_t more[][3] = {{300, 12, 5}, {129, 20, 10}};
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims) + G_N_ELEMENTS(more); d++)
    for (size_t p = 0; p < G_N_ELEMENTS(densities); p++)
      for (uint64_t seed = 0; seed < 3; seed++) {
        const int32_t *dims =
            d < G_N_ELEMENTS(brute_dims) ? brute_dims[d] : more[d - G_N_ELEMENTS(brute_dims)];
        g_autoptr(HilumMask) mask = brute_random(dims, densities[p], d * 100 + p);
        check_flood(mask, HILUM_CONNECT_6, seed);
        check_flood(mask, HILUM_CONNECT_26, seed);
      }
}

/* A serpent: the flood must follow every bend, against and with the order of rows and bits. */
static void test_serpent(void)
{
  const int32_t dims[3] = {200, 41, 3};
  g_autoptr(HilumMask) mask = brute_new(dims);
  for (int32_t j = 0; j < 41; j += 2) {
    hilum_mask_set_span(mask, 0, 200, j, 1);
    if (j + 1 < 41) hilum_mask_set(mask, (HilumVoxel){j % 4 ? 0 : 199, j + 1, 1});
  }
  const HilumVoxel ends[2] = {{0, 0, 1}, {199, 40, 1}};
  for (int e = 0; e < 2; e++) {
    size_t reached;
    g_autoptr(HilumMask) flood = hilum_mask_flood(mask, &ends[e], 1, HILUM_CONNECT_6, &reached, NULL, NULL);
    g_assert_true(hilum_mask_equal(flood, mask));
  }
}

static void test_islands(void)
{
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++) {
    g_autoptr(HilumMask) mask = brute_random(brute_dims[d], 0.3, d);
    int32_t count;
    g_autofree int32_t *label = brute_label(mask, 6, &count);
    g_autofree uint64_t *sizes = g_new0(uint64_t, (size_t)count + 1);
    int32_t largest = 0;
    for (size_t v = 0; v < voxels_of(mask); v++)
      if (label[v] >= 0) sizes[label[v]]++;
    for (int32_t i = 1; i < count; i++)
      if (sizes[i] > sizes[largest]) largest = i;
    g_autoptr(HilumMask) one = hilum_mask_copy(mask, NULL);
    g_autoptr(HilumMask) big = hilum_mask_copy(mask, NULL);
    g_assert_true(hilum_mask_keep_largest(one, HILUM_CONNECT_6, NULL, NULL));
    g_assert_true(hilum_mask_remove_below(big, HILUM_CONNECT_6, 3, NULL, NULL));
    for (size_t v = 0; v < voxels_of(mask); v++) {
      g_assert_cmpint(hilum_mask_get(one, voxel_at(mask, v)), ==, label[v] >= 0 && label[v] == largest);
      g_assert_cmpint(hilum_mask_get(big, voxel_at(mask, v)), ==, label[v] >= 0 && sizes[label[v]] >= 3);
    }
  }
}

static void check_holes(const HilumMask *mask)
{
  g_autoptr(HilumMask) background = hilum_mask_copy(mask, NULL);
  hilum_mask_invert(background);
  int32_t count;
  g_autofree int32_t *label = brute_label(background, 6, &count);
  g_autofree bool *open = g_new0(bool, (size_t)count + 1);
  for (size_t v = 0; v < voxels_of(mask); v++) {
    const HilumVoxel a = voxel_at(mask, v);
    if (label[v] >= 0 && (a.i == 0 || a.j == 0 || a.k == 0 || a.i == mask->dims[0] - 1 ||
                          a.j == mask->dims[1] - 1 || a.k == mask->dims[2] - 1))
      open[label[v]] = true;
  }
  g_autoptr(HilumMask) filled = hilum_mask_copy(mask, NULL);
  g_assert_true(hilum_mask_fill_holes(filled, NULL, NULL));
  for (size_t v = 0; v < voxels_of(mask); v++)
    g_assert_cmpint(hilum_mask_get(filled, voxel_at(mask, v)), ==, label[v] < 0 || !open[label[v]]);
  brute_assert_padding(filled);
}

static void test_holes(void)
{
  for (size_t d = 0; d < G_N_ELEMENTS(brute_dims); d++)
    for (size_t p = 0; p < G_N_ELEMENTS(densities); p++) {
      g_autoptr(HilumMask) mask = brute_random(brute_dims[d], densities[p], d + p);
      check_holes(mask);
    }
  /* A shell away from the border, at a word boundary, and one with a hole in its wall. */
  const int32_t dims[3] = {150, 20, 20};
  g_autoptr(HilumMask) shell = brute_new(dims);
  for (int32_t k = 5; k < 12; k++)
    for (int32_t j = 5; j < 12; j++)
      for (int32_t i = 60; i < 70; i++)
        if (k == 5 || k == 11 || j == 5 || j == 11 || i == 60 || i == 69)
          hilum_mask_set(shell, (HilumVoxel){i, j, k});
  check_holes(shell);
  hilum_mask_clear(shell, (HilumVoxel){60, 8, 8});
  check_holes(shell);
}

static void test_threads(void)
{
  const int32_t dims[3] = {90, 60, 70};
  g_autoptr(HilumMask) mask = brute_random(dims, 0.25, 7);
  g_autoptr(HilumComponents) many = hilum_components_new(mask, HILUM_CONNECT_26, NULL, NULL);
  hilum_parallel_set_threads(1);
  g_autoptr(HilumComponents) one = hilum_components_new(mask, HILUM_CONNECT_26, NULL, NULL);
  hilum_parallel_set_threads(0);
  for (size_t v = 0; v < voxels_of(mask); v++)
    g_assert_cmpuint(hilum_components_at(many, voxel_at(mask, v)), ==,
                     hilum_components_at(one, voxel_at(mask, v)));
}

static void test_cancel(void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(HilumMask) mask = brute_random(brute_dims[4], 0.5, 1);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_components_new(mask, HILUM_CONNECT_6, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  g_assert_false(hilum_mask_fill_holes(mask, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/components/random", test_components);
  g_test_add_func("/filter/components/seams", test_seams);
  g_test_add_func("/filter/components/flood", test_flood);
  g_test_add_func("/filter/components/serpent", test_serpent);
  g_test_add_func("/filter/components/islands", test_islands);
  g_test_add_func("/filter/components/holes", test_holes);
  g_test_add_func("/filter/components/threads", test_threads);
  g_test_add_func("/filter/components/cancel", test_cancel);
  return g_test_run();
}
