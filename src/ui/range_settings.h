/* Settings of threshold and region growing. */
#pragma once

#include "hilum/view/tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_RANGE_SETTINGS hilum_range_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumRangeSettings, hilum_range_settings, HILUM, RANGE_SETTINGS, GtkWidget)

/* Where structures, phases and the crosshair come from; once. */
void hilum_range_settings_set_workspace(HilumRangeSettings *self, HilumWorkspace *workspace);
/* `tool`: threshold or grow; NULL unbinds. */
void hilum_range_settings_set_tool(HilumRangeSettings *self, HilumTool *tool);
/* The volume under the histogram, its unit, and the names of locked structures. */
void hilum_range_settings_update(HilumRangeSettings *self, HilumVolume *volume, const char *locked);

G_END_DECLS
