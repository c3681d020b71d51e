/* What the label map's files share: bricks, the array of bricks that a map and a snapshot each hold, and the
 * run-length coded state of a brick that deltas keep. Private to src/volume. */
#pragma once

#include "hilum/volume/label_map.h"

#include <stdatomic.h>

enum {
  BRICK_VOXELS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE * HILUM_BRICK_EDGE,
  BRICK_ROWS = HILUM_BRICK_EDGE * HILUM_BRICK_EDGE,
  BRICK_WORDS = BRICK_VOXELS / 8,
  BRICK_RUNS_MAX = 2 * BRICK_VOXELS /* bytes of the longest run-length code */
};

/* --- bricks --- */

/* An immutable cube of labels. Every content gets a stamp when it first comes into being and keeps it through
 * undo and redo: equal stamps mean equal voxels (not the other way round). A uniform brick's stamp is its
 * label. */
typedef struct {
  atomic_int refs; /* not counted for uniform bricks, which live for ever */
  uint8_t label;   /* of a uniform brick */
  uint8_t *voxels; /* NULL: uniform */
  uint64_t stamp;
  uint64_t present[4]; /* bit l: the brick holds label l inside the grid */
} HilumBrick;

HilumBrick *hilum_brick_uniform(uint8_t label);
HilumBrick *hilum_brick_ref(HilumBrick *brick);
void hilum_brick_unref(HilumBrick *brick);
/* A brick of these labels, uniform if they are all equal. `counts` are its voxels per label inside the grid.
 */
HilumBrick *hilum_brick_new(const uint8_t labels[BRICK_VOXELS], const uint32_t counts[HILUM_LABEL_COUNT]);
uint64_t hilum_brick_next_stamp(void);
/* True, and the label, if all are equal. */
bool hilum_labels_are_uniform(const uint8_t labels[BRICK_VOXELS], uint8_t *label);

static inline bool hilum_brick_holds(const HilumBrick *brick, uint8_t label)
{
  return brick->present[label >> 6] >> (label & 63) & 1;
}

/* --- run-length coded states --- */

/* The content of a brick as hilum_brick_encode() has it. The code is canonical: equal bytes, equal voxels. */
typedef struct {
  atomic_int refs;
  uint32_t bytes;
  uint64_t stamp;
  uint8_t data[];
} HilumBrickRuns;

HilumBrickRuns *hilum_brick_runs_new(const uint8_t labels[BRICK_VOXELS], uint64_t stamp);
HilumBrickRuns *hilum_brick_runs_new_from_brick(const HilumBrick *brick);
HilumBrickRuns *hilum_brick_runs_ref(HilumBrickRuns *runs);
void hilum_brick_runs_unref(HilumBrickRuns *runs);
bool hilum_brick_runs_equal(const HilumBrickRuns *a, const HilumBrickRuns *b);
/* True if the brick is in this state. */
bool hilum_brick_runs_match(const HilumBrickRuns *runs, const HilumBrick *brick);
/* The brick in this state; `padding` of its voxels lie outside the grid. */
HilumBrick *hilum_brick_runs_to_brick(const HilumBrickRuns *runs, size_t padding);

/* --- arrays of bricks --- */

typedef struct {
  HilumGrid grid;
  int32_t dims[3]; /* bricks */
  size_t count;
  HilumBrick **bricks;
  uint64_t voxels_of[HILUM_LABEL_COUNT];
} HilumBrickArray;

/* All uniformly 0. */
bool hilum_brick_array_init(HilumBrickArray *array, const HilumGrid *grid, GError **error);
void hilum_brick_array_copy(HilumBrickArray *copy, const HilumBrickArray *array);
void hilum_brick_array_clear(HilumBrickArray *array);
HilumVoxelBox hilum_brick_array_box(const HilumBrickArray *array, size_t brick);
uint8_t hilum_brick_array_get(const HilumBrickArray *array, HilumVoxel voxel);

static inline size_t hilum_voxel_box_count(HilumVoxelBox box)
{
  return (size_t)(box.hi[0] - box.lo[0]) * (size_t)(box.hi[1] - box.lo[1]) * (size_t)(box.hi[2] - box.lo[2]);
}
static inline size_t hilum_brick_array_padding(const HilumBrickArray *array, size_t brick)
{
  return BRICK_VOXELS - hilum_voxel_box_count(hilum_brick_array_box(array, brick));
}

/* --- snapshots and deltas --- */

struct HilumLabelSnapshot {
  atomic_int refs;
  uint64_t serial;
  HilumBrickArray array;
};

HilumLabelSnapshot *hilum_label_snapshot_new_from_array(const HilumBrickArray *array, uint64_t serial);

typedef struct {
  int32_t brick;
  uint32_t changed; /* voxels */
  HilumBrickRuns *before, *after;
} HilumDeltaEntry;

struct HilumLabelDelta {
  atomic_int refs;
  int32_t grid_dims[3];
  size_t count;
  HilumDeltaEntry *entries; /* in ascending order of bricks */
  uint64_t changed;
  int64_t gained[HILUM_LABEL_COUNT]; /* voxels, going forward */
  size_t bytes;
};

/* Compares a brick with the labels it is to have, adds what each label gains to `gained`, and fills `entry`;
 * false, with `entry` untouched, if they are equal. `stamp` is that of the new content (0: a fresh one). */
bool hilum_delta_entry_make(HilumDeltaEntry *entry, int32_t index, const HilumBrick *before,
                            const uint8_t after[BRICK_VOXELS], uint64_t stamp,
                            int64_t gained[HILUM_LABEL_COUNT]);
/* The same where a brick that is uniform stays so. */
void hilum_delta_entry_make_uniform(HilumDeltaEntry *entry, int32_t index, uint8_t before, uint8_t after,
                                    int64_t gained[HILUM_LABEL_COUNT]);
/* Takes over, in order, those of `slots` that have a `before`. */
HilumLabelDelta *hilum_label_delta_new_take(const int32_t grid_dims[3], const HilumDeltaEntry *slots,
                                            size_t count, const int64_t gained[HILUM_LABEL_COUNT]);

/* --- eight labels in a 64-bit word --- */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "label words are little-endian");

#define HILUM_BYTES_01 UINT64_C(0x0101010101010101)
#define HILUM_BYTES_7F UINT64_C(0x7F7F7F7F7F7F7F7F)

static inline uint64_t hilum_bytes_of(uint8_t label)
{
  return label * HILUM_BYTES_01;
}
/* 0x01 in every byte of x that is zero. Exact: no carry crosses bytes. */
static inline uint64_t hilum_bytes_zero(uint64_t x)
{
  return ~(((x & HILUM_BYTES_7F) + HILUM_BYTES_7F) | x | HILUM_BYTES_7F) >> 7;
}
/* Bit b of 8 from the lowest bit of byte b. */
static inline unsigned hilum_bytes_to_bits(uint64_t ones)
{
  return (unsigned)((ones * UINT64_C(0x0102040810204080)) >> 56);
}
/* 0xFF in byte b for every bit b of 8. */
static inline uint64_t hilum_bits_to_bytes(unsigned bits)
{
  uint64_t spread = (bits * HILUM_BYTES_01) & UINT64_C(0x8040201008040201);
  return (HILUM_BYTES_01 - hilum_bytes_zero(spread)) * 255;
}
