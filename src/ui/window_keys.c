/* Keys without a modifier. They sit on the window in the bubble phase, so that a text field or a list that
 * has the focus takes what it needs first; keys with Ctrl or Alt are accelerators of the application
 * (application.c). Both are shown by the shortcut window, resources/ui/shortcuts.ui. */
#include "tool_table.h"
#include "window_private.h"

static const struct {
  const char *trigger, *action, *target; /* target: GVariant text, NULL for none */
} keys[] = {
    {"Return|KP_Enter", "win.apply", NULL},
    {"Escape", "win.cancel-opening", NULL}, /* the first that is enabled acts */
    {"Escape", "win.no-tool", NULL},
    {"BackSpace", "win.step-back", NULL},
    {"0", "win.more-tools", NULL},
    {"n", "win.guide-next", NULL},
    {"<shift>n", "win.guide-back", NULL},
    {"k", "win.guide-skip", NULL},
    {"p", "win.guide-point", NULL},
    {"q", "win.previous-structure", NULL},
    {"w", "win.next-structure", NULL},
    {"space", "win.toggle-structure", NULL},
    {"<shift>space", "win.isolate-structure", NULL},
    {"l", "win.lock-structure", NULL},
    {"Delete", "win.delete-structure", NULL},
    {"Left", "win.cut-step", "'left'"}, /* in 3D, where a free cut is */
    {"Right", "win.cut-step", "'right'"},
    {"Up", "win.cut-step", "'up'"},
    {"Down", "win.cut-step", "'down'"},
    {"Page_Up", "win.cut-step", "'farther'"},
    {"Page_Down", "win.cut-step", "'nearer'"},
    {"<shift>Left", "win.cut-step", "'left-fine'"},
    {"<shift>Right", "win.cut-step", "'right-fine'"},
    {"<shift>Up", "win.cut-step", "'up-fine'"},
    {"<shift>Down", "win.cut-step", "'down-fine'"},
    {"<shift>Page_Up", "win.cut-step", "'farther-fine'"},
    {"<shift>Page_Down", "win.cut-step", "'nearer-fine'"},
    {"Up|Right", "win.slice-step", "1"},
    {"Down|Left", "win.slice-step", "-1"},
    {"Page_Up", "win.slice-step", "10"},
    {"Page_Down", "win.slice-step", "-10"},
    {"Home", "win.slice-end", "false"},
    {"End", "win.slice-end", "true"},
    {"c", "win.crosshair-here", NULL},
    {"f", "win.fit-slices", NULL},
    {"<shift>f", "win.fit-model", NULL},
    {"o", "win.show-overlay", NULL},
    {"x", "win.show-crosshair", NULL},
    {"v", "win.next-fusion", NULL},
    {"<alt>Left", "win.nudge-phase", "'left'"},
    {"<alt>Right", "win.nudge-phase", "'right'"},
    {"<alt>Up", "win.nudge-phase", "'up'"},
    {"<alt>Down", "win.nudge-phase", "'down'"},
    {"<alt>Page_Up", "win.nudge-phase", "'counterclockwise'"},
    {"<alt>Page_Down", "win.nudge-phase", "'clockwise'"},
    {"<ctrl>r", "win.register-phase", NULL},
    {"KP_1|KP_End", "win.view", "'anterior'"},
    {"KP_3|KP_Page_Down", "win.view", "'left'"},
    {"KP_7|KP_Home", "win.view", "'superior'"},
    {"<ctrl>KP_1|<ctrl>KP_End", "win.view", "'posterior'"},
    {"<ctrl>KP_3|<ctrl>KP_Page_Down", "win.view", "'right'"},
    {"<ctrl>KP_7|<ctrl>KP_Home", "win.view", "'inferior'"},
    {"KP_5|KP_Begin", "win.perspective", NULL},
};

static void add_key(GtkEventController *controller, const char *trigger, const char *action, GVariant *target)
{
  GtkShortcut *shortcut =
      gtk_shortcut_new(gtk_shortcut_trigger_parse_string(trigger), gtk_named_action_new(action));
  if (target) gtk_shortcut_set_arguments(shortcut, target);
  gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(controller), shortcut);
}

/* Digits for the grid in its order, letters for those that have one. */
static void add_tool_keys(GtkEventController *controller)
{
  for (size_t n = 0; n < hilum_tool_table_get_count(); n++) {
    const HilumToolEntry *entry = hilum_tool_table_get(n);
    const char digit[] = {(char)('0' + hilum_tool_table_get_digit(n)), 0};
    if (*digit != '0') add_key(controller, digit, "win.tool", g_variant_new_string(entry->id));
    if (entry->letter) add_key(controller, entry->letter, "win.tool", g_variant_new_string(entry->id));
  }
}

void hilum_window_add_keys(HilumWindow *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new();
  for (size_t n = 0; n < G_N_ELEMENTS(keys); n++)
    add_key(controller, keys[n].trigger, keys[n].action,
            keys[n].target ? g_variant_new_parsed(keys[n].target) : NULL);
  add_tool_keys(controller);
  gtk_widget_add_controller(GTK_WIDGET(self), controller);
}
