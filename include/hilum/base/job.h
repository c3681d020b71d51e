/* Long work off the main thread. A job captures references, runs one pure function on a worker thread, and
 * hands one result back to the main context it was started from. It never touches the case. Progress reaches
 * the listener at most ten times a second. Main thread only, but for the work function. */
#pragma once

#include "hilum/base/progress.h"

G_BEGIN_DECLS

#define HILUM_TYPE_JOB hilum_job_get_type()
G_DECLARE_FINAL_TYPE(HilumJob, hilum_job, HILUM, JOB, GObject)
/* Properties (read-only, notify on the main context): "label" (string), "fraction" (double, 0..1, -1 until
 * the first report), "what" (string or NULL), "running" (boolean). */

/* Worker thread. Returns the result, or NULL with `error` set. A NULL result without error is a success with
 * nothing to hand over. */
typedef gpointer (*HilumJobFunc)(gpointer data, const HilumProgress *progress, GError **error);
/* Main context, exactly once a job. `result` is handed over to the callee. `error` is borrowed;
 * G_IO_ERROR_CANCELLED after a cancel, even if the work came to its end first. */
typedef void (*HilumJobDone)(HilumJob *job, gpointer result, const GError *error, gpointer user_data);

/* Starts at once. `data` is freed with free_data on the main context after `done`. `free_result` frees a
 * result that arrives after the job was cancelled. Returns a borrowed job, kept alive until `done` has run;
 * take a reference to keep it. */
HilumJob *hilum_job_start(const char *label, HilumJobFunc work, gpointer data, GDestroyNotify free_data,
                          GDestroyNotify free_result, HilumJobDone done, gpointer user_data);
void hilum_job_cancel(HilumJob *job);
const char *hilum_job_get_label(HilumJob *job);
double hilum_job_get_fraction(HilumJob *job);
/* The phrase of the latest report, borrowed; NULL: none. */
const char *hilum_job_get_what(HilumJob *job);
bool hilum_job_is_running(HilumJob *job);
bool hilum_job_is_cancelled(HilumJob *job);

G_END_DECLS
