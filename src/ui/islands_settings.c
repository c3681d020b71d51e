/* Settings of the islands tool, bound to its properties. */
#include "islands_settings.h"

#include "ui_tools.h"

struct _HilumIslandsSettings {
  GtkWidget parent_instance;
  GtkDropDown *action;
  GtkSpinButton *below;
  GtkWidget *below_row;
  GBindingGroup *bindings;
};

G_DEFINE_FINAL_TYPE(HilumIslandsSettings, hilum_islands_settings, GTK_TYPE_WIDGET)

void hilum_islands_settings_set_tool(HilumIslandsSettings *self, HilumTool *tool)
{
  g_binding_group_set_source(self->bindings, tool);
}

static void show_amount(HilumIslandsSettings *self)
{
  gtk_widget_set_visible(self->below_row,
                         gtk_drop_down_get_selected(self->action) == HILUM_ISLANDS_REMOVE_BELOW);
}

static void hilum_islands_settings_dispose(GObject *object)
{
  HilumIslandsSettings *self = HILUM_ISLANDS_SETTINGS(object);
  g_clear_object(&self->bindings);
  hilum_widget_drop_children(GTK_WIDGET(self));
  G_OBJECT_CLASS(hilum_islands_settings_parent_class)->dispose(object);
}

static void hilum_islands_settings_class_init(HilumIslandsSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_islands_settings_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/islands_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumIslandsSettings, action);
  gtk_widget_class_bind_template_child(widget, HilumIslandsSettings, below);
  gtk_widget_class_bind_template_child(widget, HilumIslandsSettings, below_row);
}

static void hilum_islands_settings_init(HilumIslandsSettings *self)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  gtk_widget_init_template(GTK_WIDGET(self));
  self->bindings = g_binding_group_new();
  g_binding_group_bind_full(self->bindings, "action", self->action, "selected", both, hilum_value_to_row,
                            hilum_row_to_value, NULL, NULL);
  g_binding_group_bind(self->bindings, "min-ml", gtk_spin_button_get_adjustment(self->below), "value", both);
  g_signal_connect_swapped(self->action, "notify::selected", G_CALLBACK(show_amount), self);
  show_amount(self);
}
