/* Which volumes of a catalog belong into one case. Pure functions of the catalog: any thread. */
#pragma once

#include "hilum/dicom/dicom.h"

#include <stdbool.h>

G_BEGIN_DECLS

/* May be phases of one case: on other grids they are resampled. */
bool hilum_study_may_join(const HilumSeriesInfo *a, const HilumSeriesInfo *b);
/* The volumes that open without a question: the only one that is not refused, or all of them if they share
 * patient, study and grid. NULL if the user has to choose. Of guint; free with g_array_unref(). */
GArray *hilum_study_choose_silently(const HilumCatalog *catalog);
/* The largest group that shares patient, study and grid, the first of equals: what is ticked to begin with.
 * Empty if all are refused. */
GArray *hilum_study_find_best(const HilumCatalog *catalog);

G_END_DECLS
