/* Models cut open: whenever the cut or its slice moves or a surface changes, a job makes the sections of
 * what is shown and hands them to the workspace; while one runs, places in between are passed over. Main
 * thread only. */
#pragma once

#include "hilum/view/workspace.h"

G_BEGIN_DECLS

#define HILUM_TYPE_CUTS hilum_cuts_get_type()
G_DECLARE_FINAL_TYPE(HilumCuts, hilum_cuts, HILUM, CUTS, GObject)

HilumCuts *hilum_cuts_new(HilumWorkspace *workspace);

G_END_DECLS
