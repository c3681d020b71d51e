/* Files of strokes: GLib key files with one group a stroke, docs/segmentation.md. */
#include "hilum/segment/error.h"
#include "hilum/segment/seeds.h"
#include "step_private.h"

#include <string.h>

#define MAX_STROKES 10000
#define MAX_RADIUS_MM 100.0

static void clear_element(gpointer data)
{
  hilum_stroke_clear(data);
}

static bool read_key(const char *key, const char *value, HilumStroke *stroke, GError **error)
{
  static const HilumStepValue name = {.kind = HILUM_STEP_VALUE_NAME},
                              points = {.kind = HILUM_STEP_VALUE_POINTS},
                              radius = {HILUM_STEP_VALUE_AMOUNT, MAX_RADIUS_MM, "mm", NULL},
                              none = {.kind = HILUM_STEP_VALUE_NONE};
  HilumStep parsed = {0};
  bool good = true;
  if (strcmp(key, "structure") == 0) {
    good = hilum_step_parse_value(key, &name, value, &parsed, error);
    g_free(stroke->structure);
    stroke->structure = g_steal_pointer(&parsed.name);
  } else if (strcmp(key, "points") == 0) {
    good = hilum_step_parse_value(key, &points, value, &parsed, error);
    stroke->points_mm = g_steal_pointer(&parsed.points_mm);
  } else if (strcmp(key, "radius") == 0) {
    good = hilum_step_parse_value(key, &radius, value, &parsed, error);
    stroke->radius_mm = parsed.amount;
  } else if (strcmp(key, "background") == 0)
    good = hilum_step_parse_value(key, &none, value, &parsed, error);
  else if (strcmp(key, "note") != 0) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "“%s” is not known.", key);
    good = false;
  }
  return good;
}

static bool load_stroke(GKeyFile *file, const char *group, HilumStroke *stroke, GError **error)
{
  g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, error);
  for (size_t n = 0; keys != NULL && keys[n] != NULL; n++) {
    GError *cause = NULL; /* a bad escape comes with a value and an error */
    g_autofree char *value = g_key_file_get_string(file, group, keys[n], &cause);
    if (cause != NULL) {
      g_propagate_error(error, cause);
      return false;
    }
    if (!read_key(keys[n], value, stroke, error)) return false;
  }
  if (keys == NULL) return false;
  const bool background = g_key_file_has_key(file, group, "background", NULL);
  if ((stroke->structure != NULL) != background && stroke->points_mm != NULL) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                      "a stroke holds points, and either structure or background.");
  return false;
}

static bool load_strokes(GKeyFile *file, GArray *strokes, GError **error)
{
  g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
  for (size_t g = 0; groups[g] != NULL; g++) {
    if (strcmp(groups[g], "strokes") == 0) continue;
    g_autofree char *expected = g_strdup_printf("stroke %u", strokes->len + 1);
    if (strcmp(groups[g], expected) != 0 || strokes->len >= MAX_STROKES) {
      g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                  "The group [%s] stands where [%s] is expected.", groups[g], expected);
      return false;
    }
    HilumStroke stroke = {0};
    if (!load_stroke(file, groups[g], &stroke, error)) {
      hilum_stroke_clear(&stroke);
      g_prefix_error(error, "[%s]: ", groups[g]);
      return false;
    }
    g_array_append_val(strokes, stroke);
  }
  if (strokes->len > 0) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "It holds no [stroke 1].");
  return false;
}

GArray *hilum_strokes_load(const char *path, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  g_autofree char *shown = g_filename_display_name(path);
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(GArray) strokes = g_array_new(FALSE, TRUE, sizeof(HilumStroke));
  g_array_set_clear_func(strokes, clear_element);
  GError *cause = NULL;
  if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &cause) && load_strokes(file, strokes, &cause))
    return g_steal_pointer(&strokes);
  const bool syntax = cause->domain == G_KEY_FILE_ERROR;
  g_set_error(error, syntax ? HILUM_SEGMENT_ERROR : cause->domain,
              syntax ? HILUM_SEGMENT_ERROR_SYNTAX : cause->code, "The strokes %s cannot be used: %s", shown,
              cause->message);
  g_error_free(cause);
  return NULL;
}
