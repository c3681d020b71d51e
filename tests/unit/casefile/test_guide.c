/* A stage of a protocol on a case, the protocol that suits a case, where the guide is as text, and places
 * that are left over. */
#include "hilum/base/memory.h"
#include "hilum/casefile/error.h"
#include "hilum/casefile/guide.h"
#include "hilum/casefile/guide_places.h"
#include "hilum/casefile/guide_state.h"

#include <string.h>

/* A ball of 200 in 0. */
static HilumVolume *ball(const char *unit)
{
  HilumGrid grid = hilum_grid_new(40, 40, 30, 1, 1, 1.5);
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (HilumVoxel v = {0, 0, 0}; v.k < 30; v.k++)
    for (v.j = 0; v.j < 40; v.j++)
      for (v.i = 0; v.i < 40; v.i++)
        if (hilum_vec3_distance(hilum_grid_voxel_to_mm(&grid, v), hilum_vec3(20, 20, 22)) < 9)
          voxels[hilum_grid_offset(&grid, v)] = 200;
  g_autoptr(GError) error = NULL;
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, 1, 0, unit, &error);
  g_assert_no_error(error);
  return volume;
}

/* Kinds of the phases, ended by NULL; "" is a phase of which nothing is known. */
static HilumCase *make_case(const char *unit, const char *const *kinds)
{
  HilumCase *c = hilum_case_new();
  for (guint n = 0; kinds[n]; n++) {
    g_autoptr(HilumVolume) volume = ball(unit);
    g_autofree char *uid = g_strdup_printf("1.2.%u", n);
    HilumSeriesInfo info = {.series_uid = uid, .phase = kinds[n]};
    g_autoptr(GError) error = NULL;
    hilum_case_add_phase(c, &info, volume, &error);
    g_assert_no_error(error);
  }
  return c;
}

static void assert_suggests(const char *unit, const char *const *kinds, const char *id)
{
  g_autoptr(HilumCase) c = make_case(unit, kinds);
  g_assert_cmpstr(hilum_guide_suggest(c), ==, id);
}

static void test_suggest(void)
{
  assert_suggests("HU", (const char *[]){"arterial", "nephrographic", "excretory", NULL}, "ct-three-phases");
  assert_suggests("HU", (const char *[]){"nephrographic", "excretory", "arterial", NULL}, "ct-three-phases");
  assert_suggests("HU", (const char *[]){"arterial", "nephrographic", NULL}, "ct-two-phases");
  /* Urine is not seen in either of the three: nothing asks for it. */
  assert_suggests("HU", (const char *[]){"unenhanced", "arterial", "nephrographic", NULL}, "ct-two-phases");
  assert_suggests("HU", (const char *[]){"", NULL}, "ct-one-phase");
  assert_suggests("", (const char *[]){"", "", "", NULL}, "mr");
}

/* --- a stage --- */

#define PROTOCOL                                                                                             \
  "[protocol]\nname=Test\n[stage 1]\nstructure=Ball\ntitle=The ball\nclick=required\n"                       \
  "step1=grow {click} range 100:\n"

static HilumProtocol *make_protocol(void)
{
  g_autoptr(GError) error = NULL;
  HilumProtocol *protocol = hilum_protocol_new_from_data(PROTOCOL, strlen(PROTOCOL), &error);
  g_assert_no_error(error);
  return protocol;
}

static HilumGuideStage *prepare(HilumCase *c, const HilumProtocol *protocol, HilumVec3 click_mm)
{
  g_autoptr(GError) error = NULL;
  HilumGuideStage *stage = hilum_guide_prepare(c, protocol, 0, &click_mm, (bool[]){true}, &error);
  g_assert_no_error(error);
  return stage;
}

