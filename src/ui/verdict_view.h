/* How a verdict looks, wherever it is shown: "ok" or "look" in its colour, in a few words why, and all of it
 * in the tooltip. */
#pragma once

#include "surface_checks.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Of the structure's surface; `tag` is one word, `headline` (may be NULL) says why. */
void hilum_verdict_show(HilumSurfaceChecks *checks, uint8_t label, double thin_mm, GtkLabel *tag,
                        GtkLabel *headline);

G_END_DECLS
