/* Small helpers that several widgets use. Main thread only. */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* For dispose of a widget made from a template. */
void hilum_widget_drop_children(GtkWidget *widget);
/* Leaves the label alone if the text is the same, so that nothing is laid out anew. NULL counts as "". */
void hilum_label_update(GtkLabel *label, const char *text);
/* 0xRRGGBB. */
GdkRGBA hilum_rgba_from_color(uint32_t color);
uint32_t hilum_rgba_to_color(const GdkRGBA *rgba);
/* Makes a drawing area show one rounded patch of colour. Call again to change it. */
void hilum_swatch_set_color(GtkDrawingArea *area, uint32_t color);
/* "151.8 ml", "0.42 ml", "—" for none: three digits that matter. g_free(). */
char *hilum_volume_dup_text(double volume_ml);
/* "1.24 M", "12.3 k", "812". g_free(). */
char *hilum_count_dup_text(uint64_t count);
/* "20260115" -> "2026-01-15"; anything else as it is. g_free(). */
char *hilum_date_dup_text(const char *dicom_date);
/* Where the pointer was since the last motion event, in the widget's pixels and oldest first: GDK folds what
 * happens within a frame into one event, and a freehand line must not cut corners. GArray of
 * graphene_point_t, the present place not among them; empty without a button. */
GArray *hilum_motion_dup_history(GtkEventController *controller, GtkWidget *widget);
/* For bindings between a property and the selected row of a list: rows are in the order of the enumeration;
 * of the two rows of a flag the second is true. GBindingTransformFunc. */
gboolean hilum_value_to_row(GBinding *binding, const GValue *from, GValue *to, gpointer data);
gboolean hilum_row_to_value(GBinding *binding, const GValue *from, GValue *to, gpointer data);
/* Lower case letters of GDK's modifier state as HILUM_MODIFIER_*. */
unsigned hilum_modifiers_from_gdk(GdkModifierType state);

G_END_DECLS
