/* Surfaces of one structure or of a mask: bits straight from bricks or mask rows, inside the structure's own
 * box, then the common core with vertices half way. */
#include "extract_private.h"

#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"

#include <string.h>

typedef struct {
  HilumExtraction *x;
  HilumLabelSnapshot *labels;
  uint8_t label;
  int32_t brick_dims[3];
  int32_t first_layer; /* of bricks, z */
} LabelPack;

/* Ors up to 32 bits into a row of words at bit `at`. */
static inline void or_bits(uint64_t *row, size_t at, uint32_t bits)
{
  row[at >> 6] |= (uint64_t)bits << (at & 63);
  if ((at & 63) > 32) {
    uint64_t rest = (uint64_t)bits >> (64 - (at & 63));
    if (rest) row[(at >> 6) + 1] |= rest;
  }
}

/* The part of one brick that lies in the box. The box is tight around the label, so bits outside of it are
 * zero along x; rows are clipped. */
static void pack_brick(const LabelPack *p, int32_t index)
{
  const HilumExtraction *x = p->x;
  if (!hilum_label_snapshot_brick_has(p->labels, index, p->label)) return;
  HilumVoxelBox box = hilum_label_snapshot_brick_box(p->labels, index);
  uint8_t uniform = 0;
  const uint8_t *voxels = hilum_label_snapshot_get_brick(p->labels, index, &uniform);
  uint32_t bits[HILUM_BRICK_EDGE * HILUM_BRICK_EDGE];
  int32_t width = box.hi[0] - box.lo[0];
  if (voxels)
    x->kernels.rows32_u8(bits, voxels, G_N_ELEMENTS(bits), p->label);
  else
    for (size_t r = 0; r < G_N_ELEMENTS(bits); r++)
      bits[r] = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
  int32_t shift = box.lo[0] - x->lo[0]; /* voxel of the brick's first bit in the box; may be negative */
  for (int32_t k = MAX(box.lo[2], x->lo[2]); k < MIN(box.hi[2], x->lo[2] + x->n[2]); k++)
    for (int32_t j = MAX(box.lo[1], x->lo[1]); j < MIN(box.hi[1], x->lo[1] + x->n[1]); j++) {
      uint32_t b = bits[(k - box.lo[2]) * HILUM_BRICK_EDGE + (j - box.lo[1])];
      if (!b) continue;
      uint64_t *row = hilum_extraction_row(x, j - x->lo[1] + 1, k - x->lo[2] + 1);
      if (shift < 0)
        or_bits(row, 1, b >> -shift);
      else
        or_bits(row, (size_t)shift + 1, b);
    }
}

/* A layer of bricks owns its slices, so layers do not share words. */
static void pack_layers(size_t begin, size_t end, unsigned worker, void *data)
{
  LabelPack *p = data;
  const HilumExtraction *x = p->x;
  for (size_t l = begin; l < end; l++) {
    int32_t bz = p->first_layer + (int32_t)l;
    if (hilum_progress_cancelled(x->progress)) return;
    int32_t k0 = MAX(bz * HILUM_BRICK_EDGE, x->lo[2]),
            k1 = MIN((bz + 1) * HILUM_BRICK_EDGE, x->lo[2] + x->n[2]);
    for (int32_t k = k0; k < k1; k++)
      memset(hilum_extraction_row(x, 0, k - x->lo[2] + 1), 0, ((size_t)x->n[1] + 2) * x->words * 8);
    for (int32_t by = x->lo[1] / HILUM_BRICK_EDGE; by <= (x->lo[1] + x->n[1] - 1) / HILUM_BRICK_EDGE; by++)
      for (int32_t bx = x->lo[0] / HILUM_BRICK_EDGE; bx <= (x->lo[0] + x->n[0] - 1) / HILUM_BRICK_EDGE; bx++)
        pack_brick(p, (bz * p->brick_dims[1] + by) * p->brick_dims[0] + bx);
  }
}

HilumMesh *hilum_mesh_extract_label(HilumLabelSnapshot *labels, uint8_t label,
                                    const HilumExtractOptions *options, const HilumProgress *progress,
                                    GError **error)
{
  HilumExtraction x;
  if (label == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "Voxels without a structure have no surface");
    return NULL;
  }
  if (!hilum_extraction_init(&x, hilum_label_snapshot_get_grid(labels),
                             hilum_label_snapshot_bounds(labels, label), options, progress, error))
    return NULL;
  LabelPack pack = {.x = &x, .labels = labels, .label = label, .first_layer = x.lo[2] / HILUM_BRICK_EDGE};
  hilum_label_snapshot_brick_dims(labels, pack.brick_dims);
  int32_t layers = (x.lo[2] + x.n[2] - 1) / HILUM_BRICK_EDGE - pack.first_layer + 1;
  hilum_parallel_for((size_t)layers, 1, pack_layers, &pack);
  HilumMesh *mesh = hilum_progress_fail(progress, error) ? NULL : hilum_extraction_run(&x, error);
  hilum_extraction_clear(&x);
  return mesh;
}

typedef struct {
  HilumExtraction *x;
  const HilumMask *mask;
} MaskPack;

/* Bits [lo, lo + n) of a mask row to bits [1, n + 1) of the padded row. */
static void pack_mask_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  MaskPack *p = data;
  const HilumExtraction *x = p->x;
  size_t words = x->words, n = (size_t)x->n[0];
  for (size_t k = begin; k < end; k++)
    for (int32_t j = 0; j < x->n[1]; j++) {
      const uint64_t *src = hilum_mask_row(p->mask, j + x->lo[1], (int32_t)k + x->lo[2]);
      uint64_t *dst = hilum_extraction_row(x, j + 1, (int32_t)k + 1), carry = 0;
      for (size_t w = 0; w < words; w++) {
        size_t from = (size_t)x->lo[0] + 64 * w, at = from >> 6, off = from & 63;
        uint64_t bits = at < p->mask->row_words ? src[at] >> off : 0;
        if (off && at + 1 < p->mask->row_words) bits |= src[at + 1] << (64 - off);
        if (64 * w >= n)
          bits = 0;
        else if (n - 64 * w < 64)
          bits &= (UINT64_C(1) << (n - 64 * w)) - 1;
        dst[w] = bits << 1 | carry;
        carry = bits >> 63;
      }
    }
}

HilumMesh *hilum_mesh_extract_mask(const HilumMask *mask, const HilumGrid *grid,
                                   const HilumExtractOptions *options, const HilumProgress *progress,
                                   GError **error)
{
  HilumExtraction x;
  if (memcmp(mask->dims, grid->dims, sizeof mask->dims) != 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                        "The mask and the image have different sizes");
    return NULL;
  }
  if (!hilum_extraction_init(&x, grid, hilum_mask_bounds(mask), options, progress, error)) return NULL;
  MaskPack pack = {&x, mask};
  hilum_parallel_for((size_t)x.n[2], 8, pack_mask_slices, &pack);
  HilumMesh *mesh = hilum_progress_fail(progress, error) ? NULL : hilum_extraction_run(&x, error);
  hilum_extraction_clear(&x);
  return mesh;
}
