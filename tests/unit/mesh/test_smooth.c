/* Smoothing flattens the steps of a label surface, keeps its volume, holds the leash and cuts nothing. */
#include "mesh_fixture.h"

#include "hilum/mesh/smooth.h"

static HilumMesh *label_shape(const HilumGrid *grid, FixtureField field, const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) mask = hilum_mask_new(grid->dims, &error);
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++)
        if (field(hilum_grid_voxel_to_mm(grid, (HilumVoxel){i, j, k}), data) >= 0)
          hilum_mask_set(mask, (HilumVoxel){i, j, k});
  HilumMesh *mesh = hilum_mesh_extract_mask(mask, grid, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static HilumMesh *smooth(HilumMesh *mesh, HilumSmoothOptions o)
{
  g_autoptr(GError) error = NULL;
  HilumMesh *out = hilum_mesh_smooth(mesh, &o, NULL, &error);
  g_assert_no_error(error);
  return out;
}

static double spread(const HilumMesh *mesh, HilumVec3 center)
{
  double sum = 0, square = 0;
  uint32_t n = hilum_mesh_get_vertex_count(mesh);
  for (uint32_t v = 0; v < n; v++) {
    double r = hilum_vec3_distance(
        center, hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v));
    sum += r;
    square += r * r;
  }
  return sqrt(fmax(0, square / n - sum / n * (sum / n)));
}

static double longest_move(const HilumMesh *a, const HilumMesh *b)
{
  double worst = 0;
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(a); v++)
    worst =
        fmax(worst,
             hilum_vec3_distance(hilum_mesh_vertex_mm(hilum_vec3(0, 0, 0), hilum_mesh_get_positions(a), v),
                                 hilum_mesh_vertex_mm(hilum_vec3(0, 0, 0), hilum_mesh_get_positions(b), v)));
  return worst;
}

static void test_sphere(void)
{
  HilumGrid grid = hilum_grid_new(50, 50, 50, 0.8, 0.8, 0.8);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 17};
  g_autoptr(HilumMesh) in = label_shape(&grid, fixture_shape, &s);
  double before = fixture_report(in).volume_mm3;
  g_autoptr(HilumMesh) plain = smooth(in, (HilumSmoothOptions){0});
  fixture_assert_clean(plain);
  g_assert_cmpfloat_with_epsilon(fixture_report(plain).volume_mm3 / before, 1, 0.01);
  g_assert_cmpfloat(spread(plain, s.center), <, 0.5 * spread(in, s.center));
  g_autoptr(HilumMesh) kept = smooth(in, (HilumSmoothOptions){.keep_volume = true});
  fixture_assert_clean(kept);
  g_assert_cmpfloat_with_epsilon(fixture_report(kept).volume_mm3 / before, 1, 1e-5);
  g_autoptr(HilumMesh) held = smooth(in, (HilumSmoothOptions){.max_move_mm = 0.1, .keep_volume = true});
  g_assert_cmpfloat(longest_move(in, held), <=, 0.1);
  g_assert_cmpfloat(longest_move(in, plain), >, 0.1);
  g_assert_cmpfloat_with_epsilon(fixture_report(held).volume_mm3 / before, 1, 1e-3);
}

typedef struct {
  HilumVec3 from, to;
  double radius;
} Capsule;

static double capsule(HilumVec3 p, const void *data)
{
  const Capsule *c = data;
  HilumVec3 d = hilum_vec3_sub(c->to, c->from), q = hilum_vec3_sub(p, c->from);
  double t = CLAMP(hilum_vec3_dot(q, d) / hilum_vec3_dot(d, d), 0, 1);
  return c->radius - hilum_vec3_length(hilum_vec3_madd(q, -t, d));
}

