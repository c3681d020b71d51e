/* Several volumes were found: which ones to open. Lists each with its picture, verdict and findings; refused
 * ones cannot be ticked and say why; ticked ones must be of one study, since they become phases of one case.
 * Rows are made for what is seen, however many volumes there are. */
#pragma once

#include "hilum/dicom/dicom.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STUDY_BROWSER hilum_study_browser_get_type()
G_DECLARE_FINAL_TYPE(HilumStudyBrowser, hilum_study_browser, HILUM, STUDY_BROWSER, GtkWindow)
/* Signal "changed": rows or pictures came. */

/* `chosen`: indices into the catalog (guint), in the order of the list; borrowed; NULL when the user gave up.
 * Called once. */
typedef void (*HilumStudyChosen)(GArray *chosen, gpointer data);

/* `catalog` is referenced; nobody else may use it until `done` was called, since the user may accept the gaps
 * of a volume. `ticked` (of guint, ascending; borrowed): what is ticked to begin with. */
HilumStudyBrowser *hilum_study_browser_ask(GtkWindow *parent, HilumCatalog *catalog, const GArray *ticked,
                                           HilumStudyChosen done, gpointer data);

/* For the window test. */
typedef struct {
  guint volumes, listed, shown, ticked; /* in the catalog; with an item; not hidden by the search */
  guint pictures, waiting;              /* there; for rows that are seen, still to come */
} HilumStudyBrowserState;
void hilum_study_browser_get_state(HilumStudyBrowser *self, HilumStudyBrowserState *state);

G_END_DECLS
