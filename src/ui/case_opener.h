/* Opening case files and finding their images again. Main thread only. */
#pragma once

#include "window.h"

G_BEGIN_DECLS

/* Reads the case and its images as a job; the window then shows it, and offers to look for what is missing.
 */
void hilum_case_opener_open(HilumWindow *window, const char *path);

G_END_DECLS
