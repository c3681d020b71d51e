/* The histogram of a volume with a band over it, and a structure's own distribution over both, each to its
 * own scale. Heights are the square root of the counts, so that the small peak of an enhanced kidney is seen
 * beside that of fat and muscle. */
#include "histogram_view.h"

#include <glib/gi18n.h>
#include <math.h>

#define GRIP_PX 8.0
enum { MAX_BINS = 512 };

struct _HilumHistogramView {
  GtkWidget parent_instance;
  HilumVolume *volume;
  bool editable;
  double lo, hi;            /* the band, real values */
  double first, last;       /* what the width shows, real values */
  double heights[MAX_BINS]; /* 0..1 */
  double own[MAX_BINS];     /* of the structure's own voxels, 0..1 */
  bool has_own;
  GdkRGBA own_color;
  int n_bins;
  int grip; /* -1 none, 0 lower edge, 1 upper edge, 2 the band */
  double grip_lo, grip_hi, grip_x;
};

enum { PROP_EDITABLE = 1, N_PROPS };
static GParamSpec *props[N_PROPS];
enum { RANGE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumHistogramView, hilum_histogram_view, GTK_TYPE_WIDGET)

/* Soft tissue and contrast for HU; the bulk of the voxels for anything else. */
static void choose_extent(HilumHistogramView *self)
{
  double min, max;
  hilum_volume_get_range(self->volume, &min, &max);
  if (g_str_equal(hilum_volume_get_unit(self->volume), "HU")) {
    self->first = MAX(min, -200);
    self->last = MIN(max, 600);
  } else {
    self->first = hilum_volume_get_quantile(self->volume, 0.005);
    self->last = hilum_volume_get_quantile(self->volume, 0.998);
  }
  if (!(self->last > self->first)) {
    self->first = min;
    self->last = max > min ? max : min + 1;
  }
}

/* 65,536 counts into at most 512 bins, smoothed over three; the highest is 1. */
static void fill_heights(HilumHistogramView *self, const uint64_t *counts, double heights[MAX_BINS])
{
  double slope = hilum_volume_get_slope(self->volume), intercept = hilum_volume_get_intercept(self->volume);
  double raw[MAX_BINS] = {0}, largest = 0;
  for (int index = 0; index < 65536; index++) {
    if (counts[index] == 0) continue;
    double real = slope * (index - 32768) + intercept;
    int bin = (int)floor((real - self->first) / (self->last - self->first) * self->n_bins);
    if (bin >= 0 && bin < self->n_bins) raw[bin] += (double)counts[index];
  }
  for (int bin = 0; bin < self->n_bins; bin++) {
    int before = MAX(bin - 1, 0), after = MIN(bin + 1, self->n_bins - 1);
    heights[bin] = sqrt((raw[before] + 2 * raw[bin] + raw[after]) / 4);
    largest = MAX(largest, heights[bin]);
  }
  for (int bin = 0; bin < self->n_bins && largest > 0; bin++)
    heights[bin] /= largest;
}

/* Called on a change of the volume only. */
static void count_bins(HilumHistogramView *self)
{
  double steps = (self->last - self->first) / hilum_volume_get_slope(self->volume);
  self->n_bins = (int)CLAMP(steps, 2, 200);
  fill_heights(self, hilum_volume_get_histogram(self->volume), self->heights);
}

