/* Settings of brush and eraser. */
#pragma once

#include "hilum/view/tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_BRUSH_SETTINGS hilum_brush_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumBrushSettings, hilum_brush_settings, HILUM, BRUSH_SETTINGS, GtkWidget)

/* `tool`: brush or erase; NULL unbinds. */
void hilum_brush_settings_set_tool(HilumBrushSettings *self, HilumTool *tool);
void hilum_brush_settings_update(HilumBrushSettings *self, const char *locked);

G_END_DECLS
