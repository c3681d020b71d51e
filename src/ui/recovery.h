/* Cases that were never saved and were left behind: offered on the empty page, recovered or deleted. Main
 * thread only. */
#pragma once

#include "hilum/casefile/journal.h"
#include "window.h"

G_BEGIN_DECLS

/* Adds "recover" and "forget-unsaved" (both with the path). */
void hilum_recovery_add_actions(HilumWindow *window);
/* Looks for them (a job) and shows them on the window's empty page. */
void hilum_recovery_list(HilumWindow *window);

/* Follows the case with `journal` (NULL: a new one, in the state folder); says so if that cannot be. */
void hilum_recovery_follow(HilumWindow *window, HilumCase *the_case, HilumJournal *journal);

G_END_DECLS
