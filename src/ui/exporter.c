/* Exporting surfaces: each is made from the present labels by the same function that makes what is on screen.
 */
#include "hilum/casefile/boundaries.h"
#include "hilum/exchange/export_record.h"
#include "hilum/exchange/stl.h"
#include "hilum/mesh/surface.h"
#include "hilum/view/surface_check.h"
#include "saver.h"

#include <glib/gi18n.h>

typedef struct {
  char *name;
  uint8_t set[HILUM_LABEL_COUNT]; /* one structure, or all of a union */
  uint8_t label;                  /* 0: a union */
} Wanted;

typedef struct {
  HilumWindow *window;
  HilumCase *the_case;
  HilumLabelSnapshot *labels;
  HilumSurfaceRange *ranges; /* what places the surfaces, but those of unions */
  int smoothing;
  GArray *wanted;   /* Wanted */
  GPtrArray *paths; /* one for each, or a single one for all */
  HilumFrame frame;
  HilumPrepareOptions prepare;
} Run;

/* A surface on its way out. */
typedef struct {
  HilumMesh *mesh;
  GArray *done;            /* HilumModification */
  HilumSurfaceCheck check; /* as it goes out; only measured if it is the one on screen */
} Made;

/* What a job brings. */
typedef struct {
  GPtrArray *notes;   /* for the case */
  GPtrArray *records; /* what was done, in words; for the user */
  guint thin;         /* surfaces that are not as thick as was asked for */
} Outcome;

static void wanted_clear(gpointer data)
{
  g_free(((Wanted *)data)->name);
}

static void made_clear(gpointer data)
{
  Made *made = data;
  g_clear_pointer(&made->mesh, hilum_mesh_unref);
  g_clear_pointer(&made->done, g_array_unref);
}

static void run_free(gpointer data)
{
  Run *run = data;
  g_clear_pointer(&run->labels, hilum_label_snapshot_unref);
  hilum_surface_ranges_free(run->ranges);
  g_array_unref(run->wanted);
  g_ptr_array_unref(run->paths);
  g_object_unref(run->the_case);
  g_object_unref(run->window);
  g_free(run);
}

static const Wanted *wanted_at(const Run *run, guint n)
{
  return &g_array_index(run->wanted, Wanted, n);
}

/* All structures together, as everything shows them; NULL without an error if only unions are wanted. */
static bool make_joint(const Run *run, HilumJoint **joint, const HilumProgress *progress, GError **error)
{
  uint8_t wanted[HILUM_LABEL_COUNT] = {0};
  *joint = NULL;
  if (wanted_at(run, 0)->label == 0) return true;
  for (guint n = 0; n < run->wanted->len; n++)
    wanted[wanted_at(run, n)->label] = 1;
  *joint = hilum_surface_joint_new_grey(run->labels, wanted, run->ranges, run->smoothing, progress, error);
  return *joint != NULL;
}

/* All of the verdict on what nobody has seen yet: whether what was asked for was reached is said, not
 * assumed.
 */
static bool judge(const Wanted *wanted, Made *made, const HilumProgress *progress, GError **error)
{
  const HilumProgress parts[2] = {hilum_progress_part(progress, 0, 0.3, NULL),
                                  hilum_progress_part(progress, 0.3, 1, NULL)};
  if (!hilum_surface_check_deepen(&made->check, made->mesh, &parts[0], error)) return false;
  return (made->done->len == 0 && wanted->label != 0) ||
         hilum_surface_check_deepen(&made->check, made->mesh, &parts[1], error);
}

static bool make_one(const Run *run, const Wanted *wanted, const HilumJoint *joint, Made *made,
                     const HilumProgress *progress, GError **error)
{
  HilumProgress part = hilum_progress_part(progress, 0, 0.3, NULL);
  g_autoptr(HilumMesh) smooth =
      joint ? hilum_joint_split(joint, wanted->label, error)
            : hilum_surface_union_new(run->labels, wanted->set, run->smoothing, &part, error);
  part = hilum_progress_part(progress, 0.3, 0.8, NULL);
  if (smooth) made->mesh = hilum_mesh_prepare(smooth, &run->prepare, &made->done, &part, error);
  part = hilum_progress_part(progress, 0.8, 1, NULL);
  if (made->mesh && judge(wanted, made, &part, error)) return true;
  g_prefix_error(error, "%s: ", wanted->name);
  return false;
}

