/* Settings of the tools that draw an outline, bound to the tool's properties. */
#include "draw_settings.h"

#include "ui_tools.h"

struct _HilumDrawSettings {
  GtkWidget parent_instance;
  GtkWidget *mode_row, *side_row, *part_row, *what_row, *reach_row, *depth_row, *rule_row;
  GtkDropDown *mode, *side, *part, *what, *reach, *rule;
  GtkSpinButton *depth;
  HilumTool *tool;
  GPtrArray *bindings; /* of the tool in hand */
};

G_DEFINE_FINAL_TYPE(HilumDrawSettings, hilum_draw_settings, GTK_TYPE_WIDGET)

static void unbind(gpointer binding)
{
  g_binding_unbind(binding);
}

/* Shows the row and ties it to the property if the tool has it. */
static void bind(HilumDrawSettings *self, const char *property, GtkWidget *row, GtkDropDown *list)
{
  bool has = self->tool && g_object_class_find_property(G_OBJECT_GET_CLASS(self->tool), property);
  gtk_widget_set_visible(row, has);
  if (has)
    g_ptr_array_add(self->bindings,
                    g_object_bind_property_full(self->tool, property, list, "selected",
                                                G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE,
                                                hilum_value_to_row, hilum_row_to_value, NULL, NULL));
}

static void show_depth(HilumDrawSettings *self)
{
  gtk_widget_set_visible(self->depth_row, gtk_widget_get_visible(self->reach_row) &&
                                              gtk_drop_down_get_selected(self->reach) == HILUM_CUT_DEPTH);
}

void hilum_draw_settings_set_tool(HilumDrawSettings *self, HilumTool *tool)
{
  if (tool == self->tool) return;
  g_ptr_array_set_size(self->bindings, 0);
  g_set_object(&self->tool, tool);
  bind(self, "mode", self->mode_row, self->mode);
  bind(self, "dark", self->side_row, self->side);
  bind(self, "outside", self->part_row, self->part);
  bind(self, "all", self->what_row, self->what);
  bind(self, "reach", self->reach_row, self->reach);
  bind(self, "fill-rule", self->rule_row, self->rule);
  if (gtk_widget_get_visible(self->reach_row))
    g_ptr_array_add(self->bindings,
                    g_object_bind_property(tool, "depth-mm", gtk_spin_button_get_adjustment(self->depth),
                                           "value", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE));
  show_depth(self);
}

static void hilum_draw_settings_dispose(GObject *object)
{
  HilumDrawSettings *self = HILUM_DRAW_SETTINGS(object);
  g_clear_pointer(&self->bindings, g_ptr_array_unref);
  g_clear_object(&self->tool);
  hilum_widget_drop_children(GTK_WIDGET(self));
  G_OBJECT_CLASS(hilum_draw_settings_parent_class)->dispose(object);
}

static void hilum_draw_settings_class_init(HilumDrawSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_draw_settings_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/draw_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, mode_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, side_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, part_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, what_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, reach_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, depth_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, rule_row);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, mode);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, side);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, part);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, what);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, reach);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, depth);
  gtk_widget_class_bind_template_child(widget, HilumDrawSettings, rule);
}

static void hilum_draw_settings_init(HilumDrawSettings *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->bindings = g_ptr_array_new_with_free_func(unbind);
  g_signal_connect_swapped(self->reach, "notify::selected", G_CALLBACK(show_depth), self);
}
