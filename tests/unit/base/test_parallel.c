/* hilum_parallel_for: every item once, the same bits for any number of threads, nesting, several callers. */
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

static const unsigned THREADS[] = {1, 2, 7};

typedef struct {
  atomic_uint *visits;
  size_t count, grain;
  atomic_uint *busy; /* per worker: bodies running now */
  unsigned threads;
  atomic_bool wrong;
} Visit;

static void visit(size_t begin, size_t end, unsigned worker, void *data)
{
  Visit *v = data;
  bool ok = begin % v->grain == 0 && begin < end && end - begin <= v->grain && end <= v->count &&
            worker < v->threads;
  if (ok && atomic_fetch_add(&v->busy[worker], 1) != 0) ok = false;
  for (size_t i = begin; i < end && i < v->count; i++)
    atomic_fetch_add(&v->visits[i], 1);
  if (worker < v->threads) atomic_fetch_sub(&v->busy[worker], 1);
  if (!ok) atomic_store(&v->wrong, true);
}

static void check_visits(size_t count, size_t grain, unsigned threads)
{
  g_autofree atomic_uint *visits = g_new0(atomic_uint, count + 1);
  g_autofree atomic_uint *busy = g_new0(atomic_uint, threads);
  Visit v = {visits, count, grain ? grain : 1, busy, threads, false};
  hilum_parallel_for(count, grain, visit, &v);
  g_assert_false(atomic_load(&v.wrong));
  for (size_t i = 0; i < count; i++)
    g_assert_cmpuint(atomic_load(&visits[i]), ==, 1);
}

static void test_every_item_once(void)
{
  static const size_t counts[] = {0, 1, 2, 63, 64, 65, 1000}, grains[] = {0, 1, 3, 64, 5000};
  for (size_t t = 0; t < G_N_ELEMENTS(THREADS); t++) {
    hilum_parallel_set_threads(THREADS[t]);
    g_assert_cmpuint(hilum_parallel_threads(), ==, THREADS[t]);
    for (size_t c = 0; c < G_N_ELEMENTS(counts); c++)
      for (size_t g = 0; g < G_N_ELEMENTS(grains); g++)
        check_visits(counts[c], grains[g], THREADS[t]);
  }
  hilum_parallel_set_threads(0);
  g_assert_cmpuint(hilum_parallel_threads(), >=, 1);
}

static void test_chunks(void)
{
  g_assert_cmpuint(hilum_parallel_chunks(0, 4), ==, 0);
  g_assert_cmpuint(hilum_parallel_chunks(8, 4), ==, 2);
  g_assert_cmpuint(hilum_parallel_chunks(9, 4), ==, 3);
  g_assert_cmpuint(hilum_parallel_chunks(9, 0), ==, 9);
}

enum { SUM_COUNT = 100003, SUM_GRAIN = 1000 };

static void sum_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  double sum = 0, *sums = data;
  for (size_t i = begin; i < end; i++)
    sum += hilum_random_uniform(7, i) * 1e3 - 5;
  sums[begin / SUM_GRAIN] = sum;
}

static double parallel_sum(void)
{
  size_t chunks = hilum_parallel_chunks(SUM_COUNT, SUM_GRAIN);
  g_autofree double *sums = g_new0(double, chunks);
  hilum_parallel_for(SUM_COUNT, SUM_GRAIN, sum_chunk, sums);
  double sum = 0;
  for (size_t c = 0; c < chunks; c++)
    sum += sums[c];
  return sum;
}

/* Floating-point sums depend on the order: equal bits mean equal chunks. */
static void test_same_bits(void)
{
  hilum_parallel_set_threads(1);
  double expected = parallel_sum();
  for (size_t t = 0; t < G_N_ELEMENTS(THREADS); t++) {
    hilum_parallel_set_threads(THREADS[t]);
    for (int round = 0; round < 5; round++)
      g_assert_true(parallel_sum() == expected);
  }
  hilum_parallel_set_threads(0);
}

