/* What the colours on surfaces mean: a bar, its ends in millimetres and a title for every kind that is shown.
 */
#include "hilum/view/color_map.h"
#include "pass_private.h"

/* Widget pixels. The pane's warning stands below. */
#define LEFT 12.0
#define BOTTOM 34.0
#define BAR_WIDTH 150.0
#define BAR_HEIGHT 8.0
#define LETTER 8.0
#define ROW 46.0
#define STEPS 50

typedef struct {
  GArray *vertices;
  double scale, x, y; /* device pixels per widget pixel; lower left corner of the row at hand */
} Legend;

void hilum_legend_color(HilumColoring coloring, double t, double rgb[3])
{
  if (coloring == HILUM_COLORING_THICKNESS)
    hilum_color_map_rgb(HILUM_COLOR_MAP_SEQUENTIAL, 1 - t, rgb); /* the thinnest is the lightest */
  else
    hilum_color_map_rgb(HILUM_COLOR_MAP_DIVERGING, t, rgb);
}

static bool is_shown(HilumWorkspace *workspace, HilumColoring coloring)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (hilum_workspace_get_coloring(workspace, (uint8_t)l) == coloring &&
        hilum_workspace_get_values(workspace, (uint8_t)l) && hilum_workspace_is_shown(workspace, (uint8_t)l))
      return true;
  return false;
}

/* `share` of the text's width stands before x. */
static void write_text(const Legend *l, const char *text, double x, double y, double share)
{
  const GlyphStyle style = {
      .origin = {l->x + (x - share * hilum_glyphs_width(text, LETTER)) * l->scale, l->y + y * l->scale, 0},
      .right = {1, 0, 0},
      .up = {0, 1, 0},
      .height = LETTER * l->scale,
      .thickness = 1.1 * l->scale,
      .color = {190, 200, 210, 255}};
  hilum_glyphs_add(l->vertices, text, &style);
}

static void add_bar(const Legend *l, HilumColoring coloring)
{
  for (int s = 0; s < STEPS; s++) {
    double rgb[3], x0 = l->x + s * BAR_WIDTH / STEPS * l->scale,
                   x1 = l->x + (s + 1) * BAR_WIDTH / STEPS * l->scale, y0 = l->y + 14 * l->scale,
                   y1 = y0 + BAR_HEIGHT * l->scale;
    uint8_t color[4] = {0, 0, 0, 255};
    hilum_legend_color(coloring, (s + 0.5) / STEPS, rgb);
    for (int c = 0; c < 3; c++)
      color[c] = (uint8_t)(rgb[c] * 255 + 0.5);
    const HilumVec3 corners[4] = {{x0, y0, 0}, {x1, y0, 0}, {x1, y1, 0}, {x0, y1, 0}};
    hilum_glyphs_add_quad(l->vertices, corners, color);
  }
}

/* Dark, so that the letters are read over any surface. */
static void add_ground(const Legend *l)
{
  const double out = 5 * l->scale, x0 = l->x - out, x1 = l->x + BAR_WIDTH * l->scale + out, y0 = l->y - out,
               y1 = l->y + (ROW - 5) * l->scale;
  const uint8_t color[4] = {13, 15, 18, 170};
  const HilumVec3 corners[4] = {{x0, y0, 0}, {x1, y0, 0}, {x1, y1, 0}, {x0, y1, 0}};
  hilum_glyphs_add_quad(l->vertices, corners, color);
}

static void add_number(const Legend *l, const char *format, double value, double x, double share)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(text, sizeof text, format, value);
  write_text(l, text, x, 0, share);
}

static void add_row(const Legend *l, HilumWorkspace *workspace, HilumColoring coloring)
{
  double lo, hi;
  hilum_workspace_get_coloring_range(workspace, coloring, &lo, &hi);
  bool deviation = coloring == HILUM_COLORING_DEVIATION;
  add_ground(l);
  write_text(l, deviation ? "FROM THE LABEL IN MM" : "THIN WALLS IN MM", 0, 28, 0);
  add_bar(l, coloring);
  add_number(l, deviation ? "%+.2f" : "%.1f", lo, 0, 0);
  add_number(l, deviation ? "%.0f" : "%.1f", (lo + hi) / 2, BAR_WIDTH / 2, 0.5);
  add_number(l, deviation ? "%+.2f" : "%.1f", hi, BAR_WIDTH, 1);
}

void hilum_legend_draw(HilumGpu *gpu, PassArrays *arrays, HilumWorkspace *workspace,
                       const HilumViewport *viewport)
{
  double scale = viewport->scale > 0 ? viewport->scale : 1;
  g_autoptr(GArray) vertices = g_array_new(FALSE, FALSE, sizeof(FlatVertex));
  Legend legend = {vertices, scale, LEFT * scale, BOTTOM * scale};
  for (int c = HILUM_COLORING_DEVIATION; c < HILUM_COLORING_KINDS; c++) {
    if (!is_shown(workspace, (HilumColoring)c)) continue;
    add_row(&legend, workspace, (HilumColoring)c);
    legend.y += ROW * scale;
  }
  if (vertices->len == 0) return;
  glEnable(GL_BLEND); /* the grounds are translucent */
  glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
  hilum_pass_draw_flat(gpu, arrays, vertices, hilum_pass_pixel_matrix(viewport));
  glDisable(GL_BLEND);
}
