/* The acts on the numbers of the review: to the clipboard, into a file. */
#include "review_actions.h"

#include "window_private.h"

#include <glib/gi18n.h>

static void copy_numbers(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  HilumWindow *self = data;
  HilumMeasurements *numbers = hilum_review_panel_get_numbers(self->review_panel);
  if (!numbers) return;
  g_autofree char *text = hilum_measurements_dup_table(numbers, HILUM_TABLE_TSV,
                                                       hilum_review_panel_get_estimate(self->review_panel));
  gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), text);
  hilum_window_show_message(self, false, _("The numbers are on the clipboard, ready for a spreadsheet."));
}

typedef struct {
  HilumWindow *window;
  HilumMeasurements *numbers;
  char *path, *estimate;
} Export;

static void export_free(gpointer data)
{
  Export *run = data;
  hilum_measurements_unref(run->numbers);
  g_object_unref(run->window);
  g_free(run->path);
  g_free(run->estimate);
  g_free(run);
}

/* Worker thread. */
static gpointer write_csv(gpointer data, const HilumProgress *progress, GError **error)
{
  const Export *run = data;
  hilum_measurements_write_csv(run->numbers, run->path, run->estimate, error);
  return NULL;
}

static void csv_written(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Export *run = user_data;
  g_autofree char *name = g_path_get_basename(run->path);
  g_autofree char *text = g_strdup_printf(_("The numbers were written to %s."), name);
  if (error)
    hilum_window_show_error(run->window, error);
  else
    hilum_window_show_message(run->window, false, text);
}

static void export_to_path(HilumWindow *self, const char *path)
{
  HilumMeasurements *numbers = hilum_review_panel_get_numbers(self->review_panel);
  if (!numbers) return;
  Export *run = g_new0(Export, 1);
  *run = (Export){g_object_ref(self), hilum_measurements_ref(numbers), g_strdup(path),
                  g_strdup(hilum_review_panel_get_estimate(self->review_panel))};
  hilum_job_list_start(self->jobs, false, _("Writing the numbers…"), write_csv, run, export_free, NULL,
                       csv_written, run);
}

static void export_numbers_to(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  export_to_path(data, g_variant_get_string(parameter, NULL));
}

static void place_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
  HilumWindow *self = data;
  g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT && file ? g_file_get_path(file) : NULL;
  if (path) {
    g_autofree char *full = g_str_has_suffix(path, ".csv") ? g_strdup(path) : g_strconcat(path, ".csv", NULL);
    export_to_path(self, full);
  }
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
}

static void export_numbers(GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
      _("Export the numbers"), GTK_WINDOW(data), GTK_FILE_CHOOSER_ACTION_SAVE, _("Export"), _("Cancel"));
  /* Never the patient's name: file names travel. */
  gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), _("Kidney.csv"));
  gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
  g_signal_connect(dialog, "response", G_CALLBACK(place_chosen), data);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

void hilum_review_actions_update(HilumWindow *self)
{
  const bool any = hilum_review_panel_get_numbers(self->review_panel) != NULL;
  hilum_window_enable(self, "copy-numbers", any);
  hilum_window_enable(self, "export-numbers", any);
  hilum_window_enable(self, "export-numbers-to", any);
}

void hilum_review_actions_add(HilumWindow *self)
{
  static const GActionEntry entries[] = {
      {.name = "copy-numbers", .activate = copy_numbers},
      {.name = "export-numbers", .activate = export_numbers},
      {.name = "export-numbers-to", .activate = export_numbers_to, .parameter_type = "s"},
  };
  g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}
