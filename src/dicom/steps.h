/* The distances between slices: even, uneven but usable, or with something missing. */
#pragma once

#include "geometry.h"

/* Even planes through a stack: `n` of them, `spacing_mm` apart, the first at the first slice. */
typedef struct {
  double spacing_mm;
  int32_t n;
  bool uneven; /* planes do not lie where slices lie: values are interpolated */
  bool gaps;   /* and some of them where slices are missing */
} HilumStepPlan;

/* `depth`: where the sorted slices (two or more) lie along the normal. Says what it finds; false, with at
 * least one refusing finding, where there are no planes. `accept_gaps`: missing slices are bridged. */
bool hilum_slices_plan_steps(const GPtrArray *records, const double *depth, bool accept_gaps,
                             HilumStepPlan *plan, GArray *findings);
