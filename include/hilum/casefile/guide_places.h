/* The guide's last page: what no structure holds and is round, as a job. Places to look at, never findings.
 */
#pragma once

#include "hilum/casefile/case.h"
#include "hilum/segment/kidney.h"

G_BEGIN_DECLS

/* Immutable inputs. */
typedef struct HilumGuidePlaces HilumGuidePlaces;
/* Main thread. In and round `kidney`, a structure of the case that has voxels, in the images of `phase`. NULL
 * with a sentence otherwise. */
HilumGuidePlaces *hilum_guide_places_new(HilumCase *the_case, const char *kidney, guint phase,
                                         GError **error);
void hilum_guide_places_free(HilumGuidePlaces *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumGuidePlaces, hilum_guide_places_free)
/* Any thread: a GArray of HilumKidneyCandidate, largest first. */
GArray *hilum_guide_places_run(const HilumGuidePlaces *self, const HilumProgress *progress, GError **error);

G_END_DECLS
