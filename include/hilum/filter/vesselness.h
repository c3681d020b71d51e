/* Multi-scale vesselness of bright tubes. Pure; any thread; all cores; cancellable.
 *
 * At each scale the second derivatives of the volume smoothed by a Gaussian of sigma mm are taken per
 * millimetre and multiplied by sigma^2 (gamma-normalised with gamma = 1: a tube of radius r answers most at
 * a sigma near r), the eigenvalues of the symmetric 3x3 matrix are found in closed form, and the largest
 * measure over all scales is kept.
 *
 * Frangi, Niessen, Vincken, Viergever (MICCAI 1998, LNCS 1496:130): with the eigenvalues by size |l1| <= |l2|
 * <= |l3|, 0 unless l2 and l3 are negative, else
 *   (1 - exp(-(l2/l3)^2 / (2 alpha^2))) exp(-l1^2 / (2 beta^2 |l2 l3|)) (1 - exp(-(l1^2 + l2^2 + l3^2) / (2
 *   c^2)))
 * in 0..1, as ITK's objectness of tubes. Sato et al. (Med. Image Anal. 2:143, 1998): with l1 >= l2 >= l3, 0
 * unless l2 < 0, else |l2| exp(-l1^2 / (2 a^2 l2^2)), a = 0.5 where l1 <= 0 and 2 where l1 > 0: in real units
 * (HU), in proportion to the contrast.
 *
 * Derivatives are differences over five voxels of the smoothed volume, exact up to the fourth degree; the
 * Gaussian is cut off at 5 sigma, so sigma should not be much smaller than a voxel. Beyond the volume's
 * border the nearest voxel goes on. Single precision: the matrix is wrong by about 1e-6 of the values it
 * comes from, eigenvalues by less than 1e-3 of the largest. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum { HILUM_VESSELNESS_FRANGI, HILUM_VESSELNESS_SATO } HilumVesselnessMeasure;

enum { HILUM_VESSELNESS_MAX_SCALES = 16 };

/* All-zero: Frangi at 1, sqrt(3) and 3 mm over the whole volume. */
typedef struct {
  HilumVesselnessMeasure measure;
  double scales_mm[HILUM_VESSELNESS_MAX_SCALES];
  size_t n_scales;    /* 0: the default */
  double alpha, beta; /* Frangi; 0: 0.5 each */
  double c;           /* Frangi, real units; 0: 100 HU, or an eighth of the spread between the 1 % and the 99
                         % quantile where the values are relative */
  HilumVoxelBox box; /* half open; empty: the whole volume. Voxels round it count as far as they are needed */
} HilumVesselnessOptions;

/* n scales from `first` to `last` in equal ratios, as radii of vessels spread. n >= 1, first > 0. */
void hilum_vesselness_scales(HilumVesselnessOptions *options, double first_mm, double last_mm, size_t n);

/* A dense float array of the box's dims, x fastest, from hilum_big_alloc(). Memory: 4 bytes a voxel of the
 * box, and less than 4 MiB a core for scales of up to 8 voxels. The same values whatever the box. NULL with
 * HILUM_FILTER_ERROR_INVALID (a scale that is not positive or above 100 voxels, a box outside the volume),
 * HILUM_FILTER_ERROR_LIMIT, HILUM_BASE_ERROR_LIMIT, _MEMORY or G_IO_ERROR_CANCELLED. */
float *hilum_volume_vesselness(const HilumVolume *volume, const HilumVesselnessOptions *options,
                               const HilumProgress *progress, GError **error);

G_END_DECLS
