/* The inside of journals: places, the database, the thread that writes it. */
#pragma once

#include "hilum/casefile/journal.h"
#include "record_private.h"

#include <sys/stat.h>

/* "HILS" */
#define HILUM_JOURNAL_APPLICATION_ID 0x48494C53
#define HILUM_JOURNAL_VERSION 1
#define HILUM_JOURNAL_SUFFIX "-steps"

/* The values of the column event.kind; the first five are HilumHistoryEvent + 1. */
typedef enum {
  HILUM_JOURNAL_STEP = 1, /* data: the packed step */
  HILUM_JOURNAL_AMEND,    /* data: the packed step that takes the place of the newest */
  HILUM_JOURNAL_UNDO,
  HILUM_JOURNAL_REDO,
  HILUM_JOURNAL_CLEAR,
  HILUM_JOURNAL_PICTURE, /* data: a case file without labels, for its phases and its patient */
  HILUM_JOURNAL_MARK,    /* data: fingerprint of the file that holds the events up to `state` */
  HILUM_JOURNAL_KINDS
} HilumJournalKind;

typedef struct {
  uint64_t seq; /* from 1, without gaps */
  HilumJournalKind kind;
  uint64_t state, depth; /* of the history behind the event */
  GBytes *data;          /* NULL: none */
} HilumJournalEvent;

/* --- journal_place.c: any thread; paths are g_free() --- */
char *hilum_journal_place_beside(const char *case_path);
char *hilum_journal_place_away(const char *case_path); /* in the state folder */
char *hilum_journal_unsaved_folder(void);
bool hilum_journal_is_unsaved(const char *case_path);
bool hilum_journal_make_folders(const char *path, GError **error);

/* --- case_journal.c --- */
/* Nobody has the case of this path open. HILUM_CASEFILE_ERROR_IN_USE. */
bool hilum_journal_is_free(const char *case_path, GError **error);

/* --- journal_db.c: one thread at a time --- */
typedef struct {
  sqlite3 *db;
  char *path;
  struct stat info; /* of the file when it was opened */
} HilumJournalDb;

/* Opens and locks; with `create` a new one where there is none. HILUM_CASEFILE_ERROR_IN_USE, _WRITE,
 * _CORRUPT.
 */
HilumJournalDb *hilum_journal_db_open(const char *path, bool create, GError **error);
/* NULL is allowed. `remove`: with its files. */
void hilum_journal_db_close(HilumJournalDb *db, bool remove);
/* Renames the files out of the way and closes; the new path. */
char *hilum_journal_db_put_aside(HilumJournalDb *db);
/* HILUM_CASEFILE_ERROR_WRITE if its path no longer leads to the file. */
bool hilum_journal_db_is_there(const HilumJournalDb *db, GError **error);
bool hilum_journal_db_begin(HilumJournalDb *db, GError **error);
/* Commits and syncs if `good`, else rolls back; false, with the first error, in either failure. */
bool hilum_journal_db_end(HilumJournalDb *db, bool good, GError **error);
bool hilum_journal_db_append(HilumJournalDb *db, const HilumJournalEvent *event, GError **error);
/* Events up to `seq` are part of the file with this fingerprint. `worth`: what it holds is not saved anywhere
 * else. */
bool hilum_journal_db_rebase(HilumJournalDb *db, uint64_t seq, const char *base, bool worth, GError **error);
/* Forgets events from `seq` on. */
bool hilum_journal_db_cut(HilumJournalDb *db, uint64_t seq, GError **error);
/* Replaces all of `to` by the events of `from` behind `seq`. */
bool hilum_journal_db_copy(HilumJournalDb *from, HilumJournalDb *to, uint64_t seq, GError **error);
/* g_free(); "" if there is none. */
char *hilum_journal_db_dup_meta(HilumJournalDb *db, const char *key);
uint64_t hilum_journal_db_count(HilumJournalDb *db);
uint64_t hilum_journal_db_last(HilumJournalDb *db);
char *hilum_journal_event_sum(const HilumJournalEvent *event);

/* --- journal_read.c --- */
typedef struct {
  guint steps;
  uint64_t end;   /* events from here on are useless; 0: none are */
  uint64_t start; /* events up to here are part of the record's file */
  bool foreign;
} HilumReplay;
/* What `record` becomes with the events of the journal that follow it: a new record, or a reference. Findings
 * are added. NULL only if cancelled or out of memory. */
HilumCaseRecord *hilum_journal_replay(HilumJournalDb *db, HilumCaseRecord *record, HilumReplay *replay,
                                      GArray *findings, const HilumProgress *progress, GError **error);

/* --- journal.c: the thread; main thread unless it says otherwise --- */
/* Takes `db` over. `case_path` NULL: never saved, `base_path` is its file in the state folder. Any thread. */
HilumJournal *hilum_journal_new(HilumJournalDb *db, const char *case_path, const char *base_path);
/* Any thread. The last unref waits for the writer, and removes the files if nothing in them is worth keeping.
 */
HilumJournal *hilum_journal_ref(HilumJournal *journal);
void hilum_journal_unref(HilumJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumJournal, hilum_journal_unref)
/* `step` and `picture` may be NULL, and are referenced. */
void hilum_journal_push(HilumJournal *journal, HilumJournalKind kind, uint64_t state, uint64_t depth,
                        HilumStepRecord *step, HilumCaseRecord *picture);
/* First of all, for a case without a file: writes one. `worth`: it holds work. */
void hilum_journal_push_base(HilumJournal *journal, HilumCaseRecord *record, bool worth);
uint64_t hilum_journal_get_seq(HilumJournal *journal); /* of the last event pushed */
bool hilum_journal_is_away(HilumJournal *journal);     /* in the state folder */
/* Any thread; between the making of a case file and its appearance. Locks the journal of a new place:
 * HILUM_CASEFILE_ERROR_IN_USE. Trouble in writing is no reason not to save, and no error here. */
bool hilum_journal_announce_save(HilumJournal *journal, const char *path, const char *content_sha256,
                                 uint64_t seq, GError **error);
void hilum_journal_abandon_save(HilumJournal *journal); /* any thread */
void hilum_journal_saved(HilumJournal *journal, const char *path, const char *content_sha256, uint64_t seq);
bool hilum_journal_flush(HilumJournal *journal, GError **error); /* any thread */
void hilum_journal_discard(HilumJournal *journal);
/* `notify` on the caller's default main context whenever trouble comes or goes. NULL: no longer. */
void hilum_journal_set_notify(HilumJournal *journal, GSourceFunc notify, gpointer data);
char *hilum_journal_dup_trouble(HilumJournal *journal); /* any thread; NULL: none */
