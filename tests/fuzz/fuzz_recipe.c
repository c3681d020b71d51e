/* Recipes, files of strokes, and the same steps as the command line writes them: each line "option value". */
#include "fuzz.h"

#include "hilum/segment/seeds.h"
#include "hilum/segment/step.h"

#include <string.h>

static void parse_lines(const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup((const char *)data, size);
  g_auto(GStrv) lines = g_strsplit(text, "\n", 64);
  HilumStep grow = {.op = hilum_step_op_find("grow")};
  for (char **line = lines; *line; line++) {
    char *space = strchr(*line, ' ');
    if (space) *space = 0;
    HilumStep step = {0};
    bool joined = false;
    g_autoptr(GError) error = NULL;
    bool good = hilum_step_parse(*line, space ? space + 1 : NULL, &grow, &step, &joined, &error);
    fuzz_expect(good, error);
    if (good && !joined) hilum_step_clear(&step);
  }
  hilum_step_clear(&grow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *path = fuzz_write("recipe.ini", data, size);
  g_autoptr(GError) error = NULL;
  GArray *steps = hilum_steps_load_recipe(path, &error);
  fuzz_expect(steps != NULL, error);
  if (steps) g_array_unref(steps);
  g_autoptr(GError) why = NULL;
  GArray *strokes = hilum_strokes_load(path, &why);
  fuzz_expect(strokes != NULL, why);
  if (strokes) g_array_unref(strokes);
  parse_lines(data, size);
  return 0;
}
