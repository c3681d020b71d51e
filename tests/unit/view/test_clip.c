/* Free cuts as values: what the hand does to them, where they show, what a ray may still hit; and what the
 * workspace makes of them. */
#include "hilum/base/memory.h"
#include "hilum/mesh/extract.h"
#include "hilum/view/workspace.h"

enum { W = 600, H = 400 };

static HilumCamera front(bool orthographic)
{
  HilumCamera camera = hilum_camera_new(); /* from anterior: right is +x, up +z, back -y */
  camera.orthographic = orthographic;
  return camera;
}

static HilumPoint2 project(const HilumCamera *camera, HilumVec3 p)
{
  HilumPoint2 at = {0, 0};
  g_assert_true(hilum_camera_project(camera, p, W, H, &at.x, &at.y));
  return at;
}

static void assert_near(HilumVec3 a, HilumVec3 b, double most)
{
  g_assert_cmpfloat(hilum_vec3_distance(a, b), <, most);
}

static void test_numbers(void)
{
  const HilumCamera camera = front(false);
  HilumClip c = hilum_clip_facing(&camera, hilum_vec3(10, 20, 30));
  double around, up;
  assert_near(c.normal, hilum_vec3(0, -1, 0), 1e-12);
  hilum_clip_get_direction(&c, &around, &up);
  g_assert_cmpfloat_with_epsilon(around, 0, 1e-9);
  hilum_clip_shift(&c, 4); /* towards what goes: the eye */
  assert_near(c.point_mm, hilum_vec3(10, 16, 30), 1e-12);
  g_assert_cmpfloat_with_epsilon(hilum_clip_offset_mm(&c, hilum_vec3(0, 20, 0)), 4, 1e-12);
  hilum_clip_set_offset_mm(&c, hilum_vec3(0, 20, 0), -2.5);
  assert_near(c.point_mm, hilum_vec3(10, 22.5, 30), 1e-12);
  for (double a = -170; a <= 180; a += 35)
    for (double u = -80; u <= 85; u += 33)
      for (int side = 0; side < 2; side++) {
        c.other_side = side;
        hilum_clip_set_direction(&c, a, u);
        hilum_clip_get_direction(&c, &around, &up);
        g_assert_cmpfloat_with_epsilon(around, a, 1e-9);
        g_assert_cmpfloat_with_epsilon(up, u, 1e-9);
        g_assert_true(hilum_clip_is_valid(&c));
      }
  c = (HilumClip){.kind = HILUM_CLIP_PLANE, .normal = {0, -1, 0}};
  hilum_clip_set_direction(&c, 90, 0);
  assert_near(hilum_clip_cutter(&c).normal, hilum_vec3(1, 0, 0), 1e-12); /* left */
  c.other_side = true;
  assert_near(hilum_clip_cutter(&c).normal, hilum_vec3(-1, 0, 0), 1e-12);
  HilumClip ball = {.kind = HILUM_CLIP_SPHERE, .radius_mm = 10};
  hilum_clip_shift(&ball, -50);
  g_assert_cmpfloat(ball.radius_mm, ==, HILUM_CLIP_LEAST_MM);
  const HilumClip bad[] = {{.kind = HILUM_CLIP_PLANE},
                           {.kind = HILUM_CLIP_PLANE, .normal = {0, 0, 2}},
                           {.kind = HILUM_CLIP_PLANE, .normal = {0, 0, 1}, .point_mm = {NAN, 0, 0}},
                           {.kind = HILUM_CLIP_SPHERE},
                           {.kind = HILUM_CLIP_SPHERE, .radius_mm = INFINITY},
                           {.kind = HILUM_CLIP_SLICE, .plane = HILUM_SLICE_PLANES},
                           {.kind = HILUM_CLIP_KINDS}};
  for (size_t n = 0; n < G_N_ELEMENTS(bad); n++)
    g_assert_false(hilum_clip_is_valid(&bad[n]));
}

