/* Ranges of values that somebody can stand for: from the histogram, from a click, from the literature. Any
 * thread. */
#pragma once

#include "hilum/volume/mask.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

enum { HILUM_OTSU_MAX_CLASSES = 5 };

/* Thresholds between `n_classes` (2..5) classes that maximise the variance between them (Otsu, IEEE Trans.
 * Syst. Man Cybern. 9:62, 1979; for more than two the same criterion). `counts`: 65,536, index = stored +
 * 32768, as hilum_volume_get_histogram(); only indices in [first, last] are looked at. thresholds[c] is the
 * highest index of class c, n_classes - 1 of them, ascending; of equally good ones the lowest. False if fewer
 * than n_classes different values occur. `separability` (may be NULL): variance between over variance in
 * all, 0..1; 0.64 for one Gaussian in two classes, 0.75 for equal counts. Exact at full resolution: dynamic
 * programming, whose optimum moves one way (Gronlund et al., arXiv 1701.07204), a few ms. */
bool hilum_otsu_thresholds(const uint64_t *counts, int first, int last, int n_classes, int *thresholds,
                           double *separability);

/* Range of real values of one class (1: darkest .. n_classes) of the voxels with lo <= value <= hi, and in
 * `inside` (NULL: everywhere; on the volume's dims). The outer classes end at lo and hi. Neighbouring classes
 * meet half a stored step from any voxel's value, in the middle of the values between them that do not occur.
 * HILUM_SEGMENT_ERROR_EMPTY if there are fewer different values than classes. */
bool hilum_otsu_range(const HilumVolume *volume, const HilumMask *inside, double lo, double hi, int n_classes,
                      int which, double *range_lo, double *range_hi, const HilumProgress *progress,
                      GError **error);

/* What a click means: the voxels within `radius_mm` (0: 6) of a voxel are split in two classes by Otsu. If
 * they are two (separability of at least 0.75, more than any single hump has), the range is the class that
 * the 3x3x3 mean of the voxel falls into: from the threshold to three standard deviations beyond the class's
 * mean. Else it is the mean -+ 2.5 standard deviations of all of them. At least a stored step wide. `two`
 * (may be NULL) says which it was. */
void hilum_suggest_range(const HilumVolume *volume, HilumVoxel voxel, double radius_mm, double *lo,
                         double *hi, bool *two);

/* --- presets --- */
/* Where typical values lie, in HU. Each says where it is from. Defaults to start from, not rules. */
typedef struct {
  const char *id;    /* "cortex-nephrographic": command line, recipes */
  const char *kind;  /* of the structure: "parenchyma" */
  const char *phase; /* "unenhanced" "arterial" (corticomedullary) "nephrographic" "excretory" */
  const char *title; /* "Renal cortex": to be translated */
  double lo, hi;
  const char *source; /* a reference, or that there is none: to be translated */
} HilumRangePreset;

/* NULL after the last. */
const HilumRangePreset *hilum_range_preset_at(size_t n);
const HilumRangePreset *hilum_range_preset_find(const char *id); /* NULL: unknown */

G_END_DECLS
