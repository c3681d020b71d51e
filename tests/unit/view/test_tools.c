/* Tools as a user's hand drives them, with no display: events in, labels and previews out. */
#include "tool_fixture.h"

static void test_grow(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GROW);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  g_assert_true(send(f, HILUM_TOOL_PRESS, BALL, 0, 0));
  g_assert_true(hilum_tool_get_busy(f->tool));
  /* The hand goes on while the first preview is computed: settings are taken up after it, by one more job. */
  double before, after;
  g_object_get(f->tool, "tolerance", &before, NULL);
  send(f, HILUM_TOOL_DRAG, BALL, -10, 0);
  send(f, HILUM_TOOL_DRAG, BALL, -40, 0);
  g_object_get(f->tool, "tolerance", &after, NULL);
  g_assert_cmpfloat(after, >, before * 1.2); /* up widens */
  g_assert_cmpint(f->jobs, ==, 1);
  run_waiting(f);
  g_assert_cmpint(f->jobs, ==, 2);
  send(f, HILUM_TOOL_RELEASE, BALL, -40, 0);
  const HilumPreview *preview = hilum_workspace_get_preview(f->workspace);
  g_assert_cmpint(preview->kind, ==, HILUM_PREVIEW_MASK);
  uint64_t seen = hilum_mask_count(preview->mask);
  g_assert_cmpuint(count(f, 1), ==, 0); /* nothing is written yet */
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  size_t depth = steps(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, seen);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  g_assert_cmpstr(hilum_history_get_undo_label(hilum_case_get_history(f->the_case)), ==, "Grow Parenchyma");
  g_assert_cmpint(preview->kind, ==, HILUM_PREVIEW_NONE);
  undo(f);
  g_assert_cmpuint(count(f, 1), ==, 0);
}

/* Every limit of growth acts on the preview as it is set. */
static void test_grow_limits(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GROW);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  run_waiting(f);
  const HilumPreview *preview = hilum_workspace_get_preview(f->workspace);
  const uint64_t one = hilum_mask_count(preview->mask);
  /* Shift+click adds a seed, a plain click starts anew. */
  send(f, HILUM_TOOL_PRESS, OTHER, 0, HILUM_MODIFIER_SHIFT);
  send(f, HILUM_TOOL_RELEASE, OTHER, 0, HILUM_MODIFIER_SHIFT);
  run_waiting(f);
  const uint64_t both = hilum_mask_count(preview->mask);
  g_assert_cmpuint(both, >, one);
  HilumVec3 seed;
  g_assert_true(hilum_tool_grow_get_seed(f->tool, &seed));
  g_assert_cmpfloat(hilum_vec3_distance(seed, BALL), <, 1);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  run_waiting(f);
  g_assert_cmpuint(hilum_mask_count(preview->mask), ==, one);

  g_object_set(f->tool, "radius-mm", 5.0, NULL);
  run_waiting(f);
  const uint64_t near = hilum_mask_count(preview->mask);
  g_assert_cmpuint(near, <, one / 3);
  g_object_set(f->tool, "radius-mm", 0.0, "use-confidence", TRUE, NULL);
  run_waiting(f);
  g_assert_cmpuint(hilum_mask_count(preview->mask), ==, one); /* the ball is flat: so is its range */
  g_assert_nonnull(strstr(hilum_tool_get_status(f->tool), "199 to 201"));
  /* Dragging does not touch a tolerance that is not in use. */
  double before, after;
  g_object_get(f->tool, "tolerance", &before, NULL);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_DRAG, BALL, -40, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, -40, 0);
  run_waiting(f);
  g_object_get(f->tool, "tolerance", &after, NULL);
  g_assert_cmpfloat(after, ==, before);

  /* A range from a button goes before both; over everything, only the barrier holds growth in. */
  hilum_tool_set_range(f->tool, -100, 300);
  run_waiting(f);
  g_assert_cmpuint(hilum_mask_count(preview->mask), ==, 48 * 40 * 36);
  gboolean confidence, tolerance;
  g_object_get(f->tool, "use-confidence", &confidence, "use-tolerance", &tolerance, NULL);
  g_assert_false(confidence || tolerance);
  g_object_set(f->tool, "barrier", 30.0, NULL);
  run_waiting(f);
  g_assert_cmpuint(hilum_mask_count(preview->mask), <=, one);
  g_assert_cmpuint(hilum_mask_count(preview->mask), >, one / 2);
}

