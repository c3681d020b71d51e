/* One segmentation step as data: the command line, recipes, and the window all make these and run the same
 * code.
 *
 * A run keeps a working mask. It starts as the structure's present voxels; `threshold` and `grow` make a new
 * one, as do `otsu` and `preset` (grow and otsu stay inside the working mask when an earlier step of the run
 * made one); every other step changes
 * it. At the end the working mask replaces the structure's voxels; locked structures are never touched. Any
 * thread. */
#pragma once

#include "hilum/segment/polygon.h"
#include "hilum/segment/threshold.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

/* One kind of step: "threshold", "grow" ... docs/recipes.md lists them with what they do and the value they
 * take. Static; entries of the tables in src/segment/step_*.c. */
typedef struct HilumStepOp HilumStepOp;

/* The n-th kind; NULL past the end. */
const HilumStepOp *hilum_step_op_at(size_t n);
/* By its name as on the command line, without the dashes ("fill-holes"); NULL if there is none. */
const HilumStepOp *hilum_step_op_find(const char *name);
const char *hilum_step_op_get_name(const HilumStepOp *op); /* "unknown" for NULL */
bool hilum_step_op_reads_images(const HilumStepOp *op);
/* How its value is written, for help ("LO:HI"); NULL where it takes none. g_free(). */
char *hilum_step_op_dup_value_form(const HilumStepOp *op);
/* The n-th option that may join a step, with its value's form (never NULL, g_free()); false past the end. */
bool hilum_step_option_at(size_t n, const char **name, char **value_form);

/* Which fields a step reads depends on its kind; the rest stays zero. */
typedef struct {
  const HilumStepOp *op;
  double lo, hi;     /* of a range */
  bool has_range;    /* a grow step: lo and hi count */
  double tolerance;  /* a grow step without range; a vessel step, 0: from the image */
  double confidence; /* a grow step without either; with `iterations`, 0: the default */
  int iterations;
  double barrier;        /* a grow step; 0: none */
  double radius_mm;      /* a grow step, 0: no limit; a vessel step, 0: the default */
  double calcium_ml;     /* a vessel step; 0: the default */
  int classes, which;    /* an otsu step: how many, and which from 1; 0: two, the brightest */
  double neck_mm;        /* a part step; 0: the default */
  int parts;             /* a part step: how many in all; 0: by neck_mm */
  GArray *against_mm;    /* a part or separate step: HilumVec3, or NULL */
  bool box, has_stretch; /* dilate, erode, open, close: by a box; radii are `stretch` times the amount */
  HilumVec3 stretch;
  double amount;                  /* millimetres, millilitres, or an index */
  HilumConnectivity connectivity; /* 0: 6 */
  GArray *points_mm;              /* HilumVec3, or NULL */
  char *name;                     /* structure name, or NULL */
  double margin_mm;               /* with a name: that structure is grown by so much first */
  int choice;                     /* lasso, trace: add, erase, replace; cut: inside, outside */
  HilumFillRule fill_rule;        /* lasso, cut */
  int plane;                      /* trace: axial, sagittal, coronal */
  bool dark;                      /* trace: at most the value, else at least */
  bool has_along, has_eye;        /* cut: the view; neither: along the outline's normal */
  HilumVec3 along, eye_mm;
  double depth_mm; /* cut: centred on the outline; 0: through everything */
} HilumStep;

void hilum_step_clear(HilumStep *step);
/* Parses one option and its value as hilum-cli and recipes write it ("threshold", "120:300"). What only says
 * more about a step ("range", "connectivity") goes into `previous`, the step before it, which must take it;
 * then *joined is set and `step` is untouched. Values use the C locale. HILUM_SEGMENT_ERROR_SYNTAX quotes
 * what was not understood. */
bool hilum_step_parse(const char *option, const char *value, HilumStep *previous, HilumStep *step,
                      bool *joined, GError **error);
/* GLib key file, docs/recipes.md: groups [step 1], [step 2] ... A GArray of HilumStep with clear function. */
GArray *hilum_steps_load_recipe(const char *path, GError **error);

/* What a vessel step measured along its course; all zero for other steps. */
typedef struct {
  double length_mm, mean_diameter_mm, least_diameter_mm;
  HilumVec3 narrowest_mm;
} HilumStepCourse;

typedef struct {
  const char *op;
  uint64_t voxels; /* of the working mask after the step */
  double ml, seconds;
  HilumStepCourse course;
} HilumStepResult;

/* How a run came by its voxels, as far as a surface can make use of it (docs/meshing.md, Grey values). */
typedef enum {
  HILUM_MADE_KEPT,    /* no step made a new working mask: what was there was changed */
  HILUM_MADE_OTHER,   /* not by one range of the images as they are: a kidney, a vessel, values without noise;
                         or moved away from its end: a margin, a shell */
  HILUM_MADE_BY_RANGE /* made anew, by values from lo to hi in a phase; later steps may have changed it */
} HilumMadeHow;

typedef struct {
  HilumMadeHow how;
  double lo, hi; /* real values, ends included; of BY_RANGE */
  size_t phase;  /* index in the context's volumes */
} HilumMade;

typedef struct {
  HilumVolume *const *volumes; /* phases, all on the grid of `labels`; NULL where the images are missing */
  size_t n_volumes;
  HilumLabelSnapshot *labels;
  uint8_t label; /* the structure being made */
  /* Label of a structure by name, 0 if unknown. */
  uint8_t (*find_label)(const char *name, void *data);
  void *find_data;
  HilumMade *made; /* receives what the last step that made the working mask anew went by; may be NULL */
} HilumStepContext;

/* Runs steps in order; returns the final working mask. `results` (may be NULL) receives one HilumStepResult a
 * step. Errors name the step. */
HilumMask *hilum_steps_run(const HilumStepContext *context, const HilumStep *steps, size_t n_steps,
                           GArray *results, const HilumProgress *progress, GError **error);

G_END_DECLS
