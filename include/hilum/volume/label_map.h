/* Labels: one byte per voxel, 0 is nothing, 1..255 are structures, one structure a voxel. Stored in bricks of
 * 32x32x32 that are immutable, reference counted and shared (a uniform brick costs no voxels), so that a
 * snapshot is a copy of pointers and undo is a swap of them.
 *
 * HilumLabelMap is mutable and belongs to the main thread. HilumLabelSnapshot is immutable; any thread may
 * read it. HilumLabelDelta is a finished change: made on any thread as a pure function of a snapshot, applied
 * and reverted on the main thread. Nothing else changes a label map. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

G_BEGIN_DECLS

#define HILUM_BRICK_EDGE 32
#define HILUM_LABEL_COUNT 256

typedef struct HilumLabelMap HilumLabelMap;
typedef struct HilumLabelSnapshot HilumLabelSnapshot;
typedef struct HilumLabelDelta HilumLabelDelta;

/* --- the map: main thread --- */
HilumLabelMap *hilum_label_map_new(const HilumGrid *grid, GError **error);
void hilum_label_map_free(HilumLabelMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumLabelMap, hilum_label_map_free)
const HilumGrid *hilum_label_map_get_grid(const HilumLabelMap *map);
uint8_t hilum_label_map_get(const HilumLabelMap *map, HilumVoxel voxel);
/* Voxels of each label, kept up to date: O(1). */
uint64_t hilum_label_map_count(const HilumLabelMap *map, uint8_t label);
/* The current state; O(bricks), and the same object while nothing changed. */
HilumLabelSnapshot *hilum_label_map_snapshot(HilumLabelMap *map);
/* Grows with every change; bricks carry the serial of their last change. */
uint64_t hilum_label_map_get_serial(const HilumLabelMap *map);
/* Appends to `bricks` (int32_t) the indices of bricks changed after `serial`. */
void hilum_label_map_changed_since(const HilumLabelMap *map, uint64_t serial, GArray *bricks);
/* Applies a delta forward or backward. False, with nothing changed, if a brick it touches is not in the state
 * the delta starts from (the delta was made from a stale snapshot): make it again. */
bool hilum_label_map_apply(HilumLabelMap *map, HilumLabelDelta *delta, bool forward);

/* --- snapshots: any thread --- */
HilumLabelSnapshot *hilum_label_snapshot_ref(HilumLabelSnapshot *snapshot);
void hilum_label_snapshot_unref(HilumLabelSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumLabelSnapshot, hilum_label_snapshot_unref)
/* From a dense x-fastest array of hilum_grid_count() labels (copied). */
HilumLabelSnapshot *hilum_label_snapshot_new_from_dense(const HilumGrid *grid, const uint8_t *labels,
                                                        GError **error);
/* The same at half the resolution, for a first look: a voxel of the result stands for 2 x 2 x 2 (fewer where
 * the grid ends, the missing ones being 0) and holds the label that most of them hold, the lowest structure
 * of several. Parts thinner than a voxel of it may be missing. */
HilumLabelSnapshot *hilum_label_snapshot_new_half(HilumLabelSnapshot *snapshot, const HilumProgress *progress,
                                                  GError **error);
const HilumGrid *hilum_label_snapshot_get_grid(const HilumLabelSnapshot *snapshot);
uint64_t hilum_label_snapshot_get_serial(const HilumLabelSnapshot *snapshot);
uint8_t hilum_label_snapshot_get(const HilumLabelSnapshot *snapshot, HilumVoxel voxel);
uint64_t hilum_label_snapshot_count(const HilumLabelSnapshot *snapshot, uint8_t label);
/* Copies the labels of `box` (clipped: voxels outside the grid read 0) to dst, x fastest, with the given
 * strides in bytes. */
void hilum_label_snapshot_read_box(const HilumLabelSnapshot *snapshot, HilumVoxelBox box, uint8_t *dst,
                                   size_t row_stride, size_t slice_stride);
/* One structure, or the union of all labels l with set[l] != 0, as a mask over the whole grid. */
HilumMask *hilum_label_snapshot_dup_mask(const HilumLabelSnapshot *snapshot, uint8_t label, GError **error);
HilumMask *hilum_label_snapshot_dup_mask_of_set(const HilumLabelSnapshot *snapshot,
                                                const uint8_t set[HILUM_LABEL_COUNT], GError **error);
/* Tight box of a label (0 too); empty (all zero) if it has no voxel. Looks only at bricks that hold it. */
HilumVoxelBox hilum_label_snapshot_bounds(const HilumLabelSnapshot *snapshot, uint8_t label);
/* SHA-256 over dims and voxels in x-fastest order: equal maps, equal hash, whatever their history. g_free().
 */
