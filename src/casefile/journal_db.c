/* The database of a journal: SQLite with a write-ahead log, locked by whoever has it open. The lock is
 * SQLite's own, held from the first access to the end; in this mode the log needs no shared memory, so that
 * it works on network folders too. Never open the file in any other way: closing any descriptor of it would
 * drop the lock (POSIX). */
#include "journal_private.h"

#include "hilum/casefile/error.h"
#include "record_rows_private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)

static const char schema[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE event(seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL,"
    " depth INTEGER NOT NULL, bytes INTEGER NOT NULL, sum TEXT NOT NULL) STRICT;"
    "CREATE TABLE part(seq INTEGER NOT NULL, idx INTEGER NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY(seq, idx)) STRICT, WITHOUT ROWID;";

/* --- errors --- */

static bool fail(HilumJournalDb *db, GError **error)
{
  const int code = sqlite3_errcode(db->db) & 0xff;
  const char *why = sqlite3_errmsg(db->db);
  if (code == SQLITE_FULL) why = "the disk is full";
  if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM)
    why = "the folder may not be written";
  if (code == SQLITE_IOERR) why = "the disk does not take it";
  g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, why);
  return false;
}

static bool run(HilumJournalDb *db, const char *sql, GError **error)
{
  return sqlite3_exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, error);
}

/* A statement with up to two numbers and a text bound; steps it once. */
static bool run_with(HilumJournalDb *db, const char *sql, uint64_t number, const char *text, GError **error)
{
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL) != SQLITE_OK) return fail(db, error);
  if (sqlite3_bind_parameter_count(stmt) > 0) sqlite3_bind_int64(stmt, 1, (sqlite3_int64)number);
  if (text) sqlite3_bind_text(stmt, 2, text, -1, SQLITE_STATIC);
  const int step = sqlite3_step(stmt);
  const bool good = step == SQLITE_DONE || step == SQLITE_ROW || fail(db, error);
  sqlite3_finalize(stmt);
  return good;
}

static uint64_t number_of(HilumJournalDb *db, const char *sql)
{
  sqlite3_stmt *stmt = NULL;
  uint64_t value = 0;
  if (sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
    value = (uint64_t)MAX(sqlite3_column_int64(stmt, 0), 0);
  sqlite3_finalize(stmt);
  return value;
}

/* --- opening --- */

static bool is_busy(HilumJournalDb *db)
{
  const int code = sqlite3_errcode(db->db) & 0xff;
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

static bool set_in_use(GError **error)
{
  g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_IN_USE,
                      "The case is open in another window or program.");
  return false;
}

static bool make_tables(HilumJournalDb *db, GError **error)
{
  g_autofree char *pragmas = g_strdup_printf("PRAGMA application_id=%d; PRAGMA user_version=%d;",
                                             HILUM_JOURNAL_APPLICATION_ID, HILUM_JOURNAL_VERSION);
  if (!run(db, "BEGIN IMMEDIATE", error)) return false;
  const bool good = run(db, schema, error) && run(db, pragmas, error) &&
                    run(db, "INSERT INTO meta VALUES('base',''),('worth','0')", error);
  return hilum_journal_db_end(db, good, error);
}

/* The tables are ours, or there are none yet and are made now. */
static bool check_tables(HilumJournalDb *db, bool create, GError **error)
{
  if (create && number_of(db, "SELECT count(*) FROM sqlite_schema") == 0 && !make_tables(db, error))
    return false;
  HilumRows rows = {.db = db->db, .path = db->path};
  if (number_of(db, "PRAGMA application_id") == HILUM_JOURNAL_APPLICATION_ID &&
      number_of(db, "PRAGMA user_version") == HILUM_JOURNAL_VERSION)
    return hilum_rows_check_schema(&rows, schema, error);
  hilum_case_set_corrupt(error, db->path, "it is no journal that this Hilum knows");
  return false;
}

/* Takes the lock, which lasts until the end. */
static bool lock(HilumJournalDb *db, GError **error)
{
  static const char sql[] = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA auto_vacuum=FULL; PRAGMA journal_mode=WAL;"
                            "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
                            "BEGIN IMMEDIATE; COMMIT;";
  if (sqlite3_exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
  if (is_busy(db)) return set_in_use(error);
  if ((sqlite3_errcode(db->db) & 0xff) == SQLITE_NOTADB ||
      (sqlite3_errcode(db->db) & 0xff) == SQLITE_CORRUPT) {
    hilum_case_set_corrupt(error, db->path, "its database says “%s”", sqlite3_errmsg(db->db));
    return false;
  }
  return fail(db, error);
}

HilumJournalDb *hilum_journal_db_open(const char *path, bool create, GError **error)
{
  struct stat before;
  if (!create && stat(path, &before) != 0) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN, "There is no journal.");
    return NULL;
  }
  HilumJournalDb *db = g_new0(HilumJournalDb, 1);
  db->path = g_strdup(path);
  g_autoptr(GError) cause = NULL;
  db->db = hilum_db_open_guarded(path, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), "", NULL,
                                 &cause);
  if (!db->db) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
                        "the folder may not be written");
    hilum_journal_db_close(db, false);
    return NULL;
  }
  if (lock(db, error) && check_tables(db, create, error) && stat(path, &db->info) == 0) return db;
  if (error && !*error) set_in_use(error); /* whoever had it removed it just now */
  hilum_journal_db_close(db, false);
  return NULL;
}

