/* Settings of threshold and region growing: spin buttons bound to the tool's properties, the histogram with
 * the structure's own distribution, and ranges to be had with one click. */
#include "range_settings.h"

#include "hilum/base/job.h"
#include "hilum/segment/range.h"
#include "hilum/segment/threshold.h"
#include "hilum/segment/values.h"
#include "histogram_view.h"
#include "range_menu.h"
#include "ui_tools.h"

#include <glib/gi18n.h>
#include <math.h>

/* Strokes follow each other faster than the structure's distribution needs to. */
#define SETTLE_MS 300

struct _HilumRangeSettings {
  GtkWidget parent_instance;
  HilumHistogramView *histogram;
  GtkLabel *range_label, *seed_range, *tolerance_label, *locked;
  GtkSpinButton *lo, *hi, *tolerance, *confidence, *barrier, *radius;
  GtkWidget *range_spins, *grow_only, *tolerance_row, *tolerance_switch_row, *mode;
  GtkSwitch *use_tolerance, *use_confidence, *only_inside;
  GtkMenuButton *suggest;
  GtkDropDown *connectivity;
  GBindingGroup *range, *grow;
  HilumTool *tool;
  HilumVolume *volume; /* referenced */
  HilumWorkspace *workspace;
  HilumJob *counting; /* referenced; the job that counts the structure's own values */
  guint settle_id;
  uint64_t *own; /* the last counts, of `own_volume` (not referenced: only compared) */
  const HilumVolume *own_volume;
};

G_DEFINE_FINAL_TYPE(HilumRangeSettings, hilum_range_settings, GTK_TYPE_WIDGET)

static bool follows_seed(HilumRangeSettings *self)
{
  return self->tool && hilum_tool_get_kind(self->tool) == HILUM_TOOL_GROW &&
         (gtk_switch_get_active(self->use_tolerance) || gtk_switch_get_active(self->use_confidence));
}

/* The range that the grow tool takes around its seed; false while there is no seed. */
static bool get_seed_range(HilumRangeSettings *self, double *lo, double *hi)
{
  HilumVec3 seed_mm;
  if (!self->volume || !hilum_tool_grow_get_seed(self->tool, &seed_mm)) return false;
  const HilumGrid *grid = hilum_volume_get_grid(self->volume);
  HilumVoxel seed = hilum_grid_voxel_at_mm(grid, seed_mm);
  if (!hilum_grid_contains(grid, seed)) return false;
  double mean, sd, tolerance = gtk_spin_button_get_value(self->tolerance);
  hilum_neighbourhood_stats(self->volume, seed, 1, &mean, &sd);
  /* With confidence this is where it starts from; the status says where it ended. */
  if (gtk_switch_get_active(self->use_confidence))
    tolerance = gtk_spin_button_get_value(self->confidence) * sd;
  *lo = mean - tolerance;
  *hi = mean + tolerance;
  return true;
}

static void show_band(HilumRangeSettings *self)
{
  double lo = 0, hi = 0;
  if (!self->tool) return;
  if (follows_seed(self)) {
    bool known = get_seed_range(self, &lo, &hi);
    g_autofree char *text = known ? g_strdup_printf("%.0f – %.0f", lo, hi) : g_strdup(_("Click a seed"));
    hilum_label_update(self->seed_range, text);
  } else {
    g_object_get(self->tool, "lo", &lo, "hi", &hi, NULL);
  }
  hilum_histogram_view_set_range(self->histogram, lo, hi);
}

/* A range taken from the seed is shown, not edited. */
static void show_tolerance(HilumRangeSettings *self)
{
  bool follows = follows_seed(self);
  gtk_widget_set_visible(self->range_spins, !follows);
  gtk_widget_set_visible(GTK_WIDGET(self->seed_range), follows);
  const bool confidence = gtk_switch_get_active(self->use_confidence);
  gtk_widget_set_visible(self->tolerance_switch_row, !confidence);
  gtk_widget_set_visible(self->tolerance_row, follows && !confidence);
  gtk_widget_set_sensitive(GTK_WIDGET(self->confidence), confidence);
  g_object_set(self->histogram, "editable", !follows, NULL);
  show_band(self);
}

