/* The tools of one window: makes them, puts one in hand, runs the jobs they ask for, and runs single steps
 * (margins, combining) that need no pointer. Main thread only. */
#pragma once

#include "hilum/segment/step.h"
#include "hilum/view/tool.h"
#include "job_list.h"

G_BEGIN_DECLS

#define HILUM_TYPE_TOOLBOX hilum_toolbox_get_type()
G_DECLARE_FINAL_TYPE(HilumToolbox, hilum_toolbox, HILUM, TOOLBOX, GObject)
/* Signals: "changed": another tool is in hand, or its status changed; "failed" (const char *sentence). */

HilumToolbox *hilum_toolbox_new(HilumWorkspace *workspace, HilumJobList *jobs);
/* An id of the tool table (tool_table.h); "" puts the tool away. An unknown id is refused. */
bool hilum_toolbox_choose(HilumToolbox *self, const char *id);
const char *hilum_toolbox_get_id(HilumToolbox *self);
/* The tool in hand, or NULL: none, or one that needs no pointer. Borrowed. */
HilumTool *hilum_toolbox_get_tool(HilumToolbox *self);
/* Fresh tools with fresh ranges: another case is open. */
void hilum_toolbox_reset(HilumToolbox *self);
bool hilum_toolbox_is_busy(HilumToolbox *self);
/* Runs one step on the active structure as a job and commits it as one undoable step `title`. Takes the
 * contents of `step` over. */
void hilum_toolbox_run_step(HilumToolbox *self, HilumStep *step, const char *title);
/* Smooths every structure that is shown and not locked together, without gaps or overlaps, as one step. */
void hilum_toolbox_smooth_jointly(HilumToolbox *self, double sigma_mm, bool outer);

G_END_DECLS
