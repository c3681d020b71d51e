/* How seeds are named in messages. */
#pragma once

#include "hilum/volume/grid.h"

/* "(12.0, -3.5, 104.2) mm"; free with g_free(). */
char *hilum_seed_describe(const HilumGrid *grid, HilumVoxel seed);
