/* The stretch between the end of one poll (check) and the begin of the next (prepare) is where a turn of the
 * main loop does its work. A source of the highest priority sees both. */
#include "loop_gauge.h"

#include <time.h>

static struct {
  GSource *source;
  double wall_ms, cpu_ms;             /* longest so far */
  double wall_began_ms, cpu_began_ms; /* of the turn under way; negative: none */
} gauge = {.wall_began_ms = -1};

static double now_ms(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static gboolean prepare(GSource *source, int *timeout)
{
  if (gauge.wall_began_ms >= 0) {
    gauge.wall_ms = MAX(gauge.wall_ms, now_ms(CLOCK_MONOTONIC) - gauge.wall_began_ms);
    gauge.cpu_ms = MAX(gauge.cpu_ms, now_ms(CLOCK_THREAD_CPUTIME_ID) - gauge.cpu_began_ms);
  }
  gauge.wall_began_ms = -1;
  *timeout = -1;
  return FALSE;
}

static gboolean check(GSource *source)
{
  gauge.wall_began_ms = now_ms(CLOCK_MONOTONIC);
  gauge.cpu_began_ms = now_ms(CLOCK_THREAD_CPUTIME_ID);
  return FALSE;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch};

void hilum_loop_gauge_reset(void)
{
  if (!gauge.source) {
    gauge.source = g_source_new(&functions, sizeof(GSource));
    g_source_set_static_name(gauge.source, "HilumLoopGauge");
    g_source_set_priority(gauge.source, G_MININT);
    g_source_attach(gauge.source, NULL);
    g_source_unref(gauge.source); /* the context keeps it */
  }
  gauge.wall_ms = gauge.cpu_ms = 0;
  gauge.wall_began_ms = -1;
}

double hilum_loop_gauge_get_wall_ms(void)
{
  return gauge.wall_ms;
}

double hilum_loop_gauge_get_cpu_ms(void)
{
  return gauge.cpu_ms;
}
