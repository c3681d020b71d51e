/* A program that edits, undoes, redoes and saves is killed (SIGKILL) at random instants, 500 times. Each time
 * the case must open in the state that the model has after the last step that was known to be on the disk, or
 * after one that was begun since: the same labels, structures and depths of the history.
 *
 * The program is this one, started with --work; it says on its standard output what it begins ("B 17") and
 * what is on the disk ("A 17"), and, first of all, the state that it found. */
#include "walk.h"

#include "../../../src/casefile/record_private.h"
#include "hilum/casefile/journal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CYCLES = 500, SAVE_EVERY = 23 };

static const char *program;

/* What must be the same, as a sum: the state, the depths of the history, and every state that redo and undo
 * lead to. Without those a step that is taken back would look like no step, with another step to redo.
 * `record` is only read. */
static char *digest(HilumCaseRecord *record)
{
  g_autoptr(HilumCase) c = hilum_case_new_from_record(record, NULL, NULL);
  g_assert_nonnull(c);
  HilumHistory *history = hilum_case_get_history(c);
  g_autoptr(GString) all = g_string_new(NULL);
  g_string_printf(all, "%zu %zu %s\n", hilum_history_get_undo_depth(history),
                  hilum_history_get_redo_depth(history), hilum_history_get_undo_label(history));
  do {
    g_autofree char *state = fixture_state(c);
    g_string_append_printf(all, "%s\n", state);
  } while (hilum_history_redo(history, NULL));
  while (hilum_history_undo(history, NULL)) {
    g_autofree char *state = fixture_state(c);
    g_string_append_printf(all, "%s\n", state);
  }
  return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all->str, -1);
}

/* --- the program that is killed --- */

static void say(char what, uint64_t number)
{
  char line[64];
  const int n = g_snprintf(line, sizeof line, "%c %" G_GUINT64_FORMAT "\n", what, number);
  if (write(STDOUT_FILENO, line, (size_t)n) != n) _exit(3);
}

static int work(const char *path, uint64_t first)
{
  HilumRecovery recovery;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCaseRecord) record =
      hilum_case_record_recover(path, HILUM_RECOVER_FOLLOW, &recovery, NULL, &error);
  if (!record || !recovery.journal) {
    g_printerr("%s\n", error ? error->message : "no journal");
    return 2;
  }
  g_autoptr(HilumCase) c = hilum_case_new_from_record(record, NULL, &error);
  if (!c || !hilum_case_follow(c, recovery.journal, &error)) return 2;
  for (guint i = 0; i < recovery.findings->len; i++) {
    const HilumFinding *finding = &g_array_index(recovery.findings, HilumFinding, i);
    if (g_strcmp0(finding->code, "recovered") != 0) g_printerr("%s\n", finding->message);
  }
  hilum_recovery_clear(&recovery);
  g_autofree char *found = digest(record);
  if (printf("R %s\n", found) < 0 || fflush(stdout) != 0) return 3;
  for (uint64_t i = first;; i++) {
    say('B', i);
    if (i % SAVE_EVERY == 0) {
      if (!hilum_case_save(c, path, NULL, &error)) return 4;
    } else {
      walk_move(c, i);
      if (i % 3 && !hilum_case_flush_journal(c, &error)) return 5; /* else the next ones go together */
    }
    if (i % 3) say('A', i);
  }
}

/* --- the model --- */

typedef struct {
  HilumCase *c;
  uint64_t at, saved; /* moves done; state of the history that lies on the disk */
} Model;

static void model_move(Model *model)
{
  model->at++;
  if (model->at % SAVE_EVERY == 0)
    hilum_history_mark_saved(hilum_case_get_history(model->c));
  else
    walk_move(model->c, model->at);
  model->saved = hilum_history_get_saved_state(hilum_case_get_history(model->c));
}

static HilumCaseRecord *capture(HilumCase *c, uint64_t saved)
{
  HilumCaseRecord *record = hilum_case_capture(c, NULL);
  g_assert_nonnull(record);
  record->history_saved = saved;
  return record;
}

static char *digest_of(const Model *model)
{
  g_autoptr(HilumCaseRecord) record = capture(model->c, model->saved);
  return digest(record);
}

/* A case as the killed program has it after opening: from a record, and not by the steps themselves. */
static HilumCase *copy_case(HilumCase *c, uint64_t saved)
{
  g_autoptr(HilumCaseRecord) record = capture(c, saved);
  HilumCase *copy = hilum_case_new_from_record(record, NULL, NULL);
  g_assert_nonnull(copy);
  return copy;
}

/* Brings the model, which is as the killed run began, to the state that was found: moves up to `from` are
 * certain, those up to `to` were begun. */
