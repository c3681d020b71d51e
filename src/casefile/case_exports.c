/* What a case remembers of its exports, and its table in the file. */
#include "record_rows_private.h"

#include <string.h>

GPtrArray *hilum_exports_new(void)
{
  return g_ptr_array_new_with_free_func(g_free);
}

GPtrArray *hilum_exports_copy(const GPtrArray *exports)
{
  GPtrArray *copy = hilum_exports_new();
  for (guint n = 0; n < exports->len; n++)
    g_ptr_array_add(copy, g_strdup(exports->pdata[n]));
  return copy;
}

bool hilum_case_add_export(HilumCase *self, const char *json)
{
  g_return_val_if_fail(HILUM_IS_CASE(self) && json != NULL, false);
  if (strlen(json) > HILUM_EXPORT_MAX_BYTES || !g_utf8_validate(json, -1, NULL)) return false;
  while (self->exports->len >= HILUM_CASE_MAX_EXPORTS)
    g_ptr_array_remove_index(self->exports, 0);
  g_ptr_array_add(self->exports, g_strdup(json));
  hilum_case_touch(self);
  return true;
}

guint hilum_case_get_export_count(HilumCase *self)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), 0);
  return self->exports->len;
}

const char *hilum_case_get_export(HilumCase *self, guint index)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), NULL);
  return index < self->exports->len ? self->exports->pdata[index] : NULL;
}

bool hilum_record_put_exports(sqlite3 *db, const HilumCaseRecord *record, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO export VALUES(?,?)", error);
  bool good = stmt != NULL;
  for (guint n = 0; good && n < record->exports->len; n++) {
    sqlite3_bind_int64(stmt, 1, n);
    sqlite3_bind_text(stmt, 2, record->exports->pdata[n], -1, SQLITE_STATIC);
    good = hilum_db_insert(db, stmt, error);
  }
  sqlite3_finalize(stmt);
  return good;
}

bool hilum_record_read_exports(HilumRows *rows, HilumCaseRecord *record, GError **error)
{
  if (rows->version < 4) return true;
  if (!hilum_rows_begin(rows, "SELECT idx, note FROM export ORDER BY idx", error)) return false;
  while (hilum_rows_next(rows)) {
    hilum_rows_require(rows,
                       hilum_rows_get_int(rows, 0, 0, HILUM_CASE_MAX_EXPORTS - 1) == record->exports->len,
                       "an export's number is missing");
    g_ptr_array_add(record->exports, hilum_rows_get_text(rows, 1, HILUM_EXPORT_MAX_BYTES));
  }
  return hilum_rows_end(rows, error);
}
