/* Image volumes as R16_SNORM 3D textures, stored int16 straight, uploaded in slabs. The last few phases stay,
 * so that switching between them is immediate. */
#include "gpu_private.h"

#define SLAB_BYTES ((size_t)4 << 20)

static void clear_slot(GpuVolume *slot)
{
  if (slot->texture) glDeleteTextures(1, &slot->texture);
  g_clear_pointer(&slot->volume, hilum_volume_unref);
  *slot = (GpuVolume){0};
}

void hilum_gpu_clear_volumes(HilumGpu *gpu)
{
  for (int v = 0; v < GPU_VOLUMES; v++)
    clear_slot(&gpu->volumes[v]);
  gpu->active = gpu->fused = NULL;
}

static bool is_phase(HilumWorkspace *workspace, const HilumVolume *volume)
{
  for (size_t i = 0; i < hilum_workspace_get_phase_count(workspace); i++)
    if (hilum_workspace_get_volume(workspace, i) == volume) return true;
  return false;
}

/* A free slot, or the one that was not drawn for the longest. */
static GpuVolume *free_slot(HilumGpu *gpu)
{
  GpuVolume *oldest = &gpu->volumes[0];
  for (int v = 0; v < GPU_VOLUMES; v++) {
    if (!gpu->volumes[v].volume) return &gpu->volumes[v];
    if (gpu->volumes[v].used < oldest->used) oldest = &gpu->volumes[v];
  }
  clear_slot(oldest);
  return oldest;
}

/* The slot that holds `volume`, or one with an empty texture for it. */
static bool take_slot(HilumGpu *gpu, HilumVolume *volume, GpuVolume **slot, GError **error)
{
  *slot = NULL;
  if (!volume) return true;
  for (int v = 0; v < GPU_VOLUMES; v++)
    if (gpu->volumes[v].volume == volume) *slot = &gpu->volumes[v];
  if (!*slot) {
    GpuVolume *empty = free_slot(gpu);
    empty->texture = hilum_gl_texture_3d(gpu, GL_R16_SNORM, GL_RED, GL_SHORT,
                                         hilum_volume_get_grid(volume)->dims, "the image volume", error);
    if (!empty->texture) return false;
    empty->volume = hilum_volume_ref(volume);
    *slot = empty;
  }
  (*slot)->used = gpu->frame;
  return true;
}

bool hilum_gpu_pick_volume(HilumGpu *gpu, HilumWorkspace *workspace, GError **error)
{
  gpu->active = gpu->fused = NULL;
  for (int v = 0; v < GPU_VOLUMES; v++) {
    GpuVolume *slot = &gpu->volumes[v];
    if (slot->volume && !is_phase(workspace, slot->volume)) clear_slot(slot);
  }
  return take_slot(gpu, hilum_workspace_get_active_volume(workspace), &gpu->active, error) &&
         take_slot(gpu, hilum_workspace_get_fused_volume(workspace), &gpu->fused, error);
}

static bool step_slot(GpuVolume *slot)
{
  if (!slot) return false;
  const HilumGrid *grid = hilum_volume_get_grid(slot->volume);
  int32_t left = grid->dims[2] - slot->slices_done;
  if (left <= 0) return false;
  size_t slice = (size_t)grid->dims[0] * (size_t)grid->dims[1];
  int32_t n = (int32_t)CLAMP(SLAB_BYTES / (slice * 2), 1, (size_t)left);
  glBindTexture(GL_TEXTURE_3D, slot->texture);
  glTexSubImage3D(GL_TEXTURE_3D, 0, 0, 0, slot->slices_done, grid->dims[0], grid->dims[1], n, GL_RED,
                  GL_SHORT, hilum_volume_get_voxels(slot->volume) + (size_t)slot->slices_done * slice);
  slot->slices_done += n;
  return true;
}

bool hilum_gpu_step_volume(HilumGpu *gpu)
{
  return step_slot(gpu->active) || step_slot(gpu->fused);
}

static void set_filter(bool smooth)
{
  GLint filter = smooth ? GL_LINEAR : GL_NEAREST;
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_MIN_FILTER, filter);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_MAG_FILTER, filter);
}

void hilum_gpu_bind_volume(HilumGpu *gpu, HilumWorkspace *workspace, ProgramId program)
{
  const GLint *at = gpu->programs[program].at;
  bool smooth = hilum_workspace_get_options(workspace)->smooth;
  HilumWindowLevel window = hilum_workspace_get_window(workspace);
  glActiveTexture(GL_TEXTURE0);
  glUniform1i(at[U_VOLUME], 0);
  glUniform1i(at[U_HAS_VOLUME], gpu->active != NULL);
  glUniform1i(at[U_SMOOTH], smooth);
  glUniform2f(at[U_WINDOW], (float)window.width, (float)window.level);
  if (!gpu->active) {
    glBindTexture(GL_TEXTURE_3D, 0);
    return;
  }
  HilumVolume *volume = gpu->active->volume;
  const int32_t *dims = hilum_volume_get_grid(volume)->dims;
  glBindTexture(GL_TEXTURE_3D, gpu->active->texture);
  set_filter(smooth);
  glUniform3f(at[U_DIMS], (float)dims[0], (float)dims[1], (float)dims[2]);
  glUniform2f(at[U_RESCALE], (float)hilum_volume_get_slope(volume),
              (float)hilum_volume_get_intercept(volume));
  glUniform1f(at[U_LOADED], (float)(gpu->active->slices_done - 1));
}

void hilum_gpu_bind_fused(HilumGpu *gpu, HilumWorkspace *workspace, ProgramId program, GLenum unit)
{
  const GLint *at = gpu->programs[program].at;
  const HilumFusion *fusion = hilum_workspace_get_fusion(workspace);
  const GpuVolume *slot = gpu->fused;
  glActiveTexture(GL_TEXTURE0 + unit);
  glUniform1i(at[U_FUSED], (GLint)unit);
  glUniform1i(at[U_FUSION], slot ? (GLint)fusion->mode : 0);
  glBindTexture(GL_TEXTURE_3D, slot ? slot->texture : 0);
  if (!slot) return;
  const HilumWindowLevel window = hilum_workspace_get_phase_window(workspace, fusion->phase);
  set_filter(hilum_workspace_get_options(workspace)->smooth);
  glUniform2f(at[U_FUSED_RESCALE], (float)hilum_volume_get_slope(slot->volume),
              (float)hilum_volume_get_intercept(slot->volume));
  glUniform2f(at[U_FUSED_WINDOW], (float)window.width, (float)window.level);
  glUniform1f(at[U_FUSED_LOADED], (float)(slot->slices_done - 1));
  glUniform1f(at[U_BLEND], (float)fusion->blend);
}
