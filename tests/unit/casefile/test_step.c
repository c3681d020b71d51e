/* Steps as bytes and in case files: a case that was saved and opened can be undone and redone to every state
 * it was in before, and bytes that lie cost nothing but themselves. */
#include "walk.h"

#include "../../../src/casefile/record_private.h"
#include "hilum/casefile/error.h"

static char *folder;

static HilumCase *walked_case(GPtrArray *states, uint64_t seed, int steps)
{
  HilumCase *c = fixture_case();
  HilumHistory *history = hilum_case_get_history(c);
  g_ptr_array_add(states, fixture_state(c));
  for (int n = 0; n < steps; n++) {
    walk_step(c, seed + (uint64_t)n * 7919);
    const guint depth = (guint)hilum_history_get_undo_depth(history);
    g_ptr_array_set_size(states, (int)MIN(states->len, depth)); /* a merged step has a new end */
    g_ptr_array_add(states, fixture_state(c));
    g_assert_cmpuint(states->len, ==, depth + 1);
  }
  return c;
}

static HilumCase *reopen(HilumCase *c)
{
  GError *error = NULL;
  g_autofree char *path = g_build_filename(folder, "walk.hilum", NULL);
  hilum_case_save(c, path, NULL, &error);
  g_assert_no_error(error);
  HilumCase *d = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  return d;
}

static void check_state(HilumCase *c, const GPtrArray *states)
{
  g_autofree char *state = fixture_state(c);
  const size_t depth = hilum_history_get_undo_depth(hilum_case_get_history(c));
  g_assert_cmpstr(state, ==, g_ptr_array_index(states, depth));
}

static void test_survives_reopening(void)
{
  for (uint64_t seed = 1; seed <= 4; seed++) {
    g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(HilumCase) c = walked_case(states, seed * 1000003, 60);
    HilumHistory *history = hilum_case_get_history(c);
    const size_t n = hilum_history_get_undo_depth(history), half = n / 2;
    g_assert_true(hilum_history_go_to(history, half, NULL));
    g_autoptr(HilumCase) d = reopen(c);
    HilumHistory *kept = hilum_case_get_history(d);
    g_assert_cmpuint(hilum_history_get_undo_depth(kept), ==, half);
    g_assert_cmpuint(hilum_history_get_redo_depth(kept), ==, n - half);
    g_assert_false(hilum_case_get_modified(d));
    for (size_t i = 0; i < n; i++)
      g_assert_cmpstr(hilum_history_get_step_label(kept, i), ==, hilum_history_get_step_label(history, i));
    for (size_t depth = half; depth > 0; depth--) {
      g_assert_true(hilum_history_undo(kept, NULL));
      check_state(d, states);
    }
    for (size_t depth = 0; depth < n; depth++) {
      g_assert_true(hilum_history_redo(kept, NULL));
      check_state(d, states);
    }
    /* Not all of it again: what was opened can be saved and opened once more. */
    g_assert_true(hilum_history_go_to(kept, 3, NULL));
    g_autoptr(HilumCase) e = reopen(d);
    check_state(e, states);
    g_assert_true(hilum_history_go_to(hilum_case_get_history(e), n, NULL));
    check_state(e, states);
  }
}

