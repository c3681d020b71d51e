/* Fronts from all seeds at once: Dijkstra's algorithm with buckets (Dial 1969) as wide as the cheapest step,
 * so that no voxel of a bucket can improve another of it: a bucket is handled by all cores at once, without
 * order. A voxel's state is lowered by compare and swap and its least value is what stays, whoever comes
 * first, so that any number of threads gives the same bits. */
#include "hilum/base/parallel.h"
#include "seed_growth_private.h"

#include <string.h>

#define GRAIN 4096 /* small buckets are not worth waking another core for */

typedef struct {
  uint32_t *at;
  size_t n, room;
} Places;

typedef struct {
  Places *buckets; /* n_buckets, a ring */
  Places changed;
} Worker;

typedef struct {
  HilumSeedGrowth *growth;
  Worker *workers;
  unsigned n_workers;
  uint32_t n_buckets;
  uint32_t level;
  Places now;
  bool want_changed;
} Front;

static void add_place(Places *places, uint32_t at)
{
  if (places->n == places->room) {
    places->room = places->room ? 2 * places->room : 256;
    places->at = g_renew(uint32_t, places->at, places->room);
  }
  places->at[places->n++] = at;
}

static void append_places(Places *to, const Places *from)
{
  if (from->n == 0) return;
  if (to->n + from->n > to->room) {
    to->room = MAX(2 * to->room, to->n + from->n);
    to->at = g_renew(uint32_t, to->at, to->room);
  }
  memcpy(to->at + to->n, from->at, from->n * sizeof *from->at);
  to->n += from->n;
}

/* Offers voxel `to` what a step from `from` costs. */
static inline void offer(Front *f, Worker *w, int axis, size_t from, size_t to, uint32_t cost, uint32_t place)
{
  HilumSeedGrowth *g = f->growth;
  uint32_t present = atomic_load_explicit(&g->state[to], memory_order_relaxed);
  /* What is settled is not looked at, and edges only where they can matter. */
  if (((cost + g->step[axis]) << 8 | place) >= present) return;
  const uint32_t without_edge = cost + g->step[axis] * (1 + hilum_seed_growth_unlike(g, place, to));
  if ((without_edge << 8 | place) >= present) return;
  cost += hilum_seed_step_cost(g, axis, from, to, place);
  if (cost > HILUM_SEED_MAX_COST) return;
  const uint32_t offered = cost << 8 | place;
  do
    if (offered >= present) return;
  while (!atomic_compare_exchange_weak_explicit(&g->state[to], &present, offered, memory_order_relaxed,
                                                memory_order_relaxed));
  add_place(&w->buckets[cost / HILUM_SEED_UNIT % f->n_buckets], (uint32_t)to);
  if (f->want_changed && present != HILUM_SEED_UNSET && (present & 0xff) != place)
    add_place(&w->changed, (uint32_t)to);
}

static void spread(size_t begin, size_t end, unsigned worker, void *data)
{
  Front *f = data;
  HilumSeedGrowth *g = f->growth;
  Worker *w = &f->workers[worker];
  for (size_t n = begin; n < end; n++) {
    const size_t at = f->now.at[n];
    const uint32_t state = atomic_load_explicit(&g->state[at], memory_order_relaxed);
    const uint32_t cost = state >> 8, place = state & 0xff;
    if (cost / HILUM_SEED_UNIT != f->level || state == HILUM_SEED_UNSET) continue; /* improved since */
    for (int axis = 0; axis < 3; axis++) {
      const size_t along = (size_t)g->along[axis];
      offer(f, w, axis, at, at - along, cost, place);
      offer(f, w, axis, at, at + along, cost, place);
    }
  }
}

static void take_bucket(Front *f)
{
  f->now.n = 0;
  for (unsigned n = 0; n < f->n_workers; n++) {
    Places *bucket = &f->workers[n].buckets[f->level % f->n_buckets];
    append_places(&f->now, bucket);
    bucket->n = 0;
  }
}

static bool any_waits(const Front *f)
{
  for (unsigned n = 0; n < f->n_workers; n++)
    for (uint32_t b = 0; b < f->n_buckets; b++)
      if (f->workers[n].buckets[b].n > 0) return true;
  return false;
}

static int compare_starts(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Where the front starts, by level: level << 32 | place. */
static uint64_t *sort_starts(const HilumSeedGrowth *g, GArray *from)
{
  uint64_t *starts = g_new(uint64_t, from->len + 1);
  for (guint n = 0; n < from->len; n++) {
    const uint32_t at = g_array_index(from, uint32_t, n);
    const uint32_t state = atomic_load_explicit(&g->state[at], memory_order_relaxed);
    starts[n] = (uint64_t)((state >> 8) / HILUM_SEED_UNIT) << 32 | at;
  }
  qsort(starts, from->len, sizeof *starts, compare_starts);
  return starts;
}

static bool run_levels(Front *f, const uint64_t *starts, size_t n_starts, const HilumProgress *progress)
{
  size_t next = 0, done = 0;
  for (;; f->level++) {
    if (!any_waits(f)) {
      if (next == n_starts) return true;
      f->level = (uint32_t)(starts[next] >> 32);
    }
    take_bucket(f);
    for (; next < n_starts && starts[next] >> 32 == f->level; next++)
      add_place(&f->now, (uint32_t)starts[next]);
    hilum_parallel_for(f->now.n, GRAIN, spread, f);
    done += f->now.n;
    if (!hilum_progress_step(progress, MIN((double)done / (double)f->growth->count, 0.99))) return false;
  }
}

static void clear_front(Front *f)
{
  for (unsigned n = 0; n < f->n_workers; n++) {
    for (uint32_t b = 0; b < f->n_buckets; b++)
      g_free(f->workers[n].buckets[b].at);
    g_free(f->workers[n].buckets);
    g_free(f->workers[n].changed.at);
  }
  g_free(f->workers);
  g_free(f->now.at);
}

bool hilum_seed_front_run(HilumSeedGrowth *g, GArray *from, GArray *changed, const HilumProgress *progress,
                          GError **error)
{
  const uint32_t step = MAX(g->step[0], MAX(g->step[1], g->step[2]));
  Front f = {.growth = g,
             .n_workers = hilum_parallel_threads(),
             .n_buckets = step * (1 + hilum_seed_models_max()) / HILUM_SEED_UNIT + 2,
             .want_changed = changed != NULL};
  f.workers = g_new0(Worker, f.n_workers);
  for (unsigned n = 0; n < f.n_workers; n++)
    f.workers[n].buckets = g_new0(Places, f.n_buckets);
  g_autofree uint64_t *starts = sort_starts(g, from);
  const bool ended = run_levels(&f, starts, from->len, progress);
  for (unsigned n = 0; changed != NULL && n < f.n_workers; n++)
    g_array_append_vals(changed, f.workers[n].changed.at, (guint)f.workers[n].changed.n);
  clear_front(&f);
  return ended || !hilum_progress_fail(progress, error);
}
