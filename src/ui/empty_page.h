/* Nothing is open: ways in, and what was not saved when the program stopped. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_EMPTY_PAGE hilum_empty_page_get_type()
G_DECLARE_FINAL_TYPE(HilumEmptyPage, hilum_empty_page, HILUM, EMPTY_PAGE, GtkWidget)

/* Of HilumUnsavedCase; offered with "win.recover" and "win.forget-unsaved". */
void hilum_empty_page_set_unsaved(HilumEmptyPage *self, const GArray *cases);

G_END_DECLS
