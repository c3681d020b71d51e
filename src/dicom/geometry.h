/* From a pile of slices to a grid, or to the reasons why there is none. */
#pragma once

#include "record.h"

#include "hilum/volume/grid.h"

/* Two slices closer together than this lie at the same place. */
#define HILUM_SAME_POSITION_MM 0.01

/* Sorts records (HilumRecord) that share orientation, matrix and spacing by position along the normal, then
 * by instance number and path. Those without position come last. */
void hilum_slices_sort(GPtrArray *records);
/* How many slices lie where the slice before them lies. Sorted records only. */
size_t hilum_slices_count_repeats(const GPtrArray *records);
/* Position along the normal of the first record's orientation. */
double hilum_slice_depth_mm(const HilumRecord *first, const HilumRecord *record);

/* Checks sorted slices and lays the grid through them. Every defect becomes a finding; the grid is valid
 * unless one of them refuses. */
void hilum_slices_build_grid(const GPtrArray *records, HilumGrid *grid, GArray *findings);
