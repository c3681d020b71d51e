/* One 2D pane: shows a slice of the workspace and turns pointer and wheel into tool events, window/level,
 * pan, zoom and slices. What it shows is the workspace's; it keeps nothing of its own. */
#pragma once

#include "gl_share.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_SLICE_PANE hilum_slice_pane_get_type()
G_DECLARE_FINAL_TYPE(HilumSlicePane, hilum_slice_pane, HILUM, SLICE_PANE, GtkWidget)
/* Property "plane" (uint: HilumSlicePlane). Signals: "failed" (const char *sentence): OpenGL refused;
 * "focused": the pointer or the keyboard came here. */

void hilum_slice_pane_set_workspace(HilumSlicePane *self, HilumWorkspace *workspace, HilumGlShare *share);
HilumSlicePlane hilum_slice_pane_get_plane(HilumSlicePane *self);
/* The widget that draws; its coordinates are those of the slice state. Borrowed. */
GtkWidget *hilum_slice_pane_get_area(HilumSlicePane *self);
void hilum_slice_pane_set_menu(HilumSlicePane *self, GMenuModel *menu);

/* A line over the picture about what is seen; NULL: none. */
void hilum_slice_pane_set_note(HilumSlicePane *self, const char *note);

G_END_DECLS
