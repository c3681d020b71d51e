/* The verdict must see every defect it claims to see: meshes broken on purpose, one way at a time. */
#include "mesh_fixture.h"

static const uint32_t CUBE[36] = {0, 2, 1, 1, 2, 3, 4, 5, 6, 5, 7, 6, 0, 1, 4, 1, 5, 4,
                                  2, 6, 3, 3, 6, 7, 0, 4, 2, 2, 4, 6, 1, 3, 5, 3, 7, 5};

typedef struct {
  GArray *positions, *indices;
} Builder;

static Builder builder_new(void)
{
  return (Builder){g_array_new(FALSE, FALSE, sizeof(float)), g_array_new(FALSE, FALSE, sizeof(uint32_t))};
}

static void add_cube(Builder *b, float at, float size, bool inverted)
{
  uint32_t base = b->positions->len / 3;
  for (int c = 0; c < 8; c++)
    for (int a = 0; a < 3; a++) {
      float p = at + (c >> a & 1 ? size : 0);
      g_array_append_val(b->positions, p);
    }
  for (size_t i = 0; i < 36; i += 3) {
    uint32_t t[3] = {base + CUBE[i], base + CUBE[i + (inverted ? 2 : 1)],
                     base + CUBE[i + (inverted ? 1 : 2)]};
    g_array_append_vals(b->indices, t, 3);
  }
}

static HilumMesh *build(Builder *b)
{
  g_autoptr(GError) error = NULL;
  size_t np = b->positions->len, ni = b->indices->len;
  float *positions = hilum_big_alloc(np * sizeof *positions, &error);
  uint32_t *indices = hilum_big_alloc(ni * sizeof *indices, &error);
  if (np) memcpy(positions, b->positions->data, np * sizeof *positions);
  if (ni) memcpy(indices, b->indices->data, ni * sizeof *indices);
  HilumMesh *m = hilum_mesh_new_take(hilum_vec3(10, 20, 30), (uint32_t)np / 3, positions, NULL,
                                     (uint32_t)ni / 3, indices, &error);
  g_assert_no_error(error);
  g_array_free(b->positions, TRUE);
  g_array_free(b->indices, TRUE);
  return m;
}

static void test_cube(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 2, false);
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_true(hilum_mesh_report_is_clean(&r));
  g_assert_cmpfloat_with_epsilon(r.area_mm2, 24, 1e-12);
  g_assert_cmpfloat_with_epsilon(r.volume_mm3, 8, 1e-12);
  g_assert_cmpuint(r.shells, ==, 1);
  g_assert_cmpint(r.euler, ==, 2);
  HilumBox box = hilum_mesh_get_bounds_mm(m);
  g_assert_cmpfloat(box.max.z, ==, 32);
}

static void test_hole(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 2, false);
  g_array_set_size(b.indices, 33);
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_false(r.closed);
  g_assert_true(r.manifold);
  g_assert_cmpuint(r.boundary_edges, ==, 3);
  g_assert_false(hilum_mesh_report_is_clean(&r));
}

static void test_flipped_triangle(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 2, false);
  uint32_t *i = (uint32_t *)(void *)b.indices->data, t = i[1];
  i[1] = i[2];
  i[2] = t;
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_true(r.closed);
  g_assert_false(r.oriented);
  g_assert_cmpuint(r.flipped_edges, ==, 3);
}

static void test_inside_out(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 2, true);
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_true(r.closed && r.oriented);
  g_assert_false(r.outward);
  g_assert_cmpfloat_with_epsilon(r.volume_mm3, -8, 1e-12);
}

static void test_cavity(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 4, false);
  add_cube(&b, 1, 2, true);
  add_cube(&b, 1.5f, 0.5f, false); /* an island in the cavity */
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_true(hilum_mesh_report_is_clean(&r));
  g_assert_cmpuint(r.shells, ==, 3);
  g_assert_cmpuint(r.cavities, ==, 1);
  g_assert_cmpuint(r.crumbs, ==, 1); /* the island */
  g_assert_cmpfloat_with_epsilon(r.largest_mm3, 64, 1e-9);
  g_assert_cmpfloat_with_epsilon(r.volume_mm3, 64 - 8 + 0.125, 1e-9);
  Builder o = builder_new();
  add_cube(&o, 0, 4, false);
  add_cube(&o, 6, 2, true); /* inside out, but outside of everything */
  g_autoptr(HilumMesh) bad = build(&o);
  g_assert_false(fixture_report(bad).outward);
}

