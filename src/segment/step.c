/* Runs segmentation steps on a working mask. */
#include "step_private.h"

#include "hilum/segment/error.h"

#include <math.h>

bool hilum_step_need_volume(const HilumStepRun *run, GError **error)
{
  if (run->volume != NULL) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                      "There are no images to read.");
  return false;
}

bool hilum_step_replace_working(HilumStepRun *run, HilumMask *mask)
{
  if (mask == NULL) return false;
  hilum_mask_free(run->working);
  run->working = mask;
  return true;
}

void hilum_step_made_by_range(HilumStepRun *run, double lo, double hi)
{
  if (run->volume == run->filtered)
    hilum_step_made_otherwise(run);
  else
    run->by = (HilumMade){HILUM_MADE_BY_RANGE, lo, hi, run->phase};
  run->moved_mm = 0;
}

void hilum_step_made_otherwise(HilumStepRun *run)
{
  run->by = (HilumMade){.how = HILUM_MADE_OTHER};
  run->moved_mm = 0;
}

HilumVoxel *hilum_step_dup_seeds(const HilumStepRun *run, const HilumStep *step, size_t *n, GError **error)
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

HilumMask *hilum_step_dup_structure(const HilumStepRun *run, const char *name, GError **error)
{
  const HilumStepContext *c = run->context;
  const uint8_t label = name != NULL && c->find_label != NULL ? c->find_label(name, c->find_data) : 0;
  if (label != 0) return hilum_label_snapshot_dup_mask(c->labels, label, error);
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, "There is no structure called “%s”.",
              name != NULL ? name : "");
  return NULL;
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

static void add_result(const HilumStepRun *run, const HilumStep *step, gint64 started, GArray *results)
{
  const uint64_t voxels = hilum_mask_count(run->working);
  HilumStepResult result = {.op = hilum_step_op_get_name(step->op),
                            .voxels = voxels,
                            .ml = (double)voxels * hilum_grid_voxel_mm3(run->grid) / 1000,
                            .seconds = (double)(g_get_monotonic_time() - started) / 1e6,
                            .course = run->course};
  g_array_append_val(results, result);
}

static bool run_step(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  if (step->op != NULL) return step->op->run(run, step, progress, error);
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID, "The step is unknown.");
  return false;
}

static bool run_all(HilumStepRun *run, const HilumStep *steps, size_t n_steps, GArray *results,
                    const HilumProgress *progress, GError **error)
{
  for (size_t s = 0; s < n_steps; s++) {
    const gint64 started = g_get_monotonic_time();
    HilumProgress part =
        hilum_progress_part(progress, (double)s / (double)n_steps, (double)(s + 1) / (double)n_steps,
                            hilum_step_op_get_name(steps[s].op));
    run->course = (HilumStepCourse){0};
    if (hilum_progress_fail(progress, error)) return false;
    if (!run_step(run, &steps[s], &part, error)) {
      if (error != NULL && !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_prefix_error(error, "Step %zu (%s): ", s + 1, hilum_step_op_get_name(steps[s].op));
      return false;
    }
    if (!steps[s].op->is_setting) run->made = true;
    if (results != NULL) add_result(run, &steps[s], started, results);
  }
  return true;
}

HilumMask *hilum_steps_run(const HilumStepContext *context, const HilumStep *steps, size_t n_steps,
                           GArray *results, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(context != NULL && context->labels != NULL, NULL);
  g_return_val_if_fail(context->label != 0 && (steps != NULL || n_steps == 0), NULL);
  HilumStepRun run = {.context = context,
                      .grid = hilum_label_snapshot_get_grid(context->labels),
                      .volume = context->n_volumes > 0 ? context->volumes[0] : NULL};
  if (!check_volumes(context, run.grid, error)) return NULL;
  run.working = hilum_label_snapshot_dup_mask(context->labels, context->label, error);
  if (run.working == NULL) return NULL;
  if (!run_all(&run, steps, n_steps, results, progress, error))
    g_clear_pointer(&run.working, hilum_mask_free);
  /* A margin says that the wall is not where the range ends. */
  if (fabs(run.moved_mm) > 1e-9) run.by = (HilumMade){.how = HILUM_MADE_OTHER};
  if (context->made != NULL) *context->made = run.by;
  g_clear_pointer(&run.filtered, hilum_volume_unref);
  return run.working;
}
