/* What the tool in hand draws over a pane: the outline in progress, and seed strokes. Lies over the picture and takes no
 * events. */
#pragma once

#include "hilum/view/tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_OUTLINE_VIEW hilum_outline_view_get_type()
G_DECLARE_FINAL_TYPE(HilumOutlineView, hilum_outline_view, HILUM, OUTLINE_VIEW, GtkWidget)

/* `plane`: HILUM_SLICE_PLANES in 3D. The workspace is referenced. */
void hilum_outline_view_set_workspace(HilumOutlineView *self, HilumWorkspace *workspace,
                                      HilumSlicePlane plane);

G_END_DECLS
