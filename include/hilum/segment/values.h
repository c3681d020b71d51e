/* The image's values inside a structure, and what they say about its volume. Any thread, all cores, the same
 * bits with 1 and N. */
#pragma once

#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Real values (HU). A percentile is the smallest value that at least so many percent of the voxels do not
 * exceed (nearest rank), so it is always a value that occurs. */
typedef struct {
  uint64_t voxels;
  double min, max, mean, sd; /* sd of the population */
  double p5, p25, median, p75, p95;
  /* Histogram from min to max: bin b holds the values in [first + b * width, first + (b + 1) * width); the
   * width is 1, 2 or 5 times a power of ten steps of the stored values, the smallest that needs no more than
   * HILUM_VALUES_MAX_BINS. */
  double bin_first, bin_width;
  size_t n_bins;
  uint64_t *bins; /* owned */
} HilumStructureValues;

enum { HILUM_VALUES_MAX_BINS = 100 };

/* HILUM_SEGMENT_ERROR_EMPTY if the label has no voxel, HILUM_SEGMENT_ERROR_INVALID if the grids differ. */
bool hilum_structure_values(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                            HilumStructureValues *values, const HilumProgress *progress, GError **error);
void hilum_structure_values_clear(HilumStructureValues *values);
/* How often each stored value occurs in the structure (index = stored + 32768): for drawing its distribution
 * over the volume's. 65,536 counts, free with g_free(). */
uint64_t *hilum_structure_dup_histogram(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                                        const HilumProgress *progress, GError **error);

/* The value of a nearest-rank percentile (0..1) of such counts; false if all are zero. */
bool hilum_counts_percentile(const uint64_t *counts, const HilumVolume *volume, double share, double *value);

/* Volume that counts boundary voxels in part.
 *
 * Inner voxels (all 26 neighbours in the structure) count whole. The boundary voxels, those of the structure
 * that are not inner and those outside that touch it, count by where their value v lies between two local
 * means: (v - outside) / (inside - outside), kept to -0.5 .. 1.5 so that noise cancels but a third tissue
 * cannot run away. `inside` is the mean of the inner voxels in the 7x7x7 voxels around, of all inner voxels
 * where fewer than 8 are near (thin vessels); `outside` the mean of what lies two to three voxels off the
 * structure in the same 7x7x7.
 * Where the two means differ by less than twice the larger of their standard deviations, or fewer than 8
 * voxels outside are near, the contrast is too small to say anything: the voxel counts as it is labelled.
 *
 * Unlike the voxel count the sum does not depend on where within the blurred edge the boundary was drawn, by
 * up to about a voxel; it cannot mend a structure that is wrong by more. */
typedef struct {
  double volume_ml; /* NAN: not available */
  double share;     /* of the boundary voxels, those with enough contrast, 0..1 */
} HilumPartialVolume;

/* Not available, which is not an error, where there are fewer than 27 inner voxels, where fewer than half of
 * the boundary voxels have enough contrast, or where the structure's own boundary voxels count for more than
 * 1.1 on average: then its rim is another tissue than its inside (the cortex of a bone) and the two classes
 * do not hold. Errors as above. Scratch: four bits a voxel of the structure's box. */
bool hilum_structure_partial_volume(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                                    HilumPartialVolume *result, const HilumProgress *progress,
                                    GError **error);

G_END_DECLS