static const char *position_of(const Run *run, const Wanted *wanted)
{
  return wanted->label && hilum_surface_range_in_use(&run->ranges[wanted->label]) ? "grey values" : "labels";
}

/* One file of surfaces first.. on; what was done to them goes beside it and, for the case, into `notes`. */
static bool write_file(const Run *run, const char *path, const Made *made, guint first, guint count,
                       GPtrArray *notes, const HilumProgress *progress, GError **error)
{
  g_autofree HilumExportedSurface *out = g_new0(HilumExportedSurface, count);
  g_autoptr(GPtrArray) meshes = g_ptr_array_new();
  g_autofree char *sha256 = NULL;
  bool any = false;
  for (guint n = 0; n < count; n++) {
    const Made *m = &made[first + n];
    g_ptr_array_add(meshes, m->mesh);
    out[n] =
        (HilumExportedSurface){wanted_at(run, first + n)->name, position_of(run, wanted_at(run, first + n)),
                               run->smoothing, m->check.report.volume_mm3, m->done};
    any |= m->done->len > 0;
  }
  if (!hilum_stl_write(path, (HilumMesh *const *)meshes->pdata, meshes->len, run->frame, NULL,
                       any ? &sha256 : NULL, progress, error))
    return false;
  for (guint n = 0; n < count; n++)
    if (out[n].modifications->len > 0) g_ptr_array_add(notes, hilum_exported_surface_to_json(&out[n], path));
  return !any || hilum_export_record_write(path, sha256, run->frame, out, count, error);
}

static void outcome_free(gpointer data)
{
  Outcome *outcome = data;
  g_ptr_array_unref(outcome->notes);
  g_ptr_array_unref(outcome->records);
  g_free(outcome);
}

/* Whether walls are as thick as was asked for: also where no line is left for it. */
static bool is_reached(const GArray *done)
{
  for (guint n = 0; n < done->len; n++)
    if (g_array_index(done, HilumModification, n).below > 0) return false;
  return true;
}

/* All surfaces first, then the files: a surface that fails leaves nothing half written. */
static gpointer export_surfaces(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  const guint count = run->wanted->len, files = run->paths->len;
  g_autoptr(GArray) made = g_array_new(FALSE, TRUE, sizeof(Made));
  g_array_set_clear_func(made, made_clear);
  g_array_set_size(made, count);
  Made *surface = (Made *)(void *)made->data;
  HilumProgress part = hilum_progress_part(progress, 0, 0.4, NULL);
  g_autoptr(HilumJoint) joint = NULL;
  if (!make_joint(run, &joint, &part, error)) return NULL;
  for (guint n = 0; n < count; n++) {
    part = hilum_progress_part(progress, 0.4 + 0.4 * n / count, 0.4 + 0.4 * (n + 1.0) / count, NULL);
    if (!make_one(run, wanted_at(run, n), joint, &surface[n], &part, error)) return NULL;
  }
  Outcome *outcome = g_new0(Outcome, 1);
  outcome->notes = g_ptr_array_new_with_free_func(g_free);
  outcome->records = g_ptr_array_new_with_free_func(g_free);
  for (guint n = 0; n < count; n++)
    outcome->thin += !is_reached(surface[n].done);
  for (guint n = 0; n < count; n++)
    if (surface[n].check.depth == HILUM_SURFACE_CHECKED)
      g_ptr_array_add(outcome->records, hilum_surface_check_dup_record(
                                            &surface[n].check, wanted_at(run, n)->name, surface[n].done));
  for (guint f = 0; f < files; f++) {
    part = hilum_progress_part(progress, 0.8 + 0.2 * f / files, 0.8 + 0.2 * (f + 1.0) / files, NULL);
    if (write_file(run, run->paths->pdata[f], surface, f, files == 1 ? count : 1, outcome->notes, &part,
                   error))
      continue;
    outcome_free(outcome);
    return NULL;
  }
  return outcome;
}

