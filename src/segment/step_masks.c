/* Steps that make the working mask from the images or from points. */
#include "step_private.h"

#include "hilum/segment/error.h"
#include "hilum/segment/kidney.h"
#include "seed_private.h"

#include <math.h>

static bool run_threshold(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                          GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  hilum_step_made_by_range(run, step->lo, step->hi);
  return hilum_step_replace_working(run, hilum_threshold(run->volume, step->lo, step->hi, progress, error));
}

/* What of the working mask is connected to the points. */
static bool run_keep(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  size_t n, reached = 0;
  g_autofree HilumVoxel *seeds = hilum_step_dup_seeds(run, step, &n, error);
  if (seeds == NULL) return false;
  HilumMask *mask =
      hilum_mask_flood(run->working, seeds, n, hilum_step_connectivity(step), &reached, progress, error);
  if (!hilum_step_replace_working(run, mask)) return false;
  if (reached > 0) return true;
  g_autofree char *where = hilum_seed_describe(run->grid, seeds[0]);
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
              "The point %s is not in the structure as it is at this step.", where);
  return false;
}

static bool run_grow(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const bool has_values = step->has_range || step->tolerance > 0 || step->confidence > 0;
  if (!has_values && !(step->barrier > 0) && !(step->radius_mm > 0))
    return run_keep(run, step, progress, error);
  if (!hilum_step_need_volume(run, error)) return false;
  HilumGrowOptions options = {.connectivity = step->connectivity,
                              .lo = step->has_range ? step->lo : -INFINITY,
                              .hi = step->has_range ? step->hi : INFINITY,
                              .tolerance = step->tolerance,
                              .confidence = step->confidence,
                              .iterations = step->iterations,
                              .barrier = step->barrier,
                              .radius_mm = step->radius_mm,
                              .inside = run->made || !has_values ? run->working : NULL};
  g_autofree HilumVoxel *seeds = hilum_step_dup_seeds(run, step, &options.n_seeds, error);
  if (seeds == NULL) return false;
  options.seeds = seeds;
  double lo, hi;
  HilumMask *mask = hilum_grow(run->volume, &options, &lo, &hi, progress, error);
  if (mask != NULL && has_values) hilum_step_made_by_range(run, lo, hi);
  return hilum_step_replace_working(run, mask);
}

static bool run_kidney(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  size_t n;
  g_autofree HilumVoxel *seeds = hilum_step_dup_seeds(run, step, &n, error);
  if (seeds == NULL) return false;
  hilum_step_made_otherwise(run);
  return hilum_step_replace_working(
      run,
      hilum_kidney_from_click(run->volume, seeds[0], run->made ? run->working : NULL, NULL, progress, error));
}

static const char *const grow_options[] = {"range",   "tolerance", "confidence",   "iterations",
                                           "barrier", "radius",    "connectivity", NULL};

const HilumStepOp hilum_step_mask_ops[] = {
    {.name = "threshold", .value = {HILUM_STEP_VALUE_RANGE}, .reads_images = true, .run = run_threshold},
    {.name = "grow",
     .value = {HILUM_STEP_VALUE_POINTS},
     .options = grow_options,
     .reads_images = true,
     .run = run_grow},
    {.name = "kidney", .value = {HILUM_STEP_VALUE_POINTS}, .reads_images = true, .run = run_kidney},
    {.name = "keep", .value = {HILUM_STEP_VALUE_POINTS}, .run = run_keep},
    {.name = NULL}};
