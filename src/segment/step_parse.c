/* Steps from text: one option and its value, as the command line and recipes write them. */
#include "step_private.h"

#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

typedef enum { VALUE_NONE, VALUE_RANGE, VALUE_POINTS, VALUE_AMOUNT, VALUE_INDEX, VALUE_NAME } ValueKind;

typedef struct {
  const char *name;
  ValueKind kind;
  double max; /* of an amount or index */
  const char *unit;
} OpInfo;

static const OpInfo ops[] = {
    [HILUM_STEP_THRESHOLD] = {"threshold", VALUE_RANGE, 0, NULL},
    [HILUM_STEP_GROW] = {"grow", VALUE_POINTS, 0, NULL},
    [HILUM_STEP_FILL_HOLES] = {"fill-holes", VALUE_NONE, 0, NULL},
    [HILUM_STEP_LARGEST] = {"largest", VALUE_NONE, 0, NULL},
    [HILUM_STEP_KEEP] = {"keep", VALUE_POINTS, 0, NULL},
    [HILUM_STEP_REMOVE_BELOW] = {"remove-below", VALUE_AMOUNT, HILUM_STEP_MAX_ML, "ml"},
    [HILUM_STEP_DILATE] = {"dilate", VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm"},
    [HILUM_STEP_ERODE] = {"erode", VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm"},
    [HILUM_STEP_OPEN] = {"open", VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm"},
    [HILUM_STEP_CLOSE] = {"close", VALUE_AMOUNT, HILUM_STEP_MAX_MM, "mm"},
    [HILUM_STEP_SMOOTH] = {"smooth", VALUE_AMOUNT, HILUM_STEP_MAX_SIGMA_MM, "mm"},
    [HILUM_STEP_INSIDE] = {"inside", VALUE_NAME, 0, NULL},
    [HILUM_STEP_OUTSIDE] = {"outside", VALUE_NAME, 0, NULL},
    [HILUM_STEP_UNION] = {"union", VALUE_NAME, 0, NULL},
    [HILUM_STEP_PHASE] = {"phase", VALUE_INDEX, HILUM_STEP_MAX_PHASE, ""},
};

const char *hilum_step_op_name(HilumStepOp op)
{
  return (size_t)op < G_N_ELEMENTS(ops) ? ops[op].name : "unknown";
}

void hilum_step_clear(HilumStep *step)
{
  g_clear_pointer(&step->points_mm, g_array_unref);
  g_clear_pointer(&step->name, g_free);
}

static void clear_element(gpointer data)
{
  hilum_step_clear(data);
}

GArray *hilum_steps_new(void)
{
  GArray *steps = g_array_new(FALSE, TRUE, sizeof(HilumStep));
  g_array_set_clear_func(steps, clear_element);
  return steps;
}

/* A finite decimal number that is the whole of `text`. g_ascii_strtod alone would also take blanks, "inf",
 * "nan" and hexadecimal. */
static bool parse_number(const char *text, size_t length, double *out)
{
  if (length == 0 || length > 64 || strspn(text, "0123456789+-.eE") < length) return false;
  g_autofree char *copy = g_strndup(text, length);
  char *end = NULL;
  double value = g_ascii_strtod(copy, &end);
  if (end == copy || *end != '\0' || !isfinite(value)) return false;
  *out = value;
  return true;
}

static bool parse_range(const char *option, const char *value, double *lo, double *hi, GError **error)
{
  const char *colon = strchr(value, ':');
  const size_t before = colon != NULL ? (size_t)(colon - value) : 0;
  const size_t after = colon != NULL ? strlen(colon + 1) : 0;
  *lo = -INFINITY;
  *hi = INFINITY;
  if (colon == NULL || before + after == 0 || (before > 0 && !parse_number(value, before, lo)) ||
      (after > 0 && !parse_number(colon + 1, after, hi))) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "“%s” is not a range for %s: write LO:HI, such as 120:300; one side may be left empty.",
                value, option);
    return false;
  }
  if (*lo > *hi) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "The range “%s” of %s is empty: its lower bound is above its upper.", value, option);
    return false;
  }
  return true;
}

static bool parse_point(const char *text, HilumVec3 *point)
{
  double v[3];
  for (int a = 0; a < 3; a++) {
    const char *comma = strchr(text, ',');
    if ((comma == NULL) != (a == 2)) return false;
    if (!parse_number(text, comma != NULL ? (size_t)(comma - text) : strlen(text), &v[a])) return false;
    if (comma != NULL) text = comma + 1;
  }
  *point = hilum_vec3(v[0], v[1], v[2]);
  return true;
}

