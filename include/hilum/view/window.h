/* Window width and level, in real values (HU). Values at level - width/2 and below are black, at level +
 * width/2 and above white, linear between. Any thread. */
#pragma once

#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef struct {
  double width, level; /* width >= 1 in HU; > 0 in relative units */
} HilumWindowLevel;

typedef struct {
  const char *id;   /* "abdomen": for actions, settings and the command line */
  const char *name; /* "Abdomen": to be translated */
  HilumWindowLevel window;
} HilumWindowPreset;

#define HILUM_WINDOW_MAX_PRESETS 8

/* Presets that make sense for the volume, in the order of Alt+1.. : for HU abdomen, kidney, ct-angiography,
 * bone, lung, full; else percentile (1-99 %) and full. Returns how many were written. NULL: the CT ones but
 * full. */
size_t hilum_window_presets(const HilumVolume *volume, HilumWindowPreset out[HILUM_WINDOW_MAX_PRESETS]);
/* By id; false if the volume has no such preset. */
bool hilum_window_preset_find(const HilumVolume *volume, const char *id, HilumWindowPreset *out);
/* id of the preset equal to `window`, or NULL. Static. */
const char *hilum_window_preset_matching(const HilumVolume *volume, HilumWindowLevel window);
/* What a volume opens with: for HU abdomen; else what the file says if it is usable (NAN if absent), else
 * percentile. */
HilumWindowLevel hilum_window_default(const HilumVolume *volume, double file_center, double file_width);

/* The drag of PRODUCT.md: right widens, up raises the level (brightens the dark end is left to the eye:
 * dragging down lowers it). Proportional to the present width and to the distance in pixels. */
HilumWindowLevel hilum_window_drag(const HilumVolume *volume, HilumWindowLevel start, double dx_px,
                                   double dy_px);
/* Clamped to what the volume can show. NULL volume: only width > 0. */
HilumWindowLevel hilum_window_clamp(const HilumVolume *volume, HilumWindowLevel window);
/* 0 black .. 1 white. */
double hilum_window_apply(HilumWindowLevel window, double value);

G_END_DECLS
