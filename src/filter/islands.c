/* Islands and holes: what is kept or filled by connectivity. */
#include "hilum/filter/components.h"

#include "hilum/base/memory.h"
#include "mask_box_private.h"

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

/* Does the component touch a face of the mask it was found in? */
static bool is_open(const HilumComponents *components, uint32_t c, const int32_t dims[3])
{
  const HilumVoxelBox b = hilum_components_get_bounds(components, c);
  for (int a = 0; a < 3; a++)
    if (b.lo[a] == 0 || b.hi[a] == dims[a]) return true;
  return false;
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
  g_autoptr(HilumComponents) components = hilum_components_new(background, HILUM_CONNECT_6, progress, error);
  if (components == NULL) return false;
  const uint32_t count = hilum_components_get_count(components);
  uint8_t *open = hilum_big_alloc(count, error);
  if (open == NULL) return false;
  for (uint32_t c = 0; c < count; c++)
    open[c] = is_open(components, c, background->dims);
  hilum_components_filter(components, background, open);
  hilum_big_free(open);
  hilum_mask_invert(background);
  hilum_filter_paste(mask, background, box);
  return true;
}
