/* Distance between surfaces against brute force, against shapes whose distance is known, and against itself
 * with other numbers of threads. */
#include "mesh_fixture.h"

#include "hilum/base/cpu.h"
#include "hilum/mesh/distance.h"

static HilumMesh *sphere(double radius, double spacing, HilumVec3 shift)
{
  g_autoptr(GError) error = NULL;
  const int32_t n = (int32_t)ceil(2 * radius / spacing) + 5;
  HilumGrid grid = hilum_grid_new(n, n, n, spacing, spacing, spacing);
  grid.origin_mm = hilum_vec3_madd(shift, -0.5 * (n - 1) * spacing, hilum_vec3(1, 1, 1));
  const FixtureShape shape = {shift, radius, 0};
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, fixture_shape, &shape);
  HilumMesh *mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static HilumMesh *build(const float *positions, uint32_t nv, const uint32_t *indices, uint32_t nt)
{
  g_autoptr(GError) error = NULL;
  float *p = hilum_big_alloc(nv * 12, &error);
  uint32_t *i = hilum_big_alloc(nt * 12, &error);
  memcpy(p, positions, nv * 12);
  memcpy(i, indices, nt * 12);
  HilumMesh *mesh = hilum_mesh_new_take(hilum_vec3(5, 6, 7), nv, p, NULL, nt, i, &error);
  g_assert_no_error(error);
  return mesh;
}

static double to_segment(HilumVec3 p, HilumVec3 a, HilumVec3 b)
{
  const HilumVec3 d = hilum_vec3_sub(b, a);
  const double l = hilum_vec3_dot(d, d), t = l > 0 ? hilum_vec3_dot(hilum_vec3_sub(p, a), d) / l : 0;
  return hilum_vec3_distance(p, hilum_vec3_madd(a, CLAMP(t, 0, 1), d));
}

/* Another way than the module's: the plane's foot if it lies inside, else the nearest of the sides. */
static double to_triangle(HilumVec3 p, HilumVec3 a, HilumVec3 b, HilumVec3 c)
{
  const HilumVec3 n = hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3_sub(b, a), hilum_vec3_sub(c, a)));
  const double h = hilum_vec3_dot(hilum_vec3_sub(p, a), n);
  const HilumVec3 foot = hilum_vec3_madd(p, -h, n), corner[3] = {a, b, c};
  bool inside = hilum_vec3_length(n) > 0.5;
  for (int i = 0; i < 3; i++)
    inside = inside && hilum_vec3_dot(n, hilum_vec3_cross(hilum_vec3_sub(corner[(i + 1) % 3], corner[i]),
                                                          hilum_vec3_sub(foot, corner[i]))) >= 0;
  return inside ? fabs(h) : fmin(to_segment(p, a, b), fmin(to_segment(p, b, c), to_segment(p, c, a)));
}

static HilumMesh *random_soup(uint64_t seed, uint32_t nt)
{
  g_autofree float *p = g_new(float, 9 * nt);
  g_autofree uint32_t *i = g_new(uint32_t, 3 * nt);
  for (uint32_t k = 0; k < 9 * nt; k++) {
    const double middle = 20 * hilum_random_uniform(seed, k / 9 * 3 + k % 3);
    p[k] = (float)(middle + 2 * hilum_random_uniform(seed + 1, k));
    i[k / 3] = k / 3;
  }
  return build(p, 3 * nt, i, nt);
}

static void test_brute_force(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) a = random_soup(1, 300);
  for (uint32_t nt = 1; nt <= 257; nt += nt < 8 ? 1 : 83) {
    g_autoptr(HilumMesh) b = random_soup(77 + nt, nt);
    g_autofree float *mm = g_new(float, 900);
    g_assert_true(hilum_mesh_distance_of_vertices(a, b, mm, NULL, &error));
    const float *pa = hilum_mesh_get_positions(a), *pb = hilum_mesh_get_positions(b);
    for (uint32_t v = 0; v < 900; v++) {
      double least = INFINITY;
      const HilumVec3 p = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(a), pa, v);
      const HilumVec3 o = hilum_mesh_get_origin_mm(b);
      for (uint32_t t = 0; t < nt; t++)
        least = fmin(least, to_triangle(p, hilum_mesh_vertex_mm(o, pb, 3 * t),
                                        hilum_mesh_vertex_mm(o, pb, 3 * t + 1),
                                        hilum_mesh_vertex_mm(o, pb, 3 * t + 2)));
      g_assert_cmpfloat_with_epsilon(mm[v], least, 1e-5);
    }
  }
}

