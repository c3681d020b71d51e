/* Recovery: what a record becomes with the events of its journal. The events are replayed in a case of this
 * thread's own, by the commands that made them, and that case is captured again: nothing is done here that
 * the window does not do. A journal may come from anywhere: every event has its sum, every step is checked
 * when it is decoded and again when it is applied, and the first that fails ends the replay. */
#include "journal_private.h"

#include "hilum/base/memory.h"
#include "hilum/casefile/error.h"
#include "record_rows_private.h"

#include <string.h>

typedef struct {
  HilumJournalDb *db;
  HilumCase *the_case;
  guint steps;
  bool touched; /* by something that is no step */
} Replay;

/* --- events --- */

static GBytes *read_parts(HilumJournalDb *db, uint64_t seq, uint64_t bytes)
{
  if (bytes > MIN((uint64_t)hilum_memory_budget() / 2, (uint64_t)G_MAXINT32)) return NULL;
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(db->db, "SELECT idx, data FROM part WHERE seq=? ORDER BY idx", -1, &stmt, NULL) !=
      SQLITE_OK)
    return NULL;
  sqlite3_bind_int64(stmt, 1, (sqlite3_int64)seq);
  GByteArray *all = g_byte_array_new();
  int step;
  while ((step = sqlite3_step(stmt)) == SQLITE_ROW && all->len <= bytes) {
    const void *data = sqlite3_column_blob(stmt, 1);
    const int n = sqlite3_column_bytes(stmt, 1);
    if (data && n > 0 && all->len + (uint64_t)n <= bytes) g_byte_array_append(all, data, (guint)n);
  }
  sqlite3_finalize(stmt);
  GBytes *whole = g_byte_array_free_to_bytes(all);
  if (step == SQLITE_DONE && g_bytes_get_size(whole) == bytes) return whole;
  g_bytes_unref(whole);
  return NULL;
}

/* False at the end and at an event that is not whole; `event->data` is the caller's. */
static bool next_event(HilumJournalDb *db, HilumRows *rows, uint64_t expected, HilumJournalEvent *event)
{
  if (!hilum_rows_next(rows)) return false;
  event->seq = (uint64_t)hilum_rows_get_int(rows, 0, 1, INT64_MAX);
  event->kind = (HilumJournalKind)hilum_rows_get_int(rows, 1, HILUM_JOURNAL_STEP, HILUM_JOURNAL_KINDS - 1);
  event->state = (uint64_t)hilum_rows_get_int(rows, 2, 0, INT64_MAX);
  event->depth = (uint64_t)hilum_rows_get_int(rows, 3, 0, INT64_MAX);
  const uint64_t bytes = (uint64_t)hilum_rows_get_int(rows, 4, 0, INT64_MAX);
  g_autofree char *stored = hilum_rows_get_text(rows, 5, 64);
  event->data = NULL;
  if (rows->bad || (expected && event->seq != expected)) return false;
  if (bytes > 0) event->data = read_parts(db, event->seq, bytes);
  g_autofree char *sum = hilum_journal_event_sum(event);
  if ((event->data || bytes == 0) && strcmp(sum, stored) == 0) return true;
  g_clear_pointer(&event->data, g_bytes_unref);
  return false;
}

static const char select_events[] =
    "SELECT seq, kind, state, depth, bytes, sum FROM event WHERE seq>%" G_GUINT64_FORMAT " ORDER BY seq";

