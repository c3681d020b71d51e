/* Reading tables whose every value is checked as if an enemy had written it; for case files and journals. */
#pragma once

#include "record_private.h"

/* One table being read. `bad` is sticky: values are fetched first and judged once a row. */
typedef struct {
  sqlite3 *db;
  sqlite3_stmt *stmt;
  const char *path;
  int version;     /* of the file */
  const char *bad; /* static; what is wrong */
} HilumRows;

/* Corrupt with the file's name if the query cannot be made. */
bool hilum_rows_begin(HilumRows *rows, const char *sql, GError **error);
/* False at the end and at the first value that is bad. */
bool hilum_rows_next(HilumRows *rows);
/* Corrupt if a value was bad or the table cannot be read. */
bool hilum_rows_end(HilumRows *rows, GError **error);
bool hilum_rows_require(HilumRows *rows, bool condition, const char *otherwise);
/* Valid UTF-8 of at most `max` bytes, or "". g_free(). */
char *hilum_rows_get_text(HilumRows *rows, int column, size_t max);
/* A file name: bytes without NUL. g_free(). */
char *hilum_rows_get_path(HilumRows *rows, int column);
int64_t hilum_rows_get_int(HilumRows *rows, int column, int64_t min, int64_t max);
double hilum_rows_get_real(HilumRows *rows, int column);
double hilum_rows_get_real_or_nan(HilumRows *rows, int column); /* NULL is NAN */
/* The i for which name(i) is the text, of n. */
int hilum_rows_get_word(HilumRows *rows, int column, const char *(*name)(int), int n);
/* size - 1 hex digits, or none. */
void hilum_rows_get_digest(HilumRows *rows, int column, char *out, size_t size);

/* --- record_open.c --- */
#define HILUM_CASE_HEAD_BYTES 100
/* What can be told from the first 100 bytes, in plain words and before SQLite sees the file. */
bool hilum_case_check_head(const guint8 *head, size_t n, goffset bytes, const char *path, int *version,
                           GError **error);
bool hilum_case_check_header(const char *path, goffset *bytes, int *version, GError **error);
/* SQLite with its defences up. `flags` and `query` as for sqlite3_open_v2() with a URI; corrupt, with the
 * file's name, on failure. `progress` (may be NULL) must outlive the database. */
sqlite3 *hilum_db_open_guarded(const char *path, int flags, const char *query, const HilumProgress *progress,
                               GError **error);
/* The same for a database in memory, which is read only and must outlive it. */
sqlite3 *hilum_db_open_bytes(GBytes *bytes, const char *path, GError **error);
/* Only these tables, word for word: no view, trigger, index or virtual table to trip over. */
bool hilum_rows_check_schema(HilumRows *rows, const char *schema, GError **error);

/* --- record_labels.c, record_history.c --- */
bool hilum_record_read_labels(HilumRows *rows, HilumCaseRecord *record, const HilumProgress *progress,
                              GError **error);
/* Sets the record's steps; leaves none, and `history_damaged`, if what is there cannot be used. */
bool hilum_record_read_history(HilumRows *rows, HilumCaseRecord *record, const HilumProgress *progress,
                               GError **error);
bool hilum_record_put_history(sqlite3 *db, const HilumCaseRecord *record, const HilumProgress *progress,
                              GError **error);
/* A value of the table meta; corrupt if there is none. g_free(). */
char *hilum_rows_read_meta(HilumRows *rows, const char *key, GError **error);

/* --- case_exports.c --- */
bool hilum_record_read_exports(HilumRows *rows, HilumCaseRecord *record, GError **error);

/* --- case_boundaries.c --- */
bool hilum_record_read_boundaries(HilumRows *rows, HilumCaseRecord *record, GError **error);
