/* One surface: what it is, its numbers and its verdict. */
#pragma once

#include "hilum/mesh/measure.h"
#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_MODEL_ROW hilum_model_row_get_type()
G_DECLARE_FINAL_TYPE(HilumModelRow, hilum_model_row, HILUM, MODEL_ROW, GtkListBoxRow)

HilumModelRow *hilum_model_row_new(void);
/* `report` NULL: still being measured. */
void hilum_model_row_show(HilumModelRow *self, const HilumStructureLook *look, HilumMesh *mesh,
                          const HilumMeshReport *report, double voxel_ml);

G_END_DECLS
