/* Splits a mask that holds touching things, by the watershed of its distance to the background: floods from
 * the thickest places down (Vincent and Soille 1991, on sorted voxels), and where two parts meet they stay
 * apart if the neck between them is thin enough beside both, or if seeds say so (a minimum spanning forest:
 * Cousty et al. 2009). Any thread; one core; cancellable; the same answer always: of voxels equally thick the
 * first in x-fastest order comes first. Memory: 12 bytes a voxel of the mask's box. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

typedef struct {
  HilumVoxel voxel;
  uint8_t group; /* 1..255: seeds of one group are never parted, those of two always */
} HilumSplitSeed;

/* Appends a seed of that group for each voxel to an array of HilumSplitSeed. */
void hilum_split_seeds_add(GArray *seeds, const HilumVoxel *voxels, size_t n, uint8_t group);

typedef struct {
  double depth_mm; /* without seeds: two parts stay apart if the ball that fits into the neck has a radius
                      smaller by at least this than the largest of either; 0: 1 */
  double widening; /* without seeds: of the neck, so many times its radius is compared; 0: 1 */
  const HilumMask *walls; /* inside the mask: thickness is measured from them as well, and parts that meet in
                             them meet last; NULL: none */
  uint32_t n_parts; /* without seeds, in place of depth_mm and widening: the depth is chosen so that this many
                       come of it, more if several necks are as deep as the last, fewer if there are no more
                       bulges; 0: not */
  const HilumSplitSeed *seeds; /* NULL: split by depth; else every part is one group's */
  size_t n_seeds;
} HilumSplitOptions;

typedef struct HilumSplit HilumSplit;

/* HILUM_SEGMENT_ERROR_SEED if a seed lies outside the mask, or two groups share one bulge. What no seed is
 * connected to (26 neighbours) makes parts of its own. */
HilumSplit *hilum_split_new(const HilumMask *mask, const double spacing_mm[3],
                            const HilumSplitOptions *options, const HilumProgress *progress, GError **error);
void hilum_split_free(HilumSplit *split);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumSplit, hilum_split_free)
/* Parts are numbered from 1 by their first voxel, x fastest. */
uint32_t hilum_split_get_count(const HilumSplit *split);
/* 0 outside the mask. */
uint32_t hilum_split_at(const HilumSplit *split, HilumVoxel voxel);
uint64_t hilum_split_get_size(const HilumSplit *split, uint32_t part); /* voxels */
/* Radius of the largest ball that fits into the part, to a sixteenth of the finest spacing. */
double hilum_split_get_widest_mm(const HilumSplit *split, uint32_t part);
/* The parts p with keep[p] != 0, as a mask of the same dims; `keep` has count + 1 entries. */
HilumMask *hilum_split_dup_mask(const HilumSplit *split, const uint8_t *keep, GError **error);

/* --- parts as structures of their own --- */

typedef enum {
  HILUM_SPLIT_POINTS, /* a part for each group of seeds; what no seed is connected to stays */
  HILUM_SPLIT_NECKS,  /* the n largest parts of the split at the deepest necks */
  HILUM_SPLIT_ISLANDS /* the n largest pieces that do not touch (6 neighbours) */
} HilumSplitMethod;

typedef struct {
  HilumSplitMethod method;
  uint32_t n;                  /* NECKS, ISLANDS: 2 or more */
  const HilumSplitSeed *seeds; /* POINTS: of two groups or more, numbered from 1 */
  size_t n_seeds;
  const uint8_t *fresh; /* labels that have no voxels, for all parts but the first */
  size_t n_fresh;       /* groups, or n, less one: parts beyond are left in the structure */
} HilumLabelSplit;

/* `labels` with the parts of `label` written over it: the first (group 1, or the largest) keeps it, as does
 * what is left over; the others take fresh[0], fresh[1] ... *n_made says how many of these were given out.
 * HILUM_SEGMENT_ERROR_EMPTY if there is nothing to part. Memory besides the split: a byte a voxel of the
 * grid. */
HilumLabelSnapshot *hilum_labels_split(HilumLabelSnapshot *labels, uint8_t label,
                                       const HilumLabelSplit *split, size_t *n_made,
                                       const HilumProgress *progress, GError **error);

G_END_DECLS
