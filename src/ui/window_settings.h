/* Settings of the window tool: width, level and presets. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_WINDOW_SETTINGS hilum_window_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumWindowSettings, hilum_window_settings, HILUM, WINDOW_SETTINGS, GtkWidget)

void hilum_window_settings_set_workspace(HilumWindowSettings *self, HilumWorkspace *workspace);

G_END_DECLS
