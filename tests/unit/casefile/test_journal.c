/* Journals: what a case is after it was left without saving, in every way in which that can go wrong. The
 * test that kills the program is test_journal_kill.c; here the "crash" is a case that is let go. */
#include "walk.h"

#include "../../../src/casefile/record_private.h"
#include "hilum/casefile/error.h"
#include "hilum/casefile/journal.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  char *folder, *path, *steps;
  HilumCase *c;
} Fixture;

static void save(HilumCase *c, const char *path)
{
  GError *error = NULL;
  hilum_case_save(c, path, NULL, &error);
  g_assert_no_error(error);
}

static HilumCase *open_with(const char *path, HilumRecoverMode mode, HilumRecovery *recovery)
{
  GError *error = NULL;
  g_autoptr(HilumCaseRecord) record = hilum_case_record_recover(path, mode, recovery, NULL, &error);
  g_assert_no_error(error);
  HilumCase *c = hilum_case_new_from_record(record, NULL, &error);
  g_assert_no_error(error);
  return c;
}

static bool found(const HilumRecovery *recovery, const char *code)
{
  for (guint i = 0; i < recovery->findings->len; i++)
    if (g_strcmp0(g_array_index(recovery->findings, HilumFinding, i).code, code) == 0) return true;
  return false;
}

/* A saved case with a followed journal. */
static void set_up(Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp("hilum-journal-XXXXXX", NULL);
  f->path = g_build_filename(f->folder, "case.hilum", NULL);
  f->steps = g_strconcat(f->path, "-steps", NULL);
  g_autofree char *state = g_build_filename(f->folder, "state", NULL);
  g_setenv("XDG_STATE_HOME", state, TRUE);
  g_autoptr(HilumCase) c = fixture_case();
  for (uint64_t n = 0; n < 12; n++)
    walk_move(c, n);
  save(c, f->path);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_cmpuint(recovery.steps, ==, 0);
  g_assert_cmpuint(recovery.findings->len, ==, 0);
  g_assert_nonnull(recovery.journal);
  g_assert_true(hilum_case_follow(f->c, recovery.journal, NULL));
  hilum_recovery_clear(&recovery);
}

static void remove_tree(const char *path)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    remove_tree(child);
  }
  if (g_remove(path) != 0) g_test_message("%s stays", path);
}

static void tear_down(Fixture *f, gconstpointer data)
{
  g_clear_object(&f->c);
  g_chmod(f->folder, 0700);
  remove_tree(f->folder);
  g_free(f->folder);
  g_free(f->path);
  g_free(f->steps);
}

static void work(HilumCase *c, uint64_t from, uint64_t to)
{
  GError *error = NULL;
  for (uint64_t n = from; n < to; n++)
    walk_move(c, n);
  hilum_case_flush_journal(c, &error);
  g_assert_no_error(error);
}

static void test_left_without_saving(Fixture *f, gconstpointer data)
{
  work(f->c, 100, 160);
  HilumHistory *history = hilum_case_get_history(f->c);
  const size_t depth = hilum_history_get_undo_depth(history);
  g_autofree char *before = fixture_state(f->c);
  g_assert_true(g_file_test(f->steps, G_FILE_TEST_EXISTS));
  g_clear_object(&f->c);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_true(found(&recovery, "recovered"));
  g_assert_cmpuint(recovery.steps, >, 20);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  g_assert_cmpuint(hilum_history_get_undo_depth(hilum_case_get_history(f->c)), ==, depth);
  g_assert_true(hilum_case_get_modified(f->c));
  /* And what is recovered goes on: recorded, saved, and then the journal has nothing to say. */
  g_assert_true(hilum_case_follow(f->c, recovery.journal, NULL));
  hilum_recovery_clear(&recovery);
  work(f->c, 200, 220);
  save(f->c, f->path);
  g_autofree char *saved = fixture_state(f->c);
  g_clear_object(&f->c);
  g_assert_false(g_file_test(f->steps, G_FILE_TEST_EXISTS));
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_cmpuint(recovery.steps, ==, 0);
  g_autofree char *again = fixture_state(f->c);
  g_assert_cmpstr(saved, ==, again);
  hilum_recovery_clear(&recovery);
}

