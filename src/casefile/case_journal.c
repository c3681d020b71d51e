/* A case and its journal: following, leaving, recovering. */
#include "journal_private.h"

#include "hilum/casefile/error.h"

#include <glib/gstdio.h>
#include <string.h>

/* --- every step goes to the journal --- */

static void on_history(HilumHistoryEvent event, gpointer data)
{
  HilumCase *self = data;
  const size_t depth = hilum_history_get_undo_depth(self->history);
  g_autoptr(HilumStepRecord) step = NULL;
  if (event == HILUM_HISTORY_DONE || event == HILUM_HISTORY_AMENDED) {
    step = hilum_history_dup_step_record(self->history, depth - 1);
    g_return_if_fail(step != NULL); /* every command of a case describes itself */
  }
  hilum_journal_push(self->journal, (HilumJournalKind)(event + 1), hilum_history_get_state(self->history),
                     depth, step, NULL);
}

void hilum_case_journal_touched(HilumCase *self)
{
  if (!self->followed || !self->labels) return;
  g_autoptr(HilumCaseRecord) picture = hilum_case_capture_picture(self, NULL);
  if (picture)
    hilum_journal_push(self->journal, HILUM_JOURNAL_PICTURE, hilum_history_get_state(self->history),
                       hilum_history_get_undo_depth(self->history), NULL, picture);
}

void hilum_case_leave_journal(HilumCase *self)
{
  hilum_history_set_log(self->history, NULL, NULL);
  if (self->journal) hilum_journal_set_notify(self->journal, NULL, NULL);
  self->followed = false;
  g_clear_pointer(&self->journal, hilum_journal_unref);
}

/* --- a journal for a case without a file --- */

static HilumJournal *new_unsaved(GError **error)
{
  g_autofree char *folder = hilum_journal_unsaved_folder(), *id = g_uuid_string_random();
  g_autofree char *name = g_strconcat(id, ".hilum", NULL), *base = g_build_filename(folder, name, NULL);
  g_autofree char *place = g_strconcat(base, HILUM_JOURNAL_SUFFIX, NULL);
  g_autoptr(GError) cause = NULL;
  HilumJournalDb *db =
      hilum_journal_make_folders(place, &cause) ? hilum_journal_db_open(place, true, &cause) : NULL;
  if (db) return hilum_journal_new(db, NULL, base);
  g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
              "The steps cannot be kept safe (%s); save the case often.", cause->message);
  return NULL;
}

static void attach(HilumCase *self, HilumJournal *journal)
{
  if (self->journal != journal) {
    hilum_case_leave_journal(self);
    self->journal = hilum_journal_ref(journal);
  }
  self->followed = true;
  hilum_history_set_log(self->history, on_history, self);
}

static void set_trouble(HilumCase *self, char *sentence)
{
  const bool same = g_strcmp0(self->journal_trouble, sentence) == 0;
  g_free(self->journal_trouble);
  self->journal_trouble = sentence;
  if (!same) g_signal_emit_by_name(self, "journal-changed");
}

static gboolean on_trouble(gpointer data);

static bool follow_new(HilumCase *self, bool worth, GError **error)
{
  g_autoptr(HilumCaseRecord) record = hilum_case_capture(self, error);
  if (!record) return false;
  g_clear_pointer(&record->journal, hilum_journal_unref); /* it is written to another place than a save */
  g_autoptr(HilumJournal) journal = new_unsaved(error);
  if (!journal) return false;
  hilum_journal_push_base(journal, record, worth);
  attach(self, journal);
  hilum_journal_set_notify(journal, on_trouble, self);
  return true;
}

/* The journal cannot be written where it is: one in the state folder takes over, with the case as it is now.
 */
