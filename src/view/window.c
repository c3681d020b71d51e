/* Window/level presets (PRODUCT.md), the default of a volume, and the drag. */
#include "hilum/view/window.h"

#include <math.h>
#include <string.h>

static const HilumWindowPreset CT_PRESETS[] = {
    {"abdomen", "Abdomen", {350, 40}},
    {"kidney", "Kidney", {300, 40}},
    {"ct-angiography", "CT angiography", {600, 150}},
    {"bone", "Bone", {2000, 350}},
    {"lung", "Lung", {1500, -600}},
};

static bool is_hu(const HilumVolume *volume)
{
  return !volume || strcmp(hilum_volume_get_unit(volume), "HU") == 0;
}

static double min_width(const HilumVolume *volume)
{
  if (is_hu(volume)) return 1;
  return fabs(hilum_volume_get_slope(volume)); /* one step of the stored values */
}

static HilumWindowLevel window_between(const HilumVolume *volume, double lo, double hi)
{
  return (HilumWindowLevel){MAX(hi - lo, min_width(volume)), (lo + hi) / 2};
}

static HilumWindowLevel full_range(const HilumVolume *volume)
{
  double lo, hi;
  hilum_volume_get_range(volume, &lo, &hi);
  return window_between(volume, lo, hi);
}

size_t hilum_window_presets(const HilumVolume *volume, HilumWindowPreset out[HILUM_WINDOW_MAX_PRESETS])
{
  size_t n = 0;
  if (is_hu(volume)) {
    for (; n < G_N_ELEMENTS(CT_PRESETS); n++)
      out[n] = CT_PRESETS[n];
    if (!volume) return n;
  } else {
    double lo = hilum_volume_get_quantile(volume, 0.01), hi = hilum_volume_get_quantile(volume, 0.99);
    out[n++] = (HilumWindowPreset){"percentile", "1–99 %", window_between(volume, lo, hi)};
  }
  out[n++] = (HilumWindowPreset){"full", "Full range", full_range(volume)};
  return n;
}

bool hilum_window_preset_find(const HilumVolume *volume, const char *id, HilumWindowPreset *out)
{
  HilumWindowPreset presets[HILUM_WINDOW_MAX_PRESETS];
  size_t n = hilum_window_presets(volume, presets);
  for (size_t i = 0; i < n; i++)
    if (strcmp(presets[i].id, id) == 0) {
      *out = presets[i];
      return true;
    }
  return false;
}

const char *hilum_window_preset_matching(const HilumVolume *volume, HilumWindowLevel window)
{
  HilumWindowPreset presets[HILUM_WINDOW_MAX_PRESETS];
  size_t n = hilum_window_presets(volume, presets);
  for (size_t i = 0; i < n; i++) {
    double tolerance = presets[i].window.width * 1e-6;
    if (fabs(presets[i].window.width - window.width) <= tolerance &&
        fabs(presets[i].window.level - window.level) <= tolerance)
      return presets[i].id;
  }
  return NULL;
}

HilumWindowLevel hilum_window_default(const HilumVolume *volume, double file_center, double file_width)
{
  if (is_hu(volume)) return CT_PRESETS[0].window;
  double lo, hi;
  hilum_volume_get_range(volume, &lo, &hi);
  bool usable = isfinite(file_center) && isfinite(file_width) && file_width > 0 &&
                file_center - file_width / 2 < hi && file_center + file_width / 2 > lo;
  if (usable) return hilum_window_clamp(volume, (HilumWindowLevel){file_width, file_center});
  return window_between(volume, hilum_volume_get_quantile(volume, 0.01),
                        hilum_volume_get_quantile(volume, 0.99));
}

HilumWindowLevel hilum_window_drag(const HilumVolume *volume, HilumWindowLevel start, double dx_px,
                                   double dy_px)
{
  return hilum_window_clamp(
      volume, (HilumWindowLevel){start.width * exp(dx_px / 250), start.level - dy_px * start.width / 400});
}

HilumWindowLevel hilum_window_clamp(const HilumVolume *volume, HilumWindowLevel window)
{
  if (!volume) return (HilumWindowLevel){MAX(window.width, 1e-6), window.level};
  double lo, hi;
  hilum_volume_get_range(volume, &lo, &hi);
  double span = MAX(hi - lo, min_width(volume));
  if (is_hu(volume)) { /* presets must stay reachable on a volume of narrow range */
    lo = MIN(lo, -1024);
    hi = MAX(hi, 3071);
    span = MAX(span, 4095);
  }
  return (HilumWindowLevel){CLAMP(window.width, min_width(volume), 2 * span), CLAMP(window.level, lo, hi)};
}

double hilum_window_apply(HilumWindowLevel window, double value)
{
  double t = (value - window.level) / window.width + 0.5;
  return CLAMP(t, 0.0, 1.0);
}