/* Which events follow a file with this fingerprint: those behind the number, which is set. */
static bool find_start(HilumJournalDb *db, const char *content, uint64_t *start)
{
  g_autofree char *base = hilum_journal_db_dup_meta(db, "base");
  *start = 0;
  if (strcmp(base, content) == 0) return true;
  HilumRows rows = {.db = db->db, .path = db->path};
  g_autofree char *sql = g_strdup_printf(
      "SELECT seq, kind, state, depth, bytes, sum FROM event WHERE kind=%d", HILUM_JOURNAL_MARK);
  if (!hilum_rows_begin(&rows, sql, NULL)) return false;
  bool found = false;
  HilumJournalEvent event;
  while (next_event(db, &rows, 0, &event)) {
    gsize bytes = 0;
    const char *data = event.data ? g_bytes_get_data(event.data, &bytes) : NULL;
    if (data && bytes == strlen(content) && memcmp(data, content, bytes) == 0) {
      found = true;
      *start = event.state;
    }
    g_clear_pointer(&event.data, g_bytes_unref);
  }
  hilum_rows_end(&rows, NULL);
  return found;
}

/* --- replay --- */

static HilumStepRecord *decode(const Replay *replay, const HilumJournalEvent *event, GError **error)
{
  g_autoptr(GBytes) none = g_bytes_new(NULL, 0);
  const HilumGrid *grid = hilum_label_map_get_grid(replay->the_case->labels);
  return hilum_step_record_new_from_packed(event->data ? event->data : none, grid->dims,
                                           hilum_case_get_phase_count(replay->the_case), error);
}

static bool replay_step(Replay *replay, const HilumJournalEvent *event, GError **error)
{
  HilumHistory *history = hilum_case_get_history(replay->the_case);
  g_autoptr(HilumStepRecord) step = decode(replay, event, error);
  if (!step) return false;
  if (event->kind == HILUM_JOURNAL_AMEND) {
    if (!hilum_history_undo(history, error)) return false;
    if (step->before != hilum_history_get_state(history)) {
      hilum_history_redo(history, NULL);
      g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY, "it does not follow");
      return false;
    }
    if (!hilum_history_replay(history, hilum_step_record_to_step(step, replay->the_case, false), error)) {
      hilum_history_redo(history, NULL);
      return false;
    }
    return true;
  }
  return hilum_history_replay(history, hilum_step_record_to_step(step, replay->the_case, false), error);
}

static bool same_grid(const HilumRecordPhase *a, HilumPhase *b)
{
  return hilum_grid_equal(&a->source->grid, hilum_phase_get_grid(b), 0);
}

/* Phases that joined, files that were found elsewhere, who the patient is. */
static bool replay_picture(Replay *replay, const HilumJournalEvent *event, GError **error)
{
  HilumCase *the_case = replay->the_case;
  g_autoptr(GBytes) none = g_bytes_new(NULL, 0);
  g_autoptr(HilumCaseRecord) picture =
      hilum_case_record_read_bytes(event->data ? event->data : none, replay->db->path, error);
  if (!picture) return false;
  const guint n = hilum_case_get_phase_count(the_case);
  bool fits = picture->phases->len >= n;
  for (guint i = 0; fits && i < n; i++)
    fits = same_grid(&g_array_index(picture->phases, HilumRecordPhase, i), hilum_case_get_phase(the_case, i));
  if (!fits) {
    g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY, "its images are others");
    return false;
  }
  for (guint i = 0; i < picture->phases->len; i++) {
    const HilumRecordPhase *phase = &g_array_index(picture->phases, HilumRecordPhase, i);
    if (i < n)
      hilum_phase_set_source(hilum_case_get_phase(the_case, i), phase->source);
    else if (!hilum_case_append_phase(the_case, phase->name, phase->source, NULL, NULL, &phase->alignment,
                                      error))
      return false;
  }
  char *const *p = picture->patient;
  const HilumPatient patient = {p[0], p[1], p[2], p[3], p[4], p[5]};
  hilum_case_fill_patient(the_case, &patient, false);
  g_ptr_array_unref(the_case->exports);
  the_case->exports = hilum_exports_copy(picture->exports);
  replay->touched = true;
  return true;
}

