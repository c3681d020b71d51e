/* Settings of brush and eraser, bound to the tool's properties. */
#include "brush_settings.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumBrushSettings {
  GtkWidget parent_instance;
  GtkSpinButton *radius;
  GtkDropDown *shape, *smart;
  GtkWidget *sd_row, *tolerance_row;
  GtkSpinButton *sd, *tolerance;
  GtkLabel *locked;
  GBindingGroup *bindings;
};

G_DEFINE_FINAL_TYPE(HilumBrushSettings, hilum_brush_settings, GTK_TYPE_WIDGET)

void hilum_brush_settings_set_tool(HilumBrushSettings *self, HilumTool *tool)
{
  g_binding_group_set_source(self->bindings, tool);
}

void hilum_brush_settings_update(HilumBrushSettings *self, const char *locked)
{
  hilum_label_update(self->locked, *locked ? locked : _("None"));
}

static void show_reach(HilumBrushSettings *self)
{
  guint row = gtk_drop_down_get_selected(self->smart);
  gtk_widget_set_visible(self->sd_row, row == HILUM_SMART_SD);
  gtk_widget_set_visible(self->tolerance_row, row == HILUM_SMART_TOLERANCE);
}

static void hilum_brush_settings_dispose(GObject *object)
{
  HilumBrushSettings *self = HILUM_BRUSH_SETTINGS(object);
  g_clear_object(&self->bindings);
  hilum_widget_drop_children(GTK_WIDGET(self));
  G_OBJECT_CLASS(hilum_brush_settings_parent_class)->dispose(object);
}

static void hilum_brush_settings_class_init(HilumBrushSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_brush_settings_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/brush_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, radius);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, shape);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, smart);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, sd_row);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, sd);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, tolerance_row);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, tolerance);
  gtk_widget_class_bind_template_child(widget, HilumBrushSettings, locked);
}

static void hilum_brush_settings_init(HilumBrushSettings *self)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  gtk_widget_init_template(GTK_WIDGET(self));
  self->bindings = g_binding_group_new();
  g_binding_group_bind(self->bindings, "radius-mm", gtk_spin_button_get_adjustment(self->radius), "value",
                       both);
  g_binding_group_bind_full(self->bindings, "ball", self->shape, "selected", both, hilum_value_to_row,
                            hilum_row_to_value, NULL, NULL);
  g_binding_group_bind_full(self->bindings, "smart", self->smart, "selected", both, hilum_value_to_row,
                            hilum_row_to_value, NULL, NULL);
  g_binding_group_bind(self->bindings, "smart-sd", gtk_spin_button_get_adjustment(self->sd), "value", both);
  g_binding_group_bind(self->bindings, "tolerance", gtk_spin_button_get_adjustment(self->tolerance), "value",
                       both);
  g_signal_connect_swapped(self->smart, "notify::selected", G_CALLBACK(show_reach), self);
  show_reach(self);
}