/* Edits limited to a structure fence growth in: it does not pass through what it may not change. */
static void test_grow_fence(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_BRUSH);
  hilum_workspace_set_active(f->workspace, 2);
  g_object_set(f->tool, "radius-mm", 4.0, "ball", TRUE, NULL);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  const uint64_t painted = count(f, 2);
  hilum_workspace_set_active(f->workspace, 1);
  take_tool(f, HILUM_TOOL_GROW);
  HilumEditLimits limits = {.where = HILUM_EDIT_INSIDE, .other = 2};
  hilum_workspace_set_limits(f->workspace, &limits);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  run_waiting(f);
  const HilumPreview *preview = hilum_workspace_get_preview(f->workspace);
  g_assert_cmpuint(hilum_mask_count(preview->mask), ==, painted);
  limits.where = HILUM_EDIT_OUTSIDE; /* the seed itself is fenced off */
  hilum_workspace_set_limits(f->workspace, &limits);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  run_waiting(f);
  g_assert_cmpint(f->failures, ==, 1);
}

static void test_grow_cancel(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GROW);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  hilum_tool_cancel(f->tool);
  run_waiting(f); /* the result comes too late */
  g_assert_cmpint(hilum_workspace_get_preview(f->workspace)->kind, ==, HILUM_PREVIEW_NONE);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  g_assert_false(hilum_tool_get_busy(f->tool));
  g_assert_cmpint(f->failures, ==, 0);
  g_assert_true(send(f, HILUM_TOOL_PRESS, BALL, 0, 0));
  run_waiting(f);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
}

/* Shift+click near the edge of the ball: from the valley between ball and air. */
static void test_suggest(Fixture *f, gconstpointer data)
{
  double lo, hi;
  take_tool(f, HILUM_TOOL_THRESHOLD);
  g_assert_true(send(f, HILUM_TOOL_PRESS, hilum_vec3(20, 20, 27), 0, HILUM_MODIFIER_SHIFT));
  g_object_get(f->tool, "lo", &lo, "hi", &hi, NULL);
  g_assert_cmpfloat(lo, >, 50);
  g_assert_cmpfloat(lo, <, 150);
  g_assert_cmpfloat(hi, ==, 200);
  g_assert_true(send(f, HILUM_TOOL_PRESS, BALL, 0, 0)); /* flat: as a plain click has it */
  g_object_get(f->tool, "lo", &lo, "hi", &hi, NULL);
  g_assert_cmpfloat(lo, ==, 199);
  g_assert_cmpfloat(hi, ==, 201);
}

static void test_threshold(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_THRESHOLD);
  g_assert_cmpint(hilum_workspace_get_preview(f->workspace)->kind, ==, HILUM_PREVIEW_RANGE);
  g_object_set(f->tool, "lo", 150.0, "hi", 250.0, NULL);
  g_assert_cmpint(f->jobs, ==, 0); /* live without any */
  g_assert_nonnull(strstr(hilum_tool_get_status(f->tool), " ml in range"));
  hilum_tool_apply(f->tool);
  run_waiting(f);
  uint64_t both = count(f, 1);
  g_assert_cmpuint(both, >, 2000);
  /* The range is remembered in the same step, and goes with it. */
  HilumStructure *structure = hilum_case_get_structure(f->the_case, 1);
  const HilumStructureBoundary range = {150, 250, 0};
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(structure), &range));
  g_assert_true(hilum_history_undo(hilum_case_get_history(f->the_case), NULL));
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(structure)));
  g_assert_true(hilum_history_redo(hilum_case_get_history(f->the_case), NULL));
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(structure), &range));
  double hi;
  g_object_set(f->tool, "lo", 400.0, NULL); /* the ends never cross */
  g_object_get(f->tool, "hi", &hi, NULL);
  g_assert_cmpfloat(hi, ==, 400);
  g_assert_false(hilum_tool_get_can_apply(f->tool)); /* nothing has 400 HU */
  double lo;
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0); /* a click takes the range around it */
  g_object_get(f->tool, "lo", &lo, "hi", &hi, NULL);
  g_assert_true(lo <= 200 && hi >= 200 && lo > 100);
  hilum_workspace_set_tool(f->workspace, NULL);
  g_assert_cmpint(hilum_workspace_get_preview(f->workspace)->kind, ==, HILUM_PREVIEW_NONE);
}

