/* The one way to spread a loop over the cores. Chunks depend on the range and the grain, never on the number
 * of threads, so that 1 and N threads give the same bits: a body writes only what belongs to its chunk, and
 * reductions are stored per chunk and combined in chunk order afterwards. */
#pragma once

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Handles [begin, end), which lies inside one chunk: begin is a multiple of the grain. `worker` is in
 * 0..hilum_parallel_threads()-1 and no two bodies of one call run with the same worker at the same time: it
 * indexes scratch. */
typedef void (*HilumParallelFunc)(size_t begin, size_t end, unsigned worker, void *data);

/* Calls `func` for every chunk of [0, count) of `grain` items (0: 1) and returns when all are done. The
 * caller works too. Calls from several threads at once are served side by side; a nested call runs inline on
 * its thread, with worker 0. There is no cancellation here: a body polls its progress and returns early. */
void hilum_parallel_for(size_t count, size_t grain, HilumParallelFunc func, void *data);

/* Number of chunks that hilum_parallel_for() will make, for per-chunk results. */
static inline size_t hilum_parallel_chunks(size_t count, size_t grain)
{
  if (grain == 0) grain = 1;
  return (count + grain - 1) / grain;
}

/* Threads used by a loop, the caller included: HILUM_THREADS in the environment, else the processors this
 * process may use. */
unsigned hilum_parallel_threads(void);
/* 0 restores the default. Not while a loop runs. */
void hilum_parallel_set_threads(unsigned threads);

G_END_DECLS
