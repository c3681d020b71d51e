/* Protocols: what parses, what is named when it does not, and what is filled in. */
#include "hilum/base/memory.h"
#include "hilum/segment/error.h"
#include "hilum/segment/protocol.h"

#include <string.h>

static HilumProtocol *parse(const char *text, GError **error)
{
  return hilum_protocol_new_from_data(text, strlen(text), error);
}

static const char GOOD[] = "[protocol]\nname=Two\nversion=3\n"
                           "[stage 1]\nstructure=Bright\nphase=arterial;any\nclick=required\nprompt=Click.\n"
                           "expect-ml=10:20\nstep1=grow {click} range {value:click}: connectivity 26\n"
                           "[stage 2]\nstructure=Dark one\nclick=optional\n"
                           "step1=threshold {between:-100,Bright@arterial,0.05}:{between:click,Bright}\n"
                           "step2=outside \"Bright\"\nstep3=keep {click};{click:Bright}\nstep4=fill-holes\n";

/* Left half 100, right half 300; the second phase 10 times that. */
static HilumVolume *halves(int factor)
{
  const HilumGrid grid = hilum_grid_new(20, 8, 8, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (size_t i = 0; i < hilum_grid_count(&grid); i++)
    voxels[i] = (int16_t)((i % 20 < 10 ? 100 : 300) * factor);
  return hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
}

static void test_filled(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumProtocol) protocol = parse(GOOD, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(hilum_protocol_get_name(protocol), ==, "Two");
  g_assert_cmpstr(hilum_protocol_get_version(protocol), ==, "3");
  g_assert_cmpuint(hilum_protocol_get_count(protocol), ==, 2);
  const HilumStage *stage = hilum_protocol_get_stage(protocol, 0);
  g_assert_cmpint(stage->click, ==, HILUM_CLICK_REQUIRED);
  g_assert_true(stage->has_expected);
  g_assert_cmpfloat(stage->most_ml, ==, 20);

  g_autoptr(HilumVolume) plain = halves(1);
  g_autoptr(HilumVolume) arterial = halves(10);
  HilumVolume *const volumes[] = {plain, arterial};
  const char *const kinds[] = {"", "arterial"};
  const HilumVec3 clicks[] = {{15, 4, 4}, {4, 4, 4}};
  bool clicked[] = {true, true};
  const HilumProtocolRun run = {volumes, kinds, 2, clicks, clicked};
  size_t phase;
  g_assert_true(hilum_protocol_find_phase(protocol, 0, &run, &phase, &error));
  g_assert_cmpuint(phase, ==, 1);
  g_assert_true(hilum_protocol_find_phase(protocol, 1, &run, &phase, &error));
  g_assert_cmpuint(phase, ==, 0);

  g_autoptr(GArray) first = hilum_protocol_make_steps(protocol, 0, &run, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(first->len, ==, 2);
  const HilumStep *grow = &g_array_index(first, HilumStep, 1);
  g_assert_cmpstr(hilum_step_op_get_name(grow->op), ==, "grow");
  g_assert_cmpfloat(grow->lo, ==, 3000);
  g_assert_cmpint(grow->connectivity, ==, HILUM_CONNECT_26);

  g_autoptr(GArray) second = hilum_protocol_make_steps(protocol, 1, &run, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(second->len, ==, 5);
  const HilumStep *range = &g_array_index(second, HilumStep, 1);
  g_assert_cmpfloat(range->lo, ==, -100 + 0.05 * 3100);
  g_assert_cmpfloat(range->hi, ==, 200); /* half-way between 100 and 300 in the stage's own phase */
  g_assert_cmpuint(g_array_index(second, HilumStep, 3).points_mm->len, ==, 2);

  /* What is missing is asked for by name. */
  clicked[0] = false;
  g_assert_null(hilum_protocol_make_steps(protocol, 0, &run, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  g_assert_null(hilum_protocol_make_steps(protocol, 1, &run, &error));
  g_assert_nonnull(strstr(error->message, "Bright"));
  g_clear_error(&error);
  const HilumVec3 outside[] = {{15, 4, 400}, {4, 4, 4}};
  clicked[0] = true;
  const HilumProtocolRun beside = {volumes, kinds, 2, outside, clicked};
  g_assert_null(hilum_protocol_make_steps(protocol, 0, &beside, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
}

static void test_no_phase(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumProtocol) protocol =
      parse("[stage 1]\nstructure=A\nphase=excretory\nstep1=largest\n", &error);
  g_assert_no_error(error);
  g_autoptr(HilumVolume) plain = halves(1);
  HilumVolume *const volumes[] = {plain, NULL};
  const char *const kinds[] = {"arterial", "excretory"}; /* whose images are missing */
  const HilumVec3 click = {0, 0, 0};
  const bool clicked = false;
  const HilumProtocolRun run = {volumes, kinds, 2, &click, &clicked};
  g_assert_null(hilum_protocol_make_steps(protocol, 0, &run, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  g_assert_nonnull(strstr(error->message, "excretory"));
}

static void test_broken(void)
{
  static const char *const texts[] = {
      "",
      "no key file",
      "[protocol]\nname=Empty\n",
      "[stage 2]\nstructure=A\nstep1=largest\n",
      "[stage 1]\nstep1=largest\n",
      "[stage 1]\nstructure=A\n",
      "[stage 1]\nstructure=A\nstep2=largest\n",
      "[stage 1]\nstructure=A\nstep1=largest\nstep3=largest\n",
      "[stage 1]\nstructure=A\nstep1=frobnicate 3\n",
      "[stage 1]\nstructure=A\nstep1=open\n",
      "[stage 1]\nstructure=A\nstep1=open 2 largest\n",
      "[stage 1]\nstructure=A\nstep1=open 2 range 3:4\n",
      "[stage 1]\nstructure=A\nstep1=keep {click}\n",
      "[stage 1]\nstructure=A\nclick=required\nstep1=keep {clack}\n",
      "[stage 1]\nstructure=A\nclick=required\nstep1=threshold {value:B}:\n",
      "[stage 1]\nstructure=A\nclick=required\nstep1=threshold {between:1}:\n",
      "[stage 1]\nstructure=A\nclick=required\nstep1=threshold {between:1,2,x}:\n",
      "[stage 1]\nstructure=A\nclick=perhaps\nstep1=largest\n",
      "[stage 1]\nstructure=A\nexpect-ml=many\nstep1=largest\n",
      "[stage 1]\nstructure=A\ncolour=red\nstep1=largest\n",
      "[stage 1]\nstructure=A\nstep1=outside \"B\n",
      "[step 1]\nlargest=true\n",
  };
  for (size_t t = 0; t < G_N_ELEMENTS(texts); t++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumProtocol) protocol = parse(texts[t], &error);
    if (protocol) g_error("parsed: %s", texts[t]);
    g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX);
  }
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_protocol_load("/nonexistent/x.protocol", &error));
  g_assert_nonnull(strstr(error->message, "x.protocol"));
}

static void test_builtin(void)
{
  g_autoptr(GError) error = NULL;
  for (const char *const *id = hilum_protocol_list_builtin(); *id; id++) {
    g_autoptr(HilumProtocol) protocol = hilum_protocol_load_builtin(*id, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(hilum_protocol_get_count(protocol), >=, 6);
    for (size_t s = 0; s < hilum_protocol_get_count(protocol); s++) {
      const HilumStage *stage = hilum_protocol_get_stage(protocol, s);
      if (stage->click != HILUM_CLICK_NONE) g_assert_cmpstr(stage->prompt, !=, "");
      g_assert_cmpstr(stage->note, !=, "");
    }
  }
  g_assert_null(hilum_protocol_load_builtin("ct-nine-phases", &error));
  g_assert_nonnull(strstr(error->message, "ct-three-phases"));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/protocol/filled", test_filled);
  g_test_add_func("/protocol/no-phase", test_no_phase);
  g_test_add_func("/protocol/broken", test_broken);
  g_test_add_func("/protocol/builtin", test_builtin);
  return g_test_run();
}
