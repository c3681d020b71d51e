/* The hierarchy against every triangle in turn. */
#include "hilum/base/memory.h"
#include "hilum/view/picking.h"

/* n random triangles in a cube; with `flat` all in one plane and many identical. */
static HilumMesh *soup(uint32_t n, bool flat)
{
  float *positions = hilum_big_alloc((size_t)n * 36, NULL);
  uint32_t *indices = hilum_big_alloc((size_t)n * 12, NULL);
  for (uint32_t t = 0; t < n; t++) {
    float at[3];
    for (int a = 0; a < 3; a++)
      at[a] = flat && t > n / 2 ? 5 : (float)g_test_rand_double_range(-50, 50);
    for (uint32_t c = 0; c < 3; c++) {
      for (uint32_t a = 0; a < 3; a++)
        positions[9 * (size_t)t + 3 * c + a] =
            at[a] + (flat && t > n / 2 ? (float)((c + a) % 3) : (float)g_test_rand_double_range(-4, 4));
      if (flat) positions[9 * (size_t)t + 3 * c + 2] = 0;
      indices[3 * t + c] = 3 * t + c;
    }
  }
  g_autoptr(GError) error = NULL;
  HilumMesh *mesh =
      hilum_mesh_new_take(hilum_vec3(100, -200, 900), 3 * n, positions, NULL, n, indices, &error);
  g_assert_nonnull(mesh);
  return mesh;
}

static double brute_force(HilumMesh *mesh, HilumRay ray)
{
  double best = INFINITY;
  const uint32_t *i = hilum_mesh_get_indices(mesh);
  for (uint32_t t = 0; t < hilum_mesh_get_triangle_count(mesh); t++) {
    HilumVec3 p[3];
    for (int c = 0; c < 3; c++)
      p[c] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh),
                                  i[3 * t + (uint32_t)c]);
    double d;
    if (hilum_ray_hit_triangle(ray, p[0], p[1], p[2], &d)) best = MIN(best, d);
  }
  return best;
}

static void check(HilumMesh *mesh, int rays)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumBvh) bvh = hilum_bvh_new(mesh, NULL, &error);
  g_assert_no_error(error);
  HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  int hits = 0;
  for (int i = 0; i < rays; i++) {
    HilumVec3 from = hilum_vec3_add(
        o, hilum_vec3(g_test_rand_double_range(-90, 90), g_test_rand_double_range(-90, 90), 120));
    HilumVec3 to = hilum_vec3_add(
        o, hilum_vec3(g_test_rand_double_range(-50, 50), g_test_rand_double_range(-50, 50), 0));
    HilumRay ray = {from, hilum_vec3_sub(to, from)};
    if (i % 5 == 0) ray.dir = hilum_vec3(0, 0, -1); /* along an axis: infinite inverses */
    double t = INFINITY, wanted = brute_force(mesh, ray);
    uint32_t triangle = 0;
    bool hit = hilum_bvh_hit(bvh, ray, &t, &triangle);
    g_assert_cmpint(hit, ==, isfinite(wanted));
    if (hit) g_assert_cmpfloat_with_epsilon(t, wanted, 1e-9 * wanted);
    hits += hit;
    t = wanted / 2;
    g_assert_false(hit && hilum_bvh_hit(bvh, ray, &t, &triangle)); /* nothing nearer */
  }
  g_assert_cmpint(hits, >, rays / 10);
}

static void test_against_all(void)
{
  g_autoptr(HilumMesh) mesh = soup(3000, false);
  check(mesh, 300);
}

static void test_flat_and_identical(void)
{
  g_autoptr(HilumMesh) mesh = soup(2000, true);
  check(mesh, 300);
}

static void test_small(void)
{
  for (uint32_t n = 1; n < 12; n++) {
    g_autoptr(HilumMesh) mesh = soup(n, false);
    g_autoptr(HilumBvh) bvh = hilum_bvh_new(mesh, NULL, NULL);
    for (int i = 0; i < 50; i++) {
      HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
      HilumRay ray = {hilum_vec3_add(o, hilum_vec3(g_test_rand_double_range(-50, 50), 0, 200)),
                      {0, g_test_rand_double_range(-0.3, 0.3), -1}};
      double t = INFINITY;
      uint32_t triangle = 0;
      g_assert_cmpint(hilum_bvh_hit(bvh, ray, &t, &triangle), ==, isfinite(brute_force(mesh, ray)));
    }
  }
}

static void test_cancel(void)
{
  g_autoptr(HilumMesh) mesh = soup(3000, false);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_bvh_new(mesh, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/picking/against-all", test_against_all);
  g_test_add_func("/view/picking/flat-and-identical", test_flat_and_identical);
  g_test_add_func("/view/picking/small", test_small);
  g_test_add_func("/view/picking/cancel", test_cancel);
  return g_test_run();
}
