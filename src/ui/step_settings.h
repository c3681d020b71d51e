/* Settings of the tools that need no pointer: margins, smoothing, filling between slices, and combining with
 * another structure. */
#pragma once

#include "hilum/segment/step.h"
#include "hilum/view/workspace.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define HILUM_TYPE_STEP_SETTINGS hilum_step_settings_get_type()
G_DECLARE_FINAL_TYPE(HilumStepSettings, hilum_step_settings, HILUM, STEP_SETTINGS, GtkWidget)

/* Signal "changed": another operation was chosen. */

void hilum_step_settings_set_workspace(HilumStepSettings *self, HilumWorkspace *workspace);
/* "margin", "smooth", "fill-slices" or "combine". */
void hilum_step_settings_set_kind(HilumStepSettings *self, const char *kind);
/* The step that Apply runs, to be cleared, and its name for the undo button (g_free()). False if nothing can
 * be done (no other structure). */
bool hilum_step_settings_make(HilumStepSettings *self, HilumStep *step, char **title);

/* True if all structures are to be smoothed together, in place of a step: how far, and outer walls too. */
bool hilum_step_settings_is_joint(HilumStepSettings *self, double *sigma_mm, bool *outer);

G_END_DECLS
