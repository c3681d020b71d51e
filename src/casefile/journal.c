/* The thread that writes a journal. Others push items; it takes all that wait, writes them in one transaction
 * that is synced, and tries again what could not be written. Everything between threads lies under one lock;
 * the database belongs to the writer. */
#include "journal_private.h"

#include "hilum/casefile/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { RETRY_SECONDS = 2 };

typedef enum { ITEM_EVENT, ITEM_BASE, ITEM_PREPARE, ITEM_ABANDON, ITEM_SAVED } ItemKind;

typedef struct Item {
  struct Item *next;
  ItemKind kind;
  HilumJournalEvent event;
  HilumStepRecord *step;
  HilumCaseRecord *record; /* EVENT of a picture, BASE */
  char *path, *sum;        /* PREPARE, SAVED */
  bool worth;
} Item;

struct HilumJournal {
  atomic_int refs;

  /* Writer only. */
  HilumJournalDb *db;
  HilumJournalDb *next; /* of the place that the case is being saved to */
  char *case_path, *base_path;

  pthread_t thread;
  bool running;
  pthread_mutex_t lock;
  pthread_cond_t wake, done;
  /* Under the lock. */
  Item *head, *tail;
  uint64_t seq, last_change; /* of the last event, and of the last that changes something */
  uint64_t pushed, finished; /* items */
  uint64_t failures;
  char *trouble;
  GError *prepare_error;
  bool stop, discard, away, keep; /* `keep`: something in it is not saved */
  GSource *source;                /* wakes the main thread when trouble changes */
};

static void item_free(Item *item)
{
  g_clear_pointer(&item->event.data, g_bytes_unref);
  g_clear_pointer(&item->step, hilum_step_record_unref);
  g_clear_pointer(&item->record, hilum_case_record_unref);
  g_free(item->path);
  g_free(item->sum);
  g_free(item);
}

/* --- writer --- */

/* Packing is the writer's work: the main thread only hands over. */
static bool pack(Item *item, GError **error)
{
  if (item->event.data) return true;
  if (item->step)
    item->event.data = hilum_step_record_dup_packed(item->step);
  else if (item->record)
    item->event.data = hilum_case_record_to_bytes(item->record, error);
  else
    return true;
  return item->event.data != NULL;
}

static bool write_base(HilumJournal *self, const Item *item, GError **error)
{
  return hilum_case_record_write_base(item->record, self->base_path, error) &&
         hilum_journal_db_rebase(self->db, 0, item->record->content_sha256, item->worth, error);
}

static char *place_of(const char *case_path, GError **error)
{
  g_autofree char *beside = hilum_journal_place_beside(case_path);
  g_autofree char *folder = g_path_get_dirname(beside);
  if (g_access(folder, W_OK) == 0) return g_steal_pointer(&beside);
  g_autofree char *away = hilum_journal_place_away(case_path);
  return hilum_journal_make_folders(away, error) ? g_steal_pointer(&away) : NULL;
}

static bool same_case(const char *a, const char *b)
{
  if (!a || !b) return false;
  g_autofree char *x = hilum_journal_place_beside(a), *y = hilum_journal_place_beside(b);
  return g_strcmp0(x, y) == 0;
}

/* Another place than the present one gets a journal, which is only locked yet. */
static void prepare(HilumJournal *self, const Item *item)
{
  g_autoptr(GError) error = NULL;
  hilum_journal_db_close(g_steal_pointer(&self->next), false);
  if (!same_case(self->case_path, item->path) || !hilum_journal_db_is_there(self->db, NULL)) {
    g_autofree char *place = place_of(item->path, NULL);
    if (place) self->next = hilum_journal_db_open(place, true, &error);
    if (!self->next && g_error_matches(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_CORRUPT)) {
      g_unlink(place); /* the case it belonged to is being replaced */
      self->next = hilum_journal_db_open(place, true, NULL);
    }
  }
  pthread_mutex_lock(&self->lock);
  g_clear_error(&self->prepare_error);
  if (g_error_matches(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_IN_USE))
    self->prepare_error = g_steal_pointer(&error);
  pthread_mutex_unlock(&self->lock);
}

