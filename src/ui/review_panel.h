/* Review: a table of the numbers of every structure, and the distances from one to all others. Measured when
 * it is shown and kept current; a click on a distance moves the crosshair to its points. */
#pragma once

#include "hilum/segment/measurements.h"
#include "hilum/view/workspace.h"
#include "job_list.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_REVIEW_PANEL hilum_review_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumReviewPanel, hilum_review_panel, HILUM, REVIEW_PANEL, GtkWidget)
/* Signals: "failed" (const char *sentence); "changed": other numbers are shown. */

void hilum_review_panel_set_workspace(HilumReviewPanel *self, HilumWorkspace *workspace, HilumJobList *jobs);
/* Starts the job that measures the present labels, in place of one that runs. */
void hilum_review_panel_measure(HilumReviewPanel *self);
/* The numbers shown if they are those of the present labels; else NULL. Borrowed. */
HilumMeasurements *hilum_review_panel_get_numbers(HilumReviewPanel *self);
/* Numbers of a volume whose missing slices were interpolated are estimates: the sentence that says so, or
 * NULL. Borrowed. */
const char *hilum_review_panel_get_estimate(HilumReviewPanel *self);

G_END_DECLS
