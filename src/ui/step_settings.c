/* Settings of margins, smoothing, filling between slices and combining. */
#include "step_settings.h"

#include "hilum/casefile/case.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumStepSettings {
  GtkWidget parent_instance;
  GtkWidget *margin_box, *smooth_box, *fill_box, *combine_box; /* shown one at a time */
  GtkWidget *smooth_mm_row, *outer_row;
  GtkDropDown *margin_op, *smooth_op, *axis, *combine_op, *other;
  GtkSpinButton *amount, *smooth_mm, *other_mm;
  GtkSwitch *outer;
  HilumWorkspace *workspace;
  const char *kind; /* of the list below */
};

G_DEFINE_FINAL_TYPE(HilumStepSettings, hilum_step_settings, GTK_TYPE_WIDGET)

static guint signal_changed;

/* In the order of the rows of the lists. */
static const char *const margins[] = {"dilate", "erode", "open", "close", "shell", "hollow", NULL};
static const char *const smoothings[] = {"median", "majority", "smooth", NULL}; /* and all together */
static const char *const combinations[] = {"inside", "outside", "union", "xor", NULL};
enum { SMOOTH_MEDIAN = 0, SMOOTH_TOGETHER = 3 };

static char *make_title(const HilumStep *step, const char *name)
{
  const char *op = hilum_step_op_get_name(step->op);
  if (g_str_equal(op, "dilate")) return g_strdup_printf(_("Grow %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "erode")) return g_strdup_printf(_("Shrink %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "open")) return g_strdup_printf(_("Open %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "close")) return g_strdup_printf(_("Close %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "shell")) return g_strdup_printf(_("Shell of %s, %.1f mm"), name, step->amount);
  if (g_str_equal(op, "hollow")) return g_strdup_printf(_("Hollow %s, wall %.1f mm"), name, step->amount);
  if (g_str_equal(op, "median")) return g_strdup_printf(_("Smooth %s"), name);
  if (g_str_equal(op, "majority")) return g_strdup_printf(_("Smooth %s within %.1f mm"), name, step->amount);
  if (g_str_equal(op, "smooth")) return g_strdup_printf(_("Smooth %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "fill-slices")) return g_strdup_printf(_("Fill %s between slices"), name);
  if (g_str_equal(op, "inside")) return g_strdup_printf(_("Keep %s inside %s"), name, step->name);
  if (g_str_equal(op, "outside")) return g_strdup_printf(_("Cut %s where %s is"), name, step->name);
  if (g_str_equal(op, "xor")) return g_strdup_printf(_("Keep what only %s or %s has"), name, step->name);
  return g_strdup_printf(_("Join %s and %s"), name, step->name);
}

static const char *active_name(HilumStepSettings *self)
{
  uint8_t active = hilum_workspace_get_active(self->workspace);
  return active ? hilum_workspace_get_look(self->workspace, active)->name : NULL;
}

static void list_others(HilumStepSettings *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
  uint8_t active = hilum_workspace_get_active(self->workspace);
  GListModel *structures = the_case ? hilum_case_get_structures(the_case) : NULL;
  for (guint n = 0; structures && n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    if (hilum_structure_get_label(structure) != active)
      gtk_string_list_append(names, hilum_structure_get_name(structure));
  }
  gtk_drop_down_set_model(self->other, G_LIST_MODEL(names));
}

static void workspace_changed(HilumWorkspace *workspace, guint changes, HilumStepSettings *self)
{
  if (changes & (HILUM_CHANGE_CASE | HILUM_CHANGE_ACTIVE | HILUM_CHANGE_STRUCTURES)) list_others(self);
}

void hilum_step_settings_set_workspace(HilumStepSettings *self, HilumWorkspace *workspace)
{
  self->workspace = g_object_ref(workspace);
  g_signal_connect(workspace, "changed", G_CALLBACK(workspace_changed), self);
  list_others(self);
}

static bool is_kind(HilumStepSettings *self, const char *kind)
{
  return g_strcmp0(self->kind, kind) == 0;
}

static void show_rows(HilumStepSettings *self)
{
  const guint how = gtk_drop_down_get_selected(self->smooth_op);
  gtk_widget_set_visible(self->margin_box, is_kind(self, "margin"));
  gtk_widget_set_visible(self->smooth_box, is_kind(self, "smooth"));
  gtk_widget_set_visible(self->fill_box, is_kind(self, "fill-slices"));
  gtk_widget_set_visible(self->combine_box, is_kind(self, "combine"));
  gtk_widget_set_visible(self->smooth_mm_row, how != SMOOTH_MEDIAN);
  gtk_widget_set_visible(self->outer_row, how == SMOOTH_TOGETHER);
}

void hilum_step_settings_set_kind(HilumStepSettings *self, const char *kind)
{
  self->kind = g_intern_string(kind);
  show_rows(self);
}

bool hilum_step_settings_is_joint(HilumStepSettings *self, double *sigma_mm, bool *outer)
{
  *sigma_mm = gtk_spin_button_get_value(self->smooth_mm);
  *outer = gtk_switch_get_active(self->outer);
  return is_kind(self, "smooth") && gtk_drop_down_get_selected(self->smooth_op) == SMOOTH_TOGETHER;
}

static void chose_smoothing(HilumStepSettings *self)
{
  show_rows(self);
  g_signal_emit(self, signal_changed, 0);
}

static const HilumStepOp *chosen(GtkDropDown *list, const char *const *names)
{
  const guint last = g_strv_length((char **)names) - 1;
  return hilum_step_op_find(names[MIN(gtk_drop_down_get_selected(list), last)]);
}

static bool make_combination(HilumStepSettings *self, HilumStep *step)
{
  GtkStringObject *other = gtk_drop_down_get_selected_item(self->other);
  if (!other) return false;
  step->op = chosen(self->combine_op, combinations);
  step->name = g_strdup(gtk_string_object_get_string(other));
  step->margin_mm = gtk_spin_button_get_value(self->other_mm);
  return true;
}

bool hilum_step_settings_make(HilumStepSettings *self, HilumStep *step, char **title)
{
  const char *name = active_name(self);
  if (!name) return false;
  *step = (HilumStep){0};
  if (is_kind(self, "combine")) {
    if (!make_combination(self, step)) return false;
  } else if (is_kind(self, "smooth")) {
    step->op = chosen(self->smooth_op, smoothings);
    step->amount = gtk_spin_button_get_value(self->smooth_mm);
  } else if (is_kind(self, "fill-slices")) {
    step->op = hilum_step_op_find("fill-slices");
    step->amount = gtk_drop_down_get_selected(self->axis);
  } else {
    step->op = chosen(self->margin_op, margins);
    step->amount = gtk_spin_button_get_value(self->amount);
  }
  *title = make_title(step, name);
  return true;
}

static void hilum_step_settings_dispose(GObject *object)
{
  HilumStepSettings *self = HILUM_STEP_SETTINGS(object);
  if (self->workspace) g_signal_handlers_disconnect_by_data(self->workspace, self);
  hilum_widget_drop_children(GTK_WIDGET(self));
  g_clear_object(&self->workspace);
  G_OBJECT_CLASS(hilum_step_settings_parent_class)->dispose(object);
}

static void hilum_step_settings_class_init(HilumStepSettingsClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_step_settings_dispose;
  signal_changed = g_signal_new("changed", HILUM_TYPE_STEP_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/step_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, margin_box);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, combine_box);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, margin_op);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, combine_op);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, other);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, amount);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, smooth_box);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, fill_box);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, smooth_mm_row);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, outer_row);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, smooth_op);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, axis);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, smooth_mm);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, other_mm);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, outer);
}

static void hilum_step_settings_init(HilumStepSettings *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_spin_button_set_value(self->amount, 1);
  g_signal_connect_swapped(self->smooth_op, "notify::selected", G_CALLBACK(chose_smoothing), self);
  show_rows(self);
}
