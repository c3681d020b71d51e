/* Right: the tool grid, the settings of the tool in hand, Apply, and what the tool says. */
#pragma once

#include "guide_session.h"
#include "toolbox.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_TOOL_PANEL hilum_tool_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumToolPanel, hilum_tool_panel, HILUM, TOOL_PANEL, GtkWidget)

void hilum_tool_panel_set_toolbox(HilumToolPanel *self, HilumWorkspace *workspace, HilumToolbox *toolbox);
/* What the card under the tools shows. */
void hilum_tool_panel_set_guide(HilumToolPanel *self, HilumWorkspace *workspace, HilumGuideSession *guide);
/* What Apply would do is ready. */
bool hilum_tool_panel_can_apply(HilumToolPanel *self);
/* The popover with the tools that are not in the grid. */
void hilum_tool_panel_open_more(HilumToolPanel *self);
void hilum_tool_panel_apply(HilumToolPanel *self);

G_END_DECLS
