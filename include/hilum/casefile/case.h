/* The case: one patient's phases, structures and label map, with the history that can undo every change.
 *
 * Invariants: the label map has the grid of the first phase, the reference; what is shown of every other
 * phase is on that grid too, resampled where its images are not; labels in the map belong to a structure of
 * the list; names are unique without regard to case. Voxels and structures change only by commands of the
 * history. Main thread only: jobs work on snapshots and volumes taken from here, and hand back deltas. */
#pragma once

#include "hilum/casefile/history.h"
#include "hilum/casefile/phase.h"
#include "hilum/casefile/structure.h"
#include "hilum/volume/label_map.h"

G_BEGIN_DECLS

typedef enum { HILUM_SIDE_UNKNOWN, HILUM_SIDE_LEFT, HILUM_SIDE_RIGHT, HILUM_SIDE_BOTH } HilumSide;
const char *hilum_side_name(HilumSide side); /* "unknown" "left" "right" "both" */

/* For the banner. Never log it. Strings are never NULL. */
typedef struct {
  const char *name, *id, *birth_date, *sex; /* dates YYYYMMDD */
  const char *study_date, *study_description;
} HilumPatient;

#define HILUM_TYPE_CASE hilum_case_get_type()
G_DECLARE_FINAL_TYPE(HilumCase, hilum_case, HILUM, CASE, GObject)
/* Properties, read-only with notify: "path" (string or NULL), "modified" (boolean), "side" (uint: HilumSide),
 * "patient-name" (string; notified when any patient field changes).
 * Signals: "labels-changed" after each change of the label map (ask hilum_label_map_changed_since() for the
 * bricks); "structure-changed" (HilumStructure *) after any property of a structure changed, voxel counts
 * included; "images-changed" when a phase was added or moved, or its volume came; "journal-changed" when
 * steps can no longer be kept safe, or can again (hilum/casefile/journal.h). */

HilumCase *hilum_case_new(void);

/* --- who --- */
const HilumPatient *hilum_case_get_patient(HilumCase *self);
/* NULL members become "". Taken from the first phase if never called. Not a step of the history. */
void hilum_case_set_patient(HilumCase *self, const HilumPatient *patient);
HilumSide hilum_case_get_side(HilumCase *self);
void hilum_case_set_side(HilumCase *self, HilumSide side); /* undoable */

/* --- phases --- */
GListModel *hilum_case_get_phases(HilumCase *self); /* of HilumPhase; borrowed */
guint hilum_case_get_phase_count(HilumCase *self);
HilumPhase *hilum_case_get_phase(HilumCase *self, guint index); /* borrowed; NULL beyond the end */
/* Adds a volume with what the catalog says of it (`info`; NULL: nothing is known, as for volumes that come
 * from no file). The first phase makes the label map; another may lie on any grid, and is placed by scanner
 * coordinates until it is registered. Refused if it does not overlap the first (HILUM_CASEFILE_ERROR_GRID),
 * if the patient id differs (HILUM_CASEFILE_ERROR_PATIENT) or the series is there already. Borrowed. Not a
 * step of the history: images are never changed, only referred to. */
HilumPhase *hilum_case_add_phase(HilumCase *self, const HilumSeriesInfo *info, HilumVolume *volume,
                                 GError **error);
/* The same where a job already made `shown`: hilum_alignment_resample() of `volume`, by scanner coordinates,
 * onto the first phase's grid. It takes part of a second where the grids differ; NULL: made here. */
HilumPhase *hilum_case_add_phase_shown(HilumCase *self, const HilumSeriesInfo *info, HilumVolume *volume,
                                       HilumVolume *shown, GError **error);
/* Moves a phase: one step of the history named `step_name` ("Register Arterial to Nephrographic", "Nudge
 * Arterial"); steps of one name that follow each other and are HILUM_ALIGNMENT_MANUAL become one. `shown` as
 * a job made it with hilum_alignment_resample() from hilum_phase_get_original(); NULL: made here, as undo and
 * redo do. HILUM_CASEFILE_ERROR_GRID for the first phase, which the labels lie on, or if the phase would lie
 * beside it; HILUM_CASEFILE_ERROR_MISSING_IMAGES. */
bool hilum_case_set_alignment(HilumCase *self, guint phase, const HilumAlignment *alignment,
                              HilumVolume *shown, const char *step_name, GError **error);
/* The volume of a phase on the grid of the labels, or HILUM_CASEFILE_ERROR_MISSING_IMAGES saying what is
 * missing. Borrowed. */
HilumVolume *hilum_case_require_volume(HilumCase *self, guint phase, GError **error);

/* --- structures --- */
GListModel *hilum_case_get_structures(HilumCase *self); /* of HilumStructure; borrowed */
HilumStructure *hilum_case_get_structure(HilumCase *self,
                                         uint8_t label); /* NULL if there is none; borrowed */
HilumStructure *hilum_case_find_structure(HilumCase *self,
                                          const char *name); /* whatever its case; borrowed */
uint8_t hilum_case_get_free_label(HilumCase *self);          /* lowest unused, 0 if all are taken */
/* `name` NULL: the kind's default, numbered if it is taken ("Tumour 2"). A given name must be new, not blank
 * and at most 64 characters of UTF-8 without control characters. Undoable, as are the next four. Borrowed. */
