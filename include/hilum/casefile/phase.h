/* One phase of a case: an image volume, where it came from, and how it lies on the reference (the first
 * phase; hilum/casefile/alignment.h). The volume may be absent while its files are missing; structures and
 * labels live on without it. Changed only by HilumCase. Main thread only; the volume itself may be read
 * anywhere. */
#pragma once

#include "hilum/casefile/alignment.h"
#include "hilum/dicom/dicom.h"
#include "hilum/volume/volume.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define HILUM_TYPE_PHASE hilum_phase_get_type()
G_DECLARE_FINAL_TYPE(HilumPhase, hilum_phase, HILUM, PHASE, GObject)
/* Properties, read-only with notify: "name", "description", "modality" (string), "available" (boolean: the
 * volume is there), "moved-mm" (double; notified with every change of the alignment, its findings included).
 */

/* What the list shows: the contrast phase if it is known ("Arterial"), else the series description, else
 * "Series 3". Unique within the case. */
const char *hilum_phase_get_name(HilumPhase *self);
const char *hilum_phase_get_description(HilumPhase *self);
const char *
hilum_phase_get_kind(HilumPhase *self); /* "arterial" "nephrographic" "excretory" "unenhanced" "" */
const char *hilum_phase_get_modality(HilumPhase *self);
const char *hilum_phase_get_series_uid(HilumPhase *self);
const char *hilum_phase_get_study_uid(HilumPhase *self);
const char *hilum_phase_get_frame_of_reference_uid(HilumPhase *self);
const char *hilum_phase_get_study_date(HilumPhase *self); /* YYYYMMDD or "" */
const char *hilum_phase_get_transfer_syntax(HilumPhase *self);
int hilum_phase_get_series_number(HilumPhase *self); /* -1 if unknown */
/* Of the images as they were loaded. */
const HilumGrid *hilum_phase_get_grid(HilumPhase *self);
/* On the grid of the case's labels, under the phase's alignment: what is shown, sampled and segmented. NULL
 * while the images are missing. Borrowed; take a reference for a job. */
HilumVolume *hilum_phase_get_volume(HilumPhase *self);
/* As loaded; the same volume where nothing had to be resampled. What a registration reads. */
HilumVolume *hilum_phase_get_original(HilumPhase *self);
const HilumAlignment *hilum_phase_get_alignment(HilumPhase *self);
/* How far the alignment moves the phase in the middle of the reference; 0 for the reference itself. */
double hilum_phase_get_moved_mm(HilumPhase *self);
/* Window that the files suggest, else 1-99 % of the voxels for MR and 350/40 for CT. In real values. */
void hilum_phase_get_window(HilumPhase *self, double *center, double *width);
/* What the images and the alignment are worth: findings of the series, then "frame-of-reference",
 * "registered", "registration-unreliable", "aligned-by-hand" and "resampled" (docs/case-format.md). */
HilumVerdict hilum_phase_get_verdict(HilumPhase *self);
const HilumFinding *hilum_phase_get_findings(HilumPhase *self, size_t *n);
/* Files in slice order; 0 if the volume did not come from files. */
size_t hilum_phase_get_file_count(HilumPhase *self);
const char *hilum_phase_get_file(HilumPhase *self, size_t index);
const char *hilum_phase_get_sop_uid(HilumPhase *self, size_t index);

G_END_DECLS
