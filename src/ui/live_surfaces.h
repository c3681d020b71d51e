/* Surfaces under the brush: after every change of the labels the pieces that it can reach are made by a job
 * and handed to the workspace, one state of the labels after the other and always the newest; while a job
 * runs, states in between are passed over. Only structures that are shown are followed. Main thread only. */
#pragma once

#include "hilum/view/workspace.h"

G_BEGIN_DECLS

#define HILUM_TYPE_LIVE_SURFACES hilum_live_surfaces_get_type()
G_DECLARE_FINAL_TYPE(HilumLiveSurfaces, hilum_live_surfaces, HILUM, LIVE_SURFACES, GObject)
/* Signals: "changed": pieces came; "failed" (const char *sentence). */

HilumLiveSurfaces *hilum_live_surfaces_new(HilumWorkspace *workspace);
/* Follows the labels to `labels`. Structures with changed[label] then show their pieces; NULL: none does,
 * which only makes ready for the next stroke. */
void hilum_live_surfaces_follow(HilumLiveSurfaces *self, HilumLabelSnapshot *labels,
                                const bool changed[HILUM_LABEL_COUNT]);
/* True if an edit would be followed at once: all pieces are there and nothing runs. */
bool hilum_live_surfaces_is_ready(HilumLiveSurfaces *self);
/* True while pieces that are to be shown are older than the labels. */
bool hilum_live_surfaces_is_busy(HilumLiveSurfaces *self);
/* Forget everything and cancel what runs: the case goes away. */
void hilum_live_surfaces_clear(HilumLiveSurfaces *self);

G_END_DECLS
