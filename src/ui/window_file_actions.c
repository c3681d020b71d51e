/* Acts on files: open, save, export, the sample, missing images. */
#include "exporter_actions.h"
#include "opener.h"
#include "preferences.h"
#include "review_actions.h"
#include "saver.h"
#include "window_private.h"

#include <glib/gi18n.h>

/* --- choosing --- */

typedef void (*Chosen)(HilumWindow *self, const char *const *paths);

static void native_response(GtkNativeDialog *dialog, int response, gpointer data)
{
  Chosen chosen = (Chosen)data;
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr(GListModel) files = gtk_file_chooser_get_files(GTK_FILE_CHOOSER(dialog));
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
    for (guint n = 0; n < g_list_model_get_n_items(files); n++) {
      g_autoptr(GFile) file = g_list_model_get_item(files, n);
      g_autofree char *path = g_file_get_path(file);
      if (path) g_strv_builder_add(paths, path);
    }
    g_auto(GStrv) list = g_strv_builder_end(paths);
    if (list[0]) chosen(HILUM_WINDOW(gtk_native_dialog_get_transient_for(dialog)), (const char *const *)list);
  }
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
}

static void choose(HilumWindow *self, const char *title, GtkFileChooserAction action, bool several,
                   const char *suffix, Chosen chosen)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new(title, GTK_WINDOW(self), action, _("Open"), _("Cancel"));
  gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(dialog), several);
  if (suffix) {
    g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, _("Hilum cases"));
    gtk_file_filter_add_suffix(filter, suffix);
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), filter);
  }
  gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
  g_signal_connect(dialog, "response", G_CALLBACK(native_response), (gpointer)chosen);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

/* --- acts --- */

static void open_folder(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose(data, _("Open a study"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, false, NULL, hilum_opener_open);
}

static void open_files(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose(data, _("Open images or a DICOMDIR"), GTK_FILE_CHOOSER_ACTION_OPEN, true, NULL, hilum_opener_open);
}

static void open_case(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose(data, _("Open a case"), GTK_FILE_CHOOSER_ACTION_OPEN, false, "hilum", hilum_opener_open);
}

static void open_paths(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree const char **paths = g_variant_get_strv(parameter, NULL);
  if (paths[0]) hilum_opener_open(data, paths);
}

static void open_sample(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_opener_open_sample(data, false);
}

static void open_small_sample(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_opener_open_sample(data, true);
}

static void cancel_opening(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_opener_cancel(data);
}

static void save(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_saver_save(data, NULL, NULL, NULL);
}

static void save_as(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_saver_save_as(data);
}

static void save_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_saver_save(data, g_variant_get_string(parameter, NULL), NULL, NULL);
}

static void relocate_chosen(HilumWindow *self, const char *const *paths)
{
  hilum_opener_relocate(self, paths[0]);
}

static void relocate(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose(data, _("Where are the images?"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, false, NULL,
         relocate_chosen);
}

static void relocate_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  hilum_opener_relocate(data, g_variant_get_string(parameter, NULL));
}

/* --- what was opened last --- */

void hilum_window_fill_recent(HilumWindow *self)
{
  g_menu_remove_all(self->recent);
  g_auto(GStrv) paths = hilum_preferences_dup_recent(hilum_preferences_get());
  for (char **path = paths; *path; path++) {
    g_autofree char *name = g_path_get_basename(*path);
    g_autofree char *folder = g_path_get_dirname(*path);
    g_autofree char *parent = g_path_get_basename(folder);
    g_autofree char *label = g_strdup_printf("%s — %s", name, parent);
    g_autoptr(GMenuItem) item = g_menu_item_new(label, NULL);
    g_menu_item_set_action_and_target(item, "win.open-paths", "^as", (const char *[]){*path, NULL});
    g_menu_append_item(self->recent, item);
  }
}

static void add_recent(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  g_autofree char *full = g_canonicalize_filename(g_variant_get_string(parameter, NULL), NULL);
  hilum_preferences_add_recent(hilum_preferences_get(), full);
  hilum_window_fill_recent(self);
}

void hilum_window_update_file_actions(HilumWindow *self)
{
  bool open = hilum_window_get_shown_case(self) != NULL, missing = false;
  for (guint n = 0; open && n < hilum_case_get_phase_count(self->the_case); n++)
    missing |= hilum_phase_get_volume(hilum_case_get_phase(self->the_case, n)) == NULL;
  hilum_window_enable(self, "cancel-opening", hilum_opener_is_busy(self));
  hilum_window_enable(self, "save", open && !self->saving);
  hilum_window_enable(self, "save-as", open && !self->saving);
  hilum_window_enable(self, "save-to", open && !self->saving);
  hilum_window_enable(self, "relocate", missing);
  hilum_window_enable(self, "relocate-to", missing);
  hilum_export_actions_update(self);
  hilum_review_actions_update(self);
}

void hilum_window_add_file_actions(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "open-folder", .activate = open_folder},
      {.name = "open-files", .activate = open_files},
      {.name = "cancel-opening", .activate = cancel_opening},
      {.name = "open-case", .activate = open_case},
      {.name = "open-paths", .activate = open_paths, .parameter_type = "as"},
      {.name = "sample", .activate = open_sample},
      {.name = "small-sample", .activate = open_small_sample},
      {.name = "save", .activate = save},
      {.name = "save-as", .activate = save_as},
      {.name = "save-to", .activate = save_to, .parameter_type = "s"},
      {.name = "relocate", .activate = relocate},
      {.name = "relocate-to", .activate = relocate_to, .parameter_type = "s"},
      {.name = "add-recent", .activate = add_recent, .parameter_type = "s"},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
  hilum_export_actions_add(self);
  hilum_review_actions_add(self);
}
