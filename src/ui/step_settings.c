/* Settings of margins and combining. */
#include "step_settings.h"

#include "hilum/casefile/case.h"
#include "ui_tools.h"

#include <glib/gi18n.h>

struct _HilumStepSettings {
  GtkWidget parent_instance;
  GtkWidget *margin_box, *combine_box;
  GtkDropDown *margin_op, *combine_op, *other;
  GtkSpinButton *amount;
  HilumWorkspace *workspace;
  bool combines;
};

G_DEFINE_FINAL_TYPE(HilumStepSettings, hilum_step_settings, GTK_TYPE_WIDGET)

/* In the order of the rows of the two lists. */
static const char *const margins[] = {"dilate", "erode", "open", "close", "smooth"};
static const char *const combinations[] = {"inside", "outside", "union"};

static char *make_title(const HilumStep *step, const char *name)
{
  const char *op = hilum_step_op_get_name(step->op);
  if (g_str_equal(op, "dilate")) return g_strdup_printf(_("Grow %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "erode")) return g_strdup_printf(_("Shrink %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "open")) return g_strdup_printf(_("Open %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "close")) return g_strdup_printf(_("Close %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "smooth")) return g_strdup_printf(_("Smooth %s by %.1f mm"), name, step->amount);
  if (g_str_equal(op, "inside")) return g_strdup_printf(_("Keep %s inside %s"), name, step->name);
  if (g_str_equal(op, "outside")) return g_strdup_printf(_("Cut %s where %s is"), name, step->name);
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

void hilum_step_settings_set_kind(HilumStepSettings *self, const char *kind)
{
  self->combines = g_str_equal(kind, "combine");
  gtk_widget_set_visible(self->margin_box, !self->combines);
  gtk_widget_set_visible(self->combine_box, self->combines);
}

bool hilum_step_settings_make(HilumStepSettings *self, HilumStep *step, char **title)
{
  const char *name = active_name(self);
  if (!name) return false;
  *step = (HilumStep){0};
  if (!self->combines) {
    guint row = MIN(gtk_drop_down_get_selected(self->margin_op), G_N_ELEMENTS(margins) - 1);
    step->op = hilum_step_op_find(margins[row]);
    step->amount = gtk_spin_button_get_value(self->amount);
    *title = make_title(step, name);
    return true;
  }
  GtkStringObject *other = gtk_drop_down_get_selected_item(self->other);
  if (!other) return false;
  guint row = MIN(gtk_drop_down_get_selected(self->combine_op), G_N_ELEMENTS(combinations) - 1);
  step->op = hilum_step_op_find(combinations[row]);
  step->name = g_strdup(gtk_string_object_get_string(other));
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
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/step_settings.ui");
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, margin_box);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, combine_box);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, margin_op);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, combine_op);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, other);
  gtk_widget_class_bind_template_child(widget, HilumStepSettings, amount);
}

static void hilum_step_settings_init(HilumStepSettings *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_spin_button_set_value(self->amount, 1);
}
