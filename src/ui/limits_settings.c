/* Edit limits. The workspace has the state; this shows it and sets it. */
#include "limits_settings.h"

#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumLimitsSettings {
  GtkWidget parent_instance;
  GtkLabel *summary;
  GtkSwitch *ranged;
  GtkWidget *range_row, *other_row;
  GtkSpinButton *lo, *hi;
  GtkDropDown *where, *other;
  HilumWorkspace *workspace;
  GArray *labels; /* uint8_t: rows of `other` */
  bool updating;
};

G_DEFINE_FINAL_TYPE(HilumLimitsSettings, hilum_limits_settings, GTK_TYPE_WIDGET)

static char *dup_summary(HilumLimitsSettings *self, const HilumEditLimits *limits)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(self->workspace);
  g_autoptr(GString) text = g_string_new(NULL);
  if (limits->has_range)
    g_string_append_printf(text, _("%.0f to %.0f %s"), limits->lo, limits->hi,
                           volume ? hilum_volume_get_unit(volume) : "");
  if (limits->where != HILUM_EDIT_ANYWHERE && limits->other)
    g_string_append_printf(text, limits->where == HILUM_EDIT_INSIDE ? _("%sinside %s") : _("%soutside %s"),
                           text->len ? ", " : "",
                           hilum_workspace_get_look(self->workspace, limits->other)->name);
  return text->len ? g_strdup(text->str) : g_strdup(_("None"));
}

static void show_limits(HilumLimitsSettings *self)
{
  const HilumEditLimits limits = hilum_workspace_get_limits(self->workspace);
  g_autofree char *summary = dup_summary(self, &limits);
  self->updating = true;
  hilum_label_update(self->summary, summary);
  gtk_switch_set_active(self->ranged, limits.has_range);
  gtk_widget_set_visible(self->range_row, limits.has_range);
  gtk_widget_set_visible(self->other_row, limits.where != HILUM_EDIT_ANYWHERE);
  if (limits.has_range) {
    gtk_spin_button_set_value(self->lo, limits.lo);
    gtk_spin_button_set_value(self->hi, limits.hi);
  }
  gtk_drop_down_set_selected(self->where, limits.where);
  for (guint n = 0; n < self->labels->len; n++)
    if (g_array_index(self->labels, uint8_t, n) == limits.other) gtk_drop_down_set_selected(self->other, n);
  self->updating = false;
}

static void list_structures(HilumLimitsSettings *self)
{
  g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
  g_array_set_size(self->labels, 0);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumStructureLook *look = hilum_workspace_get_look(self->workspace, (uint8_t)l);
    const uint8_t label = (uint8_t)l;
    if (!look->used) continue;
    gtk_string_list_append(names, look->name);
    g_array_append_val(self->labels, label);
  }
  self->updating = true;
  gtk_drop_down_set_model(self->other, G_LIST_MODEL(names));
  self->updating = false;
}

/* The window's range is where the eye is: a good start. */
static void suggest_range(HilumLimitsSettings *self, HilumEditLimits *limits)
{
  const HilumWindowLevel window = hilum_workspace_get_window(self->workspace);
  limits->lo = round(window.level - window.width / 2);
  limits->hi = round(window.level + window.width / 2);
}

static void take_limits(HilumLimitsSettings *self)
{
  if (self->updating || !self->workspace) return;
  const HilumEditLimits before = hilum_workspace_get_limits(self->workspace);
  HilumEditLimits limits = {.has_range = gtk_switch_get_active(self->ranged),
                            .lo = gtk_spin_button_get_value(self->lo),
                            .hi = gtk_spin_button_get_value(self->hi),
                            .where = (HilumEditWhere)gtk_drop_down_get_selected(self->where)};
  const guint row = gtk_drop_down_get_selected(self->other);
  if (row < self->labels->len) limits.other = g_array_index(self->labels, uint8_t, row);
  if (limits.has_range && !before.has_range) suggest_range(self, &limits);
  limits.hi = MAX(limits.lo, limits.hi);
  hilum_workspace_set_limits(self->workspace, &limits);
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumLimitsSettings *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_STRUCTURES)) list_structures(self);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_STRUCTURES | HILUM_CHANGE_LIMITS | HILUM_CHANGE_PHASE))
    show_limits(self);
}

void hilum_limits_settings_set_workspace(HilumLimitsSettings *self, HilumWorkspace *workspace)
{
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  workspace_changed(workspace, HILUM_CHANGE_ALL, self);
}

static void hilum_limits_settings_dispose(GObject *object)
{
  HilumLimitsSettings *self = HILUM_LIMITS_SETTINGS(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  self->updating = true; /* lists that are taken apart say that their rows changed */
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_limits_settings_parent_class)->dispose(object);
}

static void hilum_limits_settings_finalize(GObject *object)
{
  g_array_unref(HILUM_LIMITS_SETTINGS(object)->labels);
  G_OBJECT_CLASS(hilum_limits_settings_parent_class)->finalize(object);
}

static void hilum_limits_settings_class_init(HilumLimitsSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_limits_settings_dispose;
  G_OBJECT_CLASS(klass)->finalize = hilum_limits_settings_finalize;
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/limits_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, summary);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, ranged);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, range_row);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, lo);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, hi);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, where);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, other);
  gtk_widget_class_bind_template_child(widget, HilumLimitsSettings, other_row);
}

static void hilum_limits_settings_init(HilumLimitsSettings *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->labels = g_array_new(FALSE, FALSE, sizeof(uint8_t));
  g_signal_connect_swapped(self->ranged, "notify::active", G_CALLBACK(take_limits), self);
  g_signal_connect_swapped(self->lo, "value-changed", G_CALLBACK(take_limits), self);
  g_signal_connect_swapped(self->hi, "value-changed", G_CALLBACK(take_limits), self);
  g_signal_connect_swapped(self->where, "notify::selected", G_CALLBACK(take_limits), self);
  g_signal_connect_swapped(self->other, "notify::selected", G_CALLBACK(take_limits), self);
}
