/* What a case's structures want their surfaces placed by (HilumStructureBoundary), with the images to read it
 * in. Main thread; what is handed out is for a job. */
#pragma once

#include "hilum/casefile/case.h"
#include "hilum/mesh/surface.h"
#include "hilum/segment/step.h"

G_BEGIN_DECLS

/* By label, for hilum_surface_joint_new_grey(): in use for the structures that follow grey values and whose
 * phase has its images. hilum_surface_ranges_free(). */
HilumSurfaceRange *hilum_case_dup_surface_ranges(HilumCase *self);
/* The images that a structure's surface follows; borrowed. NULL where it follows its labels: because it does
 * (hilum_structure_get_boundary()), or because the images are missing. */
HilumVolume *hilum_case_get_boundary_image(HilumCase *self, uint8_t label);

/* hilum_case_apply_labels() for a delta that `write` was used for: the step also remembers what `made` says,
 * if it makes the structure anew (hilum_case_is_made_by()); changes keep what was remembered. */
bool hilum_case_apply_found_labels(HilumCase *self, const char *step_name, HilumLabelDelta *delta,
                                   const HilumLabelWrite *write, const HilumMade *made, GError **error);

G_END_DECLS
