/* From tissues to a CT volume. */
#pragma once

#include "tissue_map_private.h"

#include "hilum/volume/volume.h"

/* Shades, adds noise, blurs by the scanner's point spread, rounds to whole HU. noise_hu <= 0: none. */
HilumVolume *hilum_render_phase(const HilumTissueMap *map, HilumPhantomPhase phase, double noise_hu,
                                uint64_t seed, const HilumProgress *progress, GError **error);
