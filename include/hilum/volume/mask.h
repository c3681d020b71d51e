/* A binary mask, one bit per voxel: the working format of every segmentation tool. Rows run along x and are
 * padded to whole 64-bit words; the padding bits are always zero. Bit (i & 63) of word i >> 6 is voxel i.
 * Mutable, single owner; hand it to another thread only whole. */
#pragma once

#include "hilum/volume/grid.h"

G_BEGIN_DECLS

typedef struct {
  int32_t dims[3];
  size_t row_words; /* (dims[0] + 63) / 64 */
  uint64_t *words;  /* dims[2] * dims[1] * row_words, hilum_big_alloc() */
} HilumMask;

/* All clear. NULL with HILUM_VOLUME_ERROR_LIMIT. */
HilumMask *hilum_mask_new(const int32_t dims[3], GError **error);
HilumMask *hilum_mask_copy(const HilumMask *mask, GError **error);
void hilum_mask_free(HilumMask *mask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumMask, hilum_mask_free)

static inline uint64_t *hilum_mask_row(const HilumMask *m, int32_t j, int32_t k)
{
  return m->words + ((size_t)k * (size_t)m->dims[1] + (size_t)j) * m->row_words;
}
static inline bool hilum_mask_get(const HilumMask *m, HilumVoxel v)
{
  return (hilum_mask_row(m, v.j, v.k)[v.i >> 6] >> (v.i & 63)) & 1;
}
static inline void hilum_mask_set(HilumMask *m, HilumVoxel v)
{
  hilum_mask_row(m, v.j, v.k)[v.i >> 6] |= UINT64_C(1) << (v.i & 63);
}
static inline void hilum_mask_clear(HilumMask *m, HilumVoxel v)
{
  hilum_mask_row(m, v.j, v.k)[v.i >> 6] &= ~(UINT64_C(1) << (v.i & 63));
}
/* Sets or clears voxels [i0, i1) of one row, clipped to the row. */
void hilum_mask_set_span(HilumMask *mask, int32_t i0, int32_t i1, int32_t j, int32_t k);
void hilum_mask_clear_span(HilumMask *mask, int32_t i0, int32_t i1, int32_t j, int32_t k);
/* Valid bits of the last word of a row. */
static inline uint64_t hilum_mask_tail(const HilumMask *m)
{
  return m->dims[0] & 63 ? (UINT64_C(1) << (m->dims[0] & 63)) - 1 : ~UINT64_C(0);
}

/* All over all cores. Both operands must have the same dims (asserted). */
uint64_t hilum_mask_count(const HilumMask *mask);
void hilum_mask_fill(HilumMask *mask, bool value);
void hilum_mask_and(HilumMask *mask, const HilumMask *other);
void hilum_mask_and_not(HilumMask *mask, const HilumMask *other);
void hilum_mask_or(HilumMask *mask, const HilumMask *other);
void hilum_mask_invert(HilumMask *mask);
bool hilum_mask_equal(const HilumMask *a, const HilumMask *b);
/* Tight box around the set voxels; empty box (all zero) if none. */
HilumVoxelBox hilum_mask_bounds(const HilumMask *mask);

G_END_DECLS
