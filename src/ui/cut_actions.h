/* Actions on where models are cut open: "cut-models" (none, axial, sagittal, coronal, plane, sphere),
 * "cut-other-side", "cut-facing", "cut-to-crosshair", "cut-about-structure" (millimetres around the active
 * structure), "cut-step" (left, right, up, down, farther, nearer; with "-fine" behind it), "copy-sections".
 */
#pragma once

#include "window.h"

G_BEGIN_DECLS

void hilum_cut_actions_add(HilumWindow *self);
/* As the cut, the active structure and the current pane are. */
void hilum_cut_actions_update(HilumWindow *self);

G_END_DECLS
