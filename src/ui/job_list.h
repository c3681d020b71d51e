/* The jobs of one window: starts them, keeps track of them, and says which one the status bar should show.
 * Main thread only. */
#pragma once

#include "hilum/base/job.h"

G_BEGIN_DECLS

#define HILUM_TYPE_JOB_LIST hilum_job_list_get_type()
G_DECLARE_FINAL_TYPE(HilumJobList, hilum_job_list, HILUM, JOB_LIST, GObject)
/* Signal "changed": a job started, moved on or ended. */

HilumJobList *hilum_job_list_new(void);
/* As hilum_job_start(). `background` jobs (surfaces) yield the status bar to the others and do not count as
 * busy. Returns a borrowed job. */
HilumJob *hilum_job_list_start(HilumJobList *self, bool background, const char *label, HilumJobFunc work,
                               gpointer data, GDestroyNotify free_data, GDestroyNotify free_result,
                               HilumJobDone done, gpointer user_data);
/* The newest foreground job, else the newest background one, else NULL. Borrowed. */
HilumJob *hilum_job_list_get_shown(HilumJobList *self);
/* Jobs that run, all of them or only those in the foreground. */
guint hilum_job_list_count(HilumJobList *self, bool with_background);
void hilum_job_list_cancel_all(HilumJobList *self);
/* The foreground ones if there are any, else all. */
void hilum_job_list_cancel_shown(HilumJobList *self);

G_END_DECLS
