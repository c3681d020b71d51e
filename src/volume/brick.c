/* Bricks: immutable cubes of labels, their run-length code, and arrays of them. */
#include "hilum/base/memory.h"
#include "hilum/base/size.h"
#include "hilum/volume/error.h"
#include "label_map_private.h"

#include <pthread.h>
#include <string.h>

/* --- bricks --- */

static HilumBrick uniform_bricks[HILUM_LABEL_COUNT];
static atomic_uint_fast64_t last_stamp = HILUM_LABEL_COUNT;

uint64_t hilum_brick_next_stamp(void)
{
  return atomic_fetch_add_explicit(&last_stamp, 1, memory_order_relaxed) + 1;
}

static void fill_uniform_bricks(void)
{
  for (int label = 0; label < HILUM_LABEL_COUNT; label++) {
    HilumBrick *brick = &uniform_bricks[label];
    brick->label = (uint8_t)label;
    brick->stamp = (uint64_t)label;
    brick->present[label >> 6] = UINT64_C(1) << (label & 63);
  }
}

HilumBrick *hilum_brick_uniform(uint8_t label)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, fill_uniform_bricks);
  return &uniform_bricks[label];
}

/* Header and voxels in one block; the voxels start on a cache line. */
static HilumBrick *brick_alloc(uint64_t stamp)
{
  enum { HEADER = (sizeof(HilumBrick) + 63) / 64 * 64 };
  HilumBrick *brick = g_aligned_alloc(1, HEADER + BRICK_VOXELS, 64);
  memset(brick, 0, sizeof *brick);
  atomic_init(&brick->refs, 1);
  brick->stamp = stamp;
  brick->voxels = (uint8_t *)brick + HEADER;
  return brick;
}

HilumBrick *hilum_brick_new(const uint8_t labels[BRICK_VOXELS], const uint32_t counts[HILUM_LABEL_COUNT])
{
  uint8_t label;
  if (hilum_labels_are_uniform(labels, &label)) return hilum_brick_uniform(label);
  HilumBrick *brick = brick_alloc(hilum_brick_next_stamp());
  memcpy(brick->voxels, labels, BRICK_VOXELS);
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    if (counts[l]) brick->present[l >> 6] |= UINT64_C(1) << (l & 63);
  return brick;
}

HilumBrick *hilum_brick_ref(HilumBrick *brick)
{
  if (brick->voxels) atomic_fetch_add_explicit(&brick->refs, 1, memory_order_relaxed);
  return brick;
}

void hilum_brick_unref(HilumBrick *brick)
{
  if (brick->voxels && atomic_fetch_sub(&brick->refs, 1) == 1) g_aligned_free(brick);
}

bool hilum_labels_are_uniform(const uint8_t labels[BRICK_VOXELS], uint8_t *label)
{
  *label = labels[0];
  return memcmp(labels, labels + 1, BRICK_VOXELS - 1) == 0; /* each equals the next */
}

/* --- run-length code ---
 * Runs of (label, length - 1) in the order of the voxels. The length is a little-endian base-128 number whose
 * last byte has its high bit clear (LEB128): one byte up to 128 voxels, so that even runs of a single voxel
 * fit into twice the brick. */

static size_t run_end(const uint8_t *labels, size_t begin)
{
  uint8_t label = labels[begin];
  uint64_t wanted = hilum_bytes_of(label);
  size_t at = begin + 1;
  for (; at + 8 <= BRICK_VOXELS; at += 8) {
    uint64_t word;
    memcpy(&word, labels + at, sizeof word);
    uint64_t differ = word ^ wanted;
    if (differ) return at + (size_t)__builtin_ctzll(differ) / 8;
  }
  while (at < BRICK_VOXELS && labels[at] == label)
    at++;
  return at;
}

size_t hilum_brick_encode(const uint8_t labels[BRICK_VOXELS], uint8_t *out)
{
  size_t bytes = 0;
  for (size_t at = 0; at < BRICK_VOXELS;) {
    size_t end = run_end(labels, at), rest = end - at - 1;
    out[bytes++] = labels[at];
    for (; rest >= 128; rest >>= 7)
      out[bytes++] = (uint8_t)(rest | 128);
    out[bytes++] = (uint8_t)rest;
    at = end;
  }
  return bytes;
}

/* Reads one run; false at malformed input. */
static bool read_run(const uint8_t *data, size_t bytes, size_t *at, uint8_t *label, size_t *length)
{
  if (*at >= bytes) return false;
  *label = data[(*at)++];
  size_t rest = 0;
  for (unsigned shift = 0; shift <= 14; shift += 7) {
    if (*at >= bytes) return false;
    uint8_t byte = data[(*at)++];
    rest |= (size_t)(byte & 127) << shift;
    if (!(byte & 128)) {
      *length = rest + 1;
      return true;
    }
  }
  return false; /* more than three bytes: longer than any brick */
}

bool hilum_brick_decode(const uint8_t *data, size_t bytes, uint8_t labels[BRICK_VOXELS])
{
  size_t filled = 0;
  for (size_t at = 0; at < bytes;) {
    uint8_t label;
    size_t length;
    if (!read_run(data, bytes, &at, &label, &length) || length > BRICK_VOXELS - filled) return false;
    memset(labels + filled, label, length);
    filled += length;
  }
  return filled == BRICK_VOXELS;
}

/* --- coded states --- */

static HilumBrickRuns *runs_new(const uint8_t *code, size_t bytes, uint64_t stamp)
{
  HilumBrickRuns *runs = g_malloc(sizeof *runs + bytes);
  atomic_init(&runs->refs, 1);
  runs->bytes = (uint32_t)bytes;
  runs->stamp = stamp;
  memcpy(runs->data, code, bytes);
  return runs;
}

