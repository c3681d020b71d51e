/* Splitting as a hand drives it, with no display: pieces, necks and clicks become structures in one step. */
#include "tool_fixture.h"

#include "hilum/segment/split.h"

/* Both balls, and a rod of `half_mm` between them: 0 leaves two pieces. */
static void fill_balls(Fixture *f, double half_mm)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) labels = hilum_case_dup_labels(f->the_case);
  const HilumGrid *g = hilum_label_snapshot_get_grid(labels);
  g_autoptr(HilumMask) mask = hilum_mask_new(g->dims, NULL);
  for (HilumVoxel v = {0, 0, 0}; v.k < g->dims[2]; v.k++)
    for (v.j = 0; v.j < g->dims[1]; v.j++)
      for (v.i = 0; v.i < g->dims[0]; v.i++) {
        const HilumVec3 p = hilum_grid_voxel_to_mm(g, v);
        const bool rod =
            half_mm > 0 && p.x > 14 && p.x < 36 && fabs(p.y - 20) <= half_mm && fabs(p.z - 27) <= half_mm;
        if (rod || hilum_vec3_distance(p, BALL) < 9 || hilum_vec3_distance(p, OTHER) < 6)
          hilum_mask_set(mask, v);
      }
  const HilumLabelWrite write = {.label = 1, .mode = HILUM_LABEL_REPLACE};
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(labels, mask, NULL, &write, NULL, &error);
  g_assert_true(hilum_case_apply_labels(f->the_case, "Balls", delta, &error));
  g_assert_no_error(error);
}

static guint structures(Fixture *f)
{
  return g_list_model_get_n_items(hilum_case_get_structures(f->the_case));
}

static void click(Fixture *f, HilumVec3 mm, unsigned modifiers)
{
  send(f, HILUM_TOOL_PRESS, mm, 0, modifiers);
  send(f, HILUM_TOOL_RELEASE, mm, 0, modifiers);
}

static void test_islands(Fixture *f, gconstpointer data)
{
  fill_balls(f, 0);
  const uint64_t all = count(f, 1);
  const size_t depth = steps(f);
  take_tool(f, HILUM_TOOL_SPLIT);
  g_object_set(f->tool, "method", HILUM_SPLIT_ISLANDS, NULL);
  run_waiting(f);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  g_assert_cmpint(hilum_workspace_get_preview(f->workspace)->kind, ==, HILUM_PREVIEW_LABELS);
  g_assert_cmpuint(count(f, 1), ==, all);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(structures(f), ==, 3);
  g_assert_cmpstr(hilum_structure_get_name(hilum_case_get_structure(f->the_case, 3)), ==, "Parenchyma 2");
  g_assert_cmpuint(count(f, 1) + count(f, 3), ==, all);
  g_assert_cmpuint(count(f, 1), >, count(f, 3));
  g_assert_cmpuint(count(f, 3), >, 0);
  g_assert_cmpuint(steps(f), ==, depth + 1);
  /* What is left is one part; the badge says so and nothing is on offer. */
  run_waiting(f);
  g_object_set(f->tool, "parts", 3, NULL);
  run_waiting(f);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "one part"));
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  undo(f);
  g_assert_cmpuint(count(f, 1), ==, all);
  g_assert_cmpuint(structures(f), ==, 2);
  g_assert_cmpint(f->failures, ==, 0);
}

static void test_necks(Fixture *f, gconstpointer data)
{
  fill_balls(f, 2.1);
  const uint64_t all = count(f, 1);
  take_tool(f, HILUM_TOOL_SPLIT);
  g_object_set(f->tool, "method", HILUM_SPLIT_ISLANDS, NULL);
  run_waiting(f);
  g_assert_false(hilum_tool_get_can_apply(f->tool)); /* it is one piece */
  g_object_set(f->tool, "method", HILUM_SPLIT_NECKS, NULL);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(structures(f), ==, 3);
  g_assert_cmpuint(count(f, 1) + count(f, 3), ==, all);
  g_assert_cmpuint(count(f, 3), >, 500); /* the smaller ball */
}

