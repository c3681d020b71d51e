/* What a tool draws over a pane: seed strokes, each in its structure's colour and the background's in grey
 * with a bright core, told from labels by being nearly opaque; and an outline: a line in the structure's
 * colour on a dark rim, its inside tinted once it is closed, and marks on the point that would close it and
 * on the last one. */
#include "outline_view.h"

#include "ui_tools.h"

#include <math.h>

#define RIM_PX 3.5
#define LINE_PX 1.6
#define MARK_PX 4.0
#define STROKE_RIM_PX 2.0
#define STROKE_ALPHA 0.85
#define CLOSE_PX 8.0 /* as far as a click on the first point counts */

struct _HilumOutlineView {
  GtkWidget parent_instance;
  HilumWorkspace *workspace;
  HilumSlicePlane plane;
  GArray *points;  /* HilumPoint2, kept between frames */
  GArray *strokes; /* HilumToolStroke */
  bool drawn;      /* there was something in the last frame */
};

G_DEFINE_FINAL_TYPE(HilumOutlineView, hilum_outline_view, GTK_TYPE_WIDGET)

static HilumPoint2 point(const HilumToolOutline *outline, guint n)
{
  return g_array_index(outline->points_px, HilumPoint2, n);
}

static void path(cairo_t *cr, const HilumToolOutline *outline)
{
  cairo_new_path(cr);
  for (guint n = 0; n < outline->points_px->len; n++)
    cairo_line_to(cr, point(outline, n).x, point(outline, n).y);
  if (outline->closed) cairo_close_path(cr);
}

static void draw_line(cairo_t *cr, const HilumToolOutline *outline, const GdkRGBA *color)
{
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  path(cr, outline);
  if (outline->closed && outline->marks) {
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, 0.18);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_fill_preserve(cr);
  }
  cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
  cairo_set_line_width(cr, RIM_PX);
  cairo_stroke_preserve(cr);
  gdk_cairo_set_source_rgba(cr, color);
  cairo_set_line_width(cr, LINE_PX);
  cairo_stroke(cr);
}

static void draw_mark(cairo_t *cr, HilumPoint2 at, double radius, const GdkRGBA *color)
{
  cairo_new_path(cr);
  cairo_arc(cr, at.x, at.y, radius, 0, 2 * G_PI);
  cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
  cairo_set_line_width(cr, RIM_PX);
  cairo_stroke_preserve(cr);
  gdk_cairo_set_source_rgba(cr, color);
  cairo_set_line_width(cr, LINE_PX);
  cairo_stroke(cr);
}

static void draw_marks(cairo_t *cr, const HilumToolOutline *outline, const GdkRGBA *color)
{
  const guint set = outline->points_px->len - outline->loose_end;
  if (outline->closed || set == 0) return;
  draw_mark(cr, point(outline, 0), set >= 3 ? CLOSE_PX : MARK_PX, color);
  if (set > 1) draw_mark(cr, point(outline, set - 1), MARK_PX, color);
}

/* The structure's colour, made light enough for a line on a dark picture. */
static GdkRGBA line_color(HilumOutlineView *self)
{
  const HilumStructureLook *look =
      hilum_workspace_get_look(self->workspace, hilum_workspace_get_active(self->workspace));
  GdkRGBA color = {1, 1, 1, 1};
  if (look->used)
    color = (GdkRGBA){0.35f + 0.65f * look->rgb[0] / 255, 0.35f + 0.65f * look->rgb[1] / 255,
                      0.35f + 0.65f * look->rgb[2] / 255, 1};
  return color;
}

/* --- strokes --- */

static void set_stroke_color(HilumOutlineView *self, cairo_t *cr, uint8_t label)
{
  const HilumStructureLook *look = hilum_workspace_get_look(self->workspace, label);
  if (label && look->used)
    cairo_set_source_rgb(cr, look->rgb[0] / 255.0, look->rgb[1] / 255.0, look->rgb[2] / 255.0);
  else
    cairo_set_source_rgb(cr, 0.45, 0.47, 0.5);
}

