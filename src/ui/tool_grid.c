/* The grid of tool buttons. */
#include "tool_grid.h"

#include "tool_table.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

enum { COLUMNS = 5, MORE_COLUMNS = 3 };

struct _HilumToolGrid {
  GtkWidget parent_instance;
  GtkGrid *grid;
  GtkGrid *more_grid;
  GtkMenuButton *more;
  GtkImage *more_image;
  GtkLabel *more_label;
};

G_DEFINE_FINAL_TYPE(HilumToolGrid, hilum_tool_grid, GTK_TYPE_WIDGET)

static char *dup_icon_name(const HilumToolEntry *entry)
{
  return g_strdup_printf("hilum-%s-symbolic", entry->id);
}

static char *dup_tooltip(size_t index)
{
  const HilumToolEntry *entry = hilum_tool_table_get(index);
  const int digit = hilum_tool_table_get_digit(index);
  g_autofree char *letter = entry->letter ? g_ascii_strup(entry->letter, -1) : NULL;
  if (digit && letter) return g_strdup_printf(_("%s (%d or %s)"), _(entry->tooltip), digit, letter);
  if (digit) return g_strdup_printf(_("%s (%d)"), _(entry->tooltip), digit);
  return letter ? g_strdup_printf(_("%s (%s)"), _(entry->tooltip), letter) : g_strdup(_(entry->tooltip));
}

static GtkWidget *make_button(size_t index)
{
  const HilumToolEntry *entry = hilum_tool_table_get(index);
  g_autofree char *icon = dup_icon_name(entry), *tooltip = dup_tooltip(index);
  g_autofree char *spoken = g_strdup_printf(_("%s tool"), _(entry->name));
  GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3), *button = gtk_toggle_button_new();
  gtk_box_append(GTK_BOX(box), gtk_image_new_from_icon_name(icon));
  gtk_box_append(GTK_BOX(box), gtk_label_new(_(entry->name)));
  gtk_button_set_child(GTK_BUTTON(button), box);
  gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "s", entry->id);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.tool");
  gtk_widget_set_tooltip_text(button, tooltip);
  gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return button;
}

static void close_more(HilumToolGrid *self)
{
  gtk_menu_button_popdown(self->more);
}

static void fill(HilumToolGrid *self)
{
  int in_grid = 0, in_more = 0;
  for (size_t n = 0; n < hilum_tool_table_get_count(); n++) {
    GtkWidget *button = make_button(n);
    if (hilum_tool_table_get(n)->in_grid) {
      gtk_grid_attach(self->grid, button, in_grid % COLUMNS, in_grid / COLUMNS, 1, 1);
      in_grid++;
      continue;
    }
    g_signal_connect_swapped(button, "clicked", G_CALLBACK(close_more), self);
    gtk_grid_attach(self->more_grid, button, in_more % MORE_COLUMNS, in_more / MORE_COLUMNS, 1, 1);
    in_more++;
  }
  GtkLayoutManager *layout = gtk_widget_get_layout_manager(GTK_WIDGET(self->grid));
  GtkLayoutChild *place = gtk_layout_manager_get_layout_child(layout, GTK_WIDGET(self->more));
  gtk_grid_layout_child_set_column(GTK_GRID_LAYOUT_CHILD(place), in_grid % COLUMNS);
  gtk_grid_layout_child_set_row(GTK_GRID_LAYOUT_CHILD(place), in_grid / COLUMNS);
}

void hilum_tool_grid_set_current(HilumToolGrid *self, const char *id)
{
  const int index = hilum_tool_table_find(id);
  const HilumToolEntry *entry = index >= 0 ? hilum_tool_table_get((size_t)index) : NULL;
  const bool mine = entry && !entry->in_grid;
  g_autofree char *icon = mine ? dup_icon_name(entry) : g_strdup("hilum-more-symbolic");
  gtk_image_set_from_icon_name(self->more_image, icon);
  hilum_label_update(self->more_label, mine ? _(entry->name) : _("More"));
  if (mine)
    gtk_widget_add_css_class(GTK_WIDGET(self->more), "in-hand");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(self->more), "in-hand");
}

void hilum_tool_grid_open_more(HilumToolGrid *self)
{
  gtk_menu_button_popup(self->more);
}

static void hilum_tool_grid_dispose(GObject *object)
{
  hilum_widget_drop_children(GTK_WIDGET(object));
  G_OBJECT_CLASS(hilum_tool_grid_parent_class)->dispose(object);
}

static void hilum_tool_grid_class_init(HilumToolGridClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_tool_grid_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/tool_grid.ui");
  gtk_widget_class_bind_template_child(widget, HilumToolGrid, grid);
  gtk_widget_class_bind_template_child(widget, HilumToolGrid, more);
  gtk_widget_class_bind_template_child(widget, HilumToolGrid, more_grid);
  gtk_widget_class_bind_template_child(widget, HilumToolGrid, more_image);
  gtk_widget_class_bind_template_child(widget, HilumToolGrid, more_label);
}

static void hilum_tool_grid_init(HilumToolGrid *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  fill(self);
}