static void model_follow(Model *model, uint64_t from, uint64_t to, const char *found)
{
  g_autoptr(HilumCase) begin = copy_case(model->c, model->saved);
  Model trial = {begin, model->at, model->saved};
  while (trial.at < from)
    model_move(&trial);
  for (;;) {
    g_autofree char *sum = digest_of(&trial);
    if (strcmp(sum, found) == 0) break;
    if (trial.at >= to)
      g_error("after move %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ": another state", from, to);
    model_move(&trial);
  }
  HilumCase *now = copy_case(trial.c, trial.saved);
  g_set_object(&model->c, now);
  g_object_unref(now);
  model->at = trial.at;
  model->saved = trial.saved;
}

/* --- killing --- */

typedef struct {
  char found[80];
  uint64_t begun, acknowledged;
  unsigned lines;
} Heard;

/* False if the program ended. */
static bool hear(FILE *in, Heard *heard)
{
  char line[128];
  if (!fgets(line, sizeof line, in)) return false;
  heard->lines++;
  if (line[0] == 'R')
    g_strlcpy(heard->found, g_strstrip(line + 2), sizeof heard->found);
  else if (line[0] == 'B')
    heard->begun = g_ascii_strtoull(line + 2, NULL, 10);
  else
    heard->acknowledged = g_ascii_strtoull(line + 2, NULL, 10);
  return true;
}

static void run_and_kill(const char *path, uint64_t seed, uint64_t first, Heard *heard)
{
  g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, first);
  const char *arguments[] = {program, "--work", path, number, NULL};
  GPid pid = 0;
  int out = -1;
  g_autoptr(GError) error = NULL;
  g_spawn_async_with_pipes(NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL,
                           &out, NULL, &error);
  g_assert_no_error(error);
  FILE *in = fdopen(out, "r");
  *heard = (Heard){.begun = first - 1, .acknowledged = first - 1};
  const unsigned lines = (unsigned)walk_pick(seed, 0, 40);
  while (heard->lines < lines && hear(in, heard))
    ;
  const struct timespec a_moment = {0, (long)walk_pick(seed, 1, 6000000)};
  nanosleep(&a_moment, NULL);
  kill(pid, SIGKILL);
  while (hear(in, heard)) /* what it said before it died */
    ;
  fclose(in);
  int status = 0;
  g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
  g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* not by itself */
}

/* Files that were being saved when the program was killed: temporaries that never became a case. */
static void remove_halves(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name(dir));) {
    g_autofree char *half = g_build_filename(folder, name, NULL);
    if (g_str_has_prefix(name, ".hilum-")) g_unlink(half);
  }
}

static void test_killed(void)
{
  g_autofree char *folder = g_dir_make_tmp("hilum-kill-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "case.hilum", NULL);
  Model model = {.c = fixture_case()};
  g_autoptr(GError) error = NULL;
  hilum_case_save(model.c, path, NULL, &error);
  g_assert_no_error(error);
  uint64_t certain = 0, begun = 0, opened = 0;
  const uint64_t seed = (uint64_t)g_test_rand_int();
  for (int cycle = 0; cycle < CYCLES; cycle++) {
    Heard heard;
    run_and_kill(path, seed + (uint64_t)cycle, begun + 1, &heard);
    if (!*heard.found) continue; /* it died before it had opened the case; begins again */
    model_follow(&model, certain, begun, heard.found);
    opened++;
    /* What it begins is numbered on, whatever was lost of the last run. */
    model.at = begun;
    certain = heard.acknowledged;
    begun = heard.begun;
  }
  HilumRecovery recovery;
  g_autoptr(HilumCaseRecord) record =
      hilum_case_record_recover(path, HILUM_RECOVER_FOLLOW, &recovery, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumCase) last = hilum_case_new_from_record(record, NULL, &error);
  g_autofree char *found = digest(record);
  model_follow(&model, certain, begun, found);
  g_test_message("%" G_GUINT64_FORMAT " of %d runs opened the case; %" G_GUINT64_FORMAT " moves", opened,
                 CYCLES, begun);
  g_assert_cmpuint(opened, >, CYCLES / 2);
  g_assert_true(hilum_case_follow(last, recovery.journal, &error));
  hilum_recovery_clear(&recovery);
  hilum_case_discard_journal(last);
  g_autofree char *journal = g_strconcat(path, "-steps", NULL);
  g_assert_false(g_file_test(journal, G_FILE_TEST_EXISTS));
  g_object_unref(model.c);
  g_unlink(path);
  remove_halves(folder);
  g_assert_cmpint(g_rmdir(folder), ==, 0); /* nothing else was left */
}

int main(int argc, char **argv)
{
  if (argc == 4 && strcmp(argv[1], "--work") == 0) return work(argv[2], g_ascii_strtoull(argv[3], NULL, 10));
  program = argv[0];
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/journal/killed", test_killed);
  return g_test_run();
}
