/* Which structures become STL, how many files, and how they are prepared for printing. Nothing is prepared
 * unless asked for. */
#include "export_dialog.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumExportDialog {
  GtkWindow parent_instance;
  GtkButton *cancel, *export;
  GtkBox *structures;
  GtkCheckButton *separate, *together, *united;
  GtkCheckButton *remove, *resolve, *thicken, *hollow, *decimate;
  GtkSpinButton *below, *diameter, *wall, *error;
  GtkDropDown *frame;
  GPtrArray *ticks; /* of GtkCheckButton, borrowed; "structure" hangs on each */
  HilumExportChosen done;
  gpointer data;
};

G_DEFINE_FINAL_TYPE(HilumExportDialog, hilum_export_dialog, GTK_TYPE_WINDOW)

void hilum_export_choice_free(HilumExportChoice *choice)
{
  g_ptr_array_unref(choice->structures);
  g_free(choice);
}

static void tick_changed(HilumExportDialog *self)
{
  bool any = false;
  for (guint n = 0; n < self->ticks->len; n++)
    any |= gtk_check_button_get_active(self->ticks->pdata[n]);
  gtk_widget_set_sensitive(GTK_WIDGET(self->export), any);
}

static void add_structure(HilumExportDialog *self, HilumStructure *structure)
{
  bool visible = hilum_structure_get_visible(structure);
  g_autofree char *volume = hilum_volume_dup_text(hilum_structure_get_volume_ml(structure));
  g_autofree char *text = g_strdup_printf(visible ? "%s · %s" : _("%s · %s · hidden"),
                                          hilum_structure_get_name(structure), volume);
  GtkWidget *tick = gtk_check_button_new_with_label(text);
  gtk_check_button_set_active(GTK_CHECK_BUTTON(tick), visible);
  g_object_set_data_full(G_OBJECT(tick), "structure", g_object_ref(structure), g_object_unref);
  g_signal_connect_swapped(tick, "toggled", G_CALLBACK(tick_changed), self);
  gtk_box_append(self->structures, tick);
  g_ptr_array_add(self->ticks, tick);
}

/* A tick with a number behind it: 0 unless ticked. */
static double asked(GtkCheckButton *tick, GtkSpinButton *number)
{
  return gtk_check_button_get_active(tick) ? gtk_spin_button_get_value(number) : 0;
}

static void export_clicked(HilumExportDialog *self)
{
  HilumExportChoice *choice = g_new0(HilumExportChoice, 1);
  choice->structures = g_ptr_array_new_with_free_func(g_object_unref);
  for (guint n = 0; n < self->ticks->len; n++)
    if (gtk_check_button_get_active(self->ticks->pdata[n]))
      g_ptr_array_add(choice->structures,
                      g_object_ref(g_object_get_data(self->ticks->pdata[n], "structure")));
  choice->unite = gtk_check_button_get_active(self->united);
  choice->together = choice->unite || gtk_check_button_get_active(self->together);
  choice->prepare = (HilumPrepareOptions){.remove_below_mm3 = 1000 * asked(self->remove, self->below),
                                          .resolve = gtk_check_button_get_active(self->resolve),
                                          .min_diameter_mm = asked(self->thicken, self->diameter),
                                          .hollow_mm = asked(self->hollow, self->wall),
                                          .decimate_error_mm = asked(self->decimate, self->error)};
  choice->frame = gtk_drop_down_get_selected(self->frame) == 1 ? HILUM_FRAME_RAS : HILUM_FRAME_LPS;
  HilumExportChosen done = self->done;
  gpointer data = self->data;
  gtk_window_destroy(GTK_WINDOW(self));
  done(choice, data);
}

void hilum_export_dialog_ask(GtkWindow *parent, HilumCase *the_case, HilumExportChosen done, gpointer data)
{
  HilumExportDialog *self = g_object_new(HILUM_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);
  self->done = done;
  self->data = data;
  GListModel *structures = hilum_case_get_structures(the_case);
  for (guint n = 0; n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    if (hilum_structure_get_voxels(structure) > 0) add_structure(self, structure);
  }
  if (self->ticks->len == 0)
    gtk_box_append(self->structures, gtk_label_new(_("No structure has voxels yet.")));
  tick_changed(self);
  gtk_window_set_default_widget(GTK_WINDOW(self), GTK_WIDGET(self->export));
  gtk_window_present(GTK_WINDOW(self));
}

static void hilum_export_dialog_finalize(GObject *object)
{
  g_ptr_array_unref(HILUM_EXPORT_DIALOG(object)->ticks);
  G_OBJECT_CLASS(hilum_export_dialog_parent_class)->finalize(object);
}

static void hilum_export_dialog_class_init(HilumExportDialogClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->finalize = hilum_export_dialog_finalize;
  gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/export_dialog.ui");
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, cancel);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, export);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, structures);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, separate);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, together);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, frame);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, united);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, remove);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, resolve);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, thicken);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, hollow);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, decimate);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, below);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, diameter);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, wall);
  gtk_widget_class_bind_template_child(widget, HilumExportDialog, error);
}

static void hilum_export_dialog_init(HilumExportDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->ticks = g_ptr_array_new();
  g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(gtk_window_destroy), self);
  g_signal_connect_swapped(self->export, "clicked", G_CALLBACK(export_clicked), self);
}
