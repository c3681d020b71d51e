/* Grey values on surfaces of labels: used where a structure's range defines its boundary, and nowhere else.
 */
#include "joint_fixture.h"

#include "hilum/mesh/surface.h"
#include "hilum/mesh/verdict.h"

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
  HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {1030, INFINITY, s.image}};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) mesh = NULL;
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new_grey(s.labels, NULL, range, 0, NULL, &error);
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
  HilumSurfaceRange none[HILUM_LABEL_COUNT] = {[1] = {0, 0, s.image}, [2] = {0, 100, NULL}};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumJoint) grey = hilum_surface_joint_new_grey(s.labels, NULL, none, 0, NULL, &error);
  g_autoptr(HilumJoint) bare = hilum_surface_joint_new(s.labels, NULL, 0, NULL, &error);
  g_assert_no_error(error);
  fixture_assert_same_bits(hilum_joint_get_mesh(grey), hilum_joint_get_mesh(bare));
  HilumGrid other = hilum_grid_new(5, 5, 5, 1, 1, 1);
  FixtureShape ball = {.center = fixture_middle(&other), .radius = 2};
  g_autoptr(HilumVolume) image = fixture_volume(&other, fixture_shape, &ball);
  HilumSurfaceRange wrong[HILUM_LABEL_COUNT] = {[1] = {1, 2, image}};
  g_assert_null(hilum_surface_joint_new_grey(s.labels, NULL, wrong, 0, NULL, &error));
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
    HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {200, 500, image}, [3] = {600, 900, image}};
    for (int smoothing = 0; smoothing <= 20; smoothing += 20) {
      g_autoptr(HilumJoint) joint =
          hilum_surface_joint_new_grey(labels, NULL, range, smoothing, NULL, &error);
      g_assert_no_error(error);
      joint_fixture_assert_clean(joint, 4);
      if (smoothing == 0) continue;
      g_autoptr(HilumJoint) plain = hilum_surface_joint_new(labels, NULL, smoothing, NULL, &error);
      uint64_t pairs, of_labels; /* nothing crosses that the labels do not cross in such noise */
      g_assert_true(hilum_mesh_self_intersections(hilum_joint_get_mesh(joint), &pairs, NULL, NULL, &error));
      g_assert_true(
          hilum_mesh_self_intersections(hilum_joint_get_mesh(plain), &of_labels, NULL, NULL, &error));
      g_assert_cmpuint(pairs, <=, of_labels);
    }
  }
}

/* How far the part of a surface that lies deep inside the block, away from its rim, is from a plane across i.
 */
static double worst_from_plane(const HilumGrid *grid, HilumMesh *mesh, double plane, int32_t rim)
{
  double worst = 0;
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(mesh); v++) {
    HilumIndexPos p = hilum_grid_from_mm(
        grid, hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v));
    if (p.j < rim || p.j > grid->dims[1] - 1 - rim || p.k < rim || p.k > grid->dims[2] - 1 - rim) continue;
    if (fabs(p.i - plane) < 2) worst = fmax(worst, fabs(p.i - plane));
  }
  return worst;
}

/* A wall drawn by hand through tissue whose noise straddles the end of the range: half of the voxels are
 * inside of it, a quarter of the pairs across the wall agree by chance. The wall stays where it was drawn,
 * and the structure holds what was drawn. */
