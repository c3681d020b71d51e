/* Labels as an R8UI 3D texture that follows the map brick by brick, the colour table, and the tool's preview.
 */
#include "gpu_private.h"

#include "hilum/base/memory.h"

#include <string.h>

#define SLAB_BYTES ((size_t)8 << 20)
#define BRICKS_A_STEP 32

bool hilum_gpu_labels_ready(const HilumGpu *gpu)
{
  return gpu->labels && gpu->label_slices_cleared == gpu->label_grid.dims[2];
}

static void drop_labels(HilumGpu *gpu)
{
  if (gpu->labels) glDeleteTextures(1, &gpu->labels);
  gpu->labels = 0;
  gpu->label_identity = 0;
  gpu->label_serial = 0;
  gpu->label_slices_cleared = 0;
  g_array_set_size(gpu->bricks, 0);
  g_clear_pointer(&gpu->brick_pending, g_free);
}

void hilum_gpu_clear_labels(HilumGpu *gpu)
{
  drop_labels(gpu);
  if (gpu->preview) glDeleteTextures(1, &gpu->preview);
  if (gpu->table) glDeleteTextures(1, &gpu->table);
  gpu->preview = gpu->table = 0;
}

static void queue_brick(HilumGpu *gpu, int32_t brick)
{
  if (gpu->brick_pending[brick]) return;
  gpu->brick_pending[brick] = 1;
  g_array_append_val(gpu->bricks, brick);
}

/* All bricks that hold anything; the rest is cleared. */
static void queue_all(HilumGpu *gpu, HilumLabelSnapshot *snapshot)
{
  for (int32_t b = 0; b < gpu->n_bricks; b++) {
    uint8_t uniform = 0;
    if (hilum_label_snapshot_get_brick(snapshot, b, &uniform) || uniform) queue_brick(gpu, b);
  }
}

bool hilum_gpu_prepare_labels(HilumGpu *gpu, HilumWorkspace *workspace, GError **error)
{
  HilumLabelMap *map = hilum_workspace_get_labels(workspace);
  if (!map) {
    drop_labels(gpu);
    return true;
  }
  const HilumGrid *grid = hilum_label_map_get_grid(map);
  uint64_t serial = hilum_label_map_get_serial(map);
  bool same = gpu->labels && hilum_workspace_get_labels_identity(workspace) == gpu->label_identity;
  if (same && serial == gpu->label_serial) return true;
  if (!same) {
    drop_labels(gpu);
    gpu->labels = hilum_gl_texture_3d(gpu, GL_R8UI, GL_RED_INTEGER, GL_UNSIGNED_BYTE, grid->dims,
                                      "the structures", error);
    if (!gpu->labels) return false;
    gpu->label_identity = hilum_workspace_get_labels_identity(workspace);
    gpu->label_grid = *grid;
    g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(map);
    int32_t dims[3];
    hilum_label_snapshot_brick_dims(snapshot, dims);
    gpu->n_bricks = dims[0] * dims[1] * dims[2];
    gpu->brick_pending = g_new0(uint8_t, (gsize)gpu->n_bricks);
    queue_all(gpu, snapshot);
  } else {
    g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(int32_t));
    hilum_label_map_changed_since(map, gpu->label_serial, changed);
    for (guint i = 0; i < changed->len; i++)
      queue_brick(gpu, g_array_index(changed, int32_t, i));
  }
  gpu->label_serial = serial;
  return true;
}

/* A new texture holds anything at all: zero it, slab by slab. */
static bool clear_slab(HilumGpu *gpu)
{
  const int32_t *dims = gpu->label_grid.dims;
  int32_t left = dims[2] - gpu->label_slices_cleared;
  if (left <= 0) return false;
  size_t slice = (size_t)dims[0] * (size_t)dims[1];
  int32_t n = (int32_t)CLAMP(SLAB_BYTES / slice, 1, (size_t)left);
  uint8_t *zeros = hilum_big_alloc0(slice * (size_t)n, NULL);
  if (!zeros) return false;
  glBindTexture(GL_TEXTURE_3D, gpu->labels);
  glTexSubImage3D(GL_TEXTURE_3D, 0, 0, 0, gpu->label_slices_cleared, dims[0], dims[1], n, GL_RED_INTEGER,
                  GL_UNSIGNED_BYTE, zeros);
  hilum_big_free(zeros);
  gpu->label_slices_cleared += n;
  return true;
}

static void upload_brick(HilumLabelSnapshot *snapshot, int32_t brick)
{
  uint8_t labels[HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE];
  HilumVoxelBox box = hilum_label_snapshot_brick_box(snapshot, brick);
  GLsizei n[3] = {box.hi[0] - box.lo[0], box.hi[1] - box.lo[1], box.hi[2] - box.lo[2]};
  hilum_label_snapshot_read_box(snapshot, box, labels, (size_t)n[0], (size_t)n[0] * (size_t)n[1]);
  glTexSubImage3D(GL_TEXTURE_3D, 0, box.lo[0], box.lo[1], box.lo[2], n[0], n[1], n[2], GL_RED_INTEGER,
                  GL_UNSIGNED_BYTE, labels);
}

bool hilum_gpu_step_labels(HilumGpu *gpu, HilumWorkspace *workspace)
{
  if (!gpu->labels) return false;
  if (clear_slab(gpu)) return true;
  if (gpu->bricks->len == 0) return false;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_map_snapshot(hilum_workspace_get_labels(workspace));
  glBindTexture(GL_TEXTURE_3D, gpu->labels);
  for (int i = 0; i < BRICKS_A_STEP && gpu->bricks->len > 0; i++) {
    int32_t brick = g_array_index(gpu->bricks, int32_t, gpu->bricks->len - 1);
    g_array_set_size(gpu->bricks, gpu->bricks->len - 1);
    gpu->brick_pending[brick] = 0;
    upload_brick(snapshot, brick);
  }
  return true;
}

