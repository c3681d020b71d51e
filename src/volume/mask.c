/* Binary masks, 64 voxels a word. Whole-mask operations run over flat words on all cores; only those that
 * could set padding bits go by rows. */
#include "hilum/volume/mask.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/volume/error.h"

#include <stdatomic.h>
#include <string.h>

enum { GRAIN_WORDS = 1 << 15 };

static size_t row_count(const HilumMask *mask)
{
  return (size_t)mask->dims[1] * (size_t)mask->dims[2];
}

static size_t word_count(const HilumMask *mask)
{
  return row_count(mask) * mask->row_words;
}

static void assert_same_dims(const HilumMask *a, const HilumMask *b)
{
  g_assert(a->dims[0] == b->dims[0] && a->dims[1] == b->dims[1] && a->dims[2] == b->dims[2]);
}

/* --- life --- */

static HilumMask *mask_alloc(const int32_t dims[3], bool zero, GError **error)
{
  size_t bytes = 0;
  bool ok = dims[0] > 0 && dims[1] > 0 && dims[2] > 0;
  size_t row_words = ok ? ((size_t)dims[0] + 63) / 64 : 0;
  ok = ok && hilum_size_mul3((int64_t)row_words, dims[1], dims[2], &bytes) &&
       hilum_size_mul(bytes, sizeof(uint64_t), &bytes);
  uint64_t *words = NULL;
  if (ok) words = zero ? hilum_big_alloc0(bytes, NULL) : hilum_big_alloc(bytes, NULL);
  if (!words) {
    g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_LIMIT,
                "There is no memory for a selection of %d x %d x %d voxels", dims[0], dims[1], dims[2]);
    return NULL;
  }
  HilumMask *mask = g_new(HilumMask, 1);
  *mask = (HilumMask){.dims = {dims[0], dims[1], dims[2]}, .row_words = row_words, .words = words};
  return mask;
}

HilumMask *hilum_mask_new(const int32_t dims[3], GError **error)
{
  return mask_alloc(dims, true, error);
}

void hilum_mask_free(HilumMask *mask)
{
  if (!mask) return;
  hilum_big_free(mask->words);
  g_free(mask);
}

/* --- spans --- */

/* The words and the bits of their ends that [i0, i1) covers. False if the clipped span is empty. */
typedef struct {
  size_t first, last; /* words, inclusive */
  uint64_t first_bits, last_bits;
} Span;

static bool make_span(const HilumMask *mask, int32_t i0, int32_t i1, Span *span)
{
  i0 = MAX(i0, 0);
  i1 = MIN(i1, mask->dims[0]);
  if (i0 >= i1) return false;
  span->first = (size_t)i0 >> 6;
  span->last = (size_t)(i1 - 1) >> 6;
  span->first_bits = ~UINT64_C(0) << (i0 & 63);
  span->last_bits = ~UINT64_C(0) >> (63 - ((i1 - 1) & 63));
  if (span->first == span->last) span->first_bits = span->last_bits &= span->first_bits;
  return true;
}

void hilum_mask_set_span(HilumMask *mask, int32_t i0, int32_t i1, int32_t j, int32_t k)
{
  Span span;
  if (!make_span(mask, i0, i1, &span)) return;
  uint64_t *row = hilum_mask_row(mask, j, k);
  row[span.first] |= span.first_bits;
  for (size_t w = span.first + 1; w < span.last; w++)
    row[w] = ~UINT64_C(0);
  row[span.last] |= span.last_bits;
}

void hilum_mask_clear_span(HilumMask *mask, int32_t i0, int32_t i1, int32_t j, int32_t k)
{
  Span span;
  if (!make_span(mask, i0, i1, &span)) return;
  uint64_t *row = hilum_mask_row(mask, j, k);
  row[span.first] &= ~span.first_bits;
  for (size_t w = span.first + 1; w < span.last; w++)
    row[w] = 0;
  row[span.last] &= ~span.last_bits;
}

/* --- whole masks --- */

typedef struct {
  HilumMask *mask;
  const uint64_t *other;
  uint64_t *sums; /* per chunk */
  atomic_bool differ;
} Operation;

static void copy_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  memcpy(op->mask->words + begin, op->other + begin, (end - begin) * sizeof(uint64_t));
}

HilumMask *hilum_mask_copy(const HilumMask *mask, GError **error)
{
  HilumMask *copy = mask_alloc(mask->dims, false, error);
  if (!copy) return NULL;
  Operation op = {.mask = copy, .other = mask->words};
  hilum_parallel_for(word_count(mask), GRAIN_WORDS, copy_chunk, &op);
  return copy;
}

static void count_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  uint64_t sum = 0;
  for (size_t w = begin; w < end; w++)
    sum += (uint64_t)__builtin_popcountll(op->other[w]);
  op->sums[begin / GRAIN_WORDS] = sum;
}

uint64_t hilum_mask_count(const HilumMask *mask)
{
  size_t words = word_count(mask), chunks = hilum_parallel_chunks(words, GRAIN_WORDS);
  g_autofree uint64_t *sums = g_new0(uint64_t, chunks);
  Operation op = {.other = mask->words, .sums = sums};
  hilum_parallel_for(words, GRAIN_WORDS, count_chunk, &op);
  uint64_t sum = 0;
  for (size_t c = 0; c < chunks; c++)
    sum += sums[c];
  return sum;
}

static void and_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  uint64_t *words = op->mask->words;
  for (size_t w = begin; w < end; w++)
    words[w] &= op->other[w];
}

static void and_not_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  uint64_t *words = op->mask->words;
  for (size_t w = begin; w < end; w++)
    words[w] &= ~op->other[w];
}

