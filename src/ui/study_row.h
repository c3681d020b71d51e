/* One volume of a catalog, with a tick. */
#pragma once

#include "hilum/dicom/dicom.h"

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STUDY_ROW hilum_study_row_get_type()
G_DECLARE_FINAL_TYPE(HilumStudyRow, hilum_study_row, HILUM, STUDY_ROW, GtkListBoxRow)
/* Signals "toggled"; "accept-gap": the user takes the volume as it is, voxels interpolated across its gap. */

/* `info` is borrowed from the catalog. */
HilumStudyRow *hilum_study_row_new(const HilumSeriesInfo *info);
const HilumSeriesInfo *hilum_study_row_get_info(HilumStudyRow *self);
bool hilum_study_row_get_ticked(HilumStudyRow *self);
/* Ignored for refused volumes. */
void hilum_study_row_set_ticked(HilumStudyRow *self, bool ticked);
/* Shows what the catalog says now. */
void hilum_study_row_refresh(HilumStudyRow *self);
/* Every word of `words` occurs in patient, descriptions, modality, phase or date, whatever the case. */
bool hilum_study_row_matches(HilumStudyRow *self, const char *words);

G_END_DECLS
