/* Snapshots: an immutable state of a label map that any thread may read. */
#include "hilum/base/parallel.h"
#include "label_map_private.h"

#include <string.h>

/* --- life --- */

HilumLabelSnapshot *hilum_label_snapshot_new_from_array(const HilumBrickArray *array, uint64_t serial)
{
  HilumLabelSnapshot *snapshot = g_new(HilumLabelSnapshot, 1);
  atomic_init(&snapshot->refs, 1);
  snapshot->serial = serial;
  hilum_brick_array_copy(&snapshot->array, array);
  return snapshot;
}

HilumLabelSnapshot *hilum_label_snapshot_ref(HilumLabelSnapshot *snapshot)
{
  atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
  return snapshot;
}

void hilum_label_snapshot_unref(HilumLabelSnapshot *snapshot)
{
  if (!snapshot || atomic_fetch_sub(&snapshot->refs, 1) != 1) return;
  hilum_brick_array_clear(&snapshot->array);
  g_free(snapshot);
}

/* --- from a dense array --- */

typedef struct {
  HilumBrickArray *array;
  const uint8_t *labels;
  uint64_t (*counts)[HILUM_LABEL_COUNT]; /* per worker: sums of integers, in any order */
} DensePass;

/* Copies the brick's labels out of the dense array (padding stays 0) and counts them. */
static void gather(const DensePass *pass, HilumVoxelBox box, uint8_t *labels, uint32_t *counts)
{
  const HilumGrid *grid = &pass->array->grid;
  size_t nx = (size_t)(box.hi[0] - box.lo[0]);
  memset(labels, 0, BRICK_VOXELS);
  memset(counts, 0, sizeof(uint32_t[HILUM_LABEL_COUNT]));
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      const uint8_t *row = pass->labels + hilum_grid_offset(grid, (HilumVoxel){box.lo[0], j, k});
      memcpy(labels + ((k - box.lo[2]) * HILUM_BRICK_EDGE + (j - box.lo[1])) * HILUM_BRICK_EDGE, row, nx);
      for (size_t i = 0; i < nx; i++)
        counts[row[i]]++;
    }
}

static void build_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  const DensePass *pass = data;
  uint8_t labels[BRICK_VOXELS];
  uint32_t counts[HILUM_LABEL_COUNT];
  for (size_t b = begin; b < end; b++) {
    gather(pass, hilum_brick_array_box(pass->array, b), labels, counts);
    pass->array->bricks[b] = hilum_brick_new(labels, counts);
    for (int l = 0; l < HILUM_LABEL_COUNT; l++)
      pass->counts[worker][l] += counts[l];
  }
}

HilumLabelSnapshot *hilum_label_snapshot_new_from_dense(const HilumGrid *grid, const uint8_t *labels,
                                                        GError **error)
{
  HilumBrickArray array;
  if (!hilum_brick_array_init(&array, grid, error)) return NULL;
  unsigned workers = hilum_parallel_threads();
  g_autofree void *counts = g_malloc0_n(workers, sizeof(uint64_t[HILUM_LABEL_COUNT]));
  DensePass pass = {&array, labels, counts};
  hilum_parallel_for(array.count, 16, build_bricks, &pass);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    array.voxels_of[l] = 0;
    for (unsigned w = 0; w < workers; w++)
      array.voxels_of[l] += pass.counts[w][l];
  }
  HilumLabelSnapshot *snapshot = g_new(HilumLabelSnapshot, 1);
  atomic_init(&snapshot->refs, 1);
  snapshot->serial = 0;
  snapshot->array = array;
  return snapshot;
}

/* --- questions --- */

const HilumGrid *hilum_label_snapshot_get_grid(const HilumLabelSnapshot *snapshot)
{
  return &snapshot->array.grid;
}

uint64_t hilum_label_snapshot_get_serial(const HilumLabelSnapshot *snapshot)
{
  return snapshot->serial;
}

uint8_t hilum_label_snapshot_get(const HilumLabelSnapshot *snapshot, HilumVoxel voxel)
{
  return hilum_brick_array_get(&snapshot->array, voxel);
}

uint64_t hilum_label_snapshot_count(const HilumLabelSnapshot *snapshot, uint8_t label)
{
  return snapshot->array.voxels_of[label];
}

void hilum_label_snapshot_brick_dims(const HilumLabelSnapshot *snapshot, int32_t out[3])
{
  memcpy(out, snapshot->array.dims, sizeof snapshot->array.dims);
}

