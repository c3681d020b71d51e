/* Growing from seeds as a hand drives it, with no display: strokes, previews, undo of strokes, one step of
 * the history, locks and limits, and strokes that outlive another tool. */
#include "tool_fixture.h"

enum { BALL_LABEL = 1, OTHER_LABEL = 2 };

static void stroke(Fixture *f, HilumVec3 from, HilumVec3 to, unsigned modifiers)
{
  send(f, HILUM_TOOL_PRESS, from, 0, modifiers);
  for (int n = 1; n <= 8; n++)
    send(f, HILUM_TOOL_DRAG, hilum_vec3_lerp(from, to, n / 8.0), 0, modifiers);
  send(f, HILUM_TOOL_RELEASE, to, 0, modifiers);
}

static void stroke_in_ball(Fixture *f)
{
  hilum_workspace_set_active(f->workspace, BALL_LABEL);
  stroke(f, hilum_vec3(10, 20, 27), hilum_vec3(18, 20, 27), 0);
}

static void stroke_in_other(Fixture *f)
{
  hilum_workspace_set_active(f->workspace, OTHER_LABEL);
  stroke(f, hilum_vec3(34, 20, 27), hilum_vec3(38, 20, 27), 0);
}

static void stroke_in_air(Fixture *f)
{
  stroke(f, hilum_vec3(4, 4, 27), hilum_vec3(44, 4, 27), HILUM_MODIFIER_SHIFT);
}

static const HilumPreview *preview(Fixture *f)
{
  return hilum_workspace_get_preview(f->workspace);
}

static uint64_t previewed(Fixture *f, uint8_t label)
{
  g_assert_cmpint(preview(f)->kind, ==, HILUM_PREVIEW_LABELS);
  return hilum_label_snapshot_count(preview(f)->labels, label);
}

/* Bright voxels of the ball round a point. */
static uint64_t bright(HilumVec3 center)
{
  g_autoptr(HilumVolume) volume = balls();
  const HilumGrid *g = hilum_volume_get_grid(volume);
  uint64_t n = 0;
  for (HilumVoxel v = {0, 0, 0}; v.k < g->dims[2]; v.k++)
    for (v.j = 0; v.j < g->dims[1]; v.j++)
      for (v.i = 0; v.i < g->dims[0]; v.i++)
        n += hilum_volume_get_voxels(volume)[hilum_grid_offset(g, v)] == 200 &&
             hilum_vec3_distance(hilum_grid_voxel_to_mm(g, v), center) < 10;
  return n;
}

static guint strokes_in(Fixture *f, HilumSlicePlane plane)
{
  g_autoptr(GArray) strokes = g_array_new(FALSE, FALSE, sizeof(HilumToolStroke));
  hilum_tool_get_strokes(f->tool, plane, strokes);
  return strokes->len;
}

static void test_grow(Fixture *f, gconstpointer data)
{
  const size_t depth = steps(f);
  take_tool(f, HILUM_TOOL_SEEDS);
  stroke_in_ball(f);
  g_assert_null(f->waiting); /* one structure alone has no border */
  g_assert_true(hilum_tool_has_own_steps(f->tool));
  g_assert_cmpuint(strokes_in(f, HILUM_SLICE_AXIAL), >, 0);
  g_assert_cmpuint(strokes_in(f, HILUM_SLICE_CORONAL), >, 0); /* a ball swept along it crosses the others */
  stroke_in_air(f);
  run_waiting(f);
  g_assert_cmpuint(previewed(f, BALL_LABEL), >=, bright(BALL));
  g_assert_cmpuint(count(f, BALL_LABEL), ==, 0);

  /* Another stroke gives the second ball to the second structure; taking it back takes it away again. */
  stroke_in_other(f);
  run_waiting(f);
  g_assert_cmpuint(previewed(f, BALL_LABEL), ==, bright(BALL));
  g_assert_cmpuint(previewed(f, OTHER_LABEL), ==, bright(OTHER));
  g_assert_true(hilum_tool_step_back(f->tool));
  run_waiting(f);
  g_assert_cmpuint(previewed(f, OTHER_LABEL), ==, 0);
  stroke_in_other(f);
  run_waiting(f);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  g_assert_cmpuint(count(f, BALL_LABEL), ==, bright(BALL));
  g_assert_cmpuint(count(f, OTHER_LABEL), ==, bright(OTHER));
  g_assert_cmpint(preview(f)->kind, ==, HILUM_PREVIEW_NONE);
  g_assert_false(hilum_tool_has_own_steps(f->tool)); /* undo is the history's now */
  undo(f);
  g_assert_cmpuint(count(f, BALL_LABEL) + count(f, OTHER_LABEL), ==, 0);
  g_assert_true(hilum_tool_get_can_apply(f->tool)); /* the strokes are still there */
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, OTHER_LABEL), ==, bright(OTHER));
  g_assert_cmpint(f->failures, ==, 0);
}

