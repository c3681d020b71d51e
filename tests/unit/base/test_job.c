/* Jobs: result, error, cancel, throttled progress. Everything waits on state. */
#include "hilum/base/job.h"

#include <sched.h>
#include <stdatomic.h>

typedef struct {
  GMainLoop *loop;
  gpointer result;
  GError *error;
  int done_calls, data_freed, results_freed, notifies;
  double last_fraction;
  bool done_before_free, was_running;
  atomic_bool started, release; /* the worker announces itself, and waits */
  atomic_int reports;
} Watch;

static void *const RESULT = &(int){0};
static Watch *current; /* free functions get no user data */

static void free_data(gpointer data)
{
  Watch *watch = data;
  watch->data_freed++;
  watch->done_before_free = watch->done_calls == 1;
  g_main_loop_quit(watch->loop);
}

static void free_result(gpointer result)
{
  g_assert_true(result == RESULT);
  current->results_freed++;
}

static void on_done(HilumJob *job, gpointer result, const GError *error, gpointer user_data)
{
  Watch *watch = user_data;
  watch->done_calls++;
  watch->result = result;
  watch->error = error ? g_error_copy(error) : NULL;
  watch->was_running = hilum_job_is_running(job);
}

static void on_notify(GObject *object, GParamSpec *pspec, gpointer user_data)
{
  Watch *watch = user_data;
  double fraction = hilum_job_get_fraction(HILUM_JOB(object));
  g_assert_cmpfloat(fraction, >=, watch->last_fraction);
  watch->last_fraction = fraction;
  watch->notifies++;
}

static void watch_init(Watch *watch)
{
  *watch = (Watch){.loop = g_main_loop_new(NULL, FALSE), .last_fraction = -1};
  current = watch;
}

static void watch_clear(Watch *watch)
{
  g_assert_cmpint(watch->done_calls, ==, 1);
  g_assert_cmpint(watch->data_freed, ==, 1);
  g_assert_true(watch->done_before_free);
  g_assert_false(watch->was_running);
  g_clear_error(&watch->error);
  g_main_loop_unref(watch->loop);
}

static HilumJob *start(Watch *watch, HilumJobFunc work)
{
  HilumJob *job = hilum_job_start("Test", work, watch, free_data, free_result, on_done, watch);
  g_assert_true(hilum_job_is_running(job));
  g_assert_cmpstr(hilum_job_get_label(job), ==, "Test");
  return g_object_ref(job);
}

static gpointer work_result(gpointer data, const HilumProgress *progress, GError **error)
{
  hilum_progress_step(progress, 1);
  return RESULT;
}

static void test_result(void)
{
  Watch watch;
  watch_init(&watch);
  g_autoptr(HilumJob) job = start(&watch, work_result);
  g_assert_cmpfloat(hilum_job_get_fraction(job), ==, -1);
  g_main_loop_run(watch.loop);
  g_assert_true(watch.result == RESULT);
  g_assert_no_error(watch.error);
  g_assert_cmpint(watch.results_freed, ==, 0);
  g_assert_cmpfloat(hilum_job_get_fraction(job), ==, 1);
  g_assert_false(hilum_job_is_running(job));
  watch_clear(&watch);
}

static gpointer work_error(gpointer data, const HilumProgress *progress, GError **error)
{
  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The disk is full");
  return NULL;
}