static void band_moved(HilumHistogramView *histogram, double lo, double hi, HilumRangeSettings *self)
{
  if (self->tool) g_object_set(self->tool, "lo", lo, "hi", hi, NULL);
}

void hilum_range_settings_set_tool(HilumRangeSettings *self, HilumTool *tool)
{
  bool grows = tool && hilum_tool_get_kind(tool) == HILUM_TOOL_GROW;
  if (self->tool) g_signal_handlers_disconnect_by_data(self->tool, self);
  g_set_object(&self->tool, tool);
  g_binding_group_set_source(self->grow, grows ? tool : NULL);
  g_binding_group_set_source(self->range, tool);
  gtk_widget_set_visible(self->grow_only, grows);
  gtk_widget_set_visible(gtk_widget_get_parent(self->mode), grows);
  if (tool) {
    g_signal_connect_swapped(tool, "notify::lo", G_CALLBACK(show_band), self);
    g_signal_connect_swapped(tool, "notify::hi", G_CALLBACK(show_band), self);
  }
  show_tolerance(self);
}

void hilum_range_settings_update(HilumRangeSettings *self, HilumVolume *volume, const char *locked)
{
  hilum_histogram_view_set_volume(self->histogram, volume);
  if (volume) hilum_volume_ref(volume);
  g_clear_pointer(&self->volume, hilum_volume_unref);
  self->volume = volume;
  show_band(self);
  const char *unit = volume ? hilum_volume_get_unit(volume) : "HU";
  g_autofree char *range = *unit ? g_strdup_printf(_("Range (%s)"), unit) : g_strdup(_("Range"));
  g_autofree char *tolerance =
      *unit ? g_strdup_printf(_("Tolerance (± %s)"), unit) : g_strdup(_("Tolerance (±)"));
  hilum_label_update(self->range_label, range);
  hilum_label_update(self->tolerance_label, tolerance);
  hilum_label_update(self->locked, *locked ? locked : _("None"));
}

/* --- the structure's own values --- */

typedef struct {
  HilumRangeSettings *self;
  HilumLabelSnapshot *labels;
  HilumVolume *volume;
  uint8_t label;
} Count;

static void count_free(gpointer data)
{
  Count *count = data;
  hilum_label_snapshot_unref(count->labels);
  hilum_volume_unref(count->volume);
  g_object_unref(count->self);
  g_free(count);
}

/* Worker thread. */
static gpointer count_work(gpointer data, const HilumProgress *progress, GError **error)
{
  const Count *count = data;
  return hilum_structure_dup_histogram(count->labels, count->label, count->volume, progress, error);
}

static void show_own(HilumRangeSettings *self, uint64_t *counts, const HilumVolume *volume)
{
  g_free(self->own);
  self->own = counts;
  self->own_volume = volume;
  if (!counts) {
    hilum_histogram_view_set_own(self->histogram, NULL, NULL);
    return;
  }
  const HilumStructureLook *look =
      hilum_workspace_get_look(self->workspace, hilum_workspace_get_active(self->workspace));
  const GdkRGBA color = {look->rgb[0] / 255.0f, look->rgb[1] / 255.0f, look->rgb[2] / 255.0f, 1};
  hilum_histogram_view_set_own(self->histogram, counts, &color);
}

/* A structure without voxels is no failure: there is nothing to draw. */
static void counted(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Count *count = user_data;
  HilumRangeSettings *self = count->self;
  const bool current = self->counting == job;
  if (current) g_clear_object(&self->counting);
  if (current && self->workspace && self->volume == count->volume)
    show_own(self, g_steal_pointer(&result), count->volume);
  g_free(result);
}

