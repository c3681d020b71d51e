/* The tables of a case file, and the sum over them that tells a damaged file from a whole one. */
#include "record_private.h"

#include "hilum/casefile/error.h"

#include <string.h>

/* docs/case-format.md explains every column. STRICT: no value of a wrong type gets in. What a version once
 * wrote is never edited: its files are compared with it word for word. */
const char *const hilum_case_schema[HILUM_CASE_VERSION + 1] = {
    [1] = "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
          "CREATE TABLE patient(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
          "CREATE TABLE phase(idx INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL,"
          " kind TEXT NOT NULL, modality TEXT NOT NULL, series_uid TEXT NOT NULL, study_uid TEXT NOT NULL,"
          " frame_uid TEXT NOT NULL, study_date TEXT NOT NULL, transfer_syntax TEXT NOT NULL,"
          " series_number INTEGER NOT NULL, slope REAL NOT NULL, intercept REAL NOT NULL, unit TEXT NOT NULL,"
          " window_center REAL, window_width REAL, verdict TEXT NOT NULL, voxels_hash TEXT NOT NULL,"
          " nx INTEGER NOT NULL, ny INTEGER NOT NULL, nz INTEGER NOT NULL,"
          " ox REAL NOT NULL, oy REAL NOT NULL, oz REAL NOT NULL,"
          " ix REAL NOT NULL, iy REAL NOT NULL, iz REAL NOT NULL,"
          " jx REAL NOT NULL, jy REAL NOT NULL, jz REAL NOT NULL,"
          " kx REAL NOT NULL, ky REAL NOT NULL, kz REAL NOT NULL,"
          " sx REAL NOT NULL, sy REAL NOT NULL, sz REAL NOT NULL) STRICT;"
          "CREATE TABLE file(phase INTEGER NOT NULL, idx INTEGER NOT NULL, path BLOB NOT NULL, relative BLOB "
          "NOT "
          "NULL,"
          " sop_uid TEXT NOT NULL, bytes INTEGER NOT NULL, head_sha256 TEXT NOT NULL,"
          " PRIMARY KEY(phase, idx)) STRICT, WITHOUT ROWID;"
          "CREATE TABLE finding(phase INTEGER NOT NULL, idx INTEGER NOT NULL, verdict TEXT NOT NULL,"
          " code TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY(phase, idx)) STRICT, WITHOUT ROWID;"
          "CREATE TABLE structure(idx INTEGER PRIMARY KEY, label INTEGER NOT NULL, name TEXT NOT NULL,"
          " kind TEXT NOT NULL, color INTEGER NOT NULL, opacity REAL NOT NULL, visible INTEGER NOT NULL,"
          " locked INTEGER NOT NULL, voxels INTEGER NOT NULL) STRICT;"
          "CREATE TABLE brick(idx INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
          "CREATE TABLE view(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;",
    [2] = "CREATE TABLE alignment(phase INTEGER PRIMARY KEY, method TEXT NOT NULL, metric TEXT NOT NULL,"
          " verdict TEXT NOT NULL, similarity REAL, residual_mm REAL, residual_worst_mm REAL,"
          " qw REAL NOT NULL, qx REAL NOT NULL, qy REAL NOT NULL, qz REAL NOT NULL,"
          " cx REAL NOT NULL, cy REAL NOT NULL, cz REAL NOT NULL,"
          " tx REAL NOT NULL, ty REAL NOT NULL, tz REAL NOT NULL) STRICT;",
    [3] = "CREATE TABLE step(idx INTEGER NOT NULL, part INTEGER NOT NULL, done INTEGER NOT NULL,"
          " data BLOB NOT NULL, PRIMARY KEY(idx, part)) STRICT, WITHOUT ROWID;",
    [4] = "CREATE TABLE export(idx INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;",
    [5] = "CREATE TABLE boundary(label INTEGER PRIMARY KEY, phase INTEGER NOT NULL, lo REAL, hi REAL) "
          "STRICT;",
};

