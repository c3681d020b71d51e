/* What jobs of the vessel tool compute, on a worker thread. */
#include "tool_vessel_private.h"

ToolVessel *hilum_tool_vessel_new(HilumVesselAction action, bool map)
{
  ToolVessel *v = g_new0(ToolVessel, 1);
  v->action = action;
  v->wants_map = map;
  v->points = g_array_new(FALSE, FALSE, sizeof(ToolVesselPoint));
  v->sources_mm = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  v->branches = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
  return v;
}

void hilum_tool_vessel_free(gpointer data)
{
  ToolVessel *v = data;
  g_array_unref(v->points);
  g_array_unref(v->sources_mm);
  g_ptr_array_unref(v->branches);
  g_clear_pointer(&v->map, hilum_vessel_map_free);
  g_free(v);
}

/* Places of the points of one side. */
static GArray *places(const ToolVessel *v, bool other)
{
  GArray *at = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  for (guint p = 0; p < v->points->len; p++) {
    const ToolVesselPoint *point = &g_array_index(v->points, ToolVesselPoint, p);
    if (point->other == other) g_array_append_val(at, point->at_mm);
  }
  return at;
}

static GArray *voxels(const ToolVessel *v, const HilumGrid *grid, bool other)
{
  g_autoptr(GArray) at = places(v, other);
  GArray *found = g_array_new(FALSE, FALSE, sizeof(HilumVoxel));
  for (guint p = 0; p < at->len; p++) {
    const HilumVoxel voxel = hilum_grid_voxel_at_mm(grid, g_array_index(at, HilumVec3, p));
    g_array_append_val(found, voxel);
  }
  return found;
}

static void keep_branch(ToolVessel *v, const HilumVesselBranch *branch)
{
  GArray *line = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  for (guint n = 0; n < branch->points->len; n++)
    g_array_append_val(line, g_array_index(branch->points, HilumVesselPoint, n).at_mm);
  g_ptr_array_add(v->branches, line);
  if (v->length_mm == 0 || branch->least_diameter_mm < v->least_diameter_mm)
    v->least_diameter_mm = branch->least_diameter_mm;
  const double length = v->length_mm + branch->length_mm;
  v->mean_diameter_mm =
      (v->mean_diameter_mm * v->length_mm + branch->mean_diameter_mm * branch->length_mm) / length;
  v->length_mm = length;
}

static HilumMask *trace(const HilumToolJob *job, const HilumVec3 *points_mm, size_t n,
                        const HilumProgress *progress, GError **error)
{
  ToolVessel *v = job->extra;
  g_autoptr(HilumVessel) vessel = hilum_vessel_trace(job->volume, points_mm, n, &v->options, progress, error);
  if (!vessel) return NULL;
  for (guint b = 0; b < vessel->branches->len; b++)
    keep_branch(v, vessel->branches->pdata[b]);
  return g_steal_pointer(&vessel->mask);
}

/* The vessel that goes. */
static HilumMask *part(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  const ToolVessel *v = job->extra;
  const HilumGrid *grid = hilum_volume_get_grid(job->volume);
  g_autoptr(GArray) stays = voxels(v, grid, false), goes = voxels(v, grid, true);
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(job->labels, job->structure, error);
  if (!mask) return NULL;
  g_autoptr(HilumMask) kept =
      hilum_vessel_separate(job->volume, mask, (const HilumVoxel *)(void *)stays->data, stays->len,
                            (const HilumVoxel *)(void *)goes->data, goes->len, progress, error);
  if (!kept) return NULL;
  hilum_mask_and_not(mask, kept);
  return g_steal_pointer(&mask);
}

HilumMask *hilum_tool_vessel_work(const HilumToolJob *job, const HilumProgress *progress, GError **error)
{
  ToolVessel *v = job->extra;
  g_autoptr(GArray) at = places(v, false);
  const HilumVec3 *points_mm = (const HilumVec3 *)(void *)at->data;
  if (v->wants_map) {
    const GArray *from = v->sources_mm->len > 0 ? v->sources_mm : at;
    v->map = hilum_vessel_map_new(job->volume, (const HilumVec3 *)(void *)from->data, from->len, &v->options,
                                  progress, error);
    return v->map ? hilum_mask_new(hilum_volume_get_grid(job->volume)->dims, error) : NULL;
  }
  switch (v->action) {
  case HILUM_VESSEL_COURSE:
    return trace(job, points_mm, at->len, progress, error);
  case HILUM_VESSEL_TREE:
    return hilum_vessel_tree(job->volume, points_mm, at->len, &v->options, &v->tree, progress, error);
  case HILUM_VESSEL_APART:
    return part(job, progress, error);
  }
  g_return_val_if_reached(NULL);
}