static void test_follows_the_hand(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_SEEDS);
  stroke_in_ball(f);
  stroke_in_air(f);
  HilumToolJob *first = g_steal_pointer(&f->waiting);
  stroke_in_other(f); /* while the first job is under way */
  g_assert_null(f->waiting);
  hilum_tool_job_run(first);
  hilum_tool_job_unref(first);
  g_assert_cmpuint(previewed(f, OTHER_LABEL), ==, 0); /* what is there is shown */
  g_assert_nonnull(f->waiting);                       /* and the next is on its way */
  run_waiting(f);
  g_assert_cmpuint(previewed(f, OTHER_LABEL), ==, bright(OTHER));
  g_assert_cmpint(f->jobs, ==, 2);

  /* A job that was given up leaves nothing behind that the next could trip over. */
  stroke_in_air(f);
  HilumToolJob *given_up = g_steal_pointer(&f->waiting);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  gpointer nothing = hilum_tool_job_work(given_up, &progress, &error);
  hilum_tool_job_done(given_up, nothing, error);
  hilum_tool_job_unref(given_up);
  g_assert_cmpint(f->failures, ==, 0);
  stroke_in_air(f);
  run_waiting(f);
  g_assert_cmpuint(previewed(f, OTHER_LABEL), ==, bright(OTHER));
}

static void test_drop_and_keep(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_SEEDS);
  g_autoptr(HilumTool) seeds = g_object_ref(f->tool);
  stroke_in_ball(f);
  stroke_in_air(f);
  run_waiting(f);
  /* Another tool in between: the strokes are kept, and grown again when they are back in hand. */
  hilum_workspace_set_tool(f->workspace, NULL);
  g_assert_cmpint(preview(f)->kind, ==, HILUM_PREVIEW_NONE);
  hilum_workspace_set_tool(f->workspace, seeds);
  run_waiting(f);
  g_assert_cmpuint(previewed(f, BALL_LABEL), >=, bright(BALL));
  /* A structure that is deleted takes its strokes with it. */
  stroke_in_other(f);
  run_waiting(f);
  const guint before = strokes_in(f, HILUM_SLICE_AXIAL);
  g_assert_true(
      hilum_case_remove_structure(f->the_case, hilum_case_get_structure(f->the_case, OTHER_LABEL), NULL));
  run_waiting(f);
  g_assert_cmpuint(strokes_in(f, HILUM_SLICE_AXIAL), <, before);
  g_assert_cmpuint(previewed(f, BALL_LABEL), >=, bright(BALL));
  /* Esc drops all of it. */
  g_assert_true(hilum_tool_back_out(f->tool));
  g_assert_false(hilum_tool_back_out(f->tool));
  g_assert_cmpuint(strokes_in(f, HILUM_SLICE_AXIAL), ==, 0);
  g_assert_cmpint(preview(f)->kind, ==, HILUM_PREVIEW_NONE);
  g_assert_false(hilum_tool_step_back(f->tool));
}

/* Esc and Enter while a job is under way: what it brings is too late for the one, and is waited for by the
 * other. */
static void test_meanwhile(Fixture *f, gconstpointer data)
{
  const size_t depth = steps(f);
  take_tool(f, HILUM_TOOL_SEEDS);
  stroke_in_ball(f);
  stroke_in_air(f);
  g_assert_true(hilum_tool_back_out(f->tool));
  run_waiting(f);
  g_assert_cmpint(preview(f)->kind, ==, HILUM_PREVIEW_NONE);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  stroke_in_ball(f);
  stroke_in_air(f);
  run_waiting(f);
  stroke_in_other(f);
  HilumToolJob *flying = g_steal_pointer(&f->waiting);
  hilum_tool_apply(f->tool);
  g_assert_null(f->waiting);
  hilum_tool_job_run(flying);
  hilum_tool_job_unref(flying);
  g_assert_cmpuint(steps(f), ==, depth);
  run_waiting(f);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  g_assert_null(f->waiting); /* its own writing asks for nothing */
  g_assert_cmpuint(count(f, OTHER_LABEL), ==, bright(OTHER));
}

