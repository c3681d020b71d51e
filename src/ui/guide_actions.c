/* The acts of the kidney guide. */
#include "guide_actions.h"

#include "window_private.h"

#include <glib/gi18n.h>

static void change_guide(GSimpleAction *action, GVariant *state, gpointer data)
{
  HilumWindow *self = data;
  const bool on = g_variant_get_boolean(state);
  if (on == hilum_guide_session_is_active(self->guide)) return;
  if (on)
    hilum_guide_session_begin(self->guide, NULL);
  else
    hilum_guide_session_end(self->guide);
  hilum_window_update(self);
}

static void choose_protocol(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_guide_session_begin(((HilumWindow *)data)->guide, g_variant_get_string(parameter, NULL));
}

static void file_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
  HilumWindow *self = data;
  g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT && file ? g_file_get_path(file) : NULL;
  if (path) hilum_guide_session_begin(self->guide, path);
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
}

static void open_protocol(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
      _("Open a protocol"), GTK_WINDOW(data), GTK_FILE_CHOOSER_ACTION_OPEN, _("Open"), _("Cancel"));
  g_autoptr(GtkFileFilter) protocols = gtk_file_filter_new(), all = gtk_file_filter_new();
  gtk_file_filter_set_name(protocols, _("Protocols"));
  gtk_file_filter_add_suffix(protocols, "protocol");
  gtk_file_filter_set_name(all, _("All files"));
  gtk_file_filter_add_pattern(all, "*");
  gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), protocols);
  gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), all);
  gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
  g_signal_connect(dialog, "response", G_CALLBACK(file_chosen), data);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

static void set_point(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  hilum_guide_session_set_point(self->guide, hilum_workspace_get_cursor_mm(self->workspace));
}

static void back(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_guide_session_back(((HilumWindow *)data)->guide);
}

static void skip(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_guide_session_skip(((HilumWindow *)data)->guide);
}

static void next(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_guide_session_next(((HilumWindow *)data)->guide);
}

static void apply(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_guide_session_apply(((HilumWindow *)data)->guide);
}

void hilum_guide_actions_update(HilumWindow *self)
{
  const bool open = hilum_window_get_shown_case(self) != NULL;
  const HilumStage *shown = hilum_guide_session_get_shown(self->guide);
  hilum_window_enable(self, "guide", open);
  hilum_window_set_state(self, "guide", g_variant_new_boolean(hilum_guide_session_is_active(self->guide)));
  hilum_window_enable(self, "guide-protocol", open);
  hilum_window_enable(self, "guide-open", open);
  hilum_window_enable(self, "guide-point", open && shown && shown->click != HILUM_CLICK_NONE);
  hilum_window_enable(self, "guide-back", open && hilum_guide_session_can_back(self->guide));
  hilum_window_enable(self, "guide-skip", open && hilum_guide_session_can_skip(self->guide));
  hilum_window_enable(self, "guide-next", open && hilum_guide_session_can_next(self->guide));
  hilum_window_enable(self, "guide-apply", open && hilum_guide_session_can_apply(self->guide));
}

void hilum_guide_actions_add(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "guide", .state = "false", .change_state = change_guide},
      {.name = "guide-protocol", .activate = choose_protocol, .parameter_type = "s"},
      {.name = "guide-open", .activate = open_protocol},
      {.name = "guide-point", .activate = set_point},
      {.name = "guide-back", .activate = back},
      {.name = "guide-skip", .activate = skip},
      {.name = "guide-next", .activate = next},
      {.name = "guide-apply", .activate = apply},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}
