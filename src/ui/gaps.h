/* How far the surfaces of a structure and of all others that are shown lie apart: measured by a job that can
 * be cancelled, anew when surfaces change. Main thread only. */
#pragma once

#include "hilum/mesh/distance.h"
#include "hilum/view/workspace.h"
#include "job_list.h"

G_BEGIN_DECLS

#define HILUM_TYPE_GAPS hilum_gaps_get_type()
G_DECLARE_FINAL_TYPE(HilumGaps, hilum_gaps, HILUM, GAPS, GObject)
/* Signal "changed": other distances are known. */

HilumGaps *hilum_gaps_new(HilumWorkspace *workspace, HilumJobList *jobs);
/* From which structure they are asked for (0: none, and a job that runs ends). */
void hilum_gaps_set_from(HilumGaps *gaps, uint8_t label);
/* False while it is not known: no surface, hidden, or being measured. `gap->a_mm` lies on the structure asked
 * from. */
bool hilum_gaps_get(HilumGaps *gaps, uint8_t other, HilumSurfaceGap *gap);

G_END_DECLS