typedef struct {
  pthread_t thread; /* that the nested loop was called on */
  atomic_uint items, strangers;
} Nest;

static void inner(size_t begin, size_t end, unsigned worker, void *data)
{
  Nest *nest = data;
  if (worker != 0 || !pthread_equal(pthread_self(), nest->thread)) atomic_fetch_add(&nest->strangers, 1);
  atomic_fetch_add(&nest->items, (unsigned)(end - begin));
  sched_yield(); /* leaves time for others to come in */
}

static void outer(size_t begin, size_t end, unsigned worker, void *data)
{
  Nest *nests = data;
  for (size_t i = begin; i < end; i++) {
    nests[i].thread = pthread_self();
    hilum_parallel_for(5000, 7, inner, &nests[i]);
  }
}

/* Two outer chunks leave five workers idle: they would join the nested loops if they could. */
static void test_nested(void)
{
  hilum_parallel_set_threads(7);
  for (int round = 0; round < 20; round++) {
    Nest nests[2] = {0};
    hilum_parallel_for(2, 1, outer, nests);
    for (int n = 0; n < 2; n++) {
      g_assert_cmpuint(atomic_load(&nests[n].items), ==, 5000);
      g_assert_cmpuint(atomic_load(&nests[n].strangers), ==, 0);
    }
  }
  hilum_parallel_set_threads(0);
}

static void *caller(void *data)
{
  double expected = *(double *)data;
  for (int round = 0; round < 20; round++)
    if (parallel_sum() != expected) return data;
  return NULL;
}

static void test_concurrent_callers(void)
{
  hilum_parallel_set_threads(7);
  double expected = parallel_sum();
  pthread_t threads[6];
  for (size_t t = 0; t < G_N_ELEMENTS(threads); t++)
    g_assert_cmpint(pthread_create(&threads[t], NULL, caller, &expected), ==, 0);
  for (size_t t = 0; t < G_N_ELEMENTS(threads); t++) {
    void *failed = NULL;
    pthread_join(threads[t], &failed);
    g_assert_null(failed);
  }
  hilum_parallel_set_threads(0);
}

/* Two chunks that wait for each other finish only if two threads really run them. */
static void meet(size_t begin, size_t end, unsigned worker, void *data)
{
  pthread_barrier_wait(data);
}

static void test_really_parallel(void)
{
  hilum_parallel_set_threads(3);
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, 3);
  hilum_parallel_for(3, 1, meet, &barrier);
  pthread_barrier_destroy(&barrier);
  hilum_parallel_set_threads(0);
}

typedef struct {
  pthread_barrier_t barrier;
  pthread_t caller;
  atomic_bool late_done;
} Late;

/* Of two chunks on two threads, the one that is not the caller's ends long after the other. */
static void end_late(size_t begin, size_t end, unsigned worker, void *data)
{
  Late *late = data;
  pthread_barrier_wait(&late->barrier);
  if (pthread_equal(pthread_self(), late->caller)) return;
  for (int turn = 0; turn < 2000; turn++)
    sched_yield();
  atomic_store(&late->late_done, true);
}

static void test_waits_for_all(void)
{
  hilum_parallel_set_threads(2);
  for (int round = 0; round < 10; round++) {
    Late late = {.caller = pthread_self()};
    pthread_barrier_init(&late.barrier, NULL, 2);
    hilum_parallel_for(2, 1, end_late, &late);
    g_assert_true(atomic_load(&late.late_done));
    pthread_barrier_destroy(&late.barrier);
  }
  hilum_parallel_set_threads(0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/parallel/every-item-once", test_every_item_once);
  g_test_add_func("/parallel/chunks", test_chunks);
  g_test_add_func("/parallel/same-bits", test_same_bits);
  g_test_add_func("/parallel/nested", test_nested);
  g_test_add_func("/parallel/concurrent-callers", test_concurrent_callers);
  g_test_add_func("/parallel/really-parallel", test_really_parallel);
  g_test_add_func("/parallel/waits-for-all", test_waits_for_all);
  return g_test_run();
}
