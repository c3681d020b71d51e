/* What tool jobs compute: pure functions of a volume and a label snapshot, on a worker thread. */
#include "tool_private.h"

#include "hilum/segment/error.h"

static HilumMask *structure_mask(const HilumToolJob *job, GError **error)
{
  return hilum_label_snapshot_dup_mask(job->labels, job->structure, error);
}

static HilumMask *grow(const HilumToolJob *job, ToolResult *out, const HilumProgress *progress,
                       GError **error)
{
  g_autoptr(HilumMask) inside = NULL;
  if (job->only_inside) {
    inside = structure_mask(job, error);
    if (!inside) return NULL;
  }
  HilumGrowOptions options = {.seeds = &job->seed,
                              .n_seeds = 1,
                              .connectivity = job->connectivity,
                              .lo = job->lo,
                              .hi = job->hi,
                              .tolerance = job->tolerance,
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

ToolResult *hilum_tool_work_run(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(job->labels, NULL);
  ToolResult *out = g_new0(ToolResult, 1);
  HilumProgress compute = hilum_progress_part(progress, 0, job->write_delta ? 0.8 : 1, NULL);
  out->lo = job->lo;
  out->hi = job->hi;
  if (job->work == TOOL_WORK_THRESHOLD)
    out->mask = hilum_threshold(job->volume, job->lo, job->hi, &compute, error);
  else if (job->work == TOOL_WORK_GROW)
    out->mask = grow(job, out, &compute, error);
  else
    out->mask = islands(job, &compute, error);
  if (out->mask && job->write_delta) {
    HilumProgress write = hilum_progress_part(progress, 0.8, 1, NULL);
    out->delta = hilum_label_delta_new_from_mask(job->labels, out->mask, NULL, &job->write, &write, error);
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
  g_free(result);
}
