/* Values for surfaces that are coloured by numbers: whenever one is wanted and missing, a job that can be
 * cancelled makes it and hands it to the workspace, one structure after the other. Cancelled, the structure
 * has its own colour again. Main thread only. */
#pragma once

#include "hilum/view/workspace.h"
#include "job_list.h"

G_BEGIN_DECLS

#define HILUM_TYPE_COLORINGS hilum_colorings_get_type()
G_DECLARE_FINAL_TYPE(HilumColorings, hilum_colorings, HILUM, COLORINGS, GObject)
/* Signal "failed" (const char *sentence). */

HilumColorings *hilum_colorings_new(HilumWorkspace *workspace, HilumJobList *jobs);

G_END_DECLS
