/* One volume of a catalog, with a tick. */
#pragma once

#include "hilum/dicom/dicom.h"

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STUDY_ROW hilum_study_row_get_type()
G_DECLARE_FINAL_TYPE(HilumStudyRow, hilum_study_row, HILUM, STUDY_ROW, GtkListBoxRow)
/* Signal "toggled". */

/* `info` is borrowed from the catalog. */
HilumStudyRow *hilum_study_row_new(const HilumSeriesInfo *info);
const HilumSeriesInfo *hilum_study_row_get_info(HilumStudyRow *self);
bool hilum_study_row_get_ticked(HilumStudyRow *self);
/* Ignored for refused volumes. */
void hilum_study_row_set_ticked(HilumStudyRow *self, bool ticked);

G_END_DECLS
