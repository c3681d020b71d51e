/* Curvature of shapes that are known in closed form. */
#include "mesh_fixture.h"

#include "hilum/mesh/curvature.h"

static double sphere(HilumVec3 p, const void *data)
{
  const double *r = data;
  return 100 * (*r - hilum_vec3_length(hilum_vec3_sub(p, hilum_vec3(12, 12, 12))));
}

/* Along x, longer than the grid. */
static double cylinder(HilumVec3 p, const void *data)
{
  const double *r = data;
  return 100 * (*r - hypot(p.y - 12.1, p.z - 11.9));
}

/* Round z, tube of 3 on a circle of 8. */
static double torus(HilumVec3 p, const void *data)
{
  return 100 * (3 - hypot(hypot(p.x - 12, p.y - 12) - 8, p.z - 12));
}

static HilumMesh *make(FixtureField field, const void *data)
{
  g_autoptr(GError) error = NULL;
  HilumGrid grid = hilum_grid_new(49, 49, 49, 0.5, 0.5, 0.5);
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, field, data);
  const HilumExtractOptions open = {.open_border = true};
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, 0, &open, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static HilumCurvature bend(const HilumMesh *mesh, float **mean, float **gaussian)
{
  g_autoptr(GError) error = NULL;
  HilumCurvature c;
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  *mean = g_new(float, nv);
  *gaussian = g_new(float, nv);
  g_assert_true(hilum_mesh_curvature(mesh, &c, *mean, *gaussian, NULL, &error));
  g_assert_no_error(error);
  return c;
}

static void test_sphere(void)
{
  for (double r = 3; r <= 10; r += 3.5) {
    g_autoptr(HilumMesh) mesh = make(sphere, &r);
    g_autofree float *mean = NULL, *gaussian = NULL;
    const HilumCurvature c = bend(mesh, &mean, &gaussian);
    g_test_message("ball of %g mm: mean %g (%g to %g), Gaussian %g (%g to %g)", r, c.mean_per_mm.mean * r,
                   c.mean_per_mm.p5 * r, c.mean_per_mm.p95 * r, c.gaussian_per_mm2.mean * r * r,
                   c.gaussian_per_mm2.p5 * r * r, c.gaussian_per_mm2.p95 * r * r);
    g_assert_cmpuint(c.left_out, ==, 0);
    g_assert_cmpfloat_with_epsilon(c.mean_per_mm.mean * r, 1, 0.03);
    g_assert_cmpfloat_with_epsilon(c.mean_per_mm.p5 * r, 1, 0.12);
    g_assert_cmpfloat_with_epsilon(c.mean_per_mm.p95 * r, 1, 0.12);
    g_assert_cmpfloat_with_epsilon(c.gaussian_per_mm2.mean * r * r, 1, 0.06);
  }
}

static void test_cylinder(void)
{
  const double r = 4;
  g_autoptr(HilumMesh) mesh = make(cylinder, &r);
  g_autofree float *mean = NULL, *gaussian = NULL;
  const HilumCurvature c = bend(mesh, &mean, &gaussian);
  g_test_message("cylinder: mean %g, Gaussian %g to %g", c.mean_per_mm.median * r,
                 c.gaussian_per_mm2.p5 * r * r, c.gaussian_per_mm2.p95 * r * r);
  g_assert_cmpfloat_with_epsilon(c.mean_per_mm.median * r, 0.5, 0.02);
  g_assert_cmpfloat_with_epsilon(c.gaussian_per_mm2.median * r * r, 0, 0.02);
  g_assert_cmpfloat_with_epsilon(c.gaussian_per_mm2.p95 * r * r, 0, 0.1);
}

static void test_torus(void)
{
  g_autoptr(HilumMesh) mesh = make(torus, NULL);
  g_autofree float *mean = NULL, *gaussian = NULL;
  const HilumCurvature c = bend(mesh, &mean, &gaussian);
  const float *p = hilum_mesh_get_positions(mesh);
  const HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  double mean_error = 0, gaussian_error = 0;
  for (uint32_t v = 0; v < c.vertices; v++) {
    const HilumVec3 x = hilum_vec3_sub(hilum_mesh_vertex_mm(o, p, v), hilum_vec3(12, 12, 12));
    const double out = hypot(x.x, x.y), k = (out - 8) / 3 / out; /* across the tube 1/3, along it k */
    mean_error += pow((double)mean[v] - (1 / 3.0 + k) / 2, 2) / (double)c.vertices;
    gaussian_error += pow((double)gaussian[v] - k / 3, 2) / (double)c.vertices;
  }
  g_test_message("torus: root mean square errors %g / mm and %g / mm2, Gaussian mean %g", sqrt(mean_error),
                 sqrt(gaussian_error), c.gaussian_per_mm2.mean);
  g_assert_cmpfloat(sqrt(mean_error), <, 0.012);
  g_assert_cmpfloat(sqrt(gaussian_error), <, 0.006);
  g_assert_cmpfloat_with_epsilon(c.gaussian_per_mm2.mean, 0, 0.002); /* no handle is lost: 2 pi chi = 0 */
  g_assert_cmpfloat(c.gaussian_per_mm2.p5, <, -0.02);
}

static void test_threads_and_cancel(void)
{
  g_autoptr(HilumMesh) mesh = make(torus, NULL);
  float *mean[2], *gaussian[2];
  for (unsigned k = 0; k < 2; k++) {
    hilum_parallel_set_threads(k ? 4 : 1);
    bend(mesh, &mean[k], &gaussian[k]);
  }
  hilum_parallel_set_threads(0);
  const size_t bytes = hilum_mesh_get_vertex_count(mesh) * sizeof(float);
  g_assert_cmpmem(mean[0], bytes, mean[1], bytes);
  g_assert_cmpmem(gaussian[0], bytes, gaussian[1], bytes);
  for (int k = 0; k < 2; k++) {
    g_free(mean[k]);
    g_free(gaussian[k]);
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  HilumCurvature c;
  g_assert_false(hilum_mesh_curvature(mesh, &c, NULL, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/curvature/sphere", test_sphere);
  g_test_add_func("/mesh/curvature/cylinder", test_cylinder);
  g_test_add_func("/mesh/curvature/torus", test_torus);
  g_test_add_func("/mesh/curvature/threads-and-cancel", test_threads_and_cancel);
  return g_test_run();
}
