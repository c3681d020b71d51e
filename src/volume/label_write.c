/* Writing a mask into labels: the delta of every segmentation tool. All work is on eight labels at a time, a
 * brick row being 32 bits of a mask word; bricks that the mask misses and that lack the label are passed over
 * by their presence bits. */
#include "hilum/base/parallel.h"
#include "label_map_private.h"

#include <string.h>

typedef struct {
  const HilumBrickArray *array;
  const HilumMask *mask;
  const HilumLabelWrite *write;
  HilumVoxelBox region;
  const int32_t *bricks; /* those that the region touches */
  size_t count;
  HilumDeltaEntry *slots;               /* per brick of `bricks` */
  int64_t (*gained)[HILUM_LABEL_COUNT]; /* per worker */
  const HilumProgress *progress;
  atomic_size_t done;
  atomic_bool cancelled;
} WritePass;

/* The mask inside one brick: a row of 32 voxels is one of `rows`. */
typedef struct {
  uint32_t rows[BRICK_ROWS]; /* mask and region */
  uint32_t region;           /* valid bits of a row in the region */
  int32_t j0, j1, k0, k1;    /* the region inside the brick */
  bool any, all;             /* all: every voxel of the whole brick */
} BrickMask;

static uint32_t bit_range(int32_t lo, int32_t hi)
{
  return (uint32_t)(((UINT64_C(1) << hi) - 1) & ~((UINT64_C(1) << lo) - 1));
}

static void load_mask(const WritePass *pass, HilumVoxelBox box, BrickMask *out)
{
  HilumVoxelBox in;
  for (int a = 0; a < 3; a++) {
    in.lo[a] = MAX(box.lo[a], pass->region.lo[a]);
    in.hi[a] = MIN(box.hi[a], pass->region.hi[a]);
  }
  out->region = bit_range(in.lo[0] - box.lo[0], in.hi[0] - box.lo[0]);
  out->j0 = in.lo[1] - box.lo[1];
  out->j1 = in.hi[1] - box.lo[1];
  out->k0 = in.lo[2] - box.lo[2];
  out->k1 = in.hi[2] - box.lo[2];
  size_t word = (size_t)box.lo[0] >> 6;
  unsigned shift = (unsigned)box.lo[0] & 63;
  uint32_t any = 0, all = UINT32_MAX;
  for (int32_t k = out->k0; k < out->k1; k++)
    for (int32_t j = out->j0; j < out->j1; j++) {
      uint32_t bits =
          (uint32_t)(hilum_mask_row(pass->mask, box.lo[1] + j, box.lo[2] + k)[word] >> shift) & out->region;
      out->rows[k * HILUM_BRICK_EDGE + j] = bits;
      any |= bits;
      all &= bits;
    }
  out->any = any != 0;
  out->all =
      all == UINT32_MAX && out->j1 - out->j0 == HILUM_BRICK_EDGE && out->k1 - out->k0 == HILUM_BRICK_EDGE;
}

/* True if the presence bits alone say that nothing changes. */
static bool can_skip(const HilumBrick *brick, const HilumLabelWrite *write, bool any)
{
  bool held = hilum_brick_holds(brick, write->label) && !write->locked[write->label];
  switch (write->mode) {
  case HILUM_LABEL_REMOVE:
    return !any || !held;
  case HILUM_LABEL_REPLACE:
    return !any && !held;
  case HILUM_LABEL_CLEAR:
    return !any || (!brick->voxels && brick->label == 0);
  case HILUM_LABEL_ADD:
    break;
  }
  return !any;
}

/* What a voxel of `old` becomes where the mask is set. */
static uint8_t label_inside(const HilumLabelWrite *write, uint8_t old)
{
  if (write->locked[old]) return old;
  if (write->mode == HILUM_LABEL_REMOVE) return old == write->label ? 0 : old;
  return write->mode == HILUM_LABEL_CLEAR ? 0 : write->label;
}

static int locked_in_brick(const HilumBrick *brick, const HilumLabelWrite *write,
                           uint64_t locked[HILUM_LABEL_COUNT])
{
  int count = 0;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    if (write->locked[l] && hilum_brick_holds(brick, (uint8_t)l))
      locked[count++] = hilum_bytes_of((uint8_t)l);
  return count;
}

/* Eight voxels: bits of the mask, bits of the region. */
static uint64_t write_word(uint64_t old, unsigned bits, unsigned region, const HilumLabelWrite *write,
                           const uint64_t *locked, int locked_count)
{
  uint64_t label = hilum_bytes_of(write->label);
  uint64_t is_label = hilum_bytes_zero(old ^ label) * 255;
  uint64_t keep = 0;
  for (int l = 0; l < locked_count; l++)
    keep |= hilum_bytes_zero(old ^ locked[l]) * 255;
  uint64_t inside = hilum_bits_to_bytes(bits) & ~keep;
  if (write->mode == HILUM_LABEL_REMOVE) return old & ~(inside & is_label);
  if (write->mode == HILUM_LABEL_CLEAR) return old & ~inside;
  uint64_t new = (old & ~inside) | (label & inside);
  if (write->mode == HILUM_LABEL_REPLACE) new &= ~(hilum_bits_to_bytes(region & ~bits) & is_label & ~keep);
  return new;
}

