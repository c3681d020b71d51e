/* Model: the surfaces of the case and what can be said of them. Wants verdicts only while it is on screen,
 * and only on what is shown. */
#pragma once

#include "hilum/view/workspace.h"
#include "surface_checks.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_MODEL_PANEL hilum_model_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumModelPanel, hilum_model_panel, HILUM, MODEL_PANEL, GtkWidget)

void hilum_model_panel_set_workspace(HilumModelPanel *self, HilumWorkspace *workspace,
                                     HilumSurfaceChecks *checks);

G_END_DECLS