HilumStructure *hilum_case_add_structure(HilumCase *self, HilumStructureKind kind, const char *name,
                                         GError **error);
/* Also clears its voxels, in the same step. HILUM_CASEFILE_ERROR_LOCKED if it is locked. */
bool hilum_case_remove_structure(HilumCase *self, HilumStructure *structure, GError **error);
bool hilum_case_rename_structure(HilumCase *self, HilumStructure *structure, const char *name,
                                 GError **error);
bool hilum_case_recolor_structure(HilumCase *self, HilumStructure *structure, uint32_t color, GError **error);
bool hilum_case_set_structure_kind(HilumCase *self, HilumStructure *structure, HilumStructureKind kind,
                                   GError **error);
bool hilum_case_lock_structure(HilumCase *self, HilumStructure *structure, bool locked, GError **error);
/* What places its surface: NULL or what is no range: its labels. HILUM_CASEFILE_ERROR_STRUCTURE if the case
 * does not have the phase. Undoable. */
bool hilum_case_set_structure_boundary(HilumCase *self, HilumStructure *structure,
                                       const HilumStructureBoundary *boundary, GError **error);
/* At once, saved with the case, but no step of the history and no modification. */
void hilum_case_set_structure_visible(HilumCase *self, HilumStructure *structure, bool visible);
void hilum_case_set_structure_opacity(HilumCase *self, HilumStructure *structure, double opacity);

/* --- labels --- */
/* NULL until there is a phase. Borrowed; never apply a delta to it directly. */
HilumLabelMap *hilum_case_get_label_map(HilumCase *self);
/* The present labels for a job; NULL until there is a phase. Unref it. */
HilumLabelSnapshot *hilum_case_dup_labels(HilumCase *self);
/* Fills what hilum_label_delta_new_from_mask() needs: label, mode, locks of all structures. False with
 * HILUM_CASEFILE_ERROR_LOCKED if the structure itself is locked. */
bool hilum_case_prepare_write(HilumCase *self, HilumStructure *structure, HilumLabelMode mode,
                              HilumLabelWrite *write, GError **error);
/* One undoable step. An empty delta is a success without a step. HILUM_CASEFILE_ERROR_STALE, with nothing
 * changed, if the labels changed since the snapshot that the delta was made from. */
bool hilum_case_apply_labels(HilumCase *self, const char *step_name, HilumLabelDelta *delta, GError **error);
/* The same for what was found from the images: the step also remembers the range that made the structure, if
 * `made` is one, or that none did. That is right for a delta that leaves nothing of what the structure was:
 * hilum_case_is_made_by() says so. `structure` is the delta's. A step that changes neither is a success
 * without a step. */
bool hilum_case_apply_made_labels(HilumCase *self, const char *step_name, HilumLabelDelta *delta,
                                  HilumStructure *structure, const HilumStructureBoundary *made,
                                  GError **error);
/* True if writing like this makes all of a structure: it replaces it, or there is nothing of it yet. */
bool hilum_case_is_made_by(HilumCase *self, const HilumLabelWrite *write);
/* The labels become `labels` (same grid): one step. Labels without a structure get one, named by `names` (256
 * entries or NULLs; NULL: none). Refused if that would change voxels of a locked structure. */
bool hilum_case_import_labels(HilumCase *self, const char *step_name, HilumLabelSnapshot *labels,
                              const char *const *names, GError **error);

/* --- what went out --- */
/* What was done to the surfaces of an export: a JSON object, UTF-8, at most 65,536 bytes (docs/case-format.md
 * has its members). Saved with the case; no step of the history, because a file that went out cannot be
 * undone. Beyond 1,000 the oldest go. False, and nothing kept, if the text is longer or no UTF-8. */
bool hilum_case_add_export(HilumCase *self, const char *json);
guint hilum_case_get_export_count(HilumCase *self);
const char *hilum_case_get_export(HilumCase *self, guint index); /* 0 the oldest; NULL beyond the last */

/* --- the rest --- */
HilumHistory *hilum_case_get_history(HilumCase *self); /* borrowed */
const char *hilum_case_get_path(HilumCase *self);      /* NULL until saved or opened */
void hilum_case_set_path(HilumCase *self, const char *path);
/* Something that matters is not on disk: steps since the last save, or phases or patient fields set. */
bool hilum_case_get_modified(HilumCase *self);
/* State of the window, saved with the case and meaningless to it: camera, window/level, slices. `value` NULL
 * removes. Keys up to 128, values up to 65,536 bytes. */
const char *hilum_case_get_view_value(HilumCase *self, const char *key);
void hilum_case_set_view_value(HilumCase *self, const char *key, const char *value);
/* Of that, what surfaces are made with: passes of the filter (hilum/mesh/surface.h), 0 to
 * HILUM_CASE_MOST_SMOOTHING, HILUM_SURFACE_SMOOTHING unless chosen. No step of the history. */
#define HILUM_CASE_MOST_SMOOTHING 100
int hilum_case_get_smoothing(HilumCase *self);
void hilum_case_set_smoothing(HilumCase *self, int passes);

G_END_DECLS
