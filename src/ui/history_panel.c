/* The list is only made while it can be seen. */
#include "history_panel.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumHistoryPanel {
  GtkWidget parent_instance;
  GtkListView *list;
  GtkLabel *use;
  GtkStringList *names;
  GtkSingleSelection *selection;
  HilumHistory *history;
  guint shown_depth;
};

enum { FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumHistoryPanel, hilum_history_panel, GTK_TYPE_WIDGET)

char *hilum_history_dup_use(HilumHistory *history)
{
  const size_t steps = hilum_history_get_undo_depth(history) + hilum_history_get_redo_depth(history);
  return g_strdup_printf(g_dngettext(NULL, "%zu step, %.1f of %.0f MB", "%zu steps, %.1f of %.0f MB", steps),
                         steps, (double)hilum_history_get_bytes(history) / 1048576.0,
                         (double)hilum_history_get_budget(history) / 1048576.0);
}

/* --- rows --- */

static void set_up_row(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *mark = gtk_image_new_from_icon_name("pan-end-symbolic");
  GtkWidget *name = gtk_label_new(NULL);
  gtk_label_set_xalign(GTK_LABEL(name), 0);
  gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand(name, TRUE);
  gtk_box_append(GTK_BOX(row), mark);
  gtk_box_append(GTK_BOX(row), name);
  gtk_list_item_set_child(item, row);
}

static void bind_row(GtkSignalListItemFactory *factory, GtkListItem *item, HilumHistoryPanel *self)
{
  GtkWidget *row = gtk_list_item_get_child(item);
  GtkWidget *mark = gtk_widget_get_first_child(row), *name = gtk_widget_get_last_child(row);
  const guint position = gtk_list_item_get_position(item);
  gtk_label_set_text(GTK_LABEL(name), gtk_string_object_get_string(gtk_list_item_get_item(item)));
  gtk_widget_set_opacity(mark, position == self->shown_depth ? 1 : 0);
  if (position > self->shown_depth)
    gtk_widget_add_css_class(row, "dim");
  else
    gtk_widget_remove_css_class(row, "dim");
}

/* Row 0 is the state before the first step that is still known. */
static void fill(HilumHistoryPanel *self)
{
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  size_t n = 0;
  if (self->history) {
    n = hilum_history_get_undo_depth(self->history) + hilum_history_get_redo_depth(self->history);
    self->shown_depth = (guint)hilum_history_get_undo_depth(self->history);
    g_strv_builder_add(names, _("Before these steps"));
    g_autofree char *use = hilum_history_dup_use(self->history);
    hilum_label_update(self->use, use);
  }
  for (size_t i = 0; i < n; i++)
    g_strv_builder_add(names, hilum_history_get_step_label(self->history, i));
  g_auto(GStrv) all = g_strv_builder_end(names);
  gtk_string_list_splice(self->names, 0, g_list_model_get_n_items(G_LIST_MODEL(self->names)),
                         (const char *const *)all);
  gtk_single_selection_set_selected(self->selection, self->shown_depth);
  gtk_widget_activate_action(GTK_WIDGET(self->list), "list.scroll-to-item", "u", self->shown_depth);
}

static void history_changed(HilumHistoryPanel *self)
{
  if (gtk_widget_get_mapped(GTK_WIDGET(self))) fill(self);
}

static void row_activated(HilumHistoryPanel *self, guint position)
{
  g_autoptr(GError) error = NULL;
  if (!self->history || position == hilum_history_get_undo_depth(self->history)) return;
  if (!hilum_history_go_to(self->history, position, &error) && error)
    g_signal_emit(self, signals[FAILED], 0, error->message);
}

void hilum_history_panel_set_history(HilumHistoryPanel *self, HilumHistory *history)
{
  if (self->history == history) return;
  if (self->history) g_signal_handlers_disconnect_by_data(self->history, self);
  g_set_object(&self->history, history);
  if (history) g_signal_connect_swapped(history, "changed", G_CALLBACK(history_changed), self);
  history_changed(self);
}

/* --- life --- */

static void hilum_history_panel_map(GtkWidget *widget)
{
  fill(HILUM_HISTORY_PANEL(widget));
  GTK_WIDGET_CLASS(hilum_history_panel_parent_class)->map(widget);
}

static gboolean hilum_history_panel_grab_focus(GtkWidget *widget)
{
  return gtk_widget_grab_focus(GTK_WIDGET(HILUM_HISTORY_PANEL(widget)->list));
}

static void hilum_history_panel_dispose(GObject *object)
{
  HilumHistoryPanel *self = HILUM_HISTORY_PANEL(object);
  hilum_history_panel_set_history(self, NULL);
  hilum_widget_drop_children(GTK_WIDGET(object));
  G_OBJECT_CLASS(hilum_history_panel_parent_class)->dispose(object);
}

static void hilum_history_panel_class_init(HilumHistoryPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_history_panel_dispose;
  widget->map = hilum_history_panel_map;
  widget->grab_focus = hilum_history_panel_grab_focus;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/history_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumHistoryPanel, list);
  gtk_widget_class_bind_template_child(widget, HilumHistoryPanel, use);
  gtk_widget_class_bind_template_callback(widget, row_activated);
  signals[FAILED] = g_signal_new("failed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void hilum_history_panel_init(HilumHistoryPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->names = gtk_string_list_new(NULL);
  self->selection = gtk_single_selection_new(G_LIST_MODEL(self->names)); /* takes the names */
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();
  g_signal_connect(factory, "setup", G_CALLBACK(set_up_row), NULL);
  g_signal_connect(factory, "bind", G_CALLBACK(bind_row), self);
  gtk_list_view_set_factory(self->list, factory);
  gtk_list_view_set_model(self->list, GTK_SELECTION_MODEL(self->selection));
  g_object_unref(self->selection); /* the list keeps it */
}
