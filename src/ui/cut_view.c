/* A free cut and a distance over a pane: lines on a dark rim, as the tools' outlines, in a colour that no
 * structure has. */
#include "cut_view.h"

#include <glib/gi18n.h>
#include <math.h>

#define RIM_PX 3.5
#define LINE_PX 1.5
#define ARROW_PX 9.0
#define EDGE_PX 26.0 /* from the pane's edges to the arrows */
#define DOT_PX 3.5

static const GdkRGBA INK = {0.45f, 0.85f, 1.0f, 1.0f};

struct _HilumCutView {
  GtkWidget parent_instance;
  HilumWorkspace *workspace;
  HilumSlicePlane plane;
  bool drawn; /* there was something in the last frame */
};

G_DEFINE_FINAL_TYPE(HilumCutView, hilum_cut_view, GTK_TYPE_WIDGET)

/* Strokes the path on a rim. */
static void ink(cairo_t *cr)
{
  cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
  cairo_set_line_width(cr, RIM_PX);
  cairo_stroke_preserve(cr);
  gdk_cairo_set_source_rgba(cr, &INK);
  cairo_set_line_width(cr, LINE_PX);
  cairo_stroke(cr);
}

static void draw_arrow(cairo_t *cr, HilumPoint2 at, HilumPoint2 to)
{
  const double x = at.x + ARROW_PX * to.x, y = at.y + ARROW_PX * to.y, half = ARROW_PX * 0.55;
  cairo_move_to(cr, x, y);
  cairo_line_to(cr, at.x - half * to.y, at.y + half * to.x);
  cairo_line_to(cr, at.x + half * to.y, at.y - half * to.x);
  cairo_close_path(cr);
  gdk_cairo_set_source_rgba(cr, &INK);
  cairo_fill(cr);
}

/* Narrows a stretch of a line, 0..1, to where from + t step lies in 0..size less the edges. */
static void narrow(double from, double step, double size, double *t0, double *t1)
{
  if (fabs(step) < 1e-9) return;
  const double a = (EDGE_PX - from) / step, b = (size - EDGE_PX - from) / step;
  *t0 = fmax(*t0, fmin(a, b));
  *t1 = fmin(*t1, fmax(a, b));
}

static void draw_trace(HilumCutView *self, cairo_t *cr, const HilumClipTrace *trace)
{
  cairo_new_path(cr);
  if (trace->kind == HILUM_TRACE_CIRCLE) {
    cairo_arc(cr, trace->a.x, trace->a.y, trace->radius_px, 0, 2 * G_PI);
    ink(cr);
    return;
  }
  const HilumPoint2 a = trace->a, step = {trace->b.x - a.x, trace->b.y - a.y};
  double t0 = 0, t1 = 1;
  cairo_move_to(cr, a.x, a.y);
  cairo_line_to(cr, trace->b.x, trace->b.y);
  ink(cr);
  narrow(a.x, step.x, gtk_widget_get_width(GTK_WIDGET(self)), &t0, &t1);
  narrow(a.y, step.y, gtk_widget_get_height(GTK_WIDGET(self)), &t0, &t1);
  if (t0 >= t1) return;
  draw_arrow(cr, (HilumPoint2){a.x + t0 * step.x, a.y + t0 * step.y}, trace->stays);
  draw_arrow(cr, (HilumPoint2){a.x + t1 * step.x, a.y + t1 * step.y}, trace->stays);
}

static void draw_grip(cairo_t *cr, HilumPoint2 at, double radius, bool solid)
{
  cairo_new_path(cr);
  cairo_arc(cr, at.x, at.y, radius, 0, 2 * G_PI);
  if (solid) {
    cairo_set_source_rgba(cr, 0.08, 0.2, 0.28, 0.85);
    cairo_fill_preserve(cr);
  }
  ink(cr);
}

static void draw_handle(cairo_t *cr, const HilumClip *clip, const HilumClipHandle *h)
{
  cairo_new_path(cr);
  if (clip->kind == HILUM_CLIP_SPHERE) {
    cairo_move_to(cr, h->from.x, h->from.y);
    cairo_line_to(cr, h->depth.x, h->depth.y);
    ink(cr);
  } else {
    for (int c = 0; c < 4; c++)
      cairo_line_to(cr, h->frame[c].x, h->frame[c].y);
    cairo_close_path(cr);
    cairo_set_source_rgba(cr, (double)INK.red, (double)INK.green, (double)INK.blue, 0.55);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    cairo_move_to(cr, h->from.x, h->from.y);
    cairo_line_to(cr, h->place.x, h->place.y);
    ink(cr);
  }
  draw_grip(cr, h->depth, h->depth_px, clip->kind == HILUM_CLIP_SPHERE);
  draw_grip(cr, h->place, h->place_px, true);
}

/* --- a distance --- */

/* Where an end of it is seen, and whether it lies in the slice; in 3D all of it does. False: nowhere. */
static bool end_px(HilumCutView *self, HilumVec3 p, HilumPoint2 *px, double *off_mm)
{
  *off_mm = 0;
  if (self->plane == HILUM_SLICE_PLANES)
    return hilum_camera_project(hilum_workspace_get_camera(self->workspace), p,
                                gtk_widget_get_width(GTK_WIDGET(self)),
                                gtk_widget_get_height(GTK_WIDGET(self)), &px->x, &px->y);
  hilum_slice_state_mm_to_widget(hilum_workspace_get_slice(self->workspace, self->plane), p, &px->x, &px->y,
                                 off_mm);
  return true;
}

