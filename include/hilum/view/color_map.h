/* Colours for numbers on a surface, in order of lightness, so that the order is seen without colour vision
 * and on paper, and of nearly even steps: circles through the hues of OKLab (B. Ottosson 2020) with the
 * lightness given, drawn in until they fit sRGB. Sequential: dark violet by blue and green to light yellow.
 * Diverging: blue by near white to orange, which the usual colour-blind eye tells apart. Pure; any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { HILUM_COLOR_MAP_SEQUENTIAL, HILUM_COLOR_MAP_DIVERGING } HilumColorMap;

/* sRGB, 0..1, of t in 0..1 (clamped). */
void hilum_color_map_rgb(HilumColorMap map, double t, double rgb[3]);

G_END_DECLS
