/* Edit limits: 64 voxels of the mask at a time, only those that are set. */
#include "hilum/segment/limits.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <stdatomic.h>

typedef struct {
  const HilumEditLimits *limits;
  const HilumLabelSnapshot *labels;
  const int16_t *voxels; /* NULL: none */
  int16_t lo, hi;        /* lo > hi: nothing is in the range */
  HilumMask *mask;
  HilumVoxelBox box;
  atomic_uint_fast64_t by_range, by_structure;
} Pass;

static bool in_range(const Pass *p, size_t offset)
{
  return p->voxels != NULL && p->voxels[offset] >= p->lo && p->voxels[offset] <= p->hi;
}

static bool in_place(const Pass *p, uint8_t label)
{
  return (label == p->limits->other) == (p->limits->where == HILUM_EDIT_INSIDE);
}

/* The bits of one word that must go. `labels` holds the row from the box's first column on; NULL: not asked.
 */
static uint64_t forbidden(const Pass *p, uint64_t bits, int32_t i0, size_t row_offset, const uint8_t *labels,
                          HilumEditRefused *refused)
{
  uint64_t gone = 0;
  for (; bits; bits &= bits - 1) {
    const int32_t i = i0 + __builtin_ctzll(bits);
    if (p->limits->has_range && !in_range(p, row_offset + (size_t)i))
      refused->by_range++;
    else if (labels != NULL && !in_place(p, labels[i - p->box.lo[0]]))
      refused->by_structure++;
    else
      continue;
    gone |= bits & -bits;
  }
  return gone;
}

static void limit_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Pass *p = data;
  const HilumVoxelBox box = p->box;
  const size_t columns = (size_t)(box.hi[0] - box.lo[0]), rows = (size_t)(box.hi[1] - box.lo[1]);
  const bool places = p->limits->where != HILUM_EDIT_ANYWHERE && p->limits->other != 0;
  g_autofree uint8_t *labels = places ? g_malloc(columns * rows) : NULL;
  HilumEditRefused refused = {0, 0};
  for (int32_t k = box.lo[2] + (int32_t)begin; k < box.lo[2] + (int32_t)end; k++) {
    const HilumVoxelBox slice = {{box.lo[0], box.lo[1], k}, {box.hi[0], box.hi[1], k + 1}};
    if (places) hilum_label_snapshot_read_box(p->labels, slice, labels, columns, columns * rows);
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      const uint8_t *row = places ? labels + (size_t)(j - box.lo[1]) * columns : NULL;
      const size_t offset = ((size_t)k * (size_t)p->mask->dims[1] + (size_t)j) * (size_t)p->mask->dims[0];
      uint64_t *words = hilum_mask_row(p->mask, j, k);
      for (int32_t w = box.lo[0] >> 6; w <= (box.hi[0] - 1) >> 6; w++) {
        uint64_t bits = words[w];
        if (w == box.lo[0] >> 6) bits &= ~UINT64_C(0) << (box.lo[0] & 63);
        if (w == (box.hi[0] - 1) >> 6) bits &= ~UINT64_C(0) >> (63 - ((box.hi[0] - 1) & 63));
        if (bits) words[w] &= ~forbidden(p, bits, 64 * w, offset, row, &refused);
      }
    }
  }
  atomic_fetch_add(&p->by_range, refused.by_range);
  atomic_fetch_add(&p->by_structure, refused.by_structure);
}

void hilum_edit_limits_apply(const HilumEditLimits *limits, const HilumVolume *volume,
                             const HilumLabelSnapshot *labels, HilumVoxelBox box, HilumMask *mask,
                             HilumEditRefused *refused)
{
  g_return_if_fail(limits != NULL && labels != NULL && mask != NULL);
  if (refused != NULL) *refused = (HilumEditRefused){0, 0};
  if (!hilum_edit_limits_any(limits) || hilum_voxel_box_is_empty(box)) return;
  Pass p = {.limits = limits, .labels = labels, .lo = 1, .hi = 0, .mask = mask, .box = box};
  if (volume != NULL && limits->has_range &&
      hilum_volume_stored_range(volume, limits->lo, limits->hi, &p.lo, &p.hi))
    p.voxels = hilum_volume_get_voxels(volume);
  atomic_init(&p.by_range, 0);
  atomic_init(&p.by_structure, 0);
  hilum_parallel_for((size_t)(box.hi[2] - box.lo[2]), 8, limit_slices, &p);
  if (refused != NULL) *refused = (HilumEditRefused){p.by_range, p.by_structure};
}

