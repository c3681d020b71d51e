/* The vessel tool without a display: courses, trees, an artery from a vein; points taken back, dropped and
 * refused. */
#include "tool_fixture.h"

/* An artery and a vein along x, 200 HU in 0 HU, 4 mm thick, that touch all along. */
#define ARTERY_Y 14.0
#define VEIN_Y 22.0
#define AXIS_Z 27.0
#define RADIUS 4.0

static const HilumVec3 ROOT = {6, ARTERY_Y, AXIS_Z}, TIP = {40, ARTERY_Y, AXIS_Z},
                       VEIN = {24, VEIN_Y, AXIS_Z};

static double off_axis(HilumVec3 p, double y)
{
  return hypot(p.y - y, p.z - AXIS_Z);
}

static HilumVolume *vessels(void)
{
  const HilumGrid grid = hilum_grid_new(48, 40, 36, 1, 1, 1.5);
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (HilumVoxel v = {0, 0, 0}; v.k < 36; v.k++)
    for (v.j = 0; v.j < 40; v.j++)
      for (v.i = 0; v.i < 48; v.i++) {
        const HilumVec3 p = hilum_grid_voxel_to_mm(&grid, v);
        if (off_axis(p, ARTERY_Y) < RADIUS || off_axis(p, VEIN_Y) < RADIUS)
          voxels[hilum_grid_offset(&grid, v)] = 200;
      }
  return hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
}

static void begin(Fixture *f, gconstpointer data)
{
  g_autoptr(HilumVolume) volume = vessels();
  set_up_with(f, volume);
  hilum_workspace_set_active(f->workspace, 1);
  take_tool(f, HILUM_TOOL_VESSEL);
}

static void click(Fixture *f, HilumVec3 at, unsigned modifiers)
{
  g_assert_true(send(f, HILUM_TOOL_PRESS, at, 0, modifiers));
  g_assert_true(send(f, HILUM_TOOL_RELEASE, at, 0, modifiers));
  run_waiting(f);
}

static HilumPreviewKind preview(Fixture *f)
{
  return hilum_workspace_get_preview(f->workspace)->kind;
}

static guint pieces(Fixture *f)
{
  g_autoptr(GArray) strokes = g_array_new(FALSE, FALSE, sizeof(HilumToolStroke));
  hilum_tool_get_strokes(f->tool, HILUM_SLICE_AXIAL, strokes);
  return strokes->len;
}

/* Voxels of a label, and how many of them lie in the vessel at y. */
static uint64_t in_vessel(Fixture *f, uint8_t label, double y)
{
  HilumLabelMap *labels = hilum_workspace_get_labels(f->workspace);
  const HilumGrid *grid = hilum_label_map_get_grid(labels);
  uint64_t n = 0;
  for (HilumVoxel v = {0, 0, 0}; v.k < 36; v.k++)
    for (v.j = 0; v.j < 40; v.j++)
      for (v.i = 0; v.i < 48; v.i++)
        n += hilum_label_map_get(labels, v) == label &&
             off_axis(hilum_grid_voxel_to_mm(grid, v), y) < RADIUS + 0.5;
  return n;
}

/* The root, a course under the pointer, the tip, Enter: one step. */
static void test_course(Fixture *f, gconstpointer data)
{
  click(f, ROOT, 0);
  g_assert_cmpint(f->jobs, ==, 1); /* the ways for the pointer */
  g_assert_cmpuint(pieces(f), ==, 1);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_NONE);
  send(f, HILUM_TOOL_HOVER, TIP, 0, 0);
  g_assert_cmpuint(pieces(f), >, 20);
  send(f, HILUM_TOOL_LEAVE, TIP, 0, 0);
  g_assert_cmpuint(pieces(f), ==, 1);
  click(f, TIP, 0);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_MASK);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  g_assert_nonnull(strstr(hilum_tool_get_status(f->tool), "mm long"));
  g_assert_cmpuint(count(f, 1), ==, 0);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(steps(f), >, 0);
  const size_t after = steps(f);
  const uint64_t voxels = count(f, 1);
  /* 34 of a tube of 4 mm: 1140 voxels of 1.5 mm3, and none of the vein beyond where they touch. */
  g_assert_cmpuint(voxels, >, 900);
  g_assert_cmpuint(voxels, <, 1400);
  g_assert_cmpuint(in_vessel(f, 1, ARTERY_Y), >, voxels * 95 / 100);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_NONE);
  g_assert_cmpuint(pieces(f), ==, 0);
  undo(f);
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_cmpuint(steps(f), ==, after - 1);
  g_assert_cmpint(f->failures, ==, 0);
}