/* A line for each surface that was changed or united; of many, only the first. */
static void append_records(GString *text, const GPtrArray *records)
{
  enum { SHOWN = 4 };
  for (guint n = 0; n < MIN(records->len, SHOWN); n++)
    g_string_append_printf(text, "\n%s", (const char *)records->pdata[n]);
  if (records->len > SHOWN)
    g_string_append_printf(
        text,
        g_dngettext(NULL, "\nand %u more, in the record", "\nand %u more, in the records", records->len),
        records->len - SHOWN);
}

static void exported(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Run *run = user_data;
  if (error) {
    hilum_window_show_error(run->window, error);
    return;
  }
  Outcome *outcome = result;
  const guint changed = outcome->notes->len;
  for (guint n = 0; n < changed; n++)
    hilum_case_add_export(run->the_case, outcome->notes->pdata[n]);
  g_autofree char *folder = g_path_get_dirname(run->paths->pdata[0]);
  g_autoptr(GString) text = g_string_new(NULL);
  g_string_append_printf(text,
                         g_dngettext(NULL, "%u STL file was written to “%s”.",
                                     "%u STL files were written to “%s”.", run->paths->len),
                         run->paths->len, folder);
  if (changed > 0)
    g_string_append_printf(text,
                           g_dngettext(NULL, " %u surface was changed, which is recorded beside it.",
                                       " %u surfaces were changed, which is recorded beside them.", changed),
                           changed);
  if (outcome->thin > 0)
    g_string_append_printf(
        text,
        g_dngettext(NULL, " %u surface is thinner somewhere than was asked for, which is recorded, too.",
                    " %u surfaces are thinner somewhere than was asked for, which is recorded, too.",
                    outcome->thin),
        outcome->thin);
  append_records(text, outcome->records);
  hilum_window_show_message(run->window, false, text->str);
  outcome_free(outcome);
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
                       run_free, outcome_free, exported, run);
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

static void want_union(Run *run, GPtrArray *structures)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  Wanted wanted = {.label = 0};
  for (guint n = 0; n < structures->len; n++) {
    HilumStructure *structure = structures->pdata[n];
    wanted.set[hilum_structure_get_label(structure)] = 1;
    g_ptr_array_add(names, (gpointer)hilum_structure_get_name(structure));
  }
  g_ptr_array_add(names, NULL);
  wanted.name = g_strjoinv(" + ", (char **)names->pdata);
  g_array_append_val(run->wanted, wanted);
}

/* Fills in surfaces and files; returns how many of these exist. */
static guint want(Run *run, const HilumExportChoice *choice, const char *path)
{
  guint existing = 0;
  if (choice->unite) {
    want_union(run, choice->structures);
    return 0;
  }
  for (guint n = 0; n < choice->structures->len; n++) {
    HilumStructure *structure = choice->structures->pdata[n];
    const Wanted wanted = {.name = g_strdup(hilum_structure_get_name(structure)),
                           .label = hilum_structure_get_label(structure)};
    g_array_append_val(run->wanted, wanted);
    if (choice->together) continue;
    g_autofree char *name = file_name(wanted.name);
    char *full = g_build_filename(path, name, NULL);
    g_ptr_array_add(run->paths, full);
    existing += g_file_test(full, G_FILE_TEST_EXISTS);
  }
  return existing;
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
  run->the_case = g_object_ref(the_case);
  run->labels = labels;
  run->ranges = hilum_case_dup_surface_ranges(the_case);
  run->smoothing = hilum_case_get_smoothing(the_case);
  run->frame = choice->frame;
  run->prepare = choice->prepare;
  run->wanted = g_array_new(FALSE, FALSE, sizeof(Wanted));
  g_array_set_clear_func(run->wanted, wanted_clear);
  run->paths = g_ptr_array_new_with_free_func(g_free);
  const guint existing = want(run, choice, path);
  if (choice->together) g_ptr_array_add(run->paths, g_strdup(path));
  hilum_export_choice_free(choice);
  if (existing > 0)
    ask_overwrite(run, existing);
  else
    start(run);
}
