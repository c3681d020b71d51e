/* Median of a mask: a voxel is set if most of those round it are, itself among them. Removes specks and fills
 * pits smaller than the neighbourhood and keeps edges and flat walls where they are; corners are rounded. In
 * place; exact; any thread; all cores; cancellable (the mask's content is then undefined). Beyond the
 * volume's border the nearest voxel goes on. Both neighbourhoods hold an odd number of voxels, so that there
 * is no tie.
 */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

G_BEGIN_DECLS

/* Of the 3x3x3 voxels. Memory: a copy of the mask's box, and half a byte a voxel of three slices of it a
 * core. */
bool hilum_mask_median(HilumMask *mask, const HilumProgress *progress, GError **error);

/* Of the ball in millimetres (voxels whose centres are within the radius, exact on anisotropic grids).
 * HILUM_FILTER_ERROR_INVALID if the radius is negative or more than 64 voxels. Memory: a copy of the mask's
 * box, and 2 bytes a voxel of as many slices of it as the ball holds, and 16 more. */
bool hilum_mask_majority(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                         const HilumProgress *progress, GError **error);

G_END_DECLS