/* A vessel of three voxels across, tilted: still one piece, still a tube, its volume kept. */
static void test_thin_vessel(void)
{
  HilumGrid grid = hilum_grid_new(40, 40, 60, 0.8, 0.8, 1);
  Capsule c = {{4, 5, 6}, {27, 25, 52}, 1.2};
  g_autoptr(HilumMesh) in = label_shape(&grid, capsule, &c);
  HilumMeshReport r0 = fixture_report(in);
  g_assert_cmpuint(r0.shells, ==, 1);
  g_autoptr(HilumMesh) out = smooth(in, (HilumSmoothOptions){.keep_volume = true});
  HilumMeshReport r = fixture_report(out);
  g_assert_true(r.closed && r.manifold && r.oriented && r.outward);
  g_assert_cmpuint(r.shells, ==, 1);
  g_assert_cmpfloat_with_epsilon(r.volume_mm3 / r0.volume_mm3, 1, 1e-3);
  HilumVec3 axis = hilum_vec3_normalize(hilum_vec3_sub(c.to, c.from));
  double narrowest = INFINITY; /* distance of a vertex from the axis, away from the ends */
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(out); v++) {
    HilumVec3 p = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(out), hilum_mesh_get_positions(out), v);
    HilumVec3 q = hilum_vec3_sub(p, c.from);
    double along = hilum_vec3_dot(q, axis);
    if (along > 3 && along < 50)
      narrowest = fmin(narrowest, hilum_vec3_length(hilum_vec3_madd(q, -along, axis)));
  }
  g_assert_cmpfloat(narrowest, >, 0.6);
}

/* The rim of an open surface stays. */
static void test_open_border(void)
{
  HilumGrid grid = hilum_grid_new(30, 30, 12, 1, 1, 1);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 12};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &s);
  g_autoptr(GError) error = NULL;
  HilumExtractOptions open = {.open_border = true};
  g_autoptr(HilumMesh) in = hilum_mesh_extract_iso(volume, 0, &open, NULL, &error);
  g_autoptr(HilumMesh) out = smooth(in, (HilumSmoothOptions){.keep_volume = true});
  HilumMeshReport r = fixture_report(out);
  g_assert_cmpuint(r.boundary_edges, ==, fixture_report(in).boundary_edges);
  HilumBox a = hilum_mesh_get_bounds_mm(in), b = hilum_mesh_get_bounds_mm(out);
  g_assert_cmpfloat(a.min.z, ==, b.min.z);
  g_assert_cmpfloat(a.max.z, ==, b.max.z);
  g_assert_cmpfloat(longest_move(in, out), >, 0);
}