static void test_spheres(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) a = sphere(10, 0.7, hilum_vec3(50, -20, 900));
  g_autoptr(HilumMesh) b = sphere(11, 0.5, hilum_vec3(50, -20, 900));
  HilumSurfaceDistance d;
  g_assert_true(hilum_mesh_distance_symmetric(a, b, &d, NULL, &error));
  g_assert_cmpfloat_with_epsilon(d.mean_mm, 1, 0.02);
  g_assert_cmpfloat_with_epsilon(d.p95_mm, 1, 0.03);
  g_assert_cmpfloat_with_epsilon(d.max_mm, 1, 0.06);
  g_assert_cmpfloat(d.bound_mm, >=, d.max_mm);
  g_assert_cmpfloat(d.bound_mm, <=, 1.021 * d.max_mm);
  g_assert_true(hilum_mesh_distance(a, a, &d, NULL, &error));
  g_assert_cmpfloat(d.bound_mm, <, 1e-5);
}

/* A dent in the middle of a side is farther from the flat square than any vertex of the square knows: the way
 * there has its greatest value inside of a triangle, where only cutting it finds it. */
static void test_inside_of_triangle(void)
{
  g_autoptr(GError) error = NULL;
  const float square[12] = {0, 0, 0, 8, 0, 0, 8, 8, 0, 0, 8, 0};
  const uint32_t halves[6] = {0, 1, 2, 0, 2, 3};
  const float frame[15] = {0, 0, 0, 8, 0, 0, 8, 8, 0, 0, 8, 0, 5, 3, -3};
  const uint32_t fan[12] = {0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4};
  g_autoptr(HilumMesh) a = build(square, 4, halves, 2);
  g_autoptr(HilumMesh) b = build(frame, 5, fan, 4);
  HilumSurfaceDistance d;
  g_assert_true(hilum_mesh_distance(b, a, &d, NULL, &error));
  g_assert_cmpfloat_with_epsilon(d.max_mm, 3, 1e-9);
  g_assert_true(hilum_mesh_distance(a, b, &d, NULL, &error));
  double most = 0; /* brute force on a fine raster */
  const float(*p)[3] = (const float(*)[3])(const void *)frame;
  for (int i = 0; i <= 400; i++)
    for (int j = 0; j <= 400; j++) {
      double least = INFINITY;
      for (int t = 0; t < 4; t++) {
        HilumVec3 c[3];
        for (int k = 0; k < 3; k++)
          c[k] = hilum_vec3((double)p[fan[3 * t + k]][0], (double)p[fan[3 * t + k]][1],
                            (double)p[fan[3 * t + k]][2]);
        least = fmin(least, to_triangle(hilum_vec3(i * 0.02, j * 0.02, 0), c[0], c[1], c[2]));
      }
      most = fmax(most, least);
    }
  g_assert_cmpfloat(d.bound_mm, >=, most - 1e-9);
  g_assert_cmpfloat_with_epsilon(d.max_mm, most, 0.015 * most);
  g_assert_cmpfloat(most, >, 1);
}

static double to_mesh(HilumVec3 p, const HilumMesh *mesh)
{
  const HilumVec3 o = hilum_mesh_get_origin_mm(mesh);
  const float *positions = hilum_mesh_get_positions(mesh);
  const uint32_t *i = hilum_mesh_get_indices(mesh);
  double least = INFINITY;
  for (uint32_t t = 0; t < hilum_mesh_get_triangle_count(mesh); t++)
    least = fmin(least, to_triangle(p, hilum_mesh_vertex_mm(o, positions, i[3 * t]),
                                    hilum_mesh_vertex_mm(o, positions, i[3 * t + 1]),
                                    hilum_mesh_vertex_mm(o, positions, i[3 * t + 2])));
  return least;
}

