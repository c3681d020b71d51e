/* Which steps there are, and which options may join them. */
#include "step_private.h"

#include "hilum/segment/range.h"

#include <string.h>

static const HilumStepOp *const tables[] = {
    hilum_step_mask_ops,       hilum_step_range_ops,     hilum_step_part_ops,
    hilum_step_morphology_ops, hilum_step_structure_ops, hilum_step_image_ops,
    hilum_step_outline_ops,    hilum_step_shape_ops,     hilum_step_vessel_ops};

const HilumStepOp *hilum_step_op_at(size_t n)
{
  for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
    for (const HilumStepOp *op = tables[t]; op->name != NULL; op++)
      if (n-- == 0) return op;
  return NULL;
}

const HilumStepOp *hilum_step_op_find(const char *name)
{
  g_return_val_if_fail(name != NULL, NULL);
  const HilumStepOp *op;
  for (size_t n = 0; (op = hilum_step_op_at(n)) != NULL; n++)
    if (strcmp(op->name, name) == 0) return op;
  return NULL;
}

const char *hilum_step_op_get_name(const HilumStepOp *op)
{
  return op != NULL ? op->name : "unknown";
}

bool hilum_step_op_reads_images(const HilumStepOp *op)
{
  return op != NULL && op->reads_images;
}

bool hilum_step_op_takes(const HilumStepOp *op, const char *option)
{
  for (size_t n = 0; op->options != NULL && op->options[n] != NULL; n++)
    if (strcmp(op->options[n], option) == 0) return true;
  return false;
}

char *hilum_step_value_dup_form(const HilumStepValue *value)
{
  switch (value->kind) {
  case HILUM_STEP_VALUE_NONE:
    return NULL;
  case HILUM_STEP_VALUE_RANGE:
    return g_strdup("LO:HI");
  case HILUM_STEP_VALUE_POINT:
    return g_strdup("X,Y,Z");
  case HILUM_STEP_VALUE_POINTS:
    return g_strdup("X,Y,Z[;X,Y,Z...]");
  case HILUM_STEP_VALUE_AMOUNT:
    return *value->unit ? g_ascii_strup(value->unit, -1) : g_strdup("X");
  case HILUM_STEP_VALUE_INDEX:
    return g_strdup("N");
  case HILUM_STEP_VALUE_NAME:
    return g_strdup("NAME");
  case HILUM_STEP_VALUE_WORD:
    return g_strjoinv("|", (char **)value->words);
  }
  g_return_val_if_reached(NULL);
}

char *hilum_step_op_dup_value_form(const HilumStepOp *op)
{
  g_return_val_if_fail(op != NULL, NULL);
  return hilum_step_value_dup_form(&op->value);
}

/* --- options that join a step --- */

static const char *const connectivities[] = {"6", "26", NULL};
static const char *const shapes[] = {"ball", "box", NULL};

static void store_range(HilumStep *step, const HilumStep *parsed)
{
  step->lo = parsed->lo;
  step->hi = parsed->hi;
  step->has_range = true;
}

static void store_tolerance(HilumStep *step, const HilumStep *parsed)
{
  step->tolerance = parsed->amount;
}

static void store_confidence(HilumStep *step, const HilumStep *parsed)
{
  step->confidence = parsed->amount;
}

static bool has_a_range(const HilumStep *step)
{
  return step->has_range || step->tolerance > 0 || step->confidence > 0;
}

static void store_iterations(HilumStep *step, const HilumStep *parsed)
{
  step->iterations = (int)parsed->amount;
}

static void store_barrier(HilumStep *step, const HilumStep *parsed)
{
  step->barrier = parsed->amount;
}

static void store_radius(HilumStep *step, const HilumStep *parsed)
{
  step->radius_mm = parsed->amount;
}

static void store_classes(HilumStep *step, const HilumStep *parsed)
{
  step->classes = (int)parsed->amount;
}

static void store_class(HilumStep *step, const HilumStep *parsed)
{
  step->which = (int)parsed->amount;
}

static void store_against(HilumStep *step, const HilumStep *parsed)
{
  step->against_mm = g_array_ref(parsed->points_mm);
}

static bool has_against(const HilumStep *step)
{
  return step->against_mm != NULL;
}

