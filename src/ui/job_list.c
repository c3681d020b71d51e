/* The jobs of one window. */
#include "job_list.h"

typedef struct {
  HilumJob *job;
  bool background;
} Entry;

struct _HilumJobList {
  GObject parent_instance;
  GArray *entries; /* of Entry, oldest first */
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(HilumJobList, hilum_job_list, G_TYPE_OBJECT)

static void emit_changed(HilumJobList *self)
{
  g_signal_emit(self, signals[CHANGED], 0);
}

static void job_notified(HilumJob *job, GParamSpec *pspec, HilumJobList *self)
{
  if (!hilum_job_is_running(job)) {
    for (guint n = 0; n < self->entries->len; n++) {
      if (g_array_index(self->entries, Entry, n).job != job) continue;
      g_signal_handlers_disconnect_by_func(job, job_notified, self);
      g_array_remove_index(self->entries, n); /* drops the reference */
      break;
    }
  }
  emit_changed(self);
}

HilumJob *hilum_job_list_start(HilumJobList *self, bool background, const char *label, HilumJobFunc work,
                               gpointer data, GDestroyNotify free_data, GDestroyNotify free_result,
                               HilumJobDone done, gpointer user_data)
{
  HilumJob *job = hilum_job_start(label, work, data, free_data, free_result, done, user_data);
  Entry entry = {g_object_ref(job), background};
  g_array_append_val(self->entries, entry);
  g_signal_connect(job, "notify", G_CALLBACK(job_notified), self);
  emit_changed(self);
  return job;
}

HilumJob *hilum_job_list_get_shown(HilumJobList *self)
{
  HilumJob *shown = NULL;
  bool background = true;
  for (guint n = 0; n < self->entries->len; n++) {
    const Entry *entry = &g_array_index(self->entries, Entry, n);
    if (entry->background && !background) continue;
    shown = entry->job;
    background = entry->background;
  }
  return shown;
}

guint hilum_job_list_count(HilumJobList *self, bool with_background)
{
  guint count = 0;
  for (guint n = 0; n < self->entries->len; n++)
    count += with_background || !g_array_index(self->entries, Entry, n).background;
  return count;
}

void hilum_job_list_cancel_all(HilumJobList *self)
{
  for (guint n = 0; n < self->entries->len; n++)
    hilum_job_cancel(g_array_index(self->entries, Entry, n).job);
}

void hilum_job_list_cancel_shown(HilumJobList *self)
{
  bool foreground = hilum_job_list_count(self, false) > 0;
  for (guint n = 0; n < self->entries->len; n++) {
    const Entry *entry = &g_array_index(self->entries, Entry, n);
    if (!foreground || !entry->background) hilum_job_cancel(entry->job);
  }
}

static void entry_clear(gpointer data)
{
  g_clear_object(&((Entry *)data)->job);
}

static void hilum_job_list_finalize(GObject *object)
{
  HilumJobList *self = HILUM_JOB_LIST(object);
  for (guint n = 0; n < self->entries->len; n++)
    g_signal_handlers_disconnect_by_func(g_array_index(self->entries, Entry, n).job, job_notified, self);
  g_array_unref(self->entries);
  G_OBJECT_CLASS(hilum_job_list_parent_class)->finalize(object);
}

static void hilum_job_list_class_init(HilumJobListClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = hilum_job_list_finalize;
  signals[CHANGED] =
      g_signal_new("changed", HILUM_TYPE_JOB_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void hilum_job_list_init(HilumJobList *self)
{
  self->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
  g_array_set_clear_func(self->entries, entry_clear);
}

HilumJobList *hilum_job_list_new(void)
{
  return g_object_new(HILUM_TYPE_JOB_LIST, NULL);
}
