/* Steps of the history as the journal and the case file keep them: immutable, reference counted, shared by
 * the history, the journal's thread and the records captured from a case. Only the packed bytes are filled in
 * later, once, under a lock. Any thread. */
#pragma once

#include "case_private.h"
#include "history_private.h"

#include <pthread.h>
#include <stdatomic.h>

typedef enum {
  HILUM_COMMAND_LABELS = 1,
  HILUM_COMMAND_LIST,
  HILUM_COMMAND_TRAITS,
  HILUM_COMMAND_ALIGNMENT,
  HILUM_COMMAND_SIDE
} HilumCommandKind;

typedef struct HilumCommandRecord {
  HilumCommandKind kind;
  char *label;
  HilumLabelDelta *delta;             /* LABELS */
  uint8_t structure;                  /* LIST, TRAITS: its label */
  HilumStructureTraits before, after; /* TRAITS; LIST: `after` is what comes or goes */
  bool add, visible;                  /* LIST */
  uint32_t position;
  double opacity;
  uint32_t phase; /* ALIGNMENT */
  HilumAlignment lay_before, lay_after;
  HilumSide side_before, side_after; /* SIDE */
} HilumCommandRecord;

struct HilumStepRecord {
  atomic_int refs;
  char *label;
  uint64_t before, after;
  bool group;
  GPtrArray *commands; /* owned HilumCommandRecord */
  pthread_mutex_t lock;
  GBytes *packed; /* NULL until asked for */
};

/* Bounds on what is read; a step of a case of 4 Gi labels stays below. */
enum { HILUM_STEP_MAX_COMMANDS = 100000 };

/* --- step_record.c --- */
HilumCommandRecord *hilum_command_record_new(HilumCommandKind kind, const char *label);
void hilum_command_record_free(HilumCommandRecord *command);
HilumStepRecord *hilum_step_record_new(const char *label, uint64_t before, uint64_t after, bool group);
HilumStepRecord *hilum_step_record_ref(HilumStepRecord *step);
void hilum_step_record_unref(HilumStepRecord *step);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumStepRecord, hilum_step_record_unref)
/* Main thread; a new reference, the same object until the step changes. NULL if a command cannot be kept. */
HilumStepRecord *hilum_history_dup_step_record(HilumHistory *self, size_t index);
/* A step for hilum_history_replay() or _restore() in `self`; `done`: its commands are applied already. */
HilumHistoryStep *hilum_step_record_to_step(HilumStepRecord *step, HilumCase *self, bool done);

/* --- step_code.c --- */
/* The step's code, deflated; a new reference. */
GBytes *hilum_step_record_dup_packed(HilumStepRecord *step);
/* Of a case with labels of these dimensions and so many phases. The bytes may come from anywhere. NULL with a
 * plain reason in `error`. */
HilumStepRecord *hilum_step_record_new_from_packed(GBytes *packed, const int32_t dims[3], guint n_phases,
                                                   GError **error);

/* --- commands.c --- */
HilumCommand *hilum_command_new_from_record(HilumCase *self, const HilumCommandRecord *record, bool done);
