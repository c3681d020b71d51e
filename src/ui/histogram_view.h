/* The histogram of a volume with a band over it: the range of a threshold, or the window. Where it is
 * editable, the band's edges and the band itself can be dragged; spin buttons beside it do the same by
 * keyboard. */
#pragma once

#include "hilum/volume/volume.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_HISTOGRAM_VIEW hilum_histogram_view_get_type()
G_DECLARE_FINAL_TYPE(HilumHistogramView, hilum_histogram_view, HILUM, HISTOGRAM_VIEW, GtkWidget)
/* Property "editable" (boolean). Signal "range-changed" (double lo, double hi): the hand moved the band. */

/* NULL: empty. */
void hilum_histogram_view_set_volume(HilumHistogramView *self, HilumVolume *volume);
/* A structure's own distribution, over the volume's and to its own scale: 65,536 counts as
 * hilum_structure_dup_histogram() gives them; NULL: none. A change of the volume forgets it. */
void hilum_histogram_view_set_own(HilumHistogramView *self, const uint64_t *counts, const GdkRGBA *color);
/* Real values; does not emit. */
void hilum_histogram_view_set_range(HilumHistogramView *self, double lo, double hi);

G_END_DECLS