static bool replay_event(Replay *replay, const HilumJournalEvent *event, GError **error)
{
  HilumHistory *history = hilum_case_get_history(replay->the_case);
  bool good = true;
  switch (event->kind) {
  case HILUM_JOURNAL_STEP:
  case HILUM_JOURNAL_AMEND:
    good = replay_step(replay, event, error);
    break;
  case HILUM_JOURNAL_UNDO:
    good = hilum_history_undo(history, error);
    break;
  case HILUM_JOURNAL_REDO:
    good = hilum_history_redo(history, error);
    break;
  case HILUM_JOURNAL_CLEAR:
    hilum_history_clear(history);
    return true;
  case HILUM_JOURNAL_PICTURE:
    return replay_picture(replay, event, error);
  case HILUM_JOURNAL_MARK:
  case HILUM_JOURNAL_KINDS:
  default:
    return true;
  }
  if (!good || hilum_history_get_state(history) != event->state) {
    if (error && !*error)
      g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY, "it does not follow");
    return false;
  }
  hilum_history_drop_oldest(history, (size_t)event->depth);
  replay->steps++;
  return true;
}

/* Events in order, until the end or the first that cannot be used, whose number is returned (0: none). */
static uint64_t replay_all(Replay *replay, uint64_t start, uint64_t last, const HilumProgress *progress)
{
  HilumRows rows = {.db = replay->db->db, .path = replay->db->path};
  g_autofree char *sql = g_strdup_printf(select_events, start);
  if (!hilum_rows_begin(&rows, sql, NULL)) return start + 1;
  HilumJournalEvent event;
  uint64_t next = start + 1;
  bool good = true;
  if (start == 0) next = 0; /* what was saved is no longer in it: any number may be the first */
  while (good && !hilum_progress_cancelled(progress) && next_event(replay->db, &rows, next, &event)) {
    g_autoptr(GError) error = NULL;
    good = replay_event(replay, &event, &error);
    if (!good) g_debug("event %" G_GUINT64_FORMAT ": %s", event.seq, error->message);
    next = event.seq + (good ? 1 : 0);
    g_clear_pointer(&event.data, g_bytes_unref);
    hilum_progress_step(progress, (double)next / (double)(last + 1));
  }
  hilum_rows_end(&rows, NULL);
  return next <= last ? MAX(next, 1) : 0;
}

/* --- the whole --- */

static HilumCaseRecord *capture(const Replay *replay, const HilumCaseRecord *base, GError **error)
{
  HilumCaseRecord *record = hilum_case_capture(replay->the_case, error);
  if (!record) return NULL;
  record->history_saved = base->history_state;
  record->unsaved = replay->touched;
  g_strlcpy(record->content_sha256, base->content_sha256, sizeof record->content_sha256);
  return record;
}

HilumCaseRecord *hilum_journal_replay(HilumJournalDb *db, HilumCaseRecord *record, HilumReplay *out,
                                      GArray *findings, const HilumProgress *progress, GError **error)
{
  *out = (HilumReplay){0};
  const uint64_t last = hilum_journal_db_last(db);
  if (last == 0) return hilum_case_record_ref(record);
  if (!find_start(db, record->content_sha256, &out->start)) {
    out->foreign = hilum_journal_db_count(db) > 0;
    return hilum_case_record_ref(record);
  }
  Replay replay = {.db = db, .the_case = hilum_case_new_from_record(record, NULL, error)};
  if (!replay.the_case) return NULL;
  g_autoptr(HilumCase) owned = replay.the_case;
  owned->without_images = true;
  hilum_history_set_budget(hilum_case_get_history(owned), G_MAXSIZE);
  out->end = replay_all(&replay, out->start, last, progress);
  if (hilum_progress_fail(progress, error)) return NULL;
  out->steps = replay.steps;
  if (out->end)
    hilum_findings_add(
        findings, HILUM_VERDICT_WARNING, "journal-torn",
        "The journal is damaged behind step %u of those that were not saved; what follows it was "
        "left away.",
        replay.steps);
  if (replay.steps == 0 && !replay.touched) return hilum_case_record_ref(record);
  return capture(&replay, record, error);
}
