/* A small pool of worker threads behind hilum_parallel_for(). Pthreads and C11 atomics only, so that the
 * thread sanitizer sees every edge. A loop lives on its caller's stack: it is linked into the pool while
 * chunks are left, idle workers join the loop with the fewest helpers, and everybody claims chunks by one
 * atomic add. Workers sleep on a condition variable when there is no loop. */
#include "hilum/base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

typedef struct Loop Loop;
struct Loop {
  HilumParallelFunc func;
  void *data;
  size_t count, grain, chunks;
  unsigned threads;    /* workers with a greater number stay out */
  atomic_size_t next;  /* first chunk that nobody has claimed */
  unsigned helpers;    /* pool.lock: workers inside */
  bool linked;         /* pool.lock */
  pthread_cond_t done; /* helpers fell to 0 */
  Loop *prev, *following;
};

static struct {
  pthread_mutex_t lock;
  pthread_cond_t wake;
  Loop *loops;      /* those that may have chunks left */
  unsigned started; /* worker threads running, numbered 1..started */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static atomic_uint chosen_threads; /* 0: default */
static _Thread_local bool inside_loop;

static unsigned default_threads(void)
{
  static atomic_uint cached;
  unsigned threads = atomic_load(&cached);
  if (threads) return threads;
  guint64 wanted = 0;
  const char *text = g_getenv("HILUM_THREADS");
  if (text && g_ascii_string_to_unsigned(text, 10, 1, MAX_THREADS, &wanted, NULL)) {
    threads = (unsigned)wanted;
  } else {
    cpu_set_t set;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    threads = online > 0 ? (unsigned)MIN(online, MAX_THREADS) : 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0) threads = (unsigned)CPU_COUNT(&set);
    threads = CLAMP(threads, 1u, (unsigned)MAX_THREADS);
  }
  atomic_store(&cached, threads);
  return threads;
}

unsigned hilum_parallel_threads(void)
{
  unsigned chosen = atomic_load(&chosen_threads);
  return chosen ? chosen : default_threads();
}

void hilum_parallel_set_threads(unsigned threads)
{
  atomic_store(&chosen_threads, MIN(threads, (unsigned)MAX_THREADS));
}

static void run_chunks(Loop *loop, unsigned worker)
{
  for (;;) {
    /* Relaxed: the claim orders nothing; what the loop reads and writes is published by pool.lock. */
    size_t chunk = atomic_fetch_add_explicit(&loop->next, 1, memory_order_relaxed);
    if (chunk >= loop->chunks) return;
    size_t begin = chunk * loop->grain;
    size_t end = loop->count - begin > loop->grain ? begin + loop->grain : loop->count;
    loop->func(begin, end, worker, loop->data);
  }
}

static void unlink_loop(Loop *loop)
{
  if (!loop->linked) return;
  loop->linked = false;
  if (loop->prev)
    loop->prev->following = loop->following;
  else
    pool.loops = loop->following;
  if (loop->following) loop->following->prev = loop->prev;
}

static void link_loop(Loop *loop)
{
  loop->linked = true;
  loop->prev = NULL;
  loop->following = pool.loops;
  if (pool.loops) pool.loops->prev = loop;
  pool.loops = loop;
}

/* The loop that most needs this worker. */
static Loop *choose_loop(unsigned worker)
{
  Loop *best = NULL;
  for (Loop *loop = pool.loops; loop; loop = loop->following)
    if (worker < loop->threads && (!best || loop->helpers < best->helpers)) best = loop;
  return best;
}

static void *worker_main(void *argument)
{
  unsigned worker = (unsigned)GPOINTER_TO_UINT(argument);
  char name[16];
  snprintf(name, sizeof name, "hilum-%u", worker);
  pthread_setname_np(pthread_self(), name);
  inside_loop = true;
  pthread_mutex_lock(&pool.lock);
  for (;;) {
    Loop *loop = choose_loop(worker);
    if (!loop) {
      pthread_cond_wait(&pool.wake, &pool.lock);
      continue;
    }
    loop->helpers++;
    pthread_mutex_unlock(&pool.lock);
    run_chunks(loop, worker);
    pthread_mutex_lock(&pool.lock);
    unlink_loop(loop); /* nothing is left to claim */
    if (--loop->helpers == 0) pthread_cond_signal(&loop->done);
  }
  return NULL;
}

/* With pool.lock. A system that refuses a thread only makes loops slower. */
static void start_workers(unsigned wanted)
{
  if (pool.started >= wanted) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the main thread */
  while (pool.started < wanted) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker_main, GUINT_TO_POINTER(pool.started + 1)) != 0) break;
    pthread_detach(thread);
    pool.started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void run_shared(Loop *loop)
{
  pthread_cond_init(&loop->done, NULL);
  pthread_mutex_lock(&pool.lock);
  start_workers(loop->threads - 1);
  link_loop(loop);
  pthread_cond_broadcast(&pool.wake);
  pthread_mutex_unlock(&pool.lock);

  run_chunks(loop, 0);

  pthread_mutex_lock(&pool.lock);
  unlink_loop(loop);
  while (loop->helpers > 0)
    pthread_cond_wait(&loop->done, &pool.lock);
  pthread_mutex_unlock(&pool.lock);
  pthread_cond_destroy(&loop->done);
}

void hilum_parallel_for(size_t count, size_t grain, HilumParallelFunc func, void *data)
{
  if (count == 0) return;
  if (grain == 0) grain = 1;
  Loop loop = {
      .func = func, .data = data, .count = count, .grain = grain, .threads = hilum_parallel_threads()};
  loop.chunks = count / grain + (count % grain != 0);
  atomic_init(&loop.next, 0);

  bool nested = inside_loop;
  inside_loop = true;
  if (nested || loop.threads < 2 || loop.chunks < 2)
    run_chunks(&loop, 0);
  else
    run_shared(&loop);
  inside_loop = nested;
}