/* A stroke of many changes is one delta, the same as the changes one by one. */
static void test_stroke_is_one_command(void)
{
  g_autoptr(HilumCase) c = fixture_case(), d = fixture_case();
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  HilumStructure *t = hilum_case_add_structure(d, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  hilum_history_begin_group(hilum_case_get_history(c), "Stroke");
  for (uint64_t n = 0; n < 50; n++) {
    walk_paint(c, s, n);
    walk_paint(d, t, n);
  }
  hilum_history_end_group(hilum_case_get_history(c));
  g_autofree char *one = fixture_state(c), *many = fixture_state(d);
  g_assert_cmpstr(one, ==, many);
  const HilumHistoryStep *step = hilum_history_get_step(hilum_case_get_history(c), 1);
  g_assert_cmpuint(step->commands->len, ==, 1);
  g_assert_true(hilum_history_undo(hilum_case_get_history(c), NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(s), ==, 0);
}

/* The states between steps are kept once: opening needs no more memory than painting did. */
static void test_states_are_shared(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  for (uint64_t n = 0; n < 40; n++)
    walk_paint(c, s, n);
  g_autoptr(HilumCase) d = reopen(c);
  g_assert_cmpuint(hilum_history_get_bytes(hilum_case_get_history(d)), <,
                   hilum_history_get_bytes(hilum_case_get_history(c)) * 9 / 10);
}

static void test_malformed(void)
{
  static const int32_t dims[3] = {70, 45, 37};
  g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(HilumCase) c = walked_case(states, 77, 30);
  HilumHistory *history = hilum_case_get_history(c);
  guint refused = 0;
  for (size_t i = 0; i < hilum_history_get_undo_depth(history); i++) {
    g_autoptr(HilumStepRecord) step = hilum_history_dup_step_record(history, i);
    g_autoptr(GBytes) packed = hilum_step_record_dup_packed(step);
    g_autoptr(HilumStepRecord) again = hilum_step_record_new_from_packed(packed, dims, 1, NULL);
    g_assert_nonnull(again);
    gsize bytes;
    const guint8 *data = g_bytes_get_data(packed, &bytes);
    for (gsize n = 0; n < 200; n++) {
      g_autofree guint8 *copy = g_memdup2(data, bytes);
      copy[walk_pick(i, n, bytes)] ^= (guint8)(1 + walk_pick(i, n + 1000, 255));
      g_autoptr(GBytes) flipped = g_bytes_new_static(copy, n % 2 ? bytes : walk_pick(i, n + 2000, bytes));
      g_autoptr(GError) error = NULL;
      g_autoptr(HilumStepRecord) bad = hilum_step_record_new_from_packed(flipped, dims, 1, &error);
      if (!bad) g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT);
      refused += bad == NULL;
    }
    static const int32_t other[3] = {71, 45, 37}; /* a delta of other images does not fit */
    g_autoptr(HilumStepRecord) foreign = hilum_step_record_new_from_packed(packed, other, 1, NULL);
    const HilumCommandRecord *first = g_ptr_array_index(step->commands, 0);
    if (first->kind == HILUM_COMMAND_LABELS) g_assert_null(foreign);
  }
  g_assert_cmpuint(refused, >, 1000);
}

/* A step that was read may say anything; doing and undoing it must not break the case. */
static void test_steps_that_do_not_fit(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  HilumHistory *history = hilum_case_get_history(c);
  g_assert_true(fixture_paint(c, s, fixture_box(0, 0, 0, 9, 9, 9), NULL));
  g_autofree char *before = fixture_state(c);
  g_autoptr(HilumStepRecord) painted = hilum_history_dup_step_record(history, 1);
  HilumCommandRecord list = {.kind = HILUM_COMMAND_LIST,
                             .label = (char *)"x",
                             .structure = 1,
                             .add = true,
                             .after = {(char *)"New", HILUM_STRUCTURE_OTHER, 0, false},
                             .opacity = 1};
  HilumCommandRecord traits = {.kind = HILUM_COMMAND_TRAITS,
                               .label = (char *)"x",
                               .structure = 9,
                               .before = list.after,
                               .after = list.after};
  HilumCommandRecord gone = list;
  gone.add = false;
  HilumCommandRecord namesake = list;
  namesake.structure = 2;
  namesake.after.name = (char *)"tumour";
  const HilumCommandRecord *bad[] = {&list, &traits, &gone, &namesake,
                                     g_ptr_array_index(painted->commands, 0)};
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_false(hilum_history_do(history, hilum_command_new_from_record(c, bad[i], false), &error));
    g_assert_nonnull(error);
    g_autofree char *after = fixture_state(c);
    g_assert_cmpstr(before, ==, after);
  }
}

/* Written before there was a history in the file: never to be made again. */
static void test_version_2(void)
{
  GError *error = NULL;
  g_autofree char *path = g_test_build_filename(G_TEST_DIST, "version-2.hilum", NULL);
  g_autoptr(HilumCase) c = hilum_case_open(path, NULL, 0, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_false(hilum_history_can_undo(hilum_case_get_history(c)));
  HilumStructure *kidney = hilum_case_find_structure(c, "Parenchyma");
  g_assert_cmpuint(hilum_structure_get_voxels(kidney), ==, 4);
  g_assert_true(fixture_paint(c, kidney, fixture_box(0, 0, 0, 2, 2, 2), NULL));
  g_autoptr(HilumCase) d = reopen(c);
  g_assert_true(hilum_history_undo(hilum_case_get_history(d), NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(hilum_case_find_structure(d, "Parenchyma")), ==, 4);
}

static void test_budget(void)
{
  g_autoptr(HilumCase) c = fixture_case();
  HilumHistory *history = hilum_case_get_history(c);
  HilumStructure *s = hilum_case_add_structure(c, HILUM_STRUCTURE_TUMOUR, NULL, NULL);
  for (uint64_t n = 0; n < 30; n++)
    walk_paint(c, s, n);
  hilum_history_set_budget(history, hilum_history_get_bytes(history) / 2);
  g_assert_cmpuint(hilum_history_get_undo_depth(history), <, 31);
  g_assert_cmpuint(hilum_history_get_undo_depth(history), >, 5);
  g_assert_cmpuint(hilum_history_get_bytes(history), <=, hilum_history_get_budget(history));
  g_autoptr(HilumCase) d = reopen(c);
  g_assert_cmpuint(hilum_history_get_undo_depth(hilum_case_get_history(d)), ==,
                   hilum_history_get_undo_depth(history));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  folder = g_dir_make_tmp("hilum-step-XXXXXX", NULL);
  g_test_add_func("/step/survives-reopening", test_survives_reopening);
  g_test_add_func("/step/stroke", test_stroke_is_one_command);
  g_test_add_func("/step/shared", test_states_are_shared);
  g_test_add_func("/step/malformed", test_malformed);
  g_test_add_func("/step/do-not-fit", test_steps_that_do_not_fit);
  g_test_add_func("/step/budget", test_budget);
  g_test_add_func("/step/version-2", test_version_2);
  const int result = g_test_run();
  g_autofree char *path = g_build_filename(folder, "walk.hilum", NULL);
  g_unlink(path);
  g_rmdir(folder);
  g_free(folder);
  return result;
}
