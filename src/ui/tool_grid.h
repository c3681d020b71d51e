/* The grid of tool buttons, made from the tool table, with the rest of the tools in a popover under "More".
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_TOOL_GRID hilum_tool_grid_get_type()
G_DECLARE_FINAL_TYPE(HilumToolGrid, hilum_tool_grid, HILUM, TOOL_GRID, GtkWidget)

/* "More" shows the tool in hand if it is one of the popover's. */
void hilum_tool_grid_set_current(HilumToolGrid *self, const char *id);
void hilum_tool_grid_open_more(HilumToolGrid *self);

G_END_DECLS
