/* Settings of the islands tool. */
#pragma once

#include "hilum/view/tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_ISLANDS_SETTINGS hilum_islands_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumIslandsSettings, hilum_islands_settings, HILUM, ISLANDS_SETTINGS, GtkWidget)

/* NULL unbinds. */
void hilum_islands_settings_set_tool(HilumIslandsSettings *self, HilumTool *tool);

G_END_DECLS