static void count_own(HilumRangeSettings *self)
{
  HilumLabelMap *labels = hilum_workspace_get_labels(self->workspace);
  const uint8_t label = hilum_workspace_get_active(self->workspace);
  if (self->counting) {
    g_autoptr(HilumJob) superseded = g_steal_pointer(&self->counting);
    hilum_job_cancel(superseded);
  }
  if (!labels || !self->volume || label == 0) {
    show_own(self, NULL, NULL);
    return;
  }
  Count *count = g_new0(Count, 1);
  *count =
      (Count){g_object_ref(self), hilum_label_map_snapshot(labels), hilum_volume_ref(self->volume), label};
  self->counting = g_object_ref(
      hilum_job_start(_("Counting values…"), count_work, count, count_free, g_free, counted, count));
}

static gboolean settled(gpointer data)
{
  HilumRangeSettings *self = data;
  self->settle_id = 0;
  if (gtk_widget_get_mapped(GTK_WIDGET(self))) count_own(self);
  return G_SOURCE_REMOVE;
}

static void count_soon(HilumRangeSettings *self)
{
  if (!self->workspace || !gtk_widget_get_mapped(GTK_WIDGET(self))) return;
  g_clear_handle_id(&self->settle_id, g_source_remove);
  self->settle_id = g_timeout_add(SETTLE_MS, settled, self);
}

static void hilum_range_settings_map(GtkWidget *widget)
{
  GTK_WIDGET_CLASS(hilum_range_settings_parent_class)->map(widget);
  count_soon(HILUM_RANGE_SETTINGS(widget));
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumRangeSettings *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_ACTIVE | HILUM_CHANGE_PHASE)) show_own(self, NULL, NULL);
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_ACTIVE | HILUM_CHANGE_PHASE | HILUM_CHANGE_LABELS))
    count_soon(self);
}

/* --- ranges to be had with one click --- */

static void suggest_here(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumRangeSettings *self = data;
  if (!self->tool || !self->volume) return;
  const HilumVec3 cursor = hilum_workspace_get_cursor_mm(self->workspace);
  hilum_tool_suggest_range(self->tool, hilum_grid_voxel_at_mm(hilum_volume_get_grid(self->volume), cursor));
}

static void suggest_own(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumRangeSettings *self = data;
  double lo, hi;
  if (!self->tool || !self->own || self->own_volume != self->volume) return;
  if (hilum_counts_percentile(self->own, self->volume, 0.05, &lo) &&
      hilum_counts_percentile(self->own, self->volume, 0.95, &hi))
    hilum_tool_set_range(self->tool, round(lo), round(hi));
}

static void suggest_otsu(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumRangeSettings *self = data;
  int n_classes, which;
  double lo, hi;
  g_variant_get(parameter, "(ii)", &n_classes, &which);
  if (self->tool && self->volume && hilum_range_menu_otsu(self->volume, n_classes, which, &lo, &hi))
    hilum_tool_set_range(self->tool, round(lo), round(hi));
}

static void suggest_preset(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumRangeSettings *self = data;
  const HilumRangePreset *preset = hilum_range_preset_find(g_variant_get_string(parameter, NULL));
  if (self->tool && preset) hilum_tool_set_range(self->tool, preset->lo, preset->hi);
}

/* Made as it opens: it depends on the structure and the phase. */
static void make_menu(GtkMenuButton *button, gpointer data)
{
  HilumRangeSettings *self = data;
  g_autoptr(GMenuModel) menu = hilum_range_menu_new(self->workspace);
  gtk_menu_button_set_menu_model(button, menu);
}

void hilum_range_settings_set_workspace(HilumRangeSettings *self, HilumWorkspace *workspace)
{
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  gtk_menu_button_set_create_popup_func(self->suggest, make_menu, self, NULL);
}

static gboolean connectivity_to_row(GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint(to, g_value_get_int(from) == 26);
  return TRUE;
}

static gboolean row_to_connectivity(GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_int(to, g_value_get_uint(from) == 1 ? 26 : 6);
  return TRUE;
}

static gboolean mode_to_row(GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint(to, g_value_get_int(from) == HILUM_LABEL_REPLACE);
  return TRUE;
}

static gboolean row_to_mode(GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_int(to, g_value_get_uint(from) == 1 ? HILUM_LABEL_REPLACE : HILUM_LABEL_ADD);
  return TRUE;
}

