/* One job: a pthread of its own runs the work, one GSource on the starter's context delivers progress and the
 * end. The source is made and destroyed on the main context; the worker only moves its ready time, so nothing
 * that GLib allocates crosses threads, and the thread sanitizer sees the two real edges: pthread_create and
 * pthread_join. */
#include "hilum/base/job.h"

#include "hilum/base/error.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

enum { NOTIFY_INTERVAL_US = 100000 };

typedef struct {
  GSource source;
  HilumJob *job; /* borrowed: the job outlives its source */
} JobSource;

struct _HilumJob {
  GObject parent_instance;

  /* Written before the thread starts. */
  char *label;
  HilumJobFunc work;
  gpointer data;
  GDestroyNotify free_data, free_result;
  HilumJobDone done;
  gpointer user_data;
  GCancellable *cancellable;
  JobSource *source;
  pthread_t thread;
  bool joinable;

  /* Written by the thread, read after the join. */
  gpointer result;
  GError *error;

  /* Shared. */
  pthread_mutex_t lock;
  double live_fraction; /* lock */
  char live_what[128];  /* lock */
  atomic_bool pending;  /* a wake-up for progress is on its way */
  atomic_bool finished;
  _Atomic gint64 next_notify_us;

  /* Main context only. */
  double fraction;
  char *what;
  bool running;
};

enum { PROP_LABEL = 1, PROP_FRACTION, PROP_WHAT, PROP_RUNNING, N_PROPS };
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE(HilumJob, hilum_job, G_TYPE_OBJECT)

/* --- worker side --- */

/* Any thread, several at once: stores the furthest fraction and wakes the context if it sleeps. */
static void on_progress(double fraction, const char *what, void *data)
{
  HilumJob *job = data;
  pthread_mutex_lock(&job->lock);
  if (fraction > job->live_fraction) job->live_fraction = fraction;
  if (what && strcmp(job->live_what, what) != 0) g_strlcpy(job->live_what, what, sizeof job->live_what);
  pthread_mutex_unlock(&job->lock);
  if (!atomic_exchange(&job->pending, true))
    g_source_set_ready_time(&job->source->source, atomic_load(&job->next_notify_us));
}

static void *thread_main(void *argument)
{
  HilumJob *job = argument;
  pthread_setname_np(pthread_self(), "hilum-job");
  HilumProgress progress = {.func = on_progress, .data = job, .cancellable = job->cancellable};
  job->result = job->work(job->data, &progress, &job->error);
  atomic_store(&job->finished, true);
  g_source_set_ready_time(&job->source->source, 0);
  return NULL;
}

/* --- main context side --- */

static void publish_progress(HilumJob *job)
{
  char what[sizeof job->live_what];
  pthread_mutex_lock(&job->lock);
  double fraction = job->live_fraction;
  memcpy(what, job->live_what, sizeof what);
  pthread_mutex_unlock(&job->lock);
  g_object_freeze_notify(G_OBJECT(job));
  if (fraction > job->fraction) {
    job->fraction = fraction;
    g_object_notify_by_pspec(G_OBJECT(job), props[PROP_FRACTION]);
  }
  if (what[0] && g_strcmp0(job->what, what) != 0) {
    g_free(job->what);
    job->what = g_strdup(what);
    g_object_notify_by_pspec(G_OBJECT(job), props[PROP_WHAT]);
  }
  g_object_thaw_notify(G_OBJECT(job));
}

