/* Steps that read the case's other structures. */
#include "step_private.h"

#include "hilum/filter/morphology.h"
#include "hilum/segment/error.h"

typedef void (*Combine)(HilumMask *mask, const HilumMask *other);

/* The structure that the step names, grown by its margin. */
static HilumMask *dup_other(const HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                            GError **error)
{
  g_autoptr(HilumMask) other = hilum_step_dup_structure(run, step->name, error);
  if (other == NULL || (step->margin_mm > 0 &&
                        !hilum_mask_dilate(other, run->grid->spacing_mm, step->margin_mm, progress, error)))
    return NULL;
  return g_steal_pointer(&other);
}

static bool combine(HilumStepRun *run, const HilumStep *step, Combine with, const HilumProgress *progress,
                    GError **error)
{
  g_autoptr(HilumMask) other = dup_other(run, step, progress, error);
  if (other == NULL) return false;
  with(run->working, other);
  return true;
}

static bool run_inside(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  return combine(run, step, hilum_mask_and, progress, error);
}

static bool run_outside(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                        GError **error)
{
  return combine(run, step, hilum_mask_and_not, progress, error);
}

static bool run_union(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  return combine(run, step, hilum_mask_or, progress, error);
}

/* Voxels of exactly one of the two. */
static bool run_xor(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumMask) other = dup_other(run, step, progress, error);
  g_autoptr(HilumMask) both = other != NULL ? hilum_mask_copy(other, error) : NULL;
  if (both == NULL) return false;
  hilum_mask_and(both, run->working);
  hilum_mask_or(run->working, other);
  hilum_mask_and_not(run->working, both);
  return true;
}

static const char *const margin[] = {"margin", NULL};

const HilumStepOp hilum_step_structure_ops[] = {
    {.name = "inside", .value = {HILUM_STEP_VALUE_NAME}, .options = margin, .run = run_inside},
    {.name = "outside", .value = {HILUM_STEP_VALUE_NAME}, .options = margin, .run = run_outside},
    {.name = "union", .value = {HILUM_STEP_VALUE_NAME}, .options = margin, .run = run_union},
    {.name = "xor", .value = {HILUM_STEP_VALUE_NAME}, .options = margin, .run = run_xor},
    {.name = NULL}};
