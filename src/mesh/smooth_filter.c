/* The two low-pass filters of smoothing. Both are polynomials in M, the mean over the one-ring (equal
 * weights), whose value at 1, a surface that is smooth already, is 1. A fixed vertex keeps its place.
 *
 * Windowed sinc: G. Taubin, T. Zhang, G. Golub, Optimal surface smoothing as filter design, ECCV 1996. The
 * ideal low pass in Chebyshev polynomials of degree N under a Hamming window. Where this leaves the paper:
 * the polynomials are taken in M itself (k = 1 - x over the whole of -1..1, not half of it), which makes the
 * same degree twice as sharp; and f(x) - 1 = (x - 1) q(x), so that the recurrence (Clenshaw's) runs over
 * displacements, which are small, and floats lose nothing of the positions. N passes over the rings.
 *
 * Taubin's lambda|mu: A signal processing approach to fair surface design, SIGGRAPH 1995. Two passes an
 * iteration. */
#include "smooth_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>

enum { GRAIN = 8192 };

static const double KEPT = 0.99, WINDOW = 0.54; /* of the pass band's edge; Hamming */

typedef struct {
  HilumSmoothing *s;
  HilumLanes *delta;
  float factor, own;
} Pass;

/* Rings have six vertices on average, seldom more than eight, and hardly ever as many as the one before: a
 * loop over them would guess its end wrong for every vertex. So eight are always summed up, the missing ones
 * from a vertex of zeros behind the last. */
static inline HilumLanes ring_mean(const HilumSmoothing *s, const HilumLanes *p, size_t v)
{
  uint32_t first = s->ring.first[v], n = s->ring.first[v + 1] - first, at[8];
  const uint32_t *ring = s->ring.corner + first;
  for (uint32_t i = 0; i < 8; i++) /* may look at the next ring, or at the slack behind the last */
    at[i] = i < n ? ring[i] : s->n;
  HilumLanes sum =
      ((p[at[0]] + p[at[1]]) + (p[at[2]] + p[at[3]])) + ((p[at[4]] + p[at[5]]) + (p[at[6]] + p[at[7]]));
  for (uint32_t i = 8; i < n; i++)
    sum += p[ring[i]];
  return sum * (1.0f / (float)n);
}

static void taubin_step(size_t begin, size_t end, unsigned worker, void *data)
{
  const Pass *p = data;
  const HilumSmoothing *s = p->s;
  for (size_t v = begin; v < end; v++) {
    HilumLanes at = s->from[v];
    s->to[v] = s->fixed[v] ? at : at + p->factor * (ring_mean(s, s->from, v) - at);
  }
}

static bool filter_taubin(Pass *p, int iterations, double pass_band, const HilumProgress *progress,
                          GError **error)
{
  double lambda = 0.5, mu = 1 / (pass_band - 1 / lambda);
  for (int i = 0; i < 2 * iterations; i++) {
    if (hilum_progress_fail(progress, error)) return false;
    p->factor = (float)(i & 1 ? mu : lambda);
    hilum_parallel_for(p->s->n, GRAIN, taubin_step, p);
    hilum_smoothing_swap(p->s);
    hilum_progress_step(progress, (i + 1) / (2.0 * iterations));
  }
  return true;
}

/* Coefficients a[0..degree] of the low pass with its edge at `cut` (an angle), scaled so that they sum to 1;
 * returns its value at the angle `at`. */
static double low_pass(double *a, int degree, double cut, double at)
{
  double sum = 0, value = 0;
  for (int n = 0; n <= degree; n++) {
    double window = WINDOW + (1 - WINDOW) * cos(n * G_PI / (degree + 1));
    a[n] = window * (n ? 2 * sin(n * cut) / (n * G_PI) : cut / G_PI);
    sum += a[n];
    value += a[n] * cos(n * at);
  }
  for (int n = 0; n <= degree; n++)
    a[n] /= sum;
  return value / sum;
}

