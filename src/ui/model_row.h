/* One surface: what it is, its numbers and its verdict. */
#pragma once

#include "surface_checks.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_MODEL_ROW hilum_model_row_get_type()
G_DECLARE_FINAL_TYPE(HilumModelRow, hilum_model_row, HILUM, MODEL_ROW, GtkListBoxRow)

HilumModelRow *hilum_model_row_new(void);
/* As the surface and what is known of it are now. */
void hilum_model_row_show(HilumModelRow *self, HilumWorkspace *workspace, uint8_t label,
                          HilumSurfaceChecks *checks, double voxel_ml);

G_END_DECLS
