/* Life of the GPU's content and the budgeted upload. */
#include "gpu_private.h"

#include "hilum/render/error.h"

#include <string.h>

bool hilum_gl_check(const char *what, GError **error)
{
  GLenum code = glGetError();
  if (code == GL_NO_ERROR) return true;
  while (glGetError() != GL_NO_ERROR) {
  }
  if (code == GL_OUT_OF_MEMORY)
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
                "The graphics memory is too small for %s; close other programs or use a smaller volume.",
                what);
  else
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
                "The graphics driver refused %s (code 0x%04x).", what, code);
  return false;
}

GLuint hilum_gl_texture_3d(const HilumGpu *gpu, GLint internal_format, GLenum format, GLenum type,
                           const int32_t dims[3], const char *what, GError **error)
{
  for (int a = 0; a < 3; a++)
    if (dims[a] > gpu->max_3d) {
      g_set_error(
          error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_LIMIT,
          "The volume has %d x %d x %d voxels; this graphics device shows at most %d along each axis.",
          dims[0], dims[1], dims[2], gpu->max_3d);
      return 0;
    }
  GLuint texture = 0;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_3D, texture);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_WRAP_R, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_MAX_LEVEL, 0);
  glTexImage3D(GL_TEXTURE_3D, 0, internal_format, dims[0], dims[1], dims[2], 0, format, type, NULL);
  if (hilum_gl_check(what, error)) return texture;
  glDeleteTextures(1, &texture);
  return 0;
}

HilumGpu *hilum_gpu_new(GError **error)
{
  int version = epoxy_gl_version();
  if (!epoxy_is_desktop_gl() || version < 33) {
    g_set_error(error, HILUM_RENDER_ERROR, HILUM_RENDER_ERROR_CONTEXT,
                "Hilum needs OpenGL 3.3; this display offers %s%d.%d.", epoxy_is_desktop_gl() ? "" : "ES ",
                version / 10, version % 10);
    return NULL;
  }
  while (glGetError() != GL_NO_ERROR) {
  }
  HilumGpu *gpu = g_new0(HilumGpu, 1);
  const char *renderer = (const char *)glGetString(GL_RENDERER);
  gpu->description =
      g_strdup_printf("%s, OpenGL %d.%d", renderer ? renderer : "unknown device", version / 10, version % 10);
  gpu->software = renderer && (strstr(renderer, "llvmpipe") || strstr(renderer, "softpipe"));
  glGetIntegerv(GL_MAX_3D_TEXTURE_SIZE, &gpu->max_3d);
  gpu->bricks = g_array_new(FALSE, FALSE, sizeof(int32_t));
  gpu->table_serial = G_MAXUINT64;
  if (!hilum_programs_new(gpu->programs, error)) g_clear_pointer(&gpu, hilum_gpu_free);
  return gpu;
}

void hilum_gpu_free(HilumGpu *gpu)
{
  if (!gpu) return;
  hilum_programs_clear(gpu->programs);
  hilum_gpu_clear_volumes(gpu);
  hilum_gpu_clear_labels(gpu);
  hilum_gpu_clear_meshes(gpu);
  g_array_unref(gpu->bricks);
  g_free(gpu->description);
  g_free(gpu);
}

const char *hilum_gpu_get_description(const HilumGpu *gpu)
{
  return gpu->description;
}

bool hilum_gpu_sync(HilumGpu *gpu, HilumWorkspace *workspace, double budget_ms, bool *more, GError **error)
{
  gint64 deadline = budget_ms > 0 ? g_get_monotonic_time() + (gint64)(budget_ms * 1000) : G_MAXINT64;
  gpu->frame++;
  *more = false;
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  glPixelStorei(GL_UNPACK_IMAGE_HEIGHT, 0);
  glActiveTexture(GL_TEXTURE0);
  hilum_gpu_sync_table(gpu, workspace);
  if (!hilum_gpu_pick_volume(gpu, workspace, error) || !hilum_gpu_prepare_labels(gpu, workspace, error) ||
      !hilum_gpu_sync_preview(gpu, workspace, error))
    return false;
  /* Labels and pieces of surface before grey values: a stroke must show at once. */
  while (hilum_gpu_step_labels(gpu, workspace) || hilum_gpu_step_pieces(gpu, workspace) ||
         hilum_gpu_step_caps(gpu, workspace) || hilum_gpu_step_volume(gpu) ||
         hilum_gpu_step_meshes(gpu, workspace))
    if (g_get_monotonic_time() >= deadline) {
      *more = true;
      break;
    }
  glBindTexture(GL_TEXTURE_3D, 0);
  return hilum_gl_check("the pictures", error);
}

double hilum_gpu_get_loaded(const HilumGpu *gpu)
{
  const GpuVolume *slots[] = {gpu->active.target, gpu->fused.target};
  double done = 0, all = 0;
  for (size_t n = 0; n < G_N_ELEMENTS(slots); n++) {
    if (!slots[n]) continue;
    done += slots[n]->slices_done;
    all += hilum_volume_get_grid(slots[n]->volume)->dims[2];
  }
  return all > 0 ? done / all : 1;
}

static size_t texels(const int32_t dims[3])
{
  return (size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2];
}

size_t hilum_gpu_get_bytes(const HilumGpu *gpu)
{
  size_t bytes = 0;
  for (int v = 0; v < GPU_VOLUMES; v++)
    if (gpu->volumes[v].volume) bytes += 2 * hilum_grid_count(hilum_volume_get_grid(gpu->volumes[v].volume));
  if (gpu->labels) bytes += texels(gpu->label_grid.dims);
  if (gpu->preview) bytes += texels(gpu->preview_dims);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    bytes += (size_t)12 * gpu->meshes[l].shown.n_triangles * 2 + /* V is about T / 2 */
             (size_t)24 * gpu->meshes[l].pieces.vertices + (size_t)4 * gpu->meshes[l].pieces.indices;
  return bytes;
}
