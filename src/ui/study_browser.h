/* Several volumes were found: which ones to open. Lists each with verdict and findings; refused ones cannot
 * be ticked and say why; ticked ones must share a grid, since they become phases of one case. */
#pragma once

#include "hilum/dicom/dicom.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STUDY_BROWSER hilum_study_browser_get_type()
G_DECLARE_FINAL_TYPE(HilumStudyBrowser, hilum_study_browser, HILUM, STUDY_BROWSER, GtkWindow)

/* `chosen`: indices into the catalog (guint), in the order of the list; borrowed; NULL when the user gave up.
 * Called once. */
typedef void (*HilumStudyChosen)(GArray *chosen, gpointer data);

/* `catalog` is borrowed and must live until `done` was called; nobody else may use it meanwhile, since the
 * user may accept the gaps of a volume. */
void hilum_study_browser_ask(GtkWindow *parent, HilumCatalog *catalog, HilumStudyChosen done, gpointer data);
/* The volumes that open without a question: the only one that is not refused, or all of them if they share
 * patient, study and grid. NULL if the user has to choose. Free with g_array_unref(). */
GArray *hilum_study_browser_choose_silently(const HilumCatalog *catalog);

G_END_DECLS
