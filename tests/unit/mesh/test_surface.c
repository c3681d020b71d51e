/* The surface that everything shows: whatever the label holds - specks, one-voxel cavities, plates one voxel
 * thick, thick slices - it is closed, 2-manifold, faces outward, has no degenerate triangle, and encloses the
 * label's volume. */
#include "mesh_fixture.h"

#include "hilum/mesh/surface.h"

/* Blobs from a low-pass of noise, then the awkward things. */
typedef enum { SPECKS = 1, PITS = 2, PLATES = 4, DIAGONALS = 8 } Awkward;

static double noise(uint64_t seed, HilumVec3 p, double wavelength_mm)
{
  double sum = 0;
  for (uint64_t w = 0; w < 5; w++) {
    HilumVec3 k = {hilum_random_uniform(seed, 4 * w) - 0.5, hilum_random_uniform(seed, 4 * w + 1) - 0.5,
                   hilum_random_uniform(seed, 4 * w + 2) - 0.5};
    sum += sin(6.28318530717958647692 * (hilum_vec3_dot(hilum_vec3_normalize(k), p) / wavelength_mm +
                                         hilum_random_uniform(seed, 4 * w + 3)));
  }
  return sum;
}

static void add_plate(uint8_t *voxels, const HilumGrid *g, uint64_t seed, bool diagonal)
{
  int axis = (int)(hilum_random_u64(seed, 1) % 3);
  int32_t at = (int32_t)(hilum_random_u64(seed, 2) % (uint64_t)g->dims[axis]);
  for (int32_t k = 2; k < g->dims[2] - 2; k++)
    for (int32_t j = 2; j < g->dims[1] - 2; j++)
      for (int32_t i = 2; i < g->dims[0] - 2; i++) {
        int32_t v[3] = {i, j, k};
        if (v[axis] == at + (diagonal ? v[(axis + 1) % 3] - g->dims[(axis + 1) % 3] / 2 : 0))
          voxels[hilum_grid_offset(g, (HilumVoxel){i, j, k})] = 1;
      }
}

static HilumLabelSnapshot *awkward_labels(const HilumGrid *g, uint64_t seed, unsigned what, size_t *count)
{
  g_autoptr(GError) error = NULL;
  size_t n = hilum_grid_count(g);
  uint8_t *voxels = hilum_big_alloc0(n, &error);
  for (int32_t k = 0; k < g->dims[2]; k++)
    for (int32_t j = 0; j < g->dims[1]; j++)
      for (int32_t i = 0; i < g->dims[0]; i++) {
        HilumVoxel v = {i, j, k};
        size_t at = hilum_grid_offset(g, v);
        voxels[at] = noise(seed, hilum_grid_voxel_to_mm(g, v), 14) > 0.8;
        double dice = hilum_random_uniform(seed + 1000, at);
        if ((what & SPECKS) && dice < 0.01) voxels[at] = 1;
        if ((what & PITS) && dice > 0.99) voxels[at] = 0;
      }
  if (what & PLATES) add_plate(voxels, g, seed, false);
  if (what & DIAGONALS) add_plate(voxels, g, seed + 7, true);
  *count = 0;
  for (size_t i = 0; i < n; i++)
    *count += voxels[i];
  HilumLabelSnapshot *labels = hilum_label_snapshot_new_from_dense(g, voxels, &error);
  g_assert_no_error(error);
  hilum_big_free(voxels);
  return labels;
}

static const double spacings[][3] = {{1, 1, 1}, {0.7, 0.7, 5}, {0.8, 0.6, 1.25}, {2.5, 0.5, 0.5}};

static void test_awkward(gconstpointer data)
{
  unsigned what = GPOINTER_TO_UINT(data);
  for (uint64_t seed = 0; seed < 16; seed++) {
    const double *s = spacings[seed % G_N_ELEMENTS(spacings)];
    HilumGrid grid = hilum_grid_new(34, 30, 17, s[0], s[1], s[2]);
    if (seed & 8) fixture_tilt(&grid, seed & 1);
    size_t count;
    g_autoptr(HilumLabelSnapshot) labels = awkward_labels(&grid, seed, what, &count);
    if (count == 0) continue;
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumMesh) mesh = hilum_surface_new(labels, 1, HILUM_SURFACE_SMOOTHING, NULL, &error);
    g_assert_no_error(error);
    fixture_assert_clean(mesh);
    if (count > 200)
      g_assert_cmpfloat_with_epsilon(
          fixture_report(mesh).volume_mm3 / ((double)count * hilum_grid_voxel_mm3(&grid)), 1, 0.01);
  }
}

/* Alone: a voxel, a row of voxels, a sheet; and a hollow voxel inside a cube. The least there can be. */
static void test_least(void)
{
  static const int32_t box[][3] = {{1, 1, 1}, {2, 1, 1}, {1, 6, 1}, {1, 1, 9},
                                   {7, 7, 1}, {1, 8, 8}, {5, 5, 5}};
  for (size_t b = 0; b < G_N_ELEMENTS(box); b++)
    for (size_t s = 0; s < G_N_ELEMENTS(spacings); s++) {
      HilumGrid grid = hilum_grid_new(12, 12, 12, spacings[s][0], spacings[s][1], spacings[s][2]);
      g_autofree uint8_t *voxels = g_malloc0(hilum_grid_count(&grid));
      for (int32_t k = 0; k < box[b][2]; k++)
        for (int32_t j = 0; j < box[b][1]; j++)
          for (int32_t i = 0; i < box[b][0]; i++)
            voxels[hilum_grid_offset(&grid, (HilumVoxel){i + 1, j + 1, k + 1})] = 1;
      if (box[b][0] == 5) voxels[hilum_grid_offset(&grid, (HilumVoxel){3, 3, 3})] = 0;
      g_autoptr(GError) error = NULL;
      g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
      g_assert_no_error(error);
      g_autoptr(HilumMesh) mesh = hilum_surface_new(labels, 1, HILUM_SURFACE_SMOOTHING, NULL, &error);
      g_assert_no_error(error);
      fixture_assert_clean(mesh);
      g_assert_cmpuint(fixture_report(mesh).shells, ==, box[b][0] == 5 ? 2 : 1);
    }
}

