/* The verdict on a surface in words: what a user is told is what was measured. */
#include "hilum/base/memory.h"
#include "hilum/mesh/extract.h"
#include "hilum/view/surface_check.h"

#include <math.h>
#include <string.h>

/* A box of a volume of its own, in voxels of 1 mm: [lo, hi) along each axis. */
typedef struct {
  int32_t lo[3], hi[3];
  bool inside;
} Box;

static HilumMesh *boxes(const Box *box, size_t n)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = hilum_grid_new(24, 24, 24, 1, 1, 1);
  g_autoptr(HilumMask) mask = hilum_mask_new(grid.dims, &error);
  g_assert_no_error(error);
  for (size_t b = 0; b < n; b++)
    for (int32_t k = box[b].lo[2]; k < box[b].hi[2]; k++)
      for (int32_t j = box[b].lo[1]; j < box[b].hi[1]; j++)
        (box[b].inside ? hilum_mask_set_span : hilum_mask_clear_span)(mask, box[b].lo[0], box[b].hi[0], j, k);
  HilumMesh *mesh = hilum_mesh_extract_mask(mask, &grid, NULL, NULL, &error);
  g_assert_no_error(error);
  return mesh;
}

static HilumSurfaceCheck check_of(const HilumMesh *mesh, HilumSurfaceCheckDepth depth)
{
  g_autoptr(GError) error = NULL;
  HilumSurfaceCheck check = {.depth = HILUM_SURFACE_UNKNOWN};
  while (check.depth < depth)
    g_assert_true(hilum_surface_check_deepen(&check, mesh, NULL, &error));
  return check;
}

static void assert_headline(const HilumSurfaceCheck *check, double least_mm, const char *wanted)
{
  g_autofree char *headline = hilum_surface_check_dup_headline(check, least_mm);
  g_assert_cmpstr(headline, ==, wanted);
}

static void assert_details(const HilumSurfaceCheck *check, const char *part)
{
  g_autofree char *details = hilum_surface_check_dup_details(check);
  g_test_message("%s", details);
  g_assert_nonnull(strstr(details, part));
}

/* Thick enough at 2 mm, thin at 5; the words grow with what is known. */
static void test_sound(void)
{
  const Box block = {{4, 4, 4}, {16, 16, 8}, true};
  g_autoptr(HilumMesh) mesh = boxes(&block, 1);
  HilumSurfaceCheck check = {.depth = HILUM_SURFACE_UNKNOWN};
  HilumVec3 place;
  assert_headline(&check, 2, "measuring…");
  g_assert_false(hilum_surface_check_is_ok(&check, 2) || hilum_surface_check_get_place(&check, &place));
  check = check_of(mesh, HILUM_SURFACE_MEASURED);
  assert_headline(&check, 2, "measuring…");
  assert_details(&check, "shells: 1, cavities among them: 0");
  g_assert_false(hilum_surface_check_is_ok(&check, 2)); /* not known is not ok */
  check = check_of(mesh, HILUM_SURFACE_CHECKED);
  assert_headline(&check, 2, "sound");
  g_assert_true(hilum_surface_check_is_ok(&check, 2));
  g_assert_null(hilum_surface_check_dup_suggestion(&check, 2));
  g_assert_false(hilum_surface_check_is_ok(&check, 5));
  g_autofree char *thin = g_strdup_printf(
      "sound, but %.2f mm thin", fmin(check.beyond.thickness.min_ray_mm, check.beyond.thickness.min_ball_mm));
  assert_headline(&check, 5, thin);
  g_autofree char *suggestion = hilum_surface_check_dup_suggestion(&check, 5);
  g_assert_cmpstr(suggestion, ==, "least diameter");
  g_assert_true(hilum_surface_check_get_place(&check, &place));
  g_assert_true(place.z > 3 && place.z < 8.1 && place.x > 3);
  static const char *const lines[] = {
      "closed: yes",           "2-manifold: yes",  "outward: yes",          "degenerate: 0", "genus: 0",
      "self-intersections: 0", "wall by ray: 4.0", "thinnest wall by ball", " mm at L "};
  for (size_t n = 0; n < G_N_ELEMENTS(lines); n++)
    assert_details(&check, lines[n]);
}