static void test_pinched_vertex(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 2, false);
  add_cube(&b, 2, 2, false);
  for (guint i = 0; i < b.indices->len; i++) /* the cubes share the corner (2,2,2) */
    if (g_array_index(b.indices, uint32_t, i) == 8) g_array_index(b.indices, uint32_t, i) = 7;
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_true(r.closed);
  g_assert_false(r.manifold);
  g_assert_cmpuint(r.nonmanifold_vertices, ==, 1);
  g_assert_cmpuint(r.nonmanifold_edges, ==, 0);
}

static void test_crowded_edge_and_duplicates(void)
{
  Builder b = builder_new();
  add_cube(&b, 0, 2, false);
  uint32_t extra[6] = {0, 2, 1, 5, 5, 7};
  g_array_append_vals(b.indices, extra, 6);
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_cmpuint(r.duplicate_triangles, ==, 1);
  g_assert_cmpuint(r.degenerate_triangles, ==, 1);
  g_assert_cmpuint(r.nonmanifold_edges, >=, 3);
  g_assert_false(r.manifold);
}

/* A fan of 3000 triangles round one apex: sorting must not be quadratic, and the fan is one. */
static void test_big_fan(void)
{
  Builder b = builder_new();
  enum { N = 3000 };
  float apex[6] = {0, 0, 1, 0, 0, -1};
  g_array_append_vals(b.positions, apex, 6);
  for (int i = 0; i < N; i++) {
    float p[3] = {(float)cos(2 * G_PI * i / N), (float)sin(2 * G_PI * i / N), 0};
    g_array_append_vals(b.positions, p, 3);
    uint32_t v = 2 + (uint32_t)i, w = 2 + (uint32_t)(i + 1) % N, t[6] = {0, v, w, 1, w, v};
    g_array_append_vals(b.indices, t, 6);
  }
  g_autoptr(HilumMesh) m = build(&b);
  fixture_assert_clean(m);
  g_assert_cmpfloat_with_epsilon(fixture_report(m).volume_mm3, 2 * G_PI / 3, 1e-4);
}

static void test_bad_input(void)
{
  for (int kind = 0; kind < 2; kind++) {
    g_autoptr(GError) error = NULL;
    float *p = hilum_big_alloc(9 * sizeof *p, &error);
    uint32_t *i = hilum_big_alloc(3 * sizeof *i, &error);
    for (uint32_t n = 0; n < 9; n++)
      p[n] = (float)n;
    i[0] = 0;
    i[1] = 1;
    i[2] = kind == 0 ? 3 : 2;
    if (kind == 1) p[4] = NAN;
    g_assert_null(hilum_mesh_new_take(hilum_vec3(0, 0, 0), 3, p, NULL, 1, i, &error));
    g_assert_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID);
  }
}

static void test_empty(void)
{
  Builder b = builder_new();
  g_autoptr(HilumMesh) m = build(&b);
  HilumMeshReport r = fixture_report(m);
  g_assert_false(r.closed);
  g_assert_false(hilum_mesh_report_is_clean(&r));
  g_assert_cmpuint(r.shells, ==, 0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/measure/cube", test_cube);
  g_test_add_func("/mesh/measure/hole", test_hole);
  g_test_add_func("/mesh/measure/flipped-triangle", test_flipped_triangle);
  g_test_add_func("/mesh/measure/inside-out", test_inside_out);
  g_test_add_func("/mesh/measure/cavity", test_cavity);
  g_test_add_func("/mesh/measure/pinched-vertex", test_pinched_vertex);
  g_test_add_func("/mesh/measure/crowded-edge", test_crowded_edge_and_duplicates);
  g_test_add_func("/mesh/measure/big-fan", test_big_fan);
  g_test_add_func("/mesh/measure/bad-input", test_bad_input);
  g_test_add_func("/mesh/measure/empty", test_empty);
  return g_test_run();
}
