/* How long the main loop was away from its events: the longest stretch between two looks at them, which is
 * what a user feels as a stall. For the window test; costs two clock readings a turn once started. Main
 * thread only. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Starts measuring, or starts anew. */
void hilum_loop_gauge_reset(void);
/* Since the reset, milliseconds: of the clock on the wall, and of the processor's time that this thread got,
 * which other programs cannot lengthen. The two need not be of the same turn. */
double hilum_loop_gauge_get_wall_ms(void);
double hilum_loop_gauge_get_cpu_ms(void);

G_END_DECLS
