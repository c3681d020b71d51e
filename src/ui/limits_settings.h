/* What edits may change, for every tool: a range of values, inside or outside another structure. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_LIMITS_SETTINGS hilum_limits_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumLimitsSettings, hilum_limits_settings, HILUM, LIMITS_SETTINGS, GtkWidget)

void hilum_limits_settings_set_workspace(HilumLimitsSettings *self, HilumWorkspace *workspace);

G_END_DECLS
