/* Runs segmentation steps on a working mask. */
#include "hilum/segment/step.h"

#include "hilum/filter/morphology.h"
#include "hilum/segment/error.h"
#include "seed_private.h"
#include "step_private.h"

#include <math.h>

typedef struct {
  const HilumStepContext *context;
  const HilumGrid *grid;
  const HilumVolume *volume; /* of the present phase; NULL if there is none */
  HilumMask *working;
  bool made; /* an earlier step of this run left something in `working` */
} Run;

static bool need_volume(const Run *run, GError **error)
{
  if (run->volume != NULL) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                      "There are no images to read.");
  return false;
}

static void replace_working(Run *run, HilumMask *mask)
{
  hilum_mask_free(run->working);
  run->working = mask;
}

/* Voxels at the step's points; fails on a point outside the grid. Free with g_free(). */
static HilumVoxel *dup_seeds(const Run *run, const HilumStep *step, size_t *n, GError **error)
{
  *n = step->points_mm != NULL ? step->points_mm->len : 0;
  if (*n == 0) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED, "No point was given.");
    return NULL;
  }
  g_autofree HilumVoxel *seeds = g_new(HilumVoxel, *n);
  for (size_t s = 0; s < *n; s++) {
    const HilumVec3 p = g_array_index(step->points_mm, HilumVec3, s);
    seeds[s] = hilum_grid_voxel_at_mm(run->grid, p);
    if (hilum_grid_contains(run->grid, seeds[s])) continue;
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                "The point (%.1f, %.1f, %.1f) mm lies outside the volume.", p.x, p.y, p.z);
    return NULL;
  }
  return g_steal_pointer(&seeds);
}

/* What of the working mask is connected to the points. */
static HilumMask *connected_to_points(const Run *run, const HilumStep *step, const HilumProgress *progress,
                                      GError **error)
{
  size_t n, reached = 0;
  g_autofree HilumVoxel *seeds = dup_seeds(run, step, &n, error);
  if (seeds == NULL) return NULL;
  const HilumConnectivity connectivity = step->connectivity ? step->connectivity : HILUM_CONNECT_6;
  g_autoptr(HilumMask) mask =
      hilum_mask_flood(run->working, seeds, n, connectivity, &reached, progress, error);
  if (mask == NULL || reached > 0) return g_steal_pointer(&mask);
  g_autofree char *where = hilum_seed_describe(run->grid, seeds[0]);
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
              "The point %s is not in the structure as it is at this step.", where);
  return NULL;
}

static HilumMask *grow_in_range(const Run *run, const HilumStep *step, const HilumProgress *progress,
                                GError **error)
{
  if (!need_volume(run, error)) return NULL;
  HilumGrowOptions options = {.connectivity = step->connectivity,
                              .lo = step->lo,
                              .hi = step->hi,
                              .tolerance = step->tolerance,
                              .inside = run->made ? run->working : NULL};
  g_autofree HilumVoxel *seeds = dup_seeds(run, step, &options.n_seeds, error);
  if (seeds == NULL) return NULL;
  options.seeds = seeds;
  return hilum_grow(run->volume, &options, NULL, NULL, progress, error);
}

static bool run_mask_maker(Run *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  HilumMask *mask = NULL;
  if (step->op == HILUM_STEP_THRESHOLD) {
    if (need_volume(run, error)) mask = hilum_threshold(run->volume, step->lo, step->hi, progress, error);
  } else if (step->op == HILUM_STEP_GROW && (step->has_range || step->tolerance > 0))
    mask = grow_in_range(run, step, progress, error);
  else
    mask = connected_to_points(run, step, progress, error);
  if (mask == NULL) return false;
  replace_working(run, mask);
  return true;
}

static bool run_with_structure(Run *run, const HilumStep *step, GError **error)
{
  const HilumStepContext *c = run->context;
  const uint8_t label =
      step->name != NULL && c->find_label != NULL ? c->find_label(step->name, c->find_data) : 0;
  if (label == 0) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, "There is no structure called “%s”.",
                step->name != NULL ? step->name : "");
    return false;
  }
  g_autoptr(HilumMask) other = hilum_label_snapshot_dup_mask(c->labels, label, error);
  if (other == NULL) return false;
  if (step->op == HILUM_STEP_INSIDE)
    hilum_mask_and(run->working, other);
  else if (step->op == HILUM_STEP_OUTSIDE)
    hilum_mask_and_not(run->working, other);
  else
    hilum_mask_or(run->working, other);
  return true;
}

static bool run_phase(Run *run, const HilumStep *step, GError **error)
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

