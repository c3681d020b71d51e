/* Values from a database that may come from anywhere. */
#include "record_rows_private.h"

#include <math.h>
#include <string.h>

bool hilum_rows_begin(HilumRows *rows, const char *sql, GError **error)
{
  g_autoptr(GError) cause = NULL;
  rows->stmt = hilum_db_prepare(rows->db, sql, &cause);
  rows->bad = NULL;
  if (!rows->stmt) hilum_case_set_corrupt(error, rows->path, "%s", cause->message);
  return rows->stmt != NULL;
}

bool hilum_rows_next(HilumRows *rows)
{
  return !rows->bad && sqlite3_step(rows->stmt) == SQLITE_ROW;
}

bool hilum_rows_end(HilumRows *rows, GError **error)
{
  if (sqlite3_finalize(rows->stmt) != SQLITE_OK && !rows->bad) rows->bad = "a table cannot be read";
  rows->stmt = NULL;
  if (rows->bad) hilum_case_set_corrupt(error, rows->path, "%s", rows->bad);
  return rows->bad == NULL;
}

bool hilum_rows_require(HilumRows *rows, bool condition, const char *otherwise)
{
  if (!condition && !rows->bad) rows->bad = otherwise;
  return condition;
}

/* Valid UTF-8 of at most `max` bytes, or "". */
char *hilum_rows_get_text(HilumRows *rows, int column, size_t max)
{
  const char *text = NULL;
  int bytes = 0;
  if (sqlite3_column_type(rows->stmt, column) == SQLITE_TEXT) {
    text = (const char *)sqlite3_column_text(rows->stmt, column);
    bytes = sqlite3_column_bytes(rows->stmt, column);
  }
  const bool good = text && (size_t)bytes <= max && g_utf8_validate(text, bytes, NULL);
  return hilum_rows_require(rows, good, "a text is missing, too long or not UTF-8")
             ? g_strndup(text, (gsize)bytes)
             : g_strdup("");
}

/* A file name: bytes without NUL. */
char *hilum_rows_get_path(HilumRows *rows, int column)
{
  const void *data = sqlite3_column_blob(rows->stmt, column);
  const int bytes = sqlite3_column_bytes(rows->stmt, column);
  const bool good = sqlite3_column_type(rows->stmt, column) == SQLITE_BLOB && bytes <= HILUM_CASE_MAX_TEXT &&
                    (bytes == 0 || !memchr(data, 0, (size_t)bytes));
  return hilum_rows_require(rows, good, "a path is not usable") && bytes > 0 ? g_strndup(data, (gsize)bytes)
                                                                             : g_strdup("");
}

int64_t hilum_rows_get_int(HilumRows *rows, int column, int64_t min, int64_t max)
{
  const int64_t value = sqlite3_column_int64(rows->stmt, column);
  const bool good = sqlite3_column_type(rows->stmt, column) == SQLITE_INTEGER && value >= min && value <= max;
  return hilum_rows_require(rows, good, "a number is missing or out of range") ? value : min;
}

double hilum_rows_get_real(HilumRows *rows, int column)
{
  const double value = sqlite3_column_double(rows->stmt, column);
  const bool good = sqlite3_column_type(rows->stmt, column) == SQLITE_FLOAT && isfinite(value);
  return hilum_rows_require(rows, good, "a number is missing or not finite") ? value : 0;
}

double hilum_rows_get_real_or_nan(HilumRows *rows, int column)
{
  return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL ? (double)NAN
                                                                : hilum_rows_get_real(rows, column);
}

int hilum_rows_get_word(HilumRows *rows, int column, const char *(*name)(int), int n)
{
  g_autofree char *word = hilum_rows_get_text(rows, column, 64);
  for (int i = 0; i < n; i++)
    if (strcmp(word, name(i)) == 0) return i;
  hilum_rows_require(rows, false, "a word is unknown");
  return 0;
}

void hilum_rows_get_digest(HilumRows *rows, int column, char *out, size_t size)
{
  g_autofree char *text = hilum_rows_get_text(rows, column, size - 1);
  const size_t n = strlen(text);
  hilum_rows_require(rows, (n == 0 || n == size - 1) && strspn(text, "0123456789abcdef") == n,
                     "a fingerprint is malformed");
  g_strlcpy(out, text, size);
}
