/* The workspace: models cut open along a slice. */
#include "workspace_private.h"

void hilum_workspace_drop_cap(HilumWorkspace *self, uint8_t label)
{
  WorkspaceCap *cap = &self->caps[label];
  g_clear_pointer(&cap->fill, hilum_mesh_unref);
  g_clear_pointer(&cap->outline, g_array_unref);
  cap->serial = 0;
}

void hilum_workspace_clear_caps(HilumWorkspace *self)
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    hilum_workspace_drop_cap(self, (uint8_t)l);
  self->clipped = false;
}

const HilumClip *hilum_workspace_get_clip(HilumWorkspace *self)
{
  return &self->clip;
}

void hilum_workspace_set_clip(HilumWorkspace *self, const HilumClip *clip)
{
  g_return_if_fail(clip->plane < HILUM_SLICE_PLANES);
  if (clip->on == self->clip.on && clip->plane == self->clip.plane &&
      clip->other_side == self->clip.other_side)
    return;
  self->clip = *clip;
  if (!clip->on) hilum_workspace_clear_caps(self);
  hilum_workspace_changed(self, HILUM_CHANGE_CLIP);
}

void hilum_workspace_clip_towards_eye(HilumWorkspace *self, HilumSlicePlane plane)
{
  g_return_if_fail(plane < HILUM_SLICE_PLANES);
  const HilumVec3 normal = hilum_slice_state_normal(&self->slices[plane]);
  hilum_workspace_set_clip(
      self,
      &(HilumClip){.on = true, .plane = plane, .other_side = hilum_vec3_dot(normal, self->camera.back) < 0});
}

bool hilum_workspace_get_wanted_cut(HilumWorkspace *self, HilumCutter *cutter)
{
  const HilumSliceState *slice = &self->slices[self->clip.plane];
  HilumVec3 corners[4];
  hilum_slice_state_corners_mm(slice, corners);
  HilumVec3 normal = hilum_slice_state_normal(slice);
  *cutter = (HilumCutter){.kind = HILUM_CUTTER_PLANE,
                          .point_mm = corners[0],
                          .normal = self->clip.other_side ? hilum_vec3_scale(normal, -1) : normal};
  return self->clip.on;
}

void hilum_workspace_set_cut(HilumWorkspace *self, const HilumCutter *cutter, HilumMesh *const *fill,
                             GArray *const *outline)
{
  if (!self->clip.on) return;
  self->cut = *cutter;
  self->clipped = true;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    WorkspaceCap *cap = &self->caps[l];
    if (!cap->fill && !fill[l]) continue;
    hilum_workspace_drop_cap(self, (uint8_t)l);
    cap->fill = fill[l] ? hilum_mesh_ref(fill[l]) : NULL;
    cap->outline = outline[l] ? g_array_ref(outline[l]) : NULL;
    cap->serial = hilum_workspace_next_serial();
  }
  hilum_workspace_changed(self, HILUM_CHANGE_CLIP);
}

bool hilum_workspace_get_cut(HilumWorkspace *self, HilumCutter *cutter)
{
  *cutter = self->cut;
  return self->clip.on && self->clipped;
}

HilumMesh *hilum_workspace_get_cap(HilumWorkspace *self, uint8_t label, GArray **outline, uint64_t *serial)
{
  *outline = self->caps[label].outline;
  *serial = self->caps[label].serial;
  return self->caps[label].fill;
}