/* A hollow block and a crumb: three shells, one of them a cavity. */
static void test_shells(void)
{
  const Box box[] = {
      {{2, 2, 2}, {14, 14, 14}, true}, {{5, 5, 5}, {11, 11, 11}, false}, {{18, 18, 18}, {20, 20, 20}, true}};
  g_autoptr(HilumMesh) mesh = boxes(box, G_N_ELEMENTS(box));
  const HilumSurfaceCheck check = check_of(mesh, HILUM_SURFACE_CHECKED);
  assert_headline(&check, 0.1, "sound");
  assert_details(&check, "shells: 3, cavities among them: 1");
  g_autofree char *suggestion = hilum_surface_check_dup_suggestion(&check, 0.1);
  g_assert_cmpstr(suggestion, ==, "small pieces to remove: 1");
}

/* The same block with a triangle away, then with one turned. */
static void test_defects(void)
{
  g_autoptr(GError) error = NULL;
  const Box block = {{4, 4, 4}, {12, 12, 12}, true};
  g_autoptr(HilumMesh) whole = boxes(&block, 1);
  const uint32_t nv = hilum_mesh_get_vertex_count(whole), nt = hilum_mesh_get_triangle_count(whole);
  for (int turned = 0; turned < 2; turned++) {
    float *p = hilum_big_alloc(12 * (size_t)nv, &error);
    uint32_t *i = hilum_big_alloc(12 * (size_t)nt, &error);
    memcpy(p, hilum_mesh_get_positions(whole), 12 * (size_t)nv);
    memcpy(i, hilum_mesh_get_indices(whole), 12 * (size_t)nt);
    const uint32_t first = i[0];
    if (turned) {
      i[0] = i[1];
      i[1] = first;
    }
    g_autoptr(HilumMesh) broken =
        hilum_mesh_new_take(hilum_mesh_get_origin_mm(whole), nv, p, NULL, turned ? nt : nt - 1, i, &error);
    const HilumSurfaceCheck check = check_of(broken, HILUM_SURFACE_CHECKED);
    g_assert_false(hilum_surface_check_is_sound(&check));
    g_autofree char *headline = hilum_surface_check_dup_headline(&check, 0.1);
    g_assert_true(g_str_has_prefix(headline, turned ? "not outward" : "open"));
    assert_details(&check, turned ? "outward: no, turned across 3 edges" : "closed: no, 3 open edges");
    if (!turned) assert_details(&check, "thinnest wall by ball: only of closed surfaces");
  }
}

/* Numbers that cannot be made with a small mesh. */
static void test_crossings(void)
{
  const Box block = {{4, 4, 4}, {12, 12, 12}, true};
  g_autoptr(HilumMesh) mesh = boxes(&block, 1);
  HilumSurfaceCheck check = check_of(mesh, HILUM_SURFACE_CHECKED);
  HilumVec3 place;
  check.beyond.self_intersections = 3;
  check.beyond.crossing_mm = hilum_vec3(1, -2, 3);
  check.report.degenerate_triangles = 2;
  assert_headline(&check, 0.1, "degenerate 2, self-intersections 3");
  assert_headline(&check, 100, "degenerate 2, self-intersections 3, 8.00 mm thin");
  assert_details(&check, "self-intersections: 3, one at L 1.0 · A 2.0 · S 3.0 mm");
  g_assert_true(hilum_surface_check_get_place(&check, &place) && place.x == 1); /* before any thin place */
  g_autofree char *suggestion = hilum_surface_check_dup_suggestion(&check, 0.1);
  g_assert_cmpstr(suggestion, ==, "resolve overlaps and crossings");
  g_autoptr(GArray) done = g_array_new(FALSE, TRUE, sizeof(HilumModification));
  const HilumModification removed = {.op = "remove-shells",
                                     .value = 50,
                                     .count = 2,
                                     .shells_before = 3,
                                     .shells_after = 1,
                                     .volume_before_mm3 = 1000,
                                     .volume_change_mm3 = -20,
                                     .deviation_mm = NAN};
  g_array_append_val(done, removed);
  check.beyond.thickness.min_ray_mm = 8;
  check.beyond.thickness.min_ball_mm = 7.5;
  g_autofree char *record = hilum_surface_check_dup_record(&check, "Cyst", done);
  g_assert_cmpstr(record, ==,
                  "Cyst: 2 pieces below 0.05 ml removed, volume -0.020 ml (-2.0 %), 1 pieces after 3; now "
                  "degenerate 2, self-intersections 3, thinnest wall 8.00 mm by ray, 7.50 mm by ball");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/surface-check/sound", test_sound);
  g_test_add_func("/view/surface-check/shells", test_shells);
  g_test_add_func("/view/surface-check/defects", test_defects);
  g_test_add_func("/view/surface-check/crossings", test_crossings);
  return g_test_run();
}
