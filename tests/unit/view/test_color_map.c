/* Colour maps: their order is seen by lightness alone, and their ends are told apart without red and green.
 */
#include "hilum/view/color_map.h"

#include <math.h>

static double linear(double c)
{
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* CIE L* of sRGB. */
static double lightness(const double rgb[3])
{
  double y = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
  return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
}

static double lightness_at(HilumColorMap map, double t)
{
  double rgb[3];
  hilum_color_map_rgb(map, t, rgb);
  for (int c = 0; c < 3; c++)
    g_assert_true(rgb[c] >= 0 && rgb[c] <= 1);
  return lightness(rgb);
}

static void test_sequential(void)
{
  double before = lightness_at(HILUM_COLOR_MAP_SEQUENTIAL, 0);
  g_assert_cmpfloat(before, <, 25);
  for (int i = 1; i <= 64; i++) {
    double now = lightness_at(HILUM_COLOR_MAP_SEQUENTIAL, i / 64.0);
    g_assert_cmpfloat(now, >, before + 0.5); /* 75 in all: no flat stretch */
    g_assert_cmpfloat(now, <, before + 2);
    before = now;
  }
  g_assert_cmpfloat(before, >, 85);
  g_assert_cmpfloat(lightness_at(HILUM_COLOR_MAP_SEQUENTIAL, -3), ==,
                    lightness_at(HILUM_COLOR_MAP_SEQUENTIAL, 0));
}

/* Both sides darken alike from the middle; one is blue and the other is not. */
static void test_diverging(void)
{
  double middle = lightness_at(HILUM_COLOR_MAP_DIVERGING, 0.5), before = middle;
  g_assert_cmpfloat(middle, >, 90);
  for (int i = 1; i <= 32; i++) {
    double above[3], below[3];
    hilum_color_map_rgb(HILUM_COLOR_MAP_DIVERGING, 0.5 + i / 64.0, above);
    hilum_color_map_rgb(HILUM_COLOR_MAP_DIVERGING, 0.5 - i / 64.0, below);
    g_assert_cmpfloat(lightness(above), <, before);
    g_assert_cmpfloat(fabs(lightness(above) - lightness(below)), <, 6);
    g_assert_cmpfloat(below[2], >, below[0]);
    g_assert_cmpfloat(above[0], >, above[2]);
    before = lightness(above);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/view/color-map/sequential", test_sequential);
  g_test_add_func("/view/color-map/diverging", test_diverging);
  return g_test_run();
}