static void test_error(void)
{
  Watch watch;
  watch_init(&watch);
  g_autoptr(HilumJob) job = start(&watch, work_error);
  g_main_loop_run(watch.loop);
  g_assert_false(hilum_job_is_running(job));
  g_assert_null(watch.result);
  g_assert_error(watch.error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  watch_clear(&watch);
}

static gpointer work_until_cancelled(gpointer data, const HilumProgress *progress, GError **error)
{
  Watch *watch = data;
  atomic_store(&watch->started, true);
  while (hilum_progress_step(progress, 0.5))
    sched_yield();
  hilum_progress_fail(progress, error);
  return NULL;
}

static void test_cancel(void)
{
  Watch watch;
  watch_init(&watch);
  g_autoptr(HilumJob) job = start(&watch, work_until_cancelled);
  while (!atomic_load(&watch.started))
    sched_yield();
  hilum_job_cancel(job);
  g_main_loop_run(watch.loop);
  g_assert_null(watch.result);
  g_assert_error(watch.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  watch_clear(&watch);
}

static gpointer work_deaf(gpointer data, const HilumProgress *progress, GError **error)
{
  Watch *watch = data;
  while (!atomic_load(&watch->release))
    sched_yield();
  return RESULT; /* does not poll: the result comes after the cancel */
}

static void test_late_result_is_freed(void)
{
  Watch watch;
  watch_init(&watch);
  g_autoptr(HilumJob) job = start(&watch, work_deaf);
  hilum_job_cancel(job);
  atomic_store(&watch.release, true);
  g_main_loop_run(watch.loop);
  g_assert_null(watch.result);
  g_assert_cmpint(watch.results_freed, ==, 1);
  g_assert_error(watch.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  watch_clear(&watch);
}

/* Reports as fast as it can until the main context has heard of it three times. */
static gpointer work_chatter(gpointer data, const HilumProgress *progress, GError **error)
{
  Watch *watch = data;
  int reports = 0;
  while (!atomic_load(&watch->release)) {
    g_autofree char *what = g_strdup_printf("Slice %d", reports); /* gone before it is read elsewhere */
    HilumProgress part = hilum_progress_part(progress, 0, 1, what);
    hilum_progress_step(&part, 1 - 1 / (2.0 + reports++));
  }
  atomic_store(&watch->reports, reports);
  return NULL;
}

static void release_after_three(GObject *object, GParamSpec *pspec, gpointer user_data)
{
  Watch *watch = user_data;
  on_notify(object, pspec, user_data);
  if (watch->notifies == 3) atomic_store(&watch->release, true);
}

static void test_throttling(void)
{
  Watch watch;
  watch_init(&watch);
  gint64 begin = g_get_monotonic_time();
  g_autoptr(HilumJob) job = start(&watch, work_chatter);
  g_signal_connect(job, "notify::fraction", G_CALLBACK(release_after_three), &watch);
  g_main_loop_run(watch.loop);
  gint64 elapsed = g_get_monotonic_time() - begin;
  /* Three at the start of three intervals, and one at most with the end. */
  g_assert_cmpint(watch.notifies, <=, 4);
  g_assert_cmpint(elapsed, >=, 2 * 100000);
  g_assert_cmpint(atomic_load(&watch.reports), >, watch.notifies);
  g_autofree char *what = NULL;
  g_object_get(job, "what", &what, NULL);
  g_assert_true(g_str_has_prefix(what, "Slice "));
  watch_clear(&watch);
}

/* Nobody keeps a reference, nobody listens. */
static void test_unwatched(void)
{
  Watch watch;
  watch_init(&watch);
  watch.done_calls = 1;
  HilumJob *job = hilum_job_start("Test", work_result, &watch, free_data, free_result, NULL, NULL);
  g_object_add_weak_pointer(G_OBJECT(job), (gpointer *)&job);
  g_main_loop_run(watch.loop);
  g_assert_null(job);
  g_assert_cmpint(watch.results_freed, ==, 1);
  watch_clear(&watch);
}

static gpointer work_report(gpointer data, const HilumProgress *progress, GError **error)
{
  for (int step = 0; step <= 1000; step++)
    hilum_progress_step(progress, step / 1000.0);
  return RESULT;
}

/* Many at once, to give the thread sanitizer something to see. */
static void test_many(void)
{
  enum { JOBS = 12 };
  Watch watches[JOBS];
  HilumJob *jobs[JOBS];
  int finished = 0;
  for (int w = 0; w < JOBS; w++) {
    watch_init(&watches[w]);
    jobs[w] = start(&watches[w], work_report);
    g_signal_connect(jobs[w], "notify::fraction", G_CALLBACK(on_notify), &watches[w]);
  }
  while (finished < JOBS) {
    g_main_context_iteration(NULL, TRUE);
    finished = 0;
    for (int w = 0; w < JOBS; w++)
      finished += !hilum_job_is_running(jobs[w]);
  }
  for (int w = 0; w < JOBS; w++) {
    g_assert_true(watches[w].result == RESULT);
    g_assert_cmpfloat(hilum_job_get_fraction(jobs[w]), ==, 1);
    watch_clear(&watches[w]);
    g_object_unref(jobs[w]);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/job/result", test_result);
  g_test_add_func("/job/error", test_error);
  g_test_add_func("/job/cancel", test_cancel);
  g_test_add_func("/job/late-result-is-freed", test_late_result_is_freed);
  g_test_add_func("/job/throttling", test_throttling);
  g_test_add_func("/job/unwatched", test_unwatched);
  g_test_add_func("/job/many", test_many);
  return g_test_run();
}
