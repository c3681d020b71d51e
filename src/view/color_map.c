/* Colour maps by OKLab. */
#include "hilum/view/color_map.h"

#include <math.h>
#include <stdbool.h>

enum { FIT_STEPS = 24 };

static double curve(double c)
{
  return c <= 0.0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - 0.055;
}

/* OKLab to linear sRGB; true if it can be shown. */
static bool to_linear(double l, double a, double b, double rgb[3])
{
  double p = l + 0.3963377774 * a + 0.2158037573 * b, q = l - 0.1055613458 * a - 0.0638541728 * b,
         r = l - 0.0894841775 * a - 1.2914855480 * b;
  p *= p * p;
  q *= q * q;
  r *= r * r;
  rgb[0] = 4.0767416621 * p - 3.3077115913 * q + 0.2309699292 * r;
  rgb[1] = -1.2684380046 * p + 2.6097574011 * q - 0.3413193965 * r;
  rgb[2] = -0.0041960863 * p - 0.7034186147 * q + 1.7076147010 * r;
  bool fits = true;
  for (int c = 0; c < 3; c++)
    fits &= rgb[c] >= 0 && rgb[c] <= 1;
  return fits;
}

/* The colour of this lightness and hue with as much of the chroma as sRGB holds. */
static void show(double lightness, double chroma, double hue_deg, double rgb[3])
{
  const double u = cos(hue_deg * G_PI / 180), v = sin(hue_deg * G_PI / 180);
  double lo = 0, hi = chroma, linear[3];
  if (to_linear(lightness, chroma * u, chroma * v, linear)) lo = chroma;
  for (int i = 0; i < FIT_STEPS && lo < hi; i++) {
    const double middle = 0.5 * (lo + hi);
    *(to_linear(lightness, middle * u, middle * v, linear) ? &lo : &hi) = middle;
  }
  to_linear(lightness, lo * u, lo * v, linear);
  for (int c = 0; c < 3; c++)
    rgb[c] = curve(CLAMP(linear[c], 0, 1));
}

void hilum_color_map_rgb(HilumColorMap map, double t, double rgb[3])
{
  t = CLAMP(t, 0, 1);
  if (map == HILUM_COLOR_MAP_SEQUENTIAL) {
    show(0.28 + 0.63 * t, 0.13, 300 - 195 * t, rgb);
    return;
  }
  const double side = fabs(2 * t - 1); /* 0 in the middle */
  show(0.95 - 0.43 * side, 0.15 * side, t < 0.5 ? 258 : 50, rgb);
}
