/* One window on one case: owns the workspace (all state), the jobs, the tools and the surfaces, and puts the
 * panels together. Main thread only. */
#pragma once

#include "hilum/casefile/case.h"
#include "hilum/view/workspace.h"
#include "job_list.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_WINDOW hilum_window_get_type()
G_DECLARE_FINAL_TYPE(HilumWindow, hilum_window, HILUM, WINDOW, GtkApplicationWindow)

HilumWindow *hilum_window_new(GtkApplication *app);
/* Replaces what the window shows, without asking. Referenced. */
void hilum_window_set_case(HilumWindow *self, HilumCase *the_case);
HilumCase *hilum_window_get_case(HilumWindow *self); /* NULL: the empty page. Borrowed */
HilumWorkspace *hilum_window_get_workspace(HilumWindow *self);
HilumJobList *hilum_window_get_jobs(HilumWindow *self);

/* A sentence over the panes. Cancellation is not shown. */
void hilum_window_show_error(HilumWindow *self, const GError *error);
void hilum_window_show_message(HilumWindow *self, bool failure, const char *sentence);
void hilum_window_show_offer(HilumWindow *self, const char *sentence, const char *label, const char *action);

/* While a study loads: its coarse volume (referenced) takes the place of the case, which cannot be acted on
 * until hilum_window_end_coarse() brings it back as it was, or hilum_window_set_case() replaces it. Finer
 * ones follow with the same `token`, which says whose volume it is. */
void hilum_window_show_coarse(HilumWindow *self, HilumVolume *volume, const char *name, gpointer token);
/* Nothing happens unless that token's volume is shown; NULL: whoever's it is. */
void hilum_window_end_coarse(HilumWindow *self, gpointer token);

/* Structures or labels changed since the last save. */
bool hilum_window_needs_saving(HilumWindow *self);
/* Goes on with `then` once what is open may go away: at once, after saving, or not at all. */
typedef void (*HilumWindowThen)(HilumWindow *self, gpointer data);
void hilum_window_confirm(HilumWindow *self, HilumWindowThen then, gpointer data, GDestroyNotify free_data);
/* The saved state, titles and enabled actions follow. */
void hilum_window_update(HilumWindow *self);

G_END_DECLS
