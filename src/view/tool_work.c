/* What tool jobs compute: pure functions of a volume and a label snapshot, on a worker thread. */
#include "tool_private.h"

#include "hilum/segment/error.h"

static HilumMask *structure_mask(const HilumToolJob *job, GError **error)
{
  return hilum_label_snapshot_dup_mask(job->labels, job->structure, error);
}

/* Where growth may go: the structure's own voxels, and the inside or outside of another one if edits are
 * limited to that. *inside stays NULL for anywhere. */
static bool make_inside(const HilumToolJob *job, HilumMask **inside, GError **error)
{
  if (job->only_inside && !(*inside = structure_mask(job, error))) return false;
  if (job->limits.where == HILUM_EDIT_ANYWHERE || job->limits.other == 0) return true;
  g_autoptr(HilumMask) fence = hilum_label_snapshot_dup_mask(job->labels, job->limits.other, error);
  if (!fence) return false;
  if (job->limits.where == HILUM_EDIT_OUTSIDE) hilum_mask_invert(fence);
  if (*inside)
    hilum_mask_and(*inside, fence);
  else
    *inside = g_steal_pointer(&fence);
  return true;
}

static HilumMask *grow(const HilumToolJob *job, ToolResult *out, const HilumProgress *progress,
                       GError **error)
{
  g_autoptr(HilumMask) inside = NULL;
  if (!make_inside(job, &inside, error)) return NULL;
  HilumGrowOptions options = {.seeds = job->seeds,
                              .n_seeds = job->n_seeds,
                              .connectivity = job->connectivity,
                              .lo = job->lo,
                              .hi = job->hi,
                              .tolerance = job->tolerance,
                              .confidence = job->confidence,
                              .barrier = job->barrier,
                              .radius_mm = job->radius_mm,
                              .inside = inside};
  return hilum_grow(job->volume, &options, &out->lo, &out->hi, progress, error);
}

/* The component that holds the seed, or everything else. */
static bool keep_clicked(const HilumToolJob *job, HilumMask **mask, bool keep, const HilumProgress *progress,
                         GError **error)
{
  size_t reached = 0;
  HilumMask *part = hilum_mask_flood(*mask, &job->seed, 1, job->connectivity, &reached, progress, error);
  if (!part) return false;
  if (reached == 0) {
    hilum_mask_free(part);
    g_set_error_literal(
        error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
        "There is no voxel of this structure where you clicked; click into one of its parts.");
    return false;
  }
  if (keep) {
    hilum_mask_free(*mask);
    *mask = part;
  } else {
    hilum_mask_and_not(*mask, part);
    hilum_mask_free(part);
  }
  return true;
}

static HilumMask *islands(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  HilumMask *mask = structure_mask(job, error);
  if (!mask) return NULL;
  bool ok = false;
  double voxel_ml = hilum_grid_voxel_mm3(hilum_label_snapshot_get_grid(job->labels)) / 1000;
  switch (job->islands) {
  case HILUM_ISLANDS_KEEP_CLICKED:
    ok = keep_clicked(job, &mask, true, progress, error);
    break;
  case HILUM_ISLANDS_REMOVE_CLICKED:
    ok = keep_clicked(job, &mask, false, progress, error);
    break;
  case HILUM_ISLANDS_SPLIT_CLICKED: /* written into another label */
    ok = keep_clicked(job, &mask, true, progress, error);
    break;
  case HILUM_ISLANDS_KEEP_LARGEST:
    ok = hilum_mask_keep_largest(mask, job->connectivity, progress, error);
    break;
  case HILUM_ISLANDS_REMOVE_BELOW:
    ok = hilum_mask_remove_below(mask, job->connectivity, (uint64_t)ceil(MAX(job->min_ml, 0) / voxel_ml),
                                 progress, error);
    break;
  case HILUM_ISLANDS_FILL_HOLES:
    ok = hilum_mask_fill_holes(mask, progress, error);
    break;
  }
  if (!ok) g_clear_pointer(&mask, hilum_mask_free);
  return mask;
}

/* What an outline covers in its slice; `region` becomes where anything can change. */
static HilumMask *draw(const HilumToolJob *job, HilumVoxelBox *region, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(job->labels);
  HilumMask *mask = hilum_mask_new(grid->dims, error);
  if (!mask) return NULL;
  HilumVoxelBox touched = {{0}, {0}};
  hilum_polygon_fill_slice(&job->cut.polygon, job->n_axis, job->slice, mask, &touched);
  if (job->write.mode == HILUM_LABEL_REPLACE) {
    touched = *region;
    touched.lo[job->n_axis] = job->slice;
    touched.hi[job->n_axis] = job->slice + 1;
  }
  *region = touched;
  return mask;
}

