/* Theme, 3D rotation, interpolation, memory for undo. */
#include "preferences_dialog.h"

#include "hilum/casefile/case.h"
#include "history_panel.h"
#include "preferences.h"
#include "window.h"

#include <glib/gi18n.h>

struct _HilumPreferencesDialog {
  GtkWindow parent_instance;
  GtkDropDown *theme, *orbit;
  GtkSwitch *smooth;
  GtkSpinButton *history_mb;
  GtkLabel *history_use;
  HilumWorkspace *workspace;
};

G_DEFINE_FINAL_TYPE(HilumPreferencesDialog, hilum_preferences_dialog, GTK_TYPE_WINDOW)

void hilum_preferences_apply(HilumWorkspace *workspace)
{
  HilumPreferences *prefs = hilum_preferences_get();
  HilumViewOptions options = *hilum_workspace_get_options(workspace);
  options.orbit = hilum_preferences_get_upright(prefs) ? HILUM_ORBIT_TURNTABLE : HILUM_ORBIT_TRACKBALL;
  options.smooth = hilum_preferences_get_smooth(prefs);
  hilum_workspace_set_options(workspace, &options);
}

static void show_use(HilumPreferencesDialog *self)
{
  HilumCase *the_case = hilum_workspace_get_case(self->workspace);
  g_autofree char *use = the_case ? hilum_history_dup_use(hilum_case_get_history(the_case)) : NULL;
  g_autofree char *text = use ? g_strdup_printf(_("This case: %s"), use) : g_strdup("");
  gtk_label_set_text(self->history_use, text);
}

/* The oldest steps beyond it go at once, in every window. */
static void budget_changed(HilumPreferencesDialog *self)
{
  const int mb = gtk_spin_button_get_value_as_int(self->history_mb);
  GtkApplication *app = GTK_APPLICATION(g_application_get_default());
  hilum_preferences_set_history_mb(hilum_preferences_get(), mb);
  for (GList *window = gtk_application_get_windows(app); window; window = window->next) {
    HilumCase *the_case = HILUM_IS_WINDOW(window->data) ? hilum_window_get_case(window->data) : NULL;
    if (the_case) hilum_history_set_budget(hilum_case_get_history(the_case), (size_t)mb << 20);
  }
  show_use(self);
}

static void changed(HilumPreferencesDialog *self)
{
  HilumPreferences *prefs = hilum_preferences_get();
  bool light = gtk_drop_down_get_selected(self->theme) == 1;
  hilum_preferences_set_upright(prefs, gtk_drop_down_get_selected(self->orbit) == 1);
  hilum_preferences_set_smooth(prefs, gtk_switch_get_active(self->smooth));
  hilum_preferences_apply(self->workspace);
  g_action_group_activate_action(G_ACTION_GROUP(g_application_get_default()), "theme",
                                 g_variant_new_string(light ? "light" : "dark"));
}

void hilum_preferences_dialog_show(GtkWindow *parent, HilumWorkspace *workspace)
{
  HilumPreferencesDialog *self = g_object_new(HILUM_TYPE_PREFERENCES_DIALOG, "transient-for", parent, NULL);
  HilumPreferences *prefs = hilum_preferences_get();
  self->workspace = g_object_ref(workspace);
  gtk_drop_down_set_selected(self->theme, hilum_preferences_get_light(prefs));
  gtk_drop_down_set_selected(self->orbit, hilum_preferences_get_upright(prefs));
  gtk_switch_set_active(self->smooth, hilum_preferences_get_smooth(prefs));
  gtk_spin_button_set_value(self->history_mb, hilum_preferences_get_history_mb(prefs));
  show_use(self);
  g_signal_connect_swapped(self->history_mb, "value-changed", G_CALLBACK(budget_changed), self);
  g_signal_connect_swapped(self->theme, "notify::selected", G_CALLBACK(changed), self);
  g_signal_connect_swapped(self->orbit, "notify::selected", G_CALLBACK(changed), self);
  g_signal_connect_swapped(self->smooth, "notify::active", G_CALLBACK(changed), self);
  gtk_window_present(GTK_WINDOW(self));
}

static void hilum_preferences_dialog_dispose(GObject *object)
{
  g_clear_object(&HILUM_PREFERENCES_DIALOG(object)->workspace);
  G_OBJECT_CLASS(hilum_preferences_dialog_parent_class)->dispose(object);
}

static void hilum_preferences_dialog_class_init(HilumPreferencesDialogClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
  G_OBJECT_CLASS(klass)->dispose = hilum_preferences_dialog_dispose;
  gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget, "/org/hilum/Hilum/ui/preferences_dialog.ui");
  gtk_widget_class_bind_template_child(widget, HilumPreferencesDialog, theme);
  gtk_widget_class_bind_template_child(widget, HilumPreferencesDialog, orbit);
  gtk_widget_class_bind_template_child(widget, HilumPreferencesDialog, smooth);
  gtk_widget_class_bind_template_child(widget, HilumPreferencesDialog, history_mb);
  gtk_widget_class_bind_template_child(widget, HilumPreferencesDialog, history_use);
}

static void hilum_preferences_dialog_init(HilumPreferencesDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
