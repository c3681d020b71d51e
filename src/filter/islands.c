/* Islands and holes: what is kept or filled by connectivity. */
#include "hilum/filter/components.h"

#include "flood_private.h"
#include "hilum/base/memory.h"
#include "mask_box_private.h"

#include <string.h>

/* Keeps the components that `wanted` says yes to. */
static bool keep_where(HilumMask *mask, HilumConnectivity connectivity,
                       bool (*wanted)(const HilumComponents *, uint32_t, uint64_t), uint64_t value,
                       const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumComponents) components = hilum_components_new(mask, connectivity, progress, error);
  if (components == NULL) return false;
  const uint32_t count = hilum_components_get_count(components);
  uint8_t *keep = hilum_big_alloc(count, error);
  if (keep == NULL) return false;
  for (uint32_t c = 0; c < count; c++)
    keep[c] = wanted(components, c, value);
  hilum_components_filter(components, mask, keep);
  hilum_big_free(keep);
  return true;
}

static bool is_largest(const HilumComponents *components, uint32_t c, uint64_t unused)
{
  return c == hilum_components_get_largest(components);
}

static bool is_big_enough(const HilumComponents *components, uint32_t c, uint64_t min_voxels)
{
  return hilum_components_get_size(components, c) >= min_voxels;
}

bool hilum_mask_keep_largest(HilumMask *mask, HilumConnectivity connectivity, const HilumProgress *progress,
                             GError **error)
{
  return keep_where(mask, connectivity, is_largest, 0, progress, error);
}

bool hilum_mask_remove_below(HilumMask *mask, HilumConnectivity connectivity, uint64_t min_voxels,
                             const HilumProgress *progress, GError **error)
{
  return keep_where(mask, connectivity, is_big_enough, min_voxels, progress, error);
}

/* Copies the voxels of `from` on the six faces into `to`. */
static void copy_faces(HilumMask *to, const HilumMask *from)
{
  const size_t row_bytes = from->row_words * sizeof(uint64_t);
  const size_t last = from->row_words - 1;
  const uint64_t right = UINT64_C(1) << ((from->dims[0] - 1) & 63);
  for (int32_t k = 0; k < from->dims[2]; k++)
    for (int32_t j = 0; j < from->dims[1]; j++) {
      const uint64_t *src = hilum_mask_row(from, j, k);
      uint64_t *dst = hilum_mask_row(to, j, k);
      if (k == 0 || j == 0 || k == from->dims[2] - 1 || j == from->dims[1] - 1)
        memcpy(dst, src, row_bytes);
      else {
        dst[0] |= src[0] & 1;
        dst[last] |= src[last] & right;
      }
    }
}

/* Only the mask's box and one voxel around it are looked at: whatever lies further out is background that
 * reaches the border without help. */
bool hilum_mask_fill_holes(HilumMask *mask, const HilumProgress *progress, GError **error)
{
  HilumVoxelBox box = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(box)) return !hilum_progress_fail(progress, error);
  box = hilum_voxel_box_grow(box, 1, mask->dims);
  g_autoptr(HilumMask) background = hilum_filter_crop(mask, &box, error);
  if (background == NULL) return false;
  hilum_mask_invert(background);
  g_autoptr(HilumMask) outside = hilum_mask_new(background->dims, error);
  if (outside == NULL) return false;
  copy_faces(outside, background);
  if (!hilum_flood_inside(background, outside, HILUM_CONNECT_6, progress, error)) return false;
  hilum_mask_invert(outside);
  hilum_filter_paste(mask, outside, box);
  return true;
}
