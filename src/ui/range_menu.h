/* The menu of ranges that can be had with one click: from the crosshair, from the structure, by Otsu, and
 * typical values for the structure's kind in the phase on screen. Its actions ("range.suggest", "range.own",
 * "range.otsu" (ii), "range.preset" (s)) belong to the range settings. Main thread only. */
#pragma once

#include "hilum/view/workspace.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* For what is active now. Transfer full. */
GMenuModel *hilum_range_menu_new(HilumWorkspace *workspace);
/* One of n classes of the volume's soft tissue (HU) or of all its values. False if there are too few. */
bool hilum_range_menu_otsu(HilumVolume *volume, int n_classes, int which, double *lo, double *hi);

G_END_DECLS
