/* Steps that move or round the wall of the working mask, in millimetres. */
#include "step_private.h"

#include "hilum/filter/morphology.h"

static bool run_dilate(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  return hilum_mask_dilate(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

static bool run_erode(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  return hilum_mask_erode(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

static bool run_open(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  return hilum_mask_open(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

static bool run_close(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  return hilum_mask_close(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

static bool run_smooth(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  return hilum_mask_smooth(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

#define MM                                                                                                   \
  {                                                                                                          \
    HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm", NULL                                                   \
  }

const HilumStepOp hilum_step_morphology_ops[] = {
    {.name = "dilate", .value = MM, .run = run_dilate},
    {.name = "erode", .value = MM, .run = run_erode},
    {.name = "open", .value = MM, .run = run_open},
    {.name = "close", .value = MM, .run = run_close},
    {.name = "smooth",
     .value = {HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_SIGMA_MM, "mm", NULL},
     .run = run_smooth},
    {.name = NULL}};