/* Keys: 5 degrees or a millimetre the way they point on the screen. */
static void test_step(void)
{
  const HilumCamera camera = front(false);
  HilumClip c = hilum_clip_facing(&camera, hilum_vec3(0, 0, 0)), before = c;
  hilum_clip_step(&c, &camera, 1, 0, 0, false);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_dot(c.normal, camera.right), sin(5 * G_PI / 180), 1e-9);
  c = before;
  hilum_clip_step(&c, &camera, 0, 1, 0, true);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_dot(c.normal, camera.up), sin(G_PI / 180), 1e-9);
  c = before;
  hilum_clip_step(&c, &camera, 0, 0, 1, false);
  assert_near(c.point_mm, hilum_vec3(0, 1, 0), 1e-12); /* away from the eye */
  c = before;
  c.other_side = true; /* what is behind goes, and yet */
  hilum_clip_step(&c, &camera, 0, 0, 1, false);
  assert_near(c.point_mm, hilum_vec3(0, 1, 0), 1e-12);
  HilumClip ball = {.kind = HILUM_CLIP_SPHERE, .radius_mm = 10};
  hilum_clip_step(&ball, &camera, 1, -1, 1, true);
  assert_near(ball.point_mm, hilum_vec3(0.1, 0, -0.1), 1e-12);
  g_assert_cmpfloat_with_epsilon(ball.radius_mm, 10.1, 1e-12);
}

/* The knob stays under the pointer, from all sides and wherever the plane faces. */
static void test_knob(void)
{
  for (int n = 0; n < 60; n++) {
    HilumCamera camera = front(n % 2);
    hilum_camera_rotate(&camera, HILUM_ORBIT_TRACKBALL, 300, 200, 300 + 7 * n % 90, 200 - 5 * n % 70, W, H);
    HilumClip c = hilum_clip_facing(&camera, hilum_vec3(n % 7, n % 5, -n % 6));
    c.other_side = n % 3 == 0;
    if (c.other_side) c.normal = hilum_vec3_scale(c.normal, -1);
    hilum_clip_turn(&c, hilum_vec3(1, n, 2 - n), 0.1 * (n % 9));
    HilumClipHandle h;
    g_assert_true(hilum_clip_get_handle(&c, &camera, W, H, &h));
    g_assert_cmpint(hilum_clip_grip_at(&c, &camera, h.place, W, H), ==, HILUM_CLIP_GRIP_PLACE);
    const HilumVec3 at = c.point_mm;
    HilumPoint2 from = h.place;
    for (int s = 1; s <= 5; s++) { /* inwards, so that it can follow */
      const HilumPoint2 to = {h.place.x + (h.from.x + 9 - h.place.x) * s / 8,
                              h.place.y + (h.from.y - 6 - h.place.y) * s / 8};
      hilum_clip_drag(&c, HILUM_CLIP_GRIP_PLACE, &camera, from, to, W, H);
      from = to;
    }
    HilumClipHandle now;
    g_assert_true(hilum_clip_get_handle(&c, &camera, W, H, &now));
    g_assert_cmpfloat(hypot(now.place.x - from.x, now.place.y - from.y), <, camera.orthographic ? 0.5 : 12);
    assert_near(c.point_mm, at, 1e-12);
    g_assert_cmpfloat_with_epsilon(hilum_vec3_length(c.normal), 1, 1e-9);
  }
}