static void hilum_range_settings_dispose(GObject *object)
{
  HilumRangeSettings *self = HILUM_RANGE_SETTINGS(object);
  if (self->tool) g_signal_handlers_disconnect_by_data(self->tool, self);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  g_clear_handle_id(&self->settle_id, g_source_remove);
  g_clear_object(&self->counting);
  g_clear_object(&self->workspace);
  g_clear_pointer(&self->own, g_free);
  g_clear_object(&self->range);
  g_clear_object(&self->grow);
  g_clear_object(&self->tool);
  g_clear_pointer(&self->volume, hilum_volume_unref);
  hilum_widget_drop_children(GTK_WIDGET(self));
  G_OBJECT_CLASS(hilum_range_settings_parent_class)->dispose(object);
}

static void hilum_range_settings_class_init(HilumRangeSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_range_settings_dispose;
  widget->map = hilum_range_settings_map;
  g_type_ensure(HILUM_TYPE_HISTOGRAM_VIEW);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/range_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, histogram);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, range_label);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, range_spins);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, seed_range);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, tolerance_label);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, locked);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, lo);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, hi);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, tolerance);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, suggest);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, tolerance_switch_row);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, use_confidence);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, radius);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, barrier);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, confidence);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, grow_only);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, tolerance_row);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, mode);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, use_tolerance);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, only_inside);
  gtk_widget_class_bind_template_child(widget, HilumRangeSettings, connectivity);
}

static void hilum_range_settings_init(HilumRangeSettings *self)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  gtk_widget_init_template(GTK_WIDGET(self));
  self->range = g_binding_group_new();
  g_binding_group_bind(self->range, "lo", gtk_spin_button_get_adjustment(self->lo), "value", both);
  g_binding_group_bind(self->range, "hi", gtk_spin_button_get_adjustment(self->hi), "value", both);
  self->grow = g_binding_group_new();
  g_binding_group_bind(self->grow, "use-tolerance", self->use_tolerance, "active", both);
  g_binding_group_bind(self->grow, "tolerance", gtk_spin_button_get_adjustment(self->tolerance), "value",
                       both);
  g_binding_group_bind(self->grow, "use-confidence", self->use_confidence, "active", both);
  g_binding_group_bind(self->grow, "confidence", gtk_spin_button_get_adjustment(self->confidence), "value",
                       both);
  g_binding_group_bind(self->grow, "barrier", gtk_spin_button_get_adjustment(self->barrier), "value", both);
  g_binding_group_bind(self->grow, "radius-mm", gtk_spin_button_get_adjustment(self->radius), "value", both);
  g_binding_group_bind(self->grow, "only-inside", self->only_inside, "active", both);
  g_binding_group_bind_full(self->grow, "connectivity", self->connectivity, "selected", both,
                            connectivity_to_row, row_to_connectivity, NULL, NULL);
  g_binding_group_bind_full(self->grow, "mode", self->mode, "selected", both, mode_to_row, row_to_mode, NULL,
                            NULL);
  g_signal_connect_swapped(self->use_tolerance, "notify::active", G_CALLBACK(show_tolerance), self);
  g_signal_connect_swapped(self->use_confidence, "notify::active", G_CALLBACK(show_tolerance), self);
  static const GActionEntry entries[] = {
      {.name = "suggest", .activate = suggest_here},
      {.name = "own", .activate = suggest_own},
      {.name = "otsu", .activate = suggest_otsu, .parameter_type = "(ii)"},
      {.name = "preset", .activate = suggest_preset, .parameter_type = "s"},
  };
  g_autoptr(GSimpleActionGroup) actions = g_simple_action_group_new();
  g_action_map_add_action_entries(G_ACTION_MAP(actions), entries, G_N_ELEMENTS(entries), self);
  gtk_widget_insert_action_group(GTK_WIDGET(self), "range", G_ACTION_GROUP(actions));
  g_signal_connect(self->histogram, "range-changed", G_CALLBACK(band_moved), self);
}