/* A save that ended, of a program that died before it could tell its journal so. */
static void test_between_file_and_journal(Fixture *f, gconstpointer data)
{
  work(f->c, 100, 120);
  g_autoptr(HilumCaseRecord) record = hilum_case_capture(f->c, NULL);
  work(f->c, 120, 140); /* made while the file was being written */
  g_assert_true(hilum_case_record_write(record, f->path, NULL, NULL));
  g_clear_pointer(&record, hilum_case_record_unref);
  g_autofree char *before = fixture_state(f->c);
  g_clear_object(&f->c);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  g_assert_cmpuint(recovery.steps, >, 0);
  g_assert_false(found(&recovery, "journal-foreign"));
  hilum_recovery_clear(&recovery);
}

static void test_discarded(Fixture *f, gconstpointer data)
{
  g_autofree char *before = fixture_state(f->c);
  work(f->c, 100, 120);
  hilum_case_discard_journal(f->c);
  g_assert_false(g_file_test(f->steps, G_FILE_TEST_EXISTS));
  g_clear_object(&f->c);
  f->c = hilum_case_open(f->path, NULL, 0, NULL, NULL, NULL);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
}

/* A stroke that is still being drawn is the only thing that goes. */
static void test_stroke_under_the_pen(Fixture *f, gconstpointer data)
{
  HilumStructure *s = hilum_case_add_structure(f->c, HILUM_STRUCTURE_OTHER, NULL, NULL);
  g_assert_true(fixture_paint(f->c, s, fixture_box(1, 1, 1, 5, 5, 5), NULL));
  g_autofree char *before = fixture_state(f->c);
  hilum_history_begin_group(hilum_case_get_history(f->c), "Stroke");
  g_assert_true(fixture_paint(f->c, s, fixture_box(7, 7, 7, 15, 15, 15), NULL));
  g_assert_true(hilum_case_flush_journal(f->c, NULL));
  g_assert_null(hilum_case_capture(f->c, NULL)); /* nor can half of it be saved */
  g_clear_object(&f->c);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  hilum_recovery_clear(&recovery);
}

static void test_phase_added(Fixture *f, gconstpointer data)
{
  const HilumGrid grid = fixture_grid();
  g_autoptr(HilumVolume) volume = fixture_volume(&grid, 5);
  g_assert_nonnull(hilum_case_add_phase(f->c, NULL, volume, NULL));
  HilumAlignment nudged =
      hilum_alignment_nudged(hilum_phase_get_alignment(hilum_case_get_phase(f->c, 1)),
                             (HilumRigidParameters){.translation_mm = {3, 0, 0}}, grid.origin_mm);
  g_assert_true(hilum_case_set_alignment(f->c, 1, &nudged, NULL, "Nudge", NULL));
  g_assert_cmpfloat(hilum_phase_get_moved_mm(hilum_case_get_phase(f->c, 1)), >, 2.9);
  work(f->c, 100, 110);
  g_autofree char *before = fixture_state(f->c),
                  *name = g_strdup(hilum_phase_get_name(hilum_case_get_phase(f->c, 1)));
  const double moved = hilum_phase_get_moved_mm(hilum_case_get_phase(f->c, 1));
  g_clear_object(&f->c);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  g_assert_cmpuint(hilum_case_get_phase_count(f->c), ==, 2);
  g_assert_cmpstr(hilum_phase_get_name(hilum_case_get_phase(f->c, 1)), ==, name);
  g_assert_cmpfloat(hilum_phase_get_moved_mm(hilum_case_get_phase(f->c, 1)), ==, moved);
  g_assert_true(hilum_case_get_modified(f->c));
  hilum_recovery_clear(&recovery);
}

static void sql(const char *path, const char *text)
{
  sqlite3 *db = NULL;
  char *message = NULL;
  g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
  sqlite3_exec(db, text, NULL, NULL, &message);
  g_assert_cmpstr(message, ==, NULL);
  sqlite3_close(db);
}

