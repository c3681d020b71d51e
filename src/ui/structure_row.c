/* One structure in the list. The row shows what the structure notifies and asks the case for every change. */
#include "structure_row.h"

#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

struct _HilumStructureRow {
  GtkListBoxRow parent_instance;
  GtkToggleButton *eye, *lock;
  GtkDrawingArea *swatch;
  GtkLabel *name, *volume;
  GtkAdjustment *opacity_value;
  GtkWidget *opacity;
  HilumCase *the_case;
  HilumStructure *structure;
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumStructureRow, hilum_structure_row, GTK_TYPE_LIST_BOX_ROW)

static void update(HilumStructureRow *self)
{
  HilumStructure *structure = self->structure;
  bool visible = hilum_structure_get_visible(structure), locked = hilum_structure_get_locked(structure);
  self->updating = true;
  gtk_toggle_button_set_active(self->eye, visible);
  gtk_button_set_icon_name(GTK_BUTTON(self->eye),
                           visible ? "hilum-eye-open-symbolic" : "hilum-eye-closed-symbolic");
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->eye), visible ? _("Hide (Space)") : _("Show (Space)"));
  gtk_toggle_button_set_active(self->lock, locked);
  gtk_button_set_icon_name(GTK_BUTTON(self->lock), locked ? "hilum-lock-symbolic" : "hilum-unlock-symbolic");
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->lock),
                              locked ? _("Unlock (L)") : _("Lock: no tool changes it (L)"));
  if (fabs(gtk_adjustment_get_value(self->opacity_value) - hilum_structure_get_opacity(structure)) > 1e-9)
    gtk_adjustment_set_value(self->opacity_value, hilum_structure_get_opacity(structure));
  self->updating = false;
  hilum_swatch_set_color(self->swatch, hilum_structure_get_color(structure));
  hilum_label_update(self->name, hilum_structure_get_name(structure));
  g_autofree char *volume = hilum_volume_dup_text(hilum_structure_get_volume_ml(structure));
  hilum_label_update(self->volume, volume);
  g_autofree char *voxels =
      g_strdup_printf(_("%" G_GUINT64_FORMAT " voxels"), hilum_structure_get_voxels(structure));
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->volume), voxels);
  GtkWidget *frame = gtk_list_box_row_get_child(GTK_LIST_BOX_ROW(self));
  if (visible)
    gtk_widget_remove_css_class(frame, "hidden-structure");
  else
    gtk_widget_add_css_class(frame, "hidden-structure");
  g_autofree char *spoken = g_strdup_printf("%s, %s%s%s", hilum_structure_get_name(structure), volume,
                                            visible ? "" : _(", hidden"), locked ? _(", locked") : "");
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void eye_toggled(GtkToggleButton *button, HilumStructureRow *self)
{
  if (!self->updating)
    hilum_case_set_structure_visible(self->the_case, self->structure, gtk_toggle_button_get_active(button));
}

static void lock_toggled(GtkToggleButton *button, HilumStructureRow *self)
{
  if (self->updating) return;
  hilum_case_lock_structure(self->the_case, self->structure, gtk_toggle_button_get_active(button), NULL);
  update(self);
}

static void opacity_changed(GtkRange *range, HilumStructureRow *self)
{
  if (!self->updating)
    hilum_case_set_structure_opacity(self->the_case, self->structure, gtk_range_get_value(range));
}

HilumStructure *hilum_structure_row_get_structure(HilumStructureRow *self)
{
  return self->structure;
}

static void hilum_structure_row_dispose(GObject *object)
{
  HilumStructureRow *self = HILUM_STRUCTURE_ROW(object);
  if (self->structure) g_signal_handlers_disconnect_by_data(self->structure, self);
  g_clear_object(&self->structure);
  g_clear_object(&self->the_case);
  G_OBJECT_CLASS(hilum_structure_row_parent_class)->dispose(object);
}

static void hilum_structure_row_class_init(HilumStructureRowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_structure_row_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/structure_row.ui");
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, eye);
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, lock);
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, swatch);
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, name);
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, volume);
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, opacity);
  gtk_widget_class_bind_template_child(widget, HilumStructureRow, opacity_value);
  gtk_widget_class_bind_template_callback(widget, eye_toggled);
  gtk_widget_class_bind_template_callback(widget, lock_toggled);
  gtk_widget_class_bind_template_callback(widget, opacity_changed);
}

static void hilum_structure_row_init(HilumStructureRow *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}

HilumStructureRow *hilum_structure_row_new(HilumCase *the_case, HilumStructure *structure)
{
  HilumStructureRow *self = g_object_new(HILUM_TYPE_STRUCTURE_ROW, NULL);
  self->the_case = g_object_ref(the_case);
  self->structure = g_object_ref(structure);
  g_signal_connect_swapped(structure, "notify", G_CALLBACK(update), self);
  update(self);
  return self;
}
