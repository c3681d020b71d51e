/* Settings of the tools that draw an outline, bound to the tool's properties. */
#include "draw_settings.h"

#include "hilum/segment/split.h"
#include "ui_tools.h"

/* A property of a tool, and the row that shows it: a list of the values from 0, or a number. */
typedef struct {
  const char *property, *widget, *row;
  bool is_list;
} Setting;

static const Setting settings[] = {
    {"mode", "mode", "mode_row", true},           {"dark", "side", "side_row", true},
    {"outside", "part", "part_row", true},        {"all", "what", "what_row", true},
    {"reach", "reach", "reach_row", true},        {"depth-mm", "depth", "depth_row", false},
    {"fill-rule", "rule", "rule_row", true},      {"background", "ink", "ink_row", true},
    {"radius-mm", "radius", "radius_row", false}, {"one-phase", "look", "look_row", true},
    {"reach-mm", "around", "around_row", false},  {"follow", "follow", "follow_row", true},
    {"widest-mm", "widest", "widest_row", false}, {"tolerance", "tolerance", "tolerance_row", false},
    {"method", "method", "method_row", true},     {"parts", "parts", "parts_row", false},
};

struct _HilumDrawSettings {
  GtkWidget parent_instance;
  HilumTool *tool;
  GPtrArray *bindings; /* of the tool in hand */
};

G_DEFINE_FINAL_TYPE(HilumDrawSettings, hilum_draw_settings, GTK_TYPE_WIDGET)

static GtkWidget *part(HilumDrawSettings *self, const char *id)
{
  return GTK_WIDGET(gtk_widget_get_template_child(GTK_WIDGET(self), HILUM_TYPE_DRAW_SETTINGS, id));
}

static void unbind(gpointer binding)
{
  g_binding_unbind(binding);
}

/* Shows the row and ties it to the property if the tool has it. */
static void bind(HilumDrawSettings *self, const Setting *setting)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  const bool has =
      self->tool && g_object_class_find_property(G_OBJECT_GET_CLASS(self->tool), setting->property);
  GtkWidget *widget = part(self, setting->widget);
  gtk_widget_set_visible(part(self, setting->row), has);
  if (has && setting->is_list)
    g_ptr_array_add(self->bindings,
                    g_object_bind_property_full(self->tool, setting->property, widget, "selected", both,
                                                hilum_value_to_row, hilum_row_to_value, NULL, NULL));
  else if (has)
    g_ptr_array_add(self->bindings,
                    g_object_bind_property(self->tool, setting->property,
                                           gtk_spin_button_get_adjustment(GTK_SPIN_BUTTON(widget)), "value",
                                           both));
}

/* Numbers that only some choices ask for. */
static void show_numbers(HilumDrawSettings *self)
{
  GtkDropDown *reach = GTK_DROP_DOWN(part(self, "reach")), *method = GTK_DROP_DOWN(part(self, "method"));
  gtk_widget_set_visible(part(self, "parts_row"),
                         gtk_widget_get_visible(part(self, "method_row")) &&
                             gtk_drop_down_get_selected(method) != HILUM_SPLIT_POINTS);
  gtk_widget_set_visible(part(self, "depth_row"), gtk_widget_get_visible(part(self, "reach_row")) &&
                                                      gtk_drop_down_get_selected(reach) == HILUM_CUT_DEPTH);
}

/* Two vessels are parted by necks and brightness alone. */
static void show_vessel(HilumDrawSettings *self)
{
  const bool followed = gtk_widget_get_visible(part(self, "follow_row")) &&
                        gtk_drop_down_get_selected(GTK_DROP_DOWN(part(self, "follow"))) != HILUM_VESSEL_APART;
  gtk_widget_set_visible(part(self, "widest_row"), followed);
  gtk_widget_set_visible(part(self, "tolerance_row"), followed);
}

void hilum_draw_settings_set_tool(HilumDrawSettings *self, HilumTool *tool)
{
  if (tool == self->tool) return;
  g_ptr_array_set_size(self->bindings, 0);
  g_set_object(&self->tool, tool);
  for (size_t n = 0; n < G_N_ELEMENTS(settings); n++)
    bind(self, &settings[n]);
  show_numbers(self);
  show_vessel(self);
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
  for (size_t n = 0; n < G_N_ELEMENTS(settings); n++) {
    gtk_widget_class_bind_template_child_full(widget, settings[n].widget, FALSE, 0);
    gtk_widget_class_bind_template_child_full(widget, settings[n].row, FALSE, 0);
  }
}

static void hilum_draw_settings_init(HilumDrawSettings *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->bindings = g_ptr_array_new_with_free_func(unbind);
  g_signal_connect_swapped(part(self, "reach"), "notify::selected", G_CALLBACK(show_numbers), self);
  g_signal_connect_swapped(part(self, "method"), "notify::selected", G_CALLBACK(show_numbers), self);
  g_signal_connect_swapped(part(self, "follow"), "notify::selected", G_CALLBACK(show_vessel), self);
}