/* Strokes, Enter, a stroke that teaches the structure another look, undo: what was applied is what is grown
 * again, and nothing is to be written. */
static void test_undo_after_learning(Fixture *f, gconstpointer data)
{
  take_tool(f, HILUM_TOOL_SEEDS);
  stroke_in_ball(f);
  stroke_in_air(f);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  const uint64_t applied = count(f, BALL_LABEL);
  g_autofree char *said = g_strdup(hilum_tool_get_status(f->tool));
  hilum_workspace_set_active(f->workspace, BALL_LABEL);
  stroke(f, hilum_vec3(8, 34, 27), hilum_vec3(40, 34, 27), 0); /* air, to the ball's strokes */
  run_waiting(f);
  g_assert_cmpuint(previewed(f, BALL_LABEL), >, applied + 1000);
  g_assert_true(hilum_tool_has_own_steps(f->tool));
  g_assert_true(hilum_tool_step_back(f->tool));
  run_waiting(f);
  g_assert_cmpuint(previewed(f, BALL_LABEL), ==, applied);
  g_assert_cmpstr(hilum_tool_get_status(f->tool), ==, said);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, BALL_LABEL), ==, applied);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "Nothing changed"));
}

static void test_locks_and_limits(Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  take_tool(f, HILUM_TOOL_SEEDS);
  stroke_in_other(f);
  stroke_in_ball(f);
  stroke_in_air(f);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, OTHER_LABEL), ==, bright(OTHER));
  /* Locked: neither loses nor gains, whatever its strokes say; nor can it be drawn in. */
  HilumStructure *other = hilum_case_get_structure(f->the_case, OTHER_LABEL);
  g_assert_true(hilum_case_lock_structure(f->the_case, other, true, &error));
  hilum_workspace_set_active(f->workspace, OTHER_LABEL);
  stroke(f, hilum_vec3(10, 20, 27), hilum_vec3(18, 20, 27), 0);
  g_assert_cmpint(f->failures, ==, 1);
  g_assert_cmpint((int)strlen(hilum_tool_get_badge(f->tool)), >, 0);
  stroke_in_ball(f);
  hilum_workspace_set_active(f->workspace, BALL_LABEL);
  stroke(f, hilum_vec3(33, 20, 27), hilum_vec3(39, 20, 27), 0); /* across what is locked */
  run_waiting(f);
  g_assert_cmpuint(previewed(f, OTHER_LABEL), ==, bright(OTHER));
  g_assert_cmpuint(previewed(f, BALL_LABEL), ==, bright(BALL));
  g_assert_true(hilum_tool_back_out(f->tool));
  g_assert_true(hilum_case_lock_structure(f->the_case, other, false, &error));

  /* Only air may change: the balls stay as they are, though their strokes would have them. */
  const HilumEditLimits air = {.has_range = true, .lo = -50, .hi = 50};
  hilum_workspace_set_limits(f->workspace, &air);
  hilum_workspace_set_active(f->workspace, OTHER_LABEL);
  stroke(f, hilum_vec3(4, 35, 27), hilum_vec3(44, 35, 27), 0);
  stroke_in_air(f);
  run_waiting(f);
  g_assert_cmpuint(previewed(f, BALL_LABEL), ==, bright(BALL));
  g_assert_cmpuint(previewed(f, OTHER_LABEL), >, bright(OTHER) + 1000);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/view/seeds/grow", test_grow);
  ADD("/view/seeds/follows-the-hand", test_follows_the_hand);
  ADD("/view/seeds/drop-and-keep", test_drop_and_keep);
  ADD("/view/seeds/meanwhile", test_meanwhile);
  ADD("/view/seeds/undo-after-learning", test_undo_after_learning);
  ADD("/view/seeds/locks-and-limits", test_locks_and_limits);
  return g_test_run();
}
