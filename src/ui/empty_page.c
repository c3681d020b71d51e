/* Nothing is open: all behaviour is in actions. */
#include "empty_page.h"

#include "hilum/casefile/journal.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumEmptyPage {
  GtkWidget parent_instance;
  GtkWidget *unsaved;
  GtkBox *unsaved_rows;
};

G_DEFINE_FINAL_TYPE(HilumEmptyPage, hilum_empty_page, GTK_TYPE_WIDGET)

static void add_button(GtkBox *row, const char *label, const char *action, const char *path)
{
  GtkWidget *button = gtk_button_new_with_label(label);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
  gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), g_variant_new_string(path));
  gtk_box_append(row, button);
}

static GtkWidget *make_row(const HilumUnsavedCase *unsaved)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(unsaved->last_time);
  g_autofree char *when = time ? g_date_time_format(time, _("%e %B %Y, %H:%M")) : g_strdup("");
  g_autofree char *text = g_strdup_printf(_("The case of %s"), g_strstrip(when));
  GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8), *label = gtk_label_new(text);
  gtk_widget_set_hexpand(label, TRUE);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_box_append(GTK_BOX(row), label);
  add_button(GTK_BOX(row), _("Recover"), "win.recover", unsaved->path);
  add_button(GTK_BOX(row), _("Delete"), "win.forget-unsaved", unsaved->path);
  return row;
}

void hilum_empty_page_set_unsaved(HilumEmptyPage *self, const GArray *cases)
{
  for (GtkWidget *row; (row = gtk_widget_get_first_child(GTK_WIDGET(self->unsaved_rows)));)
    gtk_box_remove(self->unsaved_rows, row);
  for (guint i = 0; i < cases->len; i++)
    gtk_box_append(self->unsaved_rows, make_row(&g_array_index(cases, HilumUnsavedCase, i)));
  gtk_widget_set_visible(self->unsaved, cases->len > 0);
}

static void hilum_empty_page_dispose(GObject *object)
{
  hilum_widget_drop_children(GTK_WIDGET(object));
  G_OBJECT_CLASS(hilum_empty_page_parent_class)->dispose(object);
}

static void hilum_empty_page_class_init(HilumEmptyPageClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_empty_page_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/empty_page.ui");
  gtk_widget_class_bind_template_child(widget, HilumEmptyPage, unsaved);
  gtk_widget_class_bind_template_child(widget, HilumEmptyPage, unsaved_rows);
}

static void hilum_empty_page_init(HilumEmptyPage *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