HilumBrickRuns *hilum_brick_runs_new(const uint8_t labels[BRICK_VOXELS], uint64_t stamp)
{
  uint8_t code[BRICK_RUNS_MAX];
  return runs_new(code, hilum_brick_encode(labels, code), stamp);
}

HilumBrickRuns *hilum_brick_runs_new_from_brick(const HilumBrick *brick)
{
  if (brick->voxels) return hilum_brick_runs_new(brick->voxels, brick->stamp);
  const uint8_t code[] = {brick->label, 0xFF, 0xFF, 0x01}; /* 32767 more */
  return runs_new(code, sizeof code, brick->stamp);
}

HilumBrickRuns *hilum_brick_runs_ref(HilumBrickRuns *runs)
{
  atomic_fetch_add_explicit(&runs->refs, 1, memory_order_relaxed);
  return runs;
}

void hilum_brick_runs_unref(HilumBrickRuns *runs)
{
  if (runs && atomic_fetch_sub(&runs->refs, 1) == 1) g_free(runs);
}

bool hilum_brick_runs_equal(const HilumBrickRuns *a, const HilumBrickRuns *b)
{
  return a->stamp == b->stamp || (a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0);
}

bool hilum_brick_runs_match(const HilumBrickRuns *runs, const HilumBrick *brick)
{
  if (runs->stamp == brick->stamp) return true;
  HilumBrickRuns *current = hilum_brick_runs_new_from_brick(brick);
  bool equal = hilum_brick_runs_equal(runs, current);
  hilum_brick_runs_unref(current);
  return equal;
}

HilumBrick *hilum_brick_runs_to_brick(const HilumBrickRuns *runs, size_t padding)
{
  if (runs->stamp < HILUM_LABEL_COUNT) return hilum_brick_uniform((uint8_t)runs->stamp);
  HilumBrick *brick = brick_alloc(runs->stamp);
  size_t filled = 0, zeros = 0;
  for (size_t at = 0; at < runs->bytes;) {
    uint8_t label;
    size_t length;
    bool ok = read_run(runs->data, runs->bytes, &at, &label, &length);
    g_assert(ok && length <= BRICK_VOXELS - filled); /* written by this file */
    memset(brick->voxels + filled, label, length);
    brick->present[label >> 6] |= UINT64_C(1) << (label & 63);
    filled += length;
    if (label == 0) zeros += length;
  }
  g_assert(filled == BRICK_VOXELS);
  if (zeros <= padding) brick->present[0] &= ~UINT64_C(1);
  return brick;
}

/* --- arrays --- */

bool hilum_brick_array_init(HilumBrickArray *array, const HilumGrid *grid, GError **error)
{
  if (!hilum_grid_validate(grid, error)) return false;
  *array = (HilumBrickArray){.grid = *grid};
  for (int a = 0; a < 3; a++)
    array->dims[a] = (grid->dims[a] + HILUM_BRICK_EDGE - 1) / HILUM_BRICK_EDGE;
  size_t bytes = 0;
  if (!hilum_size_mul3(array->dims[0], array->dims[1], array->dims[2], &array->count) ||
      array->count > INT32_MAX || !hilum_size_mul(array->count, BRICK_VOXELS, &bytes) ||
      bytes > hilum_memory_budget()) {
    g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_LIMIT,
                "There is no memory for a label map of %d x %d x %d voxels", grid->dims[0], grid->dims[1],
                grid->dims[2]);
    return false;
  }
  array->bricks = g_new(HilumBrick *, array->count);
  for (size_t b = 0; b < array->count; b++)
    array->bricks[b] = hilum_brick_uniform(0);
  array->voxels_of[0] = hilum_grid_count(grid);
  return true;
}

void hilum_brick_array_copy(HilumBrickArray *copy, const HilumBrickArray *array)
{
  *copy = *array;
  copy->bricks = g_new(HilumBrick *, array->count);
  for (size_t b = 0; b < array->count; b++)
    copy->bricks[b] = hilum_brick_ref(array->bricks[b]);
}

void hilum_brick_array_clear(HilumBrickArray *array)
{
  if (!array->bricks) return;
  for (size_t b = 0; b < array->count; b++)
    hilum_brick_unref(array->bricks[b]);
  g_clear_pointer(&array->bricks, g_free);
}

HilumVoxelBox hilum_brick_array_box(const HilumBrickArray *array, size_t brick)
{
  size_t nx = (size_t)array->dims[0], ny = (size_t)array->dims[1];
  const int32_t at[3] = {(int32_t)(brick % nx), (int32_t)(brick / nx % ny), (int32_t)(brick / nx / ny)};
  HilumVoxelBox box;
  for (int a = 0; a < 3; a++) {
    box.lo[a] = at[a] * HILUM_BRICK_EDGE;
    box.hi[a] = MIN(box.lo[a] + HILUM_BRICK_EDGE, array->grid.dims[a]);
  }
  return box;
}

uint8_t hilum_brick_array_get(const HilumBrickArray *array, HilumVoxel v)
{
  enum { SHIFT = 5, LOW = HILUM_BRICK_EDGE - 1 };
  size_t brick =
      ((size_t)(v.k >> SHIFT) * (size_t)array->dims[1] + (size_t)(v.j >> SHIFT)) * (size_t)array->dims[0] +
      (size_t)(v.i >> SHIFT);
  const HilumBrick *b = array->bricks[brick];
  if (!b->voxels) return b->label;
  return b->voxels[((v.k & LOW) * HILUM_BRICK_EDGE + (v.j & LOW)) * HILUM_BRICK_EDGE + (v.i & LOW)];
}
