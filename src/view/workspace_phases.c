/* Which phase is seen, which second one with it, and the windows of both. */
#include "workspace_private.h"

#include <string.h>

#define SLICES (HILUM_CHANGE_AXIAL | HILUM_CHANGE_SAGITTAL | HILUM_CHANGE_CORONAL)
/* Volumes of one case lie on one grid, but for rounding in files. */
#define GRID_TOLERANCE_MM 0.01

static WorkspacePhase *phase_at(HilumWorkspace *self, size_t index)
{
  return index < self->phases->len ? &g_array_index(self->phases, WorkspacePhase, index) : NULL;
}

static bool in_hu(const HilumVolume *volume)
{
  return volume && strcmp(hilum_volume_get_unit(volume), "HU") == 0;
}

/* --- the active phase --- */

void hilum_workspace_set_active_phase(HilumWorkspace *self, size_t index)
{
  if (index == self->active_phase || index >= self->phases->len) return;
  const bool was_hu = in_hu(hilum_workspace_get_active_volume(self));
  WorkspacePhase *phase = phase_at(self, index);
  self->active_phase = index;
  unsigned changes = HILUM_CHANGE_PHASE;
  if (phase->volume) {
    for (int p = 0; p < HILUM_SLICE_PLANES; p++)
      hilum_slice_state_set_grid(&self->slices[p], hilum_volume_get_grid(phase->volume));
    changes |= SLICES;
    if (phase->own_window) {
      self->window = phase->window;
      changes |= HILUM_CHANGE_WINDOW;
    } else if (!was_hu ||
               !in_hu(phase->volume)) { /* a window in HU serves every phase; another unit its own */
      self->window = hilum_window_default(phase->volume, phase->file_center, phase->file_width);
      changes |= HILUM_CHANGE_WINDOW;
    }
  }
  hilum_workspace_changed(self, changes);
}

/* --- windows --- */

HilumWindowLevel hilum_workspace_get_window(HilumWorkspace *self)
{
  return self->window;
}

void hilum_workspace_set_window(HilumWorkspace *self, HilumWindowLevel window)
{
  WorkspacePhase *phase = phase_at(self, self->active_phase);
  self->window = hilum_window_clamp(hilum_workspace_get_active_volume(self), window);
  if (phase && phase->own_window) phase->window = self->window;
  hilum_workspace_changed(self, HILUM_CHANGE_WINDOW);
}

HilumWindowLevel hilum_workspace_get_phase_window(HilumWorkspace *self, size_t index)
{
  const WorkspacePhase *phase = phase_at(self, index);
  if (!phase || index == self->active_phase) return self->window;
  if (phase->own_window) return phase->window;
  if (!phase->volume || (in_hu(phase->volume) && in_hu(hilum_workspace_get_active_volume(self))))
    return self->window;
  return hilum_window_default(phase->volume, phase->file_center, phase->file_width);
}

void hilum_workspace_set_phase_window(HilumWorkspace *self, size_t index, HilumWindowLevel window)
{
  WorkspacePhase *phase = phase_at(self, index);
  if (!phase) return;
  phase->own_window = true;
  phase->window = hilum_window_clamp(phase->volume, window);
  if (index == self->active_phase)
    hilum_workspace_set_window(self, phase->window);
  else
    hilum_workspace_changed(self, HILUM_CHANGE_FUSION);
}

/* --- fusion --- */

static const char *const MODES[HILUM_FUSION_MODES] = {"off", "blend", "checker"};

const char *hilum_fusion_mode_id(HilumFusionMode mode)
{
  return MODES[(unsigned)mode < HILUM_FUSION_MODES ? mode : HILUM_FUSION_OFF];
}

bool hilum_fusion_mode_parse(const char *id, HilumFusionMode *mode)
{
  for (int m = 0; m < HILUM_FUSION_MODES; m++)
    if (g_strcmp0(id, MODES[m]) == 0) {
      *mode = (HilumFusionMode)m;
      return true;
    }
  return false;
}

const HilumFusion *hilum_workspace_get_fusion(HilumWorkspace *self)
{
  return &self->fusion;
}

void hilum_workspace_set_fusion(HilumWorkspace *self, const HilumFusion *fusion)
{
  HilumFusion now = *fusion;
  if ((unsigned)now.mode >= HILUM_FUSION_MODES || now.phase >= self->phases->len) now.mode = HILUM_FUSION_OFF;
  now.blend = isfinite(now.blend) ? CLAMP(now.blend, 0, 1) : self->fusion.blend;
  now.square_mm = isfinite(now.square_mm) ? CLAMP(now.square_mm, 2, 200) : self->fusion.square_mm;
  const HilumFusion was = self->fusion;
  if (now.mode == was.mode && now.phase == was.phase && now.blend == was.blend &&
      now.square_mm == was.square_mm)
    return;
  self->fusion = now;
  hilum_workspace_changed(self, HILUM_CHANGE_FUSION);
}

HilumVolume *hilum_workspace_get_fused_volume(HilumWorkspace *self)
{
  HilumVolume *active = hilum_workspace_get_active_volume(self);
  HilumVolume *fused = hilum_workspace_get_volume(self, self->fusion.phase);
  if (self->fusion.mode == HILUM_FUSION_OFF || self->fusion.phase == self->active_phase || !active || !fused)
    return NULL;
  if (!hilum_grid_equal(hilum_volume_get_grid(active), hilum_volume_get_grid(fused), GRID_TOLERANCE_MM))
    return NULL;
  return fused;
}
