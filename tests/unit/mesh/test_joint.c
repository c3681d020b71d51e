/* All structures of a label map at once: whatever the labels, each structure's surface is closed, 2-manifold
 * and outward, and what two structures share is the same triangles with opposite orientation. */
#include "joint_fixture.h"

#include "hilum/mesh/verdict.h"

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

static HilumJoint *smooth_labels(HilumLabelSnapshot *labels, HilumJoint *bare, double mm3[HILUM_LABEL_COUNT])
{
  g_autoptr(GError) error = NULL;
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    mm3[l] = (double)hilum_label_snapshot_count(labels, (uint8_t)l) * hilum_grid_voxel_mm3(grid);
  HilumSmoothOptions o = {.leash_grid = grid, .keep_facing = true, .keep_apart = true, .keep_volume = true};
  HilumJoint *smooth = hilum_joint_smooth(bare, &o, mm3, NULL, &error);
  g_assert_no_error(error);
  return smooth;
}

static uint64_t crossings(HilumJoint *joint)
{
  uint64_t pairs;
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_mesh_self_intersections(hilum_joint_get_mesh(joint), &pairs, NULL, NULL, &error));
  return pairs;
}

/* After smoothing everything still holds, no two triangles cross, each structure has its volume, and the
 * terraces are lower. */
static void test_smooth(void)
{
  static const double spacings[][3] = {{1, 1, 1}, {0.7, 0.7, 5}, {0.8, 0.6, 1.25}, {2.5, 0.5, 0.5}};
  for (uint64_t seed = 0; seed < 16; seed++) {
    const double *s = spacings[seed % G_N_ELEMENTS(spacings)];
    HilumGrid grid = hilum_grid_new(34, 30, 17, s[0], s[1], s[2]);
    if (seed & 8) fixture_tilt(&grid, seed & 1);
    g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
    joint_fixture_blobs(&grid, voxels, seed, 4);
    if (seed & 4) /* specks of other labels everywhere */
      for (size_t i = 0; i < hilum_grid_count(&grid); i++)
        if (hilum_random_uniform(seed + 50, i) < 0.01) voxels[i] = (uint8_t)(i % 5);
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
    g_autoptr(HilumJoint) bare = hilum_joint_new(labels, NULL, NULL, &error);
    g_assert_no_error(error);
    double mm3[HILUM_LABEL_COUNT];
    g_autoptr(HilumJoint) smooth = smooth_labels(labels, bare, mm3);
    joint_fixture_assert_clean(smooth, 4);
    g_assert_cmpuint(crossings(bare), ==, 0);
    g_assert_cmpuint(crossings(smooth), ==, 0);
    for (uint8_t l = 1; l <= 4; l++) {
      if (hilum_label_snapshot_count(labels, l) < 200) continue;
      g_autoptr(HilumMesh) part = hilum_joint_split(smooth, l, &error);
      g_autoptr(HilumMesh) rough = hilum_joint_split(bare, l, &error);
      g_assert_cmpfloat_with_epsilon(fixture_report(part).volume_mm3 / mm3[l], 1, 0.01);
      g_assert_cmpfloat(fixture_report(part).area_mm2, <, fixture_report(rough).area_mm2);
    }
  }
}

/* The worst there is: noise in four labels. */
static void test_smooth_noise(void)
{
  HilumGrid grid = hilum_grid_new(8, 8, 8, 0.7, 0.8, 2);
  for (uint64_t seed = 0; seed < 400; seed++) {
    uint8_t voxels[512];
    joint_fixture_random(voxels, 512, seed, 4);
    voxels[100] = 1;
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
    g_autoptr(HilumJoint) bare = hilum_joint_new(labels, NULL, NULL, &error);
    g_assert_no_error(error);
    double mm3[HILUM_LABEL_COUNT];
    g_autoptr(HilumJoint) smooth = smooth_labels(labels, bare, mm3);
    joint_fixture_assert_clean(smooth, 4);
  }
}

/* Two blocks side by side: their common wall is one plane, stays one, and has no step at its rim. */
static void test_wall(void)
{
  HilumGrid grid = hilum_grid_new(24, 14, 14, 1, 1, 1);
  g_autofree uint8_t *voxels = g_malloc0(hilum_grid_count(&grid));
  for (int32_t k = 2; k < 12; k++)
    for (int32_t j = 2; j < 12; j++)
      for (int32_t i = 2; i < 22; i++)
        voxels[hilum_grid_offset(&grid, (HilumVoxel){i, j, k})] = i < 12 ? 1 : 2;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumJoint) bare = hilum_joint_new(labels, NULL, NULL, &error);
  g_assert_no_error(error);
  double mm3[HILUM_LABEL_COUNT];
  g_autoptr(HilumJoint) smooth = smooth_labels(labels, bare, mm3);
  joint_fixture_assert_clean(smooth, 2);
  HilumMesh *mesh = hilum_joint_get_mesh(smooth);
  const HilumLabelPair *pair = hilum_joint_get_pairs(smooth);
  unsigned wall = 0;
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(mesh); t++) {
    if (pair[t].outside == 0) continue;
    wall++;
    for (size_t c = 0; c < 3; c++) {
      uint32_t v = hilum_mesh_get_indices(mesh)[3 * t + c];
      HilumVec3 p = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v);
      g_assert_cmpfloat_with_epsilon(p.x, 11.5, 0.01);
    }
  }
  g_assert_cmpuint(wall, >, 150);
}

static void test_smooth_same_bits(void)
{
  HilumGrid grid = hilum_grid_new(70, 60, 50, 0.7, 0.7, 2);
  g_autofree uint8_t *voxels = g_malloc(hilum_grid_count(&grid));
  joint_fixture_blobs(&grid, voxels, 1, 5);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumJoint) bare = hilum_joint_new(labels, NULL, NULL, &error);
  double mm3[HILUM_LABEL_COUNT];
  hilum_parallel_set_threads(1);
  g_autoptr(HilumJoint) one = smooth_labels(labels, bare, mm3);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumJoint) five = smooth_labels(labels, bare, mm3);
  hilum_parallel_set_threads(0);
  g_assert_no_error(error);
  fixture_assert_same_bits(hilum_joint_get_mesh(one), hilum_joint_get_mesh(five));
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
  g_test_add_func("/mesh/joint/smooth", test_smooth);
  g_test_add_func("/mesh/joint/smooth-noise", test_smooth_noise);
  g_test_add_func("/mesh/joint/wall", test_wall);
  g_test_add_func("/mesh/joint/smooth-same-bits", test_smooth_same_bits);
  g_test_add_func("/mesh/joint/cancelled", test_cancelled);
  return g_test_run();
}
