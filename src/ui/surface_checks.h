/* Verdicts on the surfaces of a case, kept until the surface is another one. Whoever shows verdicts says of
 * which structures; background jobs that can be cancelled make them, one structure after the other: first all
 * measures, then what takes longer (crossings and walls). What nobody wants any more is given up. Of shown
 * structures the surface is the one on screen; that of a hidden one is made from the labels. Main thread
 * only. */
#pragma once

#include "hilum/view/surface_check.h"
#include "job_list.h"
#include "surfaces.h"

G_BEGIN_DECLS

/* Who wants verdicts. */
typedef enum { HILUM_CHECKS_PANEL, HILUM_CHECKS_DIALOG, HILUM_CHECKS_ASKERS } HilumChecksAsker;

#define HILUM_TYPE_SURFACE_CHECKS hilum_surface_checks_get_type()
G_DECLARE_FINAL_TYPE(HilumSurfaceChecks, hilum_surface_checks, HILUM, SURFACE_CHECKS, GObject)
/* Signals: "changed": a verdict came, or went with its surface; "failed" (const char *sentence). */

HilumSurfaceChecks *hilum_surface_checks_new(HilumWorkspace *workspace, HilumSurfaces *surfaces,
                                             HilumJobList *jobs);
/* Takes the place of what the asker wanted before; NULL: nothing. A verdict that was cancelled or failed is
 * made after all if it is newly wanted. */
void hilum_surface_checks_want(HilumSurfaceChecks *self, HilumChecksAsker asker,
                               const bool wanted[HILUM_LABEL_COUNT]);
/* Of the surface round all of a set, which is not on screen: label 0 below. Only the dialog asks; NULL: it
 * does not. */
void hilum_surface_checks_want_union(HilumSurfaceChecks *self, const bool set[HILUM_LABEL_COUNT]);
/* As far as it is known of the surface that belongs to the present labels; else its depth is UNKNOWN.
 * Borrowed until the next "changed". */
const HilumSurfaceCheck *hilum_surface_checks_get(HilumSurfaceChecks *self, uint8_t label);
/* Cancelled or failed: it will not become known by itself. */
bool hilum_surface_checks_is_stopped(HilumSurfaceChecks *self, uint8_t label);

G_END_DECLS
