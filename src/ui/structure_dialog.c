/* Name, kind and colour of one structure. */
#include "structure_dialog.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumStructureDialog {
  GtkWindow parent_instance;
  GtkButton *cancel, *done;
  GtkEntry *name;
  GtkDropDown *kind;
  GtkColorButton *color;
  GtkLabel *problem;
  HilumCase *the_case;
  HilumStructure *structure;
};

G_DEFINE_FINAL_TYPE(HilumStructureDialog, hilum_structure_dialog, GTK_TYPE_WINDOW)

static bool apply(HilumStructureDialog *self, GError **error)
{
  const char *name = gtk_editable_get_text(GTK_EDITABLE(self->name));
  GdkRGBA rgba;
  gtk_color_chooser_get_rgba(GTK_COLOR_CHOOSER(self->color), &rgba);
  uint32_t color = hilum_rgba_to_color(&rgba);
  HilumStructureKind kind = (HilumStructureKind)gtk_drop_down_get_selected(self->kind);
  HilumStructure *structure = self->structure;
  if (g_strcmp0(name, hilum_structure_get_name(structure)) != 0 &&
      !hilum_case_rename_structure(self->the_case, structure, name, error))
    return false;
  if (kind != hilum_structure_get_kind(structure) &&
      !hilum_case_set_structure_kind(self->the_case, structure, kind, error))
    return false;
  return color == hilum_structure_get_color(structure) ||
         hilum_case_recolor_structure(self->the_case, structure, color, error);
}

static void done_clicked(HilumStructureDialog *self)
{
  HilumHistory *history = hilum_case_get_history(self->the_case);
  g_autoptr(GError) error = NULL;
  hilum_history_begin_group(history, _("Edit structure"));
  if (apply(self, &error)) {
    hilum_history_end_group(history);
    gtk_window_destroy(GTK_WINDOW(self));
    return;
  }
  hilum_history_abort_group(history);
  gtk_label_set_text(self->problem, error->message);
  gtk_widget_show(GTK_WIDGET(self->problem));
}

void hilum_structure_dialog_edit(GtkWindow *parent, HilumCase *the_case, HilumStructure *structure)
{
  HilumStructureDialog *self = g_object_new(HILUM_TYPE_STRUCTURE_DIALOG, "transient-for", parent, NULL);
  self->the_case = g_object_ref(the_case);
  self->structure = g_object_ref(structure);
  gtk_editable_set_text(GTK_EDITABLE(self->name), hilum_structure_get_name(structure));
  gtk_drop_down_set_selected(self->kind, hilum_structure_get_kind(structure));
  GdkRGBA rgba = hilum_rgba_from_color(hilum_structure_get_color(structure));
  gtk_color_chooser_set_use_alpha(GTK_COLOR_CHOOSER(self->color), FALSE);
  gtk_color_chooser_set_rgba(GTK_COLOR_CHOOSER(self->color), &rgba);
  gtk_window_set_default_widget(GTK_WINDOW(self), GTK_WIDGET(self->done));
  gtk_window_present(GTK_WINDOW(self));
  gtk_widget_grab_focus(GTK_WIDGET(self->name));
}

static void hilum_structure_dialog_dispose(GObject *object)
{
  HilumStructureDialog *self = HILUM_STRUCTURE_DIALOG(object);
  g_clear_object(&self->structure);
  g_clear_object(&self->the_case);
  G_OBJECT_CLASS(hilum_structure_dialog_parent_class)->dispose(object);
}

static void hilum_structure_dialog_class_init(HilumStructureDialogClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_structure_dialog_dispose;
  gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/structure_dialog.ui");
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, cancel);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, done);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, name);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, kind);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, color);
  gtk_widget_class_bind_template_child(widget, HilumStructureDialog, problem);
}

static void hilum_structure_dialog_init(HilumStructureDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(gtk_window_destroy), self);
  g_signal_connect_swapped(self->done, "clicked", G_CALLBACK(done_clicked), self);
}