static void or_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  uint64_t *words = op->mask->words;
  for (size_t w = begin; w < end; w++)
    words[w] |= op->other[w];
}

static void combine(HilumMask *mask, const HilumMask *other, HilumParallelFunc func)
{
  assert_same_dims(mask, other);
  Operation op = {.mask = mask, .other = other->words};
  hilum_parallel_for(word_count(mask), GRAIN_WORDS, func, &op);
}

void hilum_mask_and(HilumMask *mask, const HilumMask *other)
{
  combine(mask, other, and_chunk);
}

void hilum_mask_and_not(HilumMask *mask, const HilumMask *other)
{
  combine(mask, other, and_not_chunk);
}

void hilum_mask_or(HilumMask *mask, const HilumMask *other)
{
  combine(mask, other, or_chunk);
}

static size_t grain_rows(const HilumMask *mask)
{
  return MAX(1, GRAIN_WORDS / mask->row_words);
}

static void clear_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  memset(op->mask->words + begin, 0, (end - begin) * sizeof(uint64_t));
}

static void set_rows(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  size_t row_words = op->mask->row_words;
  uint64_t tail = hilum_mask_tail(op->mask);
  for (size_t r = begin; r < end; r++) {
    uint64_t *row = op->mask->words + r * row_words;
    memset(row, 0xff, row_words * sizeof *row);
    row[row_words - 1] = tail;
  }
}

void hilum_mask_fill(HilumMask *mask, bool value)
{
  Operation op = {.mask = mask};
  if (value)
    hilum_parallel_for(row_count(mask), grain_rows(mask), set_rows, &op);
  else
    hilum_parallel_for(word_count(mask), GRAIN_WORDS, clear_chunk, &op);
}

static void invert_rows(size_t begin, size_t end, unsigned worker, void *data)
{
  const Operation *op = data;
  size_t row_words = op->mask->row_words;
  uint64_t tail = hilum_mask_tail(op->mask);
  for (size_t r = begin; r < end; r++) {
    uint64_t *row = op->mask->words + r * row_words;
    for (size_t w = 0; w < row_words; w++)
      row[w] = ~row[w];
    row[row_words - 1] &= tail;
  }
}

void hilum_mask_invert(HilumMask *mask)
{
  Operation op = {.mask = mask};
  hilum_parallel_for(row_count(mask), grain_rows(mask), invert_rows, &op);
}

static void compare_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  Operation *op = data;
  if (atomic_load_explicit(&op->differ, memory_order_relaxed)) return;
  if (memcmp(op->mask->words + begin, op->other + begin, (end - begin) * sizeof(uint64_t)) != 0)
    atomic_store_explicit(&op->differ, true, memory_order_relaxed);
}

bool hilum_mask_equal(const HilumMask *a, const HilumMask *b)
{
  assert_same_dims(a, b);
  HilumMask view = *a;
  Operation op = {.mask = &view, .other = b->words};
  hilum_parallel_for(word_count(a), GRAIN_WORDS, compare_chunk, &op);
  return !atomic_load(&op.differ);
}

/* --- bounds --- */

typedef struct {
  const HilumMask *mask;
  HilumVoxelBox *boxes; /* per slice; all zero where the slice is empty */
} BoundsPass;

/* First and last set bit of the row into [*lo, *hi). False if there is none. */
static bool row_extent(const uint64_t *row, size_t row_words, int32_t *lo, int32_t *hi)
{
  size_t first = 0, last = row_words;
  while (first < row_words && row[first] == 0)
    first++;
  if (first == row_words) return false;
  while (row[last - 1] == 0)
    last--;
  *lo = (int32_t)(first * 64) + __builtin_ctzll(row[first]);
  *hi = (int32_t)(last * 64) - __builtin_clzll(row[last - 1]);
  return true;
}

static void bound_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const BoundsPass *pass = data;
  const HilumMask *mask = pass->mask;
  for (size_t k = begin; k < end; k++) {
    HilumVoxelBox box = {{0, 0, 0}, {0, 0, 0}};
    for (int32_t j = 0; j < mask->dims[1]; j++) {
      int32_t lo, hi;
      if (!row_extent(hilum_mask_row(mask, j, (int32_t)k), mask->row_words, &lo, &hi)) continue;
      bool first = box.hi[0] == 0;
      box.lo[0] = first ? lo : MIN(box.lo[0], lo);
      box.hi[0] = MAX(box.hi[0], hi);
      if (first) box.lo[1] = j;
      box.hi[1] = j + 1;
    }
    box.lo[2] = (int32_t)k;
    box.hi[2] = (int32_t)k + (box.hi[0] > 0);
    pass->boxes[k] = box;
  }
}

HilumVoxelBox hilum_mask_bounds(const HilumMask *mask)
{
  g_autofree HilumVoxelBox *boxes = g_new(HilumVoxelBox, (size_t)mask->dims[2]);
  BoundsPass pass = {mask, boxes};
  hilum_parallel_for((size_t)mask->dims[2], 8, bound_slices, &pass);
  HilumVoxelBox all = {{0, 0, 0}, {0, 0, 0}};
  for (int32_t k = 0; k < mask->dims[2]; k++) {
    if (boxes[k].hi[0] == 0) continue;
    if (all.hi[0] == 0) {
      all = boxes[k];
      continue;
    }
    for (int a = 0; a < 3; a++) {
      all.lo[a] = MIN(all.lo[a], boxes[k].lo[a]);
      all.hi[a] = MAX(all.hi[a], boxes[k].hi[a]);
    }
  }
  return all;
}
