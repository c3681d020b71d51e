/* Small helpers that several widgets use. */
#include "ui_tools.h"

#include "hilum/view/tool.h"

#include <glib/gi18n.h>
#include <string.h>

void hilum_widget_drop_children(GtkWidget *widget)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child(widget)))
    gtk_widget_unparent(child);
}

void hilum_label_update(GtkLabel *label, const char *text)
{
  if (!text) text = "";
  if (strcmp(gtk_label_get_text(label), text) != 0) gtk_label_set_text(label, text);
}

GdkRGBA hilum_rgba_from_color(uint32_t color)
{
  return (GdkRGBA){(float)(color >> 16 & 255) / 255, (float)(color >> 8 & 255) / 255,
                   (float)(color & 255) / 255, 1};
}

static uint32_t channel(float value)
{
  return (uint32_t)(CLAMP(value, 0.0f, 1.0f) * 255 + 0.5f);
}

uint32_t hilum_rgba_to_color(const GdkRGBA *rgba)
{
  return channel(rgba->red) << 16 | channel(rgba->green) << 8 | channel(rgba->blue);
}

static void draw_swatch(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  GdkRGBA rgba = hilum_rgba_from_color(GPOINTER_TO_UINT(data));
  double r = MIN(width, height) * 0.22;
  cairo_new_sub_path(cr);
  cairo_arc(cr, width - r, r, r, -G_PI_2, 0);
  cairo_arc(cr, width - r, height - r, r, 0, G_PI_2);
  cairo_arc(cr, r, height - r, r, G_PI_2, G_PI);
  cairo_arc(cr, r, r, r, G_PI, 3 * G_PI_2);
  cairo_close_path(cr);
  gdk_cairo_set_source_rgba(cr, &rgba);
  cairo_fill(cr);
}

void hilum_swatch_set_color(GtkDrawingArea *area, uint32_t color)
{
  gtk_drawing_area_set_draw_func(area, draw_swatch, GUINT_TO_POINTER(color), NULL);
}

char *hilum_volume_dup_text(double volume_ml)
{
  if (!(volume_ml > 0)) return g_strdup("—");
  return g_strdup_printf(volume_ml < 1 ? _("%.2f ml") : _("%.1f ml"), volume_ml);
}

char *hilum_count_dup_text(uint64_t count)
{
  if (count >= 1000000) return g_strdup_printf(_("%.2f M"), (double)count / 1e6);
  if (count >= 10000) return g_strdup_printf(_("%.0f k"), (double)count / 1e3);
  return g_strdup_printf("%" G_GUINT64_FORMAT, count);
}

char *hilum_date_dup_text(const char *dicom_date)
{
  if (!dicom_date) return g_strdup("");
  if (strlen(dicom_date) != 8 || strspn(dicom_date, "0123456789") != 8) return g_strdup(dicom_date);
  return g_strdup_printf("%.4s-%.2s-%.2s", dicom_date, dicom_date + 4, dicom_date + 6);
}

unsigned hilum_modifiers_from_gdk(GdkModifierType state)
{
  return (state & GDK_SHIFT_MASK ? HILUM_MODIFIER_SHIFT : 0u) |
         (state & GDK_CONTROL_MASK ? HILUM_MODIFIER_CONTROL : 0u) |
         (state & GDK_ALT_MASK ? HILUM_MODIFIER_ALT : 0u);
}

GArray *hilum_motion_dup_history(GtkEventController *controller, GtkWidget *widget)
{
  GArray *places = g_array_new(FALSE, FALSE, sizeof(graphene_point_t));
  GdkEvent *event = gtk_event_controller_get_current_event(controller);
  guint count = 0;
  g_autofree GdkTimeCoord *history = event && gdk_event_get_event_type(event) == GDK_MOTION_NOTIFY
                                         ? gdk_event_get_history(event, &count)
                                         : NULL;
  GtkNative *native = gtk_widget_get_native(widget);
  double offset_x = 0, offset_y = 0;
  if (history) gtk_native_get_surface_transform(native, &offset_x, &offset_y);
  for (guint n = 0; history && n < count; n++) {
    double x = history[n].axes[GDK_AXIS_X] - offset_x, y = history[n].axes[GDK_AXIS_Y] - offset_y;
    gtk_widget_translate_coordinates(GTK_WIDGET(native), widget, x, y, &x, &y);
    const graphene_point_t place = GRAPHENE_POINT_INIT((float)x, (float)y);
    g_array_append_val(places, place);
  }
  return places;
}

gboolean hilum_value_to_row(GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint(to, G_VALUE_HOLDS_BOOLEAN(from) ? (guint)g_value_get_boolean(from)
                                                   : (guint)g_value_get_int(from));
  return TRUE;
}

gboolean hilum_row_to_value(GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  if (G_VALUE_HOLDS_BOOLEAN(to))
    g_value_set_boolean(to, g_value_get_uint(from) == 1);
  else
    g_value_set_int(to, (int)g_value_get_uint(from));
  return TRUE;
}
