/* Steps that make another shape of the working mask: walls, what lies between slices, parts of what touches.
 */
#include "hilum/filter/morphology.h"
#include "hilum/segment/error.h"
#include "hilum/segment/fill_slices.h"
#include "hilum/segment/split.h"
#include "step_private.h"

/* A ring of that thickness around the structure; the structure itself goes. */
static bool run_shell(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumMask) inner = hilum_mask_copy(run->working, error);
  if (inner == NULL || !hilum_mask_dilate(run->working, run->grid->spacing_mm, step->amount, progress, error))
    return false;
  hilum_mask_and_not(run->working, inner);
  hilum_step_made_otherwise(run);
  return true;
}

/* What lies deeper than the thickness goes. */
static bool run_hollow(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  g_autoptr(HilumMask) core = hilum_mask_copy(run->working, error);
  if (core == NULL || !hilum_mask_erode(core, run->grid->spacing_mm, step->amount, progress, error))
    return false;
  hilum_mask_and_not(run->working, core);
  return true;
}

static bool run_fill_slices(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                            GError **error)
{
  return hilum_mask_fill_slices(run->working, run->grid->spacing_mm, (int)step->amount - 1, progress, error);
}

/* The parts that hold the points: apart from those of the other points, or by how thin the necks are. */
static bool run_part(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  enum { KEPT = 1, LEFT = 2 };
  const HilumStep other = {.points_mm = step->against_mm};
  size_t n, n_against = 0;
  g_autofree HilumVoxel *points = hilum_step_dup_seeds(run, step, &n, error);
  g_autofree HilumVoxel *against =
      points != NULL && other.points_mm != NULL ? hilum_step_dup_seeds(run, &other, &n_against, error) : NULL;
  if (points == NULL || (other.points_mm != NULL && against == NULL)) return false;
  g_autoptr(GArray) seeds = g_array_new(FALSE, FALSE, sizeof(HilumSplitSeed));
  if (n_against > 0) hilum_split_seeds_add(seeds, points, n, KEPT);
  hilum_split_seeds_add(seeds, against, n_against, LEFT);
  const HilumSplitOptions options = {.depth_mm = step->neck_mm,
                                     .n_parts = (uint32_t)step->parts,
                                     .seeds = (const HilumSplitSeed *)(void *)seeds->data,
                                     .n_seeds = seeds->len};
  g_autoptr(HilumSplit) split =
      hilum_split_new(run->working, run->grid->spacing_mm, &options, progress, error);
  if (split == NULL) return false;
  g_autofree uint8_t *keep = g_new0(uint8_t, hilum_split_get_count(split) + 1);
  for (size_t p = 0; p < n; p++)
    keep[hilum_split_at(split, points[p])] = 1;
  if (keep[0]) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "A point of the part to keep lies outside the structure as it is at this step.");
    return false;
  }
  return hilum_step_replace_working(run, hilum_split_dup_mask(split, keep, error));
}

static const char *const axes[] = {"auto", "x", "y", "z", NULL};
static const char *const part_options[] = {"against", "neck", "parts", NULL};

#define MM                                                                                                   \
  {                                                                                                          \
    HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm", NULL                                                   \
  }

const HilumStepOp hilum_step_shape_ops[] = {
    {.name = "shell", .value = MM, .run = run_shell},
    {.name = "hollow", .value = MM, .run = run_hollow},
    {.name = "fill-slices", .value = {.kind = HILUM_STEP_VALUE_WORD, .words = axes}, .run = run_fill_slices},
    {.name = "part", .value = {HILUM_STEP_VALUE_POINTS}, .options = part_options, .run = run_part},
    {.name = NULL}};