static void test_same_bits_and_cancel(void)
{
  HilumGrid grid = hilum_grid_new(70, 60, 50, 1, 1, 1);
  FixtureShape s = {.center = fixture_middle(&grid), .radius = 24};
  g_autoptr(HilumMesh) in = label_shape(&grid, fixture_shape, &s);
  HilumSmoothOptions o = {.keep_volume = true, .max_move_mm = 0.7};
  hilum_parallel_set_threads(1);
  g_autoptr(HilumMesh) one = smooth(in, o);
  hilum_parallel_set_threads(4);
  g_autoptr(HilumMesh) four = smooth(in, o);
  hilum_parallel_set_threads(0);
  fixture_assert_same_bits(one, four);
  g_autoptr(GCancellable) c = g_cancellable_new();
  g_cancellable_cancel(c);
  HilumProgress p = {.cancellable = c};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_mesh_smooth(in, &o, &p, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  o.iterations = -1;
  g_assert_null(hilum_mesh_smooth(in, &o, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
}

/* Passes run one behind the other where rings lie near each other in memory, one after the other where not:
 * vertices in no order, and any number of threads, end at the same places. */
static void test_order_of_vertices(void)
{
  HilumGrid grid = hilum_grid_new(60, 60, 300, 1, 1, 1);
  const Capsule c = {hilum_vec3(30, 30, 40), hilum_vec3(30, 29, 260), 25};
  g_autoptr(HilumMesh) in = label_shape(&grid, capsule, &c);
  const uint32_t nv = hilum_mesh_get_vertex_count(in), nt = hilum_mesh_get_triangle_count(in);
  g_assert_cmpuint(nv, >, 50000);
  g_autofree uint32_t *number = g_new(uint32_t, nv); /* of every vertex in the other mesh: a shuffle */
  for (uint32_t v = 0; v < nv; v++)
    number[v] = v;
  for (uint32_t v = nv; v > 1; v--) {
    uint32_t other = (uint32_t)(hilum_random_uniform(7, v) * v), t = number[v - 1];
    number[v - 1] = number[other];
    number[other] = t;
  }
  float *positions = hilum_big_alloc(3 * (size_t)nv * sizeof *positions, NULL);
  uint32_t *indices = hilum_big_alloc(3 * (size_t)nt * sizeof *indices, NULL);
  for (uint32_t v = 0; v < nv; v++)
    memcpy(positions + 3 * (size_t)number[v], hilum_mesh_get_positions(in) + 3 * (size_t)v,
           3 * sizeof(float));
  for (size_t i = 0; i < 3 * (size_t)nt; i++)
    indices[i] = number[hilum_mesh_get_indices(in)[i]];
  g_autoptr(HilumMesh) shuffled =
      hilum_mesh_new_take(hilum_mesh_get_origin_mm(in), nv, positions, NULL, nt, indices, NULL);
  static const HilumSmoothOptions options[] = {
      {.iterations = 1},
      {.iterations = 2},
      {.iterations = 3},
      {.iterations = 20},
      {.iterations = 1, .filter = HILUM_SMOOTH_TAUBIN},
      {.iterations = 10, .filter = HILUM_SMOOTH_TAUBIN},
  };
  for (size_t o = 0; o < G_N_ELEMENTS(options); o++)
    for (unsigned threads = 1; threads <= 3; threads++) {
      hilum_parallel_set_threads(threads);
      g_autoptr(HilumMesh) a = smooth(in, options[o]), b = smooth(shuffled, options[o]);
      const float *of_a = hilum_mesh_get_positions(a), *of_b = hilum_mesh_get_positions(b);
      for (uint32_t v = 0; v < nv; v++)
        g_assert_cmpmem(of_a + 3 * (size_t)v, 3 * sizeof(float), of_b + 3 * (size_t)number[v],
                        3 * sizeof(float));
      g_assert_cmpfloat(longest_move(in, a), >, 0.05);
    }
  hilum_parallel_set_threads(0);
}

/* Vertices where few, many and too many triangles meet, and the same with a gap: the last two stay. */
static void test_odd_rings(void)
{
  for (uint32_t n = 3; n <= 300; n += n < 12 ? 1 : 36) {
    float *positions = hilum_big_alloc(3 * (size_t)(n + 2) * sizeof *positions, NULL);
    uint32_t *indices = hilum_big_alloc(6 * (size_t)n * sizeof *indices, NULL);
    for (uint32_t i = 0; i < n; i++) {
      double angle = 2 * G_PI * i / n;
      const float p[3] = {(float)cos(angle), (float)sin(angle), 0};
      memcpy(positions + 3 * (size_t)i, p, sizeof p);
      const uint32_t t[6] = {i, (i + 1) % n, n, (i + 1) % n, i, n + 1};
      memcpy(indices + 6 * (size_t)i, t, sizeof t);
    }
    const float tips[6] = {0.25f, 0, 1, 0, 0, -1};
    memcpy(positions + 3 * (size_t)n, tips, sizeof tips);
    g_autoptr(HilumMesh) mesh =
        hilum_mesh_new_take(hilum_vec3(0, 0, 0), n + 2, positions, NULL, 2 * n, indices, NULL);
    g_autoptr(HilumMesh) out =
        smooth(mesh, (HilumSmoothOptions){.iterations = 1, .filter = HILUM_SMOOTH_TAUBIN});
    const float *tip = hilum_mesh_get_positions(out) + 3 * (size_t)n;
    if (n > 255)
      g_assert_cmpmem(tip, sizeof tips / 2, tips, sizeof tips / 2);
    else
      g_assert_cmpfloat(tip[2], <, 0.9);
    /* The same bipyramid with a triangle less has a border through both tips. */
    indices = hilum_big_alloc(6 * (size_t)n * sizeof *indices, NULL);
    memcpy(indices, hilum_mesh_get_indices(mesh), 6 * (size_t)n * sizeof *indices);
    positions = hilum_big_alloc(3 * (size_t)(n + 2) * sizeof *positions, NULL);
    memcpy(positions, hilum_mesh_get_positions(mesh), 3 * (size_t)(n + 2) * sizeof *positions);
    g_autoptr(HilumMesh) open =
        hilum_mesh_new_take(hilum_vec3(0, 0, 0), n + 2, positions, NULL, 2 * n - 2, indices, NULL);
    g_autoptr(HilumMesh) kept = smooth(open, (HilumSmoothOptions){.iterations = 1});
    g_assert_cmpmem(hilum_mesh_get_positions(kept) + 3 * (size_t)n, sizeof tips, tips, sizeof tips);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/smooth/sphere", test_sphere);
  g_test_add_func("/mesh/smooth/thin-vessel", test_thin_vessel);
  g_test_add_func("/mesh/smooth/open-border", test_open_border);
  g_test_add_func("/mesh/smooth/order-of-vertices", test_order_of_vertices);
  g_test_add_func("/mesh/smooth/odd-rings", test_odd_rings);
  g_test_add_func("/mesh/smooth/same-bits-and-cancel", test_same_bits_and_cancel);
  return g_test_run();
}