static void remove_files(const char *path)
{
  static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
  for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
    g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
    g_unlink(file);
  }
}

void hilum_journal_db_close(HilumJournalDb *db, bool remove)
{
  if (!db) return;
  /* Under the lock still: another program that waits for it finds no file, not one that is about to go. */
  if (remove && hilum_journal_db_is_there(db, NULL)) remove_files(db->path);
  sqlite3_close(db->db);
  g_free(db->path);
  g_free(db);
}

char *hilum_journal_db_put_aside(HilumJournalDb *db)
{
  g_autofree char *path = g_strdup(db->path);
  hilum_journal_db_close(db, false); /* which empties the log into the file */
  for (int n = 1;; n++) {
    g_autofree char *aside = g_strdup_printf("%s.kept-%d", path, n);
    if (g_file_test(aside, G_FILE_TEST_EXISTS)) continue;
    if (g_rename(path, aside) != 0) return NULL;
    return g_steal_pointer(&aside);
  }
}

bool hilum_journal_db_is_there(const HilumJournalDb *db, GError **error)
{
  struct stat now;
  if (stat(db->path, &now) == 0 && now.st_ino == db->info.st_ino && now.st_dev == db->info.st_dev)
    return true;
  g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
                      "the folder of the case was moved or deleted");
  return false;
}

/* --- writing --- */

bool hilum_journal_db_begin(HilumJournalDb *db, GError **error)
{
  return run(db, "BEGIN IMMEDIATE", error);
}

bool hilum_journal_db_end(HilumJournalDb *db, bool good, GError **error)
{
  if (good && run(db, "COMMIT", error)) return true;
  sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
  return false;
}

char *hilum_journal_event_sum(const HilumJournalEvent *event)
{
  gsize bytes = 0;
  const void *data = event->data ? g_bytes_get_data(event->data, &bytes) : NULL;
  const uint64_t head[] = {GUINT64_TO_LE(event->seq), GUINT64_TO_LE((uint64_t)event->kind),
                           GUINT64_TO_LE(event->state), GUINT64_TO_LE(event->depth), GUINT64_TO_LE(bytes)};
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(sum, (const guchar *)head, sizeof head);
  if (bytes > 0) g_checksum_update(sum, data, (gssize)bytes);
  return g_strdup(g_checksum_get_string(sum));
}

static bool put_parts(HilumJournalDb *db, const HilumJournalEvent *event, GError **error)
{
  gsize bytes = 0;
  const guint8 *data = event->data ? g_bytes_get_data(event->data, &bytes) : NULL;
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(db->db, "INSERT INTO part VALUES(?,?,?)", -1, &stmt, NULL) != SQLITE_OK)
    return fail(db, error);
  bool good = true;
  for (gsize at = 0, idx = 0; good && at < bytes; at += HILUM_CASE_PART_BYTES, idx++) {
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)event->seq);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)idx);
    sqlite3_bind_blob(stmt, 3, data + at, (int)MIN(bytes - at, (gsize)HILUM_CASE_PART_BYTES), SQLITE_STATIC);
    good = sqlite3_step(stmt) == SQLITE_DONE || fail(db, error);
    sqlite3_reset(stmt);
  }
  sqlite3_finalize(stmt);
  return good;
}

