/* Steps that follow vessels, as the window's tool does. Points are LPS millimetres. */
#include "hilum/segment/vessel.h"

#include "hilum/segment/error.h"
#include "step_private.h"

static HilumVesselOptions options_of(const HilumStepRun *run, const HilumStep *step)
{
  return (HilumVesselOptions){.max_radius_mm = step->radius_mm,
                              .tolerance = step->tolerance,
                              .calcium_ml = step->calcium_ml,
                              .inside = run->made ? run->working : NULL};
}

/* What the tree grown from the points holds. */
static bool run_vessel_tree(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                            GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  const HilumVesselOptions options = options_of(run, step);
  hilum_step_made_otherwise(run);
  return hilum_step_replace_working(
      run, hilum_vessel_tree(run->volume, (const HilumVec3 *)(void *)step->points_mm->data,
                             step->points_mm->len, &options, NULL, progress, error));
}

/* All branches as one: how long, how wide on the way, how narrow at worst. */
static void report_course(HilumStepRun *run, const HilumVessel *vessel)
{
  HilumStepCourse *course = &run->course;
  for (guint b = 0; b < vessel->branches->len; b++) {
    const HilumVesselBranch *branch = vessel->branches->pdata[b];
    if (b == 0 || branch->least_diameter_mm < course->least_diameter_mm) {
      course->least_diameter_mm = branch->least_diameter_mm;
      course->narrowest_mm = branch->narrowest_mm;
    }
    course->mean_diameter_mm += branch->mean_diameter_mm * branch->length_mm;
    course->length_mm += branch->length_mm;
  }
  if (course->length_mm > 0) course->mean_diameter_mm /= course->length_mm;
}

/* The lumen between the points, in their order. */
static bool run_vessel(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  const HilumVesselOptions options = options_of(run, step);
  g_autoptr(HilumVessel) vessel =
      hilum_vessel_trace(run->volume, (const HilumVec3 *)(void *)step->points_mm->data, step->points_mm->len,
                         &options, progress, error);
  if (vessel == NULL) return false;
  report_course(run, vessel);
  hilum_step_made_otherwise(run);
  return hilum_step_replace_working(run, g_steal_pointer(&vessel->mask));
}

/* Of the working mask, the vessel of the points and not that of the others. */
static bool run_separate(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                         GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  if (step->against_mm == NULL) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "Vessels are parted by points in both of them: say with “against” which goes.");
    return false;
  }
  const HilumStep against = {.points_mm = step->against_mm};
  size_t n_kept, n_other;
  g_autofree HilumVoxel *kept = hilum_step_dup_seeds(run, step, &n_kept, error);
  g_autofree HilumVoxel *other = kept != NULL ? hilum_step_dup_seeds(run, &against, &n_other, error) : NULL;
  if (other == NULL) return false;
  return hilum_step_replace_working(
      run, hilum_vessel_separate(run->volume, run->working, kept, n_kept, other, n_other, progress, error));
}

static const char *const vessel_options[] = {"tolerance", "radius", "calcium", NULL};
static const char *const separate_options[] = {"against", NULL};

const HilumStepOp hilum_step_vessel_ops[] = {{.name = "vessel",
                                              .value = {HILUM_STEP_VALUE_POINTS},
                                              .options = vessel_options,
                                              .reads_images = true,
                                              .run = run_vessel},
                                             {.name = "vessel-tree",
                                              .value = {HILUM_STEP_VALUE_POINTS},
                                              .options = vessel_options,
                                              .reads_images = true,
                                              .run = run_vessel_tree},
                                             {.name = "separate",
                                              .value = {HILUM_STEP_VALUE_POINTS},
                                              .options = separate_options,
                                              .reads_images = true,
                                              .run = run_separate},
                                             {.name = NULL}};

static void store_calcium(HilumStep *step, const HilumStep *parsed)
{
  step->calcium_ml = parsed->amount;
}

const HilumStepOption hilum_step_vessel_options[] = {
    {"calcium",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_ML, .unit = "ml"},
     store_calcium,
     NULL,
     NULL},
    {NULL, {0}, NULL, NULL, NULL}};
