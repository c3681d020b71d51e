/* What only the case and its records may do to a phase. */
#pragma once

#include "hilum/casefile/phase.h"
#include "source_private.h"

/* `name` is copied, `source` and `volume` (may be NULL) referenced. */
HilumPhase *hilum_phase_new(const char *name, HilumSource *source, HilumVolume *volume);
HilumSource *hilum_phase_get_source(HilumPhase *self);
/* Gives the volume to a phase that lacks one. */
void hilum_phase_take_volume(HilumPhase *self, HilumVolume *volume);
