/* How a phase lies on the reference, which is the case's first phase: the label map has its grid, and all
 * that is drawn, sampled and measured lies in its space. Every other phase keeps its images as they were
 * loaded and a rigid motion that leads from the reference to them; what tools, slices and steps read is those
 * images resampled onto the reference's grid. Identity, by scanner coordinates, until somebody registers or
 * nudges. Pure functions over immutable volumes; any thread. */
#pragma once

#include "hilum/register/register.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_ALIGNMENT_SCANNER,    /* as the scanner's coordinates say: identity */
  HILUM_ALIGNMENT_REGISTERED, /* by hilum_register_rigid() */
  HILUM_ALIGNMENT_MANUAL,     /* by hand, whatever it was before */
  HILUM_ALIGNMENT_METHODS
} HilumAlignmentMethod;

typedef struct {
  HilumRigid transform; /* reference LPS mm -> the phase's own LPS mm */
  HilumAlignmentMethod method;
  /* The rest says how good a registration is: meaningful with HILUM_ALIGNMENT_REGISTERED only. */
  HilumRegisterMetric metric;
  HilumRegisterVerdict verdict;
  double similarity;                     /* HilumRegisterResult.metric; NAN: unknown */
  double residual_mm, residual_worst_mm; /* NAN: could not be measured */
} HilumAlignment;

/* Stable words for files and JSON: "scanner" "registered" "manual"; "mi" "ncc"; "reliable" "no-match"
 * "out-of-range" "few-landmarks". */
const char *hilum_alignment_method_name(HilumAlignmentMethod method);
const char *hilum_alignment_metric_name(HilumRegisterMetric metric);
const char *hilum_alignment_verdict_name(HilumRegisterVerdict verdict);

HilumAlignment hilum_alignment_scanner(void);
HilumAlignment hilum_alignment_from_result(const HilumRegisterResult *result, HilumRegisterMetric metric);
/* What is seen of the phase moves by `move`, written about `centre_mm`, both in the reference's space: a
 * translation of +x shows the phase further to the patient's left. */
HilumAlignment hilum_alignment_nudged(const HilumAlignment *alignment, HilumRigidParameters move,
                                      HilumVec3 centre_mm);
/* Rigid, finite, and within 10 m. */
bool hilum_alignment_is_valid(const HilumAlignment *alignment);
/* Moves nothing in a volume of this size by more than a micrometre. */
bool hilum_alignment_is_identity(const HilumAlignment *alignment, const HilumGrid *reference);
/* How far the phase was moved, against its scanner coordinates, at a point of the reference. */
double hilum_alignment_moved_mm(const HilumAlignment *alignment, HilumVec3 reference_mm);
/* Same placement of voxels, but for rounding in files. */
bool hilum_alignment_same_grid(const HilumGrid *a, const HilumGrid *b);

/* `moving`, as loaded, on the reference's grid, linearly: a new volume, or a reference to `moving` itself
 * where it lies there already. Beyond its images is air, for values without a unit their minimum.
 * HILUM_CASEFILE_ERROR_GRID, naming the phase by `name`, if not a voxel of the two would lie on each other;
 * an error of memory; G_IO_ERROR_CANCELLED. The same bits with any number of threads. The values of both are
 * counted already (hilum_volume_get_histogram()): what comes from here is ready to be shown. */
HilumVolume *hilum_alignment_resample(const char *name, HilumVolume *moving, const HilumGrid *reference,
                                      const HilumAlignment *alignment, const HilumProgress *progress,
                                      GError **error);

/* A structure and `margin_mm` around it, for HilumRegisterOptions.mask. HILUM_CASEFILE_ERROR_STRUCTURE if it
 * is empty. */
HilumMask *hilum_alignment_region(HilumLabelSnapshot *labels, uint8_t label, double margin_mm,
                                  const HilumProgress *progress, GError **error);

G_END_DECLS
