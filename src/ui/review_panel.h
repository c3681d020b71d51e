/* Review: volume, diameter and values of each structure, and distances from the tumours, on request. */
#pragma once

#include "hilum/view/workspace.h"
#include "job_list.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_REVIEW_PANEL hilum_review_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumReviewPanel, hilum_review_panel, HILUM, REVIEW_PANEL, GtkWidget)
/* Signal "failed" (const char *sentence). */

void hilum_review_panel_set_workspace(HilumReviewPanel *self, HilumWorkspace *workspace, HilumJobList *jobs);
/* Starts the job that measures the present labels. */
void hilum_review_panel_measure(HilumReviewPanel *self);

G_END_DECLS
