/* The workspace: what it tells, what it shows, how it follows a case. */
#include "hilum/base/memory.h"
#include "hilum/casefile/case.h"
#include "hilum/view/workspace.h"

static HilumVolume *volume_of(int32_t nx, const char *unit)
{
  HilumGrid grid = hilum_grid_new(nx, 20, 16, 1, 1, 2);
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  voxels[0] = 1000;
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, 1, 0, unit, NULL);
  g_assert_nonnull(volume);
  return volume;
}

static void on_changed(HilumWorkspace *workspace, guint changes, GArray *seen)
{
  g_array_append_val(seen, changes);
}

static void test_notification(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(guint));
  g_signal_connect(w, "changed", G_CALLBACK(on_changed), seen);
  hilum_workspace_set_window(w, (HilumWindowLevel){100, 50});
  g_assert_cmpuint(seen->len, ==, 1);
  g_assert_cmpuint(g_array_index(seen, guint, 0), ==, HILUM_CHANGE_WINDOW);
  hilum_workspace_freeze(w);
  hilum_workspace_freeze(w);
  hilum_workspace_set_task(w, HILUM_TASK_PLAN);
  hilum_workspace_set_camera(w, hilum_workspace_get_camera(w));
  hilum_workspace_thaw(w);
  g_assert_cmpuint(seen->len, ==, 1);
  hilum_workspace_thaw(w);
  g_assert_cmpuint(seen->len, ==, 2);
  g_assert_cmpuint(g_array_index(seen, guint, 1), ==, HILUM_CHANGE_TASK | HILUM_CHANGE_CAMERA);
  hilum_workspace_set_task(w, HILUM_TASK_PLAN); /* no change, no noise */
  hilum_workspace_set_pointer(w, HILUM_SLICE_AXIAL, hilum_vec3(0, 0, 0), false);
  g_assert_cmpuint(seen->len, ==, 2);
}

static void test_linked_views(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(HilumVolume) volume = volume_of(24, "HU");
  hilum_workspace_set_phases(w, &volume, NULL, 1);
  HilumVec3 p = {3, 17, 10};
  hilum_workspace_set_cursor_mm(w, p);
  g_assert_cmpint(hilum_workspace_get_slice(w, HILUM_SLICE_AXIAL)->slice, ==, 5);
  g_assert_cmpint(hilum_workspace_get_slice(w, HILUM_SLICE_SAGITTAL)->slice, ==, 3);
  g_assert_cmpint(hilum_workspace_get_slice(w, HILUM_SLICE_CORONAL)->slice, ==, 17);
  HilumSliceState s = *hilum_workspace_get_slice(w, HILUM_SLICE_AXIAL);
  hilum_slice_state_step(&s, 2);
  hilum_workspace_set_slice(w, &s); /* the crosshair rides along, the other panes stay */
  g_assert_cmpfloat(hilum_vec3_distance(hilum_workspace_get_cursor_mm(w), hilum_vec3(3, 17, 14)), <, 1e-9);
  g_assert_cmpint(hilum_workspace_get_slice(w, HILUM_SLICE_CORONAL)->slice, ==, 17);
  double value;
  uint8_t label;
  g_assert_true(hilum_workspace_probe(w, hilum_vec3(0, 0, 0), &value, &label));
  g_assert_cmpfloat(value, ==, 1000);
  g_assert_false(hilum_workspace_probe(w, hilum_vec3(-9, 0, 0), &value, &label));
  g_assert_true(isnan(value));
}

static HilumMesh *triangle(HilumVec3 at, double size)
{
  float *p = hilum_big_alloc(36, NULL);
  uint32_t *i = hilum_big_alloc(12, NULL);
  const double xz[6] = {-1, -1, 1, -1, 0, 1};
  for (uint32_t c = 0; c < 3; c++) {
    p[3 * c] = (float)(xz[2 * c] * size);
    p[3 * c + 1] = 0;
    p[3 * c + 2] = (float)(xz[2 * c + 1] * size);
    i[c] = c;
  }
  HilumMesh *mesh = hilum_mesh_new_take(at, 3, p, NULL, 1, i, NULL);
  g_assert_nonnull(mesh);
  return mesh;
}

