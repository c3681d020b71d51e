/* Between the state of a growth and what brings it up to date. */
#pragma once

#include "seed_growth_private.h"

/* The box that strokes in `strokes` ask for: with the margin, inside the grid. */
HilumVoxelBox hilum_seed_growth_wanted_box(const HilumSeedGrowth *growth, HilumVoxelBox strokes);
/* Allocates for another box; nothing in it is set. */
bool hilum_seed_growth_set_box(HilumSeedGrowth *growth, HilumVoxelBox box, GError **error);
void hilum_seed_growth_gather(HilumSeedGrowth *growth);
void hilum_seed_growth_reset(HilumSeedGrowth *growth);
