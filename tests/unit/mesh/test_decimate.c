/* Decimation keeps its promises: closed and 2-manifold, of the same kind, no more triangles than asked for,
 * within the error measured here by other means, and the same bits with any number of threads. */
#include "mesh_fixture.h"

#include "hilum/mesh/decimate.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/verdict.h"

static HilumMesh *shape(double radius, double tube, double spacing)
{
  g_autoptr(GError) error = NULL;
  const int32_t n = (int32_t)ceil(2 * (radius + tube) / spacing) + 5;
  HilumGrid grid = hilum_grid_new(n, n, n, spacing, spacing, spacing);
  fixture_tilt(&grid, false);
  const FixtureShape s = {fixture_middle(&grid), radius, tube};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

/* Blobs out of noise: many pieces, cavities, handles and specks. */
static HilumMesh *noise(uint64_t seed, int32_t n)
{
  g_autoptr(GError) error = NULL;
  HilumGrid grid = hilum_grid_new(n, n, n, 0.7, 0.8, 1.5);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, &error);
  for (size_t i = 0; i < hilum_grid_count(&grid); i++)
    voxels[i] = (int16_t)(100 * hilum_random_uniform(seed, i));
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", &error);
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, 70.5, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static HilumMesh *decimate(HilumMesh *mesh, uint32_t target, double error_mm, double *bound)
{
  g_autoptr(GError) error = NULL;
  const HilumDecimateOptions options = {target, error_mm};
  HilumMesh *result = hilum_mesh_decimate(mesh, &options, bound, NULL, &error);
  g_assert_no_error(error);
  return result;
}

static void assert_same_kind(const HilumMesh *a, const HilumMesh *b)
{
  const HilumMeshReport r = fixture_report(a), s = fixture_report(b);
  g_assert_true(s.closed && s.manifold && s.oriented);
  g_assert_cmpuint(s.degenerate_triangles, ==, 0);
  g_assert_cmpuint(s.duplicate_triangles, ==, 0);
  g_assert_cmpuint(r.shells, ==, s.shells);
  g_assert_cmpint(r.euler, ==, s.euler);
}

static void test_count(void)
{
  g_autoptr(HilumMesh) torus = shape(20, 8, 0.5);
  const uint32_t nt = hilum_mesh_get_triangle_count(torus);
  g_assert_cmpuint(nt, >, 20000);
  for (uint32_t keep = 2; keep <= 64; keep *= 4) {
    g_autoptr(HilumMesh) few = decimate(torus, nt / keep, 0, NULL);
    g_assert_cmpuint(hilum_mesh_get_triangle_count(few), <=, nt / keep);
    g_assert_cmpuint(hilum_mesh_get_triangle_count(few), >=, nt / keep - 1);
    assert_same_kind(torus, few);
    fixture_assert_clean(few);
    const double v = fixture_report(torus).volume_mm3, w = fixture_report(few).volume_mm3;
    g_assert_cmpfloat_with_epsilon(w / v, 1, keep > 16 ? 0.015 : 0.003);
  }
}

static void test_error(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) torus = shape(12, 5, 0.7);
  uint32_t before = hilum_mesh_get_triangle_count(torus);
  static const double errors[] = {0.05, 0.3, 1};
  for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
    double bound;
    g_autoptr(HilumMesh) few = decimate(torus, 0, errors[i], &bound);
    HilumSurfaceDistance d;
    g_assert_true(hilum_mesh_distance_symmetric(torus, few, &d, NULL, &error));
    g_test_message("error %g mm: %u of %u triangles, found %g", errors[i], hilum_mesh_get_triangle_count(few),
                   hilum_mesh_get_triangle_count(torus), d.max_mm);
    g_assert_cmpfloat(bound, <=, errors[i]);
    g_assert_cmpfloat(d.max_mm, <=, bound);
    g_assert_cmpuint(hilum_mesh_get_triangle_count(few), <, before); /* a looser bound leaves fewer */
    before = hilum_mesh_get_triangle_count(few);
    assert_same_kind(torus, few);
  }
  g_assert_cmpuint(before * 40, <, hilum_mesh_get_triangle_count(torus));
}

static uint64_t crossings(const HilumMesh *mesh)
{
  g_autoptr(GError) error = NULL;
  uint64_t pairs = 0;
  g_assert_true(hilum_mesh_self_intersections(mesh, &pairs, NULL, NULL, &error));
  g_assert_no_error(error);
  return pairs;
}

/* Positive in a wall of 1.2 mm, corrugated, round a sphere. */
static double wall_at(HilumVec3 p, const void *data)
{
  const FixtureShape *s = data;
  const HilumVec3 d = hilum_vec3_sub(p, s->center);
  const double radius = s->radius + 1.5 * sin(0.5 * d.x) * cos(0.5 * d.z);
  return 100 * (0.6 - fabs(hilum_vec3_length(d) - radius));
}

