/* Which structures become STL, how many files, and how they are prepared for printing. The verdict on each
 * ticked surface comes first, as it is measured; what it speaks for is named and never ticked, and what would
 * be refused says so before. Hidden structures are listed, but not ticked. */
#pragma once

#include "hilum/casefile/case.h"
#include "hilum/exchange/stl.h"
#include "hilum/mesh/repair.h"
#include "surface_checks.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct {
  GPtrArray *structures; /* of HilumStructure, referenced */
  bool together;         /* one file for all */
  bool unite;            /* one surface round all, in one file */
  HilumPrepareOptions prepare;
  HilumFrame frame;
} HilumExportChoice;

void hilum_export_choice_free(HilumExportChoice *choice);

#define HILUM_TYPE_EXPORT_DIALOG hilum_export_dialog_get_type()
G_DECLARE_FINAL_TYPE(HilumExportDialog, hilum_export_dialog, HILUM, EXPORT_DIALOG, GtkWindow)

/* Takes the choice over. Not called if the user gives up. */
typedef void (*HilumExportChosen)(HilumExportChoice *choice, gpointer data);
void hilum_export_dialog_ask(GtkWindow *parent, HilumWorkspace *workspace, HilumSurfaceChecks *checks,
                             HilumExportChosen done, gpointer data);

G_END_DECLS
