/* The stroke font: each glyph is polylines on a grid 4 wide and 6 high; two digits a point, ';' between
 * polylines. */
#include "glyphs.h"

#include <string.h>

static const char *const GLYPHS[128] = {
    ['A'] = "002640;1232",
    ['B'] = "00063645443303;3342413000",
    ['C'] = "4536160501103041",
    ['D'] = "00063645413000",
    ['E'] = "46060040;0333",
    ['F'] = "460600;0333",
    ['G'] = "45361605011030414323",
    ['H'] = "0006;4046;0343",
    ['I'] = "2026;1030;1636",
    ['J'] = "4641301001",
    ['K'] = "0006;4603;0340",
    ['L'] = "060040",
    ['M'] = "0006234640",
    ['N'] = "00064046",
    ['O'] = "100105163645413010",
    ['P'] = "00063645443303",
    ['Q'] = "100105163645413010;2240",
    ['R'] = "00063645443303;2340",
    ['S'] = "453616050413334241301001",
    ['T'] = "0646;2620",
    ['U'] = "060110304146",
    ['V'] = "062046",
    ['W'] = "0610233046",
    ['X'] = "0046;0640",
    ['Y'] = "062346;2320",
    ['Z'] = "06460040",
    ['m'] = "0004;03142320;23344340",
    ['0'] = "100105163645413010;1135",
    ['1'] = "152620;1030",
    ['2'] = "05163645440040",
    ['3'] = "05163645443323;334241301001",
    ['4'] = "30360242",
    ['5'] = "460603334241301001",
    ['6'] = "4536160501103041423303",
    ['7'] = "064610",
    ['8'] = "1304051636454433130201103041;334241",
    ['9'] = "4313040516364541301001",
    ['.'] = "2020",
    ['-'] = "1333",
    ['/'] = "0046",
};

#define ADVANCE 5.6 /* grid units from one glyph to the next */

double hilum_glyphs_width(const char *text, double height)
{
  size_t n = strlen(text);
  return n == 0 ? 0 : (((double)n - 1) * ADVANCE + 4) * height / 6;
}

static void add_vertex(GArray *vertices, HilumVec3 p, const uint8_t color[4])
{
  FlatVertex v = {{(float)p.x, (float)p.y, (float)p.z}, {color[0], color[1], color[2], color[3]}};
  g_array_append_val(vertices, v);
}

void hilum_glyphs_add_quad(GArray *vertices, const HilumVec3 c[4], const uint8_t color[4])
{
  const int order[6] = {0, 1, 2, 0, 2, 3};
  for (int i = 0; i < 6; i++)
    add_vertex(vertices, c[order[i]], color);
}

void hilum_glyphs_add_segment(GArray *vertices, HilumVec3 a, HilumVec3 b, const GlyphStyle *style)
{
  HilumVec3 along = hilum_vec3_normalize(hilum_vec3_sub(b, a));
  if (hilum_vec3_length(along) == 0) along = style->right;
  HilumVec3 normal = hilum_vec3_cross(style->right, style->up);
  HilumVec3 half = hilum_vec3_scale(along, style->thickness / 2);
  HilumVec3 side = hilum_vec3_scale(hilum_vec3_cross(normal, along), style->thickness / 2);
  a = hilum_vec3_sub(a, half);
  b = hilum_vec3_add(b, half);
  const HilumVec3 corners[4] = {hilum_vec3_sub(a, side), hilum_vec3_sub(b, side), hilum_vec3_add(b, side),
                                hilum_vec3_add(a, side)};
  hilum_glyphs_add_quad(vertices, corners, style->color);
}

static HilumVec3 at(const GlyphStyle *style, double x, double y)
{
  double unit = style->height / 6;
  HilumVec3 p = hilum_vec3_madd(style->origin, x * unit, style->right);
  return hilum_vec3_madd(p, y * unit, style->up);
}

static void add_glyph(GArray *vertices, const char *strokes, double x, const GlyphStyle *style)
{
  HilumVec3 last = {0, 0, 0};
  bool started = false;
  for (const char *s = strokes; *s; s += 2) {
    if (*s == ';') {
      started = false;
      s--; /* the loop steps over the separator */
      continue;
    }
    HilumVec3 p = at(style, x + (s[0] - '0'), s[1] - '0');
    if (started) hilum_glyphs_add_segment(vertices, last, p, style);
    last = p;
    started = true;
  }
}

void hilum_glyphs_add(GArray *vertices, const char *text, const GlyphStyle *style)
{
  for (size_t i = 0; text[i]; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < 128 && GLYPHS[c]) add_glyph(vertices, GLYPHS[c], (double)i * ADVANCE, style);
  }
}
