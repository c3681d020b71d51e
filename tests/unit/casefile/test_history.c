/* The history against a model that simply keeps every state: random sequences of steps, groups, aborts, undo
 * and redo must always show the model's state, labels and flags. */
#include "hilum/casefile/history.h"

#include "hilum/base/random.h"
#include "hilum/casefile/error.h"

#include <string.h>

/* A document of 16 numbers, and a command that sets one. */
typedef struct {
  int value[16];
} Doc;

typedef struct {
  HilumCommand base;
  Doc *doc;
  int slot, before, after;
  size_t bytes;
  bool merge;
  int fail_apply, fail_revert; /* on the n-th call from now; 0 never */
} SetCommand;

static int alive;

static bool count_down(int *n, GError **error)
{
  if (*n == 0 || --*n > 0) return false;
  g_set_error_literal(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE, "no");
  return true;
}

static bool set_apply(HilumCommand *command, GError **error)
{
  SetCommand *c = (SetCommand *)command;
  if (count_down(&c->fail_apply, error)) return false;
  g_assert_cmpint(c->doc->value[c->slot], ==, c->before);
  c->doc->value[c->slot] = c->after;
  return true;
}

static bool set_revert(HilumCommand *command, GError **error)
{
  SetCommand *c = (SetCommand *)command;
  if (count_down(&c->fail_revert, error)) return false;
  g_assert_cmpint(c->doc->value[c->slot], ==, c->after);
  c->doc->value[c->slot] = c->before;
  return true;
}

static bool set_merge(HilumCommand *command, HilumCommand *next)
{
  SetCommand *a = (SetCommand *)command, *b = (SetCommand *)next;
  if (!a->merge || !b->merge || a->slot != b->slot) return false;
  a->after = b->after;
  return true;
}

static size_t set_bytes(const HilumCommand *command)
{
  return ((const SetCommand *)command)->bytes;
}

static void set_free(HilumCommand *command)
{
  alive--;
  g_free(command);
}

static const HilumCommandClass set_class = {set_apply, set_revert, set_merge, set_bytes, set_free};

static SetCommand *set_new(Doc *doc, int slot, int value, const char *label)
{
  SetCommand *c = g_new0(SetCommand, 1);
  c->base = (HilumCommand){&set_class, g_strdup(label)};
  c->doc = doc;
  c->slot = slot;
  c->before = doc->value[slot];
  c->after = value;
  c->bytes = 10;
  alive++;
  return c;
}

static void do_set(HilumHistory *history, Doc *doc, int slot, int value, const char *label)
{
  g_assert_true(hilum_history_do(history, &set_new(doc, slot, value, label)->base, NULL));
}

static void test_basics(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(0);
  g_assert_false(hilum_history_can_undo(h));
  g_assert_false(hilum_history_undo(h, NULL));
  g_assert_null(hilum_history_get_undo_label(h));
  do_set(h, &doc, 0, 5, "five");
  do_set(h, &doc, 1, 6, "six");
  g_assert_cmpstr(hilum_history_get_undo_label(h), ==, "six");
  g_assert_true(hilum_history_undo(h, NULL));
  g_assert_cmpint(doc.value[1], ==, 0);
  g_assert_cmpstr(hilum_history_get_undo_label(h), ==, "five");
  g_assert_cmpstr(hilum_history_get_redo_label(h), ==, "six");
  g_assert_true(hilum_history_redo(h, NULL));
  g_assert_cmpint(doc.value[1], ==, 6);
  g_assert_true(hilum_history_undo(h, NULL));
  do_set(h, &doc, 2, 7, "seven"); /* what was undone is gone */
  g_assert_false(hilum_history_can_redo(h));
  hilum_history_clear(h);
  g_assert_cmpint(alive, ==, 0);
  g_assert_cmpint(doc.value[2], ==, 7);
  g_assert_cmpuint(hilum_history_get_bytes(h), ==, 0);
}

static void test_saved(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(0);
  g_assert_false(hilum_history_get_modified(h));
  do_set(h, &doc, 0, 1, "a");
  g_assert_true(hilum_history_get_modified(h));
  hilum_history_mark_saved(h);
  g_assert_false(hilum_history_get_modified(h));
  hilum_history_undo(h, NULL);
  g_assert_true(hilum_history_get_modified(h));
  hilum_history_redo(h, NULL);
  g_assert_false(hilum_history_get_modified(h));
  hilum_history_undo(h, NULL);
  do_set(h, &doc, 0, 1, "the same value, yet another state");
  g_assert_true(hilum_history_get_modified(h));
  /* A save that captured an earlier state leaves later steps unsaved. */
  const uint64_t captured = hilum_history_get_state(h);
  do_set(h, &doc, 0, 2, "while saving");
  hilum_history_mark_saved_state(h, captured);
  g_assert_true(hilum_history_get_modified(h));
  hilum_history_undo(h, NULL);
  g_assert_false(hilum_history_get_modified(h));
}

