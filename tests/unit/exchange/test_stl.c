/* STL: every byte of what is written, rotation instead of mirroring, what comes back, and files that lie. */
#include "hilum/exchange/stl.h"

#include "hilum/base/file_writer.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/exchange/check.h"
#include "hilum/exchange/error.h"
#include "hilum/mesh/measure.h"

#include <glib/gstdio.h>
#include <string.h>

static char *folder;

static char *in_folder(const char *name)
{
  return g_build_filename(folder, name, NULL);
}

static HilumMesh *make(HilumVec3 origin, const float *v, uint32_t nv, const uint32_t *t, uint32_t nt)
{
  float *positions = hilum_big_alloc(nv * 3 * sizeof(float), NULL);
  uint32_t *indices = hilum_big_alloc(nt * 3 * sizeof(uint32_t), NULL);
  memcpy(positions, v, nv * 3 * sizeof(float));
  memcpy(indices, t, nt * 3 * sizeof(uint32_t));
  GError *error = NULL;
  HilumMesh *mesh = hilum_mesh_new_take(origin, nv, positions, NULL, nt, indices, &error);
  g_assert_no_error(error);
  return mesh;
}

/* A tetrahedron without any symmetry, facing outward. */
static HilumMesh *tetrahedron(void)
{
  static const float v[] = {0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 0, 30};
  static const uint32_t t[] = {0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2};
  return make(hilum_vec3(-100.5, 50.25, 1000), v, 4, t, 4);
}

/* A closed strip of n little tetrahedra, for size. */
static HilumMesh *many(uint32_t n)
{
  g_autofree float *v = g_new(float, 12 * (gsize)n);
  g_autofree uint32_t *t = g_new(uint32_t, 12 * (gsize)n);
  static const uint32_t faces[] = {0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2};
  for (uint32_t i = 0; i < n; i++) {
    for (int c = 0; c < 12; c++)
      v[12 * i + (uint32_t)c] = (float)hilum_random_uniform(i, (uint64_t)c) + (float)(c % 3 == 0 ? i * 2 : 0);
    for (int c = 0; c < 12; c++)
      t[12 * i + (uint32_t)c] = 4 * i + faces[c];
  }
  return make(hilum_vec3(1, 2, 3), v, 4 * n, t, 4 * n);
}

static guint8 *get(const char *path, gsize *bytes)
{
  char *data = NULL;
  g_assert_true(g_file_get_contents(path, &data, bytes, NULL));
  return (guint8 *)data;
}

static void put(const char *path, const void *data, gsize bytes)
{
  FILE *file = g_fopen(path, "wb");
  g_assert_cmpuint(fwrite(data, 1, bytes, file), ==, bytes);
  fclose(file);
}

static float float_at(const guint8 *data, gsize offset)
{
  float value;
  memcpy(&value, data + offset, 4);
  return value;
}

static void test_bytes(void)
{
  g_autoptr(HilumMesh) mesh = tetrahedron();
  g_autofree char *path = in_folder("t.stl"), *sum = NULL;
  size_t bytes = 0;
  GError *error = NULL;
  g_assert_true(hilum_stl_write(path, &mesh, 1, HILUM_FRAME_LPS, &bytes, &sum, NULL, &error));
  g_assert_no_error(error);
  gsize n;
  g_autofree guint8 *data = get(path, &n);
  g_assert_cmpuint(n, ==, 84 + 4 * 50);
  g_assert_cmpuint(bytes, ==, n);
  g_autofree char *expected = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, n);
  g_assert_cmpstr(sum, ==, expected);
  g_assert_cmpint(strncmp((char *)data, "Hilum LPS mm. Planning aid. Not for diagnosis.", 47), ==, 0);
  for (int i = 46; i < 80; i++)
    g_assert_cmpuint(data[i], ==, 0);
  g_assert_cmpuint(data[80], ==, 4);
  g_assert_cmpuint(data[81] | data[82] | data[83], ==, 0);
  /* First triangle: corners 0, 2, 1; it faces down. */
  const float record[] = {0, 0, -1, -100.5f, 50.25f, 1000, -100.5f, 70.25f, 1000, -90.5f, 50.25f, 1000};
  for (gsize i = 0; i < 12; i++)
    g_assert_cmpfloat(float_at(data, 84 + 4 * i), ==, record[i]);
  g_assert_cmpuint(data[84 + 48] | data[84 + 49], ==, 0);
}

