/* The ruler of a 2D pane. */
#include "ruler.h"

#include <glib/gi18n.h>
#include <math.h>

enum { TICK_PX = 6, GAP_PX = 6 };

struct _HilumRuler {
  GtkWidget parent_instance;
  double length_mm, length_px;
};

G_DEFINE_FINAL_TYPE(HilumRuler, hilum_ruler, GTK_TYPE_WIDGET)

static PangoLayout *make_text(HilumRuler *self)
{
  g_autofree char *text = self->length_mm >= 10 ? g_strdup_printf(_("%.0f cm"), self->length_mm / 10)
                                                : g_strdup_printf(_("%.0f mm"), self->length_mm);
  return gtk_widget_create_pango_layout(GTK_WIDGET(self), text);
}

void hilum_ruler_set_length(HilumRuler *self, double length_mm, double length_px)
{
  if (self->length_mm == length_mm && fabs(self->length_px - length_px) < 0.25) return;
  self->length_mm = length_mm;
  self->length_px = length_px;
  g_autofree char *text = g_strdup_printf(_("Ruler: %.0f mm"), length_mm);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_queue_resize(GTK_WIDGET(self));
}

static void hilum_ruler_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                                int *natural, int *minimum_baseline, int *natural_baseline)
{
  HilumRuler *self = HILUM_RULER(widget);
  g_autoptr(PangoLayout) layout = make_text(self);
  int width, height;
  pango_layout_get_pixel_size(layout, &width, &height);
  *minimum = *natural =
      orientation == GTK_ORIENTATION_HORIZONTAL ? (int)ceil(self->length_px) + GAP_PX + width + 2 : height;
}

static void hilum_ruler_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  HilumRuler *self = HILUM_RULER(widget);
  if (!(self->length_px > 0)) return;
  GdkRGBA ink;
  gtk_style_context_get_color(gtk_widget_get_style_context(widget), &ink);
  GdkRGBA shade = {0, 0, 0, 0.7f};
  float length = (float)self->length_px, middle = (float)gtk_widget_get_height(widget) / 2;
  for (int pass = 0; pass < 2; pass++) {
    float grow = pass == 0 ? 1 : 0;
    const GdkRGBA *color = pass == 0 ? &shade : &ink;
    graphene_rect_t bar = GRAPHENE_RECT_INIT(-grow, middle - grow, length + 2 * grow, 1 + 2 * grow);
    gtk_snapshot_append_color(snapshot, color, &bar);
    for (int end = 0; end < 2; end++) {
      graphene_rect_t tick = GRAPHENE_RECT_INIT((end ? length - 1 : 0) - grow, middle - TICK_PX / 2.0f - grow,
                                                1 + 2 * grow, TICK_PX + 2 * grow);
      gtk_snapshot_append_color(snapshot, color, &tick);
    }
  }
  g_autoptr(PangoLayout) layout = make_text(self);
  gtk_snapshot_render_layout(snapshot, gtk_widget_get_style_context(widget), length + GAP_PX, 0, layout);
}

static void hilum_ruler_class_init(HilumRulerClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  widget->measure = hilum_ruler_measure;
  widget->snapshot = hilum_ruler_snapshot;
  gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void hilum_ruler_init(HilumRuler *self)
{
  gtk_widget_add_css_class(GTK_WIDGET(self), "ruler");
}
