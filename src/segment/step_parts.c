/* Steps that judge the working mask by its connected parts and holes. */
#include "step_private.h"

#include <math.h>

static bool run_fill_holes(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                           GError **error)
{
  return hilum_mask_fill_holes(run->working, progress, error);
}

static bool run_largest(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                        GError **error)
{
  return hilum_mask_keep_largest(run->working, hilum_step_connectivity(step), progress, error);
}

static bool run_remove_below(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                             GError **error)
{
  /* A component of exactly the amount stays, whatever the rounding. */
  const double voxels = step->amount * 1000 / hilum_grid_voxel_mm3(run->grid);
  const uint64_t least = voxels < 0x1p62 ? (uint64_t)ceil(voxels * (1 - 1e-9)) : UINT64_MAX;
  return hilum_mask_remove_below(run->working, hilum_step_connectivity(step), least, progress, error);
}

const HilumStepOp hilum_step_part_ops[] = {{.name = "fill-holes", .run = run_fill_holes},
                                           {.name = "largest", .run = run_largest},
                                           {.name = "remove-below",
                                            .value = {HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_ML, "ml", NULL},
                                            .run = run_remove_below},
                                           {.name = NULL}};
