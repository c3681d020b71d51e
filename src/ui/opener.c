/* Ways into a case. One run goes through: search the files (job), choose the volumes (silently if there is no
 * doubt, else the study browser), decode them (job), make the case. */
#include "opener.h"

#include "case_opener.h"
#include "hilum/dicom/error.h"
#include "hilum/sample/sample.h"
#include "study_browser.h"

#include <glib/gi18n.h>

typedef struct {
  HilumWindow *window;
  char **paths;
  bool sample, small;
  HilumVec3 look_at_mm; /* sample: where the kidney is */
  HilumCatalog *catalog;
  GArray *chosen;     /* of guint */
  GPtrArray *volumes; /* of HilumVolume, as chosen */
} Run;

static void run_free(gpointer data)
{
  Run *run = data;
  g_strfreev(run->paths);
  g_clear_pointer(&run->catalog, hilum_catalog_free);
  g_clear_pointer(&run->chosen, g_array_unref);
  g_clear_pointer(&run->volumes, g_ptr_array_unref);
  g_object_unref(run->window);
  g_free(run);
}

static void free_catalog(gpointer data)
{
  hilum_catalog_free(data);
}

static void free_volumes(gpointer data)
{
  g_ptr_array_unref(data);
}

static void unref_volume(gpointer data)
{
  hilum_volume_unref(data);
}

/* --- making the case --- */

static const struct {
  HilumStructureKind kind;
  const char *name;
} first_structures[] = {{HILUM_STRUCTURE_PARENCHYMA, N_("Parenchyma")},
                        {HILUM_STRUCTURE_TUMOUR, N_("Tumour")},
                        {HILUM_STRUCTURE_CYST, N_("Cyst")},
                        {HILUM_STRUCTURE_ARTERY, N_("Arteries")},
                        {HILUM_STRUCTURE_VEIN, N_("Veins")},
                        {HILUM_STRUCTURE_COLLECTING, N_("Collecting system")}};

static bool fill_case(Run *run, HilumCase *the_case, GError **error)
{
  for (guint n = 0; n < run->chosen->len; n++) {
    const HilumSeriesInfo *info =
        hilum_catalog_get_series(run->catalog, g_array_index(run->chosen, guint, n));
    if (!hilum_case_add_phase_shown(the_case, info, run->volumes->pdata[2 * n],
                                    run->volumes->pdata[2 * n + 1], error))
      return false;
  }
  for (size_t n = 0; n < G_N_ELEMENTS(first_structures); n++)
    if (!hilum_case_add_structure(the_case, first_structures[n].kind, _(first_structures[n].name), error))
      return false;
  if (run->sample) hilum_case_set_side(the_case, HILUM_SIDE_LEFT);
  /* What a new case comes with is not a step to undo, nor worth a question on closing. */
  HilumHistory *history = hilum_case_get_history(the_case);
  hilum_history_clear(history);
  hilum_history_mark_saved(history);
  return true;
}

/* The nephrographic phase shows parenchyma and tumour best, so a case opens on it. */
static size_t first_phase(HilumCase *the_case)
{
  for (guint n = 0; n < hilum_case_get_phase_count(the_case); n++)
    if (g_str_equal(hilum_phase_get_kind(hilum_case_get_phase(the_case, n)), "nephrographic")) return n;
  return 0;
}

static void finish(Run *run)
{
  g_autoptr(HilumCase) the_case = hilum_case_new();
  g_autoptr(GError) error = NULL;
  if (!fill_case(run, the_case, &error)) {
    hilum_window_show_error(run->window, error);
    return;
  }
  HilumWorkspace *workspace = hilum_window_get_workspace(run->window);
  hilum_window_set_case(run->window, the_case);
  hilum_workspace_set_active_phase(workspace, first_phase(the_case));
  HilumStructure *parenchyma = hilum_case_find_structure(the_case, _("Parenchyma"));
  if (parenchyma) hilum_workspace_set_active(workspace, hilum_structure_get_label(parenchyma));
  if (run->sample) {
    HilumWindowPreset kidney;
    hilum_workspace_set_cursor_mm(workspace, run->look_at_mm);
    if (hilum_window_preset_find(hilum_workspace_get_active_volume(workspace), "kidney", &kidney))
      hilum_workspace_set_window(workspace, kidney.window);
  } else if (run->paths && !run->paths[1]) {
    g_action_group_activate_action(G_ACTION_GROUP(run->window), "add-recent",
                                   g_variant_new_string(run->paths[0]));
  }
}