static GArray *parse_points(const char *option, const char *value, GError **error)
{
  g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  g_auto(GStrv) parts = g_strsplit(value, ";", -1);
  for (size_t p = 0; parts[p] != NULL; p++) {
    HilumVec3 point;
    if (!parse_point(parts[p], &point)) {
      g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                  "“%s” is not a point for %s: write X,Y,Z in millimetres, and ; between points.", parts[p],
                  option);
      return NULL;
    }
    g_array_append_val(points, point);
  }
  if (points->len == 0) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "%s needs a point: write X,Y,Z in millimetres.", option);
    return NULL;
  }
  return g_steal_pointer(&points);
}

static bool parse_amount(const char *option, const char *value, double max, const char *unit, double *out,
                         GError **error)
{
  if (parse_number(value, strlen(value), out) && *out > 0 && *out <= max) return true;
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
              "“%s” is not an amount for %s: write a number above 0 and up to %g%s%s.", value, option, max,
              *unit ? " " : "", unit);
  return false;
}

static bool parse_index(const char *option, const char *value, double max, double *out, GError **error)
{
  const size_t length = strlen(value);
  if (length > 0 && length <= 4 && strspn(value, "0123456789") == length &&
      parse_number(value, length, out) && *out <= max)
    return true;
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
              "“%s” is not a number for %s: write a whole number from 0 to %g.", value, option, max);
  return false;
}

/* Options that say more about the grow step before them. */
static bool parse_joined(const char *option, const char *value, HilumStep *previous, GError **error)
{
  if (previous == NULL || previous->op != HILUM_STEP_GROW) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "“%s %s” has nothing to belong to: it must follow a grow step.", option, value);
    return false;
  }
  if (strcmp(option, "connectivity") == 0) {
    if (strcmp(value, "6") == 0 || strcmp(value, "26") == 0) {
      previous->connectivity = value[0] == '6' ? HILUM_CONNECT_6 : HILUM_CONNECT_26;
      return true;
    }
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "“%s” is not a connectivity: write 6 or 26.", value);
    return false;
  }
  if (previous->has_range || previous->tolerance > 0) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "“%s %s” comes too late: the grow step already has a range or a tolerance.", option, value);
    return false;
  }
  if (strcmp(option, "tolerance") == 0)
    return parse_amount(option, value, 65536, "", &previous->tolerance, error);
  return previous->has_range = parse_range(option, value, &previous->lo, &previous->hi, error);
}

static bool parse_value(const OpInfo *info, const char *value, HilumStep *step, GError **error)
{
  switch (info->kind) {
  case VALUE_NONE:
    if (*value == '\0' || strcmp(value, "true") == 0) return true;
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "%s takes no value, but “%s” was given.", info->name, value);
    return false;
  case VALUE_RANGE:
    return parse_range(info->name, value, &step->lo, &step->hi, error);
  case VALUE_POINTS:
    step->points_mm = parse_points(info->name, value, error);
    return step->points_mm != NULL;
  case VALUE_AMOUNT:
    return parse_amount(info->name, value, info->max, info->unit, &step->amount, error);
  case VALUE_INDEX:
    return parse_index(info->name, value, info->max, &step->amount, error);
  case VALUE_NAME:
    if (*value != '\0' && g_utf8_validate(value, -1, NULL)) {
      step->name = g_strdup(value);
      return true;
    }
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "%s needs the name of a structure.",
                info->name);
    return false;
  }
  g_return_val_if_reached(false);
}

bool hilum_step_parse(const char *option, const char *value, HilumStep *previous, HilumStep *step,
                      bool *joined, GError **error)
{
  g_return_val_if_fail(option != NULL && step != NULL && joined != NULL, false);
  if (value == NULL) value = "";
  *joined = false;
  if (strcmp(option, "range") == 0 || strcmp(option, "tolerance") == 0 || strcmp(option, "connectivity") == 0)
    return *joined = parse_joined(option, value, previous, error);
  for (size_t op = 0; op < G_N_ELEMENTS(ops); op++) {
    if (strcmp(option, ops[op].name) != 0) continue;
    HilumStep made = {.op = (HilumStepOp)op};
    if (!parse_value(&ops[op], value, &made, error)) {
      hilum_step_clear(&made);
      return false;
    }
    *step = made;
    return true;
  }
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "There is no segmentation step “%s”.",
              option);
  return false;
}