/* --- preview --- */

static bool ensure_preview(HilumGpu *gpu, const int32_t dims[3], GError **error)
{
  bool fits = gpu->preview != 0;
  for (int a = 0; a < 3; a++)
    fits = fits && dims[a] <= gpu->preview_dims[a];
  if (fits) return true;
  if (gpu->preview) glDeleteTextures(1, &gpu->preview);
  for (int a = 0; a < 3; a++) /* with room to grow, so that a drag does not allocate at every step */
    gpu->preview_dims[a] = MIN((MAX(dims[a], gpu->preview ? gpu->preview_dims[a] : 0) + 31) / 32 * 32,
                               MAX(dims[a], gpu->max_3d));
  gpu->preview = hilum_gl_texture_3d(gpu, GL_R8UI, GL_RED_INTEGER, GL_UNSIGNED_BYTE, gpu->preview_dims,
                                     "the preview", error);
  return gpu->preview != 0;
}

static void unpack_slice(const HilumMask *mask, const HilumVoxelBox *box, int32_t k, uint8_t *out)
{
  for (int32_t j = box->lo[1]; j < box->hi[1]; j++) {
    const uint64_t *row = hilum_mask_row(mask, j, k);
    for (int32_t i = box->lo[0]; i < box->hi[0]; i++)
      *out++ = (row[i >> 6] >> (i & 63)) & 1;
  }
}

static void unpack_slices(const HilumPreview *preview, HilumVoxelBox box, uint8_t *out)
{
  const size_t row_bytes = (size_t)(box.hi[0] - box.lo[0]);
  if (preview->kind == HILUM_PREVIEW_LABELS) {
    hilum_label_snapshot_read_box(preview->labels, box, out, row_bytes,
                                  row_bytes * (size_t)(box.hi[1] - box.lo[1]));
    return;
  }
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++, out += row_bytes * (size_t)(box.hi[1] - box.lo[1]))
    unpack_slice(preview->mask, &box, k, out);
}

/* At once and not by budget: a preview that comes and goes would flicker under the hand. */
bool hilum_gpu_sync_preview(HilumGpu *gpu, HilumWorkspace *workspace, GError **error)
{
  const HilumPreview *preview = hilum_workspace_get_preview(workspace);
  if (preview->serial == gpu->preview_serial) return true;
  gpu->preview_serial = preview->serial;
  gpu->preview_box = (HilumVoxelBox){{0}, {0}};
  const bool voxels = preview->kind == HILUM_PREVIEW_MASK || preview->kind == HILUM_PREVIEW_LABELS;
  if (!voxels || hilum_voxel_box_is_empty(preview->box)) return true;
  HilumVoxelBox b = preview->box;
  int32_t dims[3] = {b.hi[0] - b.lo[0], b.hi[1] - b.lo[1], b.hi[2] - b.lo[2]};
  if (!ensure_preview(gpu, dims, error)) return false;
  size_t slice = (size_t)dims[0] * (size_t)dims[1];
  int32_t slab = (int32_t)CLAMP(SLAB_BYTES / slice, 1, (size_t)dims[2]);
  uint8_t *bytes = hilum_big_alloc(slice * (size_t)slab, error);
  if (!bytes) return false;
  glBindTexture(GL_TEXTURE_3D, gpu->preview);
  for (int32_t k = 0; k < dims[2]; k += slab) {
    int32_t n = MIN(slab, dims[2] - k);
    const HilumVoxelBox part = {{b.lo[0], b.lo[1], b.lo[2] + k}, {b.hi[0], b.hi[1], b.lo[2] + k + n}};
    unpack_slices(preview, part, bytes);
    glTexSubImage3D(GL_TEXTURE_3D, 0, 0, 0, k, dims[0], dims[1], n, GL_RED_INTEGER, GL_UNSIGNED_BYTE, bytes);
  }
  hilum_big_free(bytes);
  gpu->preview_box = b;
  return true;
}

/* --- colours --- */

void hilum_gpu_sync_table(HilumGpu *gpu, HilumWorkspace *workspace)
{
  uint64_t serial = hilum_workspace_get_look_serial(workspace);
  if (gpu->table && serial == gpu->table_serial) return;
  uint8_t texel[2][HILUM_LABEL_COUNT][4] = {{{0}}};
  uint8_t active = hilum_workspace_get_active(workspace);
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumStructureLook *look = hilum_workspace_get_look(workspace, (uint8_t)l);
    memcpy(texel[0][l], look->rgb, 3);
    texel[0][l][3] = (uint8_t)lround(255 * CLAMP(look->opacity, 0, 1));
    texel[1][l][0] = hilum_workspace_is_shown(workspace, (uint8_t)l) ? 255 : 0;
    texel[1][l][1] = l == active ? 255 : 0;
    texel[1][l][2] = look->outline ? 255 : 0;
    texel[1][l][3] = look->locked ? 255 : 0;
  }
  if (!gpu->table) glGenTextures(1, &gpu->table);
  glBindTexture(GL_TEXTURE_2D, gpu->table);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, HILUM_LABEL_COUNT, 2, 0, GL_RGBA, GL_UNSIGNED_BYTE, texel);
  glBindTexture(GL_TEXTURE_2D, 0);
  gpu->table_serial = serial;
}
