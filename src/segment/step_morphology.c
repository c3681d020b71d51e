/* Steps that move or round the wall of the working mask, in millimetres. */
#include "step_private.h"

#include "hilum/filter/majority.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/error.h"

#include <math.h>

static HilumElement element_of(const HilumStep *step)
{
  const HilumVec3 by = step->has_stretch ? step->stretch : hilum_vec3(1, 1, 1);
  return (HilumElement){{step->amount * by.x, step->amount * by.y, step->amount * by.z}, step->box};
}

/* The stretch as it was given says nothing wrong silently: a shape that does nothing is refused. */
static bool check_stretch(const HilumStep *step, GError **error)
{
  const HilumVec3 s = step->stretch;
  if (!step->has_stretch || (fmin(s.x, fmin(s.y, s.z)) >= 0 && fmax(s.x, fmax(s.y, s.z)) > 0 &&
                             step->amount * fmax(s.x, fmax(s.y, s.z)) <= HILUM_STEP_MAX_MM))
    return true;
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
              "The stretch %g,%g,%g does not give radii between 0 and %g mm, one of them above 0.", s.x, s.y,
              s.z, HILUM_STEP_MAX_MM);
  return false;
}

static bool run_dilate(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  const HilumElement element = element_of(step);
  run->moved_mm += step->amount;
  return check_stretch(step, error) &&
         hilum_mask_dilate_by(run->working, run->grid->spacing_mm, &element, progress, error);
}

static bool run_erode(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const HilumElement element = element_of(step);
  run->moved_mm -= step->amount;
  return check_stretch(step, error) &&
         hilum_mask_erode_by(run->working, run->grid->spacing_mm, &element, progress, error);
}

static bool run_open(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const HilumProgress first = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress second = hilum_progress_part(progress, 0.5, 1, NULL);
  return run_erode(run, step, &first, error) && run_dilate(run, step, &second, error);
}

static bool run_close(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const HilumProgress first = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress second = hilum_progress_part(progress, 0.5, 1, NULL);
  return run_dilate(run, step, &first, error) && run_erode(run, step, &second, error);
}

static bool run_smooth(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  return hilum_mask_smooth(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

static bool run_median(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  return hilum_mask_median(run->working, progress, error);
}

static bool run_majority(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                         GError **error)
{
  return hilum_mask_majority(run->working, run->grid->spacing_mm, step->amount, progress, error);
}

#define MM                                                                                                   \
  {                                                                                                          \
    HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm", NULL                                                   \
  }

static const char *const shape_options[] = {"shape", "stretch", NULL};

const HilumStepOp hilum_step_morphology_ops[] = {
    {.name = "dilate", .value = MM, .options = shape_options, .run = run_dilate},
    {.name = "erode", .value = MM, .options = shape_options, .run = run_erode},
    {.name = "open", .value = MM, .options = shape_options, .run = run_open},
    {.name = "close", .value = MM, .options = shape_options, .run = run_close},
    {.name = "smooth",
     .value = {HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_SIGMA_MM, "mm", NULL},
     .run = run_smooth},
    {.name = "median", .run = run_median},
    {.name = "majority",
     .value = {HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_MAJORITY_MM, "mm", NULL},
     .run = run_majority},
    {.name = NULL}};
