/* One volume of a catalog in a list, with its picture and a tick. Rows are recycled. */
#pragma once

#include "study_item.h"

G_BEGIN_DECLS

#define HILUM_TYPE_STUDY_ROW hilum_study_row_get_type()
G_DECLARE_FINAL_TYPE(HilumStudyRow, hilum_study_row, HILUM, STUDY_ROW, GtkWidget)
/* Signals "toggled": the user changed the tick, the item knows; "accept-gap": the user takes the volume as it
 * is, voxels interpolated across its gap. */

GtkWidget *hilum_study_row_new(void);
/* Shows the item (referenced; NULL: none) and follows it. */
void hilum_study_row_set_item(HilumStudyRow *self, HilumStudyItem *item);
HilumStudyItem *hilum_study_row_get_item(HilumStudyRow *self); /* borrowed or NULL */

G_END_DECLS
