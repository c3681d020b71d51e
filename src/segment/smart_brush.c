/* The smart brush: a flood inside what the brush covers, 64 voxels at a time. The box of a brush is small:
 * two bits a voxel of it and a list of rows are enough; nothing of the size of the volume is touched. */
#include "hilum/segment/brush.h"

#include "hilum/base/memory.h"
#include "hilum/kernels/bits.h"

#include <string.h>

typedef struct {
  HilumMask *mask;
  HilumVoxelBox box;
  int32_t first_word; /* of the mask's rows: where the box begins */
  size_t words;       /* of a row */
  size_t rows[2];     /* along y, z */
  uint64_t *open;     /* by row: may be reached, and is not yet */
  uint64_t *fresh;    /* by row: reached from a neighbouring row, not yet spread; of `open` */
  uint32_t *todo;     /* rows with fresh voxels, each once */
  size_t n_todo;
} Flood;

static uint64_t *flood_mask_row(const Flood *f, size_t row)
{
  const int32_t j = f->box.lo[1] + (int32_t)(row % f->rows[0]),
                k = f->box.lo[2] + (int32_t)(row / f->rows[0]);
  return hilum_mask_row(f->mask, j, k) + f->first_word;
}

/* Bits of word `w` that lie in the box. */
static uint64_t box_bits(const Flood *f, size_t w)
{
  const int32_t first = (f->first_word + (int32_t)w) * 64;
  uint64_t bits = ~UINT64_C(0);
  if (f->box.lo[0] > first) bits &= ~UINT64_C(0) << (f->box.lo[0] - first);
  if (f->box.hi[0] - first < 64) bits &= ~UINT64_C(0) >> (64 - (f->box.hi[0] - first));
  return bits;
}

/* Fills `open` with what is swept and in the range, and clears the mask in the box. */
static void open_rows(Flood *f, const HilumVolume *volume, int16_t lo, int16_t hi)
{
  HilumBitsKernels kernels;
  hilum_bits_kernels_init(&kernels);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const int16_t *voxels = hilum_volume_get_voxels(volume);
  for (size_t row = 0; row < f->rows[0] * f->rows[1]; row++) {
    const HilumVoxel begin = {f->first_word * 64, f->box.lo[1] + (int32_t)(row % f->rows[0]),
                              f->box.lo[2] + (int32_t)(row / f->rows[0])};
    uint64_t *open = f->open + row * f->words, *swept = flood_mask_row(f, row);
    kernels.compare_i16(voxels + hilum_grid_offset(grid, begin), (size_t)(f->box.hi[0] - begin.i), lo, hi,
                        open);
    for (size_t w = 0; w < f->words; w++) {
      open[w] &= swept[w] & box_bits(f, w);
      swept[w] &= ~box_bits(f, w);
    }
  }
}

static void clear_rows(const Flood *f)
{
  for (size_t row = 0; row < f->rows[0] * f->rows[1]; row++)
    for (size_t w = 0; w < f->words; w++)
      flood_mask_row(f, row)[w] &= ~box_bits(f, w);
}

/* From the bits of `from` to either side over set bits of `over`, within a word: Kogge and Stone's way of
 * carries. */
static uint64_t spread_up(uint64_t from, uint64_t over)
{
  for (int s = 1; s < 64; s *= 2) {
    from |= over & (from << s);
    over &= over << s;
  }
  return from;
}

static uint64_t spread_down(uint64_t from, uint64_t over)
{
  for (int s = 1; s < 64; s *= 2) {
    from |= over & (from >> s);
    over &= over >> s;
  }
  return from;
}

/* `row` becomes all runs of `open` that it has a bit of. */
static void spread_along(uint64_t *row, const uint64_t *open, size_t words)
{
  uint64_t carry = 0;
  for (size_t w = 0; w < words; w++) {
    row[w] = spread_up(row[w] | (carry & open[w]), open[w]);
    carry = row[w] >> 63;
  }
  carry = 0;
  for (size_t w = words; w-- > 0;) {
    row[w] = spread_down(row[w] | (carry & open[w]), open[w]);
    carry = row[w] << 63;
  }
}

