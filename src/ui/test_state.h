/* What the window test waits for: with HILUM_TEST_STATE_FILE in the environment, the window writes one line
 * of JSON there, whole or not at all, whenever something changed. tests/ui reads it. Without the
 * variable nothing is done. */
#pragma once

#include "window.h"

G_BEGIN_DECLS

void hilum_test_state_write(HilumWindow *window);

G_END_DECLS
