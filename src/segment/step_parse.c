/* Steps from text: one option and its value, as the command line and recipes write them. */
#include "step_private.h"

#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

void hilum_step_clear(HilumStep *step)
{
  g_clear_pointer(&step->points_mm, g_array_unref);
  g_clear_pointer(&step->against_mm, g_array_unref);
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

static bool parse_word(const char *option, const char *value, const char *const *words, double *out,
                       GError **error)
{
  for (size_t n = 0; words[n] != NULL; n++)
    if (strcmp(words[n], value) == 0) {
      *out = (double)n;
      return true;
    }
  g_autofree char *known = g_strjoinv(" or ", (char **)words);
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "“%s” is not a %s: write %s.", value,
              option, known);
  return false;
}

static bool parse_name(const char *option, const char *value, char **out, GError **error)
{
  if (*value != '\0' && g_utf8_validate(value, -1, NULL)) {
    *out = g_strdup(value);
    return true;
  }
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "%s needs the name of a structure.",
              option);
  return false;
}

bool hilum_step_parse_value(const char *option, const HilumStepValue *wanted, const char *value,
                            HilumStep *step, GError **error)
{
  switch (wanted->kind) {
  case HILUM_STEP_VALUE_NONE:
    if (*value == '\0' || strcmp(value, "true") == 0) return true;
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "%s takes no value, but “%s” was given.", option, value);
    return false;
  case HILUM_STEP_VALUE_RANGE:
    return parse_range(option, value, &step->lo, &step->hi, error);
  case HILUM_STEP_VALUE_POINT:
    step->points_mm = parse_points(option, value, error);
    if (step->points_mm == NULL || step->points_mm->len == 1) return step->points_mm != NULL;
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "%s takes one X,Y,Z, but %u were given.", option, step->points_mm->len);
    return false;
  case HILUM_STEP_VALUE_POINTS:
    step->points_mm = parse_points(option, value, error);
    return step->points_mm != NULL;
  case HILUM_STEP_VALUE_AMOUNT:
    return parse_amount(option, value, wanted->max, wanted->unit, &step->amount, error);
  case HILUM_STEP_VALUE_INDEX:
    return parse_index(option, value, wanted->max, &step->amount, error);
  case HILUM_STEP_VALUE_NAME:
    return parse_name(option, value, &step->name, error);
  case HILUM_STEP_VALUE_WORD:
    return parse_word(option, value, wanted->words, &step->amount, error);
  }
  g_return_val_if_reached(false);
}

/* The steps that take the option: "grow", or several with "or" between. */
static char *dup_takers(const char *option)
{
  GString *takers = g_string_new(NULL);
  const HilumStepOp *op;
  for (size_t n = 0; (op = hilum_step_op_at(n)) != NULL; n++)
    if (hilum_step_op_takes(op, option))
      g_string_append_printf(takers, "%s%s", takers->len > 0 ? " or " : "", op->name);
  return g_string_free(takers, FALSE);
}

/* Options that say more about the step before them. */
static bool parse_joined(const HilumStepOption *option, const char *value, HilumStep *previous,
                         GError **error)
{
  if (previous == NULL || previous->op == NULL || !hilum_step_op_takes(previous->op, option->name)) {
    g_autofree char *takers = dup_takers(option->name);
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "“%s %s” has nothing to belong to: it must follow a %s step.", option->name, value, takers);
    return false;
  }
  if (option->is_taken != NULL && option->is_taken(previous)) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                "“%s %s” comes too late: the %s step already has %s.", option->name, value,
                previous->op->name, option->taken);
    return false;
  }
  HilumStep parsed = {0};
  const bool good = hilum_step_parse_value(option->name, &option->value, value, &parsed, error);
  if (good) option->store(previous, &parsed);
  hilum_step_clear(&parsed);
  return good;
}

bool hilum_step_parse(const char *option, const char *value, HilumStep *previous, HilumStep *step,
                      bool *joined, GError **error)
{
  g_return_val_if_fail(option != NULL && step != NULL && joined != NULL, false);
  if (value == NULL) value = "";
  const HilumStepOption *joins = hilum_step_option_find(option);
  *joined = false;
  if (joins != NULL) return *joined = parse_joined(joins, value, previous, error);
  HilumStep made = {.op = hilum_step_op_find(option)};
  if (made.op == NULL) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "There is no segmentation step “%s”.",
                option);
    return false;
  }
  if (hilum_step_parse_value(option, &made.op->value, value, &made, error)) {
    *step = made;
    return true;
  }
  hilum_step_clear(&made);
  return false;
}
