/* Self-intersection, exhaustively on small integer triangles against integer arithmetic's own truth, and
 * thickness of shapes whose thickness is known. */
#include "mesh_fixture.h"

#include "hilum/mesh/verdict.h"

static HilumMesh *build(const float *positions, uint32_t nv, const uint32_t *indices, uint32_t nt)
{
  g_autoptr(GError) error = NULL;
  float *p = hilum_big_alloc(nv * 12, &error);
  uint32_t *i = hilum_big_alloc(nt * 12, &error);
  memcpy(p, positions, nv * 12);
  memcpy(i, indices, nt * 12);
  HilumMesh *mesh = hilum_mesh_new_take(hilum_vec3(0, 0, 0), nv, p, NULL, nt, i, &error);
  g_assert_no_error(error);
  return mesh;
}

static uint64_t pairs_of(const HilumMesh *mesh)
{
  g_autoptr(GError) error = NULL;
  uint64_t pairs;
  g_assert_true(hilum_mesh_self_intersections(mesh, &pairs, NULL, NULL, &error));
  return pairs;
}

/* All places of one corner on a 5x5x5 lattice against a fixed triangle, the others fixed: compared with a
 * dense search for a common point, in integers: the triangles are cut along a lattice of barycentric weights
 * that is fine enough for these coordinates to tell meeting in a segment from missing. */
static bool sampled_meeting(const int a[3][3], const int b[3][3])
{
  /* Separating axes: normals and cross products of sides; exact in integers. Without a separating axis closed
   * convex sets meet; with a strict one they do not. */
  int axes[17][3], n = 0;
  const int(*t[2])[3] = {a, b};
  int side[2][3][3], normal[2][3];
  for (int k = 0; k < 2; k++) {
    for (int i = 0; i < 3; i++)
      for (int c = 0; c < 3; c++)
        side[k][i][c] = t[k][(i + 1) % 3][c] - t[k][i][c];
    for (int c = 0; c < 3; c++)
      normal[k][c] = side[k][0][(c + 1) % 3] * side[k][1][(c + 2) % 3] -
                     side[k][0][(c + 2) % 3] * side[k][1][(c + 1) % 3];
    memcpy(axes[n++], normal[k], sizeof normal[k]);
  }
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++, n++)
      for (int c = 0; c < 3; c++)
        axes[n][c] = side[0][i][(c + 1) % 3] * side[1][j][(c + 2) % 3] -
                     side[0][i][(c + 2) % 3] * side[1][j][(c + 1) % 3];
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < 3; i++, n++)
      for (int c = 0; c < 3; c++)
        axes[n][c] = side[k][i][(c + 1) % 3] * normal[k][(c + 2) % 3] -
                     side[k][i][(c + 2) % 3] * normal[k][(c + 1) % 3];
  for (int k = 0; k < n; k++) {
    int lo[2] = {INT_MAX, INT_MAX}, hi[2] = {INT_MIN, INT_MIN};
    for (int m = 0; m < 2; m++)
      for (int i = 0; i < 3; i++) {
        const int d = axes[k][0] * t[m][i][0] + axes[k][1] * t[m][i][1] + axes[k][2] * t[m][i][2];
        lo[m] = MIN(lo[m], d);
        hi[m] = MAX(hi[m], d);
      }
    if (hi[0] < lo[1] || hi[1] < lo[0]) return false;
  }
  return true;
}

static void test_exhaustive(void)
{
  const uint32_t indices[6] = {0, 1, 2, 3, 4, 5};
  int met = 0, missed = 0;
  for (int code = 0; code < 125 * 125; code++) {
    int a[3][3] = {{0, 0, 2}, {4, 1, 2}, {1, 4, 2}};
    int b[3][3] = {
        {code % 5, code / 5 % 5, code / 25 % 5}, {code / 125 % 5, code / 625 % 5, code / 3125}, {3, 2, 4}};
    if (code % 3 == 1) b[2][2] = 2; /* often in one plane */
    float p[18];
    for (int i = 0; i < 9;
         i++) { /* a scale that is no power of two keeps lattice relations, but not the easy bits */
      p[i] = (float)(a[i / 3][i % 3] * 3);
      p[9 + i] = (float)(b[i / 3][i % 3] * 3);
    }
    int n[3];
    for (int c = 0; c < 3; c++)
      n[c] = (b[1][(c + 1) % 3] - b[0][(c + 1) % 3]) * (b[2][(c + 2) % 3] - b[0][(c + 2) % 3]) -
             (b[1][(c + 2) % 3] - b[0][(c + 2) % 3]) * (b[2][(c + 1) % 3] - b[0][(c + 1) % 3]);
    if (!n[0] && !n[1] && !n[2]) continue;
    g_autoptr(HilumMesh) mesh = build(p, 6, indices, 2);
    const bool truth = sampled_meeting(a, b);
    g_assert_cmpuint(pairs_of(mesh), ==, truth);
    met += truth;
    missed += !truth;
  }
  g_assert_cmpint(met, >, 500);
  g_assert_cmpint(missed, >, 500);
}