static void test_brush_is_one_step(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_BRUSH);
  g_object_set(f->tool, "radius-mm", 3.0, NULL);
  size_t depth = steps(f);
  g_assert_true(send(f, HILUM_TOOL_PRESS, AIR, 0, 0));
  uint64_t dab = count(f, 1);
  g_assert_cmpuint(dab, >, 20); /* live, before release */
  for (int i = 1; i <= 5; i++)
    send(f, HILUM_TOOL_DRAG, hilum_vec3(25 + 2 * i, 5 + i, 27), 0, 0);
  uint64_t stroke = count(f, 1);
  g_assert_cmpuint(stroke, >, dab);
  send(f, HILUM_TOOL_RELEASE, AIR, 0, 0);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  g_assert_cmpstr(hilum_history_get_undo_label(hilum_case_get_history(f->the_case)), ==, "Brush Parenchyma");
  undo(f);
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_true(hilum_history_redo(hilum_case_get_history(f->the_case), NULL));
  g_assert_cmpuint(count(f, 1), ==, stroke);
  /* A stroke over what is there already changes nothing and leaves no step. */
  send(f, HILUM_TOOL_PRESS, AIR, 0, 0);
  send(f, HILUM_TOOL_RELEASE, AIR, 0, 0);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  take_tool(f, HILUM_TOOL_ERASE);
  g_object_set(f->tool, "radius-mm", 2.0, NULL);
  send(f, HILUM_TOOL_PRESS, AIR, 0, 0);
  send(f, HILUM_TOOL_RELEASE, AIR, 0, 0);
  g_assert_cmpuint(count(f, 1), <, stroke);
  g_assert_cmpuint(steps(f), ==, depth + 2);
  g_assert_cmpint(f->jobs, ==, 0);
}

static void test_brush_cancel_and_locks(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_BRUSH);
  size_t depth = steps(f);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_DRAG, OTHER, 0, 0);
  g_assert_cmpuint(count(f, 1), >, 0);
  hilum_tool_cancel(f->tool);
  g_assert_cmpuint(count(f, 1), ==, 0);
  g_assert_cmpuint(steps(f), ==, depth);
  send(f, HILUM_TOOL_DRAG, OTHER, 0, 0); /* the button is still down: nothing */
  g_assert_cmpuint(count(f, 1), ==, 0);
  /* Voxels of a locked structure stay. */
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  uint64_t first = count(f, 1);
  HilumStructure *parenchyma = hilum_case_get_structure(f->the_case, 1);
  g_assert_true(hilum_case_lock_structure(f->the_case, parenchyma, true, NULL));
  hilum_workspace_set_active(f->workspace, 2);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_DRAG, OTHER, 0, 0);
  send(f, HILUM_TOOL_RELEASE, OTHER, 0, 0);
  g_assert_cmpuint(count(f, 1), ==, first);
  g_assert_cmpuint(count(f, 2), >, 0);
  /* Painting into a locked one says so. */
  hilum_workspace_set_active(f->workspace, 1);
  send(f, HILUM_TOOL_PRESS, AIR, 0, 0);
  g_assert_cmpint(f->failures, ==, 1);
  g_assert_cmpuint(count(f, 1), ==, first);
}

static void test_brush_size_and_ring(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_BRUSH);
  g_assert_cmpfloat(hilum_tool_get_ring_mm(f->tool), ==, 4);
  HilumToolEvent e = {.type = HILUM_TOOL_RESIZE, .scroll = 1};
  for (int i = 0; i < 200; i++)
    g_assert_true(hilum_tool_handle(f->tool, &e));
  g_assert_cmpfloat(hilum_tool_get_ring_mm(f->tool), ==, 50);
  e.scroll = -1;
  for (int i = 0; i < 200; i++)
    hilum_tool_handle(f->tool, &e);
  g_assert_cmpfloat(hilum_tool_get_ring_mm(f->tool), ==, 0.2);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0); /* smaller than a voxel still paints the one under it */
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  g_assert_cmpuint(count(f, 1), ==, 1);
}

