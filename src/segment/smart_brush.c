/* The smart brush: a flood inside what the brush covers. The box of a brush is small, so a byte a voxel of it
 * is enough; nothing of the size of the volume is touched. */
#include "hilum/segment/brush.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"

typedef struct {
  HilumVoxelBox box;
  size_t step[3]; /* of `open` */
  uint8_t *open;  /* 1: may be reached */
} Flood;

static size_t offset_in_box(const Flood *f, HilumVoxel v)
{
  return (size_t)(v.i - f->box.lo[0]) + (size_t)(v.j - f->box.lo[1]) * f->step[1] +
         (size_t)(v.k - f->box.lo[2]) * f->step[2];
}

static bool box_contains(const HilumVoxelBox *box, HilumVoxel v)
{
  return v.i >= box->lo[0] && v.i < box->hi[0] && v.j >= box->lo[1] && v.j < box->hi[1] &&
         v.k >= box->lo[2] && v.k < box->hi[2];
}

static void visit(Flood *f, GArray *todo, HilumVoxel v)
{
  if (!box_contains(&f->box, v)) return;
  uint8_t *open = f->open + offset_in_box(f, v);
  if (!*open) return;
  *open = 0;
  g_array_append_val(todo, v);
}

/* Moves what is reached from the centre from `open` to `mask`, which is clear in the box. */
static void flood(Flood *f, HilumVoxel center, HilumMask *mask)
{
  g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(HilumVoxel));
  visit(f, todo, center);
  while (todo->len > 0) {
    const HilumVoxel v = g_array_index(todo, HilumVoxel, todo->len - 1);
    g_array_set_size(todo, todo->len - 1);
    hilum_mask_set(mask, v);
    visit(f, todo, (HilumVoxel){v.i - 1, v.j, v.k});
    visit(f, todo, (HilumVoxel){v.i + 1, v.j, v.k});
    visit(f, todo, (HilumVoxel){v.i, v.j - 1, v.k});
    visit(f, todo, (HilumVoxel){v.i, v.j + 1, v.k});
    visit(f, todo, (HilumVoxel){v.i, v.j, v.k - 1});
    visit(f, todo, (HilumVoxel){v.i, v.j, v.k + 1});
  }
}

bool hilum_brush_keep_to_range(const HilumVolume *volume, double lo, double hi, HilumVoxel center,
                               HilumVoxelBox box, HilumMask *mask)
{
  g_return_val_if_fail(volume != NULL && mask != NULL, false);
  if (hilum_voxel_box_is_empty(box)) return true;
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const int16_t *voxels = hilum_volume_get_voxels(volume);
  const size_t columns = (size_t)(box.hi[0] - box.lo[0]), rows = (size_t)(box.hi[1] - box.lo[1]);
  Flood f = {.box = box, .step = {1, columns, columns * rows}};
  size_t bytes;
  int16_t a = 1, b = 0;
  const bool some = hilum_volume_stored_range(volume, lo, hi, &a, &b);
  if (hilum_size_mul3((int64_t)columns, (int64_t)rows, box.hi[2] - box.lo[2], &bytes))
    f.open = hilum_big_alloc0(bytes, NULL);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      for (int32_t i = box.lo[0]; some && f.open != NULL && i < box.hi[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const int16_t value = voxels[hilum_grid_offset(grid, v)];
        f.open[offset_in_box(&f, v)] = hilum_mask_get(mask, v) && value >= a && value <= b;
      }
      hilum_mask_clear_span(mask, box.lo[0], box.hi[0], j, k);
    }
  if (f.open == NULL) return false;
  flood(&f, center, mask);
  hilum_big_free(f.open);
  return true;
}
