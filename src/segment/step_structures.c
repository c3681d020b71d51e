/* Steps that read the case: other structures, and another phase. */
#include "step_private.h"

#include "hilum/segment/error.h"

typedef void (*Combine)(HilumMask *mask, const HilumMask *other);

static bool combine(HilumStepRun *run, const HilumStep *step, Combine with, GError **error)
{
  g_autoptr(HilumMask) other = hilum_step_dup_structure(run, step->name, error);
  if (other == NULL) return false;
  with(run->working, other);
  return true;
}

static bool run_inside(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  return combine(run, step, hilum_mask_and, error);
}

static bool run_outside(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                        GError **error)
{
  return combine(run, step, hilum_mask_and_not, error);
}

static bool run_union(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  return combine(run, step, hilum_mask_or, error);
}

static bool run_phase(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const HilumStepContext *c = run->context;
  if (step->amount >= 0 && step->amount < (double)c->n_volumes) {
    run->volume = c->volumes[(size_t)step->amount];
    return true;
  }
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
              "There is no phase %g: the case has %zu, counted from 0.", step->amount, c->n_volumes);
  return false;
}

const HilumStepOp hilum_step_structure_ops[] = {
    {.name = "inside", .value = {HILUM_STEP_VALUE_NAME}, .run = run_inside},
    {.name = "outside", .value = {HILUM_STEP_VALUE_NAME}, .run = run_outside},
    {.name = "union", .value = {HILUM_STEP_VALUE_NAME}, .run = run_union},
    {.name = "phase",
     .value = {HILUM_STEP_VALUE_INDEX, HILUM_STEP_MAX_PHASE, "", NULL},
     .is_setting = true,
     .run = run_phase},
    {.name = NULL}};