/* A cancelled job hands over no result, even if the work came to its end first. */
static void settle_cancelled(HilumJob *job)
{
  if (!g_cancellable_is_cancelled(job->cancellable)) return;
  gpointer late = g_steal_pointer(&job->result);
  if (late && job->free_result) job->free_result(late);
  if (job->error && !g_error_matches(job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_clear_error(&job->error);
  if (!job->error) g_cancellable_set_error_if_cancelled(job->cancellable, &job->error);
}

static void finish(HilumJob *job)
{
  if (job->joinable) pthread_join(job->thread, NULL);
  job->joinable = false;
  if (job->error && job->result && job->free_result) /* a result beside an error is nobody's */
    job->free_result(g_steal_pointer(&job->result));
  publish_progress(job);
  settle_cancelled(job);
  job->running = false;
  g_object_notify_by_pspec(G_OBJECT(job), props[PROP_RUNNING]);
  gpointer result = g_steal_pointer(&job->result);
  if (job->done)
    job->done(job, result, job->error, job->user_data);
  else if (result && job->free_result)
    job->free_result(result);
  if (job->free_data) job->free_data(g_steal_pointer(&job->data));
}

static gboolean dispatch(GSource *base, GSourceFunc callback, gpointer user_data)
{
  HilumJob *job = ((JobSource *)base)->job;
  /* In this order: a report after `pending` falls wakes again, and an end that comes before the ready time
   * is cleared is seen below. */
  g_source_set_ready_time(base, -1);
  atomic_store(&job->next_notify_us, g_get_monotonic_time() + NOTIFY_INTERVAL_US);
  atomic_store(&job->pending, false);
  if (!atomic_load(&job->finished)) {
    g_object_ref(job);
    publish_progress(job);
    g_object_unref(job);
    return G_SOURCE_CONTINUE;
  }
  finish(job);
  job->source = NULL;
  g_object_unref(job); /* the reference of the running job */
  return G_SOURCE_REMOVE;
}

static GSourceFuncs source_funcs = {.dispatch = dispatch};

static void attach_source(HilumJob *job)
{
  GMainContext *context = g_main_context_ref_thread_default();
  GSource *source = g_source_new(&source_funcs, sizeof(JobSource));
  job->source = (JobSource *)source;
  job->source->job = job;
  g_source_set_static_name(source, "HilumJob");
  g_source_set_ready_time(source, -1);
  g_source_attach(source, context);
  g_source_unref(source); /* the context keeps it until dispatch() removes it */
  g_main_context_unref(context);
}

static void start_thread(HilumJob *job)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the main thread */
  int code = pthread_create(&job->thread, NULL, thread_main, job);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  job->joinable = code == 0;
  if (job->joinable) return;
  g_set_error(&job->error, HILUM_BASE_ERROR, HILUM_BASE_ERROR_MEMORY,
              "The system refused a thread for “%s”: %s", job->label, g_strerror(code));
  atomic_store(&job->finished, true);
  g_source_set_ready_time(&job->source->source, 0);
}

HilumJob *hilum_job_start(const char *label, HilumJobFunc work, gpointer data, GDestroyNotify free_data,
                          GDestroyNotify free_result, HilumJobDone done, gpointer user_data)
{
  HilumJob *job = g_object_new(HILUM_TYPE_JOB, NULL);
  job->label = g_strdup(label);
  job->work = work;
  job->data = data;
  job->free_data = free_data;
  job->free_result = free_result;
  job->done = done;
  job->user_data = user_data;
  job->running = true;
  attach_source(job);
  start_thread(job);
  return job;
}

void hilum_job_cancel(HilumJob *job)
{
  g_cancellable_cancel(job->cancellable);
}

const char *hilum_job_get_label(HilumJob *job)
{
  return job->label;
}

double hilum_job_get_fraction(HilumJob *job)
{
  return job->fraction;
}

const char *hilum_job_get_what(HilumJob *job)
{
  return job->what;
}

bool hilum_job_is_cancelled(HilumJob *job)
{
  return g_cancellable_is_cancelled(job->cancellable);
}

bool hilum_job_is_running(HilumJob *job)
{
  return job->running;
}

/* --- object --- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HilumJob *job = HILUM_JOB(object);
  switch (id) {
  case PROP_LABEL:
    g_value_set_string(value, job->label);
    break;
  case PROP_FRACTION:
    g_value_set_double(value, job->fraction);
    break;
  case PROP_WHAT:
    g_value_set_string(value, job->what);
    break;
  case PROP_RUNNING:
    g_value_set_boolean(value, job->running);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject *object)
{
  HilumJob *job = HILUM_JOB(object);
  g_free(job->label);
  g_free(job->what);
  g_clear_error(&job->error);
  g_object_unref(job->cancellable);
  pthread_mutex_destroy(&job->lock);
  G_OBJECT_CLASS(hilum_job_parent_class)->finalize(object);
}

static void hilum_job_class_init(HilumJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  props[PROP_LABEL] = g_param_spec_string("label", NULL, NULL, NULL, flags);
  props[PROP_FRACTION] = g_param_spec_double("fraction", NULL, NULL, -1, 1, -1, flags);
  props[PROP_WHAT] = g_param_spec_string("what", NULL, NULL, NULL, flags);
  props[PROP_RUNNING] = g_param_spec_boolean("running", NULL, NULL, FALSE, flags);
  g_object_class_install_properties(object_class, N_PROPS, props);
}

static void hilum_job_init(HilumJob *job)
{
  job->cancellable = g_cancellable_new();
  pthread_mutex_init(&job->lock, NULL);
  job->live_fraction = job->fraction = -1;
  atomic_init(&job->pending, false);
  atomic_init(&job->finished, false);
  atomic_init(&job->next_notify_us, 0);
}
