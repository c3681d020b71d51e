/* Ways into a case. One run goes through: search the files (job), choose the volumes (silently if there is no
 * doubt, else the study browser), decode them (job) while a coarse picture is seen, make the case. */
#include "opener.h"

#include "case_opener.h"
#include "hilum/dicom/preview.h"
#include "hilum/sample/sample.h"
#include "recovery.h"
#include "study_browser.h"
#include "study_choice.h"

#include <glib/gi18n.h>
#include <pthread.h>

/* The latest volume to look at, handed from the loading threads to the main thread. */
typedef struct {
  pthread_mutex_t lock; /* not GMutex, which the thread sanitizer cannot see */
  HilumVolume *volume;  /* lock */
} Slot;

typedef struct {
  HilumWindow *window;
  char **paths;
  bool sample, small;
  HilumVec3 look_at_mm; /* sample: where the kidney is */
  HilumCatalog *catalog;
  GArray *chosen;     /* of guint */
  GPtrArray *volumes; /* of HilumVolume, as chosen */
  Slot slot;
} Run;

/* What a search found. */
typedef struct {
  HilumCatalog *catalog;
  GArray *silent, *best; /* what opens without a question, or NULL; what is ticked otherwise */
} Found;

static Run *run_new(HilumWindow *window)
{
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  pthread_mutex_init(&run->slot.lock, NULL);
  return run;
}

static void run_free(gpointer data)
{
  Run *run = data;
  g_clear_pointer(&run->slot.volume, hilum_volume_unref);
  pthread_mutex_destroy(&run->slot.lock);
  g_strfreev(run->paths);
  g_clear_pointer(&run->catalog, hilum_catalog_free);
  g_clear_pointer(&run->chosen, g_array_unref);
  g_clear_pointer(&run->volumes, g_ptr_array_unref);
  g_object_unref(run->window);
  g_free(run);
}

static void free_found(gpointer data)
{
  Found *found = data;
  hilum_catalog_free(found->catalog);
  g_clear_pointer(&found->silent, g_array_unref);
  g_array_unref(found->best);
  g_free(found);
}

static void free_volumes(gpointer data)
{
  g_ptr_array_unref(data);
}

static void unref_volume(gpointer data)
{
  hilum_volume_unref(data);
}

/* --- one opening at a time --- */

static const char OPENING[] = "hilum-opening"; /* the latest job of a window */

static void set_opening(HilumWindow *window, HilumJob *job)
{
  g_object_set_data_full(G_OBJECT(window), OPENING, g_object_ref(job), g_object_unref);
  hilum_window_update(window);
}

bool hilum_opener_is_busy(HilumWindow *window)
{
  HilumJob *job = g_object_get_data(G_OBJECT(window), OPENING);
  return job && hilum_job_is_running(job);
}

void hilum_opener_cancel(HilumWindow *window)
{
  if (hilum_opener_is_busy(window)) hilum_job_cancel(g_object_get_data(G_OBJECT(window), OPENING));
  hilum_window_end_coarse(window, NULL);
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
    hilum_window_end_coarse(run->window, run);
    hilum_window_show_error(run->window, error);
    return;
  }
  HilumWorkspace *workspace = hilum_window_get_workspace(run->window);
  hilum_window_set_case(run->window, the_case);
  hilum_recovery_follow(run->window, the_case, NULL);
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

/* Any thread. Takes the volume. */
static void offer(HilumVolume *volume, void *data)
{
  Slot *slot = data;
  pthread_mutex_lock(&slot->lock);
  HilumVolume *unseen = slot->volume;
  slot->volume = volume;
  pthread_mutex_unlock(&slot->lock);
  if (unseen) hilum_volume_unref(unseen);
}

/* With the progress, which comes at most ten times a second. */
static void look(HilumJob *job, GParamSpec *pspec, Run *run)
{
  pthread_mutex_lock(&run->slot.lock);
  g_autoptr(HilumVolume) volume = g_steal_pointer(&run->slot.volume);
  pthread_mutex_unlock(&run->slot.lock);
  if (volume && g_object_get_data(G_OBJECT(run->window), OPENING) == job && !hilum_job_is_cancelled(job))
    hilum_window_show_coarse(run->window, volume, "", run);
}