static void test_clicks(Fixture *f, gconstpointer data)
{
  fill_balls(f, 2.1);
  const uint64_t all = count(f, 1);
  take_tool(f, HILUM_TOOL_SPLIT);
  click(f, AIR, 0);
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "no voxel"));
  click(f, BALL, 0);
  g_assert_null(f->waiting);
  g_assert_true(hilum_tool_has_own_steps(f->tool));
  click(f, OTHER, 0);
  run_waiting(f);
  g_assert_true(hilum_tool_get_can_apply(f->tool));
  g_assert_true(hilum_tool_step_back(f->tool));
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  click(f, OTHER, 0);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(structures(f), ==, 3);
  g_assert_cmpuint(count(f, 1) + count(f, 3), ==, all);
  HilumLabelMap *labels = hilum_workspace_get_labels(f->workspace);
  g_assert_cmpuint(hilum_label_map_get(labels, (HilumVoxel){14, 20, 18}), ==, 1);
  g_assert_cmpuint(hilum_label_map_get(labels, (HilumVoxel){36, 20, 18}), ==, 3);
  g_assert_false(hilum_tool_has_own_steps(f->tool));

  /* The other way round: the part that is clicked first keeps the structure. */
  undo(f);
  click(f, OTHER, 0);
  click(f, BALL, 0);
  click(f, hilum_vec3(10, 20, 27), HILUM_MODIFIER_SHIFT); /* the same part again */
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(hilum_label_map_get(labels, (HilumVoxel){14, 20, 18}), ==, 3);
  g_assert_cmpuint(hilum_label_map_get(labels, (HilumVoxel){36, 20, 18}), ==, 1);
}

static void test_limits_and_locks(Fixture *f, gconstpointer data)
{
  fill_balls(f, 0);
  const uint64_t all = count(f, 1);
  take_tool(f, HILUM_TOOL_SPLIT);
  g_object_set(f->tool, "method", HILUM_SPLIT_ISLANDS, NULL);
  run_waiting(f);
  const HilumEditLimits nowhere = {.has_range = true, .lo = 900, .hi = 1000};
  hilum_workspace_set_limits(f->workspace, &nowhere);
  run_waiting(f);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "limits"));
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpuint(count(f, 1), ==, all);
  g_assert_cmpuint(structures(f), ==, 2);
  const HilumEditLimits none = {0};
  hilum_workspace_set_limits(f->workspace, &none);
  run_waiting(f);
  g_assert_true(hilum_case_lock_structure(f->the_case, hilum_case_get_structure(f->the_case, 1), true, NULL));
  run_waiting(f);
  g_assert_false(hilum_tool_get_can_apply(f->tool));
  g_assert_nonnull(strstr(hilum_tool_get_badge(f->tool), "locked"));
}

/* A part never gets a name that is there already, however it is spelt. */
static void test_names(Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  fill_balls(f, 0);
  HilumStructure *other = hilum_case_get_structure(f->the_case, 2);
  g_assert_true(hilum_case_rename_structure(f->the_case, other, "PARENCHYMA 2", &error));
  take_tool(f, HILUM_TOOL_SPLIT);
  g_object_set(f->tool, "method", HILUM_SPLIT_ISLANDS, NULL);
  run_waiting(f);
  hilum_tool_apply(f->tool);
  run_waiting(f);
  g_assert_cmpstr(hilum_structure_get_name(hilum_case_get_structure(f->the_case, 3)), ==, "Parenchyma 3");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/view/split/islands", test_islands);
  ADD("/view/split/necks", test_necks);
  ADD("/view/split/clicks", test_clicks);
  ADD("/view/split/limits-and-locks", test_limits_and_locks);
  ADD("/view/split/names", test_names);
  return g_test_run();
}
