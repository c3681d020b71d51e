/* First proposals for a kidney from one click: its parenchyma, and places that are left in it and round. They
 * are proposals to be edited, never a diagnosis. Pure functions, any thread, all cores, cancellable; the same
 * bits with any number of threads.
 *
 * All bounds below are engineering choices of this program, made so that a leak is noticed; none is a
 * clinical number. */
#pragma once

#include "hilum/filter/components.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

/* Half the longest way that a proposal may lie from its click. */
#define HILUM_KIDNEY_REACH_MM 95.0

typedef struct {
  double bright, lo, hi; /* how bright the kidney is at the click; range that was used (HU) */
  double ball_mm;        /* radius of the ball that told the kidney from what touches it */
} HilumKidneyReport;

/* Parenchyma around a click in it: what is as bright as the brightest fifth of what lies within 12 mm of the
 * click (so that a click may meet a pyramid), thick, and of a size that a kidney may have. All on values
 * smoothed by a Gaussian of 1.2 mm, since noise would break thin parenchyma apart.
 *
 * The lower bound is found by Otsu's threshold (1979) twice: among the values within 60 mm of the click, from
 * three fifths of the way down to fat (-100 HU; 0 where values are relative) up to the upper bound, then
 * among those above it: muscle, liver and spleen on one side, the kidney on the other. It lies at least a
 * tenth of the way to fat below that brightness; the upper bound is four tenths above it.
 *
 * What is in the range is eroded by growing balls (2 to 8 mm) until the piece at the click, dilated back, is
 * between 20 and 450 ml and fits into 170 mm, also when its wall is made: such a ball is thicker than the
 * bridges that join the kidney to anything else.
 *
 * Closing by 7 mm brings the medulla back, opening by 4 mm takes the stumps of vessels off; fat and urine
 * (below half-way to fat) go; where the wall meets fat it moves to half-way between the two.
 *
 * `inside` (NULL: everywhere) limits all of it. `report` may be NULL. HILUM_SEGMENT_ERROR_SEED if the click
 * lies outside or on nothing bright; HILUM_SEGMENT_ERROR_EMPTY if no ball tells a kidney from its
 * surroundings, which is so where there is no contrast. Scratch: a copy of the volume and some masks. */
HilumMask *hilum_kidney_from_click(const HilumVolume *volume, HilumVoxel click, const HilumMask *inside,
                                   HilumKidneyReport *report, const HilumProgress *progress, GError **error);

/* A place in or at a kidney that no structure holds and that is round. */
typedef struct {
  HilumVec3 center_mm; /* the voxel farthest from its wall: where a click would be */
  double ml;
  double roundness; /* its volume over that of the ball that its bounds fit into, 0..1 */
  double mean, sd;  /* values in the volume given */
  uint64_t voxels;
} HilumKidneyCandidate;

/* Candidates for tumours and cysts, largest first: what is left of the kidney closed by 20 mm, less `taken`
 * (everything that has been segmented) and less fat (below -20 HU; nothing where values are relative), opened
 * by 2.5 mm, of at least 0.5 ml and a roundness of 0.25. A GArray of HilumKidneyCandidate, perhaps empty;
 * NULL only if cancelled or without memory. */
GArray *hilum_kidney_find_candidates(const HilumVolume *volume, const HilumMask *kidney,
                                     const HilumMask *taken, const HilumProgress *progress, GError **error);

G_END_DECLS
