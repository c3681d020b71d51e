/* The workspace's view state: slices, camera, window, crosshair, pointer, options, task, tool and preview. */
#include "workspace_private.h"

#include "hilum/view/tool.h"

#include <string.h>

#define FOCUS_SLICES (HILUM_CHANGE_AXIAL | HILUM_CHANGE_SAGITTAL | HILUM_CHANGE_CORONAL)

void hilum_workspace_place_views(HilumWorkspace *self)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(self);
  if (self->placed || (!volume && !self->labels)) return;
  const HilumGrid *grid = volume ? hilum_volume_get_grid(volume) : hilum_label_map_get_grid(self->labels);
  self->placed = true;
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    hilum_slice_state_init(&self->slices[p], (HilumSlicePlane)p, grid);
  self->cursor_mm =
      hilum_grid_voxel_to_mm(grid, (HilumVoxel){grid->dims[0] / 2, grid->dims[1] / 2, grid->dims[2] / 2});
  hilum_camera_set_view(&self->camera, HILUM_VIEW_ANTERIOR);
  hilum_camera_fit(&self->camera, hilum_grid_bounds_mm(grid), 1, 1);
  unsigned changes = FOCUS_SLICES | HILUM_CHANGE_CURSOR | HILUM_CHANGE_CAMERA;
  if (volume) {
    WorkspacePhase *phase = &g_array_index(self->phases, WorkspacePhase, self->active_phase);
    self->window = hilum_window_default(volume, phase->file_center, phase->file_width);
    changes |= HILUM_CHANGE_WINDOW;
  } else {
    self->placed = false; /* the images may come yet, with a window of their own */
  }
  hilum_workspace_changed(self, changes);
}

const HilumSliceState *hilum_workspace_get_slice(HilumWorkspace *self, HilumSlicePlane plane)
{
  g_return_val_if_fail(plane < HILUM_SLICE_PLANES, NULL);
  return &self->slices[plane];
}

void hilum_workspace_set_slice(HilumWorkspace *self, const HilumSliceState *state)
{
  g_return_if_fail(state->plane < HILUM_SLICE_PLANES);
  HilumSliceState *mine = &self->slices[state->plane];
  unsigned changes = HILUM_CHANGE_AXIAL << state->plane;
  if (mine->slice != state->slice) {
    /* The crosshair rides on the slice, so that the other panes show where it is. */
    HilumIndexPos p = hilum_grid_from_mm(&state->grid, self->cursor_mm);
    double *at = state->n_axis == 0 ? &p.i : state->n_axis == 1 ? &p.j : &p.k;
    *at = state->slice;
    self->cursor_mm = hilum_grid_to_mm(&state->grid, p);
    changes |= HILUM_CHANGE_CURSOR;
  }
  *mine = *state;
  hilum_workspace_changed(self, changes);
}

const HilumCamera *hilum_workspace_get_camera(HilumWorkspace *self)
{
  return &self->camera;
}

void hilum_workspace_set_camera(HilumWorkspace *self, const HilumCamera *camera)
{
  self->camera = *camera;
  hilum_workspace_changed(self, HILUM_CHANGE_CAMERA);
}

HilumVec3 hilum_workspace_get_cursor_mm(HilumWorkspace *self)
{
  return self->cursor_mm;
}

void hilum_workspace_set_cursor_mm(HilumWorkspace *self, HilumVec3 point_mm)
{
  if (!hilum_vec3_is_finite(point_mm)) return;
  unsigned changes = HILUM_CHANGE_CURSOR;
  self->cursor_mm = point_mm;
  for (int p = 0; p < HILUM_SLICE_PLANES; p++)
    if (hilum_slice_state_go_to_mm(&self->slices[p], point_mm)) changes |= HILUM_CHANGE_AXIAL << p;
  hilum_workspace_changed(self, changes);
}

void hilum_workspace_set_pointer(HilumWorkspace *self, HilumSlicePlane plane, HilumVec3 point_mm, bool inside)
{
  if (!inside && !self->pointer_inside) return;
  self->pointer_plane = plane;
  self->pointer_mm = point_mm;
  self->pointer_inside = inside;
  hilum_workspace_changed(self, HILUM_CHANGE_POINTER);
}

bool hilum_workspace_get_pointer(HilumWorkspace *self, HilumSlicePlane *plane, HilumVec3 *point_mm)
{
  if (plane) *plane = self->pointer_plane;
  if (point_mm) *point_mm = self->pointer_mm;
  return self->pointer_inside;
}