/* What a row reaches in one of its neighbours. */
static void reach_row(Flood *f, const uint64_t *from, size_t row)
{
  uint64_t *fresh = f->fresh + row * f->words, news = 0, known = 0;
  for (size_t w = 0; w < f->words; w++) {
    const uint64_t reached = from[w] & f->open[row * f->words + w];
    known |= fresh[w];
    news |= reached;
    fresh[w] |= reached;
  }
  if (news && !known) f->todo[f->n_todo++] = (uint32_t)row;
}

/* Moves what is reached from `center` from `open` to the mask. */
static void flood(Flood *f, HilumVoxel center)
{
  const size_t start = (size_t)(center.j - f->box.lo[1]) + (size_t)(center.k - f->box.lo[2]) * f->rows[0];
  const size_t word = (size_t)((center.i >> 6) - f->first_word);
  f->fresh[start * f->words + word] = f->open[start * f->words + word] & UINT64_C(1) << (center.i & 63);
  if (f->fresh[start * f->words + word]) f->todo[f->n_todo++] = (uint32_t)start;
  while (f->n_todo > 0) {
    const size_t row = f->todo[--f->n_todo], j = row % f->rows[0], k = row / f->rows[0];
    uint64_t *fresh = f->fresh + row * f->words, *mask = flood_mask_row(f, row);
    spread_along(fresh, f->open + row * f->words, f->words);
    for (size_t w = 0; w < f->words; w++) {
      f->open[row * f->words + w] &= ~fresh[w];
      mask[w] |= fresh[w];
    }
    if (j > 0) reach_row(f, fresh, row - 1);
    if (j + 1 < f->rows[0]) reach_row(f, fresh, row + 1);
    if (k > 0) reach_row(f, fresh, row - f->rows[0]);
    if (k + 1 < f->rows[1]) reach_row(f, fresh, row + f->rows[0]);
    for (size_t w = 0; w < f->words; w++)
      fresh[w] = 0;
  }
}

static bool box_contains(const HilumVoxelBox *box, HilumVoxel v)
{
  return v.i >= box->lo[0] && v.i < box->hi[0] && v.j >= box->lo[1] && v.j < box->hi[1] &&
         v.k >= box->lo[2] && v.k < box->hi[2];
}

bool hilum_brush_keep_to_range(const HilumVolume *volume, double lo, double hi, HilumVoxel center,
                               HilumVoxelBox box, HilumMask *mask)
{
  g_return_val_if_fail(volume != NULL && mask != NULL, false);
  if (hilum_voxel_box_is_empty(box)) return true;
  Flood f = {.mask = mask,
             .box = box,
             .first_word = box.lo[0] >> 6,
             .words = (size_t)(((box.hi[0] - 1) >> 6) - (box.lo[0] >> 6) + 1),
             .rows = {(size_t)(box.hi[1] - box.lo[1]), (size_t)(box.hi[2] - box.lo[2])}};
  int16_t a, b;
  if (!box_contains(&box, center) || !hilum_volume_stored_range(volume, lo, hi, &a, &b)) {
    clear_rows(&f);
    return true;
  }
  const size_t rows = f.rows[0] * f.rows[1]; /* of a volume that is in memory: none of these overflows */
  f.open = hilum_big_alloc(2 * rows * f.words * sizeof *f.open, NULL);
  f.todo = g_try_new(uint32_t, rows);
  const bool room = f.open != NULL && f.todo != NULL;
  if (room) {
    f.fresh = f.open + rows * f.words;
    memset(f.fresh, 0, rows * f.words * sizeof *f.fresh);
    open_rows(&f, volume, a, b);
    flood(&f, center);
  } else {
    clear_rows(&f);
  }
  hilum_big_free(f.open);
  g_free(f.todo);
  return room;
}
