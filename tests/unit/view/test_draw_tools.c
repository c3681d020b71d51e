/* Tools that draw, as a user's hand drives them with no display: lasso, scissors, level tracing, the smart
 * brush, edit limits, splitting, and the badge that says why nothing happened. */
#include "tool_fixture.h"

enum { W = 480, H = 400 };

static HilumPoint2 place(Fixture *f, HilumSlicePlane plane, HilumVec3 mm)
{
  HilumPoint2 p;
  hilum_slice_state_mm_to_widget(hilum_workspace_get_slice(f->workspace, plane), mm, &p.x, &p.y, NULL);
  return p;
}

static bool at(Fixture *f, HilumToolEventType type, HilumSlicePlane plane, HilumPoint2 px)
{
  HilumToolEvent e = hilum_tool_event_at(f->workspace, type, plane, px.x, px.y, W, H, 0);
  return hilum_tool_handle(f->tool, &e);
}

static void click(Fixture *f, HilumSlicePlane plane, HilumPoint2 px)
{
  at(f, HILUM_TOOL_HOVER, plane, px);
  at(f, HILUM_TOOL_PRESS, plane, px);
  at(f, HILUM_TOOL_RELEASE, plane, px);
}

static void click_mm(Fixture *f, HilumSlicePlane plane, double x, double y, double z)
{
  click(f, plane, place(f, plane, hilum_vec3(x, y, z)));
}

static guint outline_points(Fixture *f, HilumSlicePlane plane, bool *closed)
{
  HilumToolOutline outline = {.points_px = g_array_new(FALSE, FALSE, sizeof(HilumPoint2))};
  bool any = hilum_tool_get_outline(f->tool, plane, &outline);
  guint n = any ? outline.points_px->len : 0;
  if (closed) *closed = outline.closed;
  g_array_unref(outline.points_px);
  return n;
}

/* Voxels of label 1 whose centres are not where `expected` says. */
static uint64_t misplaced(Fixture *f, bool (*expected)(HilumVec3 mm))
{
  HilumLabelMap *labels = hilum_workspace_get_labels(f->workspace);
  const HilumGrid *g = hilum_label_map_get_grid(labels);
  uint64_t wrong = 0;
  for (HilumVoxel v = {0, 0, 0}; v.k < g->dims[2]; v.k++)
    for (v.j = 0; v.j < g->dims[1]; v.j++)
      for (v.i = 0; v.i < g->dims[0]; v.i++)
        wrong += (hilum_label_map_get(labels, v) == 1) != expected(hilum_grid_voxel_to_mm(g, v));
  return wrong;
}

static bool in_square(HilumVec3 p)
{
  return p.z == 27 && p.x > 9.5 && p.x < 20.5 && p.y > 14.5 && p.y < 25.5;
}

static void square(Fixture *f, double x0, double y0, double x1, double y1)
{
  click_mm(f, HILUM_SLICE_AXIAL, x0, y0, 27);
  click_mm(f, HILUM_SLICE_AXIAL, x1, y0, 27);
  click_mm(f, HILUM_SLICE_AXIAL, x1, y1, 27);
  click_mm(f, HILUM_SLICE_AXIAL, x0, y1, 27);
}

static const char *undo_label(Fixture *f)
{
  return hilum_history_get_undo_label(hilum_case_get_history(f->the_case));
}

static void test_lasso_clicks(Fixture *f, gconstpointer data)
{
  bool closed = true;
  take_tool(f, HILUM_TOOL_LASSO);
  size_t depth = steps(f);
  square(f, 9.5, 14.5, 20.5, 25.5);
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_AXIAL, &closed), ==, 5); /* and the pointer's */
  g_assert_false(closed);
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_CORONAL, NULL), ==, 0);
  click_mm(f, HILUM_SLICE_AXIAL, 40, 35, 27); /* a slip, taken back */
  g_assert_true(hilum_tool_step_back(f->tool));
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(misplaced(f, in_square), ==, 0);
  g_assert_cmpuint(count(f, 1), ==, 11 * 11);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  g_assert_cmpstr(undo_label(f), ==, "Lasso Parenchyma");
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_AXIAL, NULL), ==, 0);

  /* The first point closes; so does a second click on the last one. */
  g_object_set(f->tool, "mode", HILUM_DRAW_ERASE, NULL);
  square(f, 9.5, 14.5, 15.5, 25.5);
  click_mm(f, HILUM_SLICE_AXIAL, 9.5, 14.5, 27);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, 5 * 11);
  g_assert_cmpstr(undo_label(f), ==, "Lasso erase Parenchyma");
  g_object_set(f->tool, "mode", HILUM_DRAW_REPLACE, NULL);
  square(f, 18.5, 14.5, 25.5, 25.5);
  click_mm(f, HILUM_SLICE_AXIAL, 18.5, 25.5, 27);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, 7 * 11); /* what was left of 18.5 is gone, too */
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
}