/* --- decoding --- */

/* Each volume, and the same on the grid of the first. */
static gpointer load(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  const HilumAlignment scanner = hilum_alignment_scanner();
  g_autoptr(GPtrArray) volumes = g_ptr_array_new_with_free_func(unref_volume);
  guint count = run->chosen->len;
  for (guint n = 0; n < count; n++) {
    HilumProgress part =
        hilum_progress_part(progress, (double)n / count, (n + 0.8) / count, _("Reading the images"));
    const guint index = g_array_index(run->chosen, guint, n);
    HilumVolume *volume = hilum_catalog_load(run->catalog, index, &part, error);
    if (!volume) return NULL;
    g_ptr_array_add(volumes, volume);
    const HilumSeriesInfo *info = hilum_catalog_get_series(run->catalog, index);
    const char *name = info->phase && *info->phase ? info->phase : info->series_description;
    part = hilum_progress_part(progress, (n + 0.8) / count, (n + 1.0) / count, _("Placing the phase"));
    HilumVolume *shown = hilum_alignment_resample(
        name ? name : "", volume, hilum_volume_get_grid(volumes->pdata[0]), &scanner, &part, error);
    if (!shown) return NULL;
    g_ptr_array_add(volumes, shown);
  }
  return g_steal_pointer(&volumes);
}

static void loaded(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Run *run = user_data;
  if (error) {
    hilum_window_show_error(run->window, error);
    return;
  }
  run->volumes = result;
  finish(run);
}

static void start_loading(Run *run)
{
  hilum_job_list_start(hilum_window_get_jobs(run->window), false, _("Reading the images…"), load, run,
                       run_free, free_volumes, loaded, run);
}

static void chosen(GArray *indices, gpointer data)
{
  Run *run = data;
  if (!indices) {
    run_free(run);
    return;
  }
  run->chosen = g_array_ref(indices);
  start_loading(run);
}

/* --- searching --- */

static gpointer search(gpointer data, const HilumProgress *progress, GError **error)
{
  Run *run = data;
  if (!run->sample)
    return hilum_catalog_scan((const char *const *)run->paths, g_strv_length(run->paths), progress, error);
  HilumProgress making = hilum_progress_part(progress, 0, 0.95, _("Making the sample kidney"));
  g_autofree char *folder = hilum_sample_ensure_cached(run->small, &making, error);
  if (!folder) return NULL;
  g_autoptr(HilumPhantom) phantom = hilum_phantom_new(NULL, error);
  if (!phantom) return NULL;
  run->look_at_mm = hilum_phantom_seed_mm(phantom, HILUM_PHANTOM_PARENCHYMA);
  HilumProgress scanning = hilum_progress_part(progress, 0.95, 1, NULL);
  return hilum_catalog_scan((const char *const *)&folder, 1, &scanning, error);
}

/* The catalog moves on to a run of its own, since this one ends with its job. */
static void searched(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Run *before = user_data;
  if (error) {
    hilum_window_show_error(before->window, error);
    return;
  }
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(before->window);
  run->paths = g_strdupv(before->paths);
  run->sample = before->sample;
  run->look_at_mm = before->look_at_mm;
  run->catalog = result;
  run->chosen = hilum_study_browser_choose_silently(run->catalog);
  if (run->chosen)
    start_loading(run);
  else
    hilum_study_browser_ask(GTK_WINDOW(run->window), run->catalog, chosen, run);
}

static void start_search(HilumWindow *window, gpointer data)
{
  const Run *asked = data;
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  run->paths = g_strdupv(asked->paths);
  run->sample = asked->sample;
  run->small = asked->small;
  if (!run->sample && g_str_has_suffix(run->paths[0], ".hilum")) {
    hilum_case_opener_open(window, run->paths[0]);
    run_free(run);
    return;
  }
  hilum_job_list_start(hilum_window_get_jobs(window), false,
                       run->sample ? _("Making the sample kidney…") : _("Searching for images…"), search, run,
                       run_free, free_catalog, searched, run);
}

void hilum_opener_open(HilumWindow *window, const char *const *paths)
{
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  run->paths = g_strdupv((char **)paths);
  hilum_window_confirm(window, start_search, run, run_free);
}

void hilum_opener_open_sample(HilumWindow *window, bool small)
{
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  run->sample = true;
  run->small = small;
  hilum_window_confirm(window, start_search, run, run_free);
}
