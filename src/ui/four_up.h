/* Axial and 3D over sagittal and coronal, or one of them alone. */
#pragma once

#include "model_pane.h"
#include "slice_pane.h"

G_BEGIN_DECLS

#define HILUM_TYPE_FOUR_UP hilum_four_up_get_type()
G_DECLARE_FINAL_TYPE(HilumFourUp, hilum_four_up, HILUM, FOUR_UP, GtkWidget)
/* Signals: "failed" (const char *sentence): a pane could not draw; "current-changed": pointer or keyboard
 * came to a pane. */

void hilum_four_up_set_workspace(HilumFourUp *self, HilumWorkspace *workspace);
/* `pane`: 0..2 HilumSlicePlane, HILUM_SLICE_PLANES: 3D. Borrowed. */
GtkWidget *hilum_four_up_get_area(HilumFourUp *self, HilumSlicePlane pane);
HilumModelPane *hilum_four_up_get_model(HilumFourUp *self);
/* A line over the slices about what is seen; NULL: none. */
void hilum_four_up_set_note(HilumFourUp *self, const char *note);
void hilum_four_up_set_menus(HilumFourUp *self, GMenuModel *slice, GMenuModel *model);
/* The pane that pointer or keyboard was in last: where keys act. */
HilumSlicePlane hilum_four_up_get_current(HilumFourUp *self);
/* Shows the current pane alone, or all four again. */
void hilum_four_up_toggle_maximized(HilumFourUp *self);
bool hilum_four_up_get_maximized(HilumFourUp *self);
/* "llvmpipe ..., OpenGL 4.5", or NULL while nothing was drawn. Borrowed. */
const char *hilum_four_up_get_gpu_description(HilumFourUp *self);

G_END_DECLS