static void test_frame(void)
{
  g_autoptr(HilumMesh) mesh = tetrahedron();
  g_autofree char *lps = in_folder("l.stl"), *ras = in_folder("r.stl");
  g_assert_true(hilum_stl_write(lps, &mesh, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  g_assert_true(hilum_stl_write(ras, &mesh, 1, HILUM_FRAME_RAS, NULL, NULL, NULL, NULL));
  gsize n, m;
  g_autofree guint8 *a = get(lps, &n), *b = get(ras, &m);
  g_assert_cmpuint(n, ==, m);
  g_assert_cmpint(strncmp((char *)b, "Hilum RAS mm.", 13), ==, 0);
  for (gsize t = 0; t < 4; t++) /* same order of corners: a mirror would have turned them round */
    for (gsize f = 0; f < 12; f++) {
      const gsize at = 84 + 50 * t + 4 * f;
      g_assert_cmpfloat(float_at(b, at), ==, f % 3 == 2 ? float_at(a, at) : -float_at(a, at));
    }
  g_autoptr(HilumMesh) turned = hilum_stl_read(ras, NULL, NULL);
  HilumMeshReport was, is;
  g_assert_true(hilum_mesh_measure(mesh, &was, NULL, NULL));
  g_assert_true(hilum_mesh_measure(turned, &is, NULL, NULL));
  g_assert_cmpfloat_with_epsilon(is.volume_mm3, 1000, 1e-3);
  g_assert_true(is.outward && is.closed);
}

static void test_round_trip(void)
{
  g_autoptr(HilumMesh) big = many(70000); /* more than one block, and no multiple of the grain */
  g_autoptr(HilumMesh) small = tetrahedron();
  HilumMesh *both[] = {big, small};
  g_autofree char *path = in_folder("b.stl"), *again = in_folder("c.stl"), *one = in_folder("d.stl");
  g_assert_true(hilum_stl_write(path, both, 2, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  GError *error = NULL;
  g_autoptr(HilumMesh) back = hilum_stl_read(path, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_mesh_get_triangle_count(back), ==, 4 * 70000 + 4);
  g_assert_cmpuint(hilum_mesh_get_vertex_count(back), ==,
                   4 * 70000 + 4); /* corners joined, no more, no less */
  HilumMeshReport report;
  g_assert_true(hilum_mesh_measure(back, &report, NULL, NULL));
  g_assert_true(report.closed && report.manifold);

  /* One thread, same bytes. */
  hilum_parallel_set_threads(1);
  g_assert_true(hilum_stl_write(one, both, 2, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  hilum_parallel_set_threads(5);
  g_assert_true(hilum_stl_write(again, both, 2, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  hilum_parallel_set_threads(0);
  gsize n, m, k;
  g_autofree guint8 *a = get(path, &n), *b = get(one, &m), *c = get(again, &k);
  g_assert_cmpmem(a, n, b, m);
  g_assert_cmpmem(a, n, c, k);
}

static void test_exact_again(void)
{
  g_autoptr(HilumMesh) mesh = tetrahedron();
  g_autofree char *path = in_folder("e.stl"), *again = in_folder("f.stl");
  g_assert_true(hilum_stl_write(path, &mesh, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  g_autoptr(HilumMesh) back = hilum_stl_read(path, NULL, NULL);
  g_assert_true(hilum_stl_write(again, &back, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  gsize n, m;
  g_autofree guint8 *a = get(path, &n), *b = get(again, &m);
  g_assert_cmpmem(a, n, b, m);
}

static const char text_stl[] =
    "solid kidney model\r\n"
    " facet normal 0 0 -1\r\n  outer loop\r\n"
    "   vertex 0 0 0\r\n   vertex 0 2.0e1 -0\r\n   vertex 1e1 0 0\r\n"
    "  endloop\r\n endfacet\r\n"
    " FACET NORMAL 0 -1 0\n OUTER LOOP VERTEX 0 0 0 VERTEX 10 0 0 VERTEX 0 0 30 ENDLOOP "
    "ENDFACET\n"
    "facet normal 1 1 1 outer loop vertex 10 0 0 vertex 0 20 0 vertex 0 0 30 endloop "
    "endfacet\n"
    "facet normal -1 0 0 outer loop vertex 0 0 0 vertex 0 0 30 vertex 0 20 0 endloop "
    "endfacet\n"
    "endsolid kidney model\n";

static void test_text(void)
{
  g_autofree char *path = in_folder("text.stl");
  put(path, text_stl, sizeof text_stl - 1);
  GError *error = NULL;
  g_autoptr(HilumMesh) mesh = hilum_stl_read(path, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(hilum_mesh_get_vertex_count(mesh), ==, 4); /* -0 is 0 */
  g_assert_cmpuint(hilum_mesh_get_triangle_count(mesh), ==, 4);
  HilumMeshReport report;
  g_assert_true(hilum_mesh_measure(mesh, &report, NULL, NULL));
  g_assert_cmpfloat_with_epsilon(report.volume_mm3, 1000, 1e-3);

  const char *bad[] = {"solid x\nfacet normal 0 0 1\nouter loop\nvertex 1 2 3\n",
                       "solid x\nfacet\nvertex 1 2 3\nvertex 1 2 3\nendfacet\n",
                       "solid x\nfacet\nvertex 1 2 x\nvertex 1 2 3\nvertex 1 2 3\nendfacet\n",
                       "solid x\nfacet vertex 1 2 3 vertex 1 2 3 vertex 1 2 3 vertex 1 2 3 endfacet\n",
                       "solid x\nfacet vertex 1 2 nan vertex 1 2 3 vertex 1 2 4 endfacet\n",
                       "solid x\nendsolid x\n",
                       "solid",
                       "",
                       "nothing at all"};
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    put(path, bad[i], strlen(bad[i]));
    g_assert_null(hilum_stl_read(path, NULL, &error));
    g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, "text.stl"));
    g_clear_error(&error);
  }
}

static void test_lies(void)
{
  g_autoptr(HilumMesh) mesh = tetrahedron();
  g_autofree char *path = in_folder("lie.stl");
  g_assert_true(hilum_stl_write(path, &mesh, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  gsize n;
  g_autofree guint8 *data = get(path, &n);
  const uint32_t claims[] = {0, 3, 5, 0x7FFFFFFF, 0xFFFFFFFF};
  for (gsize i = 0; i < G_N_ELEMENTS(claims); i++) {
    memcpy(data + 80, &claims[i], 4);
    put(path, data, n);
    g_autoptr(GError) error = NULL;
    g_assert_null(hilum_stl_read(path, NULL, &error));
    g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT);
    HilumMeshCheck check;
    g_assert_true(hilum_mesh_check_file(path, &check, NULL, NULL));
    g_assert_cmpint(check.verdict, ==, HILUM_MESH_CHECK_REFUSED);
    g_assert_cmpstr(g_array_index(check.findings, HilumMeshFinding, 0).code, ==, "size-mismatch");
    hilum_mesh_check_clear(&check);
  }
  const uint32_t four = 4, nan_bits = 0x7FC00000;
  memcpy(data + 80, &four, 4);
  for (gsize cut = 0; cut < n; cut += 7) {
    put(path, data, cut);
    g_assert_null(hilum_stl_read(path, NULL, NULL));
  }
  memcpy(data + 84 + 12, &nan_bits, 4);
  put(path, data, n);
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_stl_read(path, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT);
  HilumMeshCheck check;
  g_assert_true(hilum_mesh_check_file(path, &check, NULL, NULL));
  g_assert_cmpstr(g_array_index(check.findings, HilumMeshFinding, 0).code, ==, "not-finite");
  g_assert_cmpuint(check.triangles, ==, 3);
  hilum_mesh_check_clear(&check);
}

static bool has_code(const HilumMeshCheck *check, const char *code)
{
  for (guint i = 0; i < check->findings->len; i++)
    if (strcmp(g_array_index(check->findings, HilumMeshFinding, i).code, code) == 0) return true;
  return false;
}

static void test_check(void)
{
  g_autoptr(HilumMesh) mesh = tetrahedron();
  g_autofree char *path = in_folder("check.stl");
  HilumMeshCheck check;
  g_assert_true(hilum_stl_write(path, &mesh, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  g_assert_true(hilum_mesh_check_sniff(path));
  g_assert_true(hilum_mesh_check_file(path, &check, NULL, NULL));
  g_assert_cmpint(check.verdict, ==, HILUM_MESH_CHECK_OK);
  g_assert_cmpuint(check.findings->len, ==, 0);
  g_assert_cmpstr(check.format, ==, "stl-binary");
  g_assert_cmpfloat_with_epsilon(check.report.volume_mm3, 1000, 1e-3);
  g_assert_cmpfloat_with_epsilon(check.bounds_mm.max.z, 1030, 1e-3);
  hilum_mesh_check_clear(&check);

  gsize n;
  g_autofree guint8 *data = get(path, &n);
  const uint32_t three = 3; /* one side missing */
  memcpy(data + 80, &three, 4);
  memcpy(data, "solid", 5);
  put(path, data, n - 50);
  g_assert_true(hilum_mesh_check_file(path, &check, NULL, NULL));
  g_assert_cmpint(check.verdict, ==, HILUM_MESH_CHECK_WARNING);
  g_assert_true(has_code(&check, "open-edges"));
  g_assert_true(has_code(&check, "solid-header"));
  hilum_mesh_check_clear(&check);

  static const float v[] = {0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 0, 30};
  static const uint32_t inward[] = {0, 1, 2, 0, 3, 1, 1, 3, 2, 0, 2, 3};
  g_autoptr(HilumMesh) turned = make(hilum_vec3(0, 0, 0), v, 4, inward, 4);
  g_assert_true(hilum_stl_write(path, &turned, 1, HILUM_FRAME_LPS, NULL, NULL, NULL, NULL));
  g_assert_true(hilum_mesh_check_file(path, &check, NULL, NULL));
  g_assert_true(has_code(&check, "inside-out"));
  hilum_mesh_check_clear(&check);

  g_autoptr(GError) error = NULL;
  g_autofree char *other = in_folder("notes.txt");
  put(other, "hello", 5);
  g_assert_false(hilum_mesh_check_file(other, &check, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_FORMAT);
  g_clear_error(&error);
  g_assert_false(hilum_mesh_check_file("/nonexistent.stl", &check, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_READ);
}

static void test_failures(void)
{
  g_autoptr(HilumMesh) mesh = tetrahedron();
  g_autofree char *path = in_folder("kept.stl");
  put(path, "old", 3);
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_stl_write(path, NULL, 0, HILUM_FRAME_LPS, NULL, NULL, NULL, &error));
  g_assert_error(error, HILUM_EXCHANGE_ERROR, HILUM_EXCHANGE_ERROR_WRITE);
  g_clear_error(&error);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_assert_false(hilum_stl_write(path, &mesh, 1, HILUM_FRAME_LPS, NULL, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gsize n;
  g_autofree guint8 *data = get(path, &n);
  g_assert_cmpmem(data, n, "old", 3);
}

static void remove_folder(void)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name(dir));) {
    g_autofree char *path = in_folder(name);
    g_unlink(path);
  }
  g_rmdir(folder);
  g_free(folder);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("hilum-stl-XXXXXX", NULL);
  g_test_add_func("/stl/bytes", test_bytes);
  g_test_add_func("/stl/frame", test_frame);
  g_test_add_func("/stl/round-trip", test_round_trip);
  g_test_add_func("/stl/exact-again", test_exact_again);
  g_test_add_func("/stl/text", test_text);
  g_test_add_func("/stl/lies", test_lies);
  g_test_add_func("/stl/check", test_check);
  g_test_add_func("/stl/failures", test_failures);
  int result = g_test_run();
  remove_folder();
  return result;
}
