/* Rigid registration of two volumes of one patient: phases of one study, or CT against MR. Pure functions
 * over immutable volumes; any thread; all cores; the same bits with any number of threads. What it does and
 * what its numbers mean is in docs/registration.md.
 *
 * A registration that did not find a match is not an error: it comes back with a verdict other than
 * HILUM_REGISTER_RELIABLE, and must be shown as such. The transform is then the best guess, to start a manual
 * alignment from. */
#pragma once

#include "hilum/register/rigid.h"
#include "hilum/volume/mask.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_REGISTER_MUTUAL_INFORMATION, /* different contrast or modality */
  HILUM_REGISTER_CORRELATION         /* same modality and same contrast */
} HilumRegisterMetric;

typedef enum {
  HILUM_REGISTER_RELIABLE,
  HILUM_REGISTER_NO_MATCH, /* local patches do not confirm the transform: these volumes do not match here */
  HILUM_REGISTER_OUT_OF_RANGE, /* the best match lies at the edge of the search or beyond it */
  HILUM_REGISTER_FEW_LANDMARKS /* too little structure in the region to check the result */
} HilumRegisterVerdict;

/* All-zero means: mutual information, the whole field, from identity, 20 mm and 10 degrees around it. */
typedef struct {
  HilumRegisterMetric metric;
  /* The region, in the fixed volume's space: the part of the patient that shall match. Box and mask may be
   * combined; neither means the whole field. A mask has the fixed volume's dims and should reach a few mm
   * beyond the organ: its outline is what aligns it. */
  bool use_box;
  HilumBox box_mm;
  const HilumMask *mask;
  const HilumRigid *start; /* NULL: identity */
  double capture_mm;       /* how far the start may be off; 0: 20 mm; negative: no search, refine only */
  double capture_rad;      /* 0: 10 degrees */
  double min_overlap;      /* least share of the region inside the moving volume, 0: 0.25 */
  uint32_t samples;        /* points compared at the finest level; 0: 60000 */
} HilumRegisterOptions;

typedef struct {
  HilumRigid transform; /* fixed LPS mm -> moving LPS mm; its centre is the centroid of the region */
  HilumRegisterVerdict verdict;
  double metric;       /* at the finest level: mutual information in nats, or the correlation coefficient */
  double metric_start; /* the same at the start transform; NAN where it leaves too little overlap */
  int iterations;      /* accepted steps at all levels of the path that won */
  int evaluations;     /* of the metric, the search included */
  double overlap;      /* share of the region's points inside the moving volume, 0..1 */
  /* Residual from matching small patches of the region on their own, after the transform; only in directions
   * in which a patch has structure. It sees a part that moved differently, and contrast that fools the global
   * metric. It is not the error at one landmark, and says nothing where the region has no edges. */
  double residual_mm;        /* root mean square over the patches; NAN if none */
  double residual_worst_mm;  /* greatest of them; NAN if none */
  unsigned patches;          /* with enough structure to tell */
  unsigned patches_agreeing; /* of them, within agree_mm */
  double agree_mm;           /* what counts as agreement: 2 mm, or 1.5 voxels where those are larger */
} HilumRegisterResult;

/* Registers. False with HILUM_REGISTER_ERROR (bad options, a region outside a volume, a constant volume), an
 * error of base (memory), or G_IO_ERROR_CANCELLED; `result` is then untouched. `options` may be NULL. */
bool hilum_register_rigid(const HilumVolume *fixed, const HilumVolume *moving,
                          const HilumRegisterOptions *options, HilumRegisterResult *result,
                          const HilumProgress *progress, GError **error);

/* A sentence for the user: what the verdict means and what to do. Static. */
const char *hilum_register_verdict_sentence(HilumRegisterVerdict verdict);

G_END_DECLS