/* d[0..degree - 1] of q: the cut lies as low as it may for the pass band's edge to be kept. */
static void design(double *d, int degree, double pass_band)
{
  g_autofree double *a = g_new(double, (gsize)degree + 1);
  double edge = acos(1 - MIN(pass_band, 2)), low = edge, high = G_PI;
  for (int i = 0; i < 50; i++) {
    double middle = 0.5 * (low + high);
    *(low_pass(a, degree, middle, edge) < KEPT ? &low : &high) = middle;
  }
  low_pass(a, degree, high, edge);
  d[degree - 1] = 2 * a[degree];
  for (int n = degree - 1; n >= 1; n--)
    d[n - 1] = 2 * a[n] + 2 * d[n] - (n + 1 < degree ? d[n + 1] : 0);
  d[0] *= 0.5;
}

static void find_delta(size_t begin, size_t end, unsigned worker, void *data)
{
  Pass *p = data;
  const HilumSmoothing *s = p->s;
  const HilumLanes zero = {0, 0, 0, 0};
  for (size_t v = begin; v < end; v++) {
    p->delta[v] = s->fixed[v] ? zero : ring_mean(s, s->from, v) - s->from[v];
    s->to[v] = zero;
  }
}

static void first_sinc_step(size_t begin, size_t end, unsigned worker, void *data)
{
  const Pass *p = data;
  for (size_t v = begin; v < end; v++)
    p->s->from[v] = p->own * p->delta[v];
}

/* from is b[n + 1], to is b[n + 2] and becomes b[n]. */
static void sinc_step(size_t begin, size_t end, unsigned worker, void *data)
{
  const Pass *p = data;
  const HilumSmoothing *s = p->s;
  for (size_t v = begin; v < end; v++)
    if (!s->fixed[v]) s->to[v] = p->own * p->delta[v] + p->factor * ring_mean(s, s->from, v) - s->to[v];
}

static void add_start(size_t begin, size_t end, unsigned worker, void *data)
{
  const HilumSmoothing *s = ((Pass *)data)->s;
  for (size_t v = begin; v < end; v++)
    s->from[v] += (HilumLanes){s->start[3 * v], s->start[3 * v + 1], s->start[3 * v + 2], 0};
}

static bool filter_sinc(Pass *p, int degree, double pass_band, const HilumProgress *progress, GError **error)
{
  HilumSmoothing *s = p->s;
  g_autofree double *d = g_new(double, (gsize)degree);
  design(d, degree, pass_band);
  p->delta = hilum_big_alloc((size_t)s->n * sizeof *p->delta, error);
  if (!p->delta) return false;
  hilum_parallel_for(s->n, GRAIN, find_delta, p);
  p->own = (float)d[degree - 1];
  hilum_parallel_for(s->n, GRAIN, first_sinc_step, p);
  bool ok = true;
  for (int n = degree - 2; n >= 0 && ok; n--) {
    p->own = (float)d[n];
    p->factor = n ? 2 : 1;
    hilum_parallel_for(s->n, GRAIN, sinc_step, p);
    hilum_smoothing_swap(s);
    hilum_progress_step(progress, 1 - (double)n / degree);
    ok = !hilum_progress_fail(progress, error);
  }
  hilum_big_free(p->delta);
  if (ok) hilum_parallel_for(s->n, GRAIN, add_start, p);
  return ok;
}

bool hilum_smoothing_filter(HilumSmoothing *s, const HilumSmoothOptions *o, const HilumProgress *progress,
                            GError **error)
{
  Pass p = {.s = s};
  int n = o->iterations ? o->iterations : 20;
  double pass_band = o->pass_band > 0 ? o->pass_band : 0.1;
  hilum_smoothing_load(s, s->from);
  return o->filter == HILUM_SMOOTH_TAUBIN ? filter_taubin(&p, n, pass_band, progress, error)
                                          : filter_sinc(&p, n, pass_band, progress, error);
}
