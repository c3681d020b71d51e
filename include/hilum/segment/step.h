/* One segmentation step as data: the command line, recipes, and the window all make these and run the same
 * code.
 *
 * A run keeps a working mask. It starts as the structure's present voxels; `threshold` and `grow` make a new
 * one (grow stays inside the working mask when an earlier step of the run made one); every other step changes
 * it. At the end the working mask replaces the structure's voxels; locked structures are never touched. Any
 * thread. */
#pragma once

#include "hilum/segment/threshold.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_STEP_THRESHOLD, /* lo, hi */
  HILUM_STEP_GROW,      /* points_mm, and one of: has_range with lo, hi; tolerance; neither (then inside the
                           working mask) */
  HILUM_STEP_FILL_HOLES,
  HILUM_STEP_LARGEST,
  HILUM_STEP_KEEP,         /* points_mm: components that hold a point */
  HILUM_STEP_REMOVE_BELOW, /* amount: ml */
  HILUM_STEP_DILATE,       /* amount: mm */
  HILUM_STEP_ERODE,
  HILUM_STEP_OPEN,
  HILUM_STEP_CLOSE,
  HILUM_STEP_SMOOTH,  /* amount: sigma in mm */
  HILUM_STEP_INSIDE,  /* name: only voxels of that structure remain */
  HILUM_STEP_OUTSIDE, /* name: voxels of that structure go */
  HILUM_STEP_UNION,   /* name: voxels of that structure join */
  HILUM_STEP_PHASE    /* amount: 0-based index of the volume that later steps read */
} HilumStepOp;

typedef struct {
  HilumStepOp op;
  double lo, hi;
  bool has_range;
  double tolerance;
  double amount;
  HilumConnectivity connectivity; /* 0: 6 */
  GArray *points_mm;              /* HilumVec3, or NULL */
  char *name;                     /* structure name, or NULL */
} HilumStep;

void hilum_step_clear(HilumStep *step);
const char *hilum_step_op_name(HilumStepOp op); /* as on the command line, without the dashes: "fill-holes" */
/* Parses one option and its value as hilum-cli and recipes write it ("threshold", "120:300"). For "range",
 * "tolerance" and "connectivity" the value belongs to `previous`, the grow step before it; then *joined is
 * set and `step` is untouched. Values use the C locale. HILUM_SEGMENT_ERROR_SYNTAX quotes what was not
 * understood. */
bool hilum_step_parse(const char *option, const char *value, HilumStep *previous, HilumStep *step,
                      bool *joined, GError **error);
/* GLib key file, docs/recipes.md: groups [step 1], [step 2] ... A GArray of HilumStep with clear function. */
GArray *hilum_steps_load_recipe(const char *path, GError **error);

typedef struct {
  const char *op;
  uint64_t voxels; /* of the working mask after the step */
  double ml, seconds;
} HilumStepResult;

typedef struct {
  HilumVolume *const *volumes; /* phases, all on the grid of `labels`; NULL where the images are missing */
  size_t n_volumes;
  HilumLabelSnapshot *labels;
  uint8_t label; /* the structure being made */
  /* Label of a structure by name, 0 if unknown. */
  uint8_t (*find_label)(const char *name, void *data);
  void *find_data;
} HilumStepContext;

/* Runs steps in order; returns the final working mask. `results` (may be NULL) receives one HilumStepResult a
 * step. Errors name the step. */
HilumMask *hilum_steps_run(const HilumStepContext *context, const HilumStep *steps, size_t n_steps,
                           GArray *results, const HilumProgress *progress, GError **error);

G_END_DECLS
