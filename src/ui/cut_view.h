/* Where a free cut and a distance that is shown lie, drawn over a pane: the cut's line or circle in a slice,
 * with arrows towards what stays, or its handle in 3D; the distance as a line with its length. Lies over the
 * picture and takes no events. */
#pragma once

#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_CUT_VIEW hilum_cut_view_get_type()
G_DECLARE_FINAL_TYPE(HilumCutView, hilum_cut_view, HILUM, CUT_VIEW, GtkWidget)

/* `plane`: HILUM_SLICE_PLANES in 3D. The workspace is referenced. */
void hilum_cut_view_set_workspace(HilumCutView *self, HilumWorkspace *workspace, HilumSlicePlane plane);

G_END_DECLS
