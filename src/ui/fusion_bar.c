/* Under the list of phases: which way two phases are seen at once, and moving one onto the other. */
#include "fusion_bar.h"

#include "ui_tools.h"

struct _HilumFusionBar {
  GtkWidget parent_instance;
  GtkScale *blend;
  HilumWorkspace *workspace;
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumFusionBar, hilum_fusion_bar, GTK_TYPE_WIDGET)

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumFusionBar *self)
{
  if (!(changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_FUSION))) return;
  const HilumFusion *fusion = hilum_workspace_get_fusion(workspace);
  self->updating = true;
  gtk_range_set_value(GTK_RANGE(self->blend), fusion->blend * 100);
  self->updating = false;
  gtk_widget_set_visible(GTK_WIDGET(self->blend), fusion->mode == HILUM_FUSION_BLEND);
  gtk_widget_set_visible(GTK_WIDGET(self), hilum_workspace_get_phase_count(workspace) > 1);
}

static void blend_changed(GtkRange *range, HilumFusionBar *self)
{
  if (self->updating) return;
  HilumFusion fusion = *hilum_workspace_get_fusion(self->workspace);
  fusion.blend = gtk_range_get_value(range) / 100;
  hilum_workspace_set_fusion(self->workspace, &fusion);
}

void hilum_fusion_bar_set_workspace(HilumFusionBar *self, HilumWorkspace *workspace)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  workspace_changed(workspace, HILUM_CHANGE_ALL, self);
}

static void hilum_fusion_bar_dispose(GObject *object)
{
  HilumFusionBar *self = HILUM_FUSION_BAR(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_fusion_bar_parent_class)->dispose(object);
}

static void hilum_fusion_bar_class_init(HilumFusionBarClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_fusion_bar_dispose;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/fusion_bar.ui");
  gtk_widget_class_bind_template_child(widget, HilumFusionBar, blend);
  gtk_widget_class_bind_template_callback(widget, blend_changed);
}

static void hilum_fusion_bar_init(HilumFusionBar *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
