/* Right, under the tools: the button of the kidney guide and its card. Shows a session and acts through the
 * window's actions (guide_actions.h). */
#pragma once

#include "guide_session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_GUIDE_PANEL hilum_guide_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumGuidePanel, hilum_guide_panel, HILUM, GUIDE_PANEL, GtkWidget)

void hilum_guide_panel_set_session(HilumGuidePanel *self, HilumWorkspace *workspace,
                                   HilumGuideSession *session);

G_END_DECLS
