/* The order in which the passes of a filter go over a surface. Marching cubes number vertices slice by slice,
 * so that the ring of a vertex lies near it in memory, and a pass may follow close behind the one before it:
 * all passes sweep over the surface together, one wave behind the other, and what they touch stays in the
 * cache, where pass by pass everything would come from memory every time (skewed tiling: M. Wolfe, Loops
 * skewing: the wavefront method revisited, 1986).
 *
 * Pass k of a block reads what pass k - 1 made of the block and its rings, and overwrites what pass k - 2
 * did, which the rings of others may still want. Both are settled when pass k - 1 is done up to the last
 * block that looks here or is looked at from here. Where vertices are numbered in no order, that is the last
 * of all, and the passes follow one after the other. What comes out does not depend on the order. */
#include "smooth_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

enum {
  BLOCK = 2048,
  STRIDE = 2, /* blocks that the first pass goes ahead in a round, and the others follow */
  NEAR = 8    /* worth it if no ring reaches farther than this part of the surface */
};

typedef struct {
  uint32_t pass, block;
} Task;

typedef struct {
  const HilumSmoothing *s;
  uint32_t *first, *last; /* per block: of the blocks its rings reach */
  uint32_t *ready;        /* per block: blocks that the pass before must have done, ascending */
  uint32_t blocks, stride;
  int passes;
  uint32_t *done; /* per pass: blocks */
  Task *tasks;
  size_t n_tasks;
  HilumSmoothingPass pass;
  void *data;
} Wave;

static void find_reach(size_t begin, size_t end, unsigned worker, void *data)
{
  const Wave *w = data;
  const HilumSmoothing *s = w->s;
  for (size_t b = begin; b < end; b++) {
    size_t until = MIN((b + 1) * BLOCK, s->n);
    uint32_t low = (uint32_t)(b * BLOCK), high = low;
    for (size_t v = b * BLOCK; v < until; v++) {
      const uint32_t *ring = s->eight + 8 * v;
      for (uint32_t i = 0; i < 8; i++) { /* missing ones are s->n */
        low = MIN(low, ring[i]);
        high = ring[i] < s->n ? MAX(high, ring[i]) : high;
      }
      for (uint32_t i = 8; i < s->size[v]; i++) {
        low = MIN(low, s->ring.corner[s->ring.first[v] + i]);
        high = MAX(high, s->ring.corner[s->ring.first[v] + i]);
      }
    }
    w->first[b] = low / BLOCK;
    w->last[b] = high / BLOCK;
  }
}

static void find_ready(Wave *w)
{
  for (uint32_t b = 0; b < w->blocks; b++)
    w->ready[b] = b + 1;
  for (uint32_t b = 0; b < w->blocks; b++) { /* whom b looks at waits for b, too */
    w->ready[w->first[b]] = MAX(w->ready[w->first[b]], b + 1);
    w->ready[b] = MAX(w->ready[b], w->last[b] + 1);
  }
  uint32_t widest = 0;
  for (uint32_t b = 0; b < w->blocks; b++) {
    if (b > 0) w->ready[b] = MAX(w->ready[b], w->ready[b - 1]);
    widest = MAX(widest, w->ready[b] - b);
  }
  w->stride = widest > w->blocks / NEAR ? w->blocks : STRIDE;
}

/* What may be done now, side by side: every pass goes as far as the one before it has come. */
static void find_tasks(Wave *w)
{
  w->n_tasks = 0;
  uint32_t before = 0;
  for (int k = 0; k < w->passes; k++) {
    uint32_t from = w->done[k], to = from;
    if (k == 0)
      to = MIN(w->blocks, from + w->stride);
    else
      while (to < w->blocks && w->ready[to] <= before)
        to++;
    for (uint32_t b = from; b < to; b++)
      w->tasks[w->n_tasks++] = (Task){(uint32_t)k, b};
    before = from;
    w->done[k] = to;
  }
}

static void run_tasks(size_t begin, size_t end, unsigned worker, void *data)
{
  const Wave *w = data;
  for (size_t i = begin; i < end; i++) {
    const Task *t = &w->tasks[i];
    w->pass((int)t->pass, (size_t)t->block * BLOCK, MIN(((size_t)t->block + 1) * BLOCK, w->s->n), w->data);
  }
}

static bool run(Wave *w, const HilumProgress *progress, GError **error)
{
  const double all = (double)w->blocks * w->passes;
  double done = 0;
  while (w->done[w->passes - 1] < w->blocks) {
    if (hilum_progress_fail(progress, error)) return false;
    find_tasks(w);
    hilum_parallel_for(w->n_tasks, 1, run_tasks, w);
    hilum_progress_step(progress, (done += (double)w->n_tasks) / all);
  }
  return true;
}

bool hilum_smoothing_run_passes(const HilumSmoothing *s, int passes, HilumSmoothingPass pass, void *data,
                                const HilumProgress *progress, GError **error)
{
  Wave w = {.s = s, .passes = passes, .pass = pass, .data = data};
  w.blocks = s->n / BLOCK + (s->n % BLOCK != 0);
  if (w.blocks == 0 || passes == 0) return true;
  g_autofree uint32_t *ranges = g_new(uint32_t, 3 * (gsize)w.blocks);
  g_autofree uint32_t *done = w.done = g_new0(uint32_t, (gsize)passes);
  w.first = ranges;
  w.last = ranges + w.blocks;
  w.ready = ranges + 2 * (gsize)w.blocks;
  hilum_parallel_for(w.blocks, 1, find_reach, &w);
  find_ready(&w);
  w.tasks = hilum_big_alloc((size_t)w.blocks * (size_t)passes * sizeof *w.tasks, error);
  bool ok = w.tasks && run(&w, progress, error);
  hilum_big_free(w.tasks);
  return ok;
}
