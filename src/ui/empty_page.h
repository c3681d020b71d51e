/* Nothing is open: two ways in. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_EMPTY_PAGE hilum_empty_page_get_type()
G_DECLARE_FINAL_TYPE(HilumEmptyPage, hilum_empty_page, HILUM, EMPTY_PAGE, GtkWidget)

G_END_DECLS
