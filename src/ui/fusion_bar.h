/* Under the list of phases, where there are two or more: seeing two at once, and moving one onto the other.
 * Buttons are actions of the window; the slider changes the workspace. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_FUSION_BAR hilum_fusion_bar_get_type()
G_DECLARE_FINAL_TYPE(HilumFusionBar, hilum_fusion_bar, HILUM, FUSION_BAR, GtkWidget)

/* Once. Referenced. */
void hilum_fusion_bar_set_workspace(HilumFusionBar *self, HilumWorkspace *workspace);

G_END_DECLS