/* No point of a raster over every triangle lies beyond the bound, and one at least nearly as far as was
 * found.
 */
static void check_bound(const HilumMesh *from, const HilumMesh *to, int steps)
{
  g_autoptr(GError) error = NULL;
  HilumSurfaceDistance d;
  g_assert_true(hilum_mesh_distance(from, to, &d, NULL, &error));
  const HilumVec3 o = hilum_mesh_get_origin_mm(from);
  const uint32_t *index = hilum_mesh_get_indices(from);
  double most = 0;
  for (uint32_t t = 0; t < hilum_mesh_get_triangle_count(from); t++) {
    HilumVec3 c[3];
    for (int k = 0; k < 3; k++)
      c[k] = hilum_mesh_vertex_mm(o, hilum_mesh_get_positions(from), index[3 * t + (uint32_t)k]);
    for (int i = 0; i <= steps; i++)
      for (int j = 0; i + j <= steps; j++) {
        const HilumVec3 p =
            hilum_vec3_madd(hilum_vec3_madd(c[0], (double)i / steps, hilum_vec3_sub(c[1], c[0])),
                            (double)j / steps, hilum_vec3_sub(c[2], c[0]));
        most = fmax(most, to_mesh(p, to));
      }
  }
  g_assert_cmpfloat(d.bound_mm, >=, most - 1e-9);
  g_assert_cmpfloat(d.max_mm, <=, d.bound_mm);
  g_assert_cmpfloat(d.max_mm, >=, 0.97 * most);
  g_assert_cmpfloat(d.bound_mm, <=, 1.021 * d.max_mm + 1e-3);
}

static void test_bound(void)
{
  for (uint64_t seed = 1; seed <= 4; seed++) {
    g_autoptr(HilumMesh) a = random_soup(seed, 40);
    g_autoptr(HilumMesh) b = random_soup(100 + seed, (uint32_t)(3 * seed * seed));
    check_bound(a, b, 12);
    check_bound(b, a, 12);
  }
  /* Near a triangle as large as the ball lie too many for one list. */
  const float corner[18] = {-20, -15, 1, 18, -14, 0, 1, 22, -1, -20, -15, 3, 18, -14, 2, 1, 22, 1};
  const uint32_t sheets[6] = {0, 1, 2, 3, 4, 5};
  g_autoptr(HilumMesh) large = build(corner, 6, sheets, 2);
  g_autoptr(HilumMesh) ball = sphere(9, 0.9, hilum_vec3(5, 6, 7));
  g_assert_cmpuint(hilum_mesh_get_triangle_count(ball), >, 2000);
  check_bound(large, ball, 40);
}

/* With any instructions the same bits. */
static void test_instructions(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) a = sphere(7, 0.4, hilum_vec3(1, 2, 3));
  g_autoptr(HilumMesh) b = sphere(7, 0.9, hilum_vec3(1.3, 2, 3));
  HilumSurfaceDistance plain, fast;
  hilum_cpu_set_mask(0);
  g_assert_true(hilum_mesh_distance_symmetric(a, b, &plain, NULL, &error));
  hilum_cpu_set_mask(~0u);
  g_assert_true(hilum_mesh_distance_symmetric(a, b, &fast, NULL, &error));
  g_assert_true(memcmp(&plain, &fast, sizeof plain) == 0);
}

static void test_threads(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) a = sphere(12, 0.4, hilum_vec3(1, 2, 3));
  g_autoptr(HilumMesh) b = sphere(12, 0.9, hilum_vec3(1.3, 2, 3));
  g_autoptr(HilumMesh) beside = sphere(5, 0.7, hilum_vec3(-12, 16, 10));
  HilumSurfaceDistance one, four;
  HilumSurfaceGap gap_one, gap_four;
  hilum_parallel_set_threads(1);
  g_assert_true(hilum_mesh_distance_symmetric(a, b, &one, NULL, &error));
  g_assert_true(hilum_mesh_gap(a, beside, &gap_one, NULL, &error));
  hilum_parallel_set_threads(4);
  g_assert_true(hilum_mesh_distance_symmetric(a, b, &four, NULL, &error));
  g_assert_true(hilum_mesh_gap(a, beside, &gap_four, NULL, &error));
  hilum_parallel_set_threads(0);
  g_assert_true(memcmp(&one, &four, sizeof one) == 0);
  g_assert_true(gap_one.mm > 0 && memcmp(&gap_one, &gap_four, sizeof gap_one) == 0);
}