bool hilum_journal_db_append(HilumJournalDb *db, const HilumJournalEvent *event, GError **error)
{
  g_autofree char *sum = hilum_journal_event_sum(event);
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(db->db, "INSERT INTO event VALUES(?,?,?,?,?,?)", -1, &stmt, NULL) != SQLITE_OK)
    return fail(db, error);
  sqlite3_bind_int64(stmt, 1, (sqlite3_int64)event->seq);
  sqlite3_bind_int64(stmt, 2, event->kind);
  sqlite3_bind_int64(stmt, 3, (sqlite3_int64)event->state);
  sqlite3_bind_int64(stmt, 4, (sqlite3_int64)event->depth);
  sqlite3_bind_int64(stmt, 5, event->data ? (sqlite3_int64)g_bytes_get_size(event->data) : 0);
  sqlite3_bind_text(stmt, 6, sum, -1, SQLITE_STATIC);
  const bool good = sqlite3_step(stmt) == SQLITE_DONE || fail(db, error);
  sqlite3_finalize(stmt);
  return good && put_parts(db, event, error);
}

static bool set_base(HilumJournalDb *db, const char *base, bool worth, GError **error)
{
  return run_with(db, "UPDATE meta SET value=?2 WHERE key='base' AND ?1=0", 0, base, error) &&
         run_with(db, "UPDATE meta SET value=?2 WHERE key='worth' AND ?1=0", 0, worth ? "1" : "0", error);
}

bool hilum_journal_db_rebase(HilumJournalDb *db, uint64_t seq, const char *base, bool worth, GError **error)
{
  if (!hilum_journal_db_begin(db, error)) return false;
  const bool good = run_with(db, "DELETE FROM part WHERE seq<=?", seq, NULL, error) &&
                    run_with(db, "DELETE FROM event WHERE seq<=?", seq, NULL, error) &&
                    set_base(db, base, worth, error);
  if (!hilum_journal_db_end(db, good, error)) return false;
  sqlite3_wal_checkpoint_v2(db->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL); /* only for its size */
  return true;
}

bool hilum_journal_db_cut(HilumJournalDb *db, uint64_t seq, GError **error)
{
  if (!hilum_journal_db_begin(db, error)) return false;
  const bool good = run_with(db, "DELETE FROM part WHERE seq>=?", seq, NULL, error) &&
                    run_with(db, "DELETE FROM event WHERE seq>=?", seq, NULL, error);
  return hilum_journal_db_end(db, good, error);
}

/* Rows of a query, inserted as they are. */
static bool copy_rows(HilumJournalDb *from, HilumJournalDb *to, const char *select, const char *insert,
                      uint64_t seq, GError **error)
{
  sqlite3_stmt *in = NULL, *out = NULL;
  if (sqlite3_prepare_v2(from->db, select, -1, &in, NULL) != SQLITE_OK) return fail(from, error);
  bool good = sqlite3_prepare_v2(to->db, insert, -1, &out, NULL) == SQLITE_OK || fail(to, error);
  sqlite3_bind_int64(in, 1, (sqlite3_int64)seq);
  int step = SQLITE_DONE;
  while (good && (step = sqlite3_step(in)) == SQLITE_ROW) {
    for (int c = 0; c < sqlite3_column_count(in); c++)
      sqlite3_bind_value(out, c + 1, sqlite3_column_value(in, c));
    good = sqlite3_step(out) == SQLITE_DONE || fail(to, error);
    sqlite3_reset(out);
  }
  if (good && step != SQLITE_DONE) good = fail(from, error);
  sqlite3_finalize(in);
  sqlite3_finalize(out);
  return good;
}

bool hilum_journal_db_copy(HilumJournalDb *from, HilumJournalDb *to, uint64_t seq, GError **error)
{
  return run(to, "DELETE FROM part; DELETE FROM event;", error) &&
         copy_rows(from, to, "SELECT * FROM event WHERE seq>?", "INSERT INTO event VALUES(?,?,?,?,?,?)", seq,
                   error) &&
         copy_rows(from, to, "SELECT * FROM part WHERE seq>?", "INSERT INTO part VALUES(?,?,?)", seq, error);
}

/* --- reading --- */

char *hilum_journal_db_dup_meta(HilumJournalDb *db, const char *key)
{
  HilumRows rows = {.db = db->db, .path = db->path};
  char *value = hilum_rows_read_meta(&rows, key, NULL);
  return value ? value : g_strdup("");
}

uint64_t hilum_journal_db_count(HilumJournalDb *db)
{
  g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM event WHERE kind<>%d", HILUM_JOURNAL_MARK);
  return number_of(db, sql);
}

uint64_t hilum_journal_db_last(HilumJournalDb *db)
{
  return number_of(db, "SELECT max(seq) FROM event");
}
