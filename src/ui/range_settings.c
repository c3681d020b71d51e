/* Settings of threshold and region growing: spin buttons bound to the tool's properties, and the histogram.
 */
#include "range_settings.h"

#include "hilum/segment/threshold.h"
#include "histogram_view.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumRangeSettings {
  GtkWidget parent_instance;
  HilumHistogramView *histogram;
  GtkLabel *range_label, *seed_range, *tolerance_label, *locked;
  GtkSpinButton *lo, *hi, *tolerance;
  GtkWidget *range_spins, *grow_only, *tolerance_row, *mode;
  GtkSwitch *use_tolerance, *only_inside;
  GtkDropDown *connectivity;
  GBindingGroup *range, *grow;
  HilumTool *tool;
  HilumVolume *volume; /* referenced */
};

G_DEFINE_FINAL_TYPE(HilumRangeSettings, hilum_range_settings, GTK_TYPE_WIDGET)

static bool follows_seed(HilumRangeSettings *self)
{
  return self->tool && hilum_tool_get_kind(self->tool) == HILUM_TOOL_GROW &&
         gtk_switch_get_active(self->use_tolerance);
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
  gtk_widget_set_visible(self->tolerance_row, follows);
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
  g_binding_group_bind(self->grow, "only-inside", self->only_inside, "active", both);
  g_binding_group_bind_full(self->grow, "connectivity", self->connectivity, "selected", both,
                            connectivity_to_row, row_to_connectivity, NULL, NULL);
  g_binding_group_bind_full(self->grow, "mode", self->mode, "selected", both, mode_to_row, row_to_mode, NULL,
                            NULL);
  g_signal_connect_swapped(self->use_tolerance, "notify::active", G_CALLBACK(show_tolerance), self);
  g_signal_connect(self->histogram, "range-changed", G_CALLBACK(band_moved), self);
}
