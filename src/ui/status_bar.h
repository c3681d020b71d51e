/* Bottom: value, place and structure under the pointer; the running job with cancel; whether all is saved. */
#pragma once

#include "hilum/view/workspace.h"
#include "job_list.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STATUS_BAR hilum_status_bar_get_type()
G_DECLARE_FINAL_TYPE(HilumStatusBar, hilum_status_bar, HILUM, STATUS_BAR, GtkWidget)
/* Property "jobs-only" (boolean): nothing about the pointer, as there are no images. */

void hilum_status_bar_set_workspace(HilumStatusBar *self, HilumWorkspace *workspace, HilumJobList *jobs);
/* "Saved", "Not saved" ... ; NULL for nothing. */
void hilum_status_bar_set_saved(HilumStatusBar *self, const char *text);

G_END_DECLS