/* A third point goes on from the tree; Backspace and Esc. */
static void test_back(Fixture *f, gconstpointer data)
{
  click(f, ROOT, 0);
  click(f, hilum_vec3(24, ARTERY_Y, AXIS_Z), 0);
  const uint64_t serial = hilum_workspace_get_preview(f->workspace)->serial;
  click(f, TIP, 0);
  g_assert_cmpuint(hilum_workspace_get_preview(f->workspace)->serial, >, serial);
  g_assert_true(hilum_tool_step_back(f->tool));
  run_waiting(f);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  g_assert_true(hilum_tool_step_back(f->tool));
  run_waiting(f);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_NONE);
  g_assert_true(hilum_tool_step_back(f->tool));
  g_assert_false(hilum_tool_step_back(f->tool));
  click(f, ROOT, 0);
  click(f, TIP, 0);
  g_assert_true(hilum_tool_back_out(f->tool));
  run_waiting(f);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_NONE);
  g_assert_cmpuint(pieces(f), ==, 0);
  g_assert_false(hilum_tool_back_out(f->tool));
  g_assert_cmpuint(count(f, 1), ==, 0);
}

/* What comes while a job runs is taken up after it. */
static void test_busy(Fixture *f, gconstpointer data)
{
  send(f, HILUM_TOOL_PRESS, ROOT, 0, 0);
  send(f, HILUM_TOOL_PRESS, TIP, 0, 0);
  run_waiting(f);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_MASK);
  /* Dropped while its job is under way: nothing comes of it. */
  hilum_tool_apply(f->tool);
  g_assert_nonnull(f->waiting);
  hilum_tool_cancel(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_NONE);
}

static void test_tree(Fixture *f, gconstpointer data)
{
  g_object_set(f->tool, "follow", HILUM_VESSEL_TREE, NULL);
  click(f, TIP, 0);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_MASK);
  g_assert_nonnull(strstr(hilum_tool_get_status(f->tool), "lumen"));
  hilum_tool_apply(f->tool);
  run_waiting(f);
  const uint64_t voxels = count(f, 1);
  g_assert_cmpuint(voxels, >, 1200);
  g_assert_cmpuint(in_vessel(f, 1, ARTERY_Y), >, voxels * 95 / 100);
  /* A largest radius that the vessel does not have is an error, and the point goes. */
  undo(f);
  g_object_set(f->tool, "widest-mm", 2.0, NULL);
  click(f, TIP, 0);
  g_assert_cmpint(f->failures, ==, 1);
  g_assert_cmpuint(pieces(f), ==, 0);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
}

/* Both as one structure; the vein becomes another one, in one step. */
static void test_apart(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_THRESHOLD);
  hilum_tool_set_range(f->tool, 100, 300);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  const uint64_t both = count(f, 1);
  g_assert_cmpuint(both, >, 2500);
  take_tool(f, HILUM_TOOL_VESSEL);
  g_object_set(f->tool, "follow", HILUM_VESSEL_APART, NULL);
  click(f, TIP, 0);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_NONE);
  click(f, VEIN, HILUM_MODIFIER_SHIFT);
  g_assert_cmpint(preview(f), ==, HILUM_PREVIEW_MASK);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  const size_t before = steps(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(steps(f), ==, before + 1);
  g_assert_cmpuint(count(f, 1) + count(f, 3), ==, both);
  g_assert_cmpuint(in_vessel(f, 1, ARTERY_Y), >, count(f, 1) * 95 / 100);
  g_assert_cmpuint(in_vessel(f, 3, VEIN_Y), >, count(f, 3) * 95 / 100);
  undo(f);
  g_assert_cmpuint(count(f, 1), ==, both);
  g_assert_null(hilum_case_get_structure(f->the_case, 3));
}

/* A badge says why nothing happens. */
static void test_limits(Fixture *f, gconstpointer data)
{
  const HilumEditLimits limits = {.has_range = true, .lo = 500, .hi = 600};
  hilum_workspace_set_limits(f->workspace, &limits);
  g_object_set(f->tool, "follow", HILUM_VESSEL_TREE, NULL);
  click(f, TIP, 0);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "range"));
  const HilumEditLimits none = {0};
  hilum_workspace_set_limits(f->workspace, &none);
  run_waiting(f);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  g_assert_cmpstr(hilum_tool_get_badge(f->tool), ==, "");
  /* No vessel where there is only air. */
  click(f, hilum_vec3(24, 36, AXIS_Z), 0);
  g_assert_cmpint(f->failures, ==, 1);
  g_assert_cmpuint(pieces(f), ==, 0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD_VESSEL(path, function) g_test_add(path, Fixture, NULL, begin, function, tear_down)
  ADD_VESSEL("/vessel-tool/course", test_course);
  ADD_VESSEL("/vessel-tool/back", test_back);
  ADD_VESSEL("/vessel-tool/busy", test_busy);
  ADD_VESSEL("/vessel-tool/tree", test_tree);
  ADD_VESSEL("/vessel-tool/apart", test_apart);
  ADD_VESSEL("/vessel-tool/limits", test_limits);
  return g_test_run();
}