static void test_depth(void)
{
  const HilumCamera camera = front(true);
  const double mm = hilum_camera_mm_per_px(&camera, H);
  HilumClip c = hilum_clip_facing(&camera, hilum_vec3(0, 0, 0));
  const HilumPoint2 a = {300, 200}, b = {300, 180}, right = {320, 200};
  hilum_clip_drag(&c, HILUM_CLIP_GRIP_DEPTH, &camera, a, b, W, H); /* squarely: up is away */
  assert_near(c.point_mm, hilum_vec3(0, 20 * mm, 0), 1e-9);
  c = (HilumClip){.kind = HILUM_CLIP_PLANE, .normal = {1, 0, 0}}; /* from its edge: with the hand */
  hilum_clip_drag(&c, HILUM_CLIP_GRIP_DEPTH, &camera, a, right, W, H);
  assert_near(c.point_mm, hilum_vec3(20 * mm, 0, 0), 1e-9);
  hilum_clip_push(&c, HILUM_CLIP_GRIP_DEPTH, &camera, right, a, H);
  assert_near(c.point_mm, hilum_vec3(0, 0, 0), 1e-9);
  hilum_clip_push(&c, HILUM_CLIP_GRIP_PLACE, &camera, a, right, H);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_dot(c.normal, camera.back), -sin(10 * G_PI / 180), 1e-9);
}

static void test_ball(void)
{
  const HilumCamera camera = front(false);
  HilumClip c = {.kind = HILUM_CLIP_SPHERE, .point_mm = {5, -8, 3}, .radius_mm = 20};
  HilumClipHandle h;
  g_assert_true(hilum_clip_get_handle(&c, &camera, W, H, &h));
  g_assert_cmpint(hilum_clip_grip_at(&c, &camera, h.depth, W, H), ==, HILUM_CLIP_GRIP_DEPTH);
  g_assert_cmpint(hilum_clip_grip_at(&c, &camera, h.place, W, H), ==, HILUM_CLIP_GRIP_PLACE);
  g_assert_cmpint(hilum_clip_grip_at(&c, &camera, (HilumPoint2){5, 5}, W, H), ==, HILUM_CLIP_GRIP_NONE);
  const HilumPoint2 wider = project(&camera, hilum_vec3(5 + 31, -8, 3));
  hilum_clip_drag(&c, HILUM_CLIP_GRIP_DEPTH, &camera, h.depth, wider, W, H);
  g_assert_cmpfloat_with_epsilon(c.radius_mm, 31, 1e-6);
  const HilumPoint2 there = project(&camera, hilum_vec3(-9, -8, 12));
  hilum_clip_drag(&c, HILUM_CLIP_GRIP_PLACE, &camera, h.place, there, W, H);
  assert_near(c.point_mm, hilum_vec3(-9, -8, 12), 1e-6);
  const HilumClip none = {.kind = HILUM_CLIP_SLICE};
  g_assert_false(hilum_clip_get_handle(&none, &camera, W, H, &h));
}

static void test_trace(void)
{
  const HilumGrid grid = hilum_grid_new(100, 80, 60, 1, 1.5, 2);
  HilumSliceState s;
  hilum_slice_state_init(&s, HILUM_SLICE_AXIAL, &grid);
  hilum_slice_state_set_size(&s, W, H);
  hilum_slice_state_go_to_mm(&s, hilum_vec3(50, 60, 40));
  HilumClip c = {.kind = HILUM_CLIP_PLANE, .point_mm = {30, 60, 40}, .normal = {0.6, 0, 0.8}};
  HilumClipTrace t = hilum_clip_trace(&c, &s);
  double x, y;
  hilum_slice_state_mm_to_widget(&s, hilum_vec3(30, 10, 40), &x, &y, NULL);
  g_assert_cmpint(t.kind, ==, HILUM_TRACE_LINE);
  g_assert_cmpfloat_with_epsilon(t.a.x, x, 1e-6); /* x = 30 where z = 40 */
  g_assert_cmpfloat_with_epsilon(t.b.x, x, 1e-6);
  g_assert_true(fmin(t.a.y, t.b.y) < 0 && fmax(t.a.y, t.b.y) > H);
  g_assert_cmpfloat_with_epsilon(t.stays.x, -1, 1e-9);
  c.other_side = true;
  g_assert_cmpfloat_with_epsilon(hilum_clip_trace(&c, &s).stays.x, 1, 1e-9);
  c.normal = hilum_vec3(0, 0, 1); /* parallel */
  g_assert_cmpint(hilum_clip_trace(&c, &s).kind, ==, HILUM_TRACE_NONE);
  c = (HilumClip){.kind = HILUM_CLIP_SPHERE, .point_mm = {50, 60, 46}, .radius_mm = 10};
  t = hilum_clip_trace(&c, &s);
  g_assert_cmpint(t.kind, ==, HILUM_TRACE_CIRCLE);
  g_assert_cmpfloat_with_epsilon(t.radius_px, 8 * s.px_per_mm, 1e-6);
  c.radius_mm = 5;
  g_assert_cmpint(hilum_clip_trace(&c, &s).kind, ==, HILUM_TRACE_NONE);
}

