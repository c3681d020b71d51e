/* The history in a case file: every step packed (step_code.c), in as many rows as it needs. */
#include "record_rows_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/casefile/error.h"

#include <string.h>

/* --- out --- */

static void pack_steps(size_t begin, size_t end, unsigned worker, void *data)
{
  const HilumCaseRecord *record = data;
  for (size_t i = begin; i < end; i++)
    g_bytes_unref(hilum_step_record_dup_packed(g_ptr_array_index(record->steps, i)));
}

static bool put_step(sqlite3 *db, sqlite3_stmt *stmt, guint idx, bool done, HilumStepRecord *step,
                     GError **error)
{
  g_autoptr(GBytes) packed = hilum_step_record_dup_packed(step);
  gsize bytes = 0;
  const guint8 *data = g_bytes_get_data(packed, &bytes);
  for (gsize at = 0, part = 0; at < bytes; at += HILUM_CASE_PART_BYTES, part++) {
    sqlite3_bind_int64(stmt, 1, idx);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)part);
    sqlite3_bind_int64(stmt, 3, done);
    sqlite3_bind_blob(stmt, 4, data + at, (int)MIN(bytes - at, (gsize)HILUM_CASE_PART_BYTES), SQLITE_STATIC);
    if (!hilum_db_insert(db, stmt, error)) return false;
  }
  return true;
}

static bool put_number(sqlite3 *db, const char *key, uint64_t value, GError **error)
{
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO meta VALUES(?,?)", error);
  if (!stmt) return false;
  g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);
  sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_text(stmt, 2, text, -1, SQLITE_STATIC);
  const bool good = hilum_db_insert(db, stmt, error);
  sqlite3_finalize(stmt);
  return good;
}

bool hilum_record_put_history(sqlite3 *db, const HilumCaseRecord *record, const HilumProgress *progress,
                              GError **error)
{
  /* Most were packed when the journal got them; what was not is packed side by side. */
  hilum_parallel_for(record->steps->len, 1, pack_steps, (void *)(uintptr_t)record);
  if (hilum_progress_fail(progress, error)) return false;
  sqlite3_stmt *stmt = hilum_db_prepare(db, "INSERT INTO step VALUES(?,?,?,?)", error);
  bool good = stmt != NULL;
  for (guint i = 0; good && i < record->steps->len; i++)
    good = put_step(db, stmt, i, i < record->n_done, g_ptr_array_index(record->steps, i), error);
  sqlite3_finalize(stmt);
  return good && put_number(db, "history_state", record->history_state, error) &&
         put_number(db, "history_last", record->history_last, error);
}

/* --- in --- */

typedef struct {
  HilumCaseRecord *record;
  GByteArray *code; /* of the step that is being read */
  size_t bytes;     /* of all deltas so far */
  bool damaged;
} History;

static size_t delta_bytes(const HilumStepRecord *step)
{
  size_t bytes = 0;
  for (guint c = 0; c < step->commands->len; c++) {
    const HilumCommandRecord *command = g_ptr_array_index(step->commands, c);
    if (command->delta) bytes += hilum_label_delta_get_bytes(command->delta);
  }
  return bytes;
}

/* All parts of a step were read. */
static void end_step(History *history)
{
  if (history->code->len == 0) return;
  const HilumGrid *grid = hilum_label_snapshot_get_grid(history->record->labels);
  g_autoptr(GBytes) packed = g_bytes_new(history->code->data, history->code->len);
  HilumStepRecord *step =
      hilum_step_record_new_from_packed(packed, grid->dims, history->record->phases->len, NULL);
  g_byte_array_set_size(history->code, 0);
  if (step) {
    history->bytes += delta_bytes(step);
    g_ptr_array_add(history->record->steps, step);
  }
  if (!step || history->bytes > hilum_memory_budget() / 2) history->damaged = true;
}

