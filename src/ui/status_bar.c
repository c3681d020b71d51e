/* Bottom of the window. */
#include "status_bar.h"

#include "hilum/view/cursor.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumStatusBar {
  GtkWidget parent_instance;
  GtkLabel *unit, *value, *place, *structure, *job_label, *job_what, *saved;
  GtkWidget *value_box, *structure_box, *job_box;
  GtkDrawingArea *swatch;
  GtkProgressBar *job_progress;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
};

enum { PROP_JOBS_ONLY = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE(HilumStatusBar, hilum_status_bar, GTK_TYPE_WIDGET)

static void show_pointer(HilumStatusBar *self)
{
  HilumSlicePlane plane;
  HilumVec3 point_mm;
  double value;
  uint8_t label = 0;
  /* Without a case what is seen is coarse, and no place to read values from. */
  bool inside = hilum_workspace_get_case(self->workspace) &&
                hilum_workspace_get_pointer(self->workspace, &plane, &point_mm) &&
                hilum_workspace_probe(self->workspace, point_mm, &value, &label);
  gtk_widget_set_visible(self->structure_box, inside && label != 0);
  if (!inside) {
    hilum_label_update(self->value, "—");
    hilum_label_update(self->place, "");
    return;
  }
  g_autofree char *number = g_strdup_printf("%.0f", value);
  g_autofree char *place = hilum_position_dup_text(point_mm);
  hilum_label_update(self->value, number);
  hilum_label_update(self->place, place);
  if (label == 0) return;
  const HilumStructureLook *look = hilum_workspace_get_look(self->workspace, label);
  hilum_label_update(self->structure, look->name);
  hilum_swatch_set_color(self->swatch,
                         (uint32_t)look->rgb[0] << 16 | (uint32_t)look->rgb[1] << 8 | look->rgb[2]);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumStatusBar *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE)) {
    HilumVolume *volume = hilum_workspace_get_active_volume(workspace);
    const char *unit = volume ? hilum_volume_get_unit(volume) : "HU";
    hilum_label_update(self->unit, *unit ? unit : _("Value"));
  }
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_POINTER | HILUM_CHANGE_LABELS |
                 HILUM_CHANGE_STRUCTURES))
    show_pointer(self);
}

static void jobs_changed(HilumJobList *jobs, HilumStatusBar *self)
{
  HilumJob *job = hilum_job_list_get_shown(jobs);
  gtk_widget_set_visible(self->job_box, job != NULL);
  if (!job) return;
  const char *label = hilum_job_get_label(job), *what = hilum_job_get_what(job);
  hilum_label_update(self->job_label, label);
  hilum_label_update(self->job_what, what);
  /* “Reading the images… Reading the images” says nothing twice. */
  gtk_widget_set_visible(GTK_WIDGET(self->job_what), what && !g_str_has_prefix(label, what));
  double fraction = hilum_job_get_fraction(job);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction(self->job_progress, MIN(fraction, 1.0));
  else
    gtk_progress_bar_set_fraction(self->job_progress, 0);
}

void hilum_status_bar_set_workspace(HilumStatusBar *self, HilumWorkspace *workspace, HilumJobList *jobs)
{
  g_return_if_fail(!self->workspace);
  self->workspace = g_object_ref(workspace);
  self->jobs = g_object_ref(jobs);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  g_signal_connect(jobs, "changed", G_CALLBACK(jobs_changed), self);
  workspace_changed(workspace, HILUM_CHANGE_ALL, self);
}

void hilum_status_bar_set_saved(HilumStatusBar *self, const char *text)
{
  hilum_label_update(self->saved, text);
}

static void hilum_status_bar_dispose(GObject *object)
{
  HilumStatusBar *self = HILUM_STATUS_BAR(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  if (self->jobs) g_signal_handlers_disconnect_by_data(self->jobs, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  g_clear_object(&self->jobs);
  G_OBJECT_CLASS(hilum_status_bar_parent_class)->dispose(object);
}

static void hilum_status_bar_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HilumStatusBar *self = HILUM_STATUS_BAR(object);
  gtk_widget_set_visible(self->value_box, !g_value_get_boolean(value));
  gtk_widget_set_visible(GTK_WIDGET(self->place), !g_value_get_boolean(value));
}

static void hilum_status_bar_class_init(HilumStatusBarClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_status_bar_dispose;
  G_OBJECT_CLASS(klass)->set_property = hilum_status_bar_set_property;
  props[PROP_JOBS_ONLY] =
      g_param_spec_boolean("jobs-only", NULL, NULL, FALSE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties(G_OBJECT_CLASS(klass), N_PROPS, props);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/status_bar.ui");
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, unit);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, value);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, value_box);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, place);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, structure);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, structure_box);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, swatch);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, job_box);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, job_label);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, job_what);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, job_progress);
  gtk_widget_class_bind_template_child(widget, HilumStatusBar, saved);
}

static void hilum_status_bar_init(HilumStatusBar *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
