/* What only the case and its records may do to a phase. */
#pragma once

#include "hilum/casefile/phase.h"
#include "source_private.h"

/* `name` is copied, the rest referenced. `original` may be NULL (missing). `reference` is the first phase,
 * which must outlive the case's use of this one; NULL: this is it, and `shown` is `original`. `alignment`
 * NULL: by scanner coordinates. */
HilumPhase *hilum_phase_new(const char *name, HilumSource *source, HilumVolume *original, HilumVolume *shown,
                            HilumPhase *reference, const HilumAlignment *alignment);
HilumSource *hilum_phase_get_source(HilumPhase *self);
/* Gives the volume to a phase that lacks one, and the place where it was found. All are referenced. */
void hilum_phase_set_volume(HilumPhase *self, HilumSource *source, HilumVolume *original, HilumVolume *shown);
/* The same images, lying elsewhere. */
void hilum_phase_set_source(HilumPhase *self, HilumSource *source);
/* `shown` is `original` under `alignment`, or NULL while there is no volume. Finds moved-mm and findings
 * again, and notifies. */
void hilum_phase_set_alignment(HilumPhase *self, const HilumAlignment *alignment, HilumVolume *shown);
