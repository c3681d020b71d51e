/* One phase in the list: thumbnail, name, slices and the verdict on its geometry. */
#pragma once

#include "hilum/casefile/phase.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_PHASE_ROW hilum_phase_row_get_type()
G_DECLARE_FINAL_TYPE(HilumPhaseRow, hilum_phase_row, HILUM, PHASE_ROW, GtkListBoxRow)

HilumPhaseRow *hilum_phase_row_new(HilumPhase *phase);

G_END_DECLS
