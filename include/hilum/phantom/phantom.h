/* The sample kidney: an analytic abdomen made from a seed, rendered to CT volumes with partial volume,
 * scanner blur and noise, with its truth. The ground of the golden tests and the first minute of a new user.
 * Deterministic: the same seed gives the same bits on every machine and with any number of threads. Any
 * thread. */
#pragma once

#include "hilum/volume/label_map.h"
#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_PHANTOM_ARTERIAL,
  HILUM_PHANTOM_NEPHROGRAPHIC,
  HILUM_PHANTOM_EXCRETORY,
  HILUM_PHANTOM_PHASES
} HilumPhantomPhase;

/* Truth labels. Structures 1..7 are what a user is asked to make; the rest is there so that tests can ask
 * what a tool leaked into. */
typedef enum {
  HILUM_PHANTOM_NOTHING,
  HILUM_PHANTOM_PARENCHYMA, /* cortex and medulla of the left kidney */
  HILUM_PHANTOM_TUMOUR,
  HILUM_PHANTOM_CYST,
  HILUM_PHANTOM_ARTERY,     /* aorta and the left and right renal arteries with their branches */
  HILUM_PHANTOM_VEIN,       /* vena cava and renal veins */
  HILUM_PHANTOM_COLLECTING, /* calyces, pelvis and ureter, left */
  HILUM_PHANTOM_SINUS,      /* sinus fat, left */
  HILUM_PHANTOM_OTHER_KIDNEY,
  HILUM_PHANTOM_BONE,
  HILUM_PHANTOM_LIVER,
  HILUM_PHANTOM_SPLEEN,
  HILUM_PHANTOM_MUSCLE,
  HILUM_PHANTOM_STRUCTURES
} HilumPhantomStructure;

typedef struct {
  uint64_t seed;        /* 0: 1 */
  int32_t dims[3];      /* all 0: 384 x 384 x 240 */
  double spacing_mm[3]; /* all 0: 0.8 x 0.8 x 1.0 */
  double noise_hu;      /* 0: 10; negative: none */
} HilumPhantomOptions;

typedef struct HilumPhantom HilumPhantom;

HilumPhantom *hilum_phantom_new(const HilumPhantomOptions *options, GError **error);
void hilum_phantom_free(HilumPhantom *phantom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumPhantom, hilum_phantom_free)
const HilumGrid *hilum_phantom_get_grid(const HilumPhantom *phantom);
const char *hilum_phantom_structure_name(
    HilumPhantomStructure structure); /* "Parenchyma" ... as the case names structures */
const char *hilum_phantom_phase_name(HilumPhantomPhase phase); /* "Arterial" ... */
/* One phase, HU. */
HilumVolume *hilum_phantom_render(const HilumPhantom *phantom, HilumPhantomPhase phase,
                                  const HilumProgress *progress, GError **error);
/* The structure whose analytic solid holds each voxel's centre. */
HilumLabelSnapshot *hilum_phantom_truth(const HilumPhantom *phantom, const HilumProgress *progress,
                                        GError **error);
/* Signed distance in mm (negative inside) to the boundary of one structure as `truth` has it: its own solids
 * less those that come before it. Exact to about 0.1 mm within 3 mm of the surface, away from sharp edges;
 * farther off a lower bound. The streaks of fat in muscle are not seen. */
double hilum_phantom_distance_mm(const HilumPhantom *phantom, HilumPhantomStructure structure,
                                 HilumVec3 point_mm);
/* Volume of the solid inside the volume's cells in ml, by asking the shapes at 2 x 2 x 2 points a voxel. NAN
 * if cancelled. */
double hilum_phantom_volume_ml(const HilumPhantom *phantom, HilumPhantomStructure structure,
                               const HilumProgress *progress);
/* A point well inside a structure, as a seed for growing. */
HilumVec3 hilum_phantom_seed_mm(const HilumPhantom *phantom, HilumPhantomStructure structure);

/* --- the truth as numbers --- */
typedef struct {
  double volume_ml;      /* from the shapes, 2 x 2 x 2 points a voxel; beyond the sinus as voxel_ml */
  uint64_t voxels;       /* of the truth label map */
  double voxel_ml;       /* voxels times voxel volume */
  HilumVec3 centroid_mm; /* of the voxels; zero if there are none */
  HilumBox bounds_mm;    /* of voxel cells; empty if no voxel */
  HilumVec3 seed_mm;
} HilumPhantomTruthStructure;

typedef struct {
  HilumPhantomStructure a, b;
  double distance_mm; /* between the nearest voxel centres */
  HilumVec3 point_a_mm, point_b_mm;
} HilumPhantomTruthDistance;

#define HILUM_PHANTOM_TRUTH_DISTANCES 5

typedef struct {
  HilumPhantomTruthStructure structures[HILUM_PHANTOM_STRUCTURES]; /* 0 is unused */
  double tumour_diameter_mm; /* largest distance between two voxel centres of it */
  double cyst_diameter_mm;   /* the same */
  double tumour_exophytic;   /* share of the tumour's voxels outside the kidney's smooth outline, 0..1 */
  HilumPhantomTruthDistance distances[HILUM_PHANTOM_TRUTH_DISTANCES]; /* tumour to artery, vein, collecting,
                                                                         sinus, cyst */
  double smallest_artery_radius_mm, ureter_radius_mm;
} HilumPhantomTruth;

/* Everything above for one phantom; `labels` is what hilum_phantom_truth() gave. */
bool hilum_phantom_truth_report(const HilumPhantom *phantom, HilumLabelSnapshot *labels,
                                HilumPhantomTruth *report, const HilumProgress *progress, GError **error);
/* HU that a structure was painted with before texture, blur and noise (its main tissue: cortex for the
 * parenchyma, the renal vein for the veins). */
double hilum_phantom_hu(HilumPhantomStructure structure, HilumPhantomPhase phase);

G_END_DECLS