void hilum_histogram_view_set_own(HilumHistogramView *self, const uint64_t *counts, const GdkRGBA *color)
{
  self->has_own = counts && self->volume;
  if (self->has_own) {
    fill_heights(self, counts, self->own);
    self->own_color = *color;
  }
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

void hilum_histogram_view_set_volume(HilumHistogramView *self, HilumVolume *volume)
{
  if (self->volume == volume) return;
  g_clear_pointer(&self->volume, hilum_volume_unref);
  self->n_bins = 0;
  self->has_own = false;
  if (volume) {
    self->volume = hilum_volume_ref(volume);
    choose_extent(self);
    count_bins(self);
  }
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

void hilum_histogram_view_set_range(HilumHistogramView *self, double lo, double hi)
{
  if (self->lo == lo && self->hi == hi) return;
  self->lo = lo;
  self->hi = hi;
  g_autofree char *text = g_strdup_printf(_("Histogram, range %.0f to %.0f"), lo, hi);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

/* --- drawing --- */

static double to_px(HilumHistogramView *self, double real)
{
  double width = gtk_widget_get_width(GTK_WIDGET(self));
  return CLAMP((real - self->first) / (self->last - self->first), 0.0, 1.0) * width;
}

static double to_real(HilumHistogramView *self, double px)
{
  return self->first + px / MAX(gtk_widget_get_width(GTK_WIDGET(self)), 1) * (self->last - self->first);
}

static void trace(HilumHistogramView *self, const double *heights, cairo_t *cr, double width, double height)
{
  cairo_move_to(cr, 0, height);
  for (int bin = 0; bin < self->n_bins; bin++)
    cairo_line_to(cr, (bin + 0.5) * width / self->n_bins, height - 2 - heights[bin] * (height - 8));
  cairo_line_to(cr, width, height);
  cairo_close_path(cr);
}

static void hilum_histogram_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  HilumHistogramView *self = HILUM_HISTOGRAM_VIEW(widget);
  int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
  if (self->n_bins == 0 || width <= 0) return;
  GtkStyleContext *style = gtk_widget_get_style_context(widget);
  GdkRGBA plain, accent = {0.208f, 0.518f, 0.894f, 1};
  gtk_style_context_get_color(style, &plain);
  gtk_style_context_lookup_color(style, "hilum_accent", &accent);
  GdkRGBA band = accent;
  band.alpha = 0.22f;

  cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
  gdk_cairo_set_source_rgba(cr, &plain);
  trace(self, self->heights, cr, width, height);
  cairo_fill(cr);
  double left = to_px(self, self->lo), right = to_px(self, self->hi);
  if (right > left) {
    cairo_save(cr);
    cairo_rectangle(cr, left, 0, right - left, height);
    gdk_cairo_set_source_rgba(cr, &band);
    cairo_fill_preserve(cr);
    cairo_clip(cr);
    gdk_cairo_set_source_rgba(cr, &accent);
    trace(self, self->heights, cr, width, height);
    cairo_fill(cr);
    cairo_restore(cr);
  }
  if (self->has_own) { /* over both, so that it is seen where it is small: an outline, lightly filled */
    GdkRGBA light = self->own_color;
    light.alpha = 0.35f;
    trace(self, self->own, cr, width, height);
    gdk_cairo_set_source_rgba(cr, &light);
    cairo_fill_preserve(cr);
    gdk_cairo_set_source_rgba(cr, &self->own_color);
    cairo_set_line_width(cr, 1.5);
    cairo_stroke(cr);
  }
  cairo_destroy(cr);
}

/* --- the hand --- */

static int grip_at(HilumHistogramView *self, double x)
{
  double left = to_px(self, self->lo), right = to_px(self, self->hi);
  if (fabs(x - left) <= GRIP_PX && fabs(x - left) <= fabs(x - right)) return 0;
  if (fabs(x - right) <= GRIP_PX) return 1;
  if (x > left && x < right) return 2;
  return x < left ? 0 : 1;
}

static void drag_begin(GtkGestureDrag *gesture, double x, double y, HilumHistogramView *self)
{
  self->grip = self->editable && self->volume ? grip_at(self, x) : -1;
  self->grip_lo = self->lo;
  self->grip_hi = self->hi;
  self->grip_x = x;
}

static void drag_update(GtkGestureDrag *gesture, double dx, double dy, HilumHistogramView *self)
{
  if (self->grip < 0 || fabs(dx) < 1) return;
  double moved = to_real(self, self->grip_x + dx) - to_real(self, self->grip_x);
  double lo = self->grip_lo, hi = self->grip_hi;
  if (self->grip != 1) lo = round(lo + moved);
  if (self->grip != 0) hi = round(hi + moved);
  if (lo > hi) return;
  hilum_histogram_view_set_range(self, lo, hi);
  g_signal_emit(self, signals[RANGE_CHANGED], 0, lo, hi);
}

static void pointer_moved(GtkEventControllerMotion *controller, double x, double y, HilumHistogramView *self)
{
  if (!self->editable || !self->volume) return;
  gtk_widget_set_cursor_from_name(GTK_WIDGET(self), grip_at(self, x) == 2 ? "grab" : "ew-resize");
}

/* --- life --- */

static void hilum_histogram_view_finalize(GObject *object)
{
  g_clear_pointer(&HILUM_HISTOGRAM_VIEW(object)->volume, hilum_volume_unref);
  G_OBJECT_CLASS(hilum_histogram_view_parent_class)->finalize(object);
}

static void hilum_histogram_view_set_property(GObject *object, guint id, const GValue *value,
                                              GParamSpec *pspec)
{
  HILUM_HISTOGRAM_VIEW(object)->editable = g_value_get_boolean(value);
}

static void hilum_histogram_view_class_init(HilumHistogramViewClass *klass)
{
  GObjectClass *object = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  object->finalize = hilum_histogram_view_finalize;
  object->set_property = hilum_histogram_view_set_property;
  widget->snapshot = hilum_histogram_view_snapshot;
  props[PROP_EDITABLE] =
      g_param_spec_boolean("editable", NULL, NULL, FALSE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties(object, N_PROPS, props);
  signals[RANGE_CHANGED] = g_signal_new("range-changed", HILUM_TYPE_HISTOGRAM_VIEW, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  gtk_widget_class_set_css_name(widget, "histogram");
  gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void hilum_histogram_view_init(HilumHistogramView *self)
{
  gtk_widget_add_css_class(GTK_WIDGET(self), "histogram");
  gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Histogram"), -1);
  GtkGesture *drag = gtk_gesture_drag_new();
  g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), self);
  g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), self);
  gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(drag));
  GtkEventController *motion = gtk_event_controller_motion_new();
  g_signal_connect(motion, "motion", G_CALLBACK(pointer_moved), self);
  gtk_widget_add_controller(GTK_WIDGET(self), motion);
}
