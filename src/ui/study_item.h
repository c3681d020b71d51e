/* One volume of a catalog in the study browser's list: what is ticked, and its small picture once it is
 * there. Rows come and go, items stay. Main thread only. */
#pragma once

#include "hilum/dicom/dicom.h"

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STUDY_ITEM hilum_study_item_get_type()
G_DECLARE_FINAL_TYPE(HilumStudyItem, hilum_study_item, HILUM, STUDY_ITEM, GObject)
/* Signal "changed": tick, picture, or what the catalog says. */

/* `info` is borrowed from the catalog. */
HilumStudyItem *hilum_study_item_new(const HilumSeriesInfo *info, guint index);
const HilumSeriesInfo *hilum_study_item_get_info(HilumStudyItem *self);
guint hilum_study_item_get_index(HilumStudyItem *self); /* in the catalog */
bool hilum_study_item_get_ticked(HilumStudyItem *self);
/* Ignored for refused volumes. */
void hilum_study_item_set_ticked(HilumStudyItem *self, bool ticked);
/* The catalog says something else now. */
void hilum_study_item_refresh(HilumStudyItem *self);
/* Every word of `words` occurs in patient, descriptions, modality, phase or date, whatever the case. */
bool hilum_study_item_matches(HilumStudyItem *self, const char *words);
/* "arterial phase" for "arterial"; "" for what is no phase. */
const char *hilum_study_phase_name(const char *phase);

typedef enum {
  HILUM_PICTURE_UNKNOWN, /* never asked for, or forgotten */
  HILUM_PICTURE_NONE,    /* there is none to be had */
  HILUM_PICTURE_SHOWN
} HilumPictureState;
HilumPictureState hilum_study_item_get_picture_state(HilumStudyItem *self);
GdkTexture *hilum_study_item_get_picture(HilumStudyItem *self); /* borrowed or NULL */
/* Referenced; NULL with any state but _SHOWN. */
void hilum_study_item_set_picture(HilumStudyItem *self, HilumPictureState state, GdkTexture *picture);

G_END_DECLS
