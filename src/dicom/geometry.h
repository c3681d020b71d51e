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

/* How slices become the planes of a grid. Where they are the planes, `slices` is NULL; else values are
 * interpolated (resample.h). */
typedef struct {
  int32_t columns, rows; /* of one slice as stored */
  guint n;               /* slices */
  bool sheared;          /* a tilted gantry moved them sideways */
  bool uneven;           /* they do not lie on even planes */
  HilumIndexPos *slices; /* where pixel (0, 0) of each slice lies in the grid; k never falls */
} HilumStackPlan;

void hilum_stack_plan_clear(HilumStackPlan *plan);

/* Checks sorted slices and lays the grid through them. Every defect becomes a finding; grid and plan are
 * valid unless one of them refuses. `accept_gaps`: missing slices are bridged with a warning. */
void hilum_slices_plan(const GPtrArray *records, bool accept_gaps, HilumGrid *grid, HilumStackPlan *plan,
                       GArray *findings);
/* The same without accepting gaps, for those who want the grid alone. */
void hilum_slices_build_grid(const GPtrArray *records, HilumGrid *grid, GArray *findings);