static bool remove_below(Run *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  /* A component of exactly the amount stays, whatever the rounding. */
  const double voxels = step->amount * 1000 / hilum_grid_voxel_mm3(run->grid);
  const uint64_t least = voxels < 0x1p62 ? (uint64_t)ceil(voxels * (1 - 1e-9)) : UINT64_MAX;
  const HilumConnectivity connectivity = step->connectivity ? step->connectivity : HILUM_CONNECT_6;
  return hilum_mask_remove_below(run->working, connectivity, least, progress, error);
}

static bool run_step(Run *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const double *spacing = run->grid->spacing_mm;
  switch (step->op) {
  case HILUM_STEP_THRESHOLD:
  case HILUM_STEP_GROW:
  case HILUM_STEP_KEEP:
    return run_mask_maker(run, step, progress, error);
  case HILUM_STEP_FILL_HOLES:
    return hilum_mask_fill_holes(run->working, progress, error);
  case HILUM_STEP_LARGEST:
    return hilum_mask_keep_largest(run->working, step->connectivity ? step->connectivity : HILUM_CONNECT_6,
                                   progress, error);
  case HILUM_STEP_REMOVE_BELOW:
    return remove_below(run, step, progress, error);
  case HILUM_STEP_DILATE:
    return hilum_mask_dilate(run->working, spacing, step->amount, progress, error);
  case HILUM_STEP_ERODE:
    return hilum_mask_erode(run->working, spacing, step->amount, progress, error);
  case HILUM_STEP_OPEN:
    return hilum_mask_open(run->working, spacing, step->amount, progress, error);
  case HILUM_STEP_CLOSE:
    return hilum_mask_close(run->working, spacing, step->amount, progress, error);
  case HILUM_STEP_SMOOTH:
    return hilum_mask_smooth(run->working, spacing, step->amount, progress, error);
  case HILUM_STEP_INSIDE:
  case HILUM_STEP_OUTSIDE:
  case HILUM_STEP_UNION:
    return run_with_structure(run, step, error);
  case HILUM_STEP_PHASE:
    return run_phase(run, step, error);
  }
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, "The step is unknown.");
  return false;
}

static bool check_volumes(const HilumStepContext *c, const HilumGrid *grid, GError **error)
{
  for (size_t v = 0; v < c->n_volumes; v++)
    if (c->volumes[v] != NULL && !hilum_grid_equal(hilum_volume_get_grid(c->volumes[v]), grid, 0.01)) {
      g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                  "The images of phase %zu do not lie on the grid of the structures.", v);
      return false;
    }
  return true;
}

static void add_result(const Run *run, const HilumStep *step, gint64 started, GArray *results)
{
  const uint64_t voxels = hilum_mask_count(run->working);
  HilumStepResult result = {.op = hilum_step_op_name(step->op),
                            .voxels = voxels,
                            .ml = (double)voxels * hilum_grid_voxel_mm3(run->grid) / 1000,
                            .seconds = (double)(g_get_monotonic_time() - started) / 1e6};
  g_array_append_val(results, result);
}

static bool run_all(Run *run, const HilumStep *steps, size_t n_steps, GArray *results,
                    const HilumProgress *progress, GError **error)
{
  for (size_t s = 0; s < n_steps; s++) {
    const gint64 started = g_get_monotonic_time();
    HilumProgress part =
        hilum_progress_part(progress, (double)s / (double)n_steps, (double)(s + 1) / (double)n_steps,
                            hilum_step_op_name(steps[s].op));
    if (hilum_progress_fail(progress, error)) return false;
    if (!run_step(run, &steps[s], &part, error)) {
      if (error != NULL && !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_prefix_error(error, "Step %zu (%s): ", s + 1, hilum_step_op_name(steps[s].op));
      return false;
    }
    if (steps[s].op != HILUM_STEP_PHASE) run->made = true;
    if (results != NULL) add_result(run, &steps[s], started, results);
  }
  return true;
}

HilumMask *hilum_steps_run(const HilumStepContext *context, const HilumStep *steps, size_t n_steps,
                           GArray *results, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(context != NULL && context->labels != NULL, NULL);
  g_return_val_if_fail(context->label != 0 && (steps != NULL || n_steps == 0), NULL);
  Run run = {.context = context,
             .grid = hilum_label_snapshot_get_grid(context->labels),
             .volume = context->n_volumes > 0 ? context->volumes[0] : NULL};
  if (!check_volumes(context, run.grid, error)) return NULL;
  run.working = hilum_label_snapshot_dup_mask(context->labels, context->label, error);
  if (run.working == NULL) return NULL;
  if (!run_all(&run, steps, n_steps, results, progress, error))
    g_clear_pointer(&run.working, hilum_mask_free);
  return run.working;
}
