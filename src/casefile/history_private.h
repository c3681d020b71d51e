/* The inside of a history: its steps, for the journal that records them and the case file that keeps them. */
#pragma once

#include "hilum/casefile/history.h"

/* A step as it is written to disk; step_private.h. */
typedef struct HilumStepRecord HilumStepRecord;

typedef struct {
  char *label;
  GPtrArray *commands; /* owned HilumCommand, in the order of their application */
  size_t bytes;
  uint64_t before, after; /* states */
  bool group;
  HilumStepRecord *record; /* NULL until asked for, and again when the step changes */
} HilumHistoryStep;

/* What has just happened to a history. */
typedef enum {
  HILUM_HISTORY_DONE,    /* a new step; it is the newest to undo */
  HILUM_HISTORY_AMENDED, /* the newest step to undo was replaced by one that does more */
  HILUM_HISTORY_UNDONE,
  HILUM_HISTORY_REDONE,
  HILUM_HISTORY_CLEARED,
  HILUM_HISTORY_EVENTS
} HilumHistoryEvent;

/* Called behind every event, before "changed". NULL: no longer. */
typedef void (*HilumHistoryLog)(HilumHistoryEvent event, gpointer data);
void hilum_history_set_log(HilumHistory *self, HilumHistoryLog log, gpointer data);

HilumHistoryStep *hilum_history_step_new(const char *label, uint64_t before);
void hilum_history_step_free(HilumHistoryStep *step);

/* Index 0 is the oldest step; those from hilum_history_get_undo_depth() on can be redone. Borrowed. */
HilumHistoryStep *hilum_history_get_step(HilumHistory *self, size_t index);
uint64_t hilum_history_get_last_state(HilumHistory *self);
uint64_t hilum_history_get_saved_state(HilumHistory *self);

/* --- putting a recorded history back --- */
/* Applies a step that was recorded and makes it the newest. Takes it over, freed on failure. */
bool hilum_history_replay(HilumHistory *self, HilumHistoryStep *step, GError **error);
/* Forgets the step that would be redone next. */
void hilum_history_drop_undone(HilumHistory *self);
/* Forgets the oldest steps until `depth` can be undone. */
void hilum_history_drop_oldest(HilumHistory *self, size_t depth);
/* A history without steps gets `n` of them, the first `n_done` of which are done; nothing is applied. The
 * present state is `state`, the largest ever given `last_state`. Takes the steps over, not the array. */
void hilum_history_restore(HilumHistory *self, HilumHistoryStep **steps, size_t n_done, size_t n,
                           uint64_t state, uint64_t last_state, uint64_t saved_state);
