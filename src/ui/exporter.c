/* Exporting surfaces: each is made from the present labels by the same function that makes what is on screen.
 */
#include "hilum/exchange/stl.h"
#include "hilum/mesh/surface.h"
#include "saver.h"

#include <glib/gi18n.h>

typedef struct {
  HilumWindow *window;
  HilumLabelSnapshot *labels;
  GArray *ids;      /* of uint8_t */
  GPtrArray *paths; /* one for each, or a single one for all */
  HilumFrame frame;
} Run;

static void run_free(gpointer data)
{
  Run *run = data;
  g_clear_pointer(&run->labels, hilum_label_snapshot_unref);
  g_array_unref(run->ids);
  g_ptr_array_unref(run->paths);
  g_object_unref(run->window);
  g_free(run);
}

static void unref_mesh(gpointer data)
{
  hilum_mesh_unref(data);
}

static bool write_file(const char *path, HilumMesh *const *meshes, size_t n, HilumFrame frame,
                       const HilumProgress *progress, GError **error)
{
  return hilum_stl_write(path, meshes, n, frame, NULL, NULL, progress, error);
}

static gpointer export_surfaces(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  bool together = run->paths->len == 1 && run->ids->len > 1;
  g_autoptr(GPtrArray) meshes = g_ptr_array_new_with_free_func(unref_mesh);
  guint count = run->ids->len;
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  for (guint n = 0; n < count; n++)
    wanted[g_array_index(run->ids, uint8_t, n)] = 1;
  HilumProgress making = hilum_progress_part(progress, 0, 0.6, NULL);
  g_autoptr(HilumJoint) joint =
      hilum_surface_joint_new(run->labels, wanted, HILUM_SURFACE_SMOOTHING, &making, error);
  for (guint n = 0; joint && n < count; n++) {
    HilumMesh *mesh = hilum_joint_split(joint, g_array_index(run->ids, uint8_t, n), error);
    if (!mesh) return NULL;
    g_ptr_array_add(meshes, mesh);
    if (together) continue;
    HilumProgress writing =
        hilum_progress_part(progress, 0.6 + 0.4 * n / count, 0.6 + 0.4 * (n + 1.0) / count, NULL);
    if (!write_file(run->paths->pdata[n], &mesh, 1, run->frame, &writing, error)) return NULL;
  }
  if (together && joint)
    write_file(run->paths->pdata[0], (HilumMesh *const *)meshes->pdata, meshes->len, run->frame, progress,
               error);
  return NULL;
}

static void exported(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Run *run = user_data;
  if (error) {
    hilum_window_show_error(run->window, error);
    return;
  }
  g_autofree char *folder = g_path_get_dirname(run->paths->pdata[0]);
  g_autofree char *text = g_strdup_printf(g_dngettext(NULL, "%u STL file was written to “%s”.",
                                                      "%u STL files were written to “%s”.", run->paths->len),
                                          run->paths->len, folder);
  hilum_window_show_message(run->window, false, text);
}

/* "Collecting system" -> "collecting-system.stl". */
static char *file_name(const char *structure)
{
  g_autofree char *lower = g_utf8_strdown(structure, -1);
  for (char *c = lower; *c; c++)
    if (*c == ' ' || *c == '/' || *c == '\\' || *c == ':') *c = '-';
  return g_strconcat(*lower == '.' ? "structure" : "", lower, ".stl", NULL);
}

static void start(Run *run)
{
  hilum_job_list_start(hilum_window_get_jobs(run->window), false, _("Exporting STL…"), export_surfaces, run,
                       run_free, NULL, exported, run);
}

static void overwrite_answered(GtkDialog *dialog, int response, gpointer data)
{
  gtk_window_destroy(GTK_WINDOW(dialog));
  if (response == GTK_RESPONSE_ACCEPT)
    start(data);
  else
    run_free(data);
}

static void ask_overwrite(Run *run, guint existing)
{
  GtkWidget *dialog =
      gtk_message_dialog_new(GTK_WINDOW(run->window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                             GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
                             g_dngettext(NULL, "%u file of that name exists. Replace it?",
                                         "%u files of those names exist. Replace them?", existing),
                             existing);
  gtk_dialog_add_buttons(GTK_DIALOG(dialog), _("Cancel"), GTK_RESPONSE_CANCEL, _("Replace"),
                         GTK_RESPONSE_ACCEPT, NULL);
  g_signal_connect(dialog, "response", G_CALLBACK(overwrite_answered), run);
  gtk_window_present(GTK_WINDOW(dialog));
}

void hilum_saver_export(HilumWindow *window, HilumExportChoice *choice, const char *path)
{
  HilumCase *the_case = hilum_window_get_case(window);
  HilumLabelSnapshot *labels = the_case ? hilum_case_dup_labels(the_case) : NULL;
  if (!labels || choice->structures->len == 0) {
    hilum_window_show_message(window, true, _("There is no structure with voxels to export."));
    g_clear_pointer(&labels, hilum_label_snapshot_unref);
    hilum_export_choice_free(choice);
    return;
  }
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  run->labels = labels;
  run->frame = choice->frame;
  run->ids = g_array_new(FALSE, FALSE, sizeof(uint8_t));
  run->paths = g_ptr_array_new_with_free_func(g_free);
  guint existing = 0;
  for (guint n = 0; n < choice->structures->len; n++) {
    HilumStructure *structure = choice->structures->pdata[n];
    uint8_t id = hilum_structure_get_label(structure);
    g_array_append_val(run->ids, id);
    if (choice->together) continue;
    g_autofree char *name = file_name(hilum_structure_get_name(structure));
    char *full = g_build_filename(path, name, NULL);
    g_ptr_array_add(run->paths, full);
    existing += g_file_test(full, G_FILE_TEST_EXISTS);
  }
  if (choice->together) g_ptr_array_add(run->paths, g_strdup(path));
  hilum_export_choice_free(choice);
  if (existing > 0)
    ask_overwrite(run, existing);
  else
    start(run);
}