bool hilum_workspace_probe(HilumWorkspace *self, HilumVec3 point_mm, double *value, uint8_t *label)
{
  HilumVolume *volume = hilum_workspace_get_active_volume(self);
  if (value) *value = NAN;
  if (label) *label = 0;
  if (label && self->labels) {
    const HilumGrid *grid = hilum_label_map_get_grid(self->labels);
    HilumVoxel v = hilum_grid_voxel_at_mm(grid, point_mm);
    if (hilum_grid_contains(grid, v)) *label = hilum_label_map_get(self->labels, v);
  }
  if (!volume) return false;
  HilumVoxel v = hilum_grid_voxel_at_mm(hilum_volume_get_grid(volume), point_mm);
  if (!hilum_grid_contains(hilum_volume_get_grid(volume), v)) return false;
  if (value) *value = hilum_volume_get_value(volume, v);
  return true;
}

const HilumViewOptions *hilum_workspace_get_options(HilumWorkspace *self)
{
  return &self->options;
}

void hilum_workspace_set_options(HilumWorkspace *self, const HilumViewOptions *options)
{
  self->options = *options;
  hilum_workspace_changed(self, HILUM_CHANGE_OPTIONS);
}

/* --- task, tool, preview --- */

HilumTask hilum_workspace_get_task(HilumWorkspace *self)
{
  return self->task;
}

void hilum_workspace_set_task(HilumWorkspace *self, HilumTask task)
{
  if (task == self->task) return;
  self->task = task;
  hilum_workspace_changed(self, HILUM_CHANGE_TASK);
}

void hilum_workspace_set_tool(HilumWorkspace *self, HilumTool *tool)
{
  if (tool == self->tool) return;
  HilumTool *before = self->tool;
  if (before) hilum_tool_cancel(before);
  self->tool = tool ? g_object_ref(tool) : NULL;
  g_clear_object(&before);
  hilum_workspace_changed(self, HILUM_CHANGE_TOOL);
}

HilumTool *hilum_workspace_get_tool(HilumWorkspace *self)
{
  return self->tool;
}

void hilum_workspace_outline_changed(HilumWorkspace *self)
{
  hilum_workspace_changed(self, HILUM_CHANGE_OUTLINE);
}

HilumEditLimits hilum_workspace_get_limits(HilumWorkspace *self)
{
  HilumEditLimits limits = self->limits;
  if (!self->looks[limits.other].used) limits.other = 0;
  return limits;
}

void hilum_workspace_set_limits(HilumWorkspace *self, const HilumEditLimits *limits)
{
  self->limits = *limits;
  hilum_workspace_changed(self, HILUM_CHANGE_LIMITS);
}

const HilumPreview *hilum_workspace_get_preview(HilumWorkspace *self)
{
  return &self->preview;
}

static void set_preview(HilumWorkspace *self, HilumPreview preview, HilumMask *mask,
                        HilumLabelSnapshot *labels)
{
  g_clear_pointer(&self->preview_mask, hilum_mask_free);
  g_clear_pointer(&self->preview_labels, hilum_label_snapshot_unref);
  self->preview_mask = mask;
  self->preview_labels = labels;
  preview.serial = hilum_workspace_next_serial();
  self->preview = preview;
  hilum_workspace_changed(self, HILUM_CHANGE_PREVIEW);
}

void hilum_workspace_set_preview_mask(HilumWorkspace *self, HilumMask *mask)
{
  set_preview(self, (HilumPreview){.kind = HILUM_PREVIEW_MASK, .mask = mask, .box = hilum_mask_bounds(mask)},
              mask, NULL);
}

void hilum_workspace_set_preview_labels(HilumWorkspace *self, HilumLabelSnapshot *labels, HilumVoxelBox box)
{
  set_preview(self, (HilumPreview){.kind = HILUM_PREVIEW_LABELS, .labels = labels, .box = box}, NULL,
              hilum_label_snapshot_ref(labels));
}

void hilum_workspace_set_preview_range(HilumWorkspace *self, double lo, double hi)
{
  set_preview(self, (HilumPreview){.kind = HILUM_PREVIEW_RANGE, .lo = lo, .hi = hi}, NULL, NULL);
}

void hilum_workspace_clear_preview(HilumWorkspace *self)
{
  if (self->preview.kind != HILUM_PREVIEW_NONE) set_preview(self, (HilumPreview){0}, NULL, NULL);
}
