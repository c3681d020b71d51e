/* One stage of a protocol on a case: gathered on the main thread, computed on any, committed on the main
 * thread as one step of the history. What the window's guide and `hilum-cli guide` share. */
#pragma once

#include "hilum/casefile/case.h"
#include "hilum/segment/protocol.h"

G_BEGIN_DECLS

/* Main thread. The structures of all stages that the case lacks are added, empty, as one step of the history:
 * stages may speak of each other before they are made. */
bool hilum_guide_add_structures(HilumCase *self, const HilumProtocol *protocol, GError **error);
/* Main thread. The phase that a stage reads, or HILUM_SEGMENT_ERROR_INVALID. */
bool hilum_guide_find_phase(HilumCase *self, const HilumProtocol *protocol, size_t stage, guint *phase,
                            GError **error);

/* Main thread. The id of the protocol that comes with the program for as many phases as there are images of,
 * so that every stage that cannot be left out has its phase; "mr" where values are not in HU. */
const char *hilum_guide_suggest(HilumCase *self);
/* Name of the step that a stage makes: "Guide: Arteries". g_free(). */
char *hilum_guide_dup_title(const HilumProtocol *protocol, size_t stage);

/* Everything that a stage needs, immutable. */
typedef struct HilumGuideStage HilumGuideStage;
/* Main thread. `clicks_mm` and `clicked` have an entry a stage. Fails if the structure is missing or locked,
 * a click or a phase is missing, or the protocol's steps make no sense on these images. */
HilumGuideStage *hilum_guide_prepare(HilumCase *self, const HilumProtocol *protocol, size_t stage,
                                     const HilumVec3 *clicks_mm, const bool *clicked, GError **error);
void hilum_guide_stage_free(HilumGuideStage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumGuideStage, hilum_guide_stage_free)
/* Any thread. `results` (may be NULL) receives one HilumStepResult a step, `made` what the steps went by.
 * Free the delta with hilum_label_delta_unref(). */
HilumLabelDelta *hilum_guide_stage_run(const HilumGuideStage *stage, GArray *results, HilumMade *made,
                                       const HilumProgress *progress, GError **error);
/* Main thread. One step named hilum_guide_dup_title(), with the range that made the structure if one did; the
 * delta is borrowed. HILUM_CASEFILE_ERROR_STALE if the labels changed meanwhile. */
bool hilum_guide_commit(HilumCase *self, const HilumGuideStage *stage, HilumLabelDelta *delta,
                        const HilumMade *made, GError **error);

G_END_DECLS