static void test_by_hand_in_noise(void)
{
  HilumGrid grid = hilum_grid_new(40, 44, 44, 0.8, 0.8, 0.8);
  g_autoptr(GError) error = NULL;
  const size_t n = hilum_grid_count(&grid);
  int16_t *grey = hilum_big_alloc(n * sizeof *grey, &error);
  g_autofree uint8_t *voxels = g_malloc(n);
  for (size_t v = 0; v < n; v++) {
    grey[v] = (int16_t)(100 + 60 * (hilum_random_uniform(21, v) - 0.5));
    voxels[v] = v % 40 < 20;
  }
  g_autoptr(HilumVolume) image = hilum_volume_new_take(&grid, grey, 1, 0, "HU", &error);
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {100, INFINITY, image}};
  g_autoptr(HilumJoint) joint =
      hilum_surface_joint_new_grey(labels, NULL, range, HILUM_SURFACE_SMOOTHING, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, 1, &error);
  const double worst = worst_from_plane(&grid, mesh, 19.5, 6);
  const double held = fixture_report(mesh).volume_mm3 / ((double)(n / 2) * hilum_grid_voxel_mm3(&grid));
  g_test_message("at most %.3f voxel from the wall that was drawn; %.4f of its volume", worst, held);
  g_assert_cmpfloat(worst, <, 0.15);
  g_assert_cmpfloat_with_epsilon(held, 1, 0.005);
}

/* A bright block of 200 in tissue of 100, whose end lies at x = 15.3: partial volume makes the last voxels
 * 180. Structure 1 is from 150; structure 2, drawn by hand, is a block of the tissue that touches that end.
 */
static Scene pair_new(void)
{
  g_autoptr(GError) error = NULL;
  Scene p = {.grid = hilum_grid_new(32, 32, 32, 1, 1, 1)};
  const size_t n = hilum_grid_count(&p.grid);
  int16_t *grey = hilum_big_alloc(n * sizeof *grey, &error);
  g_autofree uint8_t *voxels = g_malloc(n);
  for (size_t v = 0; v < n; v++) {
    const int32_t x = (int32_t)(v % 32), y = (int32_t)(v / 32 % 32), z = (int32_t)(v / 1024);
    const bool across = y >= 6 && y < 26 && z >= 6 && z < 26;
    grey[v] = across && x >= 5 && x < 15 ? 200 : across && x == 15 ? 180 : 100;
    voxels[v] = grey[v] >= 150 ? 1 : across && x > 15 && x < 26 ? 2 : 0;
  }
  p.image = hilum_volume_new_take(&p.grid, grey, 1, 0, "HU", &error);
  p.labels = hilum_label_snapshot_new_from_dense(&p.grid, voxels, &error);
  g_assert_no_error(error);
  return p;
}

static double mean_of_wall(const HilumGrid *grid, HilumMesh *mesh)
{
  double sum = 0;
  unsigned n = 0;
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(mesh); v++) {
    HilumIndexPos p = hilum_grid_from_mm(
        grid, hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v));
    if (hypot(p.j - 15.5, p.k - 15.5) > 5 || fabs(p.i - 15.4) > 1) continue;
    sum += p.i;
    n++;
  }
  g_assert_cmpuint(n, >, 50);
  return sum / n;
}

/* Two structures share a boundary that the range of just one of them made: it lies where that range says,
 * for both, and what one loses the other gains. */
static void test_one_range_of_two(void)
{
  Scene p = pair_new();
  g_autoptr(GError) error = NULL;
  const double counted[2] = {(double)hilum_label_snapshot_count(p.labels, 1),
                             (double)hilum_label_snapshot_count(p.labels, 2)};
  const double moved = 20 * 20 * 0.2; /* the wall, from half way at 15.5 to 15.3 */
  for (int n = 0; n < 2; n++) {
    HilumSurfaceRange range[HILUM_LABEL_COUNT] = {{0, 0, NULL}};
    range[n + 1] = n ? (HilumSurfaceRange){50, 149, p.image} : (HilumSurfaceRange){150, INFINITY, p.image};
    g_autoptr(HilumJoint) joint =
        hilum_surface_joint_new_grey(p.labels, NULL, range, HILUM_SURFACE_SMOOTHING, NULL, &error);
    g_assert_no_error(error);
    joint_fixture_assert_clean(joint, 2);
    for (uint8_t l = 1; l <= 2; l++) {
      g_autoptr(HilumMesh) mesh = hilum_joint_split(joint, l, &error);
      const double wall = mean_of_wall(&p.grid, mesh), held = fixture_report(mesh).volume_mm3;
      g_test_message("range of %d, structure %u: the wall lies at %.3f, %+.1f mm3", n + 1, l, wall,
                     held - counted[l - 1]);
      g_assert_cmpfloat_with_epsilon(wall, 15.34, 0.06); /* by interpolation 15.38, by shares 15.3 */
      g_assert_cmpfloat_with_epsilon(held - counted[l - 1], l == 1 ? -moved : moved, 0.15 * moved);
    }
  }
  scene_clear(&p);
}

