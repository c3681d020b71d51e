/* Saving a case: a record is captured at once and written by a job, so that work goes on meanwhile. */
#include "saver.h"

#include "hilum/casefile/record.h"
#include "view_state.h"
#include "window_private.h"

#include <glib/gi18n.h>

typedef struct {
  HilumWindow *window;
  HilumCase *the_case;
  HilumCaseRecord *record;
  char *path;
  HilumSaverDone done;
  gpointer data;
} Run;

static void run_free(gpointer data)
{
  Run *run = data;
  g_clear_pointer(&run->record, hilum_case_record_unref);
  g_clear_object(&run->the_case);
  g_object_unref(run->window);
  g_free(run->path);
  g_free(run);
}

static gpointer write_case(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  hilum_case_record_write(run->record, run->path, progress, error);
  return NULL;
}

static void case_written(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  run->window->saving = false;
  if (error) {
    hilum_window_show_error(run->window, error);
  } else {
    hilum_case_mark_saved(run->the_case, run->record, run->path);
    g_action_group_activate_action(G_ACTION_GROUP(run->window), "add-recent",
                                   g_variant_new_string(run->path));
  }
  hilum_window_update(run->window);
  if (run->done) run->done(run->window, error == NULL, run->data);
}

static void start_writing(HilumWindow *window, const char *path, HilumSaverDone done, gpointer data)
{
  HilumCase *the_case = hilum_window_get_case(window);
  g_autoptr(GError) error = NULL;
  hilum_view_state_store(hilum_window_get_workspace(window), the_case);
  HilumCaseRecord *record = hilum_case_capture(the_case, &error);
  if (!record) {
    hilum_window_show_error(window, error);
    if (done) done(window, false, data);
    return;
  }
  Run *run = g_new0(Run, 1);
  *run = (Run){g_object_ref(window), g_object_ref(the_case), record, g_strdup(path), done, data};
  window->saving = true;
  hilum_window_update(window);
  hilum_job_list_start(hilum_window_get_jobs(window), false, _("Saving the case…"), write_case, run, run_free,
                       NULL, case_written, run);
}

/* --- where to --- */

typedef struct {
  HilumWindow *window;
  HilumSaverDone done;
  gpointer data;
} Question;

static void place_chosen(GtkNativeDialog *dialog, int response, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT && file ? g_file_get_path(file) : NULL;
  if (path) {
    g_autofree char *full =
        g_str_has_suffix(path, ".hilum") ? g_strdup(path) : g_strconcat(path, ".hilum", NULL);
    start_writing(question->window, full, question->done, question->data);
  } else if (question->done) {
    question->done(question->window, false, question->data);
  }
  g_object_unref(question->window);
  g_free(question);
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
}

static void ask_place(HilumWindow *window, HilumSaverDone done, gpointer data)
{
  Question *question = g_new0(Question, 1);
  *question = (Question){g_object_ref(window), done, data};
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
      _("Save the case"), GTK_WINDOW(window), GTK_FILE_CHOOSER_ACTION_SAVE, _("Save"), _("Cancel"));
  /* Never the patient's name: file names travel. */
  gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), _("Kidney.hilum"));
  gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
  g_signal_connect(dialog, "response", G_CALLBACK(place_chosen), question);
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

void hilum_saver_save(HilumWindow *window, const char *path, HilumSaverDone done, gpointer data)
{
  HilumCase *the_case = hilum_window_get_case(window);
  if (!the_case || window->saving) {
    if (done) done(window, false, data);
    return;
  }
  if (!path) path = hilum_case_get_path(the_case);
  if (path)
    start_writing(window, path, done, data);
  else
    ask_place(window, done, data);
}

void hilum_saver_save_as(HilumWindow *window)
{
  if (hilum_window_get_case(window) && !window->saving) ask_place(window, NULL, NULL);
}
