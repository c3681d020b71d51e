/* The acts of exporting: the dialog, then a place, then the job. Private to the window's actions. */
#pragma once

#include "window.h"

G_BEGIN_DECLS

void hilum_export_actions_add(HilumWindow *self);
void hilum_export_actions_update(HilumWindow *self);

G_END_DECLS
