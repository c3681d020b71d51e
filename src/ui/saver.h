/* Ways out of a case: saving it, and exporting surfaces; both as jobs. Main thread only. */
#pragma once

#include "export_dialog.h"
#include "window.h"

G_BEGIN_DECLS

typedef void (*HilumSaverDone)(HilumWindow *window, bool saved, gpointer data);

/* `path` NULL: where the case lives; asks for a place if it has none. `done` may be NULL; called once. */
void hilum_saver_save(HilumWindow *window, const char *path, HilumSaverDone done, gpointer data);
void hilum_saver_save_as(HilumWindow *window);

/* Takes `choice` over. `path`: a folder for one file each, a file for all in one. */
void hilum_saver_export(HilumWindow *window, HilumExportChoice *choice, const char *path);

G_END_DECLS
