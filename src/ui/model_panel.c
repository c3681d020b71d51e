/* Model: the surfaces of the case. */
#include "model_panel.h"

#include "cut_panel.h"
#include "hilum/casefile/case.h"
#include "model_row.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

struct _HilumModelPanel {
  GtkWidget parent_instance;
  GtkListBox *list;
  GtkSpinButton *thin;
  GtkRange *smoothing;
  HilumCutPanel *cut_panel;
  HilumWorkspace *workspace;
  HilumSurfaceChecks *checks;
};

G_DEFINE_FINAL_TYPE(HilumModelPanel, hilum_model_panel, GTK_TYPE_WIDGET)

static double voxel_ml(HilumModelPanel *self, uint8_t label)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  HilumStructure *structure = the_case ? hilum_case_get_structure(the_case, label) : NULL;
  return structure ? hilum_structure_get_volume_ml(structure) : 0;
}

/* Nothing while it is out of sight. */
static void want_checks(HilumModelPanel *self)
{
  bool wanted[HILUM_LABEL_COUNT] = {false};
  const bool mapped = gtk_widget_get_mapped(GTK_WIDGET(self));
  for (int label = 1; mapped && label < HILUM_LABEL_COUNT; label++)
    wanted[label] = hilum_workspace_get_mesh(self->workspace, (uint8_t)label) != NULL &&
                    hilum_workspace_is_shown(self->workspace, (uint8_t)label);
  hilum_surface_checks_want(self->checks, HILUM_CHECKS_PANEL, wanted);
}

static void refresh(HilumModelPanel *self)
{
  if (!gtk_widget_get_mapped(GTK_WIDGET(self))) return;
  int row_index = 0;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    if (!hilum_workspace_get_mesh(self->workspace, (uint8_t)label)) continue;
    GtkListBoxRow *row = gtk_list_box_get_row_at_index(self->list, row_index);
    if (!row) {
      row = GTK_LIST_BOX_ROW(hilum_model_row_new());
      gtk_list_box_append(self->list, GTK_WIDGET(row));
    }
    row_index++;
    hilum_model_row_show(HILUM_MODEL_ROW(row), self->workspace, (uint8_t)label, self->checks,
                         voxel_ml(self, (uint8_t)label));
  }
  GtkListBoxRow *rest;
  while ((rest = gtk_list_box_get_row_at_index(self->list, row_index)))
    gtk_list_box_remove(self->list, GTK_WIDGET(rest));
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumModelPanel *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_COLORING))
    gtk_spin_button_set_value(self->thin, hilum_workspace_get_thin_mm(workspace));
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_SMOOTHING))
    gtk_range_set_value(self->smoothing, hilum_workspace_get_smoothing(workspace));
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES | HILUM_CHANGE_STRUCTURES)) want_checks(self);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_COLORING))
    refresh(self);
}

static void thin_changed(GtkSpinButton *button, HilumModelPanel *self)
{
  if (self->workspace) hilum_workspace_set_thin_mm(self->workspace, gtk_spin_button_get_value(button));
}

static void smoothing_changed(GtkRange *range, HilumModelPanel *self)
{
  if (self->workspace)
    hilum_workspace_set_smoothing(self->workspace, (int)lround(gtk_range_get_value(range)));
}

void hilum_model_panel_set_workspace(HilumModelPanel *self, HilumWorkspace *workspace,
                                     HilumSurfaceChecks *checks)
{
  self->workspace = g_object_ref(workspace);
  self->checks = g_object_ref(checks);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  g_signal_connect_swapped(checks, "changed", G_CALLBACK(refresh), self);
  hilum_cut_panel_set_workspace(self->cut_panel, workspace);
}

static void hilum_model_panel_map(GtkWidget *widget)
{
  HilumModelPanel *self = HILUM_MODEL_PANEL(widget);
  GTK_WIDGET_CLASS(hilum_model_panel_parent_class)->map(widget);
  if (!self->workspace) return;
  want_checks(self);
  refresh(self);
}

static void hilum_model_panel_unmap(GtkWidget *widget)
{
  HilumModelPanel *self = HILUM_MODEL_PANEL(widget);
  GTK_WIDGET_CLASS(hilum_model_panel_parent_class)->unmap(widget);
  if (self->workspace) want_checks(self);
}

static void hilum_model_panel_dispose(GObject *object)
{
  HilumModelPanel *self = HILUM_MODEL_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  if (self->checks) {
    g_signal_handlers_disconnect_by_data(self->checks, self);
    hilum_surface_checks_want(self->checks, HILUM_CHECKS_PANEL, NULL);
  }
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_object(&self->checks);
  G_OBJECT_CLASS(hilum_model_panel_parent_class)->dispose(object);
}

static void hilum_model_panel_class_init(HilumModelPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_model_panel_dispose;
  widget->map = hilum_model_panel_map;
  widget->unmap = hilum_model_panel_unmap;
  g_type_ensure(HILUM_TYPE_CUT_PANEL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/model_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumModelPanel, list);
  gtk_widget_class_bind_template_child(widget, HilumModelPanel, thin);
  gtk_widget_class_bind_template_child(widget, HilumModelPanel, cut_panel);
  gtk_widget_class_bind_template_child(widget, HilumModelPanel, smoothing);
  gtk_widget_class_bind_template_callback(widget, thin_changed);
  gtk_widget_class_bind_template_callback(widget, smoothing_changed);
}

static void hilum_model_panel_init(HilumModelPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