static void test_lasso_drag_and_escape(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_LASSO);
  for (int n = 0; n <= 60; n++) { /* a loop in the coronal pane closes when it is let go */
    double t = 2 * G_PI * n / 60;
    HilumPoint2 px = place(f, HILUM_SLICE_CORONAL, hilum_vec3(14 + 6.3 * cos(t), 20, 27 + 6.3 * sin(t)));
    at(f, n == 0 ? HILUM_TOOL_PRESS : HILUM_TOOL_DRAG, HILUM_SLICE_CORONAL, px);
  }
  at(f, HILUM_TOOL_RELEASE, HILUM_SLICE_CORONAL, place(f, HILUM_SLICE_CORONAL, hilum_vec3(20.3, 20, 27)));
  run_waiting(f);
  uint64_t expected = 0; /* no voxel centre lies between the circle and the polygon in it */
  for (int k = -5; k <= 5; k++)
    for (int i = -7; i <= 7; i++)
      expected += i * i + 2.25 * k * k < 6.3 * 6.3;
  g_assert_cmpuint(count(f, 1), ==, expected);
  HilumVoxelBox box;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(f->the_case);
  box = hilum_label_snapshot_bounds(labels, 1);
  g_assert_cmpint(box.hi[1] - box.lo[1], ==, 1); /* one coronal slice */
  g_assert_cmpint(box.lo[1], ==, 20);

  /* Esc forgets the points, then it is nobody's. Another slice begins another outline. */
  size_t depth = steps(f);
  click_mm(f, HILUM_SLICE_AXIAL, 10, 10, 27);
  click_mm(f, HILUM_SLICE_AXIAL, 20, 10, 27);
  g_assert_true(hilum_tool_back_out(f->tool));
  g_assert_false(hilum_tool_back_out(f->tool));
  g_assert_false(hilum_tool_step_back(f->tool));
  square(f, 9.5, 14.5, 20.5, 25.5);
  HilumSliceState slice = *hilum_workspace_get_slice(f->workspace, HILUM_SLICE_AXIAL);
  hilum_slice_state_step(&slice, 1);
  hilum_workspace_set_slice(f->workspace, &slice);
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_AXIAL, NULL), ==, 0); /* it lies on the other slice */
  click_mm(f, HILUM_SLICE_AXIAL, 10, 10, 28.5);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  run_waiting(f);
  g_assert_cmpuint(steps(f), ==, depth);
}

/* Pan and zoom between two clicks: points stay on the anatomy. */
static void test_lasso_follows_zoom(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_LASSO);
  click_mm(f, HILUM_SLICE_AXIAL, 9.5, 14.5, 27);
  click_mm(f, HILUM_SLICE_AXIAL, 20.5, 14.5, 27);
  HilumSliceState slice = *hilum_workspace_get_slice(f->workspace, HILUM_SLICE_AXIAL);
  hilum_slice_state_zoom(&slice, 1.7, 100, 50);
  hilum_slice_state_pan(&slice, 30, -20);
  hilum_workspace_set_slice(f->workspace, &slice);
  click_mm(f, HILUM_SLICE_AXIAL, 20.5, 25.5, 27);
  click_mm(f, HILUM_SLICE_AXIAL, 9.5, 25.5, 27);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(misplaced(f, in_square), ==, 0);
}

/* Fills label 1 with both balls. */
static uint64_t threshold(Fixture *f)
{
  take_tool(f, HILUM_TOOL_THRESHOLD);
  g_object_set(f->tool, "lo", 150.0, "hi", 250.0, NULL);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  return count(f, 1);
}

