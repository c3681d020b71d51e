/* The moving volume on the fixed volume's grid, for checkerboard, blend and for drawing labels once for all
 * phases. Never measured instead of the original: interpolation smooths. Any thread. */
#pragma once

#include "hilum/register/rigid.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_RESAMPLE_LINEAR, /* trilinear; what hilum_volume_sample_mm() gives */
  HILUM_RESAMPLE_CUBIC   /* cubic convolution (Keys 1981, a = -1/2) over 4 x 4 x 4 voxels, clipped to int16 */
} HilumResampleInterpolation;

/* Voxel v of the result is the moving volume at transform(v in mm). `transform` NULL: identity. Points
 * outside the moving volume's outermost cells get `outside_value` (a real value, HU), rounded into the stored
 * range. Slope, intercept and unit are those of `moving`, values are rounded to the nearest stored step. All
 * cores; the same bits with any number of threads. NULL with an error of the volume or register domain, or
 * G_IO_ERROR_CANCELLED. */
HilumVolume *hilum_volume_resample_rigid(const HilumVolume *moving, const HilumGrid *grid,
                                         const HilumRigid *transform, double outside_value,
                                         HilumResampleInterpolation interpolation,
                                         const HilumProgress *progress, GError **error);

G_END_DECLS
