/* Grey values on surfaces of labels: used where a structure's range defines its boundary, and nowhere else.
 */
#include "joint_fixture.h"

#include "hilum/mesh/surface.h"

typedef struct {
  HilumGrid grid;
  HilumVolume *image;
  HilumLabelSnapshot *labels;
} Scene;

static void scene_clear(Scene *s)
{
  hilum_volume_unref(s->image);
  hilum_label_snapshot_unref(s->labels);
}

/* A slope along x: 100 a voxel. Label 1 is what is at least 1030, but for rows that were drawn by hand. */
static Scene slope(bool mirrored, int32_t by_hand)
{
  g_autoptr(GError) error = NULL;
  Scene s = {.grid = hilum_grid_new(24, 12, 12, 0.7, 0.8, 2)};
  fixture_tilt(&s.grid, mirrored);
  size_t n = hilum_grid_count(&s.grid);
  int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, &error);
  g_autofree uint8_t *labels = g_malloc(n);
  for (size_t v = 0; v < n; v++) {
    int32_t i = (int32_t)(v % 24), j = (int32_t)(v / 24 % 12);
    voxels[v] = (int16_t)(100 * i);
    labels[v] = j < by_hand ? i >= 6 : voxels[v] >= 1030;
  }
  s.image = hilum_volume_new_take(&s.grid, voxels, 1, 0, "HU", &error);
  s.labels = hilum_label_snapshot_new_from_dense(&s.grid, labels, &error);
  g_assert_no_error(error);
  return s;
}

/* Every vertex of the wall that faces down the slope lies at index 10.3, the drawn part at 5.5. */
static void test_position(gconstpointer data)
{
  Scene s = slope(GPOINTER_TO_INT(data), 4);
  HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {1030, INFINITY}};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) mesh = NULL;
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new_grey(s.labels, NULL, s.image, range, 0, NULL, &error);
  g_assert_no_error(error);
  joint_fixture_assert_clean(joint, 1);
  mesh = hilum_joint_split(joint, 1, &error);
  unsigned at_value = 0, by_hand = 0;
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(mesh); v++) {
    HilumIndexPos p = hilum_grid_from_mm(
        &s.grid, hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v));
    if (p.i > 20 || p.j < 0 || p.j > 11 || p.k < 0 || p.k > 11 || fabs(p.j - round(p.j)) > 0.1) continue;
    if (p.j > 3.5) g_assert_cmpfloat_with_epsilon(p.i, 10.3, 1e-3);
    if (p.j < 3.5) g_assert_cmpfloat_with_epsilon(p.i, 5.5, 1e-3);
    *(p.j > 3.5 ? &at_value : &by_hand) += 1;
  }
  g_assert_cmpuint(at_value, >, 70);
  g_assert_cmpuint(by_hand, >, 30);
  scene_clear(&s);
}

/* Without a range there is nothing to use: the bare surface. */
static void test_no_range(void)
{
  Scene s = slope(false, 0);
  HilumSurfaceRange none[HILUM_LABEL_COUNT] = {{0, 0}};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumJoint) grey = hilum_surface_joint_new_grey(s.labels, NULL, s.image, none, 0, NULL, &error);
  g_autoptr(HilumJoint) bare = hilum_surface_joint_new(s.labels, NULL, 0, NULL, &error);
  g_assert_no_error(error);
  fixture_assert_same_bits(hilum_joint_get_mesh(grey), hilum_joint_get_mesh(bare));
  HilumGrid other = hilum_grid_new(5, 5, 5, 1, 1, 1);
  FixtureShape ball = {.center = fixture_middle(&other), .radius = 2};
  g_autoptr(HilumVolume) image = fixture_volume(&other, fixture_shape, &ball);
  g_assert_null(hilum_surface_joint_new_grey(s.labels, NULL, image, none, 0, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  scene_clear(&s);
}

/* Noise, with ranges for two of four labels: everything that is true of the joint surface stays true. */
static void test_noise(void)
{
  HilumGrid grid = hilum_grid_new(9, 8, 8, 0.7, 0.8, 2);
  for (uint64_t seed = 0; seed < 200; seed++) {
    uint8_t voxels[576];
    joint_fixture_random(voxels, 576, seed, 4);
    voxels[100] = 1;
    g_autoptr(GError) error = NULL;
    int16_t *grey = hilum_big_alloc(576 * sizeof *grey, &error);
    for (size_t i = 0; i < 576; i++)
      grey[i] = (int16_t)(200 * voxels[i] + 300 * hilum_random_uniform(seed + 9000, i));
    g_autoptr(HilumVolume) image = hilum_volume_new_take(&grid, grey, 1, 0, "HU", &error);
    g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
    HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {200, 500}, [3] = {600, 900}};
    for (int smoothing = 0; smoothing <= 20; smoothing += 20) {
      g_autoptr(HilumJoint) joint =
          hilum_surface_joint_new_grey(labels, NULL, image, range, smoothing, NULL, &error);
      g_assert_no_error(error);
      joint_fixture_assert_clean(joint, 4);
    }
  }
}

static void test_same_bits(void)
{
  Scene s = slope(true, 5);
  HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {1030, INFINITY}};
  g_autoptr(GError) error = NULL;
  hilum_parallel_set_threads(1);
  g_autoptr(HilumJoint) one = hilum_surface_joint_new_grey(s.labels, NULL, s.image, range, 20, NULL, &error);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumJoint) five = hilum_surface_joint_new_grey(s.labels, NULL, s.image, range, 20, NULL, &error);
  hilum_parallel_set_threads(0);
  g_assert_no_error(error);
  fixture_assert_same_bits(hilum_joint_get_mesh(one), hilum_joint_get_mesh(five));
  scene_clear(&s);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/mesh/grey/position", GINT_TO_POINTER(0), test_position);
  g_test_add_data_func("/mesh/grey/position-mirrored", GINT_TO_POINTER(1), test_position);
  g_test_add_func("/mesh/grey/no-range", test_no_range);
  g_test_add_func("/mesh/grey/noise", test_noise);
  g_test_add_func("/mesh/grey/same-bits", test_same_bits);
  return g_test_run();
}
