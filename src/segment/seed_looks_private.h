/* seed_looks.c: looks that were learned earlier, as a stack; the last is what the growth goes by, or was
 * before its strokes were taken back. */
#pragma once

#include "seed_growth_private.h"

/* Fingerprints of the first 0, 1, ... n_strokes strokes. g_free(). */
uint64_t *hilum_seed_looks_prints(const HilumStroke *strokes, size_t n_strokes);
/* Forgets looks that were learned from strokes that are not there any more; the last that is left, if it is
 * for this box; or NULL. Borrowed. */
HilumSeedLooks *hilum_seed_looks_find(HilumSeedGrowth *growth, const uint64_t *prints, size_t n_strokes,
                                      HilumVoxelBox box);
/* True if strokes with this print were grown with these looks. */
bool hilum_seed_looks_were_good(const HilumSeedLooks *looks, uint64_t print);
void hilum_seed_looks_add_good(HilumSeedLooks *looks, uint64_t print);
/* Those that the growth has just learned from that many strokes. */
void hilum_seed_looks_keep(HilumSeedGrowth *growth, uint64_t print, size_t n_strokes);
/* The growth goes by these again; what follows from them (hilum_seed_models_recall()) does not yet. */
void hilum_seed_looks_take(HilumSeedGrowth *growth, HilumSeedLooks *looks);