/* A point a hair above, in and below a tilted plane: only exact arithmetic tells. */
static void test_exact(void)
{
  for (int step = -2; step <= 2; step++) {
    float p[18] = {0.1f, 0.2f, 0.3f, 100.1f, 0.2f, 0.3f, 0.1f, 100.2f, 0.3f,
                   10,   10,   0.3f, 12,     10,   50,   10,   12,     50};
    for (int i = 0; i < abs(step); i++)
      p[11] = nextafterf(p[11], step < 0 ? -1 : 1);
    const uint32_t indices[6] = {0, 1, 2, 3, 4, 5};
    g_autoptr(HilumMesh) mesh = build(p, 6, indices, 2);
    g_assert_cmpuint(pairs_of(mesh), ==, step <= 0);
  }
}

static void test_shared(void)
{
  const float p[15] = {0, 0, 0, 4, 0, 0, 0, 4, 0, 1, 1, 0, 4, 4, 1};
  const uint32_t folded[6] = {0, 1, 2, 1, 0, 3}, hinge[6] = {0, 1, 2, 1, 4, 2}, twice[6] = {0, 1, 2, 2, 1, 0};
  g_autoptr(HilumMesh) a = build(p, 5, folded, 2);
  g_autoptr(HilumMesh) b = build(p, 5, hinge, 2);
  g_autoptr(HilumMesh) c = build(p, 5, twice, 2);
  g_assert_cmpuint(pairs_of(a), ==, 1);
  g_assert_cmpuint(pairs_of(b), ==, 0);
  g_assert_cmpuint(pairs_of(c), ==, 1);
}

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

static void test_thickness(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) torus = shape(12, 3, 0.5);
  HilumThickness t;
  g_autofree float *ball = g_new(float, hilum_mesh_get_vertex_count(torus));
  g_assert_true(hilum_mesh_thickness(torus, &t, NULL, ball, NULL, NULL, &error));
  g_assert_cmpfloat_with_epsilon(t.min_ray_mm, 6, 0.15);
  g_assert_cmpfloat_with_epsilon(t.min_ball_mm, 6,
                                 0.9); /* a single vertex, whose normal is off by some degrees */
  double mean = 0;
  for (uint32_t v = 0; v < hilum_mesh_get_vertex_count(torus); v++) {
    g_assert_cmpfloat_with_epsilon(ball[v], 6, 0.9);
    mean += (double)ball[v] / hilum_mesh_get_vertex_count(torus);
  }
  g_assert_cmpfloat_with_epsilon(mean, 6, 0.2);
  g_autoptr(HilumMesh) sphere = shape(8, 0, 0.7);
  g_assert_true(hilum_mesh_thickness(sphere, &t, NULL, NULL, NULL, NULL, &error));
  g_assert_cmpfloat_with_epsilon(t.min_ball_mm, 16, 2.4);
  const HilumMeshReport r = fixture_report(torus), s = fixture_report(sphere);
  g_assert_cmpint(hilum_mesh_report_genus(&r), ==, 1);
  g_assert_cmpint(hilum_mesh_report_genus(&s), ==, 0);
  g_assert_cmpuint(pairs_of(torus), ==, 0);
}

/* A ball of 5 mm with a spike of 1 mm along x: the least walls lie in it, the depth is the ball's.
 */
static double spiked(HilumVec3 p, const void *data)
{
  const double ball = 5 - hilum_vec3_distance(p, hilum_vec3(8, 8, 8));
  const double spike = 0.5 - hilum_vec3_distance(p, hilum_vec3(CLAMP(p.x, 8, 18), 8.1, 8.05));
  return 100 * fmax(ball, spike);
}

