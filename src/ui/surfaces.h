/* Surfaces that follow the labels: whenever voxels of a structure change, a background job makes its surface
 * and those it touches anew and hands them to the workspace. A newer change supersedes an older job. Main
 * thread only. */
#pragma once

#include "hilum/view/workspace.h"
#include "job_list.h"

G_BEGIN_DECLS

#define HILUM_TYPE_SURFACES hilum_surfaces_get_type()
G_DECLARE_FINAL_TYPE(HilumSurfaces, hilum_surfaces, HILUM, SURFACES, GObject)
/* Signals: "changed": a surface came or is being made; "failed" (const char *sentence). */

HilumSurfaces *hilum_surfaces_new(HilumWorkspace *workspace, HilumJobList *jobs);
/* The case's labels were replaced (another case) or changed: finds the structures concerned. */
void hilum_surfaces_update(HilumSurfaces *self);
/* True while a surface is older than the labels. */
bool hilum_surfaces_is_busy(HilumSurfaces *self);
/* Forget everything and cancel what runs: the case goes away. */
void hilum_surfaces_clear(HilumSurfaces *self);

G_END_DECLS
