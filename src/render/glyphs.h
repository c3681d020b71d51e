/* A stroke font for what must be written without a toolkit: orientation letters, rulers, captions, the faces
 * of the orientation cube. Upper case, digits and a little punctuation; other characters leave a gap. */
#pragma once

#include "hilum/geom/vec3.h"

#include <glib.h>
#include <stdint.h>

typedef struct {
  float position[3];
  uint8_t color[4];
} FlatVertex;

/* Where text stands: its lower left corner, and unit vectors of writing and of up. */
typedef struct {
  HilumVec3 origin, right, up;
  double height, thickness;
  uint8_t color[4];
} GlyphStyle;

/* Width of the text in units of `height`. */
double hilum_glyphs_width(const char *text, double height);
/* Appends triangles (FlatVertex). */
void hilum_glyphs_add(GArray *vertices, const char *text, const GlyphStyle *style);
/* A thick segment with square ends. */
void hilum_glyphs_add_segment(GArray *vertices, HilumVec3 a, HilumVec3 b, const GlyphStyle *style);
/* A filled quad, corners in order. */
void hilum_glyphs_add_quad(GArray *vertices, const HilumVec3 corners[4], const uint8_t color[4]);
