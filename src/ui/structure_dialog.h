/* Name, kind and colour of one structure, and whether its surface follows grey values, changed in one
 * undoable step. */
#pragma once

#include "hilum/casefile/case.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STRUCTURE_DIALOG hilum_structure_dialog_get_type()
G_DECLARE_FINAL_TYPE(HilumStructureDialog, hilum_structure_dialog, HILUM, STRUCTURE_DIALOG, GtkWindow)

void hilum_structure_dialog_edit(GtkWindow *parent, HilumCase *the_case, HilumStructure *structure);

G_END_DECLS
