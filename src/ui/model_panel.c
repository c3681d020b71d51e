/* Model: the surfaces of the case. Each surface is measured once, by a background job, when the panel first
 * shows it. */
#include "model_panel.h"

#include "hilum/casefile/case.h"
#include "model_row.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumModelPanel {
  GtkWidget parent_instance;
  GtkListBox *list;
  GtkSpinButton *thin;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  struct {
    HilumMesh *mesh; /* what `report` is about, or what a job measures; referenced */
    HilumMeshReport report;
    bool measured;
  } surfaces[HILUM_LABEL_COUNT];
};

G_DEFINE_FINAL_TYPE(HilumModelPanel, hilum_model_panel, GTK_TYPE_WIDGET)

typedef struct {
  HilumModelPanel *self;
  HilumMesh *mesh;
  uint8_t label;
} Request;

static void request_free(gpointer data)
{
  Request *request = data;
  hilum_mesh_unref(request->mesh);
  g_object_unref(request->self);
  g_free(request);
}

static gpointer measure(gpointer data, const HilumProgress *progress, GError **error)
{
  HilumMeshReport *report = g_new0(HilumMeshReport, 1);
  if (hilum_mesh_measure(((Request *)data)->mesh, report, progress, error)) return report;
  g_free(report);
  return NULL;
}

static void refresh(HilumModelPanel *self);

static void measured(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Request *request = user_data;
  HilumModelPanel *self = request->self;
  if (result && self->surfaces[request->label].mesh == request->mesh) {
    self->surfaces[request->label].report = *(HilumMeshReport *)result;
    self->surfaces[request->label].measured = true;
    if (self->workspace) refresh(self);
  }
  g_free(result);
}

static void start_measuring(HilumModelPanel *self, uint8_t label, HilumMesh *mesh)
{
  g_clear_pointer(&self->surfaces[label].mesh, hilum_mesh_unref);
  self->surfaces[label].mesh = hilum_mesh_ref(mesh);
  self->surfaces[label].measured = false;
  Request *request = g_new0(Request, 1);
  request->self = g_object_ref(self);
  request->mesh = hilum_mesh_ref(mesh);
  request->label = label;
  hilum_job_list_start(self->jobs, true, _("Measuring surfaces…"), measure, request, request_free, g_free,
                       measured, request);
}

static double voxel_ml(HilumModelPanel *self, uint8_t label)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  HilumStructure *structure = the_case ? hilum_case_get_structure(the_case, label) : NULL;
  return structure ? hilum_structure_get_volume_ml(structure) : 0;
}

static void refresh(HilumModelPanel *self)
{
  if (!gtk_widget_get_mapped(GTK_WIDGET(self))) return;
  int row_index = 0;
  for (int label = 1; label < HILUM_LABEL_COUNT; label++) {
    HilumMesh *mesh = hilum_workspace_get_mesh(self->workspace, (uint8_t)label);
    if (!mesh) continue;
    if (self->surfaces[label].mesh != mesh) start_measuring(self, (uint8_t)label, mesh);
    GtkListBoxRow *row = gtk_list_box_get_row_at_index(self->list, row_index);
    if (!row) {
      row = GTK_LIST_BOX_ROW(hilum_model_row_new());
      gtk_list_box_append(self->list, GTK_WIDGET(row));
    }
    row_index++;
    hilum_model_row_show(HILUM_MODEL_ROW(row), hilum_workspace_get_look(self->workspace, (uint8_t)label),
                         mesh, self->surfaces[label].measured ? &self->surfaces[label].report : NULL,
                         voxel_ml(self, (uint8_t)label));
  }
  GtkListBoxRow *rest;
  while ((rest = gtk_list_box_get_row_at_index(self->list, row_index)))
    gtk_list_box_remove(self->list, GTK_WIDGET(rest));
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumModelPanel *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_MESHES | HILUM_CHANGE_STRUCTURES)) refresh(self);
}

static void thin_changed(GtkSpinButton *button, HilumModelPanel *self)
{
  if (self->workspace) hilum_workspace_set_thin_mm(self->workspace, gtk_spin_button_get_value(button));
}

void hilum_model_panel_set_workspace(HilumModelPanel *self, HilumWorkspace *workspace, HilumJobList *jobs)
{
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
}

static void hilum_model_panel_map(GtkWidget *widget)
{
  GTK_WIDGET_CLASS(hilum_model_panel_parent_class)->map(widget);
  if (HILUM_MODEL_PANEL(widget)->workspace) refresh(HILUM_MODEL_PANEL(widget));
}

static void hilum_model_panel_dispose(GObject *object)
{
  HilumModelPanel *self = HILUM_MODEL_PANEL(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  for (int label = 0; label < HILUM_LABEL_COUNT; label++)
    g_clear_pointer(&self->surfaces[label].mesh, hilum_mesh_unref);
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_model_panel_parent_class)->dispose(object);
}

static void hilum_model_panel_class_init(HilumModelPanelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_model_panel_dispose;
  widget->map = hilum_model_panel_map;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/model_panel.ui");
  gtk_widget_class_bind_template_child(widget, HilumModelPanel, list);
  gtk_widget_class_bind_template_child(widget, HilumModelPanel, thin);
  gtk_widget_class_bind_template_callback(widget, thin_changed);
}

static void hilum_model_panel_init(HilumModelPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
