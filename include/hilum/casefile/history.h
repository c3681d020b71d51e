/* Undo and redo: two stacks of commands, groups that make several commands one step, and a byte budget under
 * which the oldest steps are dropped. Nothing changes a case except a command that knows how to undo itself.
 * The history knows neither menus nor the case: it notifies "can-undo", "can-redo", "undo-label" and
 * "redo-label". Main thread only. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct HilumCommand HilumCommand;

/* What a command can do. apply and revert either succeed whole or change nothing and set `error`. */
typedef struct {
  bool (*apply)(HilumCommand *command, GError **error);
  bool (*revert)(HilumCommand *command, GError **error);
  /* Takes `next`, which was just applied, into `command`: true, and `next` is freed by the caller. NULL:
   * never. Not asked across a group border or a saved state. */
  bool (*try_merge)(HilumCommand *command, HilumCommand *next);
  size_t (*bytes)(const HilumCommand *command); /* memory it holds; NULL: negligible */
  void (*free)(HilumCommand *command);          /* frees everything but label */
  /* The command as the journal and the case file keep it (private to the module). NULL: cannot be kept. */
  struct HilumCommandRecord *(*describe)(const HilumCommand *command);
} HilumCommandClass;

/* First member of every command. */
struct HilumCommand {
  const HilumCommandClass *klass;
  char *label; /* what the user did: "Grow region". Owned; freed by the history */
};

#define HILUM_TYPE_HISTORY hilum_history_get_type()
G_DECLARE_FINAL_TYPE(HilumHistory, hilum_history, HILUM, HISTORY, GObject)
/* Properties, read-only with notify: "can-undo", "can-redo", "modified" (boolean), "undo-label", "redo-label"
 * (string or NULL). Signal "changed" after any command was applied, reverted or dropped. */

/* `byte_budget` 0: 256 MiB. The newest step is always kept, whatever its size. */
HilumHistory *hilum_history_new(size_t byte_budget);

/* Applies `command` (taken over, freed on failure) and remembers it; the redo stack is emptied. */
bool hilum_history_do(HilumHistory *self, HilumCommand *command, GError **error);
/* One step back or forward. False without error if there is none; false with error, and nothing changed, if
 * a command failed or a group is open. */
bool hilum_history_undo(HilumHistory *self, GError **error);
bool hilum_history_redo(HilumHistory *self, GError **error);

/* Back or forward until `depth` steps can be undone; "changed" comes once. At a step that fails it stops,
 * with the steps before it undone or redone. */
bool hilum_history_go_to(HilumHistory *self, size_t depth, GError **error);

/* Everything done between begin and end is one step called `label`. Groups nest; the outermost names the
 * step. An empty group leaves no step. */
void hilum_history_begin_group(HilumHistory *self, const char *label);
void hilum_history_end_group(HilumHistory *self);
/* Ends the group by reverting all that was done in it (in nested groups: since its own begin). */
void hilum_history_abort_group(HilumHistory *self);
bool hilum_history_is_grouping(HilumHistory *self);

bool hilum_history_can_undo(HilumHistory *self);
bool hilum_history_can_redo(HilumHistory *self);
const char *hilum_history_get_undo_label(HilumHistory *self); /* NULL if there is none */
const char *hilum_history_get_redo_label(HilumHistory *self);
size_t hilum_history_get_bytes(HilumHistory *self);
size_t hilum_history_get_budget(HilumHistory *self);
/* 0: 256 MiB. The oldest steps go at once if they are too many. */
void hilum_history_set_budget(HilumHistory *self, size_t bytes);
size_t hilum_history_get_undo_depth(HilumHistory *self);
size_t hilum_history_get_redo_depth(HilumHistory *self);
/* Name of a step, 0 the oldest; those from the undo depth on can be redone. NULL beyond the last. */
const char *hilum_history_get_step_label(HilumHistory *self, size_t index);

/* The present state is what lies on disk. "modified" is false exactly when the present state is that one:
 * undoing back to it counts, a state dropped from the history never comes back. */
void hilum_history_mark_saved(HilumHistory *self);
bool hilum_history_get_modified(HilumHistory *self);
/* A token for the present state, equal again only in the same state: what a save job captured, so that
 * strokes made while it wrote stay unsaved. */
uint64_t hilum_history_get_state(HilumHistory *self);
void hilum_history_mark_saved_state(HilumHistory *self, uint64_t state);
/* Forgets all steps; the state and its being saved or not stay. */
void hilum_history_clear(HilumHistory *self);

G_END_DECLS
