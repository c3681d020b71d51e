/* Shared by guide_session.c (from stage to stage) and guide_session_run.c (its jobs). */
#pragma once

#include "guide_session.h"
#include "hilum/casefile/guide_places.h"
#include "hilum/casefile/guide_state.h"

G_BEGIN_DECLS

struct _HilumGuideSession {
  GObject parent_instance;
  HilumWorkspace *workspace;
  HilumJobList *jobs;
  HilumToolbox *toolbox;
  HilumProtocol *protocol; /* NULL: the guide is away */
  HilumGuideState state;   /* its name may be a path */
  bool *moved;             /* a stage: its point is newer than its step */
  bool *same;              /* a stage: it was made, and found just what was there */
  GArray *places;          /* HilumKidneyCandidate, or NULL */
  HilumJob *job;           /* referenced; NULL: none runs */
  guint generation;        /* of the guide: what began under another is dropped */
  bool syncing;            /* the tool is being set from here */
};

/* Also without a guide. */
static inline bool hilum_guide_session_at_end(HilumGuideSession *self)
{
  return self->state.stage >= hilum_guide_session_get_count(self);
}

void hilum_guide_session_fail(HilumGuideSession *self, const char *sentence);
void hilum_guide_session_progressed(HilumGuideSession *self);
/* Keeps what was reached with the case, and tells the card. */
void hilum_guide_session_changed(HilumGuideSession *self);

G_END_DECLS
