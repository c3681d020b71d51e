/* Actions of the kidney guide: "guide" (on or off), "guide-protocol" (id or path), "guide-open" (asks for a
 * file), "guide-point" (at the crosshair), "guide-back", "guide-skip", "guide-next", "guide-apply". */
#pragma once

#include "window.h"

G_BEGIN_DECLS

void hilum_guide_actions_add(HilumWindow *self);
void hilum_guide_actions_update(HilumWindow *self);

G_END_DECLS
