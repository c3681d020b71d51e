/* The guide's pointer, as a hand moves it with no display: a point in any slice, its mark, and what leaves it
 * alone. */
#include "tool_fixture.h"

#include <math.h>

enum { W = 480, H = 400 };

static void count_notify(GObject *tool, GParamSpec *spec, int *n)
{
  (*n)++;
}

static bool at(Fixture *f, HilumToolEventType type, HilumSlicePlane plane, HilumVec3 mm)
{
  HilumPoint2 p;
  hilum_slice_state_mm_to_widget(hilum_workspace_get_slice(f->workspace, plane), mm, &p.x, &p.y, NULL);
  HilumToolEvent e = hilum_tool_event_at(f->workspace, type, plane, p.x, p.y, W, H, 0);
  return hilum_tool_handle(f->tool, &e);
}

static HilumVec3 point(Fixture *f)
{
  HilumVec3 mm = {NAN, NAN, NAN};
  g_assert_true(hilum_tool_guide_get_point(f->tool, &mm));
  return mm;
}

static void assert_near(HilumVec3 a, HilumVec3 b)
{
  g_assert_cmpfloat(hilum_vec3_distance(a, b), <, 1e-6);
}

/* Middle of the mark in a pane; false if none is drawn there. */
static bool mark(Fixture *f, HilumSlicePlane plane, HilumPoint2 *middle)
{
  HilumToolOutline outline = {.points_px = g_array_new(FALSE, FALSE, sizeof(HilumPoint2))};
  const bool any = hilum_tool_get_outline(f->tool, plane, &outline);
  double lo_x = INFINITY, hi_x = -INFINITY, lo_y = INFINITY, hi_y = -INFINITY;
  for (guint n = 0; n < outline.points_px->len; n++) {
    const HilumPoint2 p = g_array_index(outline.points_px, HilumPoint2, n);
    lo_x = fmin(lo_x, p.x), hi_x = fmax(hi_x, p.x);
    lo_y = fmin(lo_y, p.y), hi_y = fmax(hi_y, p.y);
  }
  g_assert_cmpint(outline.points_px->len > 8, ==, any);
  g_assert_true(outline.closed == any);
  g_array_unref(outline.points_px);
  *middle = (HilumPoint2){(lo_x + hi_x) / 2, (lo_y + hi_y) / 2};
  return any;
}

static void test_click(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GUIDE);
  HilumVec3 mm;
  int told = 0;
  const size_t before = steps(f);
  g_signal_connect(f->tool, "notify::placed", G_CALLBACK(count_notify), &told);
  g_assert_false(hilum_tool_guide_get_point(f->tool, &mm));
  for (int plane = 0; plane < HILUM_SLICE_PLANES; plane++) {
    /* The crosshair is in BALL, so that all three panes show its slices. */
    hilum_workspace_set_cursor_mm(f->workspace, BALL);
    const HilumVec3 aim = hilum_vec3_madd(
        BALL, 3.25, hilum_slice_state_right(hilum_workspace_get_slice(f->workspace, (HilumSlicePlane)plane)));
    g_assert_true(at(f, HILUM_TOOL_PRESS, (HilumSlicePlane)plane, aim));
    g_assert_true(at(f, HILUM_TOOL_RELEASE, (HilumSlicePlane)plane, aim));
    assert_near(point(f), aim);
    g_assert_cmpint(told, ==, plane + 1);
    /* The other planes go to what was hit. */
    assert_near(hilum_workspace_get_cursor_mm(f->workspace), aim);
  }
  g_assert_cmpint(f->jobs, ==, 0);
  g_assert_cmpuint(steps(f), ==, before);
}

/* A drag moves the point until the button is up; the pointer alone moves nothing. */
static void test_drag(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GUIDE);
  g_assert_false(at(f, HILUM_TOOL_HOVER, HILUM_SLICE_AXIAL, BALL));
  g_assert_true(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, BALL));
  g_assert_true(at(f, HILUM_TOOL_DRAG, HILUM_SLICE_AXIAL, OTHER));
  assert_near(point(f), OTHER);
  g_assert_true(at(f, HILUM_TOOL_RELEASE, HILUM_SLICE_AXIAL, OTHER));
  g_assert_false(at(f, HILUM_TOOL_DRAG, HILUM_SLICE_AXIAL, BALL));
  assert_near(point(f), OTHER);
}

