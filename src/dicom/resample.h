/* Slices that are not the planes of their grid, put into it. */
#pragma once

#include "geometry.h"

#include "hilum/base/progress.h"

/* Takes `slices` (hilum_big_alloc(), plan->n of plan->columns x plan->rows stored values, freed in any case)
 * and returns the voxels of `grid` (hilum_big_alloc()). What lies outside every slice becomes `padding`. */
int16_t *hilum_stack_resample(const HilumStackPlan *plan, const HilumGrid *grid, int16_t *slices,
                              int16_t padding, const HilumProgress *progress, GError **error);