static void test_ray(void)
{
  double t[2][2];
  const HilumRay ray = {{0, -10, 0}, {0, 1, 0}};
  const HilumCutter plane = {.kind = HILUM_CUTTER_PLANE, .point_mm = {0, 3, 0}, .normal = {0, -1, 0}};
  g_assert_cmpint(hilum_clip_ray(&plane, false, ray, t), ==, 1);
  g_assert_cmpfloat(t[0][0], ==, 13);
  const HilumRay back = {{0, -10, 0}, {0, -1, 0}};
  g_assert_cmpint(hilum_clip_ray(&plane, false, back, t), ==, 0);
  const HilumCutter ball = {.kind = HILUM_CUTTER_SPHERE, .radius_mm = 4};
  g_assert_cmpint(hilum_clip_ray(&ball, false, ray, t), ==, 1);
  g_assert_true(t[0][0] == 6 && t[0][1] == 14);
  g_assert_cmpint(hilum_clip_ray(&ball, true, ray, t), ==, 2);
  g_assert_true(t[0][0] == 0 && t[0][1] == 6 && t[1][0] == 14 && isinf(t[1][1]));
  const HilumRay beside = {{5, -10, 0}, {0, 1, 0}};
  g_assert_cmpint(hilum_clip_ray(&ball, false, beside, t), ==, 0);
  g_assert_cmpint(hilum_clip_ray(&ball, true, beside, t), ==, 1);
}

