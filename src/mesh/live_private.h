/* What the files of live surfaces share. */
#pragma once

#include "hilum/mesh/live.h"
#include "joint_private.h"

/* The pieces of a tile, ascending by label. */
typedef struct {
  HilumLivePiece *piece;
  size_t n;
} HilumLiveTile;

/* Tiles that are made together along each axis: extracted and filtered once. With two, the margins cost twice
 * as much in all; with four, there are fewer parts for the cores to share. */
enum { HILUM_LIVE_TOGETHER = 3 };
typedef struct {
  int32_t lo[3], n[3]; /* in tiles; 1..HILUM_LIVE_TOGETHER */
} HilumLiveBlock;

void hilum_live_tile_clear(HilumLiveTile *tile);
/* Makes a block; `ranges` NULL: none is in use. out[t], x fastest, receives its tiles; where it is NULL the
 * tile is not wanted. Tiles not in it are left alone; on failure some of them may be filled. */
bool hilum_live_make_block(HilumLabelSnapshot *labels, const uint8_t wanted[HILUM_LABEL_COUNT],
                           const HilumSurfaceRange *ranges, const HilumLiveBlock *block,
                           HilumLiveTile *const *out, GError **error);
/* The filter of the pieces, after grey values (NULL: none) had their say. Of a part the same bits as of the
 * whole, away from its rim. */
HilumJoint *hilum_live_finish(HilumJoint *bare, HilumLabelSnapshot *labels, const HilumSurfaceRange *ranges,
                              GError **error);