/* A gap is as small as what sampling finds, is realised by its two points, and is the same either way. */
static void check_gap(const HilumMesh *a, const HilumMesh *b, double most)
{
  g_autoptr(GError) error = NULL;
  HilumSurfaceGap gap, back;
  g_assert_true(hilum_mesh_gap(a, b, &gap, NULL, &error) && hilum_mesh_gap(b, a, &back, NULL, &error));
  g_assert_no_error(error);
  g_assert_cmpfloat_with_epsilon(gap.mm, back.mm, 1e-9);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_distance(gap.a_mm, gap.b_mm), gap.mm, 1e-12);
  g_assert_cmpfloat(gap.mm, <=, most + 1e-9);
  const HilumVec3 at[2] = {gap.a_mm, gap.b_mm};
  const HilumMesh *of[2] = {a, b};
  for (int i = 0; i < 2; i++) { /* each lies on its surface */
    double off = INFINITY;
    for (size_t t = 0; t < hilum_mesh_get_triangle_count(of[i]); t++) {
      HilumVec3 c[3];
      for (size_t k = 0; k < 3; k++)
        c[k] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(of[i]), hilum_mesh_get_positions(of[i]),
                                    hilum_mesh_get_indices(of[i])[3 * t + k]);
      off = fmin(off, to_triangle(at[i], c[0], c[1], c[2]));
    }
    g_assert_cmpfloat(off, <, 1e-6);
  }
}

/* The least distance from points spread over the triangles of a to those of b. */
static double sampled_gap(const HilumMesh *a, const HilumMesh *b, int n)
{
  double least = INFINITY;
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(a); t++) {
    HilumVec3 c[3], d[3];
    for (size_t k = 0; k < 3; k++)
      c[k] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(a), hilum_mesh_get_positions(a),
                                  hilum_mesh_get_indices(a)[3 * t + k]);
    for (int i = 0; i <= n; i++)
      for (int j = 0; i + j <= n; j++) {
        const HilumVec3 p = hilum_vec3_lerp(hilum_vec3_lerp(c[0], c[1], i < n ? (double)j / (n - i) : 0),
                                            c[2], (double)i / n);
        for (size_t u = 0; u < hilum_mesh_get_triangle_count(b); u++) {
          for (size_t k = 0; k < 3; k++)
            d[k] = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(b), hilum_mesh_get_positions(b),
                                        hilum_mesh_get_indices(b)[3 * u + k]);
          least = fmin(least, to_triangle(p, d[0], d[1], d[2]));
        }
      }
  }
  return least;
}