/* The leash is half a voxel along each axis: on thick slices no vertex crosses into the next column. */
static void test_leash(void)
{
  HilumGrid grid = hilum_grid_new(34, 30, 17, 0.7, 0.8, 5);
  fixture_tilt(&grid, true);
  size_t count;
  g_autoptr(HilumLabelSnapshot) labels = awkward_labels(&grid, 5, SPECKS | PITS | DIAGONALS, &count);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) bare = hilum_surface_new(labels, 1, 0, NULL, &error);
  g_autoptr(HilumMesh) smooth = hilum_surface_new(labels, 1, HILUM_SURFACE_SMOOTHING, NULL, &error);
  g_assert_no_error(error);
  const float *a = hilum_mesh_get_positions(bare), *b = hilum_mesh_get_positions(smooth);
  double longest = 0;
  for (size_t v = 0; v < hilum_mesh_get_vertex_count(bare); v++) {
    HilumVec3 d = {(double)b[3 * v] - (double)a[3 * v], (double)b[3 * v + 1] - (double)a[3 * v + 1],
                   (double)b[3 * v + 2] - (double)a[3 * v + 2]};
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      double x = hilum_vec3_dot(d, grid.axes[c]) / (0.5 * grid.spacing_mm[c]);
      sum += x * x;
    }
    g_assert_cmpfloat(sum, <=, 1);
    longest = fmax(longest, hilum_vec3_length(d));
  }
  g_assert_cmpfloat(longest, >, 0.8); /* farther than a column is wide: along the slices it may */
}

/* Asked for alone or with others, a structure's surface is the same; what does not touch it is not made. */
static void test_together(void)
{
  HilumGrid grid = hilum_grid_new(40, 20, 20, 1, 1, 1);
  g_autofree uint8_t *voxels = g_malloc0(hilum_grid_count(&grid));
  for (int32_t k = 4; k < 16; k++)
    for (int32_t j = 4; j < 16; j++)
      for (int32_t i = 2; i < 34; i++)
        voxels[hilum_grid_offset(&grid, (HilumVoxel){i, j, k})] = i < 9 ? 1 : i < 20 ? 2 : i < 24 ? 0 : 3;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  uint8_t first[HILUM_LABEL_COUNT] = {[1] = 1};
  g_autoptr(HilumJoint) joint = hilum_surface_joint_new(labels, first, HILUM_SURFACE_SMOOTHING, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_joint_has(joint, 1) && hilum_joint_has(joint, 2));
  g_assert_false(hilum_joint_has(joint, 3));
  g_autoptr(HilumMesh) two = hilum_joint_split(joint, 2, &error);
  g_autoptr(HilumMesh) alone = hilum_surface_new(labels, 2, HILUM_SURFACE_SMOOTHING, NULL, &error);
  fixture_assert_same_bits(two, alone);
  g_autoptr(HilumJoint) all = hilum_surface_joint_new(labels, NULL, HILUM_SURFACE_SMOOTHING, NULL, &error);
  g_assert_true(hilum_joint_has(all, 3));
  g_assert_no_error(error);
  g_assert_null(hilum_surface_new(labels, 9, 0, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  g_clear_error(&error);
  g_assert_null(hilum_surface_new(labels, 0, 0, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
}

static void test_same_bits(void)
{
  HilumGrid grid = hilum_grid_new(70, 60, 50, 0.7, 0.7, 2);
  size_t count;
  g_autoptr(HilumLabelSnapshot) labels = awkward_labels(&grid, 3, SPECKS | PITS | PLATES, &count);
  g_autoptr(GError) error = NULL;
  hilum_parallel_set_threads(1);
  g_autoptr(HilumMesh) one = hilum_surface_new(labels, 1, HILUM_SURFACE_SMOOTHING, NULL, &error);
  hilum_parallel_set_threads(5);
  g_autoptr(HilumMesh) five = hilum_surface_new(labels, 1, HILUM_SURFACE_SMOOTHING, NULL, &error);
  hilum_parallel_set_threads(0);
  g_assert_no_error(error);
  fixture_assert_same_bits(one, five);
  fixture_assert_clean(one);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  static const struct {
    const char *path;
    unsigned what;
  } cases[] = {{"/mesh/surface/blobs", 0},
               {"/mesh/surface/specks", SPECKS},
               {"/mesh/surface/pits", PITS},
               {"/mesh/surface/plates", PLATES},
               {"/mesh/surface/diagonal-plates", DIAGONALS},
               {"/mesh/surface/all-of-it", SPECKS | PITS | PLATES | DIAGONALS}};
  for (size_t c = 0; c < G_N_ELEMENTS(cases); c++)
    g_test_add_data_func(cases[c].path, GUINT_TO_POINTER(cases[c].what), test_awkward);
  g_test_add_func("/mesh/surface/least", test_least);
  g_test_add_func("/mesh/surface/leash", test_leash);
  g_test_add_func("/mesh/surface/together", test_together);
  g_test_add_func("/mesh/surface/same-bits", test_same_bits);
  return g_test_run();
}