static void exchange_rows(HilumMask *mask, const HilumMask *other, HilumVoxelBox box)
{
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      for (size_t w = 0; w < mask->row_words; w++)
        hilum_mask_row(mask, j, k)[w] ^= hilum_mask_row(other, j, k)[w];
}

/* What would change is where the two differ: of that, what may not is taken out. */
bool hilum_edit_limits_apply_replacing(const HilumEditLimits *limits, const HilumVolume *volume,
                                       const HilumLabelSnapshot *labels, uint8_t label, HilumVoxelBox box,
                                       HilumMask *mask, HilumEditRefused *refused, GError **error)
{
  if (refused != NULL) *refused = (HilumEditRefused){0, 0};
  if (!hilum_edit_limits_any(limits)) return true;
  g_autoptr(HilumMask) before = hilum_label_snapshot_dup_mask(labels, label, error);
  if (before == NULL) return false;
  exchange_rows(mask, before, box);
  hilum_edit_limits_apply(limits, volume, labels, box, mask, refused);
  exchange_rows(mask, before, box);
  return true;
}

/* --- several structures --- */

typedef struct {
  HilumLabelSnapshot *before, *after;
  const HilumMask *editable;
  uint8_t *labels; /* of the grid */
} Merge;

static void merge_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const Merge *m = data;
  const size_t ni = (size_t)m->editable->dims[0], slice = ni * (size_t)m->editable->dims[1];
  const int32_t lo = (int32_t)begin, hi = (int32_t)end;
  const HilumVoxelBox box = {{0, 0, lo}, {m->editable->dims[0], m->editable->dims[1], hi}};
  g_autofree uint8_t *before = g_malloc(slice);
  hilum_label_snapshot_read_box(m->after, box, m->labels + begin * slice, ni, slice);
  for (int32_t k = lo; k < hi; k++) {
    const HilumVoxelBox one = {{0, 0, k}, {m->editable->dims[0], m->editable->dims[1], k + 1}};
    uint8_t *to = m->labels + (size_t)k * slice;
    hilum_label_snapshot_read_box(m->before, one, before, ni, slice);
    for (int32_t j = 0; j < m->editable->dims[1]; j++) {
      const uint64_t *words = hilum_mask_row(m->editable, j, k);
      for (size_t i = 0; i < ni; i++)
        if (!(words[i >> 6] >> (i & 63) & 1)) to[(size_t)j * ni + i] = before[(size_t)j * ni + i];
    }
  }
}

HilumLabelSnapshot *hilum_edit_limits_apply_labels(const HilumEditLimits *limits, const HilumVolume *volume,
                                                   HilumLabelSnapshot *before, HilumLabelSnapshot *after,
                                                   GError **error)
{
  g_return_val_if_fail(limits != NULL && before != NULL && after != NULL, NULL);
  if (!hilum_edit_limits_any(limits)) return hilum_label_snapshot_ref(after);
  const HilumGrid *grid = hilum_label_snapshot_get_grid(before);
  const HilumVoxelBox all = {{0, 0, 0}, {grid->dims[0], grid->dims[1], grid->dims[2]}};
  g_autoptr(HilumMask) editable = hilum_mask_new(grid->dims, error);
  uint8_t *labels = editable != NULL ? hilum_big_alloc(hilum_grid_count(grid), error) : NULL;
  if (labels == NULL) return NULL;
  hilum_mask_fill(editable, true);
  hilum_edit_limits_apply(limits, volume, before, all, editable, NULL);
  Merge m = {.before = before, .after = after, .editable = editable, .labels = labels};
  hilum_parallel_for((size_t)grid->dims[2], 8, merge_slices, &m);
  HilumLabelSnapshot *merged = hilum_label_snapshot_new_from_dense(grid, labels, error);
  hilum_big_free(labels);
  return merged;
}