static void test_structures_and_picking(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  for (uint8_t l = 1; l <= 2; l++) {
    HilumStructureLook look = {.used = true, .visible = true, .opacity = l == 1 ? 0.4 : 1, .name = "x"};
    hilum_workspace_set_look(w, l, &look);
    g_autoptr(HilumMesh) mesh = triangle(hilum_vec3(0, l * 10, 0), 20);
    g_autoptr(HilumBvh) bvh = hilum_bvh_new(mesh, NULL, NULL);
    hilum_workspace_set_mesh(w, l, mesh, bvh, 0);
  }
  HilumRay ray = {{0, -50, 0}, {0, 1, 0}};
  HilumPick pick;
  g_assert_true(hilum_workspace_pick(w, ray, 0, &pick));
  g_assert_cmpint(pick.label, ==, 1);
  g_assert_cmpfloat_with_epsilon(pick.point_mm.y, 10, 1e-6);
  g_assert_cmpfloat(pick.normal.y, <, -0.99);              /* towards the eye */
  g_assert_true(hilum_workspace_pick(w, ray, 0.6, &pick)); /* through the translucent one */
  g_assert_cmpint(pick.label, ==, 2);
  hilum_workspace_set_isolated(w, 1);
  g_assert_false(hilum_workspace_pick(w, ray, 0.6, &pick));
  g_assert_false(hilum_workspace_is_shown(w, 2));
  g_assert_cmpuint(hilum_workspace_count_triangles(w), ==, 1);
  g_assert_true(hilum_workspace_get_look(w, 2)->visible); /* nobody's flag was touched */
  hilum_workspace_set_isolated(w, 0);
  g_assert_cmpuint(hilum_workspace_count_triangles(w), ==, 2);
  uint64_t serial = hilum_workspace_get_mesh_serial(w, 1);
  hilum_workspace_set_mesh(w, 1, NULL, NULL, 0);
  g_assert_cmpuint(hilum_workspace_get_mesh_serial(w, 1), !=, serial);
  g_assert_cmpint(hilum_workspace_next_structure(w, 1), ==, 1);
  hilum_workspace_set_active(w, 2);
  g_assert_cmpint(hilum_workspace_next_structure(w, 1), ==, 1);
  g_assert_cmpint(hilum_workspace_next_structure(w, -1), ==, 1);
  hilum_workspace_set_active(w, 77); /* no such structure */
  g_assert_cmpint(hilum_workspace_get_active(w), ==, 2);
}

static void test_follows_case(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(HilumCase) c = hilum_case_new();
  g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(guint));
  hilum_workspace_set_case(w, c);
  g_assert_null(hilum_workspace_get_labels(w));
  g_autoptr(HilumVolume) volume = volume_of(24, "HU");
  g_assert_nonnull(hilum_case_add_phase(c, NULL, volume, NULL));
  g_assert_true(hilum_workspace_get_active_volume(w) == volume);
  g_assert_nonnull(hilum_workspace_get_labels(w));
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  uint8_t label = hilum_structure_get_label(s);
  g_assert_cmpint(hilum_workspace_get_active(w), ==, label);
  g_assert_true(hilum_workspace_get_look(w, label)->outline);
  g_assert_cmpint(hilum_workspace_get_look(w, label)->rgb[1], ==, 170);
  g_signal_connect(w, "changed", G_CALLBACK(on_changed), seen);
  hilum_case_set_structure_visible(c, s, false);
  g_assert_false(hilum_workspace_is_shown(w, label));
  g_assert_cmpuint(seen->len, >, 0);
  g_assert_true(g_array_index(seen, guint, 0) & HILUM_CHANGE_STRUCTURES);
  g_assert_true(hilum_case_remove_structure(c, s, NULL));
  g_assert_cmpint(hilum_workspace_get_active(w), ==, 0);
  uint64_t identity = hilum_workspace_get_labels_identity(w);
  hilum_workspace_set_case(w, NULL);
  g_assert_cmpuint(hilum_workspace_get_phase_count(w), ==, 0);
  g_assert_cmpuint(hilum_workspace_get_labels_identity(w), !=, identity);
  hilum_case_add_structure(c, HILUM_STRUCTURE_CYST, NULL, NULL); /* nobody listens any more */
  g_assert_cmpint(hilum_workspace_get_active(w), ==, 0);
}

