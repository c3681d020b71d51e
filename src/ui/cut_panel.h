/* Model: where the models are cut open, by buttons and numbers, and the sections that this makes. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_CUT_PANEL hilum_cut_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumCutPanel, hilum_cut_panel, HILUM, CUT_PANEL, GtkWidget)

/* The workspace is referenced. */
void hilum_cut_panel_set_workspace(HilumCutPanel *self, HilumWorkspace *workspace);

G_END_DECLS
