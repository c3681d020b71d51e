/* Word-parallel flood, shared by region growing and the filling of holes. */
#pragma once

#include "hilum/filter/components.h"

/* Grows `reached` (a subset of `domain`, same dims; its set voxels are the seeds) to everything connected to
 * it inside `domain`. False with an error when cancelled or out of memory. */
bool hilum_flood_inside(const HilumMask *domain, HilumMask *reached, HilumConnectivity connectivity,
                        const HilumProgress *progress, GError **error);