static void test_scissors_in_3d(Fixture *f, gconstpointer data)
{
  uint64_t both = threshold(f);
  HilumCamera camera = *hilum_workspace_get_camera(f->workspace);
  hilum_camera_set_view(&camera, HILUM_VIEW_ANTERIOR);
  for (int orthographic = 0; orthographic < 2; orthographic++) {
    camera.orthographic = orthographic;
    hilum_workspace_set_camera(f->workspace, &camera);
    take_tool(f, HILUM_TOOL_SCISSORS);
    /* A box round the small ball as it is seen; the large one is beside it. */
    const double corner[4][2] = {{27.5, 16}, {47, 16}, {47, 38}, {27.5, 38}};
    for (int c = 0; c < 4; c++) {
      HilumPoint2 px;
      g_assert_true(
          hilum_camera_project(&camera, hilum_vec3(corner[c][0], 20, corner[c][1]), W, H, &px.x, &px.y));
      click(f, HILUM_SLICE_PLANES, px);
    }
    g_assert_cmpuint(outline_points(f, HILUM_SLICE_PLANES, NULL), ==, 5);
    hilum_tool_apply(f->tool); /* closes: the preview comes first */
    run_waiting(f);
    const HilumPreview *preview = hilum_workspace_get_preview(f->workspace);
    g_assert_cmpint(preview->kind, ==, HILUM_PREVIEW_MASK);
    uint64_t goes = hilum_mask_count(preview->mask);
    g_assert_cmpuint(count(f, 1), ==, both);
    g_assert_true(goes > 0 && goes < both / 2);
    g_object_set(f->tool, "outside", TRUE, NULL); /* the rest, at once */
    run_waiting(f);
    g_assert_cmpuint(hilum_mask_count(hilum_workspace_get_preview(f->workspace)->mask), ==, both - goes);
    g_object_set(f->tool, "outside", FALSE, NULL);
    run_waiting(f);
    hilum_tool_apply(f->tool);
    run_waiting(f);
    g_assert_cmpuint(count(f, 1), ==, both - goes);
    g_assert_cmpstr(undo_label(f), ==, "Cut Parenchyma");
    g_assert_cmpint(hilum_workspace_get_preview(f->workspace)->kind, ==, HILUM_PREVIEW_NONE);
    undo(f);
    g_assert_cmpuint(count(f, 1), ==, both);
  }
}

/* A cut means the view it was drawn in, though the model is turned before it is applied. */
static void test_scissors_keep_their_view(Fixture *f, gconstpointer data)
{
  uint64_t both = threshold(f);
  HilumCamera camera = *hilum_workspace_get_camera(f->workspace);
  take_tool(f, HILUM_TOOL_SCISSORS);
  HilumPoint2 px;
  for (int c = 0; c < 3; c++) {
    const HilumVec3 p = hilum_vec3(c == 0 ? 28 : 47, 20, c == 2 ? 60 : -5);
    hilum_camera_project(&camera, p, W, H, &px.x, &px.y);
    click(f, HILUM_SLICE_PLANES, px);
  }
  hilum_tool_apply(f->tool);
  run_waiting(f);
  uint64_t goes = hilum_mask_count(hilum_workspace_get_preview(f->workspace)->mask);
  g_assert_cmpuint(goes, >, 0);
  hilum_camera_rotate(&camera, HILUM_ORBIT_TURNTABLE, 0, 0, 150, 40, W, H);
  hilum_workspace_set_camera(f->workspace, &camera);
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_PLANES, NULL), ==, 0);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, both - goes);
  /* An open outline is forgotten when the model turns. */
  click(f, HILUM_SLICE_PLANES, px);
  hilum_camera_rotate(&camera, HILUM_ORBIT_TURNTABLE, 0, 0, 50, 40, W, H);
  hilum_workspace_set_camera(f->workspace, &camera);
  g_assert_false(hilum_tool_back_out(f->tool));
}