static void test_phases(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(HilumVolume) a = volume_of(24, "HU"), b = volume_of(24, "HU"), m = volume_of(30, "");
  HilumVolume *volumes[3] = {a, b, m};
  const char *names[3] = {"Arterial", "Nephrographic", "MR"};
  hilum_workspace_set_phases(w, volumes, names, 3);
  hilum_workspace_set_window(w, (HilumWindowLevel){222, 33});
  hilum_workspace_set_active_phase(w, 1);
  g_assert_cmpfloat(hilum_workspace_get_window(w).width, ==, 222); /* HU to HU keeps it */
  hilum_workspace_set_active_phase(w, 2);
  g_assert_cmpfloat(hilum_workspace_get_window(w).width, !=, 222);
  g_assert_cmpint(hilum_workspace_get_slice(w, HILUM_SLICE_AXIAL)->grid.dims[0], ==, 30);
  hilum_workspace_set_active_phase(w, 9);
  g_assert_cmpuint(hilum_workspace_get_active_phase(w), ==, 2);
  g_assert_cmpstr(hilum_workspace_get_phase_name(w, 0), ==, "Arterial");
}

/* A stand-in is for the volume that was active when it was set, and for no other. */
static void test_stand_in(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  g_autoptr(HilumVolume) a = volume_of(24, "HU"), b = volume_of(24, "HU"), coarse = volume_of(12, "HU");
  hilum_workspace_set_phases(w, (HilumVolume *[]){a, b}, (const char *[]){"a", "b"}, 2);
  g_assert_null(hilum_workspace_get_stand_in(w));
  hilum_workspace_set_stand_in(w, coarse);
  g_assert_true(hilum_workspace_get_stand_in(w) == coarse);
  hilum_workspace_set_active_phase(w, 1);
  g_assert_null(hilum_workspace_get_stand_in(w));
  hilum_workspace_set_active_phase(w, 0);
  g_assert_true(hilum_workspace_get_stand_in(w) == coarse);
  hilum_workspace_set_stand_in(w, NULL);
  g_assert_null(hilum_workspace_get_stand_in(w));
  hilum_workspace_set_stand_in(w, coarse);
  hilum_workspace_set_phases(w, &a, NULL, 1); /* other content: nothing stands in unasked */
  g_assert_null(hilum_workspace_get_stand_in(w));
}

/* Pieces stand in for a mesh until one comes that is as new. */
static void test_pieces(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  HilumStructureLook look = {.used = true, .visible = true, .opacity = 1, .name = "x"};
  hilum_workspace_set_look(w, 1, &look);
  hilum_workspace_set_look(w, 2, &look);
  g_autoptr(HilumMesh) old = triangle(hilum_vec3(0, 0, 0), 10), left = triangle(hilum_vec3(-90, 0, 0), 10),
                       right = triangle(hilum_vec3(90, 0, 0), 10);
  hilum_workspace_set_mesh(w, 1, old, NULL, 5);
  const HilumLivePiece first[] = {{1, left}, {2, left}}, second[] = {{1, right}};
  size_t n;
  hilum_workspace_set_tile(w, 8, 3, first, 2);
  hilum_workspace_set_tile(w, 8, 4, second, 1);
  g_assert_false(hilum_workspace_shows_pieces(w, 1)); /* there, but nobody asked for them */
  g_assert_cmpuint(hilum_workspace_count_triangles(w), ==, 1);
  hilum_workspace_show_pieces(w, 1, 6);
  g_assert_true(hilum_workspace_shows_pieces(w, 1));
  g_assert_false(hilum_workspace_shows_pieces(w, 2));
  g_assert_cmpuint(hilum_workspace_count_structure_triangles(w, 1), ==, 2);
  HilumBox box = hilum_workspace_get_scene_bounds(w);
  g_assert_cmpfloat(box.min.x, <, -90);
  g_assert_cmpfloat(box.max.x, >, 90);
  const HilumPiece *piece = hilum_workspace_get_pieces(w, 1, &n);
  g_assert_cmpuint(n, ==, 8);
  g_assert_true(piece[3].mesh == left && piece[4].mesh == right && !piece[0].mesh && piece[0].serial == 0);
  uint64_t kept = piece[4].serial, serial = hilum_workspace_get_pieces_serial(w, 1);
  hilum_workspace_set_tile(w, 8, 3, NULL, 0); /* of both structures */
  g_assert_null(piece[3].mesh);
  g_assert_cmpuint(piece[4].serial, ==, kept);
  g_assert_cmpuint(hilum_workspace_get_pieces_serial(w, 1), >, serial);
  g_assert_null(hilum_workspace_get_pieces(w, 2, &n)[3].mesh);
  g_assert_cmpuint(hilum_workspace_count_triangles(w), ==, 1);
  hilum_workspace_set_mesh(w, 1, old, NULL, 6);
  g_assert_false(hilum_workspace_shows_pieces(w, 1));
  hilum_workspace_clear_pieces(w);
  g_assert_null(hilum_workspace_get_pieces(w, 1, &n));
  g_assert_cmpuint(n, ==, 0);
}

