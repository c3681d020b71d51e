/* What only the case and its records may do to a phase. */
#pragma once

#include "hilum/casefile/phase.h"
#include "source_private.h"

/* `name` is copied, `source` and `volume` (may be NULL) referenced. */
HilumPhase *hilum_phase_new(const char *name, HilumSource *source, HilumVolume *volume);
HilumSource *hilum_phase_get_source(HilumPhase *self);
/* Gives the volume to a phase that lacks one, and the place where it was found. Both are referenced. */
void hilum_phase_set_volume(HilumPhase *self, HilumSource *source, HilumVolume *volume);
