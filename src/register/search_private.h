/* Finding the transform: the local climb, the search at the coarsest level, and the check by patches. */
#pragma once

#include "metric_private.h"

G_BEGIN_DECLS

/* A transform on its way up. */
typedef struct {
  HilumRigid rigid;
  double value; /* of the metric where it was last evaluated; -INFINITY: too little overlap */
  double overlap;
  int iterations, evaluations;
} Climb;

/* Levenberg-Marquardt from climb->rigid; steps of at most `max_step_mm`, until a step is below
 * `tolerance_mm`. Never ends lower than it began. Cancelled: returns early. */
void climb_run(const Problem *problem, Scratch *scratch, double max_step_mm, double tolerance_mm,
               Climb *climb, const HilumProgress *progress);

/* Evaluates the start and a lattice of translations and turns around it within the capture range, and climbs
 * from the best that lie apart. Writes at most `capacity` climbs, best first, the start's own among them;
 * returns their number. */
size_t search_run(const Problem *problem, HilumRigid start, double capture_mm, double capture_rad,
                  Climb *climbs, size_t capacity, int *evaluations, const HilumProgress *progress);

/* Root mean square distance over the samples between where two transforms put them, mm. */
double rigid_difference_mm(const Samples *samples, HilumRigid a, HilumRigid b);

/* Fills residual and patches of `result` for result->transform. `problem` is the finest level's. */
void patches_check(const Problem *problem, Scratch *scratch, HilumRegisterResult *result,
                   const HilumProgress *progress);

G_END_DECLS
