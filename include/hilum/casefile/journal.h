/* The journal of a case: every step, undo and redo is on disk moments after it was made, so that a program or
 * a computer that stops at any instant loses nothing but the stroke under the pen. docs/case-format.md has
 * the format, docs/decisions/0007-journal-beside-the-case.md the reasons.
 *
 * The journal of kidney.hilum is kidney.hilum-steps beside it, or a file in the user's state folder
 * (XDG_STATE_HOME/hilum) if the case's folder cannot be written; a case that was never saved lives in the
 * state folder with its journal. A journal names the saved file that it follows by its fingerprint and is
 * never applied to another. Whoever follows a case holds its journal locked; the lock dies with the process.
 *
 * The main thread hands each step over as an immutable record, which takes microseconds; a thread of the
 * journal's own writes and syncs. Where it cannot (the disk is full, the folder went away) it says so, keeps
 * what it has in memory, and tries again. */
#pragma once

#include "hilum/casefile/record.h"

G_BEGIN_DECLS

typedef struct HilumJournal HilumJournal;

/* --- opening a case with what its journal holds: any thread --- */

typedef enum {
  /* For programs that open, do one thing and save: the steps of a journal are taken in and its lock is held
   * for as long as the case lives, but nothing is written unless the case is saved, and no journal is made.
   */
  HILUM_RECOVER_READ,
  /* For the window: the journal is locked, or made, to be handed to hilum_case_follow(). */
  HILUM_RECOVER_FOLLOW
} HilumRecoverMode;

typedef struct {
  guint steps;           /* changes, undos and redos that were not in the file and are in the record */
  bool elsewhere;        /* another window or program has the case; the record is what it saved last */
  HilumJournal *journal; /* owned; NULL if there is none */
  /* HilumFinding, never NULL: "recovered", "open-elsewhere", "journal-torn" (a damaged end was left away),
   * "journal-foreign" (of another state of the case: kept aside), "journal-damaged", "journal-unavailable",
   * "history-damaged" (of the file: opened without its past). */
  GArray *findings;
} HilumRecovery;

/* hilum_case_record_read(), then the steps of the journal. With HILUM_RECOVER_FOLLOW a case that is open
 * elsewhere has no path: it can be saved as another, not over the one it came from. Paths from
 * hilum_journal_list_unsaved() give a case without a path, too. Fills `recovery` on success; clear it. */
HilumCaseRecord *hilum_case_record_recover(const char *path, HilumRecoverMode mode, HilumRecovery *recovery,
                                           const HilumProgress *progress, GError **error);
void hilum_recovery_clear(HilumRecovery *recovery);

/* --- cases that were never saved --- */
typedef struct {
  char *path;       /* for hilum_case_record_recover() */
  gint64 last_time; /* of its last step: seconds since 1970 */
} HilumUnsavedCase;

/* Any thread. Newest first: what programs that stopped left behind in the state folder, and no program has
 * open now. Those in which nothing was done are removed. g_array_unref(). */
GArray *hilum_journal_list_unsaved(void);
/* Removes one for good. */
void hilum_journal_remove_unsaved(const char *path);

/* --- following a case: main thread --- */
/* From now on every step goes to `journal` (referenced; from hilum_case_record_recover()), or, NULL, to a new
 * one for a case that was never saved. HILUM_CASEFILE_ERROR_WRITE if none can be made; the case is as good
 * without. Its trouble is told on the thread's default main context. */
bool hilum_case_follow(HilumCase *self, HilumJournal *journal, GError **error);
bool hilum_case_is_followed(HilumCase *self);
/* What keeps steps from being kept safe, as a sentence; NULL: nothing. Signal "journal-changed" of the case.
 * Trouble beside the case (a full disk, a folder that went away) first moves the journal to the state folder;
 * the sentence says so. */
const char *hilum_case_get_journal_trouble(HilumCase *self);
/* Waits until all steps so far are on the disk. False with the reason if they cannot be written now. */
bool hilum_case_flush_journal(HilumCase *self, GError **error);
/* The user does not want the unsaved steps: no more are kept and the journal is removed. Otherwise a journal
 * is removed when its case goes and everything in it was saved. */
void hilum_case_discard_journal(HilumCase *self);

G_END_DECLS