static gboolean on_trouble(gpointer data)
{
  HilumCase *self = data;
  g_autofree char *trouble = hilum_journal_dup_trouble(self->journal);
  if (!trouble) {
    if (!self->rescued) set_trouble(self, NULL);
    return G_SOURCE_CONTINUE;
  }
  if (!hilum_journal_is_away(self->journal) && !hilum_history_is_grouping(self->history)) {
    g_autofree char *name = self->path ? g_filename_display_basename(self->path) : g_strdup("the case");
    if (follow_new(self, true, NULL)) {
      self->rescued = true;
      set_trouble(self, g_strdup_printf("Steps can no longer be kept beside “%s”: %s. They are kept safe on "
                                        "this computer until the case is saved.",
                                        name, trouble));
      return G_SOURCE_REMOVE; /* the former journal's source; the new one has its own */
    }
  }
  set_trouble(self,
              g_strdup_printf("Steps cannot be kept safe: %s. Nothing is lost while the window is open; "
                              "make room, or save the case somewhere else.",
                              trouble));
  return G_SOURCE_CONTINUE;
}

bool hilum_case_follow(HilumCase *self, HilumJournal *journal, GError **error)
{
  g_return_val_if_fail(HILUM_IS_CASE(self), false);
  if (!journal) return follow_new(self, hilum_case_get_modified(self), error);
  attach(self, journal);
  hilum_journal_set_notify(journal, on_trouble, self);
  return true;
}

bool hilum_case_is_followed(HilumCase *self)
{
  return self->followed;
}

const char *hilum_case_get_journal_trouble(HilumCase *self)
{
  return self->journal_trouble;
}

bool hilum_case_flush_journal(HilumCase *self, GError **error)
{
  return !self->journal || hilum_journal_flush(self->journal, error);
}

void hilum_case_discard_journal(HilumCase *self)
{
  if (self->journal) hilum_journal_discard(self->journal);
  hilum_case_leave_journal(self);
}

/* --- recovery --- */

void hilum_recovery_clear(HilumRecovery *recovery)
{
  g_clear_pointer(&recovery->findings, g_array_unref);
  g_clear_pointer(&recovery->journal, hilum_journal_unref);
}

/* The journal of a case that was saved: beside it, else in the state folder; made, if it may be. */
static HilumJournalDb *open_journal(const char *case_path, bool create, GError **error)
{
  g_autofree char *beside = hilum_journal_place_beside(case_path);
  g_autofree char *folder = g_path_get_dirname(beside), *away = hilum_journal_place_away(case_path);
  const bool writable = g_access(folder, W_OK) == 0;
  if (g_file_test(beside, G_FILE_TEST_EXISTS) && writable) return hilum_journal_db_open(beside, false, error);
  if (g_file_test(away, G_FILE_TEST_EXISTS)) return hilum_journal_db_open(away, false, error);
  if (!create) {
    if (g_file_test(beside, G_FILE_TEST_EXISTS))
      g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE,
                          "its folder may not be written");
    return NULL;
  }
  if (writable) return hilum_journal_db_open(beside, true, error);
  return hilum_journal_make_folders(away, error) ? hilum_journal_db_open(away, true, error) : NULL;
}

bool hilum_journal_is_free(const char *case_path, GError **error)
{
  g_autoptr(GError) cause = NULL;
  HilumJournalDb *db = open_journal(case_path, false, &cause);
  hilum_journal_db_close(db, false);
  if (!g_error_matches(cause, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_IN_USE)) return true;
  g_propagate_error(error, g_steal_pointer(&cause));
  return false;
}

static void add_finding(HilumRecovery *recovery, const char *code, const char *sentence)
{
  hilum_findings_add(recovery->findings, HILUM_VERDICT_WARNING, code, "%s", sentence);
}