static void store_neck(HilumStep *step, const HilumStep *parsed)
{
  step->neck_mm = parsed->amount;
}

static void store_margin(HilumStep *step, const HilumStep *parsed)
{
  step->margin_mm = parsed->amount;
}

static void store_parts(HilumStep *step, const HilumStep *parsed)
{
  step->parts = (int)parsed->amount;
}

static void store_connectivity(HilumStep *step, const HilumStep *parsed)
{
  step->connectivity = parsed->amount > 0 ? HILUM_CONNECT_26 : HILUM_CONNECT_6;
}

static void store_shape(HilumStep *step, const HilumStep *parsed)
{
  step->box = parsed->amount > 0;
}

static void store_stretch(HilumStep *step, const HilumStep *parsed)
{
  step->has_stretch = true;
  step->stretch = g_array_index(parsed->points_mm, HilumVec3, 0);
}

#define SOME_RANGE "a range, a tolerance or a confidence"

const HilumStepOption hilum_step_options[] = {
    {"range", {.kind = HILUM_STEP_VALUE_RANGE}, store_range, has_a_range, SOME_RANGE},
    {"tolerance",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_TOLERANCE, .unit = ""},
     store_tolerance,
     has_a_range,
     SOME_RANGE},
    {"connectivity",
     {.kind = HILUM_STEP_VALUE_WORD, .words = connectivities},
     store_connectivity,
     NULL,
     NULL},
    {"confidence",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_CONFIDENCE, .unit = ""},
     store_confidence,
     has_a_range,
     SOME_RANGE},
    {"iterations",
     {.kind = HILUM_STEP_VALUE_INDEX, .max = HILUM_STEP_MAX_ITERATIONS},
     store_iterations,
     NULL,
     NULL},
    {"barrier",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_TOLERANCE, .unit = ""},
     store_barrier,
     NULL,
     NULL},
    {"radius",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_MM, .unit = "mm"},
     store_radius,
     NULL,
     NULL},
    {"classes", {.kind = HILUM_STEP_VALUE_INDEX, .max = HILUM_OTSU_MAX_CLASSES}, store_classes, NULL, NULL},
    {"class", {.kind = HILUM_STEP_VALUE_INDEX, .max = HILUM_OTSU_MAX_CLASSES}, store_class, NULL, NULL},
    {"against", {.kind = HILUM_STEP_VALUE_POINTS}, store_against, has_against, "points to be parted from"},
    {"neck",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_MM, .unit = "mm"},
     store_neck,
     NULL,
     NULL},
    {"shape", {.kind = HILUM_STEP_VALUE_WORD, .words = shapes}, store_shape, NULL, NULL},
    {"stretch", {.kind = HILUM_STEP_VALUE_POINT}, store_stretch, NULL, NULL},
    {"margin",
     {.kind = HILUM_STEP_VALUE_AMOUNT, .max = HILUM_STEP_MAX_MM, .unit = "mm"},
     store_margin,
     NULL,
     NULL},
    {"parts", {.kind = HILUM_STEP_VALUE_INDEX, .max = HILUM_STEP_MAX_PARTS}, store_parts, NULL, NULL},
    {NULL, {0}, NULL, NULL, NULL}};

static const HilumStepOption *const option_tables[] = {hilum_step_options, hilum_step_outline_options,
                                                       hilum_step_vessel_options};

/* The n-th of all tables; NULL past the end. */
static const HilumStepOption *option_at(size_t n)
{
  for (size_t t = 0; t < G_N_ELEMENTS(option_tables); t++)
    for (const HilumStepOption *o = option_tables[t]; o->name != NULL; o++)
      if (n-- == 0) return o;
  return NULL;
}

const HilumStepOption *hilum_step_option_find(const char *name)
{
  const HilumStepOption *o;
  for (size_t n = 0; (o = option_at(n)) != NULL; n++)
    if (strcmp(o->name, name) == 0) return o;
  return NULL;
}

bool hilum_step_option_at(size_t n, const char **name, char **value_form)
{
  const HilumStepOption *o = option_at(n);
  if (o == NULL) return false;
  *name = o->name;
  *value_form = hilum_step_value_dup_form(&o->value);
  return true;
}