/* In a slice it is drawn where it begins in, ends in or goes through that; ends that lie elsewhere are open.
 */
static bool get_span(HilumCutView *self, HilumPoint2 px[2], bool in_slice[2])
{
  const HilumSpan *span = hilum_workspace_get_span(self->workspace);
  double off[2];
  if (!span->on || !end_px(self, span->a_mm, &px[0], &off[0]) || !end_px(self, span->b_mm, &px[1], &off[1]))
    return false;
  if (self->plane == HILUM_SLICE_PLANES) {
    in_slice[0] = in_slice[1] = true;
    return true;
  }
  const HilumSliceState *slice = hilum_workspace_get_slice(self->workspace, self->plane);
  const double half = 0.51 * slice->grid.spacing_mm[slice->n_axis];
  for (int e = 0; e < 2; e++)
    in_slice[e] = fabs(off[e]) <= half;
  return in_slice[0] || in_slice[1] || off[0] * off[1] < 0;
}

static void draw_span(HilumCutView *self, cairo_t *cr, const HilumPoint2 px[2], const bool in_slice[2])
{
  const HilumSpan *span = hilum_workspace_get_span(self->workspace);
  g_autofree char *text = g_strdup_printf(_("%.1f mm"), hilum_vec3_distance(span->a_mm, span->b_mm));
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), text);
  cairo_new_path(cr);
  cairo_move_to(cr, px[0].x, px[0].y);
  cairo_line_to(cr, px[1].x, px[1].y);
  ink(cr);
  for (int e = 0; e < 2; e++) {
    cairo_new_path(cr);
    cairo_arc(cr, px[e].x, px[e].y, DOT_PX, 0, 2 * G_PI);
    if (in_slice[e]) {
      gdk_cairo_set_source_rgba(cr, &INK);
      cairo_fill_preserve(cr);
    }
    ink(cr);
  }
  const double x = fmax(px[0].x, px[1].x) + 2 * DOT_PX, y = (px[0].y + px[1].y) / 2 - 9;
  cairo_move_to(cr, x + 1, y + 1);
  cairo_set_source_rgba(cr, 0, 0, 0, 0.85);
  pango_cairo_show_layout(cr, layout);
  cairo_move_to(cr, x, y);
  gdk_cairo_set_source_rgba(cr, &INK);
  pango_cairo_show_layout(cr, layout);
}

static void hilum_cut_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  HilumCutView *self = HILUM_CUT_VIEW(widget);
  const int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
  self->drawn = false;
  if (!self->workspace || hilum_workspace_get_phase_count(self->workspace) == 0) return;
  const HilumClip *clip = hilum_workspace_get_clip(self->workspace);
  HilumClipTrace trace = {.kind = HILUM_TRACE_NONE};
  HilumClipHandle handle;
  const bool in_3d = self->plane == HILUM_SLICE_PLANES;
  if (in_3d)
    self->drawn =
        hilum_clip_get_handle(clip, hilum_workspace_get_camera(self->workspace), width, height, &handle);
  else
    trace = hilum_clip_trace(clip, hilum_workspace_get_slice(self->workspace, self->plane));
  HilumPoint2 ends[2];
  bool in_slice[2];
  const bool cut = self->drawn || trace.kind != HILUM_TRACE_NONE, span = get_span(self, ends, in_slice);
  self->drawn = cut || span;
  if (!self->drawn) return;
  const graphene_rect_t all = GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height);
  cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &all);
  if (cut && in_3d)
    draw_handle(cr, clip, &handle);
  else if (cut)
    draw_trace(self, cr, &trace);
  if (span) draw_span(self, cr, ends, in_slice);
  cairo_destroy(cr);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumCutView *self)
{
  unsigned matters = HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_CLIP | HILUM_CHANGE_SPAN;
  matters |= self->plane < HILUM_SLICE_PLANES ? HILUM_CHANGE_AXIAL << self->plane : HILUM_CHANGE_CAMERA;
  if (!(changes & matters)) return;
  const HilumClipKind kind = hilum_workspace_get_clip(workspace)->kind;
  /* Nothing to draw, and nothing to take away. */
  if (self->drawn || kind == HILUM_CLIP_PLANE || kind == HILUM_CLIP_SPHERE ||
      hilum_workspace_get_span(workspace)->on)
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void hilum_cut_view_set_workspace(HilumCutView *self, HilumWorkspace *workspace, HilumSlicePlane plane)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  self->plane = plane;
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
}

static void hilum_cut_view_dispose(GObject *object)
{
  HilumCutView *self = HILUM_CUT_VIEW(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_cut_view_parent_class)->dispose(object);
}

static void hilum_cut_view_class_init(HilumCutViewClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = hilum_cut_view_dispose;
  GTK_WIDGET_CLASS(klass)->snapshot = hilum_cut_view_snapshot;
}

static void hilum_cut_view_init(HilumCutView *self)
{
  gtk_widget_set_can_target(GTK_WIDGET(self), FALSE);
  gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
}
