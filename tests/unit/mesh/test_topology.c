/* The proof that no configuration of voxels tears, pinches or flattens the surface: every pair of
 * neighbouring cells, and many random blocks, come out closed, 2-manifold, consistently oriented and outward.
 */
#include "mesh_fixture.h"

static HilumMesh *extract_bits(HilumMask *mask, const HilumGrid *grid, bool open)
{
  g_autoptr(GError) error = NULL;
  HilumExtractOptions o = {.open_border = open};
  HilumMesh *mesh = hilum_mesh_extract_mask(mask, grid, &o, NULL, &error);
  if (open && !mesh) return NULL;
  g_assert_no_error(error);
  return mesh;
}

/* Cells that share a face have twelve corners: all 4096 fillings (every one of the 256 cases beside each of
 * the 16 that fit its face), along each axis. */
static void test_cell_pairs(gconstpointer data)
{
  int axis = GPOINTER_TO_INT(data);
  int32_t dims[3] = {2, 2, 2};
  dims[axis] = 3;
  HilumGrid grid = hilum_grid_new(dims[0], dims[1], dims[2], 0.7, 0.8, 1.1);
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, NULL);
  for (unsigned code = 1; code < 4096; code++) {
    hilum_mask_fill(mask, false);
    for (int32_t c = 0; c < 12; c++)
      if (code >> c & 1)
        hilum_mask_set(mask, (HilumVoxel){c % dims[0], c / dims[0] % dims[1], c / (dims[0] * dims[1])});
    g_autoptr(HilumMesh) mesh = extract_bits(mask, &grid, false);
    fixture_assert_clean(mesh);
    g_autoptr(HilumMesh) open = extract_bits(mask, &grid, true);
    if (!open) continue; /* nothing between voxels: the whole surface lay on the border */
    HilumMeshReport r = fixture_report(open);
    g_assert_true(r.manifold && r.oriented);
    g_assert_cmpuint(r.degenerate_triangles, ==, 0);
    g_assert_cmpuint(r.duplicate_triangles, ==, 0);
  }
}

static void fill_random(HilumMask *mask, uint64_t seed, double density)
{
  uint64_t n = 0;
  for (int32_t k = 0; k < mask->dims[2]; k++)
    for (int32_t j = 0; j < mask->dims[1]; j++)
      for (int32_t i = 0; i < mask->dims[0]; i++)
        if (hilum_random_uniform(seed, n++) < density) hilum_mask_set(mask, (HilumVoxel){i, j, k});
}

static void test_random_blocks(void)
{
  int32_t dims[3] = {8, 8, 8};
  HilumGrid grid = hilum_grid_new(8, 8, 8, 1, 1, 1), tilted = grid;
  fixture_tilt(&tilted, true);
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, NULL);
  for (uint64_t seed = 0; seed < 4000; seed++) {
    hilum_mask_fill(mask, false);
    fill_random(mask, seed, 0.1 + 0.8 * hilum_random_uniform(99, seed));
    if (hilum_mask_count(mask) == 0) continue;
    g_autoptr(HilumMesh) mesh = extract_bits(mask, seed & 1 ? &tilted : &grid, false);
    fixture_assert_clean(mesh);
  }
}

/* Rows longer than a word, odd sizes, and grey values full of ties. */
static void test_random_grey(void)
{
  for (uint64_t seed = 0; seed < 60; seed++) {
    int32_t nx = 1 + (int32_t)(hilum_random_u64(1, seed) % 140),
            ny = 1 + (int32_t)(hilum_random_u64(2, seed) % 9);
    HilumGrid grid = hilum_grid_new(nx, ny, 1 + (int32_t)(hilum_random_u64(3, seed) % 9), 0.5, 0.9, 3);
    g_autoptr(GError) error = NULL;
    size_t n = hilum_grid_count(&grid);
    int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, &error);
    for (size_t i = 0; i < n; i++)
      voxels[i] = (int16_t)(hilum_random_u64(seed, i) % 5);
    voxels[n / 2] = 4;
    g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "", &error);
    g_autoptr(HilumMesh) mesh = hilum_mesh_extract_iso(volume, 2, NULL, NULL, &error);
    g_assert_no_error(error);
    fixture_assert_clean(mesh);
  }
}

/* Two voxels that touch at an edge or a corner: the face rule joins across a face, and nothing across a
 * cell's diagonal. The number of pieces is the rule made visible. */
static void test_rule(void)
{
  int32_t dims[3] = {4, 4, 4};
  HilumGrid grid = hilum_grid_new(4, 4, 4, 1, 1, 1);
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, NULL);
  hilum_mask_set(mask, (HilumVoxel){1, 1, 1});
  hilum_mask_set(mask, (HilumVoxel){2, 2, 1});
  g_autoptr(HilumMesh) joined = extract_bits(mask, &grid, false);
  g_assert_cmpuint(fixture_report(joined).shells, ==, 1);
  hilum_mask_clear(mask, (HilumVoxel){2, 2, 1});
  hilum_mask_set(mask, (HilumVoxel){2, 2, 2});
  g_autoptr(HilumMesh) apart = extract_bits(mask, &grid, false);
  g_assert_cmpuint(fixture_report(apart).shells, ==, 2);
  g_assert_cmpint(fixture_report(apart).euler, ==, 4);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/mesh/topology/pairs-x", GINT_TO_POINTER(0), test_cell_pairs);
  g_test_add_data_func("/mesh/topology/pairs-y", GINT_TO_POINTER(1), test_cell_pairs);
  g_test_add_data_func("/mesh/topology/pairs-z", GINT_TO_POINTER(2), test_cell_pairs);
  g_test_add_func("/mesh/topology/random-blocks", test_random_blocks);
  g_test_add_func("/mesh/topology/random-grey", test_random_grey);
  g_test_add_func("/mesh/topology/rule", test_rule);
  return g_test_run();
}
