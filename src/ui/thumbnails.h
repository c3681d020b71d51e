/* The small pictures of a study browser: made one after the other off the main thread, for rows that are
 * seen, the latest wish first. Main thread only. */
#pragma once

#include "study_item.h"

G_BEGIN_DECLS

typedef struct HilumThumbnails HilumThumbnails;

/* `catalog` is referenced; `view` is borrowed: a row is seen if it lies in it. `changed` (may be NULL) is
 * called with `data` whenever a picture came. */
HilumThumbnails *hilum_thumbnails_new(HilumCatalog *catalog, GtkWidget *view, GCallback changed,
                                      gpointer data);
/* Cancels what is under way; it ends by itself and is heard no more. */
void hilum_thumbnails_free(HilumThumbnails *self);
/* `row` (borrowed) shows `item` (referenced) from now on, and wants its picture as long as it is seen. */
void hilum_thumbnails_want(HilumThumbnails *self, HilumStudyItem *item, GtkWidget *row);
/* `row` shows it no more. */
void hilum_thumbnails_leave(HilumThumbnails *self, GtkWidget *row);
/* Rows moved: looks again which are seen. */
void hilum_thumbnails_look(HilumThumbnails *self);
/* Pictures that rows now seen still wait for. */
guint hilum_thumbnails_count_waiting(HilumThumbnails *self);

G_END_DECLS
