/* What the files of steps share: the table entry of a step, of an option that joins one, and a run.
 *
 * A new step is one function and one entry of a table in the file of its idea (step_masks.c, step_parts.c
 * ...). The parser, recipes, the command line and its help read the tables; nothing else names a step. */
#pragma once

#include "hilum/segment/step.h"

/* Largest amounts that a step may ask for: beyond a body's size, or beyond what an operation accepts. */
#define HILUM_STEP_MAX_MM 200.0
#define HILUM_STEP_MAX_SIGMA_MM 50.0
#define HILUM_STEP_MAX_MAJORITY_MM 20.0
#define HILUM_STEP_MAX_DENOISE_MM 10.0
#define HILUM_STEP_MAX_ML 1e6
#define HILUM_STEP_MAX_PHASE 255.0
#define HILUM_STEP_MAX_TOLERANCE 65536.0
#define HILUM_STEP_MAX_CONFIDENCE 20.0
#define HILUM_STEP_MAX_ITERATIONS 100.0
#define HILUM_STEP_MAX_PARTS 100.0

typedef struct {
  const HilumStepContext *context;
  const HilumGrid *grid;
  const HilumVolume *volume; /* of the present phase, or its filtered copy; NULL if there is none */
  HilumVolume *filtered;     /* owned; NULL without */
  HilumMask *working;
  size_t phase;           /* the present one */
  HilumMade by;           /* what made `working` */
  double moved_mm;        /* how far its wall was moved out since, all together */
  bool made;              /* an earlier step of this run left something in `working` */
  HilumStepCourse course; /* of the present step */
} HilumStepRun;

/* What a value may be, and where it goes in HilumStep. */
typedef enum {
  HILUM_STEP_VALUE_NONE,
  HILUM_STEP_VALUE_RANGE,  /* lo, hi */
  HILUM_STEP_VALUE_POINT,  /* points_mm, one of them; a direction too */
  HILUM_STEP_VALUE_POINTS, /* points_mm */
  HILUM_STEP_VALUE_AMOUNT, /* amount: above 0, up to max */
  HILUM_STEP_VALUE_INDEX,  /* amount: whole, 0 to max */
  HILUM_STEP_VALUE_NAME,   /* name */
  HILUM_STEP_VALUE_WORD    /* amount: place in `words` */
} HilumStepValueKind;

typedef struct {
  HilumStepValueKind kind;
  double max;               /* of an amount or index */
  const char *unit;         /* of an amount; "" without */
  const char *const *words; /* of a word, ended by NULL */
} HilumStepValue;

struct HilumStepOp {
  const char *name;
  HilumStepValue value;
  const char *const *options; /* names of the options that may join it, ended by NULL; NULL: none */
  bool reads_images;
  bool is_setting; /* changes what later steps read, not the working mask */
  bool (*run)(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error);
};

/* Says more about the step before it. */
typedef struct {
  const char *name;
  HilumStepValue value;
  /* Takes what was parsed into the fields of `parsed` over into the step. */
  void (*store)(HilumStep *step, const HilumStep *parsed);
  bool (*is_taken)(const HilumStep *step); /* the step has this, or what excludes it; NULL: never */
  const char *taken;                       /* what it then has: "a range or a tolerance" */
} HilumStepOption;

/* The tables, each ended by an entry without a name. */
extern const HilumStepOp hilum_step_mask_ops[], hilum_step_range_ops[], hilum_step_part_ops[],
    hilum_step_morphology_ops[], hilum_step_structure_ops[], hilum_step_image_ops[], hilum_step_outline_ops[],
    hilum_step_shape_ops[], hilum_step_vessel_ops[];
extern const HilumStepOption hilum_step_options[], hilum_step_outline_options[], hilum_step_vessel_options[];

/* NULL if there is none. */
const HilumStepOption *hilum_step_option_find(const char *name);
bool hilum_step_op_takes(const HilumStepOp *op, const char *option);
/* How a value is written, for help: "LO:HI"; NULL where there is none. g_free(). */
char *hilum_step_value_dup_form(const HilumStepValue *value);
/* Parses into the field of `step` that the kind of value belongs to; `option` is named in errors. */
bool hilum_step_parse_value(const char *option, const HilumStepValue *wanted, const char *value,
                            HilumStep *step, GError **error);

/* A new, empty array of steps that clears its elements. */
GArray *hilum_steps_new(void);

/* --- for the functions of steps --- */
/* False with an error if the present phase has no images. */
bool hilum_step_need_volume(const HilumStepRun *run, GError **error);
/* Takes over `mask`; NULL: false, the error being set already. */
bool hilum_step_replace_working(HilumStepRun *run, HilumMask *mask);
/* For a step that made the working mask anew: by values of the present phase, unless it is a filtered copy.
 */
void hilum_step_made_by_range(HilumStepRun *run, double lo, double hi);
/* By anything else. */
void hilum_step_made_otherwise(HilumStepRun *run);
/* Voxels at the step's points; fails on a point outside the grid. Free with g_free(). */
HilumVoxel *hilum_step_dup_seeds(const HilumStepRun *run, const HilumStep *step, size_t *n, GError **error);
/* The voxels of the structure that the step names. */
HilumMask *hilum_step_dup_structure(const HilumStepRun *run, const char *name, GError **error);
static inline HilumConnectivity hilum_step_connectivity(const HilumStep *step)
{
  return step->connectivity ? step->connectivity : HILUM_CONNECT_6;
}