/* What was wrong with opening the journal; a damaged one is put out of the way and a new one made. */
static HilumJournalDb *after_failure(const char *path, bool follow, const GError *cause,
                                     HilumRecovery *recovery)
{
  g_autofree char *name = g_filename_display_basename(path);
  g_autofree char *sentence = NULL;
  if (g_error_matches(cause, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_IN_USE)) {
    recovery->elsewhere = true;
    sentence =
        g_strdup_printf("“%s” is open in another window or program. This is what was saved last; it can "
                        "be saved under another name.",
                        name);
    add_finding(recovery, "open-elsewhere", sentence);
    return NULL;
  }
  if (!g_error_matches(cause, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT)) {
    sentence =
        g_strdup_printf(follow ? "Steps cannot be kept safe beside “%s”: %s. Save the case often."
                               : "The journal beside “%s” cannot be read: %s. Steps that were not saved "
                                 "may be missing.",
                        name, cause->message);
    add_finding(recovery, "journal-unavailable", sentence);
    return NULL;
  }
  g_autofree char *beside = hilum_journal_place_beside(path), *aside = g_strconcat(beside, ".kept", NULL);
  if (follow && g_file_test(beside, G_FILE_TEST_EXISTS)) (void)g_rename(beside, aside);
  sentence = g_strdup_printf("The journal of “%s” is damaged and could not be read; %s.", name,
                             follow ? "it was kept aside" : "it was left alone");
  add_finding(recovery, "journal-damaged", sentence);
  return follow ? open_journal(path, true, NULL) : NULL;
}

static HilumJournalDb *open_any(const char *path, bool unsaved, bool follow, HilumRecovery *recovery)
{
  g_autoptr(GError) cause = NULL;
  g_autofree char *beside = g_strconcat(path, HILUM_JOURNAL_SUFFIX, NULL);
  HilumJournalDb *db =
      unsaved ? hilum_journal_db_open(beside, follow, &cause) : open_journal(path, follow, &cause);
  return db || !cause ? db : after_failure(path, follow, cause, recovery);
}

/* A journal that follows another state of the case is never applied, nor thrown away. */
static HilumJournalDb *after_replay(HilumJournalDb *db, const char *path, const HilumCaseRecord *record,
                                    const HilumReplay *replay, bool follow, HilumRecovery *recovery)
{
  if (replay->foreign) {
    g_autofree char *aside = follow ? hilum_journal_db_put_aside(db) : NULL;
    if (!follow) hilum_journal_db_close(db, false);
    g_autofree char *name = aside ? g_filename_display_basename(aside) : NULL;
    g_autofree char *sentence =
        name
            ? g_strdup_printf("There were unsaved steps that belong to another state of this case. They were "
                              "not used; they are kept as “%s”.",
                              name)
            : g_strdup(
                  "There are unsaved steps that belong to another state of this case; they were not used.");
    add_finding(recovery, "journal-foreign", sentence);
    db = follow ? open_journal(path, true, NULL) : NULL;
  } else if (replay->end && follow && !hilum_journal_db_cut(db, replay->end, NULL)) {
    hilum_journal_db_close(db, false);
    return NULL;
  }
  /* What is part of the file need not be in the journal. */
  if (db && follow && !hilum_journal_is_unsaved(path) &&
      !hilum_journal_db_rebase(db, replay->start, record->content_sha256, false, NULL)) {
    hilum_journal_db_close(db, false);
    return NULL;
  }
  return db;
}

static void tell_recovered(HilumRecovery *recovery, const HilumCaseRecord *record)
{
  if (record->history_damaged)
    add_finding(recovery, "history-damaged",
                "The history in the file is damaged; the case opened without it and is otherwise whole.");
  if (recovery->steps == 0) return;
  g_autofree char *sentence = g_strdup_printf(
      recovery->steps == 1 ? "%u step that had not been saved was recovered; it can be undone."
                           : "%u steps that had not been saved were recovered; each can be undone.",
      recovery->steps);
  add_finding(recovery, "recovered", sentence);
}