static void write_brick(const HilumBrick *brick, const BrickMask *mask, const HilumLabelWrite *write,
                        uint8_t *labels)
{
  uint64_t locked[HILUM_LABEL_COUNT];
  int locked_count = locked_in_brick(brick, write, locked);
  if (brick->voxels)
    memcpy(labels, brick->voxels, BRICK_VOXELS);
  else
    memset(labels, brick->label, BRICK_VOXELS);
  for (int32_t k = mask->k0; k < mask->k1; k++)
    for (int32_t j = mask->j0; j < mask->j1; j++) {
      int32_t row = k * HILUM_BRICK_EDGE + j;
      uint32_t bits = mask->rows[row];
      if (bits == 0 && write->mode != HILUM_LABEL_REPLACE) continue;
      for (int part = 0; part < HILUM_BRICK_EDGE / 8; part++) {
        uint8_t *at = labels + row * HILUM_BRICK_EDGE + 8 * part;
        uint64_t word;
        memcpy(&word, at, sizeof word);
        word = write_word(word, bits >> (8 * part) & 255, mask->region >> (8 * part) & 255, write, locked,
                          locked_count);
        memcpy(at, &word, sizeof word);
      }
    }
}

static void write_one(const WritePass *pass, size_t slot, unsigned worker)
{
  int32_t index = pass->bricks[slot];
  const HilumBrick *brick = pass->array->bricks[index];
  BrickMask mask;
  load_mask(pass, hilum_brick_array_box(pass->array, (size_t)index), &mask);
  if (can_skip(brick, pass->write, mask.any)) return;
  if (!brick->voxels && mask.all) {
    uint8_t label = label_inside(pass->write, brick->label);
    if (label != brick->label)
      hilum_delta_entry_make_uniform(&pass->slots[slot], index, brick->label, label, pass->gained[worker]);
    return;
  }
  uint8_t labels[BRICK_VOXELS];
  write_brick(brick, &mask, pass->write, labels);
  hilum_delta_entry_make(&pass->slots[slot], index, brick, labels, 0, pass->gained[worker]);
}

static void write_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  WritePass *pass = data;
  if (atomic_load_explicit(&pass->cancelled, memory_order_relaxed)) return;
  for (size_t s = begin; s < end; s++)
    write_one(pass, s, worker);
  size_t done = atomic_fetch_add(&pass->done, end - begin) + (end - begin);
  if (!hilum_progress_step(pass->progress, (double)done / (double)pass->count))
    atomic_store_explicit(&pass->cancelled, true, memory_order_relaxed);
}

/* The bricks that a box inside the grid touches, in ascending order. */
static int32_t *list_bricks(const HilumBrickArray *array, HilumVoxelBox box, size_t *count)
{
  *count = 0;
  if (hilum_voxel_box_is_empty(box)) return NULL;
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = box.lo[a] / HILUM_BRICK_EDGE;
    hi[a] = (box.hi[a] - 1) / HILUM_BRICK_EDGE + 1;
  }
  int32_t *list =
      g_new(int32_t, hilum_voxel_box_count((HilumVoxelBox){{lo[0], lo[1], lo[2]}, {hi[0], hi[1], hi[2]}}));
  for (int32_t k = lo[2]; k < hi[2]; k++)
    for (int32_t j = lo[1]; j < hi[1]; j++)
      for (int32_t i = lo[0]; i < hi[0]; i++)
        list[(*count)++] = (k * array->dims[1] + j) * array->dims[0] + i;
  return list;
}

static HilumVoxelBox clip_region(const HilumGrid *grid, const HilumVoxelBox *region)
{
  HilumVoxelBox all = {{0, 0, 0}, {grid->dims[0], grid->dims[1], grid->dims[2]}};
  return region ? hilum_voxel_box_grow(*region, 0, grid->dims) : all;
}

HilumLabelDelta *hilum_label_delta_new_from_mask(HilumLabelSnapshot *base, const HilumMask *mask,
                                                 const HilumVoxelBox *region, const HilumLabelWrite *write,
                                                 const HilumProgress *progress, GError **error)
{
  const HilumBrickArray *array = &base->array;
  g_assert(memcmp(mask->dims, array->grid.dims, sizeof mask->dims) == 0);
  g_assert(write->label != 0 || write->mode == HILUM_LABEL_CLEAR);
  WritePass pass = {.array = array, .mask = mask, .write = write, .progress = progress};
  pass.region = clip_region(&array->grid, region);
  g_autofree int32_t *bricks = list_bricks(array, pass.region, &pass.count);
  unsigned workers = hilum_parallel_threads();
  g_autofree HilumDeltaEntry *slots = g_new0(HilumDeltaEntry, pass.count);
  g_autofree void *gained = g_malloc0_n(workers, sizeof(int64_t[HILUM_LABEL_COUNT]));
  pass.bricks = bricks;
  pass.slots = slots;
  pass.gained = gained;
  if (hilum_progress_fail(progress, error)) return NULL;
  hilum_parallel_for(pass.count, 8, write_bricks, &pass);

  for (unsigned w = 1; w < workers; w++)
    for (int l = 0; l < HILUM_LABEL_COUNT; l++)
      pass.gained[0][l] += pass.gained[w][l];
  HilumLabelDelta *delta = hilum_label_delta_new_take(array->grid.dims, slots, pass.count, pass.gained[0]);
  if (atomic_load(&pass.cancelled)) {
    g_clear_pointer(&delta, hilum_label_delta_unref);
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The operation was cancelled");
  }
  return delta;
}
