/* Opening case files and finding their images again. */
#include "case_opener.h"

#include "hilum/casefile/journal.h"
#include "opener.h"
#include "recovery.h"

#include <glib/gi18n.h>

typedef struct {
  HilumWindow *window;
  HilumCase *the_case; /* relocating: the open case; else NULL */
  char *path;          /* case file, or the folder to search */
  HilumCaseRecord *record;
} Run;

typedef struct {
  HilumCaseRecord *record;
  HilumCaseImages *images;
  HilumRecovery recovery;
} Content;

static void run_free(gpointer data)
{
  Run *run = data;
  g_clear_pointer(&run->record, hilum_case_record_unref);
  g_clear_object(&run->the_case);
  g_object_unref(run->window);
  g_free(run->path);
  g_free(run);
}

static void content_free(gpointer data)
{
  Content *content = data;
  g_clear_pointer(&content->record, hilum_case_record_unref);
  g_clear_pointer(&content->images, hilum_case_images_free);
  hilum_recovery_clear(&content->recovery);
  g_free(content);
}

static gpointer read_case(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  HilumProgress reading = hilum_progress_part(progress, 0, 0.2, _("Reading the case"));
  HilumRecovery recovery;
  g_autoptr(HilumCaseRecord) record =
      hilum_case_record_recover(run->path, HILUM_RECOVER_FOLLOW, &recovery, &reading, error);
  if (!record) return NULL;
  HilumProgress loading = hilum_progress_part(progress, 0.2, 1, _("Reading the images"));
  HilumCaseImages *images = hilum_case_record_load_images(record, NULL, 0, &loading, error);
  if (!images) {
    hilum_recovery_clear(&recovery);
    return NULL;
  }
  Content *content = g_new0(Content, 1);
  content->record = g_steal_pointer(&record);
  content->images = images;
  content->recovery = recovery;
  return content;
}

static void add_sentences(GString *text, const HilumFinding *findings, size_t n)
{
  for (size_t f = 0; f < n; f++)
    g_string_append_printf(text, "%s%s", text->len ? "\n" : "", findings[f].message);
}

/* `recovery` may be NULL. */
static void tell_findings(HilumWindow *window, const HilumCaseImages *images, const HilumRecovery *recovery)
{
  size_t n;
  const HilumFinding *findings = hilum_case_images_get_findings(images, &n);
  g_autoptr(GString) text = g_string_new(NULL);
  if (recovery)
    add_sentences(text, (const HilumFinding *)(void *)recovery->findings->data, recovery->findings->len);
  add_sentences(text, findings, n);
  if (text->len == 0) return;
  if (recovery && recovery->steps > 0 && hilum_case_images_get_missing(images) == 0)
    hilum_window_show_offer(window, text->str, _("Show the history"), "win.history");
  else if (hilum_case_images_get_missing(images) > 0)
    hilum_window_show_offer(window, text->str, _("Find them…"), "win.relocate");
  else
    hilum_window_show_message(window, false, text->str);
}

static void case_read(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Run *run = user_data;
  if (error) {
    hilum_window_show_error(run->window, error);
    return;
  }
  Content *content = result;
  g_autoptr(GError) failure = NULL;
  g_autoptr(HilumCase) the_case = hilum_case_new_from_record(content->record, content->images, &failure);
  if (the_case) {
    hilum_window_set_case(run->window, the_case);
    hilum_recovery_follow(run->window, the_case, content->recovery.journal);
    tell_findings(run->window, content->images, &content->recovery);
    if (hilum_case_get_path(the_case))
      g_action_group_activate_action(G_ACTION_GROUP(run->window), "add-recent",
                                     g_variant_new_string(run->path));
  } else {
    hilum_window_show_error(run->window, failure);
  }
  content_free(content);
}

void hilum_case_opener_open(HilumWindow *window, const char *path)
{
  HilumCase *present = hilum_window_get_case(window);
  g_autofree char *full = g_canonicalize_filename(path, NULL);
  /* The window must not find its own lock. */
  if (present && g_strcmp0(hilum_case_get_path(present), full) == 0) hilum_window_set_case(window, NULL);
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  run->path = g_strdup(path);
  hilum_job_list_start(hilum_window_get_jobs(window), false, _("Opening the case…"), read_case, run, run_free,
                       content_free, case_read, run);
}

/* --- images that have moved --- */

static gpointer find_images(gpointer data, const HilumProgress *progress, GError **error)
{
  const Run *run = data;
  const char *search[] = {run->path};
  return hilum_case_record_load_images(run->record, search, 1, progress, error);
}

static void free_images(gpointer data)
{
  hilum_case_images_free(data);
}

static void images_found(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  const Run *run = user_data;
  if (error) {
    hilum_window_show_error(run->window, error);
    return;
  }
  g_autoptr(HilumCaseImages) images = result;
  if (hilum_window_get_case(run->window) != run->the_case) return;
  guint came = hilum_case_attach_images(run->the_case, images);
  if (came > 0)
    hilum_window_show_message(run->window, false, _("The images were found."));
  else
    tell_findings(run->window, images, NULL);
}

void hilum_opener_relocate(HilumWindow *window, const char *folder)
{
  HilumCase *the_case = hilum_window_get_case(window);
  g_autoptr(GError) error = NULL;
  HilumCaseRecord *record = the_case ? hilum_case_capture(the_case, &error) : NULL;
  if (!record) {
    if (error) hilum_window_show_error(window, error);
    return;
  }
  Run *run = g_new0(Run, 1);
  run->window = g_object_ref(window);
  run->the_case = g_object_ref(the_case);
  run->path = g_strdup(folder);
  run->record = record;
  hilum_job_list_start(hilum_window_get_jobs(window), false, _("Searching for the images…"), find_images, run,
                       run_free, free_images, images_found, run);
}