/* A structure that follows its labels is the same whether another one that it does not touch does or not. */
static void test_others_stay(void)
{
  HilumGrid grid = hilum_grid_new(60, 24, 24, 0.8, 0.8, 2);
  g_autoptr(GError) error = NULL;
  const size_t n = hilum_grid_count(&grid);
  int16_t *grey = hilum_big_alloc(n * sizeof *grey, &error);
  g_autofree uint8_t *voxels = g_malloc0(n);
  for (size_t v = 0; v < n; v++) {
    const double x = (double)(v % 60), y = (double)(v / 60 % 24) - 12, z = 2.5 * ((double)(v / 1440) - 12);
    const double d = sqrt(pow(x - 14, 2) + y * y + z * z), e = sqrt(pow(x - 44, 2) + y * y + z * z);
    grey[v] = (int16_t)(100 * CLAMP(9 - d + 0.5, 0, 1));
    voxels[v] = grey[v] >= 50 ? 1 : e < 9 ? 2 : 0;
  }
  g_autoptr(HilumVolume) image = hilum_volume_new_take(&grid, grey, 1, 0, "HU", &error);
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {50, INFINITY, image}};
  g_autoptr(HilumJoint) with =
      hilum_surface_joint_new_grey(labels, NULL, range, HILUM_SURFACE_SMOOTHING, NULL, &error);
  g_autoptr(HilumJoint) without =
      hilum_surface_joint_new(labels, NULL, HILUM_SURFACE_SMOOTHING, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumMesh) a = hilum_joint_split(with, 2, &error), b = hilum_joint_split(without, 2, &error);
  const size_t floats = 3 * (size_t)hilum_mesh_get_vertex_count(a);
  g_assert_cmpuint(hilum_mesh_get_vertex_count(b) * 3, ==, floats);
  for (size_t i = 0; i < floats; i++) /* volumes are solved together: to their tolerance, not to the bit */
    g_assert_cmpfloat_with_epsilon(hilum_mesh_get_positions(a)[i], hilum_mesh_get_positions(b)[i], 1e-5);
  g_autoptr(HilumMesh) c = hilum_joint_split(with, 1, &error), d = hilum_joint_split(without, 1, &error);
  g_assert_true(memcmp(hilum_mesh_get_positions(c), hilum_mesh_get_positions(d), 3000) != 0);
}

static void test_same_bits(void)
{
  Scene s = slope(true, 5);
  HilumSurfaceRange range[HILUM_LABEL_COUNT] = {[1] = {1030, INFINITY, s.image}};
  g_autoptr(GError) error = NULL;
  hilum_parallel_set_threads(1);
  g_autoptr(HilumJoint) one = hilum_surface_joint_new_grey(s.labels, NULL, range, 20, NULL, &error);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumJoint) five = hilum_surface_joint_new_grey(s.labels, NULL, range, 20, NULL, &error);
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
  g_test_add_func("/mesh/grey/by-hand-in-noise", test_by_hand_in_noise);
  g_test_add_func("/mesh/grey/one-range-of-two", test_one_range_of_two);
  g_test_add_func("/mesh/grey/others-stay", test_others_stay);
  g_test_add_func("/mesh/grey/same-bits", test_same_bits);
  return g_test_run();
}