static void test_group(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(0);
  hilum_history_begin_group(h, "empty");
  hilum_history_end_group(h);
  g_assert_false(hilum_history_can_undo(h));
  g_assert_false(hilum_history_get_modified(h));

  hilum_history_begin_group(h, "outer");
  do_set(h, &doc, 0, 1, "a");
  hilum_history_begin_group(h, "inner");
  do_set(h, &doc, 1, 1, "b");
  do_set(h, &doc, 0, 2, "c");
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_history_undo(h, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_HISTORY);
  hilum_history_abort_group(h); /* the inner one only */
  g_assert_cmpint(doc.value[0], ==, 1);
  g_assert_cmpint(doc.value[1], ==, 0);
  do_set(h, &doc, 2, 3, "d");
  hilum_history_end_group(h);
  g_assert_cmpuint(hilum_history_get_undo_depth(h), ==, 1);
  g_assert_cmpstr(hilum_history_get_undo_label(h), ==, "outer");
  g_assert_true(hilum_history_undo(h, NULL));
  for (int i = 0; i < 16; i++)
    g_assert_cmpint(doc.value[i], ==, 0);
  g_assert_true(hilum_history_redo(h, NULL));
  g_assert_cmpint(doc.value[0], ==, 1);
  g_assert_cmpint(doc.value[2], ==, 3);

  /* An aborted group leaves the redo stack as it was. */
  hilum_history_undo(h, NULL);
  hilum_history_begin_group(h, "given up");
  do_set(h, &doc, 5, 5, "e");
  hilum_history_abort_group(h);
  g_assert_true(hilum_history_can_redo(h));
  g_assert_false(hilum_history_get_modified(h));
}

static void test_merge(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(0);
  for (int v = 1; v <= 5; v++) {
    SetCommand *c = set_new(&doc, 0, v, "drag");
    c->merge = true;
    g_assert_true(hilum_history_do(h, &c->base, NULL));
  }
  g_assert_cmpuint(hilum_history_get_undo_depth(h), ==, 1);
  g_assert_cmpint(alive, ==, 1);
  hilum_history_mark_saved(h);
  SetCommand *c = set_new(&doc, 0, 6, "drag");
  c->merge = true;
  g_assert_true(hilum_history_do(h, &c->base, NULL)); /* not into what was saved */
  g_assert_cmpuint(hilum_history_get_undo_depth(h), ==, 2);
  g_assert_true(hilum_history_undo(h, NULL));
  g_assert_cmpint(doc.value[0], ==, 5);
  g_assert_false(hilum_history_get_modified(h));
  g_assert_true(hilum_history_undo(h, NULL));
  g_assert_cmpint(doc.value[0], ==, 0);
}

static void test_budget(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(100);
  for (int v = 1; v <= 50; v++)
    do_set(h, &doc, 0, v, "step");
  g_assert_cmpuint(hilum_history_get_undo_depth(h), ==, 10);
  g_assert_cmpuint(hilum_history_get_bytes(h), ==, 100);
  g_assert_cmpint(alive, ==, 10);
  while (hilum_history_undo(h, NULL)) {
  }
  g_assert_cmpint(doc.value[0], ==, 40);
  g_assert_true(hilum_history_get_modified(h)); /* the saved state cannot come back */
  SetCommand *c = set_new(&doc, 1, 1, "huge");
  c->bytes = 1000000;
  g_assert_true(hilum_history_do(h, &c->base, NULL));
  g_assert_cmpuint(hilum_history_get_undo_depth(h), ==, 1); /* kept, whatever its size */
}