/* Each volume, and the same on the grid of the first, which is seen while it loads. */
static gpointer load(gpointer data, const HilumProgress *progress, GError **error)
{
  Run *run = data;
  const HilumAlignment scanner = hilum_alignment_scanner();
  g_autoptr(GPtrArray) volumes = g_ptr_array_new_with_free_func(unref_volume);
  guint count = run->chosen->len;
  for (guint n = 0; n < count; n++) {
    HilumProgress part =
        hilum_progress_part(progress, (double)n / count, (n + 0.8) / count, _("Reading the images"));
    const guint index = g_array_index(run->chosen, guint, n);
    HilumVolume *volume =
        hilum_catalog_load_watched(run->catalog, index, n == 0 ? offer : NULL, &run->slot, &part, error);
    if (!volume) return NULL;
    g_ptr_array_add(volumes, volume);
    if (n == 0 && count > 1) offer(hilum_volume_ref(volume), &run->slot);
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
  g_signal_handlers_disconnect_by_func(job, look, run);
  if (error) {
    hilum_window_end_coarse(run->window, run);
    hilum_window_show_error(run->window, error);
    return;
  }
  run->volumes = result;
  finish(run);
}

static void start_loading(Run *run)
{
  HilumJob *job = hilum_job_list_start(hilum_window_get_jobs(run->window), false, _("Reading the images…"),
                                       load, run, run_free, free_volumes, loaded, run);
  g_signal_connect(job, "notify::fraction", G_CALLBACK(look), run);
  set_opening(run->window, job);
}

static void chosen(GArray *indices, gpointer data)
{
  Run *run = data;
  hilum_window_update(run->window); /* the browser is gone */
  if (!indices) {
    run_free(run);
    return;
  }
  run->chosen = g_array_ref(indices);
  start_loading(run);
}

/* --- searching --- */

static HilumCatalog *scan(Run *run, const HilumProgress *progress, GError **error)
{
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

static gpointer search(gpointer data, const HilumProgress *progress, GError **error)
{
  HilumCatalog *catalog = scan(data, progress, error);
  if (!catalog) return NULL;
  Found *found = g_new0(Found, 1);
  found->catalog = catalog;
  found->silent = hilum_study_choose_silently(catalog);
  found->best = hilum_study_find_best(catalog);
  return found;
}

static void browser_changed(HilumStudyBrowser *browser, HilumWindow *window)
{
  hilum_window_update(window);
}

/* The catalog moves on to a run of its own, since this one ends with its job. */
static void searched(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Run *before = user_data;
  if (error) {
    hilum_window_show_error(before->window, error);
    return;
  }
  Found *found = result;
  Run *run = run_new(before->window);
  run->paths = g_strdupv(before->paths);
  run->sample = before->sample;
  run->look_at_mm = before->look_at_mm;
  run->catalog = hilum_catalog_ref(found->catalog);
  run->chosen = found->silent ? g_array_ref(found->silent) : NULL;
  if (run->chosen)
    start_loading(run);
  else
    g_signal_connect_object(
        hilum_study_browser_ask(GTK_WINDOW(run->window), run->catalog, found->best, chosen, run), "changed",
        G_CALLBACK(browser_changed), run->window, 0);
  free_found(found);
}

static void start_search(HilumWindow *window, gpointer data)
{
  const Run *asked = data;
  Run *run = run_new(window);
  run->paths = g_strdupv(asked->paths);
  run->sample = asked->sample;
  run->small = asked->small;
  if (!run->sample && g_str_has_suffix(run->paths[0], ".hilum")) {
    hilum_case_opener_open(window, run->paths[0]);
    run_free(run);
    return;
  }
  set_opening(window,
              hilum_job_list_start(hilum_window_get_jobs(window), false,
                                   run->sample ? _("Making the sample kidney…") : _("Searching for images…"),
                                   search, run, run_free, free_found, searched, run));
}

void hilum_opener_open(HilumWindow *window, const char *const *paths)
{
  Run *run = run_new(window);
  run->paths = g_strdupv((char **)paths);
  hilum_window_confirm(window, start_search, run, run_free);
}

void hilum_opener_open_sample(HilumWindow *window, bool small)
{
  Run *run = run_new(window);
  run->sample = true;
  run->small = small;
  hilum_window_confirm(window, start_search, run, run_free);
}
