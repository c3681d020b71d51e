/* One structure that can be exported: its tick, the verdict on its surface, all of it on demand, and the way
 * to the place that is worth looking at. */
#pragma once

#include "hilum/casefile/structure.h"
#include "surface_checks.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_EXPORT_ROW hilum_export_row_get_type()
G_DECLARE_FINAL_TYPE(HilumExportRow, hilum_export_row, HILUM, EXPORT_ROW, GtkWidget)
/* Signals: "toggled"; "show-place": the button was pressed. */

/* Ticked if the structure is visible; NULL: of the union that the checks are asked for, without a tick.
 * References both. */
HilumExportRow *hilum_export_row_new(HilumStructure *structure, HilumSurfaceChecks *checks);
HilumStructure *hilum_export_row_get_structure(HilumExportRow *self); /* borrowed or NULL */
uint8_t hilum_export_row_get_label(HilumExportRow *self);             /* 0: the union */
const char *hilum_export_row_get_name(HilumExportRow *self);
bool hilum_export_row_get_ticked(HilumExportRow *self);
/* The verdict as it is known now. */
void hilum_export_row_refresh(HilumExportRow *self, double thin_mm);

G_END_DECLS