static void test_scissors_reach(Fixture *f, gconstpointer data)
{
  uint64_t both = threshold(f);
  take_tool(f, HILUM_TOOL_SCISSORS);
  static const struct {
    HilumCutReach reach;
    double depth_mm;
    int slices;
  } CASES[] = {{HILUM_CUT_SLICE, 50, 1}, {HILUM_CUT_DEPTH, 3.1, 3}, {HILUM_CUT_THROUGH, 1, 100}};
  uint64_t before = both;
  for (size_t n = 0; n < G_N_ELEMENTS(CASES); n++) {
    g_object_set(f->tool, "reach", CASES[n].reach, "depth-mm", CASES[n].depth_mm, NULL);
    square(f, 1.5, 1.5, 25.5, 38.5); /* the large ball */
    hilum_tool_apply(f->tool);
    run_waiting(f);
    hilum_tool_apply(f->tool);
    run_waiting(f);
    uint64_t expected = 0;
    const HilumGrid grid = hilum_grid_new(48, 40, 36, 1, 1, 1.5);
    for (HilumVoxel v = {0, 0, 0}; v.k < 36; v.k++)
      for (v.j = 0; v.j < 40; v.j++)
        for (v.i = 0; v.i < 48; v.i++)
          expected += abs(v.k - 18) <= CASES[n].slices / 2 &&
                      hilum_vec3_distance(hilum_grid_voxel_to_mm(&grid, v), BALL) < 9;
    g_assert_cmpuint(before - count(f, 1), ==, expected);
    undo(f);
  }
  /* Through one slice only makes no sense in 3D, and says so. */
  g_object_set(f->tool, "reach", HILUM_CUT_SLICE, NULL);
  for (int c = 0; c < 3; c++)
    click(f, HILUM_SLICE_PLANES, (HilumPoint2){100 + 100 * c, c == 1 ? 300 : 100});
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "one slice"));
  g_assert_cmpuint(count(f, 1), ==, both);
}

/* All structures at once, but what is locked or hidden stays. */
static void test_scissors_all(Fixture *f, gconstpointer data)
{
  uint64_t both = threshold(f);
  g_assert_nonnull(hilum_case_add_structure(f->the_case, HILUM_STRUCTURE_CYST, NULL, NULL));
  for (uint8_t label = 2; label <= 3; label++) {
    hilum_workspace_set_active(f->workspace, label);
    take_tool(f, HILUM_TOOL_BRUSH);
    send(f, HILUM_TOOL_PRESS, hilum_vec3(20 + label, 5, 27), 0, 0);
    send(f, HILUM_TOOL_RELEASE, hilum_vec3(20 + label, 5, 27), 0, 0);
  }
  uint64_t tumour = count(f, 2);
  g_assert_true(tumour > 0 && count(f, 3) > 0);
  g_assert_true(hilum_case_lock_structure(f->the_case, hilum_case_get_structure(f->the_case, 2), true, NULL));
  hilum_workspace_set_active(f->workspace, 2);
  take_tool(f, HILUM_TOOL_SCISSORS);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "locked"));
  g_object_set(f->tool, "all", TRUE, NULL);
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
  square(f, -3, -3, 60, 60);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  size_t depth = steps(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_cmpuint(count(f, 2), ==, tumour);
  g_assert_cmpuint(count(f, 3), ==, 0);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  undo(f);
  g_assert_cmpuint(count(f, 1), ==, both);
  hilum_case_set_structure_visible(f->the_case, hilum_case_get_structure(f->the_case, 1), false);
  square(f, -3, -3, 60, 60);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, both);
  g_assert_cmpuint(count(f, 3), ==, 0);
}

static void test_level_trace(Fixture *f, gconstpointer data)
{
  bool closed = false;
  take_tool(f, HILUM_TOOL_LEVEL_TRACE);
  at(f, HILUM_TOOL_HOVER, HILUM_SLICE_AXIAL, place(f, HILUM_SLICE_AXIAL, BALL));
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_AXIAL, &closed), >, 20);
  g_assert_true(closed);
  g_assert_cmpint(f->jobs, ==, 0); /* within the frame */
  g_assert_nonnull(strstr(hilum_tool_get_status(f->tool), "200 HU"));
  click(f, HILUM_SLICE_AXIAL, place(f, HILUM_SLICE_AXIAL, BALL));
  run_waiting(f);
  HilumVolume *volume = hilum_workspace_get_active_volume(f->workspace);
  uint64_t expected = 0;
  for (HilumVoxel v = {0, 0, 18}; v.j < 40; v.j++)
    for (v.i = 0; v.i < 25; v.i++)
      expected += hilum_volume_get_value(volume, v) >= 200;
  g_assert_cmpuint(count(f, 1), ==, expected);
  g_assert_cmpstr(undo_label(f), ==, "Level trace Parenchyma");
  /* The next slice brings its own contour under the pointer that stands still. */
  HilumSliceState slice = *hilum_workspace_get_slice(f->workspace, HILUM_SLICE_AXIAL);
  guint before = outline_points(f, HILUM_SLICE_AXIAL, NULL);
  hilum_slice_state_step(&slice, 5);
  hilum_workspace_set_slice(f->workspace, &slice);
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_AXIAL, NULL), !=, before);
  at(f, HILUM_TOOL_LEAVE, HILUM_SLICE_AXIAL, (HilumPoint2){0, 0});
  g_assert_cmpuint(outline_points(f, HILUM_SLICE_AXIAL, NULL), ==, 0);
}

