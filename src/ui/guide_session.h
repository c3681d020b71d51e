/* The kidney guide of one window: which protocol, which stage, what was clicked. Runs stages as jobs and
 * commits each as one step of the history; the card (guide_panel.h) shows it. Follows the toolbox: with the
 * tool "guide" in hand a click in a slice is the stage's point, and taking that tool begins the guide. What
 * was reached is kept with the case. Main thread only. */
#pragma once

#include "hilum/casefile/guide.h"
#include "toolbox.h"

G_BEGIN_DECLS

#define HILUM_TYPE_GUIDE_SESSION hilum_guide_session_get_type()
G_DECLARE_FINAL_TYPE(HilumGuideSession, hilum_guide_session, HILUM, GUIDE_SESSION, GObject)
/* Signals: "changed": anything that the card shows; "failed" (const char *sentence); "progressed": a stage
 * was made, or another is at hand: what was said about the last one is settled. */

HilumGuideSession *hilum_guide_session_new(HilumWorkspace *workspace, HilumJobList *jobs,
                                           HilumToolbox *toolbox);
/* Begins at the first stage of a protocol: an id of those that come with the program, or the path of a file;
 * NULL chooses by the phases of the case. Clicks for structures that the former protocol had too are kept.
 * Adds the structures that are missing. False after "failed". */
bool hilum_guide_session_begin(HilumGuideSession *self, const char *name);
/* Puts the guide away; what it made stays. A stage that runs is cancelled. */
void hilum_guide_session_end(HilumGuideSession *self);
/* Another case is open: goes on where the guide was when it was saved, without touching tool or phase. Only
 * protocols that come with the program: a case may come from anywhere, and its paths are not followed. */
void hilum_guide_session_restore(HilumGuideSession *self);

bool hilum_guide_session_is_active(HilumGuideSession *self);
/* As given to begin(); NULL while the guide is away. Borrowed, as the next. */
const char *hilum_guide_session_get_name(HilumGuideSession *self);
const HilumProtocol *hilum_guide_session_get_protocol(HilumGuideSession *self);
/* 0 .. count; count is the last page, with what is left over. */
size_t hilum_guide_session_get_stage(HilumGuideSession *self);
size_t hilum_guide_session_get_count(HilumGuideSession *self);
/* NULL on the last page. */
const HilumStage *hilum_guide_session_get_shown(HilumGuideSession *self);
/* The stage's step is in the history, and was made with the present point; or there was nothing to change. */
bool hilum_guide_session_is_done(HilumGuideSession *self);
/* Volume of the stage's structure. */
double hilum_guide_session_get_ml(HilumGuideSession *self);
bool hilum_guide_session_is_busy(HilumGuideSession *self);

bool hilum_guide_session_get_point(HilumGuideSession *self, HilumVec3 *point_mm);
/* As a click does, from the keyboard. Nothing if the stage asks for no point. */
void hilum_guide_session_set_point(HilumGuideSession *self, HilumVec3 point_mm);

/* Each does nothing if its can_ says no. Next: the stage is done, needs no click, or may be left out and has
 * no point. Skip forgets the point. Going to a stage shows its phase, selects its structure and takes the
 * pointer in hand. */
bool hilum_guide_session_can_back(HilumGuideSession *self);
void hilum_guide_session_back(HilumGuideSession *self);
bool hilum_guide_session_can_skip(HilumGuideSession *self);
void hilum_guide_session_skip(HilumGuideSession *self);
bool hilum_guide_session_can_next(HilumGuideSession *self);
void hilum_guide_session_next(HilumGuideSession *self);
/* Makes the stage; on the last page looks for what is left over. */
bool hilum_guide_session_can_apply(HilumGuideSession *self);
void hilum_guide_session_apply(HilumGuideSession *self);
/* Enter, while the hand is the guide's: apply, and next once that is done. */
bool hilum_guide_session_can_go_on(HilumGuideSession *self);
void hilum_guide_session_go_on(HilumGuideSession *self);

/* HilumKidneyCandidate, borrowed; NULL until it was looked for. */
GArray *hilum_guide_session_get_places(HilumGuideSession *self);

G_END_DECLS
