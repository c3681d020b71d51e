/* Moves phases of the window's case: registration and nudges run as jobs over immutable volumes, and what
 * comes back becomes a step of the history. Main thread only. */
#pragma once

#include "window.h"

G_BEGIN_DECLS

typedef struct HilumAligner HilumAligner;

/* Belongs to the window, which is not referenced. */
HilumAligner *hilum_aligner_new(HilumWindow *window);
void hilum_aligner_free(HilumAligner *self);

/* Registers a phase to the case's first one, around the parenchyma if there is any, else over the whole
 * field. A reliable result is used at once and said with its residual, next to a button that undoes it;
 * another one is said and kept for hilum_aligner_use_pending(). */
void hilum_aligner_register(HilumAligner *self, guint phase);
bool hilum_aligner_has_pending(HilumAligner *self);
void hilum_aligner_use_pending(HilumAligner *self);
/* What is seen of the phase moves, about `centre_mm`. Nudges that come while one is computed are taken
 * together. */
void hilum_aligner_nudge(HilumAligner *self, guint phase, HilumRigidParameters move, HilumVec3 centre_mm);
/* Back to the scanner's coordinates. */
void hilum_aligner_reset(HilumAligner *self, guint phase);

G_END_DECLS