static void close_next(HilumJournal *self)
{
  HilumJournalDb *next = g_steal_pointer(&self->next);
  if (next) hilum_journal_db_close(next, hilum_journal_db_count(next) == 0);
}

/* The case lives in another file now: its journal moves with it. */
static bool move_to_next(HilumJournal *self, const Item *item, GError **error)
{
  if (!hilum_journal_db_begin(self->next, error)) return false;
  bool good = hilum_journal_db_copy(self->db, self->next, item->event.seq, error);
  good = hilum_journal_db_end(self->next, good, error);
  if (!good || !hilum_journal_db_rebase(self->next, 0, item->sum, false, error)) return false;
  hilum_journal_db_close(self->db, true);
  self->db = g_steal_pointer(&self->next);
  if (self->base_path) g_unlink(self->base_path);
  g_clear_pointer(&self->base_path, g_free);
  return true;
}

static bool saved(HilumJournal *self, const Item *item, GError **error)
{
  const bool same = !self->next && same_case(self->case_path, item->path);
  if (!same && !self->next) return true; /* no journal can be there: this one stays, and keeps everything */
  if (same ? !hilum_journal_db_rebase(self->db, item->event.seq, item->sum, false, error)
           : !move_to_next(self, item, error))
    return false;
  g_free(self->case_path);
  self->case_path = g_strdup(item->path);
  g_autofree char *away = hilum_journal_place_away(item->path);
  pthread_mutex_lock(&self->lock);
  self->away = g_strcmp0(away, self->db->path) == 0;
  self->keep = self->last_change > item->event.seq;
  pthread_mutex_unlock(&self->lock);
  return true;
}

static bool control(HilumJournal *self, const Item *item, GError **error)
{
  switch (item->kind) {
  case ITEM_BASE:
    return write_base(self, item, error);
  case ITEM_PREPARE:
    prepare(self, item);
    return true;
  case ITEM_ABANDON:
    close_next(self);
    return true;
  case ITEM_SAVED:
    return saved(self, item, error);
  case ITEM_EVENT:
  default:
    return true;
  }
}

/* A row of events, or one thing else; the first item that is not done. NULL: all are. */
static Item *write_some(HilumJournal *self, Item *first, GError **error)
{
  if (first->kind != ITEM_EVENT) return control(self, first, error) ? first->next : first;
  if (!hilum_journal_db_is_there(self->db, error) || !hilum_journal_db_begin(self->db, error)) return first;
  Item *item = first;
  bool good = true;
  for (; good && item && item->kind == ITEM_EVENT; item = good ? item->next : item)
    good = pack(item, error) && hilum_journal_db_append(self->db, &item->event, error);
  return hilum_journal_db_end(self->db, good, error) ? item : first;
}

/* Under the lock. */
static void set_trouble(HilumJournal *self, const char *trouble)
{
  if (trouble) self->failures++;
  if (!trouble && !self->trouble) return; /* else the main thread may be able to do something by now */
  g_free(self->trouble);
  self->trouble = g_strdup(trouble);
  if (self->source) g_source_set_ready_time(self->source, 0);
}

/* Under the lock: until something comes, or it is time to try again. */
static void wait_for_work(HilumJournal *self)
{
  if (!self->trouble) {
    pthread_cond_wait(&self->wake, &self->lock);
    return;
  }
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += RETRY_SECONDS;
  pthread_cond_timedwait(&self->wake, &self->lock, &until);
}

/* Under the lock: writes what waits, without it. */
static void work(HilumJournal *self)
{
  Item *batch = self->head;
  self->head = self->tail = NULL;
  pthread_mutex_unlock(&self->lock);
  g_autoptr(GError) error = NULL;
  Item *rest = batch;
  uint64_t finished = 0;
  for (bool good = true; good && rest;) {
    Item *before = rest;
    rest = write_some(self, before, &error);
    good = rest != before;
    while (good && before != rest) {
      Item *next = before->next;
      item_free(before);
      before = next;
      finished++;
    }
  }
  pthread_mutex_lock(&self->lock);
  if (rest) { /* back to the front */
    Item *last = rest;
    while (last->next)
      last = last->next;
    last->next = self->head;
    if (!self->head) self->tail = last;
    self->head = rest;
  }
  self->finished += finished;
  set_trouble(self, error ? error->message : NULL);
  pthread_cond_broadcast(&self->done);
}

