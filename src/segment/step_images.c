/* Steps that choose and prepare what later steps read: the phase, and copies of it without noise. */
#include "step_private.h"

#include "hilum/filter/gaussian.h"
#include "hilum/filter/median.h"
#include "hilum/segment/error.h"

static bool run_phase(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress, GError **error)
{
  const HilumStepContext *c = run->context;
  if (step->amount >= 0 && step->amount < (double)c->n_volumes) {
    run->phase = (size_t)step->amount;
    run->volume = c->volumes[run->phase];
    return true;
  }
  g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
              "There is no phase %g: the case has %zu, counted from 0.", step->amount, c->n_volumes);
  return false;
}

/* Takes over `filtered`, the copy that later steps read; NULL: false, the error being set already. */
static bool read_filtered(HilumStepRun *run, HilumVolume *filtered)
{
  if (filtered == NULL) return false;
  g_clear_pointer(&run->filtered, hilum_volume_unref);
  run->filtered = filtered;
  run->volume = filtered;
  return true;
}

static bool run_denoise_median(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                               GError **error)
{
  return hilum_step_need_volume(run, error) &&
         read_filtered(run, hilum_volume_median(run->volume, progress, error));
}

static bool run_denoise_gaussian(HilumStepRun *run, const HilumStep *step, const HilumProgress *progress,
                                 GError **error)
{
  return hilum_step_need_volume(run, error) &&
         read_filtered(run, hilum_volume_gaussian(run->volume, step->amount, progress, error));
}

const HilumStepOp hilum_step_image_ops[] = {
    {.name = "phase",
     .value = {HILUM_STEP_VALUE_INDEX, HILUM_STEP_MAX_PHASE, "", NULL},
     .is_setting = true,
     .run = run_phase},
    {.name = "denoise-median", .reads_images = true, .is_setting = true, .run = run_denoise_median},
    {.name = "denoise-gaussian",
     .value = {HILUM_STEP_VALUE_AMOUNT, HILUM_STEP_MAX_DENOISE_MM, "mm", NULL},
     .reads_images = true,
     .is_setting = true,
     .run = run_denoise_gaussian},
    {.name = NULL}};