static void dab(Fixture *f, HilumVec3 mm)
{
  send(f, HILUM_TOOL_PRESS, mm, 0, 0);
  send(f, HILUM_TOOL_RELEASE, mm, 0, 0);
}

/* A large brush at the ball's border paints the ball alone, also when the stroke leaves it. */
static void test_smart_brush(Fixture *f, gconstpointer data)
{
  const HilumVec3 border = {20, 20, 27};
  take_tool(f, HILUM_TOOL_BRUSH);
  g_object_set(f->tool, "radius-mm", 6.0, NULL);
  dab(f, border);
  uint64_t plain = count(f, 1);
  undo(f);
  g_object_set(f->tool, "smart", HILUM_SMART_SD, NULL);
  send(f, HILUM_TOOL_PRESS, border, 0, 0);
  send(f, HILUM_TOOL_DRAG, AIR, 0, 0);
  send(f, HILUM_TOOL_RELEASE, AIR, 0, 0);
  uint64_t smart = count(f, 1);
  g_assert_true(smart > 0 && smart < plain);
  HilumVolume *volume = hilum_workspace_get_active_volume(f->workspace);
  HilumLabelMap *labels = hilum_workspace_get_labels(f->workspace);
  for (HilumVoxel v = {0, 0, 18}; v.j < 40; v.j++)
    for (v.i = 0; v.i < 48; v.i++)
      if (hilum_label_map_get(labels, v)) g_assert_cmpfloat(hilum_volume_get_value(volume, v), ==, 200);
  undo(f);
  /* A tolerance that takes in both tissues is a plain brush. */
  g_object_set(f->tool, "smart", HILUM_SMART_TOLERANCE, "tolerance", 500.0, NULL);
  dab(f, border);
  g_assert_cmpuint(count(f, 1), ==, plain);
}

static void test_limits_and_badges(Fixture *f, gconstpointer data)
{
  uint64_t both = threshold(f);
  hilum_workspace_set_active(f->workspace, 2);
  take_tool(f, HILUM_TOOL_BRUSH);
  g_object_set(f->tool, "radius-mm", 3.0, NULL);
  HilumEditLimits limits = {.has_range = true, .lo = 100, .hi = 300};
  hilum_workspace_set_limits(f->workspace, &limits);
  dab(f, AIR);
  g_assert_cmpuint(count(f, 2), ==, 0);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "100 to 300 HU"));
  dab(f, BALL);
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
  g_assert_cmpuint(count(f, 2), >, 0);
  undo(f);
  limits = (HilumEditLimits){.where = HILUM_EDIT_INSIDE, .other = 1};
  hilum_workspace_set_limits(f->workspace, &limits);
  dab(f, AIR);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "inside Parenchyma"));
  /* The lasso obeys, too: of a square over everything only the parenchyma changes hands. */
  take_tool(f, HILUM_TOOL_LASSO);
  square(f, -3, -3, 60, 60);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  uint64_t slice = count(f, 2);
  g_assert_cmpuint(slice, ==, both - count(f, 1));
  undo(f);
  /* Thresholding replaces only what may change: the rest of the structure stays. */
  hilum_workspace_set_active(f->workspace, 1);
  limits = (HilumEditLimits){.has_range = true, .lo = 100, .hi = 300};
  hilum_workspace_set_limits(f->workspace, &limits);
  take_tool(f, HILUM_TOOL_THRESHOLD);
  g_object_set(f->tool, "lo", -10.0, "hi", 10.0, NULL);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, 0); /* 200 HU may go, 0 HU may not come */
  undo(f);
  limits = (HilumEditLimits){0};
  hilum_workspace_set_limits(f->workspace, &limits);

  /* Locked, hidden, nothing there, nothing selected. */
  take_tool(f, HILUM_TOOL_ERASE);
  dab(f, AIR);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "no voxel of Parenchyma"));
  HilumStructure *parenchyma = hilum_case_get_structure(f->the_case, 1);
  hilum_case_set_structure_visible(f->the_case, parenchyma, false);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "hidden"));
  uint64_t before = count(f, 1);
  dab(f, BALL);
  g_assert_cmpuint(count(f, 1), ==, before);
  hilum_case_set_structure_visible(f->the_case, parenchyma, true);
  g_assert_true(hilum_case_lock_structure(f->the_case, parenchyma, true, NULL));
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "Parenchyma is locked"));
  dab(f, BALL);
  g_assert_cmpuint(count(f, 1), ==, before);
  hilum_workspace_set_active(f->workspace, 2);
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
  take_tool(f, HILUM_TOOL_BRUSH);
  dab(f, BALL); /* all of it is the locked parenchyma's */
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "locked"));
  hilum_workspace_set_active(f->workspace, 0);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "No structure"));
}