static void *writer_main(void *data)
{
  HilumJournal *self = data;
  pthread_setname_np(pthread_self(), "hilum-journal");
  pthread_mutex_lock(&self->lock);
  for (;;) {
    if (self->head) {
      work(self);
      if (self->stop && self->trouble) break; /* tried a last time */
      if (self->trouble) wait_for_work(self); /* what came meanwhile will not fare better */
    } else if (self->stop) {
      break;
    } else {
      wait_for_work(self);
    }
  }
  pthread_mutex_unlock(&self->lock);
  return NULL;
}

/* --- life --- */

HilumJournal *hilum_journal_new(HilumJournalDb *db, const char *case_path, const char *base_path)
{
  HilumJournal *self = g_new0(HilumJournal, 1);
  atomic_init(&self->refs, 1);
  self->db = db;
  self->case_path = g_strdup(case_path);
  self->base_path = g_strdup(base_path);
  self->seq = self->last_change = hilum_journal_db_last(db);
  self->keep = hilum_journal_db_count(db) > 0;
  g_autofree char *beside = case_path ? hilum_journal_place_beside(case_path) : NULL;
  self->away = g_strcmp0(beside, db->path) != 0;
  pthread_mutex_init(&self->lock, NULL);
  pthread_cond_init(&self->wake, NULL);
  pthread_cond_init(&self->done, NULL);
  self->running = pthread_create(&self->thread, NULL, writer_main, self) == 0;
  if (!self->running) self->trouble = g_strdup("the computer has no thread left for it");
  return self;
}

HilumJournal *hilum_journal_ref(HilumJournal *self)
{
  atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
  return self;
}

void hilum_journal_unref(HilumJournal *self)
{
  if (!self || atomic_fetch_sub(&self->refs, 1) != 1) return;
  hilum_journal_set_notify(self, NULL, NULL);
  pthread_mutex_lock(&self->lock);
  self->stop = true;
  pthread_cond_signal(&self->wake);
  pthread_mutex_unlock(&self->lock);
  if (self->running) pthread_join(self->thread, NULL);
  const bool remove = self->discard || (!self->keep && !self->head);
  for (Item *item = self->head; item;) {
    Item *next = item->next;
    item_free(item);
    item = next;
  }
  close_next(self);
  hilum_journal_db_close(self->db, remove);
  if (remove && self->base_path) g_unlink(self->base_path);
  pthread_mutex_destroy(&self->lock);
  pthread_cond_destroy(&self->wake);
  pthread_cond_destroy(&self->done);
  g_clear_error(&self->prepare_error);
  g_free(self->trouble);
  g_free(self->case_path);
  g_free(self->base_path);
  g_free(self);
}

void hilum_journal_discard(HilumJournal *self)
{
  pthread_mutex_lock(&self->lock);
  self->discard = true;
  pthread_mutex_unlock(&self->lock);
}

/* --- handing over --- */

/* Under the lock; takes the item, gives its number. */
static uint64_t push(HilumJournal *self, Item *item)
{
  if (self->tail)
    self->tail->next = item;
  else
    self->head = item;
  self->tail = item;
  pthread_cond_signal(&self->wake);
  return ++self->pushed;
}

static Item *item_new(ItemKind kind, const char *path, const char *sum, uint64_t seq)
{
  Item *item = g_new0(Item, 1);
  item->kind = kind;
  item->path = g_strdup(path);
  item->sum = g_strdup(sum);
  item->event.seq = seq;
  return item;
}

void hilum_journal_push(HilumJournal *self, HilumJournalKind kind, uint64_t state, uint64_t depth,
                        HilumStepRecord *step, HilumCaseRecord *picture)
{
  Item *item = item_new(ITEM_EVENT, NULL, NULL, 0);
  item->step = step ? hilum_step_record_ref(step) : NULL;
  item->record = picture ? hilum_case_record_ref(picture) : NULL;
  pthread_mutex_lock(&self->lock);
  item->event = (HilumJournalEvent){++self->seq, kind, state, depth, NULL};
  self->last_change = self->seq;
  self->keep = true;
  push(self, item);
  pthread_mutex_unlock(&self->lock);
}

