/* Recipes: GLib key files with one group a step, see docs/recipes.md. */
#include "step_private.h"

#include "hilum/segment/error.h"

#include <string.h>

#define MAX_STEPS 1000

/* Parses those keys of the group that join a step, or those that are one: whatever their order in the group,
 * the step comes first. */
static bool load_keys(GKeyFile *file, const char *group, char **keys, bool want_joined, GArray *steps,
                      GError **error)
{
  const guint before = steps->len;
  for (size_t i = 0; keys[i] != NULL; i++) {
    if (strcmp(keys[i], "note") == 0 || (hilum_step_option_find(keys[i]) != NULL) != want_joined) continue;
    GError *cause = NULL; /* a bad escape comes with a value and an error */
    g_autofree char *value = g_key_file_get_string(file, group, keys[i], &cause);
    if (cause != NULL) {
      g_propagate_error(error, cause);
      return false;
    }
    HilumStep step = {0};
    bool joined = false;
    HilumStep *previous = steps->len > 0 ? &g_array_index(steps, HilumStep, steps->len - 1) : NULL;
    if (!hilum_step_parse(keys[i], value, previous, &step, &joined, error)) return false;
    if (!joined) g_array_append_val(steps, step);
  }
  if (want_joined || steps->len == before + 1) return true;
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
              "a group holds exactly one step, but %u were found.", steps->len - before);
  return false;
}

static bool load_group(GKeyFile *file, const char *group, GArray *steps, GError **error)
{
  g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, error);
  return keys != NULL && load_keys(file, group, keys, false, steps, error) &&
         load_keys(file, group, keys, true, steps, error);
}

/* Groups must be [recipe], optional, and [step 1], [step 2] ... in that order. */
static bool load_groups(GKeyFile *file, GArray *steps, GError **error)
{
  g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
  for (size_t g = 0; groups[g] != NULL; g++) {
    if (strcmp(groups[g], "recipe") == 0) continue;
    g_autofree char *expected = g_strdup_printf("step %u", steps->len + 1);
    if (strcmp(groups[g], expected) != 0 || steps->len >= MAX_STEPS) {
      g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX,
                  "The group [%s] stands where [%s] is expected.", groups[g], expected);
      return false;
    }
    if (!load_group(file, groups[g], steps, error)) {
      g_prefix_error(error, "[%s]: ", groups[g]);
      return false;
    }
  }
  if (steps->len > 0) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "It holds no [step 1].");
  return false;
}

GArray *hilum_steps_load_recipe(const char *path, GError **error)
{
  g_return_val_if_fail(path != NULL, NULL);
  g_autofree char *shown = g_filename_display_name(path);
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(GArray) steps = hilum_steps_new();
  GError *cause = NULL;
  if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &cause) && load_groups(file, steps, &cause))
    return g_steal_pointer(&steps);
  /* Whatever the key file reader says about syntax is an error of the recipe; a missing file stays one. */
  if (cause->domain == G_KEY_FILE_ERROR)
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SYNTAX, "The recipe %s does not parse: %s",
                shown, cause->message);
  else
    g_set_error(error, cause->domain, cause->code, "The recipe %s cannot be used: %s", shown, cause->message);
  g_error_free(cause);
  return NULL;
}
