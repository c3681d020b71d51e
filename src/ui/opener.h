/* Ways into a case: images are searched, chosen and loaded, cases are read, the sample is made; all as jobs
 * of the window, which ends up showing the case or a sentence that says why not. Main thread only. */
#pragma once

#include "window.h"

G_BEGIN_DECLS

/* Files, folders, DICOMDIRs, or one .hilum. NULL-terminated. Asks first if something is not saved. */
void hilum_opener_open(HilumWindow *window, const char *const *paths);
/* The synthetic study, made on the spot unless it is in the cache. `small`: half the voxels an axis. */
void hilum_opener_open_sample(HilumWindow *window, bool small);
/* Gives up what is being searched, made or loaded; the window is at once as it was before. */
void hilum_opener_cancel(HilumWindow *window);
bool hilum_opener_is_busy(HilumWindow *window);
/* Looks for the missing images of the open case in a folder that the user points to. */
void hilum_opener_relocate(HilumWindow *window, const char *folder);

G_END_DECLS