static HilumMask *cut(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  uint8_t set[HILUM_LABEL_COUNT];
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    set[l] = job->targets[l];
  HilumMask *mask = hilum_label_snapshot_dup_mask_of_set(job->labels, set, error);
  const HilumGrid *grid = hilum_label_snapshot_get_grid(job->labels);
  if (mask && !hilum_scissors_cut(&job->cut, grid, mask, progress, error))
    g_clear_pointer(&mask, hilum_mask_free);
  return mask;
}

/* Takes out what may not be changed. */
static bool limit(const HilumToolJob *job, ToolResult *out, HilumVoxelBox region, GError **error)
{
  if (job->write_delta && job->write.mode == HILUM_LABEL_REPLACE)
    return hilum_edit_limits_apply_replacing(&job->limits, job->volume, job->labels, job->structure, region,
                                             out->mask, &out->refused, error);
  hilum_edit_limits_apply(&job->limits, job->volume, job->labels, region, out->mask, &out->refused);
  return true;
}

static HilumMask *make_mask(const HilumToolJob *job, ToolResult *out, HilumVoxelBox *region,
                            const HilumProgress *progress, GError **error)
{
  switch (job->work) {
  case TOOL_WORK_THRESHOLD:
    return hilum_threshold(job->volume, job->lo, job->hi, progress, error);
  case TOOL_WORK_GROW:
    return grow(job, out, progress, error);
  case TOOL_WORK_ISLANDS:
    return islands(job, progress, error);
  case TOOL_WORK_DRAW:
    return draw(job, region, error);
  case TOOL_WORK_CUT:
    return cut(job, progress, error);
  case TOOL_WORK_VESSEL:
    return hilum_tool_vessel_work(job, progress, error);
  case TOOL_WORK_RELABEL:
    break; /* has no mask */
  }
  g_return_val_if_reached(NULL);
}

/* Several structures at once. */
static ToolResult *relabel(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  ToolResult *out = g_new0(ToolResult, 1);
  out->after = job->relabel(job, &out->box, progress, error);
  if (out->after && job->write_delta)
    out->delta = hilum_label_delta_new_from_snapshots(job->labels, out->after, error);
  if (out->after && (out->delta || !job->write_delta)) return out;
  hilum_tool_result_free(out);
  return NULL;
}

ToolResult *hilum_tool_work_run(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(job->labels, NULL);
  if (job->work == TOOL_WORK_RELABEL) return relabel(job, progress, error);
  ToolResult *out = g_new0(ToolResult, 1);
  HilumProgress compute = hilum_progress_part(progress, 0, job->write_delta ? 0.8 : 1, NULL);
  out->lo = job->lo;
  out->hi = job->hi;
  const int32_t *dims = hilum_label_snapshot_get_grid(job->labels)->dims;
  HilumVoxelBox region = {{0, 0, 0}, {dims[0], dims[1], dims[2]}};
  out->mask = make_mask(job, out, &region, &compute, error);
  if (job->work == TOOL_WORK_THRESHOLD || job->work == TOOL_WORK_GROW)
    out->made = (HilumMade){HILUM_MADE_BY_RANGE, out->lo, out->hi, job->phase};
  else if (job->work == TOOL_WORK_VESSEL)
    out->made.how = HILUM_MADE_OTHER;
  if (out->mask && !limit(job, out, region, error)) g_clear_pointer(&out->mask, hilum_mask_free);
  if (out->mask && job->write_delta) {
    HilumProgress write = hilum_progress_part(progress, 0.8, 1, NULL);
    out->delta = hilum_label_delta_new_from_mask(job->labels, out->mask, &region, &job->write, &write, error);
  }
  if (!out->mask || (job->write_delta && !out->delta)) {
    hilum_tool_result_free(out);
    return NULL;
  }
  out->voxels = hilum_mask_count(out->mask);
  return out;
}

void hilum_tool_result_free(ToolResult *result)
{
  if (!result) return;
  g_clear_pointer(&result->mask, hilum_mask_free);
  g_clear_pointer(&result->delta, hilum_label_delta_unref);
  g_clear_pointer(&result->after, hilum_label_snapshot_unref);
  g_free(result);
}
