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
  gpu->active = gpu->fused = (GpuShown){0};
}

static bool is_phase(HilumWorkspace *workspace, const HilumVolume *volume)
{
  for (size_t i = 0; i < hilum_workspace_get_phase_count(workspace); i++)
    if (hilum_workspace_get_volume(workspace, i) == volume) return true;
  return volume == hilum_workspace_get_stand_in(workspace);
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

static bool is_whole(const GpuVolume *slot)
{
  return slot->slices_done >= hilum_volume_get_grid(slot->volume)->dims[2];
}

GpuVolume *hilum_gpu_drawn(const GpuShown *shown)
{
  return shown->before && !is_whole(shown->target) ? shown->before : shown->target;
}

static bool same_dims(const GpuVolume *a, const GpuVolume *b)
{
  const int32_t *x = hilum_volume_get_grid(a->volume)->dims, *y = hilum_volume_get_grid(b->volume)->dims;
  return x[0] == y[0] && x[1] == y[1] && x[2] == y[2];
}

/* The coarse volume that may be drawn for `target` until that is whole; NULL: none. */
static GpuVolume *find_stand_in(HilumGpu *gpu, HilumWorkspace *workspace, const GpuVolume *target)
{
  HilumVolume *coarse = hilum_workspace_get_stand_in(workspace);
  if (!coarse || is_whole(target)) return NULL;
  for (int v = 0; v < GPU_VOLUMES; v++)
    if (gpu->volumes[v].volume == coarse && is_whole(&gpu->volumes[v])) return &gpu->volumes[v];
  return NULL;
}

/* `volume` (may be NULL), which is what there now is of `phase`, becomes what is shown. */
static bool show(HilumGpu *gpu, HilumWorkspace *workspace, size_t phase, HilumVolume *volume, GpuShown *shown,
                 GError **error)
{
  const GpuShown was = *shown;
  GpuVolume *before = hilum_gpu_drawn(&was);
  *shown = (GpuShown){.phase = phase, .identity = hilum_workspace_get_labels_identity(workspace)};
  if (!take_slot(gpu, volume, &shown->target, error)) return false;
  if (shown == &gpu->active && shown->target &&
      (shown->before = find_stand_in(gpu, workspace, shown->target))) {
    shown->before->used = gpu->frame;
    return true;
  }
  if (!shown->target || !before || !before->volume || before == shown->target) return true;
  if (was.phase != phase || was.identity != shown->identity || shown->identity == 0 ||
      is_whole(shown->target) || !is_whole(before) || !same_dims(before, shown->target))
    return true;
  before->used = gpu->frame;
  shown->before = before;
  return true;
}

/* Frees what is neither a phase nor kept in one of these. */
static void clear_left_over(HilumGpu *gpu, HilumWorkspace *workspace, const GpuVolume *a, const GpuVolume *b)
{
  for (int v = 0; v < GPU_VOLUMES; v++) {
    GpuVolume *slot = &gpu->volumes[v];
    if (slot->volume && slot != a && slot != b && !is_phase(workspace, slot->volume)) clear_slot(slot);
  }
}

bool hilum_gpu_pick_volume(HilumGpu *gpu, HilumWorkspace *workspace, GError **error)
{
  const size_t active = hilum_workspace_get_active_phase(workspace);
  const size_t fused = hilum_workspace_get_fusion(workspace)->phase;
  clear_left_over(gpu, workspace, hilum_gpu_drawn(&gpu->active), hilum_gpu_drawn(&gpu->fused));
  if (!show(gpu, workspace, active, hilum_workspace_get_active_volume(workspace), &gpu->active, error) ||
      !show(gpu, workspace, fused, hilum_workspace_get_fused_volume(workspace), &gpu->fused, error))
    return false;
  clear_left_over(gpu, workspace, gpu->active.before, gpu->fused.before);
  return true;
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
  return step_slot(gpu->active.target) || step_slot(gpu->fused.target);
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
  const GpuVolume *slot = hilum_gpu_drawn(&gpu->active);
  bool smooth = hilum_workspace_get_options(workspace)->smooth;
  HilumWindowLevel window = hilum_workspace_get_window(workspace);
  glActiveTexture(GL_TEXTURE0);
  glUniform1i(at[U_VOLUME], 0);
  glUniform1i(at[U_HAS_VOLUME], slot != NULL);
  glUniform1i(at[U_SMOOTH], smooth);
  glUniform2f(at[U_WINDOW], (float)window.width, (float)window.level);
  if (!slot) {
    glBindTexture(GL_TEXTURE_3D, 0);
    return;
  }
  HilumVolume *volume = slot->volume;
  /* Of the volume that is meant: a stand-in has fewer voxels in the same box, which the shader reckons with.
   */
  const int32_t *dims = hilum_volume_get_grid(gpu->active.target->volume)->dims;
  glBindTexture(GL_TEXTURE_3D, slot->texture);
  set_filter(smooth);
  glUniform3f(at[U_DIMS], (float)dims[0], (float)dims[1], (float)dims[2]);
  glUniform2f(at[U_RESCALE], (float)hilum_volume_get_slope(volume),
              (float)hilum_volume_get_intercept(volume));
  glUniform1f(at[U_LOADED], (float)(is_whole(slot) ? dims[2] : slot->slices_done - 1));
}

void hilum_gpu_bind_fused(HilumGpu *gpu, HilumWorkspace *workspace, ProgramId program, GLenum unit)
{
  const GLint *at = gpu->programs[program].at;
  const HilumFusion *fusion = hilum_workspace_get_fusion(workspace);
  const GpuVolume *slot = hilum_gpu_drawn(&gpu->fused);
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