static void draw_pieces(HilumOutlineView *self, cairo_t *cr, double rim_px, bool core)
{
  for (guint n = 0; n < self->strokes->len; n++) {
    const HilumToolStroke *piece = &g_array_index(self->strokes, HilumToolStroke, n);
    if (core && piece->label) continue;
    cairo_move_to(cr, piece->a.x, piece->a.y);
    cairo_line_to(cr, piece->b.x, piece->b.y);
    cairo_set_line_width(cr, core ? MAX(piece->width_px / 4, 1) : piece->width_px + rim_px);
    if (core)
      cairo_set_source_rgb(cr, 0.95, 0.95, 0.95);
    else if (rim_px > 0)
      cairo_set_source_rgb(cr, 0, 0, 0);
    else
      set_stroke_color(self, cr, piece->label);
    cairo_stroke(cr);
  }
}

/* As one picture, so that pieces that overlap do not shine through each other. */
static void draw_strokes(HilumOutlineView *self, cairo_t *cr)
{
  cairo_push_group(cr);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
  draw_pieces(self, cr, STROKE_RIM_PX, false);
  draw_pieces(self, cr, 0, false);
  draw_pieces(self, cr, 0, true);
  cairo_pop_group_to_source(cr);
  cairo_paint_with_alpha(cr, STROKE_ALPHA);
}

static bool get_strokes(HilumOutlineView *self)
{
  HilumTool *tool = self->workspace ? hilum_workspace_get_tool(self->workspace) : NULL;
  g_array_set_size(self->strokes, 0);
  if (tool) hilum_tool_get_strokes(tool, self->plane, self->strokes);
  return self->strokes->len > 0;
}

static bool get_outline(HilumOutlineView *self, HilumToolOutline *outline)
{
  HilumTool *tool = self->workspace ? hilum_workspace_get_tool(self->workspace) : NULL;
  *outline = (HilumToolOutline){.points_px = self->points};
  return tool && hilum_tool_get_outline(tool, self->plane, outline) && self->points->len > 0;
}

static void hilum_outline_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  HilumOutlineView *self = HILUM_OUTLINE_VIEW(widget);
  HilumToolOutline outline;
  const bool strokes = get_strokes(self), outlined = get_outline(self, &outline);
  self->drawn = strokes || outlined;
  if (!self->drawn) return;
  const float width = (float)gtk_widget_get_width(widget), height = (float)gtk_widget_get_height(widget);
  const graphene_rect_t all = GRAPHENE_RECT_INIT(0, 0, width, height);
  const GdkRGBA color = line_color(self);
  cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &all);
  if (strokes) draw_strokes(self, cr);
  if (outlined) draw_line(cr, &outline, &color);
  if (outlined && outline.marks) draw_marks(cr, &outline, &color);
  cairo_destroy(cr);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumOutlineView *self)
{
  unsigned matters = HILUM_CHANGE_CASE | HILUM_CHANGE_TOOL | HILUM_CHANGE_OUTLINE | HILUM_CHANGE_ACTIVE |
                     HILUM_CHANGE_STRUCTURES;
  matters |= self->plane < HILUM_SLICE_PLANES ? HILUM_CHANGE_AXIAL << self->plane : HILUM_CHANGE_CAMERA;
  if (!(changes & matters)) return;
  /* Other panes have nothing to draw, and nothing to take away. */
  HilumToolOutline outline;
  if (self->drawn || get_strokes(self) || get_outline(self, &outline))
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void hilum_outline_view_set_workspace(HilumOutlineView *self, HilumWorkspace *workspace,
                                      HilumSlicePlane plane)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  self->plane = plane;
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
}

static void hilum_outline_view_dispose(GObject *object)
{
  HilumOutlineView *self = HILUM_OUTLINE_VIEW(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_outline_view_parent_class)->dispose(object);
}

static void hilum_outline_view_finalize(GObject *object)
{
  g_array_unref(HILUM_OUTLINE_VIEW(object)->points);
  g_array_unref(HILUM_OUTLINE_VIEW(object)->strokes);
  G_OBJECT_CLASS(hilum_outline_view_parent_class)->finalize(object);
}

static void hilum_outline_view_class_init(HilumOutlineViewClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_outline_view_dispose;
  G_OBJECT_CLASS(klass)->finalize = hilum_outline_view_finalize;
  GTK_WIDGET_CLASS(klass)->snapshot = hilum_outline_view_snapshot;
}

static void hilum_outline_view_init(HilumOutlineView *self)
{
  self->points = g_array_new(FALSE, FALSE, sizeof(HilumPoint2));
  self->strokes = g_array_new(FALSE, FALSE, sizeof(HilumToolStroke));
  gtk_widget_set_can_target(GTK_WIDGET(self), FALSE);
  gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
}
