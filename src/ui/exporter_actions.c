/* The acts of exporting. */
#include "exporter_actions.h"

#include "saver.h"
#include "window_private.h"

#include <glib/gi18n.h>

static void place_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
  HilumExportChoice *choice = data;
  g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT && file ? g_file_get_path(file) : NULL;
  HilumWindow *self = HILUM_WINDOW(gtk_native_dialog_get_transient_for(dialog));
  if (path) {
    bool named = !choice->together || g_str_has_suffix(path, ".stl");
    g_autofree char *full = named ? g_strdup(path) : g_strconcat(path, ".stl", NULL);
    hilum_saver_export(self, choice, full);
  } else {
    hilum_export_choice_free(choice);
  }
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
}

static void structures_chosen(HilumExportChoice *choice, gpointer data)
{
  HilumWindow *self = data;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
      choice->together ? _("Export to a file") : _("Export to a folder"), GTK_WINDOW(self),
      choice->together ? GTK_FILE_CHOOSER_ACTION_SAVE : GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("Export"),
      _("Cancel"));
  if (choice->together) gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), _("Kidney.stl"));
  gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
  g_signal_connect(dialog, "response", G_CALLBACK(place_chosen), choice);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

static void export(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  hilum_export_dialog_ask(GTK_WINDOW(self), self->workspace, self->checks, structures_chosen, self);
}

static double number_of(GVariant *options, const char *key)
{
  double value = 0;
  (void)g_variant_lookup(options, key, "d", &value);
  return value;
}

static bool flag_of(GVariant *options, const char *key)
{
  gboolean value = FALSE;
  (void)g_variant_lookup(options, key, "b", &value);
  return value;
}

/* The dialog's work without the dialog: visible structures, one file each into a folder, or all into
 * NAME.stl; united or prepared as the options say, which are named as hilum-cli names them. */
static void export_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  const char *path;
  g_autoptr(GVariant) options = NULL;
  g_variant_get(parameter, "(&s@a{sv})", &path, &options);
  HilumExportChoice *choice = g_new0(HilumExportChoice, 1);
  choice->structures = g_ptr_array_new_with_free_func(g_object_unref);
  choice->together = g_str_has_suffix(path, ".stl");
  choice->unite = choice->together && flag_of(options, "union");
  choice->prepare = (HilumPrepareOptions){.remove_below_mm3 = 1000 * number_of(options, "remove-below"),
                                          .resolve = flag_of(options, "resolve"),
                                          .min_diameter_mm = number_of(options, "min-diameter"),
                                          .hollow_mm = number_of(options, "hollow"),
                                          .decimate_error_mm = number_of(options, "decimate-error")};
  GListModel *structures = hilum_case_get_structures(self->the_case);
  for (guint n = 0; n < g_list_model_get_n_items(structures); n++) {
    HilumStructure *structure = g_list_model_get_item(structures, n);
    if (hilum_structure_get_visible(structure) && hilum_structure_get_voxels(structure) > 0)
      g_ptr_array_add(choice->structures, structure);
    else
      g_object_unref(structure);
  }
  hilum_saver_export(self, choice, path);
}

void hilum_export_actions_update(HilumWindow *self)
{
  bool any = false;
  GListModel *structures = self->the_case ? hilum_case_get_structures(self->the_case) : NULL;
  for (guint n = 0; structures && n < g_list_model_get_n_items(structures); n++) {
    g_autoptr(HilumStructure) structure = g_list_model_get_item(structures, n);
    any |= hilum_structure_get_voxels(structure) > 0;
  }
  hilum_window_enable(self, "export", any);
  hilum_window_enable(self, "export-to", any);
}

void hilum_export_actions_add(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "export", .activate = export},
      {.name = "export-to", .activate = export_to, .parameter_type = "(sa{sv})"},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}