static void test_failure(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(0);
  g_autoptr(GError) error = NULL;
  SetCommand *c = set_new(&doc, 0, 1, "never");
  c->fail_apply = 1;
  g_assert_false(hilum_history_do(h, &c->base, &error));
  g_assert_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_STALE);
  g_assert_false(hilum_history_can_undo(h));
  g_assert_cmpint(alive, ==, 0);

  /* The first of three cannot be reverted: the other two come back. */
  hilum_history_begin_group(h, "three");
  SetCommand *first = set_new(&doc, 0, 1, "a");
  first->fail_revert = 1;
  g_assert_true(hilum_history_do(h, &first->base, NULL));
  do_set(h, &doc, 1, 1, "b");
  do_set(h, &doc, 2, 1, "c");
  hilum_history_end_group(h);
  g_clear_error(&error);
  g_assert_false(hilum_history_undo(h, &error));
  g_assert_nonnull(strstr(error->message, "three"));
  g_assert_cmpint(doc.value[0] + doc.value[1] + doc.value[2], ==, 3);
  g_assert_true(hilum_history_can_undo(h));
  g_assert_true(hilum_history_undo(h, NULL)); /* it failed only once */
  first->fail_apply = 0;
  g_assert_true(hilum_history_redo(h, NULL));
  g_assert_cmpint(doc.value[0] + doc.value[1] + doc.value[2], ==, 3);
}

static void on_notify(GObject *object, GParamSpec *pspec, gpointer data)
{
  (void)object;
  (void)pspec;
  ++*(int *)data;
}

static void test_notify(void)
{
  Doc doc = {{0}};
  g_autoptr(HilumHistory) h = hilum_history_new(0);
  int can_undo = 0, label = 0;
  g_signal_connect(h, "notify::can-undo", G_CALLBACK(on_notify), &can_undo);
  g_signal_connect(h, "notify::redo-label", G_CALLBACK(on_notify), &label);
  do_set(h, &doc, 0, 1, "a");
  g_assert_cmpint(can_undo, ==, 1);
  hilum_history_undo(h, NULL);
  g_assert_cmpint(label, ==, 2);
  gboolean can_redo;
  g_autofree char *redo_label = NULL;
  g_object_get(h, "can-redo", &can_redo, "redo-label", &redo_label, NULL);
  g_assert_true(can_redo);
  g_assert_cmpstr(redo_label, ==, "a");
}

/* The model: every state ever reached on the line from the beginning to the newest redo. */
static void test_random(void)
{
  for (uint64_t seed = 1; seed <= 40; seed++) {
    Doc doc = {{0}};
    g_autoptr(GArray) states = g_array_new(FALSE, FALSE, sizeof(Doc));
    g_array_append_val(states, doc);
    guint at = 0, saved = 0;
    bool saved_reachable = true;
    g_autoptr(HilumHistory) h = hilum_history_new(0);
    for (uint64_t i = 0; i < 400; i++) {
      const uint64_t r = hilum_random_u64(seed, i);
      const unsigned what = (unsigned)(r % 10);
      const int slot = (int)(r >> 8 & 15), value = (int)(r >> 16 & 1023);
      if (what < 4) {
        do_set(h, &doc, slot, value, "set");
      } else if (what == 4) {
        hilum_history_begin_group(h, "group");
        for (int n = 0; n <= (int)(r >> 32 & 3); n++)
          do_set(h, &doc, (slot + n * 5) & 15, value + n, "part");
        if (r >> 40 & 1) {
          hilum_history_abort_group(h);
          g_assert_cmpmem(&doc, sizeof doc, &g_array_index(states, Doc, at), sizeof doc);
          continue;
        }
        hilum_history_end_group(h);
      } else if (what < 8) {
        const bool undone = hilum_history_undo(h, NULL);
        g_assert_true(undone == (at > 0));
        at -= undone;
      } else if (what == 8) {
        const bool redone = hilum_history_redo(h, NULL);
        g_assert_true(redone == (at + 1 < states->len));
        at += redone;
      } else {
        hilum_history_mark_saved(h);
        saved = at;
        saved_reachable = true;
      }
      if (what <= 4) {
        if (saved > at) saved_reachable = false;
        g_array_set_size(states, at + 1);
        g_array_append_val(states, doc);
        at++;
      }
      g_assert_cmpmem(&doc, sizeof doc, &g_array_index(states, Doc, at), sizeof doc);
      g_assert_true(hilum_history_get_modified(h) == !(saved_reachable && saved == at));
      g_assert_cmpuint(hilum_history_get_undo_depth(h), ==, at);
      g_assert_cmpuint(hilum_history_get_redo_depth(h), ==, states->len - 1 - at);
    }
    g_clear_object(&h);
    g_assert_cmpint(alive, ==, 0);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/history/basics", test_basics);
  g_test_add_func("/history/saved", test_saved);
  g_test_add_func("/history/group", test_group);
  g_test_add_func("/history/merge", test_merge);
  g_test_add_func("/history/budget", test_budget);
  g_test_add_func("/history/failure", test_failure);
  g_test_add_func("/history/notify", test_notify);
  g_test_add_func("/history/random", test_random);
  return g_test_run();
}
