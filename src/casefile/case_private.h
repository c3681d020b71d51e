/* The inside of a case, shared by case*.c, commands.c and record.c. */
#pragma once

#include "hilum/casefile/case.h"
#include "phase_private.h"
#include "structure_private.h"

#define HILUM_VIEW_KEY_MAX 128
#define HILUM_VIEW_VALUE_MAX 65536

enum {
  HILUM_PATIENT_NAME,
  HILUM_PATIENT_ID,
  HILUM_PATIENT_BIRTH_DATE,
  HILUM_PATIENT_SEX,
  HILUM_PATIENT_STUDY_DATE,
  HILUM_PATIENT_STUDY_DESCRIPTION,
  HILUM_PATIENT_FIELDS
};

struct _HilumCase {
  GObject parent;
  char *patient[HILUM_PATIENT_FIELDS]; /* never NULL */
  HilumPatient patient_view;           /* borrows from patient[] */
  bool patient_set;                    /* by hand: phases no longer fill it */
  HilumSide side;
  GListStore *phases, *structures;
  HilumStructure *by_label[HILUM_LABEL_COUNT]; /* borrowed from the list */
  HilumLabelMap *labels;                       /* NULL until there is a phase */
  HilumHistory *history;
  GHashTable *view;   /* key -> value */
  GPtrArray *exports; /* char *, oldest first */
  char *path;
  uint64_t touched, touched_saved; /* changes outside the history */
  bool was_modified;               /* last value notified */
  struct HilumJournal *journal;    /* NULL: none */
  bool followed;                   /* steps go to it */
  bool rescued;                    /* it had to leave the case's folder */
  char *journal_trouble;
  bool without_images; /* only being replayed: phases are moved without resampling what is not there */
};

/* --- case.c --- */
void hilum_case_notify_modified(HilumCase *self);
void hilum_case_touch(HilumCase *self);
void hilum_case_emit_structure_changed(HilumCase *self, HilumStructure *structure);
void hilum_case_emit_images_changed(HilumCase *self);
void hilum_case_put_side(HilumCase *self, HilumSide side);
void hilum_case_fill_patient(HilumCase *self, const HilumPatient *patient, bool only_empty);
/* --- case_exports.c --- */
#define HILUM_EXPORT_MAX_BYTES 65536
enum { HILUM_CASE_MAX_EXPORTS = 1000 };
GPtrArray *hilum_exports_new(void);
GPtrArray *hilum_exports_copy(const GPtrArray *exports);
/* --- case_journal.c --- */
void hilum_case_journal_touched(HilumCase *self);
void hilum_case_leave_journal(HilumCase *self);

/* --- case_phases.c --- */
/* Appends a phase without questions; makes the label map if it is the first. `alignment` NULL: by scanner. */
HilumPhase *hilum_case_append_phase(HilumCase *self, const char *name, HilumSource *source,
                                    HilumVolume *original, HilumVolume *shown,
                                    const HilumAlignment *alignment, GError **error);

/* --- case_structures.c --- */
void hilum_case_insert_structure(HilumCase *self, HilumStructure *structure, guint position);
guint hilum_case_take_out_structure(HilumCase *self, HilumStructure *structure); /* returns its position */
bool hilum_case_check_name(HilumCase *self, const char *name, HilumStructure *except, char **clean,
                           GError **error);

/* --- case_labels.c --- */
bool hilum_case_swap_labels(HilumCase *self, HilumLabelDelta *delta, bool forward, GError **error);
void hilum_case_update_counts(HilumCase *self);

/* --- commands.c: each returns a new command for hilum_history_do() --- */
HilumCommand *hilum_command_new_labels(HilumCase *self, const char *label, HilumLabelDelta *delta);
/* Adds (at the end) or removes the structure. */
HilumCommand *hilum_command_new_list(HilumCase *self, const char *label, HilumStructure *structure, bool add);
/* `mergeable`: consecutive ones of the same structure and label become one step. */
HilumCommand *hilum_command_new_traits(HilumCase *self, const char *label, HilumStructure *structure,
                                       const HilumStructureTraits *after, bool mergeable);
/* `shown` (may be NULL) is used by the first apply. */
HilumCommand *hilum_command_new_alignment(HilumCase *self, const char *label, HilumPhase *phase,
                                          const HilumAlignment *after, HilumVolume *shown);
HilumCommand *hilum_command_new_side(HilumCase *self, HilumSide side);