static bool read_steps(HilumRows *rows, History *history, const HilumProgress *progress, GError **error)
{
  int64_t last = -1;
  bool undone = false;
  if (!hilum_rows_begin(rows, "SELECT idx, part, done, data FROM step ORDER BY idx, part", error))
    return false;
  while (hilum_rows_next(rows) && !history->damaged && !hilum_progress_cancelled(progress)) {
    const int64_t idx = hilum_rows_get_int(rows, 0, 0, HILUM_CASE_MAX_STEPS);
    const bool done = hilum_rows_get_int(rows, 2, 0, 1);
    const void *data = sqlite3_column_blob(rows->stmt, 3);
    const int bytes = sqlite3_column_bytes(rows->stmt, 3);
    if (idx != last) end_step(history);
    if (idx != last && done) history->record->n_done++;
    history->damaged |= (undone && done) || idx > last + 1 || bytes <= 0 ||
                        history->code->len > (guint)G_MAXINT32 - (guint)bytes;
    undone = !done;
    last = idx;
    if (!history->damaged) g_byte_array_append(history->code, data, (guint)bytes);
  }
  if (!history->damaged) end_step(history);
  return hilum_rows_end(rows, error);
}

/* Each step must start where the one before it ends, and the present state lie between done and undone. */
static bool is_chain(const HilumCaseRecord *record)
{
  uint64_t state = record->history_state;
  for (guint i = 0; i < record->steps->len; i++) {
    const HilumStepRecord *step = g_ptr_array_index(record->steps, i);
    if (i > 0 && step->before != state) return false;
    if (i == 0 && record->n_done == 0 && step->before != state) return false;
    if (step->after > record->history_last) return false;
    state = step->after;
    if (i + 1 == record->n_done && state != record->history_state) return false;
  }
  return record->history_state <= record->history_last && record->n_done <= record->steps->len;
}

static void share_states(HilumCaseRecord *record)
{
  g_autoptr(HilumLabelChain) back = hilum_label_chain_new(record->labels);
  for (guint i = record->n_done; i-- > 0;) {
    const HilumStepRecord *step = g_ptr_array_index(record->steps, i);
    for (guint c = step->commands->len; c-- > 0;) {
      const HilumCommandRecord *command = g_ptr_array_index(step->commands, c);
      if (command->delta) hilum_label_chain_add(back, command->delta, false);
    }
  }
  g_autoptr(HilumLabelChain) forth = hilum_label_chain_new(record->labels);
  for (guint i = record->n_done; i < record->steps->len; i++) {
    const HilumStepRecord *step = g_ptr_array_index(record->steps, i);
    for (guint c = 0; c < step->commands->len; c++) {
      const HilumCommandRecord *command = g_ptr_array_index(step->commands, c);
      if (command->delta) hilum_label_chain_add(forth, command->delta, true);
    }
  }
}

static uint64_t read_number(HilumRows *rows, const char *key, GError **error)
{
  g_autofree char *text = hilum_rows_read_meta(rows, key, error);
  guint64 value = 0;
  return text && g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL) ? value : 0;
}

bool hilum_record_read_history(HilumRows *rows, HilumCaseRecord *record, const HilumProgress *progress,
                               GError **error)
{
  if (rows->version < 3) return true;
  g_autoptr(GError) cause = NULL;
  record->history_state = record->history_saved = read_number(rows, "history_state", &cause);
  record->history_last = cause ? 0 : read_number(rows, "history_last", &cause);
  g_autoptr(GByteArray) code = g_byte_array_new();
  History history = {.record = record, .code = code};
  const bool read = !cause && read_steps(rows, &history, progress, &cause);
  if (hilum_progress_fail(progress, error)) return false;
  if (read && !history.damaged && is_chain(record)) {
    share_states(record);
    return true;
  }
  /* Without its past the case is as good as before there was one in the file. */
  g_ptr_array_set_size(record->steps, 0);
  record->n_done = 0;
  record->history_damaged = true;
  record->history_last = MAX(record->history_last, record->history_state);
  return true;
}