/* Every table with the version that brought it, in a fixed order of tables and rows. */
static const struct {
  int since;
  const char *query;
} content[] = {
    {1, "SELECT key, value FROM meta WHERE key <> 'content_sha256' ORDER BY key"},
    {1, "SELECT * FROM patient ORDER BY key"},
    {1, "SELECT * FROM phase ORDER BY idx"},
    {1, "SELECT * FROM file ORDER BY phase, idx"},
    {1, "SELECT * FROM finding ORDER BY phase, idx"},
    {1, "SELECT * FROM structure ORDER BY idx"},
    {1, "SELECT * FROM brick ORDER BY idx"},
    {1, "SELECT * FROM view ORDER BY key"},
    {2, "SELECT * FROM alignment ORDER BY phase"},
    {3, "SELECT * FROM step ORDER BY idx, part"},
    {4, "SELECT * FROM export ORDER BY idx"},
    {5, "SELECT * FROM boundary ORDER BY label"},
};

static void set_db_error(sqlite3 *db, GError **error)
{
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT, "its database says “%s”",
              sqlite3_errmsg(db));
}

bool hilum_db_exec(sqlite3 *db, const char *sql, GError **error)
{
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
  set_db_error(db, error);
  return false;
}

sqlite3_stmt *hilum_db_prepare(sqlite3 *db, const char *sql, GError **error)
{
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK) return stmt;
  set_db_error(db, error);
  return NULL;
}

void hilum_case_set_corrupt(GError **error, const char *path, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *reason = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_autofree char *name = g_filename_display_basename(path);
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT, "“%s” is damaged: %s.", name,
              reason);
}

/* Type, then the bytes: no two different rows give the same stream. */
static size_t sum_value(GChecksum *sum, sqlite3_stmt *stmt, int column)
{
  const int type = sqlite3_column_type(stmt, column);
  uint64_t head[2] = {GUINT64_TO_LE((uint64_t)type), 0};
  if (type == SQLITE_INTEGER) {
    head[1] = GUINT64_TO_LE((uint64_t)sqlite3_column_int64(stmt, column));
  } else if (type == SQLITE_FLOAT) {
    double value = sqlite3_column_double(stmt, column);
    memcpy(&head[1], &value, sizeof value);
    head[1] = GUINT64_TO_LE(head[1]);
  } else if (type != SQLITE_NULL) {
    const void *data = type == SQLITE_TEXT ? (const void *)sqlite3_column_text(stmt, column)
                                           : sqlite3_column_blob(stmt, column);
    const int bytes = sqlite3_column_bytes(stmt, column);
    head[1] = GUINT64_TO_LE((uint64_t)bytes);
    g_checksum_update(sum, (const guchar *)head, sizeof head);
    if (bytes > 0 && data) g_checksum_update(sum, data, bytes);
    return sizeof head + (size_t)bytes;
  }
  g_checksum_update(sum, (const guchar *)head, sizeof head);
  return sizeof head;
}

char *hilum_case_content_sha256(sqlite3 *db, int version, size_t max_bytes, const HilumProgress *progress,
                                GError **error)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  size_t total = 0;
  for (gsize q = 0; q < G_N_ELEMENTS(content); q++) {
    if (content[q].since > version) continue;
    sqlite3_stmt *stmt = hilum_db_prepare(db, content[q].query, error);
    if (!stmt) return NULL;
    int step;
    bool cancelled = false;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW && total <= max_bytes && !cancelled) {
      for (int c = 0; c < sqlite3_column_count(stmt); c++)
        total += sum_value(sum, stmt, c);
      cancelled = hilum_progress_cancelled(progress);
    }
    g_checksum_update(sum, (const guchar *)"|", 1); /* a table's end */
    if (step != SQLITE_DONE && step != SQLITE_ROW && !hilum_progress_cancelled(progress))
      set_db_error(db, error);
    sqlite3_finalize(stmt);
    if (hilum_progress_cancelled(progress)) {
      hilum_progress_fail(progress, error);
      return NULL;
    }
    if (step == SQLITE_ROW)
      g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT,
                          "it claims to hold more than its size allows");
    if (step != SQLITE_DONE) return NULL;
  }
  return g_strdup(g_checksum_get_string(sum));
}
