/* Surfaces that follow the labels: whenever voxels of a structure change, its pieces follow at once, and when
 * the hand rests a background job makes its surface and those it touches anew and hands them to the
 * workspace. A newer change supersedes an older job. Structures that are hidden wait until they are shown.
 * Main thread only. */
#pragma once

#include "hilum/view/workspace.h"
#include "job_list.h"
#include "live_surfaces.h"

G_BEGIN_DECLS

#define HILUM_TYPE_SURFACES hilum_surfaces_get_type()
G_DECLARE_FINAL_TYPE(HilumSurfaces, hilum_surfaces, HILUM, SURFACES, GObject)
/* Signals: "changed": a surface came or is being made; "failed" (const char *sentence). */

HilumSurfaces *hilum_surfaces_new(HilumWorkspace *workspace, HilumJobList *jobs);
/* The case's labels were replaced (another case) or changed, or a structure was shown: finds the structures
 * concerned. */
void hilum_surfaces_update(HilumSurfaces *self);
/* True while a surface is older than the labels. */
bool hilum_surfaces_is_busy(HilumSurfaces *self);
/* Borrowed. */
HilumLiveSurfaces *hilum_surfaces_get_live(HilumSurfaces *self);
/* Forget everything and cancel what runs: the case goes away. */
void hilum_surfaces_clear(HilumSurfaces *self);

G_END_DECLS
