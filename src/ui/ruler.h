/* The ruler of a 2D pane: a bar of a round number of millimetres with its length beside it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_RULER hilum_ruler_get_type()
G_DECLARE_FINAL_TYPE(HilumRuler, hilum_ruler, HILUM, RULER, GtkWidget)

void hilum_ruler_set_length(HilumRuler *self, double length_mm, double length_px);

G_END_DECLS