HilumVoxelBox hilum_label_snapshot_brick_box(const HilumLabelSnapshot *snapshot, int32_t brick)
{
  return hilum_brick_array_box(&snapshot->array, (size_t)brick);
}

const uint8_t *hilum_label_snapshot_get_brick(const HilumLabelSnapshot *snapshot, int32_t brick,
                                              uint8_t *uniform)
{
  const HilumBrick *b = snapshot->array.bricks[brick];
  if (!b->voxels) *uniform = b->label;
  return b->voxels;
}

bool hilum_label_snapshot_brick_has(const HilumLabelSnapshot *snapshot, int32_t brick, uint8_t label)
{
  return hilum_brick_holds(snapshot->array.bricks[brick], label);
}

/* --- dense copies --- */

/* The part of one row of the box that one brick holds. */
static void copy_row(const HilumBrickArray *array, int32_t i0, int32_t i1, int32_t j, int32_t k, uint8_t *dst)
{
  enum { SHIFT = 5, LOW = HILUM_BRICK_EDGE - 1 };
  size_t first =
      ((size_t)(k >> SHIFT) * (size_t)array->dims[1] + (size_t)(j >> SHIFT)) * (size_t)array->dims[0];
  size_t row = (size_t)((k & LOW) * HILUM_BRICK_EDGE + (j & LOW)) * HILUM_BRICK_EDGE;
  while (i0 < i1) {
    int32_t stop = MIN(i1, (i0 | LOW) + 1);
    size_t length = (size_t)(stop - i0);
    const HilumBrick *brick = array->bricks[first + (size_t)(i0 >> SHIFT)];
    if (brick->voxels)
      memcpy(dst, brick->voxels + row + (i0 & LOW), length);
    else
      memset(dst, brick->label, length);
    dst += length;
    i0 = stop;
  }
}

void hilum_label_snapshot_read_box(const HilumLabelSnapshot *snapshot, HilumVoxelBox box, uint8_t *dst,
                                   size_t row_stride, size_t slice_stride)
{
  if (hilum_voxel_box_is_empty(box)) return;
  const HilumBrickArray *array = &snapshot->array;
  HilumVoxelBox in = hilum_voxel_box_grow(box, 0, array->grid.dims);
  size_t width = (size_t)((int64_t)box.hi[0] - box.lo[0]);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      uint8_t *row = dst + (size_t)((int64_t)k - box.lo[2]) * slice_stride +
                     (size_t)((int64_t)j - box.lo[1]) * row_stride;
      bool inside = k >= in.lo[2] && k < in.hi[2] && j >= in.lo[1] && j < in.hi[1] && in.lo[0] < in.hi[0];
      if (!inside || in.lo[0] != box.lo[0] || in.hi[0] != box.hi[0]) memset(row, 0, width);
      if (inside) copy_row(array, in.lo[0], in.hi[0], j, k, row + ((int64_t)in.lo[0] - box.lo[0]));
    }
}

char *hilum_label_snapshot_hash(const HilumLabelSnapshot *snapshot)
{
  const HilumGrid *grid = &snapshot->array.grid;
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  for (int a = 0; a < 3; a++) {
    uint32_t dim = GUINT32_TO_LE((uint32_t)grid->dims[a]);
    g_checksum_update(sum, (const guchar *)&dim, sizeof dim);
  }
  size_t row_bytes = (size_t)grid->dims[0], slice_bytes = row_bytes * (size_t)grid->dims[1];
  g_autofree uint8_t *slice = g_malloc(slice_bytes);
  for (int32_t k = 0; k < grid->dims[2]; k++) {
    HilumVoxelBox box = {{0, 0, k}, {grid->dims[0], grid->dims[1], k + 1}};
    hilum_label_snapshot_read_box(snapshot, box, slice, row_bytes, slice_bytes);
    g_checksum_update(sum, slice, (gssize)slice_bytes);
  }
  return g_strdup(g_checksum_get_string(sum));
}

/* --- masks --- */

/* Which of a brick row's 32 voxels carry one of the labels. */
static uint32_t row_bits(const uint8_t *row, const uint8_t *labels, int count)
{
  uint32_t bits = 0;
  for (int part = 0; part < HILUM_BRICK_EDGE / 8; part++) {
    uint64_t word, hits = 0;
    memcpy(&word, row + 8 * part, sizeof word);
    for (int l = 0; l < count; l++)
      hits |= hilum_bytes_zero(word ^ hilum_bytes_of(labels[l]));
    bits |= (uint32_t)hilum_bytes_to_bits(hits) << (8 * part);
  }
  return bits;
}

