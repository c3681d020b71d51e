/* Steps that find their range themselves: Otsu's classes, and presets. */
#include "step_private.h"

#include "hilum/segment/error.h"
#include "hilum/segment/range.h"

#include <string.h>

/* One class of the values in the range, within the working mask if an earlier step made one. */
static bool run_otsu(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  const int n_classes = step->classes > 0 ? step->classes : 2;
  const int which = step->which > 0 ? step->which : n_classes;
  if (n_classes < 2 || n_classes > HILUM_OTSU_MAX_CLASSES || which > n_classes) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                "There is no class %d of %d: 2 to %d classes, counted from 1, the darkest.", which, n_classes,
                HILUM_OTSU_MAX_CLASSES);
    return false;
  }
  const HilumMask *inside = run->made ? run->working : NULL;
  double lo, hi;
  HilumProgress part = hilum_progress_part(progress, 0, 0.5, NULL);
  if (!hilum_otsu_range(run->volume, inside, step->lo, step->hi, n_classes, which, &lo, &hi, &part, error))
    return false;
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  HilumMask *mask = hilum_threshold(run->volume, lo, hi, &part, error);
  if (mask != NULL && inside != NULL) hilum_mask_and(mask, inside);
  hilum_step_made_by_range(run, lo, hi);
  return hilum_step_replace_working(run, mask);
}

static bool run_preset(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                       GError **error)
{
  if (!hilum_step_need_volume(run, error)) return false;
  const HilumRangePreset *preset = hilum_range_preset_find(step->name), *other;
  if (preset == NULL) {
    g_autoptr(GString) known = g_string_new(NULL);
    for (size_t n = 0; (other = hilum_range_preset_at(n)) != NULL; n++)
      g_string_append_printf(known, "%s%s", n > 0 ? ", " : "", other->id);
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                "There is no preset “%s”; there are %s.", step->name, known->str);
    return false;
  }
  if (strcmp(hilum_volume_get_unit(run->volume), "HU") != 0) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "Presets are in HU, and these images are not.");
    return false;
  }
  hilum_step_made_by_range(run, preset->lo, preset->hi);
  return hilum_step_replace_working(run,
                                    hilum_threshold(run->volume, preset->lo, preset->hi, progress, error));
}

static const char *const otsu_options[] = {"classes", "class", NULL};

const HilumStepOp hilum_step_range_ops[] = {
    {.name = "otsu",
     .value = {HILUM_STEP_VALUE_RANGE},
     .options = otsu_options,
     .reads_images = true,
     .run = run_otsu},
    {.name = "preset", .value = {HILUM_STEP_VALUE_NAME}, .reads_images = true, .run = run_preset},
    {.name = NULL}};
