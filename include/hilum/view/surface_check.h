/* The verdict on a surface before it goes out: what it is, in the words of docs/meshing.md, whether that is
 * fit for a printer, where it is thinnest, and what of a wanted preparation would come to nothing. Values and
 * sentences; who shows them decides when they are measured. Any thread. */
#pragma once

#include "hilum/mesh/repair.h"

G_BEGIN_DECLS

typedef enum {
  HILUM_SURFACE_UNKNOWN,
  HILUM_SURFACE_MEASURED, /* `report` is there: a fraction of a second */
  HILUM_SURFACE_CHECKED   /* `beyond` too */
} HilumSurfaceCheckDepth;

typedef struct {
  HilumSurfaceCheckDepth depth;
  uint32_t triangles;
  HilumBox bounds_mm;
  HilumMeshReport report;
  HilumMeshBeyond beyond;
} HilumSurfaceCheck;

/* One depth further than `check` is (all zero: nothing is known yet). Unchanged on failure. */
bool hilum_surface_check_deepen(HilumSurfaceCheck *check, const HilumMesh *mesh,
                                const HilumProgress *progress, GError **error);

/* Closed, 2-manifold, outward, nothing degenerate or twice, crossing itself nowhere. */
bool hilum_surface_check_is_sound(const HilumSurfaceCheck *check);
/* Thinner than that somewhere, by ray or by ball. */
bool hilum_surface_check_is_thin(const HilumSurfaceCheck *check, double least_mm);
/* Sound and not thin: nothing to look at. False unless CHECKED. */
bool hilum_surface_check_is_ok(const HilumSurfaceCheck *check, double least_mm);

/* In a few words what is wrong, else what is thin, else that nothing is: "open, self-intersections 3",
 * "sound, but 0.73 mm thin", "sound". g_free(). */
char *hilum_surface_check_dup_headline(const HilumSurfaceCheck *check, double least_mm);
/* Everything, a line each: "closed: yes", ..., "thinnest wall by ball: 0.73 mm at L 70.2 · P 14.0 · S 30.0
 * mm". g_free(). */
char *hilum_surface_check_dup_details(const HilumSurfaceCheck *check);
/* What is worth looking at first: where it crosses itself, else where it is thinnest (LPS). False if nothing
 * is known of either. */
bool hilum_surface_check_get_place(const HilumSurfaceCheck *check, HilumVec3 *place_mm);
/* Names of the preparations that the verdict speaks for, "resolve overlaps and crossings, least diameter", or
 * NULL. g_free(). */
char *hilum_surface_check_dup_suggestion(const HilumSurfaceCheck *check, double least_mm);
/* What was done to a surface and what came of it, for the user to read: "Cyst: hollowed, with walls of 2 mm,
 * volume -3.100 ml (-52.0 %), 2 pieces after 1; now sound, thinnest wall 2.01 mm by ray, 2.00 mm by ball".
 * `modifications`: HilumModification. g_free(). */
char *hilum_surface_check_dup_record(const HilumSurfaceCheck *after, const char *name,
                                     const GArray *modifications);

G_END_DECLS
