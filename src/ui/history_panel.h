/* The steps of a case, oldest first, with a mark at the present one; a click or Enter goes there. Redoable
 * steps are dimmed. Signal "failed" (string) when a step could not be undone or redone. Main thread only. */
#pragma once

#include "hilum/casefile/history.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_HISTORY_PANEL hilum_history_panel_get_type()
G_DECLARE_FINAL_TYPE(HilumHistoryPanel, hilum_history_panel, HILUM, HISTORY_PANEL, GtkWidget)

/* NULL: none. */
void hilum_history_panel_set_history(HilumHistoryPanel *self, HilumHistory *history);
/* "12 steps, 3.4 of 256 MB". g_free(). */
char *hilum_history_dup_use(HilumHistory *history);

G_END_DECLS
