/* Settings of the tools that draw an outline: lasso, scissors, level tracing. */
#pragma once

#include "hilum/view/tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_DRAW_SETTINGS hilum_draw_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumDrawSettings, hilum_draw_settings, HILUM, DRAW_SETTINGS, GtkWidget)

/* NULL unbinds. Only the rows that this tool has are shown. */
void hilum_draw_settings_set_tool(HilumDrawSettings *self, HilumTool *tool);

G_END_DECLS
