/* Window/level: presets of CT and MR, defaults, the drag, clamping. */
#include "hilum/base/memory.h"
#include "hilum/view/window.h"

static HilumVolume *ramp(const char *unit, double slope, double intercept)
{
  HilumGrid grid = hilum_grid_new(100, 10, 10, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc(10000 * sizeof *voxels, NULL);
  for (int i = 0; i < 10000; i++)
    voxels[i] = (int16_t)i;
  g_autoptr(GError) error = NULL;
  HilumVolume *volume = hilum_volume_new_take(&grid, voxels, slope, intercept, unit, &error);
  g_assert_no_error(error);
  return volume;
}

static void test_presets(void)
{
  static const struct {
    const char *id;
    double width, level;
  } CT[] = {{"abdomen", 350, 40},
            {"kidney", 300, 40},
            {"ct-angiography", 600, 150},
            {"bone", 2000, 350},
            {"lung", 1500, -600}};
  g_autoptr(HilumVolume) ct = ramp("HU", 1, -1000);
  HilumWindowPreset p[HILUM_WINDOW_MAX_PRESETS];
  g_assert_cmpuint(hilum_window_presets(ct, p), ==, 6);
  for (size_t i = 0; i < G_N_ELEMENTS(CT); i++) {
    g_assert_cmpstr(p[i].id, ==, CT[i].id);
    g_assert_cmpfloat(p[i].window.width, ==, CT[i].width);
    g_assert_cmpfloat(p[i].window.level, ==, CT[i].level);
    g_assert_cmpstr(hilum_window_preset_matching(ct, p[i].window), ==, CT[i].id);
  }
  g_assert_cmpfloat(p[5].window.width, ==, 9999);
  g_assert_cmpuint(hilum_window_presets(NULL, p), ==, 5);
  g_assert_null(hilum_window_preset_matching(ct, (HilumWindowLevel){351, 40}));
  g_autoptr(HilumVolume) mr = ramp("", 0.5, 0);
  g_assert_cmpuint(hilum_window_presets(mr, p), ==, 2);
  g_assert_cmpstr(p[0].id, ==, "percentile");
  g_assert_cmpfloat_with_epsilon(p[0].window.level, 2500, 2);
  g_assert_cmpfloat_with_epsilon(p[0].window.width, 4900, 4);
  g_assert_false(hilum_window_preset_find(mr, "bone", p));
}

static void test_default(void)
{
  g_autoptr(HilumVolume) ct = ramp("HU", 1, -1000), mr = ramp("", 1, 0);
  g_assert_cmpfloat(hilum_window_default(ct, 300, 1500).width, ==, 350);
  g_assert_cmpfloat(hilum_window_default(mr, 3000, 1500).width, ==, 1500);
  g_assert_cmpfloat_with_epsilon(hilum_window_default(mr, NAN, NAN).width, 9800, 5);
  g_assert_cmpfloat_with_epsilon(hilum_window_default(mr, 90000, 10).width, 9800,
                                 5); /* shows nothing: not used */
  g_assert_cmpfloat_with_epsilon(hilum_window_default(mr, 300, -5).width, 9800, 5);
}

static void test_drag(void)
{
  g_autoptr(HilumVolume) ct = ramp("HU", 1, -1000);
  HilumWindowLevel w = {350, 40};
  g_assert_cmpfloat(hilum_window_drag(ct, w, 50, 0).width, >, 350);
  g_assert_cmpfloat(hilum_window_drag(ct, w, 50, 0).level, ==, 40);
  g_assert_cmpfloat(hilum_window_drag(ct, w, 0, -50).level, >, 40);
  g_assert_cmpfloat(hilum_window_drag(ct, w, -1e6, 0).width, ==, 1);
  g_assert_true(isfinite(hilum_window_drag(ct, w, 1e9, 1e9).width));
  g_assert_cmpfloat(hilum_window_apply(w, -135), ==, 0);
  g_assert_cmpfloat(hilum_window_apply(w, 40), ==, 0.5);
  g_assert_cmpfloat(hilum_window_apply(w, 5000), ==, 1);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/window/presets", test_presets);
  g_test_add_func("/view/window/default", test_default);
  g_test_add_func("/view/window/drag", test_drag);
  return g_test_run();
}