static void test_islands(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_THRESHOLD);
  g_object_set(f->tool, "lo", 150.0, "hi", 250.0, NULL);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  uint64_t both = count(f, 1);
  take_tool(f, HILUM_TOOL_ISLANDS);
  send(f, HILUM_TOOL_PRESS, AIR, 0, 0); /* nothing there: said, not done */
  run_waiting(f);
  g_assert_cmpint(f->failures, ==, 1);
  g_assert_cmpuint(count(f, 1), ==, both);
  send(f, HILUM_TOOL_PRESS, OTHER, 0, 0);
  run_waiting(f);
  uint64_t small = count(f, 1);
  g_assert_true(small > 0 && small < both / 2);
  undo(f);
  g_object_set(f->tool, "action", HILUM_ISLANDS_REMOVE_CLICKED, NULL);
  send(f, HILUM_TOOL_PRESS, OTHER, 0, 0);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, both - small);
  undo(f);
  g_object_set(f->tool, "action", HILUM_ISLANDS_KEEP_LARGEST, NULL);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, both - small);
  undo(f);
  g_object_set(f->tool, "action", HILUM_ISLANDS_REMOVE_BELOW, "min-ml", 1.0,
               NULL); /* the small one has 0.9 ml */
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, both - small);
}

static void test_stale_apply(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_GROW);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  HilumToolJob *job = g_steal_pointer(&f->waiting);
  /* The labels change under the job, where it wants to write. */
  HilumLabelMap *map = hilum_workspace_get_labels(f->workspace);
  g_autoptr(HilumLabelSnapshot) now = hilum_label_map_snapshot(map);
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_label_map_get_grid(map)->dims, NULL);
  hilum_mask_fill(mask, true);
  HilumLabelWrite write = {.label = 2, .mode = HILUM_LABEL_ADD};
  g_autoptr(HilumLabelDelta) delta = hilum_label_delta_new_from_mask(now, mask, NULL, &write, NULL, NULL);
  g_assert_true(hilum_workspace_commit(f->workspace, "All", delta, NULL));
  uint64_t all = count(f, 2);
  hilum_tool_job_run(job);
  hilum_tool_job_unref(job);
  g_assert_cmpint(f->failures, ==, 1);
  g_assert_cmpuint(count(f, 2), ==, all);
  g_assert_cmpuint(count(f, 1), ==, 0);
}

static void test_window_and_take(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_WINDOW);
  HilumWindowLevel before = hilum_workspace_get_window(f->workspace);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_DRAG, OTHER, -30, 0);
  HilumWindowLevel during = hilum_workspace_get_window(f->workspace);
  g_assert_cmpfloat(during.width, >, before.width);
  g_assert_cmpfloat(during.level, >, before.level);
  hilum_tool_cancel(f->tool); /* Esc in mid-drag puts it back */
  g_assert_cmpfloat(hilum_workspace_get_window(f->workspace).width, ==, before.width);
  hilum_workspace_set_active(f->workspace, 2);
  take_tool(f, HILUM_TOOL_BRUSH);
  send(f, HILUM_TOOL_PRESS, BALL, 0, 0);
  send(f, HILUM_TOOL_RELEASE, BALL, 0, 0);
  hilum_workspace_set_active(f->workspace, 1);
  uint64_t voxels = count(f, 2);
  g_assert_true(send(f, HILUM_TOOL_PRESS, BALL, 0, HILUM_MODIFIER_CONTROL));
  send(f, HILUM_TOOL_RELEASE, BALL, 0, HILUM_MODIFIER_CONTROL);
  g_assert_cmpint(hilum_workspace_get_active(f->workspace), ==, 2);
  g_assert_cmpuint(count(f, 2), ==, voxels); /* taken, not painted */
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/view/tools/grow", test_grow);
  ADD("/view/tools/grow-limits", test_grow_limits);
  ADD("/view/tools/grow-fence", test_grow_fence);
  ADD("/view/tools/suggest", test_suggest);
  ADD("/view/tools/grow-cancel", test_grow_cancel);
  ADD("/view/tools/threshold", test_threshold);
  ADD("/view/tools/brush-one-step", test_brush_is_one_step);
  ADD("/view/tools/brush-cancel-and-locks", test_brush_cancel_and_locks);
  ADD("/view/tools/brush-size", test_brush_size_and_ring);
  ADD("/view/tools/islands", test_islands);
  ADD("/view/tools/stale-apply", test_stale_apply);
  ADD("/view/tools/window-and-take", test_window_and_take);
  return g_test_run();
}