/* The two sides of a thin wall cross when they are made of few triangles, unless that is forbidden. */
static void test_apart(void)
{
  g_autoptr(GError) error = NULL;
  HilumGrid grid = hilum_grid_new(46, 46, 46, 0.8, 0.8, 0.8);
  const FixtureShape s = {fixture_middle(&grid), 14, 0};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, wall_at, &s);
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(crossings(mesh), ==, 0);
  const uint32_t nt = hilum_mesh_get_triangle_count(mesh);
  HilumDecimateOptions options = {.target_triangles = nt / 12, .may_cross = true};
  g_autoptr(HilumMesh) free = hilum_mesh_decimate(mesh, &options, NULL, NULL, &error);
  g_assert_cmpuint(crossings(free), >, 0);
  options.may_cross = false;
  g_autoptr(HilumMesh) apart = hilum_mesh_decimate(mesh, &options, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(crossings(apart), ==, 0);
  g_assert_cmpuint(hilum_mesh_get_triangle_count(apart), <, nt / 2);
  assert_same_kind(mesh, apart);
  double bound;
  g_autoptr(HilumMesh) within = decimate(mesh, 0, 0.4, &bound);
  g_assert_cmpuint(crossings(within), ==, 0);
  g_assert_cmpuint(hilum_mesh_get_triangle_count(within), <, nt / 2);
  g_assert_cmpfloat(bound, <=, 0.4);
}

static void test_noise(void)
{
  for (uint64_t seed = 1; seed <= 2; seed++) {
    g_autoptr(HilumMesh) mesh = noise(seed, 9);
    g_autoptr(HilumMesh) few = decimate(mesh, 1, 0, NULL);
    assert_same_kind(mesh, few);
    g_assert_cmpuint(hilum_mesh_get_triangle_count(few), <, hilum_mesh_get_triangle_count(mesh));
    double bound;
    g_autoptr(HilumMesh) near = decimate(mesh, 0, 0.05, &bound);
    assert_same_kind(mesh, near);
    g_assert_cmpfloat(bound, <=, 0.05);
  }
}

/* An open border, as a surface cut by the volume's end has it, stays where it is. */
static void test_open_border(void)
{
  g_autoptr(GError) error = NULL;
  HilumGrid grid = hilum_grid_new(40, 40, 20, 1, 1, 1);
  const FixtureShape s = {hilum_vec3(20, 20, 0), 15, 0};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  const HilumExtractOptions open = {.open_border = true};
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_iso(volume, 0, &open, NULL, &error);
  g_autoptr(HilumMesh) few = decimate(mesh, hilum_mesh_get_triangle_count(mesh) / 5, 0, NULL);
  const HilumMeshReport r = fixture_report(mesh), t = fixture_report(few);
  g_assert_cmpuint(r.boundary_edges, >, 50);
  g_assert_cmpuint(t.boundary_edges, ==, r.boundary_edges);
  g_assert_true(t.manifold && t.oriented);
}

static void test_threads(void)
{
  g_autoptr(HilumMesh) mesh = shape(30, 12, 0.45);
  HilumMesh *result[2];
  for (unsigned k = 0; k < 2; k++) {
    hilum_parallel_set_threads(k == 0 ? 1 : 5);
    result[k] = decimate(mesh, hilum_mesh_get_triangle_count(mesh) / 4, 0, NULL);
  }
  hilum_parallel_set_threads(0);
  fixture_assert_same_bits(result[0], result[1]);
  hilum_mesh_unref(result[0]);
  hilum_mesh_unref(result[1]);
}

static void test_refusals(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) mesh = shape(5, 0, 1);
  g_assert_null(hilum_mesh_decimate(mesh, &(HilumDecimateOptions){0}, NULL, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  g_clear_error(&error);
  g_assert_null(hilum_mesh_decimate(mesh, &(HilumDecimateOptions){0, NAN}, NULL, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  g_clear_error(&error);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_assert_null(hilum_mesh_decimate(mesh, &(HilumDecimateOptions){10, 0}, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/decimate/apart", test_apart);
  g_test_add_func("/mesh/decimate/count", test_count);
  g_test_add_func("/mesh/decimate/error", test_error);
  g_test_add_func("/mesh/decimate/noise", test_noise);
  g_test_add_func("/mesh/decimate/open-border", test_open_border);
  g_test_add_func("/mesh/decimate/threads", test_threads);
  g_test_add_func("/mesh/decimate/refusals", test_refusals);
  return g_test_run();
}
