/* Opening databases that may come from anywhere: what must be so before a table is looked at. */
#include "record_rows_private.h"

#include "hilum/casefile/error.h"

#include <glib/gstdio.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)

#define MAX_FILE_BYTES ((goffset)2 << 30)

static uint32_t be32(const guint8 *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool hilum_case_check_head(const guint8 *head, size_t n, goffset bytes, const char *path, int *version,
                           GError **error)
{
  g_autofree char *name = g_filename_display_basename(path);
  if (n < HILUM_CASE_HEAD_BYTES || memcmp(head, "SQLite format 3", 16) != 0 ||
      be32(head + 68) != HILUM_CASE_APPLICATION_ID) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN, "“%s” is not a Hilum case.", name);
    return false;
  }
  if (be32(head + 60) > HILUM_CASE_VERSION) {
    g_set_error(
        error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_VERSION,
        "“%s” was written by a newer Hilum (format %u; this one reads up to %d). Update Hilum to open it.",
        name, be32(head + 60), HILUM_CASE_VERSION);
    return false;
  }
  *version = (int)be32(head + 60);
  /* A page that only holds an empty table can be lost without a trace, were the size not asked for. */
  const goffset page_bytes = head[16] == 0 && head[17] == 1 ? 65536 : head[16] << 8 | head[17];
  if (be32(head + 60) == 0 || bytes > MAX_FILE_BYTES || bytes != page_bytes * be32(head + 28)) {
    hilum_case_set_corrupt(error, path, "its size or version makes no sense");
    return false;
  }
  return true;
}

bool hilum_case_check_header(const char *path, goffset *bytes, int *version, GError **error)
{
  g_autofree char *name = g_filename_display_basename(path);
  GStatBuf st;
  guint8 head[HILUM_CASE_HEAD_BYTES];
  FILE *file = g_stat(path, &st) == 0 && S_ISREG(st.st_mode) ? g_fopen(path, "rbe") : NULL;
  if (!file) {
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_OPEN,
                "“%s” could not be opened: there is no such file, or it may not be read.", name);
    return false;
  }
  const size_t n = fread(head, 1, sizeof head, file);
  fclose(file);
  *bytes = st.st_size;
  return hilum_case_check_head(head, n, st.st_size, path, version, error);
}

static int stop_if_cancelled(void *progress)
{
  return hilum_progress_cancelled(progress);
}

static bool guard(sqlite3 *db, const char *path, const HilumProgress *progress, GError **error)
{
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, HILUM_CASE_MAX_BLOB);
  sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 16384);
  sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 64);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  if (progress) sqlite3_progress_handler(db, 100000, stop_if_cancelled, (void *)(uintptr_t)progress);
  g_autoptr(GError) cause = NULL;
  if (hilum_db_exec(db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;", &cause))
    return true;
  hilum_case_set_corrupt(error, path, "%s", cause->message);
  return false;
}

sqlite3 *hilum_db_open_guarded(const char *path, int flags, const char *query, const HilumProgress *progress,
                               GError **error)
{
  g_autofree char *uri = g_filename_to_uri(path, NULL, error);
  if (!uri) return NULL;
  g_autofree char *full = g_strconcat(uri, query, NULL);
  g_autoptr(sqlite3) db = NULL;
  if (sqlite3_open_v2(full, &db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
    hilum_case_set_corrupt(error, path, "it cannot be opened");
    return NULL;
  }
  return guard(db, path, progress, error) ? g_steal_pointer(&db) : NULL;
}

sqlite3 *hilum_db_open_bytes(GBytes *bytes, const char *path, GError **error)
{
  gsize n = 0;
  const void *data = g_bytes_get_data(bytes, &n);
  g_autoptr(sqlite3) db = NULL;
  if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
      sqlite3_deserialize(db, "main", (unsigned char *)(uintptr_t)data, (sqlite3_int64)n, (sqlite3_int64)n,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK) {
    hilum_case_set_corrupt(error, path, "it cannot be opened");
    return NULL;
  }
  return guard(db, path, NULL, error) ? g_steal_pointer(&db) : NULL;
}

bool hilum_rows_check_schema(HilumRows *rows, const char *schema, GError **error)
{
  g_auto(GStrv) ours = g_strsplit(schema, ";", -1);
  guint found = 0;
  if (!hilum_rows_begin(rows, "SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL", error))
    return false;
  while (hilum_rows_next(rows)) {
    g_autofree char *type = hilum_rows_get_text(rows, 0, 64),
                    *sql = hilum_rows_get_text(rows, 1, HILUM_CASE_MAX_TEXT);
    hilum_rows_require(rows, strcmp(type, "table") == 0 && g_strv_contains((const char *const *)ours, sql),
                       "its tables are not those that Hilum makes");
    found++;
  }
  hilum_rows_require(rows, found == g_strv_length(ours) - 1, "its tables are not those that Hilum makes");
  return hilum_rows_end(rows, error);
}