static float *three(float value)
{
  float *mm = hilum_big_alloc(3 * sizeof *mm, NULL);
  for (int v = 0; v < 3; v++)
    mm[v] = value;
  return mm;
}

/* Values belong to one surface and one meaning. */
static void test_coloring(void)
{
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  HilumStructureLook look = {.used = true, .visible = true, .opacity = 1, .name = "x"};
  hilum_workspace_set_look(w, 1, &look);
  g_autoptr(HilumMesh) first = triangle(hilum_vec3(0, 0, 0), 10), second = triangle(hilum_vec3(9, 0, 0), 10);
  hilum_workspace_set_mesh(w, 1, first, NULL, 1);
  g_assert_false(hilum_workspace_needs_values(w, 1));
  g_assert_false(hilum_workspace_set_values(w, 1, first, HILUM_COLORING_OWN, three(0)));
  hilum_workspace_set_coloring(w, 1, HILUM_COLORING_THICKNESS);
  g_assert_true(hilum_workspace_needs_values(w, 1));
  g_assert_false(hilum_workspace_set_values(w, 1, first, HILUM_COLORING_DEVIATION, three(0)));
  g_assert_false(hilum_workspace_set_values(w, 1, second, HILUM_COLORING_THICKNESS, three(0)));
  g_assert_true(hilum_workspace_set_values(w, 1, first, HILUM_COLORING_THICKNESS, three(INFINITY)));
  g_assert_false(hilum_workspace_needs_values(w, 1));
  g_assert_true(isfinite(hilum_workspace_get_values(w, 1)[0])); /* what the GPU interpolates is a number */
  g_assert_cmpuint(hilum_workspace_get_values_serial(w, 1), >, 0);
  hilum_workspace_set_mesh(w, 1, first, NULL, 2); /* the same surface, newer labels */
  g_assert_nonnull(hilum_workspace_get_values(w, 1));
  hilum_workspace_set_mesh(w, 1, second, NULL, 3);
  g_assert_null(hilum_workspace_get_values(w, 1));
  g_assert_true(hilum_workspace_needs_values(w, 1));
  look.visible = false;
  hilum_workspace_set_look(w, 1, &look);
  g_assert_false(hilum_workspace_needs_values(w, 1)); /* hidden ones wait */
  double lo, hi;
  hilum_workspace_set_thin_mm(w, 900);
  hilum_workspace_get_coloring_range(w, HILUM_COLORING_THICKNESS, &lo, &hi);
  g_assert_true(lo == 0 && hi == 50);
  hilum_workspace_get_coloring_range(w, HILUM_COLORING_DEVIATION, &lo, &hi);
  g_assert_true(lo == -hi && hi > 0);
  HilumColoring coloring;
  g_assert_true(hilum_coloring_parse("deviation", &coloring) && coloring == HILUM_COLORING_DEVIATION);
  g_assert_false(hilum_coloring_parse("rainbow", &coloring));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/workspace/notification", test_notification);
  g_test_add_func("/view/workspace/linked-views", test_linked_views);
  g_test_add_func("/view/workspace/structures-and-picking", test_structures_and_picking);
  g_test_add_func("/view/workspace/pieces", test_pieces);
  g_test_add_func("/view/workspace/coloring", test_coloring);
  g_test_add_func("/view/workspace/follows-case", test_follows_case);
  g_test_add_func("/view/workspace/phases", test_phases);
  g_test_add_func("/view/workspace/stand-in", test_stand_in);
  return g_test_run();
}