/* Drawn where the point is, in every pane whose slice holds it and in no other. */
static void test_mark(Fixture *f, gconstpointer data)
{
  HilumPoint2 seen;
  take_tool(f, HILUM_TOOL_GUIDE);
  g_assert_false(mark(f, HILUM_SLICE_AXIAL, &seen));
  g_assert_true(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, BALL));
  for (int plane = 0; plane < HILUM_SLICE_PLANES; plane++) {
    HilumPoint2 there;
    HilumSliceState s = *hilum_workspace_get_slice(f->workspace, (HilumSlicePlane)plane);
    hilum_slice_state_mm_to_widget(&s, BALL, &there.x, &there.y, NULL);
    g_assert_true(mark(f, (HilumSlicePlane)plane, &seen));
    g_assert_cmpfloat(hypot(seen.x - there.x, seen.y - there.y), <, 1e-6);
    hilum_slice_state_step(&s, 1);
    hilum_workspace_set_slice(f->workspace, &s);
    g_assert_false(mark(f, (HilumSlicePlane)plane, &seen));
  }
  g_assert_false(mark(f, HILUM_SLICE_PLANES, &seen));
}

/* Outside the images a click moves nothing and says so. */
static void test_outside(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GUIDE);
  g_assert_true(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, BALL));
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
  g_assert_true(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, hilum_vec3(-30, 20, 27)));
  g_assert_cmpuint(strlen(hilum_tool_get_badge(f->tool)), >, 10);
  assert_near(point(f), BALL);
  g_assert_true(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, OTHER));
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
}

/* A stage that asks for no point leaves the hand to the pane, in 3D always. */
static void test_not_wanted(Fixture *f, gconstpointer data)
{
  HilumPoint2 seen;
  HilumVec3 mm;
  take_tool(f, HILUM_TOOL_GUIDE);
  const HilumVec3 ball = BALL;
  HilumToolEvent in_3d = {.type = HILUM_TOOL_PRESS, .plane = HILUM_SLICE_PLANES, .inside = true};
  g_assert_false(hilum_tool_handle(f->tool, &in_3d));
  hilum_tool_guide_set_point(f->tool, &ball);
  g_object_set(f->tool, "wanted", FALSE, NULL);
  g_assert_false(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, OTHER));
  g_assert_false(mark(f, HILUM_SLICE_AXIAL, &seen));
  assert_near(point(f), BALL);
  g_object_set(f->tool, "wanted", TRUE, NULL);
  g_assert_true(mark(f, HILUM_SLICE_AXIAL, &seen));
  hilum_tool_guide_set_point(f->tool, NULL);
  g_assert_false(hilum_tool_guide_get_point(f->tool, &mm));
}

/* Undo and other tools leave the point; another case takes it. */
static void test_lasts(Fixture *f, gconstpointer data)
{
  HilumVec3 mm;
  take_tool(f, HILUM_TOOL_GUIDE);
  g_assert_true(at(f, HILUM_TOOL_PRESS, HILUM_SLICE_AXIAL, BALL));
  hilum_tool_cancel(f->tool);
  assert_near(point(f), BALL);
  g_assert_false(at(f, HILUM_TOOL_DRAG, HILUM_SLICE_AXIAL, OTHER));
  hilum_tool_workspace_changed(f->tool, HILUM_CHANGE_CASE);
  g_assert_false(hilum_tool_guide_get_point(f->tool, &mm));
}

/* The badge says what would keep the stage from writing. */
static void test_locked(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GUIDE);
  HilumStructure *structure = hilum_case_get_structure(f->the_case, hilum_workspace_get_active(f->workspace));
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
  g_assert_true(hilum_case_lock_structure(f->the_case, structure, true, NULL));
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "locked"));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/guide-tool/click", test_click);
  ADD("/guide-tool/drag", test_drag);
  ADD("/guide-tool/mark", test_mark);
  ADD("/guide-tool/outside", test_outside);
  ADD("/guide-tool/not-wanted", test_not_wanted);
  ADD("/guide-tool/lasts", test_lasts);
  ADD("/guide-tool/locked", test_locked);
  return g_test_run();
}