static void test_split(Fixture *f, gconstpointer data)
{
  uint64_t both = threshold(f);
  size_t depth = steps(f);
  take_tool(f, HILUM_TOOL_ISLANDS);
  g_object_set(f->tool, "action", HILUM_ISLANDS_SPLIT_CLICKED, NULL);
  send(f, HILUM_TOOL_PRESS, OTHER, 0, 0);
  run_waiting(f);
  uint64_t part = count(f, 3);
  g_assert_true(part > 0 && part < both / 2);
  g_assert_cmpuint(count(f, 1), ==, both - part);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  HilumStructure *made = hilum_case_get_structure(f->the_case, 3);
  g_assert_cmpstr(hilum_structure_get_name(made), ==, "Parenchyma 2");
  undo(f);
  g_assert_null(hilum_case_get_structure(f->the_case, 3));
  g_assert_cmpuint(count(f, 1), ==, both);
}

/* The matrix says what hilum_camera_project() says. */
static void test_screen_matrix(void)
{
  HilumCamera camera = hilum_camera_new();
  for (int n = 0; n < 20; n++) {
    camera.orthographic = n & 1;
    camera.target_mm = hilum_vec3(10 * n, -5 * n, 3);
    hilum_camera_rotate(&camera, HILUM_ORBIT_TRACKBALL, 100, 100, 130 + 7 * n, 90 - n, W, H);
    const HilumMat4 screen = hilum_camera_screen_matrix(&camera, W, H);
    const HilumVec3 p = hilum_vec3(10 * n + 40 - 3 * n, -5 * n + 20, 30 - 4 * n);
    double x, y;
    g_assert_true(hilum_camera_project(&camera, p, W, H, &x, &y));
    const HilumVec3 q = hilum_mat4_transform_point(screen, p);
    g_assert_cmpfloat_with_epsilon(q.x, x, 1e-8);
    g_assert_cmpfloat_with_epsilon(q.y, y, 1e-8);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/view/draw/lasso-clicks", test_lasso_clicks);
  ADD("/view/draw/lasso-drag-and-escape", test_lasso_drag_and_escape);
  ADD("/view/draw/lasso-follows-zoom", test_lasso_follows_zoom);
  ADD("/view/draw/scissors-in-3d", test_scissors_in_3d);
  ADD("/view/draw/scissors-keep-their-view", test_scissors_keep_their_view);
  ADD("/view/draw/scissors-reach", test_scissors_reach);
  ADD("/view/draw/scissors-all", test_scissors_all);
  ADD("/view/draw/level-trace", test_level_trace);
  ADD("/view/draw/smart-brush", test_smart_brush);
  ADD("/view/draw/limits-and-badges", test_limits_and_badges);
  ADD("/view/draw/split", test_split);
  g_test_add_func("/view/draw/screen-matrix", test_screen_matrix);
  return g_test_run();
}
