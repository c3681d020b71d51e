/* One structure in the list: eye, colour, name, volume, lock and opacity, kept up with the case. */
#pragma once

#include "hilum/casefile/case.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STRUCTURE_ROW hilum_structure_row_get_type()
G_DECLARE_FINAL_TYPE(HilumStructureRow, hilum_structure_row, HILUM, STRUCTURE_ROW, GtkListBoxRow)

HilumStructureRow *hilum_structure_row_new(HilumCase *the_case, HilumStructure *structure);
HilumStructure *hilum_structure_row_get_structure(HilumStructureRow *self);

G_END_DECLS
