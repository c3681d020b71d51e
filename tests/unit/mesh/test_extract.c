/* Surfaces where they should be: analytic shapes, borders, ties, frames; the same bits whatever the threads
 * and the instruction set. */
#include "mesh_fixture.h"

static HilumMesh *iso(HilumVolume *volume, double value, bool open, bool normals)
{
  g_autoptr(GError) error = NULL;
  HilumExtractOptions o = {open, normals};
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, value, &o, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

/* Largest distance of a vertex from the analytic surface, mm. */
static double worst(const HilumMesh *mesh, const FixtureShape *shape)
{
  double w = 0;
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(mesh); v++) {
    HilumVec3 p = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v);
    w = fmax(w, fabs(fixture_shape(p, shape)) / 100);
  }
  return w;
}

static void test_sphere_converges(void)
{
  double last = INFINITY;
  for (int step = 0; step < 3; step++) {
    double h = 2.0 / (1 << step);
    int32_t n = (int32_t)(34 / h);
    HilumGrid grid = hilum_grid_new(n, n, n, h, h, h);
    FixtureShape s = {.center = fixture_middle(&grid), .radius = 14.3};
    g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
    g_autoptr(HilumMesh) mesh = iso(volume, 0, false, false);
    fixture_assert_clean(mesh);
    HilumMeshReport r = fixture_report(mesh);
    double exact = 4.0 / 3 * G_PI * pow(14.3, 3), error = fabs(r.volume_mm3 / exact - 1);
    g_assert_cmpfloat(worst(mesh, &s), <,
                      0.03 * h * h + 0.006); /* curvature, then the 0.01 mm of the values */
    g_assert_cmpfloat(error, <, last / 2.5);
    g_assert_cmpfloat_with_epsilon(r.area_mm2 / (4 * G_PI * 14.3 * 14.3), 1, 0.02 * h);
    g_assert_cmpint(r.euler, ==, 2);
    last = error;
  }
  g_assert_cmpfloat(last, <, 1e-3);
}

static void test_torus(void)
{
  HilumGrid grid = hilum_grid_new(70, 66, 31, 0.7, 0.8, 0.9);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 15, .tube = 6};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  g_autoptr(HilumMesh) mesh = iso(volume, 0, false, true);
  fixture_assert_clean(mesh);
  HilumMeshReport r = fixture_report(mesh);
  g_assert_cmpint(r.euler, ==, 0);
  g_assert_cmpfloat_with_epsilon(r.volume_mm3, 2 * G_PI * G_PI * 15 * 36, 60);
  g_assert_cmpfloat_with_epsilon(r.area_mm2, 4 * G_PI * G_PI * 15 * 6, 40);
}

/* Oblique grids of both hands: outward, in place, and gradient normals that agree with the analytic ones. */
static void test_oblique(gconstpointer data)
{
  HilumGrid grid = hilum_grid_new(41, 37, 33, 0.8, 0.9, 1.1);
  fixture_tilt(&grid, GPOINTER_TO_INT(data) != 0);
  g_assert_cmpint(hilum_grid_handedness(&grid), ==, GPOINTER_TO_INT(data) ? -1 : 1);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 12};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  g_autoptr(HilumMesh) mesh = iso(volume, 0, false, true), plain = iso(volume, 0, false, false);
  fixture_assert_clean(mesh);
  g_assert_cmpfloat(worst(mesh, &s), <, 0.05);
  HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  g_assert_cmpfloat(hilum_vec3_distance(hilum_box_center(box), s.center), <, 0.1);
  HilumMesh *both[2] = {mesh, plain};
  for (int m = 0; m < 2; m++)
    for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(mesh); v++) {
      const float *n = hilum_mesh_get_normals(both[m]) + 3 * (size_t)v;
      HilumVec3 p = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v);
      HilumVec3 exact = hilum_vec3_normalize(hilum_vec3_sub(p, s.center));
      double dot = hilum_vec3_dot(exact, hilum_vec3((double)n[0], (double)n[1], (double)n[2]));
      g_assert_cmpfloat(dot, >, m == 0 ? 0.999 : 0.95);
    }
}

static double full(HilumVec3 p, const void *data)
{
  return 100;
}

/* A volume that is inside everywhere: the closed surface is the box of voxel cells less its bevelled rim, and
 * open there is nothing. Sizes around the word length of bit rows. */
