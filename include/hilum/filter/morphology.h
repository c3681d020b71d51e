/* Binary morphology with balls in millimetres (a voxel belongs to the ball if its centre is within the
 * radius, exact on anisotropic grids), on masks. In place; any thread; all cores; cancellable (the mask's
 * content is then undefined). Memory: two or three masks of the structure's box, and for balls so large that
 * the distance transform is faster, 4 bytes a voxel of it (without that memory, the slower way). Outside the
 * volume counts as background for dilation and as foreground for erosion, so that an object cut by the
 * volume's border is not eaten from there. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

G_BEGIN_DECLS

bool hilum_mask_dilate(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                       const HilumProgress *progress, GError **error);
bool hilum_mask_erode(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                      const HilumProgress *progress, GError **error);
bool hilum_mask_open(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                     const HilumProgress *progress, GError **error);
bool hilum_mask_close(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                      const HilumProgress *progress, GError **error);
/* An ellipsoid or a box whose axes are the volume's rows, columns and slices. A voxel belongs to it if its
 * centre does; a radius of 0 leaves its axis alone. */
typedef struct {
  double radius_mm[3];
  bool box; /* else an ellipsoid */
} HilumElement;

/* As with balls; opening and closing are one after the other. */
bool hilum_mask_dilate_by(HilumMask *mask, const double spacing_mm[3], const HilumElement *element,
                          const HilumProgress *progress, GError **error);
bool hilum_mask_erode_by(HilumMask *mask, const double spacing_mm[3], const HilumElement *element,
                         const HilumProgress *progress, GError **error);
/* Gaussian of the mask's indicator with sigma = mm, then >= 0.5: rounds and removes noise without a bias on
 * flat walls. */
bool hilum_mask_smooth(HilumMask *mask, const double spacing_mm[3], double sigma_mm,
                       const HilumProgress *progress, GError **error);

G_END_DECLS