void hilum_journal_push_base(HilumJournal *self, HilumCaseRecord *record, bool worth)
{
  Item *item = item_new(ITEM_BASE, NULL, NULL, 0);
  item->record = hilum_case_record_ref(record);
  item->worth = worth;
  pthread_mutex_lock(&self->lock);
  self->keep = worth;
  push(self, item);
  pthread_mutex_unlock(&self->lock);
}

uint64_t hilum_journal_get_seq(HilumJournal *self)
{
  pthread_mutex_lock(&self->lock);
  const uint64_t seq = self->seq;
  pthread_mutex_unlock(&self->lock);
  return seq;
}

bool hilum_journal_is_away(HilumJournal *self)
{
  pthread_mutex_lock(&self->lock);
  const bool away = self->away;
  pthread_mutex_unlock(&self->lock);
  return away;
}

/* Under the lock: until item `number` is done, or something failed meanwhile. */
static bool wait_for(HilumJournal *self, uint64_t number)
{
  const uint64_t failures = self->failures;
  while (self->running && self->finished < number && self->failures == failures)
    pthread_cond_wait(&self->done, &self->lock);
  return self->finished >= number;
}

bool hilum_journal_flush(HilumJournal *self, GError **error)
{
  pthread_mutex_lock(&self->lock);
  pthread_cond_signal(&self->wake); /* now, not when it is time to try again */
  const bool good = wait_for(self, self->pushed);
  if (!good)
    g_set_error(error, HILUM_CASEFILE_ERROR, HILUM_CASEFILE_ERROR_WRITE, "The steps cannot be kept safe: %s.",
                self->trouble ? self->trouble : "they wait");
  pthread_mutex_unlock(&self->lock);
  return good;
}

/* --- saving --- */

bool hilum_journal_announce_save(HilumJournal *self, const char *path, const char *content_sha256,
                                 uint64_t seq, GError **error)
{
  Item *mark = item_new(ITEM_EVENT, NULL, NULL, 0);
  pthread_mutex_lock(&self->lock);
  push(self, item_new(ITEM_PREPARE, path, content_sha256, seq));
  mark->event = (HilumJournalEvent){++self->seq, HILUM_JOURNAL_MARK, seq, 0,
                                    g_bytes_new(content_sha256, strlen(content_sha256))};
  (void)wait_for(self, push(self, mark));
  GError *refused = g_steal_pointer(&self->prepare_error);
  pthread_mutex_unlock(&self->lock);
  if (refused) g_propagate_error(error, refused);
  return refused == NULL;
}

void hilum_journal_abandon_save(HilumJournal *self)
{
  pthread_mutex_lock(&self->lock);
  push(self, item_new(ITEM_ABANDON, NULL, NULL, 0));
  pthread_mutex_unlock(&self->lock);
}

void hilum_journal_saved(HilumJournal *self, const char *path, const char *content_sha256, uint64_t seq)
{
  pthread_mutex_lock(&self->lock);
  push(self, item_new(ITEM_SAVED, path, content_sha256, seq));
  pthread_mutex_unlock(&self->lock);
}

/* --- telling the main thread --- */

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_ready_time(source, -1);
  return callback ? callback(data) : G_SOURCE_CONTINUE;
}

void hilum_journal_set_notify(HilumJournal *self, GSourceFunc notify, gpointer data)
{
  static GSourceFuncs functions = {.dispatch = dispatch};
  GSource *source = notify ? g_source_new(&functions, sizeof *source) : NULL;
  if (source) {
    g_source_set_callback(source, notify, data, NULL);
    g_source_set_ready_time(source, -1);
    g_source_attach(source, g_main_context_get_thread_default());
  }
  pthread_mutex_lock(&self->lock);
  GSource *old = self->source;
  self->source = source;
  if (source && self->trouble) g_source_set_ready_time(source, 0);
  pthread_mutex_unlock(&self->lock);
  if (!old) return;
  g_source_destroy(old);
  g_source_unref(old);
}

char *hilum_journal_dup_trouble(HilumJournal *self)
{
  pthread_mutex_lock(&self->lock);
  char *trouble = g_strdup(self->trouble);
  pthread_mutex_unlock(&self->lock);
  return trouble;
}
