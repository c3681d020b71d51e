/* The 3D pane: surfaces of the workspace, turned by the left button, moved by the middle one, zoomed by the
 * right one and the wheel. A click brings the crosshair to the surface under the pointer; with Ctrl it takes
 * the structure. */
#pragma once

#include "gl_share.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_MODEL_PANE hilum_model_pane_get_type()
G_DECLARE_FINAL_TYPE(HilumModelPane, hilum_model_pane, HILUM, MODEL_PANE, GtkWidget)
/* Signals: "failed" (const char *sentence); "focused": the pointer or the keyboard came here. */

void hilum_model_pane_set_workspace(HilumModelPane *self, HilumWorkspace *workspace, HilumGlShare *share);
GtkWidget *hilum_model_pane_get_area(HilumModelPane *self);
void hilum_model_pane_set_menu(HilumModelPane *self, GMenuModel *menu);
/* Says whether surfaces are being made, beside the number of triangles. */
void hilum_model_pane_set_updating(HilumModelPane *self, bool updating);
/* Puts the whole scene in view. */
void hilum_model_pane_fit(HilumModelPane *self);

G_END_DECLS