static void test_border(void)
{
  const int32_t sizes[] = {1, 2, 61, 62, 63, 64, 65, 126, 127, 128};
  for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
    HilumGrid grid = hilum_grid_new(sizes[i], 5, 4, 1, 1, 1);
    g_autoptr(HilumVolume) volume = fixture_volume(&grid, full, NULL);
    g_autoptr(HilumMesh) mesh = iso(volume, 50, false, true);
    fixture_assert_clean(mesh);
    HilumBox box = hilum_mesh_get_bounds_mm(mesh), cells = hilum_grid_bounds_mm(&grid);
    g_assert_cmpfloat_with_epsilon(box.min.x, cells.min.x, 1e-6);
    g_assert_cmpfloat_with_epsilon(box.max.x, cells.max.x, 1e-6);
    g_assert_cmpfloat_with_epsilon(box.max.y, cells.max.y, 1e-6);
    g_assert_cmpfloat_with_epsilon(box.max.z, cells.max.z, 1e-6);
    g_autoptr(GError) error = NULL;
    HilumExtractOptions open = {.open_border = true};
    g_assert_null(hilum_mesh_extract_iso(volume, 50, &open, NULL, &error));
    g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  }
}

/* A sphere cut by the border on all sides: closed it is clean, open it has a rim and the same inner vertices.
 */
static void test_cut_sphere(void)
{
  HilumGrid grid = hilum_grid_new(23, 21, 19, 1, 1, 1);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 12};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  g_autoptr(HilumMesh) closed = iso(volume, 0, false, true), open = iso(volume, 0, true, true);
  fixture_assert_clean(closed);
  HilumMeshReport r = fixture_report(open);
  g_assert_false(r.closed);
  g_assert_true(r.manifold && r.oriented);
  g_assert_cmpuint(r.boundary_edges, >, 0);
  g_assert_cmpfloat(worst(open, &s), <, 0.05);
  g_assert_cmpuint(hilum_mesh_get_vertex_count(open), <, hilum_mesh_get_vertex_count(closed));
}

/* Integer values exactly at the threshold: inside, and 1/4096 of an edge away from the voxel. */
static void test_tie(void)
{
  HilumGrid grid = hilum_grid_new(3, 3, 3, 1, 1, 1);
  g_autoptr(GError) error = NULL;
  int16_t *voxels = hilum_big_alloc0(27 * sizeof *voxels, &error);
  voxels[13] = 7;
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "", &error);
  g_autoptr(HilumMesh) mesh = iso(volume, 7, false, false);
  fixture_assert_clean(mesh);
  g_assert_cmpuint(hilum_mesh_get_vertex_count(mesh), ==, 6);
  HilumBox box = hilum_mesh_get_bounds_mm(mesh);
  g_assert_cmpfloat_with_epsilon(box.max.x, 1 + 1 / 4096.0, 1e-9);
  g_assert_null(hilum_mesh_extract_iso(volume, 7.001, NULL, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
}

/* A linear map between stored and real values does not move the surface. */
static void test_slope(void)
{
  HilumGrid grid = hilum_grid_new(4, 1, 1, 2, 1, 1);
  g_autoptr(GError) error = NULL;
  int16_t *voxels = hilum_big_alloc(4 * sizeof *voxels, &error);
  const int16_t values[4] = {-32768, 100, 32767, 32767};
  memcpy(voxels, values, sizeof values);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 0.25, -1000, "", &error);
  double value = 0.25 * 8000 - 1000; /* between 100 and 32767 */
  g_autoptr(HilumMesh) mesh = iso(volume, value, false, false);
  double t = (8000.0 - 100) / (32767 - 100);
  g_assert_cmpfloat_with_epsilon(hilum_mesh_get_bounds_mm(mesh).min.x, 2 * (1 + t), 1e-6);
}

static double noise(HilumVec3 p, const void *data)
{
  uint64_t c = (uint64_t)llrint(p.x * 131 + p.y * 70001 + p.z * 9000011);
  return 40 * sin(p.x / 3) + 40 * cos(p.y / 4) + 30 * sin(p.z / 2) + 60 * hilum_random_uniform(5, c);
}

/* One and many threads, every instruction set: the same bits. Labels and masks: the same mesh. */
static void test_same_bits(void)
{
  HilumGrid grid = hilum_grid_new(133, 41, 37, 0.7, 0.7, 1);
  fixture_tilt(&grid, true);
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, noise, NULL);
  hilum_parallel_set_threads(1);
  g_autoptr(HilumMesh) one = iso(volume, 30, false, true);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumMesh) five = iso(volume, 30, false, true);
  fixture_assert_same_bits(one, five);
  const unsigned masks[] = {0, HILUM_CPU_SSE41, HILUM_CPU_SSE41 | HILUM_CPU_AVX2, HILUM_CPU_NEON};
  for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
    hilum_cpu_set_mask(masks[i]);
    g_autoptr(HilumMesh) mesh = iso(volume, 30, false, true);
    fixture_assert_same_bits(one, mesh);
  }
  hilum_cpu_set_mask(~0u);
  hilum_parallel_set_threads(0);
}

