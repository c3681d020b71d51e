/* Theme, 3D rotation, interpolation. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_PREFERENCES_DIALOG hilum_preferences_dialog_get_type()
G_DECLARE_FINAL_TYPE(HilumPreferencesDialog, hilum_preferences_dialog, HILUM, PREFERENCES_DIALOG, GtkWindow)

/* Changes are applied at once, to `workspace` and to the application. */
void hilum_preferences_dialog_show(GtkWindow *parent, HilumWorkspace *workspace);
/* What a new window starts with. */
void hilum_preferences_apply(HilumWorkspace *workspace);

G_END_DECLS