/* One step by its name, undone as one; a stage that was computed on other labels is refused. */
static void test_stage(void)
{
  g_autoptr(HilumCase) c = make_case("HU", (const char *[]){"", NULL});
  g_autoptr(HilumProtocol) protocol = make_protocol();
  g_autoptr(GError) error = NULL;
  HilumHistory *history = hilum_case_get_history(c);
  HilumMade made;
  const HilumVec3 middle = hilum_vec3(20, 20, 22);
  g_assert_null(hilum_guide_prepare(c, protocol, 0, &middle, (bool[]){true}, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE);
  g_clear_error(&error);
  g_assert_true(hilum_guide_add_structures(c, protocol, &error));
  const size_t before = hilum_history_get_undo_depth(history);
  g_assert_true(hilum_guide_add_structures(c, protocol, &error)); /* nothing is missing: no step */
  g_assert_cmpuint(hilum_history_get_undo_depth(history), ==, before);
  HilumStructure *structure = hilum_case_find_structure(c, "Ball");
  g_autoptr(HilumGuideStage) first = prepare(c, protocol, middle), second = prepare(c, protocol, middle);
  g_autoptr(HilumLabelDelta) a = hilum_guide_stage_run(first, NULL, &made, NULL, &error);
  g_autoptr(HilumLabelDelta) b = hilum_guide_stage_run(second, NULL, &made, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_guide_commit(c, first, a, &made, &error));
  g_assert_cmpuint(hilum_structure_get_voxels(structure), >, 1500);
  g_assert_cmpuint(hilum_history_get_undo_depth(history), ==, before + 1);
  const HilumStructureBoundary above = {100, INFINITY, 0}; /* what the stage grew by, in the same step */
  g_assert_true(hilum_structure_boundary_equal(hilum_structure_get_boundary(structure), &above));
  g_autofree char *title = hilum_guide_dup_title(protocol, 0);
  g_assert_cmpstr(hilum_history_get_undo_label(history), ==, title);
  g_assert_false(hilum_guide_commit(c, second, b, &made, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE);
  g_assert_true(hilum_history_undo(history, NULL));
  g_assert_cmpuint(hilum_structure_get_voxels(structure), ==, 0);
  g_assert_false(hilum_structure_boundary_is_range(hilum_structure_get_boundary(structure)));
}

static void test_places(void)
{
  g_autoptr(HilumCase) c = make_case("HU", (const char *[]){"", NULL});
  g_autoptr(HilumProtocol) protocol = make_protocol();
  g_autoptr(GError) error = NULL;
  g_assert_true(hilum_guide_add_structures(c, protocol, &error));
  g_assert_null(hilum_guide_places_new(c, "Ball", 0, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STRUCTURE);
  g_clear_error(&error);
  HilumMade made;
  g_autoptr(HilumGuideStage) stage = prepare(c, protocol, hilum_vec3(20, 20, 22));
  g_autoptr(HilumLabelDelta) delta = hilum_guide_stage_run(stage, NULL, &made, NULL, &error);
  g_assert_true(hilum_guide_commit(c, stage, delta, &made, &error));
  g_autoptr(HilumGuidePlaces) places = hilum_guide_places_new(c, "Ball", 0, &error);
  g_assert_no_error(error);
  g_autoptr(GArray) found = hilum_guide_places_run(places, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(found->len, ==, 0); /* a ball leaves nothing over */
}

/* --- as text --- */

static void test_state(void)
{
  HilumVec3 clicks_mm[8] = {[2] = {82.25, -0.1, 1e-3}, [7] = {-1, 2, 3}};
  bool clicked[8] = {[2] = true, [7] = true};
  char name[] = "ct-three-phases";
  const HilumGuideState state = {name, 8, clicks_mm, clicked};
  g_autofree char *text = hilum_guide_state_dup_text(&state, 8);
  HilumGuideState read;
  g_autoptr(HilumProtocol) protocol = NULL;
  g_assert_true(hilum_guide_state_parse(text, &read, &protocol));
  g_assert_cmpuint(hilum_protocol_get_count(protocol), ==, 8);
  g_assert_cmpstr(read.name, ==, state.name);
  g_assert_cmpuint(read.stage, ==, 8);
  g_assert_cmpmem(read.clicks_mm, sizeof clicks_mm, clicks_mm, sizeof clicks_mm);
  g_assert_cmpmem(read.clicked, sizeof clicked, clicked, sizeof clicked);
  hilum_guide_state_clear(&read);
}

static void test_odd_state(void)
{
  const char *const odd[] = {"",
                             " ",
                             ";",
                             "ct-three-phases",
                             "ct-three-phases 9",
                             "ct-three-phases -1",
                             "ct-three-phases x",
                             "ct-three-phases 1 2",
                             "/etc/passwd 0",
                             "../ct-three-phases 0",
                             "ct-three-phases 0;",
                             "ct-three-phases 0; 8 1 2 3",
                             "ct-three-phases 0; 0 1 2",
                             "ct-three-phases 0; 0 1 2 3 4",
                             "ct-three-phases 0; 0 1 2 nan",
                             "ct-three-phases 0; 0 1 2 1e9",
                             "ct-three-phases 0; 0 1 2 3x",
                             "ct-three-phases 0;0 1 2 3"};
  for (size_t n = 0; n < G_N_ELEMENTS(odd); n++) {
    HilumGuideState state;
    HilumProtocol *protocol;
    g_test_message("“%s”", odd[n]);
    g_assert_false(hilum_guide_state_parse(odd[n], &state, &protocol));
    g_assert_null(protocol);
    g_assert_true(!state.name && !state.clicks_mm && !state.clicked);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/guide/suggest", test_suggest);
  g_test_add_func("/guide/stage", test_stage);
  g_test_add_func("/guide/places", test_places);
  g_test_add_func("/guide/state", test_state);
  g_test_add_func("/guide/odd-state", test_odd_state);
  return g_test_run();
}