/* The state behind each step, to compare with what is left of a journal that was damaged behind it. */
static void test_torn(Fixture *f, gconstpointer data)
{
  static const char *const damages[] = {"DELETE FROM part WHERE seq=8",
                                        "UPDATE part SET data=zeroblob(length(data)) WHERE seq=8",
                                        "UPDATE event SET state=state+1 WHERE seq=8",
                                        "DELETE FROM event WHERE seq=8",
                                        "UPDATE event SET sum='' WHERE seq=8",
                                        "UPDATE event SET kind=3 WHERE seq=8",
                                        "UPDATE event SET bytes=1000000000000 WHERE seq=8",
                                        "UPDATE event SET kind=99 WHERE seq=8"};
  HilumStructure *s = hilum_case_add_structure(f->c, HILUM_STRUCTURE_OTHER, NULL, NULL); /* event 1 */
  g_autofree char *good = NULL;
  for (int n = 2; n < 20; n++) {
    g_assert_true(fixture_paint(f->c, s, fixture_box(n, n, n, n + 9, n + 2, n + 2), NULL));
    if (n == 7) good = fixture_state(f->c);
  }
  g_assert_true(hilum_case_flush_journal(f->c, NULL));
  g_clear_object(&f->c);
  g_autofree char *whole = NULL;
  gsize bytes;
  g_assert_true(g_file_get_contents(f->steps, &whole, &bytes, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
    g_assert_true(g_file_set_contents(f->steps, whole, (gssize)bytes, NULL));
    sql(f->steps, damages[i]);
    HilumRecovery recovery;
    g_autoptr(HilumCase) c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
    g_autofree char *after = fixture_state(c);
    g_assert_cmpstr(after, ==, good);
    g_assert_true(found(&recovery, "journal-torn"));
    g_assert_cmpuint(recovery.steps, ==, 7);
    /* What follows the damage is gone from the journal, so that new steps can take its numbers. */
    g_assert_true(hilum_case_follow(c, recovery.journal, NULL));
    hilum_recovery_clear(&recovery);
    g_assert_true(fixture_paint(c,
                                hilum_case_get_structure(c, hilum_structure_get_label(walk_structure(c, 1))),
                                fixture_box(0, 0, 0, 3, 3, 3), NULL) ||
                  true);
    g_assert_true(hilum_case_flush_journal(c, NULL));
  }
}

/* Any byte of the file changed: never more than a sentence, never another state than one there was. */
static void test_flipped(Fixture *f, gconstpointer data)
{
  g_autoptr(GHashTable) states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add(states, fixture_state(f->c));
  for (uint64_t n = 300; n < 320; n++) {
    walk_step(f->c, n);
    g_hash_table_add(states, fixture_state(f->c));
  }
  g_assert_true(hilum_case_flush_journal(f->c, NULL));
  g_clear_object(&f->c);
  g_autofree char *whole = NULL;
  gsize bytes;
  g_assert_true(g_file_get_contents(f->steps, &whole, &bytes, NULL));
  for (uint64_t n = 0; n < 150; n++) {
    g_autofree char *copy = g_memdup2(whole, bytes);
    copy[walk_pick(n, 1, bytes)] ^= (char)(1 << n % 8);
    FILE *file = g_fopen(f->steps, "wb");
    g_assert_cmpuint(fwrite(copy, 1, bytes, file), ==, bytes);
    fclose(file);
    HilumRecovery recovery;
    g_autoptr(HilumCase) c = open_with(f->path, HILUM_RECOVER_READ, &recovery);
    g_autofree char *state = fixture_state(c);
    g_assert_true(g_hash_table_contains(states, state));
    hilum_recovery_clear(&recovery);
  }
}

static void test_of_another_state(Fixture *f, gconstpointer data)
{
  work(f->c, 100, 120);
  g_clear_object(&f->c);
  g_autoptr(HilumCase) other = fixture_case();
  g_autofree char *elsewhere = g_build_filename(f->folder, "other.hilum", NULL),
                  *state = fixture_state(other);
  save(other, elsewhere);
  g_assert_cmpint(g_rename(elsewhere, f->path), ==, 0); /* as a file manager does */
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_true(found(&recovery, "journal-foreign"));
  g_autofree char *after = fixture_state(f->c), *kept = g_strconcat(f->steps, ".kept-1", NULL);
  g_assert_cmpstr(state, ==, after);
  g_assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
  g_assert_nonnull(recovery.journal); /* a new one */
  hilum_recovery_clear(&recovery);
}

static void test_no_journal_at_all(Fixture *f, gconstpointer data)
{
  g_autofree char *state = fixture_state(f->c);
  g_clear_object(&f->c);
  g_assert_true(g_file_set_contents(f->steps,
                                    "this is no database, but it has some length, more than a hundred "
                                    "bytes at any rate, which is what a head takes",
                                    -1, NULL));
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_true(found(&recovery, "journal-damaged"));
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(state, ==, after);
  g_assert_nonnull(recovery.journal);
  hilum_recovery_clear(&recovery);
}

/* --- two at once --- */

static void test_two_windows(Fixture *f, gconstpointer data)
{
  g_autofree char *state = fixture_state(f->c);
  work(f->c, 100, 120);
  HilumRecovery recovery;
  g_autoptr(HilumCase) second = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_true(recovery.elsewhere);
  g_assert_true(found(&recovery, "open-elsewhere"));
  g_assert_null(recovery.journal);
  hilum_recovery_clear(&recovery);
  g_assert_null(hilum_case_get_path(second)); /* a copy: it cannot be saved over the other's work */
  g_autofree char *other = fixture_state(second);
  g_assert_cmpstr(state, ==, other); /* what was saved */
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_case_save(second, f->path, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE);
  g_assert_nonnull(strstr(error->message, "open in another window"));
  g_clear_error(&error);
  /* A case that is followed does not get over it either. */
  g_assert_true(hilum_case_follow(second, NULL, &error));
  g_assert_false(hilum_case_save(second, f->path, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE);
  g_clear_error(&error);
  g_autofree char *copy = g_build_filename(f->folder, "copy.hilum", NULL);
  save(second, copy);
  /* The first is as it was: saved, and free for the next when it goes. */
  save(f->c, f->path);
  g_clear_object(&f->c);
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_false(recovery.elsewhere);
  hilum_recovery_clear(&recovery);
}

/* The lock belongs to a process: one that is gone has none. */
static void test_lock_of_a_dead_process(Fixture *f, gconstpointer data)
{
  g_clear_object(&f->c);
  int ready[2];
  g_assert_cmpint(pipe(ready), ==, 0);
  const pid_t pid = fork();
  if (pid == 0) { /* SQLite alone: a fork has no threads */
    sqlite3 *db = NULL;
    if (sqlite3_open(f->steps, &db) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; BEGIN IMMEDIATE;", NULL,
                     NULL, NULL) != SQLITE_OK)
      _exit(1);
    if (write(ready[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte;
  g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_true(recovery.elsewhere);
  hilum_recovery_clear(&recovery);
  g_clear_object(&f->c);
  kill(pid, SIGKILL);
  g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_false(recovery.elsewhere);
  g_assert_nonnull(recovery.journal);
  hilum_recovery_clear(&recovery);
}

/* --- places that fail --- */

static void spin(HilumCase *c)
{
  (void)hilum_case_flush_journal(c, NULL);
  while (g_main_context_iteration(NULL, FALSE))
    ;
}

static void test_moved_away(Fixture *f, gconstpointer data)
{
  work(f->c, 100, 110);
  g_autofree char *moved = g_strconcat(f->folder, "-moved", NULL);
  g_assert_cmpint(g_rename(f->folder, moved), ==, 0);
  g_autofree char *state_home = g_build_filename(moved, "state", NULL);
  g_setenv("XDG_STATE_HOME", state_home, TRUE);
  for (uint64_t n = 110; n < 114; n++)
    walk_move(f->c, n);
  for (int n = 0; n < 50 && !hilum_case_get_journal_trouble(f->c); n++)
    spin(f->c);
  g_assert_nonnull(hilum_case_get_journal_trouble(f->c));
  g_assert_nonnull(strstr(hilum_case_get_journal_trouble(f->c), "moved or deleted"));
  work(f->c, 114, 120);
  g_autofree char *before = fixture_state(f->c);
  g_clear_object(&f->c);
  g_autoptr(GArray) left = hilum_journal_list_unsaved();
  g_assert_cmpuint(left->len, ==, 1);
  HilumRecovery recovery;
  f->c = open_with(g_array_index(left, HilumUnsavedCase, 0).path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  hilum_recovery_clear(&recovery);
  g_assert_cmpint(g_rename(moved, f->folder), ==, 0);
}

static void limit_files(rlim_t bytes)
{
  struct rlimit limit;
  g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN(bytes, limit.rlim_max);
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* No file may grow, beside the case or anywhere: it is said, nothing is lost while the program runs, and all
 * is written when there is room again. */
static void test_full_disk(Fixture *f, gconstpointer data)
{
  signal(SIGXFSZ, SIG_IGN);
  work(f->c, 100, 110);
  limit_files(512);
  for (uint64_t n = 110; n < 130; n++)
    walk_move(f->c, n);
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_case_flush_journal(f->c, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE);
  g_clear_error(&error);
  for (int n = 0; n < 50 && !hilum_case_get_journal_trouble(f->c); n++)
    spin(f->c);
  g_assert_nonnull(hilum_case_get_journal_trouble(f->c));
  g_assert_false(hilum_case_save(f->c, f->path, NULL, &error)); /* the old file stays */
  g_clear_error(&error);
  g_autofree char *before = fixture_state(f->c);
  limit_files(RLIM_INFINITY);
  g_assert_true(hilum_case_flush_journal(f->c, &error));
  g_assert_no_error(error);
  while (hilum_case_get_journal_trouble(f->c))
    spin(f->c);
  g_clear_object(&f->c);
  HilumRecovery recovery;
  f->c = open_with(f->path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  hilum_recovery_clear(&recovery);
}

static void give_to(const char *path, uid_t user)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    give_to(child, user);
  }
  g_assert_cmpint(chown(path, user, (gid_t)-1), ==, 0);
}

static void test_read_only_folder(Fixture *f, gconstpointer data)
{
  g_clear_object(&f->c);
  g_autofree char *locked = g_build_filename(f->folder, "locked", NULL);
  g_autofree char *path = g_build_filename(locked, "case.hilum", NULL);
  g_mkdir(locked, 0700);
  g_assert_cmpint(g_rename(f->path, path), ==, 0);
  g_chmod(locked, 0500);
  const bool root = geteuid() == 0; /* who may write anywhere: somebody else for the rest of the test */
  const uid_t nobody = 65534;
  if (root) {
    give_to(f->folder, nobody);
    g_assert_cmpint(setresuid(nobody, nobody, 0), ==, 0);
  }
  HilumRecovery recovery;
  f->c = open_with(path, HILUM_RECOVER_FOLLOW, &recovery);
  g_assert_nonnull(recovery.journal);
  g_assert_true(hilum_case_follow(f->c, recovery.journal, NULL));
  hilum_recovery_clear(&recovery);
  work(f->c, 100, 120);
  g_autofree char *before = fixture_state(f->c);
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_case_save(f->c, path, NULL, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE);
  g_clear_object(&f->c);
  f->c = open_with(path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  hilum_recovery_clear(&recovery);
  g_clear_object(&f->c);
  g_chmod(locked, 0700);
  if (root) g_assert_cmpint(setresuid(0, 0, 0), ==, 0);
}

/* --- never saved --- */

static void test_never_saved(Fixture *f, gconstpointer data)
{
  g_clear_object(&f->c);
  f->c = fixture_case();
  hilum_history_mark_saved(hilum_case_get_history(f->c));
  g_assert_true(hilum_case_follow(f->c, NULL, NULL));
  work(f->c, 100, 130);
  g_autofree char *before = fixture_state(f->c);
  g_autoptr(GArray) open_now = hilum_journal_list_unsaved();
  g_assert_cmpuint(open_now->len, ==, 0); /* it is open: not left behind */
  g_clear_object(&f->c);
  g_autoptr(GArray) left = hilum_journal_list_unsaved();
  g_assert_cmpuint(left->len, ==, 1);
  const char *path = g_array_index(left, HilumUnsavedCase, 0).path;
  HilumRecovery recovery;
  f->c = open_with(path, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *after = fixture_state(f->c);
  g_assert_cmpstr(before, ==, after);
  g_assert_null(hilum_case_get_path(f->c));
  g_assert_true(hilum_case_get_modified(f->c));
  g_assert_true(hilum_case_follow(f->c, recovery.journal, NULL));
  hilum_recovery_clear(&recovery);
  /* Once it is saved it lives there, with its journal. */
  g_autofree char *home = g_build_filename(f->folder, "home.hilum", NULL);
  save(f->c, home);
  work(f->c, 130, 140);
  g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
  g_autofree char *last = fixture_state(f->c), *steps = g_strconcat(home, "-steps", NULL);
  g_assert_true(g_file_test(steps, G_FILE_TEST_EXISTS));
  g_clear_object(&f->c);
  f->c = open_with(home, HILUM_RECOVER_FOLLOW, &recovery);
  g_autofree char *again = fixture_state(f->c);
  g_assert_cmpstr(last, ==, again);
  hilum_recovery_clear(&recovery);
}

static void test_nothing_done(Fixture *f, gconstpointer data)
{
  g_clear_object(&f->c);
  f->c = fixture_case();
  g_autoptr(HilumCaseRecord) record = hilum_case_capture(f->c, NULL);
  g_autoptr(HilumCase) opened = hilum_case_new_from_record(record, NULL, NULL);
  g_assert_true(hilum_case_follow(opened, NULL, NULL));
  g_assert_true(hilum_case_flush_journal(opened, NULL));
  g_clear_object(&opened);
  g_autoptr(GArray) left = hilum_journal_list_unsaved();
  g_assert_cmpuint(left->len, ==, 0);
}

/* --- headless --- */

static void test_headless(Fixture *f, gconstpointer data)
{
  work(f->c, 100, 120);
  g_autofree char *before = fixture_state(f->c);
  g_autoptr(GArray) findings = NULL;
  g_autoptr(GError) error = NULL;
  /* Open in a window: what was saved, and no saving. */
  g_autoptr(HilumCase) early = hilum_case_open(f->path, NULL, 0, &findings, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(g_array_index(findings, HilumFinding, 0).code, ==, "open-elsewhere");
  g_assert_false(hilum_case_save(early, f->path, NULL, &error));
  g_clear_error(&error);
  g_clear_pointer(&findings, g_array_unref);
  g_clear_object(&f->c);
  /* Left behind: read without touching it, saved with what it held. */
  for (int n = 0; n < 2; n++) {
    g_autoptr(HilumCase) c = hilum_case_open(f->path, NULL, 0, &findings, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(g_array_index(findings, HilumFinding, 0).code, ==, "recovered");
    g_autofree char *after = fixture_state(c);
    g_assert_cmpstr(before, ==, after);
    g_clear_pointer(&findings, g_array_unref);
    if (n == 1) save(c, f->path);
  }
  g_assert_false(g_file_test(f->steps, G_FILE_TEST_EXISTS));
  f->c = hilum_case_open(f->path, NULL, 0, NULL, NULL, &error);
  g_autofree char *last = fixture_state(f->c);
  g_assert_cmpstr(before, ==, last);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add("/journal/" name, Fixture, NULL, set_up, function, tear_down)
  ADD("left-without-saving", test_left_without_saving);
  ADD("between-file-and-journal", test_between_file_and_journal);
  ADD("discarded", test_discarded);
  ADD("stroke-under-the-pen", test_stroke_under_the_pen);
  ADD("phase-added", test_phase_added);
  ADD("torn", test_torn);
  ADD("flipped", test_flipped);
  ADD("of-another-state", test_of_another_state);
  ADD("no-journal-at-all", test_no_journal_at_all);
  ADD("two-windows", test_two_windows);
  ADD("lock-of-a-dead-process", test_lock_of_a_dead_process);
  ADD("moved-away", test_moved_away);
  ADD("full-disk", test_full_disk);
  ADD("read-only-folder", test_read_only_folder);
  ADD("never-saved", test_never_saved);
  ADD("nothing-done", test_nothing_done);
  ADD("headless", test_headless);
#undef ADD
  return g_test_run();
}
