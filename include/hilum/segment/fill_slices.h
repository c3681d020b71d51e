/* Fills between slices: from slices that hold drawn contours, those between (Raya and Udupa 1990, with exact
 * Euclidean distances as Herman, Zheng and Bucholtz 1992). Any thread; cancellable (the mask's content is
 * then undefined). */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

G_BEGIN_DECLS

/* Along `axis` (0, 1, 2; -1: the one with most empty slices between others), each run of empty slices between
 * two that hold voxels is filled where the distances to the two outlines, signed and weighted by nearness,
 * sum to inside. Slices that hold voxels stay; gaps may differ; nothing grows beyond the first and the last.
 * What does not overlap in the two slices fades out towards the middle. HILUM_SEGMENT_ERROR_EMPTY unless two
 * slices hold voxels. Memory: 8 bytes a voxel of a slice. */
bool hilum_mask_fill_slices(HilumMask *mask, const double spacing_mm[3], int axis,
                            const HilumProgress *progress, GError **error);

G_END_DECLS