static void test_labels(void)
{
  HilumGrid grid = hilum_grid_new(75, 40, 70, 0.7, 0.7, 1);
  g_autoptr(GError) error = NULL;
  size_t n = hilum_grid_count(&grid);
  g_autofree uint8_t *labels = g_malloc0(n);
  for (size_t i = 0; i < n; i++) {
    int32_t x = (int32_t)(i % 75), y = (int32_t)(i / 75 % 40), z = (int32_t)(i / 3000);
    labels[i] = (uint8_t)(1 + (x / 20 + y / 15 + z / 25) % 4);
    if (hilum_random_u64(8, i) % 16 == 0) labels[i] = (uint8_t)(hilum_random_u64(9, i) % 6);
  }
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&grid, labels, &error);
  for (int l = 1; l <= 5; l++) {
    g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(snapshot, (uint8_t)l, &error);
    g_autoptr(HilumMesh) a = hilum_mesh_extract_label(snapshot, (uint8_t)l, NULL, NULL, &error);
    g_assert_no_error(error);
    hilum_cpu_set_mask(0);
    g_autoptr(HilumMesh) b = hilum_mesh_extract_mask(mask, &grid, NULL, NULL, &error);
    hilum_cpu_set_mask(~0u);
    fixture_assert_same_bits(a, b);
    fixture_assert_clean(a);
    double voxels = (double)hilum_label_snapshot_count(snapshot, (uint8_t)l) * hilum_grid_voxel_mm3(&grid);
    g_assert_cmpfloat(fixture_report(a).volume_mm3, <, voxels * 1.35);
  }
  g_assert_null(hilum_mesh_extract_label(snapshot, 77, NULL, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  g_clear_error(&error);
  g_assert_null(hilum_mesh_extract_label(snapshot, 0, NULL, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
}

/* A label box that starts and ends anywhere in its bricks, uniform bricks among them. */
static void test_label_boxes(void)
{
  HilumGrid grid = hilum_grid_new(100, 70, 66, 1, 1, 1);
  for (uint64_t seed = 0; seed < 12; seed++) {
    g_autoptr(GError) error = NULL;
    g_autofree uint8_t *labels = g_malloc0(hilum_grid_count(&grid));
    int32_t lo[3], hi[3];
    for (int a = 0; a < 3; a++) {
      lo[a] = (int32_t)(hilum_random_u64(seed, (uint64_t)a) % (uint64_t)grid.dims[a]);
      hi[a] =
          lo[a] + 1 + (int32_t)(hilum_random_u64(seed, 9 + (uint64_t)a) % (uint64_t)(grid.dims[a] - lo[a]));
    }
    for (int32_t k = lo[2]; k < hi[2]; k++)
      for (int32_t j = lo[1]; j < hi[1]; j++)
        memset(labels + hilum_grid_offset(&grid, (HilumVoxel){lo[0], j, k}), 9, (size_t)(hi[0] - lo[0]));
    g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&grid, labels, &error);
    g_autoptr(HilumMesh) mesh = hilum_mesh_extract_label(snapshot, 9, NULL, NULL, &error);
    g_assert_no_error(error);
    fixture_assert_clean(mesh);
    HilumBox box = hilum_mesh_get_bounds_mm(mesh);
    g_assert_cmpfloat_with_epsilon(box.min.x, lo[0] - 0.5, 1e-5);
    g_assert_cmpfloat_with_epsilon(box.max.x, hi[0] - 0.5, 1e-5);
    g_assert_cmpfloat_with_epsilon(box.max.y, hi[1] - 0.5, 1e-5);
    g_assert_cmpfloat_with_epsilon(box.min.z, lo[2] - 0.5, 1e-5);
  }
}

static void cancel_at_half(double fraction, const char *what, void *data)
{
  if (fraction > 0.6) g_cancellable_cancel(data);
}

static void test_cancel(void)
{
  HilumGrid grid = hilum_grid_new(60, 60, 60, 1, 1, 1);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 25};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  for (int late = 0; late < 2; late++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) c = g_cancellable_new();
    HilumProgress p = {.func = late ? cancel_at_half : NULL, .data = c, .cancellable = c};
    if (!late) g_cancellable_cancel(c);
    g_assert_null(hilum_mesh_extract_iso(volume, 0, NULL, &p, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/extract/sphere", test_sphere_converges);
  g_test_add_func("/mesh/extract/torus", test_torus);
  g_test_add_data_func("/mesh/extract/oblique", GINT_TO_POINTER(0), test_oblique);
  g_test_add_data_func("/mesh/extract/left-handed", GINT_TO_POINTER(1), test_oblique);
  g_test_add_func("/mesh/extract/border", test_border);
  g_test_add_func("/mesh/extract/cut-sphere", test_cut_sphere);
  g_test_add_func("/mesh/extract/tie", test_tie);
  g_test_add_func("/mesh/extract/slope", test_slope);
  g_test_add_func("/mesh/extract/same-bits", test_same_bits);
  g_test_add_func("/mesh/extract/labels", test_labels);
  g_test_add_func("/mesh/extract/label-boxes", test_label_boxes);
  g_test_add_func("/mesh/extract/cancel", test_cancel);
  return g_test_run();
}
