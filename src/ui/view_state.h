/* What the window looks at, kept in the case: crosshair, window, camera, phase, structure; where models are
 * cut open, and what the surfaces' colours mean. */
#pragma once

#include "hilum/casefile/case.h"
#include "hilum/view/workspace.h"

G_BEGIN_DECLS

void hilum_view_state_store(HilumWorkspace *workspace, HilumCase *the_case);
/* Values that are missing or make no sense are left alone. */
void hilum_view_state_restore(HilumWorkspace *workspace, HilumCase *the_case);

G_END_DECLS