HilumCaseRecord *hilum_case_record_recover(const char *path, HilumRecoverMode mode, HilumRecovery *recovery,
                                           const HilumProgress *progress, GError **error)
{
  const bool follow = mode == HILUM_RECOVER_FOLLOW, unsaved = hilum_journal_is_unsaved(path);
  const HilumProgress reading = hilum_progress_part(progress, 0, 0.5, NULL);
  const HilumProgress replaying = hilum_progress_part(progress, 0.5, 1, NULL);
  g_autofree char *absolute = g_canonicalize_filename(path, NULL);
  *recovery = (HilumRecovery){.findings = hilum_findings_new()};
  /* The lock first: whoever saves holds it. */
  HilumJournalDb *db =
      g_file_test(absolute, G_FILE_TEST_IS_REGULAR) ? open_any(absolute, unsaved, follow, recovery) : NULL;
  g_autoptr(HilumCaseRecord) base = hilum_case_record_read(absolute, &reading, error);
  HilumReplay replay = {0};
  HilumCaseRecord *record = NULL;
  if (base && db)
    record = hilum_journal_replay(db, base, &replay, recovery->findings, &replaying, error);
  else if (base)
    record = hilum_case_record_ref(base);
  if (!record) {
    if (db) hilum_journal_db_close(db, hilum_journal_db_last(db) == 0 && !unsaved);
    hilum_recovery_clear(recovery);
    return NULL;
  }
  recovery->steps = replay.steps;
  if (db) db = after_replay(db, absolute, record, &replay, follow, recovery);
  if (db) recovery->journal = hilum_journal_new(db, unsaved ? NULL : absolute, unsaved ? absolute : NULL);
  tell_recovered(recovery, record);
  if (unsaved || (recovery->elsewhere && follow)) {
    g_clear_pointer(&record->path, g_free);
    record->unsaved = true;
  }
  return record;
}

/* --- cases that were never saved --- */

static void unsaved_clear(gpointer data)
{
  g_free(((HilumUnsavedCase *)data)->path);
}

static int newest_first(gconstpointer a, gconstpointer b)
{
  const gint64 x = ((const HilumUnsavedCase *)a)->last_time, y = ((const HilumUnsavedCase *)b)->last_time;
  return (x < y) - (x > y);
}

void hilum_journal_remove_unsaved(const char *path)
{
  g_return_if_fail(hilum_journal_is_unsaved(path));
  g_autofree char *place = g_strconcat(path, HILUM_JOURNAL_SUFFIX, NULL);
  HilumJournalDb *db = hilum_journal_db_open(place, false, NULL);
  if (db) g_unlink(path);
  hilum_journal_db_close(db, true);
}

/* Nobody has it open, and something was done in it. */
static bool is_left_behind(const char *path, bool *nothing)
{
  g_autofree char *place = g_strconcat(path, HILUM_JOURNAL_SUFFIX, NULL);
  HilumJournalDb *db = hilum_journal_db_open(place, false, NULL);
  if (!db) return false;
  g_autofree char *worth = hilum_journal_db_dup_meta(db, "worth");
  *nothing = hilum_journal_db_count(db) == 0 && strcmp(worth, "1") != 0;
  hilum_journal_db_close(db, false);
  return !*nothing;
}

/* A journal whose case was not even written yet when the program stopped. */
static void remove_orphan(const char *path)
{
  if (!g_str_has_suffix(path, HILUM_JOURNAL_SUFFIX)) return;
  g_autofree char *base = g_strndup(path, strlen(path) - strlen(HILUM_JOURNAL_SUFFIX));
  if (g_file_test(base, G_FILE_TEST_EXISTS)) return;
  hilum_journal_db_close(hilum_journal_db_open(path, false, NULL), true);
}

static gint64 last_time(const char *path)
{
  static const char *const suffixes[] = {"", HILUM_JOURNAL_SUFFIX, HILUM_JOURNAL_SUFFIX "-wal"};
  gint64 last = 0;
  for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
    g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
    GStatBuf info;
    if (g_stat(file, &info) == 0) last = MAX(last, (gint64)info.st_mtime);
  }
  return last;
}

GArray *hilum_journal_list_unsaved(void)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(HilumUnsavedCase));
  g_array_set_clear_func(list, unsaved_clear);
  g_autofree char *folder = hilum_journal_unsaved_folder();
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    remove_orphan(path);
    if (!g_str_has_suffix(name, ".hilum")) continue;
    bool nothing = false;
    const gint64 time = last_time(path); /* before opening it empties the log into the file */
    if (is_left_behind(path, &nothing)) {
      HilumUnsavedCase item = {g_steal_pointer(&path), time};
      g_array_append_val(list, item);
    } else if (nothing) {
      hilum_journal_remove_unsaved(path);
    }
  }
  g_array_sort(list, newest_first);
  return list;
}