static uint32_t low_bits(int32_t count)
{
  return count >= 32 ? UINT32_MAX : (UINT32_C(1) << count) - 1;
}

typedef struct {
  const HilumBrickArray *array;
  const uint8_t *set;
  HilumMask *mask;
} MaskPass;

static void mask_brick(const MaskPass *pass, size_t index)
{
  const HilumBrick *brick = pass->array->bricks[index];
  uint8_t wanted[HILUM_LABEL_COUNT];
  int count = 0;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    if (pass->set[l] && hilum_brick_holds(brick, (uint8_t)l)) wanted[count++] = (uint8_t)l;
  if (count == 0) return;
  HilumVoxelBox box = hilum_brick_array_box(pass->array, index);
  uint32_t valid = low_bits(box.hi[0] - box.lo[0]);
  size_t word = (size_t)box.lo[0] >> 6;
  unsigned shift = (unsigned)box.lo[0] & 63;
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      uint32_t bits = valid;
      if (brick->voxels) {
        size_t row = (size_t)(((k - box.lo[2]) * HILUM_BRICK_EDGE + (j - box.lo[1])) * HILUM_BRICK_EDGE);
        bits &= row_bits(brick->voxels + row, wanted, count);
      }
      hilum_mask_row(pass->mask, j, k)[word] |= (uint64_t)bits << shift;
    }
}

/* Neighbouring bricks along x share mask words: a chunk is whole rows of bricks. */
static void mask_brick_rows(size_t begin, size_t end, unsigned worker, void *data)
{
  const MaskPass *pass = data;
  size_t nx = (size_t)pass->array->dims[0];
  for (size_t b = begin * nx; b < end * nx; b++)
    mask_brick(pass, b);
}

HilumMask *hilum_label_snapshot_dup_mask_of_set(const HilumLabelSnapshot *snapshot,
                                                const uint8_t set[HILUM_LABEL_COUNT], GError **error)
{
  HilumMask *mask = hilum_mask_new(snapshot->array.grid.dims, error);
  if (!mask) return NULL;
  MaskPass pass = {&snapshot->array, set, mask};
  hilum_parallel_for((size_t)snapshot->array.dims[1] * (size_t)snapshot->array.dims[2], 1, mask_brick_rows,
                     &pass);
  return mask;
}

HilumMask *hilum_label_snapshot_dup_mask(const HilumLabelSnapshot *snapshot, uint8_t label, GError **error)
{
  uint8_t set[HILUM_LABEL_COUNT] = {0};
  set[label] = 1;
  return hilum_label_snapshot_dup_mask_of_set(snapshot, set, error);
}

/* --- bounds --- */

static void include(HilumVoxelBox *all, const int32_t lo[3], const int32_t hi[3])
{
  bool first = all->hi[0] == 0;
  for (int a = 0; a < 3; a++) {
    all->lo[a] = first ? lo[a] : MIN(all->lo[a], lo[a]);
    all->hi[a] = first ? hi[a] : MAX(all->hi[a], hi[a]);
  }
}

static void include_brick(const HilumBrick *brick, HilumVoxelBox box, uint8_t label, HilumVoxelBox *all)
{
  if (!brick->voxels) {
    include(all, box.lo, box.hi);
    return;
  }
  uint32_t valid = low_bits(box.hi[0] - box.lo[0]);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      size_t row = (size_t)(((k - box.lo[2]) * HILUM_BRICK_EDGE + (j - box.lo[1])) * HILUM_BRICK_EDGE);
      uint32_t bits = row_bits(brick->voxels + row, &label, 1) & valid;
      if (!bits) continue;
      int32_t lo[3] = {box.lo[0] + __builtin_ctz(bits), j, k};
      int32_t hi[3] = {box.lo[0] + 32 - __builtin_clz(bits), j + 1, k + 1};
      include(all, lo, hi);
    }
}

HilumVoxelBox hilum_label_snapshot_bounds(const HilumLabelSnapshot *snapshot, uint8_t label)
{
  const HilumBrickArray *array = &snapshot->array;
  HilumVoxelBox all = {{0, 0, 0}, {0, 0, 0}};
  for (size_t b = 0; b < array->count; b++)
    if (hilum_brick_holds(array->bricks[b], label))
      include_brick(array->bricks[b], hilum_brick_array_box(array, b), label, &all);
  return all;
}