/* A box of voxels in the workspace: its sphere, its sections, and what a click hits when it is cut. */
static void test_workspace(void)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = hilum_grid_new(40, 40, 40, 1, 1, 1);
  g_autofree uint8_t *voxels = g_malloc0(hilum_grid_count(&grid));
  for (int32_t k = 10; k < 30; k++)
    for (int32_t j = 10; j < 30; j++)
      for (int32_t i = 10; i < 30; i++)
        voxels[hilum_grid_offset(&grid, (HilumVoxel){i, j, k})] = 1;
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_snapshot_new_from_dense(&grid, voxels, &error);
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&grid, &error);
  g_autoptr(HilumLabelSnapshot) empty = hilum_label_map_snapshot(map);
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_snapshots(empty, labels, &error);
  g_assert_true(hilum_label_map_apply(map, delta, true));
  g_autoptr(HilumMesh) mesh = hilum_mesh_extract_label(labels, 1, NULL, NULL, &error);
  g_autoptr(HilumBvh) bvh = hilum_bvh_new(mesh, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumWorkspace) w = hilum_workspace_new();
  hilum_workspace_set_labels(w, map);
  hilum_workspace_set_look(
      w, 1, &(HilumStructureLook){.used = true, .visible = true, .opacity = 1, .name = "A\tb"});
  hilum_workspace_set_mesh(w, 1, mesh, bvh, 0);
  g_assert_false(hilum_workspace_clip_about(w, 2, 10));
  g_assert_true(hilum_workspace_clip_about(w, 1, 10));
  const HilumClip *clip = hilum_workspace_get_clip(w);
  assert_near(clip->point_mm, hilum_vec3(19.5, 19.5, 19.5), 1e-3);
  g_assert_cmpfloat_with_epsilon(clip->radius_mm, 10 + 10 * sqrt(3), 0.6);
  HilumCut cut;
  g_assert_true(hilum_workspace_get_cut(w, &cut));
  g_assert_true(cut.caps_lag); /* at once, though nothing closes it yet */
  /* A plane through the middle: what is nearer is gone, the cut face is hit. */
  hilum_workspace_set_cursor_mm(w, hilum_vec3(19, 19, 19));
  hilum_workspace_clip_freely(w, HILUM_CLIP_PLANE);
  HilumCutter cutter;
  g_assert_true(hilum_workspace_get_wanted_cut(w, &cutter));
  HilumMesh *meshes[HILUM_LABEL_COUNT] = {[1] = mesh};
  g_autoptr(HilumCaps) caps = hilum_caps_new(meshes, &cutter, NULL, &error);
  hilum_workspace_set_cut(w, &cutter, caps);
  g_assert_true(hilum_workspace_get_cut(w, &cut) && !cut.caps_lag);
  HilumCapSize size;
  g_assert_true(hilum_workspace_get_section(w, 1, &size));
  g_assert_cmpfloat_with_epsilon(size.area_mm2, 400, 1);
  g_autofree char *table = hilum_workspace_dup_sections(w);
  g_assert_nonnull(strstr(table, "\nA b\t"));
  g_assert_nonnull(strstr(table, "plane through 19.00 19.00 19.00 mm"));
  HilumPick pick;
  const HilumRay ray = {{15.2, -50, 22.3}, {0, 1, 0}};
  g_assert_true(hilum_workspace_pick(w, ray, 0, &pick));
  assert_near(pick.point_mm, hilum_vec3(15.2, 19, 22.3), 1e-9);
  assert_near(pick.normal, hilum_vec3(0, -1, 0), 1e-9);
  HilumClip moved = *clip;
  moved.other_side = true; /* the near half stays */
  hilum_workspace_set_clip(w, &moved);
  g_assert_true(hilum_workspace_get_cut(w, &cut) && cut.caps_lag);
  g_assert_true(hilum_workspace_pick(w, ray, 0, &pick));
  assert_near(pick.point_mm, hilum_vec3(15.2, 9.5, 22.3), 0.6);
  moved.point_mm.y = 0; /* nothing is left of it */
  hilum_workspace_set_clip(w, &moved);
  g_assert_false(hilum_workspace_pick(w, ray, 0, &pick));
  /* A ball taken out of it: the ray ends on its far side. */
  hilum_workspace_set_clip(
      w,
      &(HilumClip){.kind = HILUM_CLIP_SPHERE, .point_mm = {15, 9.5, 22}, .radius_mm = 6, .other_side = true});
  g_assert_false(hilum_workspace_get_section(w, 1, &size)); /* another kind: its caps are gone */
  g_assert_true(hilum_workspace_pick(w, ray, 0, &pick));
  assert_near(pick.point_mm, hilum_vec3(15.2, 15.5, 22.3), 0.02);
  hilum_workspace_set_clip(w, &(HilumClip){.kind = HILUM_CLIP_SPHERE, .radius_mm = NAN}); /* dropped */
  g_assert_cmpfloat(hilum_workspace_get_clip(w)->radius_mm, ==, 6);
  hilum_workspace_set_clip(w, &(HilumClip){.kind = HILUM_CLIP_NONE});
  g_assert_false(hilum_workspace_get_cut(w, &cut));
  hilum_workspace_clip_freely(w, HILUM_CLIP_SPHERE); /* as large as the last one */
  g_assert_cmpfloat(hilum_workspace_get_clip(w)->radius_mm, ==, 6);
  hilum_workspace_set_labels(w, NULL);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/clip/numbers", test_numbers);
  g_test_add_func("/view/clip/step", test_step);
  g_test_add_func("/view/clip/knob", test_knob);
  g_test_add_func("/view/clip/depth", test_depth);
  g_test_add_func("/view/clip/ball", test_ball);
  g_test_add_func("/view/clip/trace", test_trace);
  g_test_add_func("/view/clip/ray", test_ray);
  g_test_add_func("/view/clip/workspace", test_workspace);
  return g_test_run();
}
