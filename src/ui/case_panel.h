/* Left: phases above, structures below; selection is the workspace's active phase and structure. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_CASE_PANEL hilum_case_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumCasePanel, hilum_case_panel, HILUM, CASE_PANEL, GtkWidget)

void hilum_case_panel_set_workspace(HilumCasePanel *self, HilumWorkspace *workspace);
void hilum_case_panel_set_phase_menu(HilumCasePanel *self, GMenuModel *menu);
void hilum_case_panel_set_structure_menu(HilumCasePanel *self, GMenuModel *menu);

G_END_DECLS
