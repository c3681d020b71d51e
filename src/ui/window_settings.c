/* Settings of the window tool. */
#include "window_settings.h"

#include "histogram_view.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumWindowSettings {
  GtkWidget parent_instance;
  HilumHistogramView *histogram;
  GtkLabel *width_label, *level_label;
  GtkSpinButton *width, *level;
  GtkSwitch *smooth;
  GtkFlowBox *presets;
  HilumWorkspace *workspace;
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumWindowSettings, hilum_window_settings, GTK_TYPE_WIDGET)

static void show_window(HilumWindowSettings *self)
{
  HilumWindowLevel window = hilum_workspace_get_window(self->workspace);
  self->updating = true;
  gtk_spin_button_set_value(self->width, window.width);
  gtk_spin_button_set_value(self->level, window.level);
  self->updating = false;
  hilum_histogram_view_set_range(self->histogram, window.level - window.width / 2,
                                 window.level + window.width / 2);
}

static void fill_presets(HilumWindowSettings *self, HilumVolume *volume)
{
  GtkFlowBoxChild *child;
  while ((child = gtk_flow_box_get_child_at_index(self->presets, 0)))
    gtk_flow_box_remove(self->presets, GTK_WIDGET(child));
  HilumWindowPreset presets[HILUM_WINDOW_MAX_PRESETS];
  size_t n = volume ? hilum_window_presets(volume, presets) : 0;
  for (size_t p = 0; p < n; p++) {
    GtkWidget *button = gtk_toggle_button_new_with_label(_(presets[p].name));
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "s", presets[p].id);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.window-preset");
    g_autofree char *tip = g_strdup_printf(_("W %.0f L %.0f (Alt+%zu)"), presets[p].window.width,
                                           presets[p].window.level, p + 1);
    gtk_widget_set_tooltip_text(button, tip);
    gtk_flow_box_insert(self->presets, button, -1);
    gtk_widget_set_focusable(gtk_widget_get_parent(button), FALSE);
  }
}

static void show_volume(HilumWindowSettings *self)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  hilum_histogram_view_set_volume(self->histogram, volume);
  fill_presets(self, volume);
  const char *unit = volume ? hilum_volume_get_unit(volume) : "HU";
  g_autofree char *width = *unit ? g_strdup_printf(_("Width (%s)"), unit) : g_strdup(_("Width"));
  g_autofree char *level = *unit ? g_strdup_printf(_("Level (%s)"), unit) : g_strdup(_("Level"));
  hilum_label_update(self->width_label, width);
  hilum_label_update(self->level_label, level);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumWindowSettings *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE)) show_volume(self);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_PHASE | HILUM_CHANGE_WINDOW)) show_window(self);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_OPTIONS)) {
    self->updating = true;
    gtk_switch_set_active(self->smooth, hilum_workspace_get_options(workspace)->smooth);
    self->updating = false;
  }
}

static void set_window(HilumWindowSettings *self, HilumWindowLevel window)
{
  hilum_workspace_set_window(self->workspace,
                             hilum_window_clamp(hilum_workspace_get_active_volume(self->workspace), window));
}

static void spin_changed(HilumWindowSettings *self)
{
  if (self->updating || !self->workspace) return;
  set_window(self, (HilumWindowLevel){gtk_spin_button_get_value(self->width),
                                      gtk_spin_button_get_value(self->level)});
}

static void band_moved(HilumHistogramView *histogram, double lo, double hi, HilumWindowSettings *self)
{
  set_window(self, (HilumWindowLevel){MAX(hi - lo, 1), (lo + hi) / 2});
}

static void smooth_changed(HilumWindowSettings *self)
{
  if (self->updating || !self->workspace) return;
  HilumViewOptions options = *hilum_workspace_get_options(self->workspace);
  options.smooth = gtk_switch_get_active(self->smooth);
  hilum_workspace_set_options(self->workspace, &options);
}

void hilum_window_settings_set_workspace(HilumWindowSettings *self, HilumWorkspace *workspace)
{
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  workspace_changed(workspace, HILUM_CHANGE_ALL, self);
}

static void hilum_window_settings_dispose(GObject *object)
{
  HilumWindowSettings *self = HILUM_WINDOW_SETTINGS(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_window_settings_parent_class)->dispose(object);
}

static void hilum_window_settings_class_init(HilumWindowSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_window_settings_dispose;
  g_type_ensure(HILUM_TYPE_HISTOGRAM_VIEW);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/window_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, histogram);
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, width_label);
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, level_label);
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, width);
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, level);
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, smooth);
  gtk_widget_class_bind_template_child(widget, HilumWindowSettings, presets);
}

static void hilum_window_settings_init(HilumWindowSettings *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_swapped(self->width, "value-changed", G_CALLBACK(spin_changed), self);
  g_signal_connect_swapped(self->level, "value-changed", G_CALLBACK(spin_changed), self);
  g_signal_connect_swapped(self->smooth, "notify::active", G_CALLBACK(smooth_changed), self);
  g_signal_connect(self->histogram, "range-changed", G_CALLBACK(band_moved), self);
}