static void test_places(void)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = hilum_grid_new(90, 70, 70, 0.23, 0.23, 0.23);
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, spiked, NULL);
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumThickness t;
  g_assert_true(hilum_mesh_thickness(mesh, &t, NULL, NULL, NULL, NULL, &error));
  g_assert_cmpfloat(t.thinnest_mm.x, >, 13);
  g_assert_cmpfloat(t.thinnest_ray_mm.x, >, 13);
  g_assert_cmpfloat(fabs(t.thinnest_ray_mm.y - 8.1), <, 0.7);
  g_assert_cmpfloat_with_epsilon(t.min_ray_mm, 1, 0.2);
  g_assert_cmpfloat_with_epsilon(t.max_depth_mm, 5, 0.15);
}

/* A rod is as deep as its radius, though the rays from its ends go all the way. */
static double rod(HilumVec3 p, const void *data)
{
  return 100 * (1.2 - hilum_vec3_distance(p, hilum_vec3(CLAMP(p.x, 4, 18), 8.1, 8.05)));
}

static void test_depth(void)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = hilum_grid_new(70, 50, 50, 0.32, 0.32, 0.32);
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, rod, NULL);
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_iso(volume, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumThickness t;
  g_assert_true(hilum_mesh_thickness(mesh, &t, NULL, NULL, NULL, NULL, &error));
  g_assert_cmpfloat_with_epsilon(t.max_depth_mm, 1.2, 0.06);
}

/* Two balls of one mesh that run into each other, far from a third: sentences, and a place where they meet.
 */
static void test_defects(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) sphere = shape(4, 0, 0.6);
  const uint32_t nv = hilum_mesh_get_vertex_count(sphere), nt = hilum_mesh_get_triangle_count(sphere);
  static const float shift[3] = {0, 40, 46};
  float *p = hilum_big_alloc(36 * (size_t)nv, &error);
  uint32_t *i = hilum_big_alloc(36 * (size_t)nt, &error);
  for (uint32_t k = 0; k < 3; k++) {
    for (uint32_t v = 0; v < 3 * nv; v++)
      p[3 * nv * k + v] = hilum_mesh_get_positions(sphere)[v] + (v % 3 == 0 ? shift[k] : 0.013f * (float)k);
    for (uint32_t c = 0; c < 3 * nt; c++)
      i[3 * nt * k + c] = hilum_mesh_get_indices(sphere)[c] + nv * k;
  }
  g_autoptr(HilumMesh) three = hilum_mesh_new_take(hilum_vec3(10, 0, 0), 3 * nv, p, NULL, 3 * nt, i, &error);
  const HilumMeshReport report = fixture_report(three);
  HilumMeshBeyond beyond;
  g_assert_true(hilum_mesh_look_beyond(three, &report, &beyond, NULL, &error));
  g_assert_cmpuint(report.shells, ==, 3);
  g_assert_cmpuint(report.cavities, ==, 0);
  g_assert_cmpfloat_with_epsilon(report.largest_mm3, report.volume_mm3 / 3, 0.01);
  g_assert_cmpfloat_with_epsilon(beyond.crossing_mm.x, 10 + 43, 2);
  g_autoptr(GArray) defects = hilum_mesh_dup_defects(&report, &beyond);
  g_assert_cmpuint(defects->len, ==, 1);
  g_assert_cmpstr(g_array_index(defects, HilumMeshDefect, 0).code, ==, "self-intersecting");
  const HilumMeshReport sound = fixture_report(sphere);
  g_assert_true(hilum_mesh_look_beyond(sphere, &sound, &beyond, NULL, &error));
  g_assert_true(isnan(beyond.crossing_mm.x));
  g_autoptr(GArray) none = hilum_mesh_dup_defects(&sound, &beyond);
  g_assert_cmpuint(none->len, ==, 0);
}

static void test_threads(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMesh) torus = shape(12, 3, 0.8);
  HilumThickness t[2];
  for (unsigned k = 0; k < 2; k++) {
    hilum_parallel_set_threads(k ? 4 : 1);
    g_assert_true(hilum_mesh_thickness(torus, &t[k], NULL, NULL, NULL, NULL, &error));
  }
  hilum_parallel_set_threads(0);
  g_assert_true(memcmp(&t[0], &t[1], sizeof t[0]) == 0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/verdict/exhaustive", test_exhaustive);
  g_test_add_func("/mesh/verdict/exact", test_exact);
  g_test_add_func("/mesh/verdict/shared", test_shared);
  g_test_add_func("/mesh/verdict/thickness", test_thickness);
  g_test_add_func("/mesh/verdict/places", test_places);
  g_test_add_func("/mesh/verdict/depth", test_depth);
  g_test_add_func("/mesh/verdict/defects", test_defects);
  g_test_add_func("/mesh/verdict/threads", test_threads);
  return g_test_run();
}