char *hilum_label_snapshot_hash(const HilumLabelSnapshot *snapshot);
/* Bricks: index = (kz * ny + ky) * nx + kx. */
void hilum_label_snapshot_brick_dims(const HilumLabelSnapshot *snapshot, int32_t out[3]);
HilumVoxelBox hilum_label_snapshot_brick_box(const HilumLabelSnapshot *snapshot, int32_t brick);
/* The brick's 32768 labels (padding beyond the grid is 0), or NULL where it is uniform; *uniform is then its
 * label. Borrowed. */
const uint8_t *hilum_label_snapshot_get_brick(const HilumLabelSnapshot *snapshot, int32_t brick,
                                              uint8_t *uniform);
/* True if the brick holds the label inside the grid (exact; kept as 256 bits a brick; padding does not
 * count).
 */
bool hilum_label_snapshot_brick_has(const HilumLabelSnapshot *snapshot, int32_t brick, uint8_t label);

/* --- changes: any thread --- */
typedef enum {
  HILUM_LABEL_ADD,     /* voxels of the mask become `label` */
  HILUM_LABEL_REPLACE, /* the same, and voxels of `label` outside the mask become 0 */
  HILUM_LABEL_REMOVE,  /* voxels of the mask that are `label` become 0 */
  HILUM_LABEL_CLEAR    /* voxels of the mask become 0, whatever they are; `label` may be 0 */
} HilumLabelMode;

typedef struct {
  uint8_t label; /* 1..255; CLEAR does not look at it */
  HilumLabelMode mode;
  uint8_t
      locked[HILUM_LABEL_COUNT]; /* non-zero: voxels of this label are never changed; index 0 is "nothing" */
} HilumLabelWrite;

/* What writing `mask` into `base` changes. `region` (NULL: all) limits the work to a box, as for a brush;
 * outside it nothing changes. Never NULL unless cancelled or out of memory; an empty delta is possible. */
HilumLabelDelta *hilum_label_delta_new_from_mask(HilumLabelSnapshot *base, const HilumMask *mask,
                                                 const HilumVoxelBox *region, const HilumLabelWrite *write,
                                                 const HilumProgress *progress, GError **error);
/* From one state to another of the same grid: for imports, joint smoothing, merges. */
HilumLabelDelta *hilum_label_delta_new_from_snapshots(HilumLabelSnapshot *before, HilumLabelSnapshot *after,
                                                      GError **error);
/* One delta for both (a brush stroke is made of many). `second` must start from the state that `first` ends
 * in (asserted where both touch a brick). The arguments stay the caller's. */
HilumLabelDelta *hilum_label_delta_join(HilumLabelDelta *first, HilumLabelDelta *second);
HilumLabelDelta *hilum_label_delta_ref(HilumLabelDelta *delta);
void hilum_label_delta_unref(HilumLabelDelta *delta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumLabelDelta, hilum_label_delta_unref)
bool hilum_label_delta_is_empty(const HilumLabelDelta *delta);
/* Voxels whose label changes. */
uint64_t hilum_label_delta_get_changed(const HilumLabelDelta *delta);
/* Memory it holds: its bricks are run-length coded, so that 200 strokes stay within tens of MiB. */
size_t hilum_label_delta_get_bytes(const HilumLabelDelta *delta);

/* --- deltas as bytes --- */
/* Appends the delta's code to `out`: dimensions of the grid, number of bricks, and for each its index and its
 * runs before and after, little-endian. */
void hilum_label_delta_encode(const HilumLabelDelta *delta, GByteArray *out);
/* Back again, for labels of a grid of these dimensions. The bytes may come from anywhere:
 * HILUM_VOLUME_ERROR_INVALID unless every brick is in place, whole and changed. Needs at most as much memory
 * as the code and 64 KiB a thread beside what it returns. */
HilumLabelDelta *hilum_label_delta_decode(const int32_t grid_dims[3], const uint8_t *data, size_t bytes,
                                          GError **error);
/* Lets deltas that were decoded share the states that one leaves and the next starts from, with each other
 * and with the labels they lead to: half the memory, and applying them need not compare bricks. Add the done
 * steps from the newest to the oldest (`forward` false), or those to redo in order (true), each before
 * another thread sees it. One thread. */
typedef struct HilumLabelChain HilumLabelChain;
HilumLabelChain *hilum_label_chain_new(HilumLabelSnapshot *labels);
void hilum_label_chain_free(HilumLabelChain *chain);
void hilum_label_chain_add(HilumLabelChain *chain, HilumLabelDelta *delta, bool forward);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumLabelChain, hilum_label_chain_free)

/* One brick as runs of (label, length - 1), x fastest, the length as a little-endian base-128 number: the
 * form deltas and case files store. Canonical: equal labels, equal bytes. encode: returns bytes written to
 * `out` (capacity 2 * 32768). decode: false on malformed input, `labels` then being undefined. */
size_t hilum_brick_encode(const uint8_t labels[32768], uint8_t *out);
bool hilum_brick_decode(const uint8_t *data, size_t bytes, uint8_t labels[32768]);

G_END_DECLS
