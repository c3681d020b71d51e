/* All structures of a label map at once: whatever the labels, each structure's surface is closed, 2-manifold
 * and outward, and what two structures share is the same triangles with opposite orientation. */
#include "joint_fixture.h"

/* Every pair of cells that share a face, in three labels. */
static void test_cell_pairs(gconstpointer data)
{
  int axis = GPOINTER_TO_INT(data);
  int32_t dims[3] = {2, 2, 2};
  dims[axis] = 3;
  HilumGrid grid = hilum_grid_new(dims[0], dims[1], dims[2], 0.7, 0.8, 1.1);
  uint8_t voxels[12];
  /* Two labels and the outside: 531,441 fillings. Every 173rd, from another start along each axis, so that
   * the three axes see different ones; joint-cell sees all cells. */
  static const unsigned step = 173;
  for (unsigned code = 1 + 11 * (unsigned)axis; code < 531441; code += step) {
    for (unsigned c = 0, rest = code; c < 12; c++, rest /= 3)
      voxels[c] = rest % 3;
    joint_fixture_check(&grid, voxels, 2);
  }
}

static void test_random_maps(void)
{
  HilumGrid grid = hilum_grid_new(8, 8, 8, 1, 1, 1), tilted = hilum_grid_new(8, 8, 8, 0.7, 0.7, 5);
  fixture_tilt(&tilted, true);
  for (uint64_t seed = 0; seed < 10000; seed++) {
    uint8_t voxels[512];
    joint_fixture_random(voxels, 512, seed, 4);
    joint_fixture_check(seed & 1 ? &tilted : &grid, voxels, 4);
  }
}

/* Rows longer than a word and many labels. */
static void test_long_rows(void)
{
  for (uint64_t seed = 0; seed < 40; seed++) {
    int32_t nx = 1 + (int32_t)(hilum_random_u64(1, seed) % 140),
            ny = 1 + (int32_t)(hilum_random_u64(2, seed) % 9);
    HilumGrid grid = hilum_grid_new(nx, ny, 1 + (int32_t)(hilum_random_u64(3, seed) % 9), 0.5, 0.9, 3);
    uint8_t labels = (uint8_t)(1 + hilum_random_u64(4, seed) % 12);
    g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
    joint_fixture_random(voxels, hilum_grid_count(&grid), seed, labels);
    voxels[0] = 1;
    joint_fixture_check(&grid, voxels, labels);
  }
}

/* One structure alone: what hilum_mesh_extract_label() makes. */
static void test_single(void)
{
  HilumGrid grid = hilum_grid_new(20, 17, 9, 0.7, 0.8, 1.1);
  fixture_tilt(&grid, true);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_random(voxels, hilum_grid_count(&grid), 5, 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumJoint) joint = hilum_joint_new(labels, NULL, NULL, &error);
  g_autoptr(HilumMesh) one = hilum_joint_split(joint, 1, &error);
  g_autoptr(HilumMesh) bare = hilum_mesh_extract_label(labels, 1, NULL, NULL, &error);
  g_assert_no_error(error);
  fixture_assert_same_bits(one, bare);
}

/* Labels that are not wanted are outside, and the volumes of all structures add up to that of the whole: no
 * gap, no overlap. */
static void test_wanted(void)
{
  HilumGrid grid = hilum_grid_new(30, 31, 32, 0.7, 0.8, 1.1);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 3, 3);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  uint8_t wanted[HILUM_LABEL_COUNT] = {[1] = 1, [3] = 1};
  g_autoptr(HilumJoint) some = hilum_joint_new(labels, wanted, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_joint_has(some, 1) && hilum_joint_has(some, 3));
  g_assert_false(hilum_joint_has(some, 2));
  for (size_t i = 0; i < hilum_grid_count(&grid); i++)
    voxels[i] = voxels[i] == 2 ? 0 : voxels[i];
  g_autoptr(HilumLabelSnapshot) without = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumJoint) same = hilum_joint_new(without, NULL, NULL, &error);
  g_assert_no_error(error);
  fixture_assert_same_bits(hilum_joint_get_mesh(some), hilum_joint_get_mesh(same));
  g_assert_null(hilum_joint_split(some, 2, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  g_clear_error(&error);
  uint8_t none[HILUM_LABEL_COUNT] = {[9] = 1};
  g_assert_null(hilum_joint_new(labels, none, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
}

static void test_same_bits(void)
{
  HilumGrid grid = hilum_grid_new(70, 60, 50, 0.7, 0.7, 2);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 1, 5);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  hilum_parallel_set_threads(1);
  g_autoptr(HilumJoint) one = hilum_joint_new(labels, NULL, NULL, &error);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumJoint) five = hilum_joint_new(labels, NULL, NULL, &error);
  hilum_parallel_set_threads(0);
  g_assert_no_error(error);
  fixture_assert_same_bits(hilum_joint_get_mesh(one), hilum_joint_get_mesh(five));
  g_assert_true(memcmp(hilum_joint_get_pairs(one), hilum_joint_get_pairs(five),
                       sizeof(HilumLabelPair) * hilum_mesh_get_triangle_count(hilum_joint_get_mesh(one))) ==
                0);
}

static void test_cancelled(void)
{
  HilumGrid grid = hilum_grid_new(20, 20, 20, 1, 1, 1);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_random(voxels, hilum_grid_count(&grid), 5, 3);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_assert_null(hilum_joint_new(labels, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/mesh/joint/pairs-x", GINT_TO_POINTER(0), test_cell_pairs);
  g_test_add_data_func("/mesh/joint/pairs-y", GINT_TO_POINTER(1), test_cell_pairs);
  g_test_add_data_func("/mesh/joint/pairs-z", GINT_TO_POINTER(2), test_cell_pairs);
  g_test_add_func("/mesh/joint/random-maps", test_random_maps);
  g_test_add_func("/mesh/joint/long-rows", test_long_rows);
  g_test_add_func("/mesh/joint/single", test_single);
  g_test_add_func("/mesh/joint/wanted", test_wanted);
  g_test_add_func("/mesh/joint/same-bits", test_same_bits);
  g_test_add_func("/mesh/joint/cancelled", test_cancelled);
  return g_test_run();
}