static void test_gap(void)
{
  g_autoptr(GError) error = NULL;
  HilumSurfaceGap gap;
  g_autoptr(HilumMesh) a = sphere(8, 0.7, hilum_vec3(1, 2, 3)), b = sphere(5, 0.6, hilum_vec3(13, 11, 7)),
                       inner = sphere(3, 0.5, hilum_vec3(2, 2, 3)),
                       across = sphere(5, 0.6, hilum_vec3(9, 2, 3));
  const double apart = hilum_vec3_distance(hilum_vec3(1, 2, 3), hilum_vec3(13, 11, 7)) - 13;
  check_gap(a, b, apart + 0.1);
  g_assert_true(hilum_mesh_gap(a, b, &gap, NULL, &error));
  g_assert_cmpfloat_with_epsilon(gap.mm, apart, 0.1);
  g_assert_true(hilum_mesh_gap(a, inner, &gap, NULL, &error)); /* of surfaces, not of what they enclose */
  g_assert_cmpfloat_with_epsilon(gap.mm, 4, 0.1);
  g_assert_true(hilum_mesh_gap(a, across, &gap, NULL, &error));
  g_assert_cmpfloat(gap.mm, <, 1e-9);
  /* Sides that pass each other: no corner is near, and none of the faces. */
  const float one[] = {-4, 0, 0, 4, 0, 0, 0, 0.5f, -9}, two[] = {0, -4, 0.25f, 0, 4, 0.25f, 0.5f, 0, 9};
  const uint32_t corners[] = {0, 1, 2};
  g_autoptr(HilumMesh) first = build(one, 3, corners, 1), second = build(two, 3, corners, 1);
  g_assert_true(hilum_mesh_gap(first, second, &gap, NULL, &error));
  g_assert_cmpfloat_with_epsilon(gap.mm, 0.25, 1e-12);
  g_assert_cmpfloat(hilum_vec3_distance(gap.a_mm, hilum_vec3(5, 6, 7)), <, 1e-9);
  /* One through the other's middle. */
  const float flat[] = {-4, -4, 0, 4, -4, 0, 0, 6, 0}, needle[] = {0, 0, -5, 0.1f, 0, 5, 0, 0.1f, 5};
  g_autoptr(HilumMesh) plate = build(flat, 3, corners, 1), pin = build(needle, 3, corners, 1);
  g_assert_true(hilum_mesh_gap(plate, pin, &gap, NULL, &error));
  g_assert_cmpfloat(gap.mm, ==, 0);
  for (uint64_t seed = 0; seed < 40; seed++) {
    g_autoptr(HilumMesh) x = random_soup(seed, 6), y = random_soup(seed + 1000, 5);
    check_gap(x, y, fmin(sampled_gap(x, y, 12), sampled_gap(y, x, 12)));
  }
}

static void test_empty_and_cancelled(void)
{
  g_autoptr(GError) error = NULL;
  const float p[9] = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  const uint32_t i[3] = {0, 1, 2};
  g_autoptr(HilumMesh) none = build(p, 3, i, 0);
  g_autoptr(HilumMesh) one = build(p, 3, i, 1);
  HilumSurfaceDistance d;
  g_assert_false(hilum_mesh_distance(none, one, &d, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  g_clear_error(&error);
  g_assert_false(hilum_mesh_distance(one, none, &d, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
  g_clear_error(&error);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_assert_false(hilum_mesh_distance_symmetric(one, one, &d, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  HilumSurfaceGap gap;
  g_assert_false(hilum_mesh_gap(one, one, &gap, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  g_assert_false(hilum_mesh_gap(one, none, &gap, NULL, &error));
  g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY);
}

/* Of concentric spheres: the difference of their radii, outside above zero. */
static void test_signed(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) ball = sphere(10, 1, hilum_vec3(1, 2, 3)), out = sphere(11, 1, hilum_vec3(1, 2, 3)),
                       in = sphere(8, 1, hilum_vec3(1, 2, 3));
  const uint32_t nv = hilum_mesh_get_vertex_count(ball);
  g_autofree float *mm = g_new(float, MAX(nv, hilum_mesh_get_vertex_count(out)));
  g_assert_true(hilum_mesh_signed_distance_of_vertices(out, ball, mm, NULL, &error));
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(out); v++)
    g_assert_cmpfloat_with_epsilon(mm[v], 1, 0.05);
  g_assert_true(hilum_mesh_signed_distance_of_vertices(in, ball, mm, NULL, &error));
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(in); v++)
    g_assert_cmpfloat_with_epsilon(mm[v], -2, 0.05);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/distance/brute-force", test_brute_force);
  g_test_add_func("/mesh/distance/spheres", test_spheres);
  g_test_add_func("/mesh/distance/gap", test_gap);
  g_test_add_func("/mesh/distance/signed", test_signed);
  g_test_add_func("/mesh/distance/inside-of-triangle", test_inside_of_triangle);
  g_test_add_func("/mesh/distance/bound", test_bound);
  g_test_add_func("/mesh/distance/instructions", test_instructions);
  g_test_add_func("/mesh/distance/threads", test_threads);
  g_test_add_func("/mesh/distance/empty-and-cancelled", test_empty_and_cancelled);
  return g_test_run();
}
