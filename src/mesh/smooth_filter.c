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

#include <math.h>

static const double KEPT = 0.99, WINDOW = 0.54; /* of the pass band's edge; Hamming */

typedef struct {
  const HilumSmoothing *s;
  HilumLanes *buffer[2]; /* pass k reads buffer[k % 2] and writes the other */
  HilumLanes *delta;
  const float *factor;              /* by pass */
  float share[HILUM_RING_MOST + 1]; /* 1 / size of the ring */
  int passes;
} Filter;

static HilumLanes add_rest(const HilumSmoothing *s, const HilumLanes *p, size_t v, HilumLanes sum)
{
  const uint32_t *ring = s->ring.corner + s->ring.first[v];
  for (uint32_t i = 8; i < s->size[v]; i++)
    sum += p[ring[i]];
  return sum;
}

/* Rings have six vertices on average, seldom more than eight, and hardly ever as many as the one before: a
 * loop over them would guess its end wrong for every vertex. So eight are always summed up, the missing ones
 * from a vertex of zeros behind the last. Of a fixed vertex this is zero. */
static inline HilumLanes ring_mean(const Filter *f, const HilumLanes *p, size_t v)
{
  const HilumSmoothing *s = f->s;
  const uint32_t *at = s->eight + 8 * v;
  HilumLanes sum =
      ((p[at[0]] + p[at[1]]) + (p[at[2]] + p[at[3]])) + ((p[at[4]] + p[at[5]]) + (p[at[6]] + p[at[7]]));
  if (s->size[v] > 8) sum = add_rest(s, p, v, sum);
  return sum * f->share[s->size[v]];
}

static bool run_passes(Filter *f, HilumSmoothing *s, HilumSmoothingPass pass, const HilumProgress *progress,
                       GError **error)
{
  f->s = s;
  f->buffer[0] = s->from;
  f->buffer[1] = s->to;
  for (int n = 1; n <= HILUM_RING_MOST; n++)
    f->share[n] = 1.0f / (float)n;
  if (!hilum_smoothing_run_passes(s, f->passes, pass, f, progress, error)) return false;
  if (f->passes % 2) hilum_smoothing_swap(s);
  return true;
}

static void taubin_pass(int pass, size_t begin, size_t end, void *data)
{
  const Filter *f = data;
  const HilumLanes *from = f->buffer[pass % 2];
  HilumLanes *to = f->buffer[1 - pass % 2];
  const float factor = f->factor[pass];
  for (size_t v = begin; v < end; v++) {
    HilumLanes at = from[v];
    to[v] = f->s->size[v] ? at + factor * (ring_mean(f, from, v) - at) : at;
  }
}

static bool filter_taubin(HilumSmoothing *s, int iterations, double pass_band, const HilumProgress *progress,
                          GError **error)
{
  double lambda = 0.5, mu = 1 / (pass_band - 1 / lambda);
  g_autofree float *factor = g_new(float, 2 * (gsize)iterations);
  for (int i = 0; i < 2 * iterations; i++)
    factor[i] = (float)(i & 1 ? mu : lambda);
  Filter f = {.factor = factor, .passes = 2 * iterations};
  return run_passes(&f, s, taubin_pass, progress, error);
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

/* M p - p, and with it b[degree - 1]. A fixed vertex has none. */
static void first_sinc_pass(const Filter *f, size_t begin, size_t end)
{
  const HilumLanes zero = {0, 0, 0, 0}, *from = f->buffer[0];
  for (size_t v = begin; v < end; v++) {
    HilumLanes delta = f->s->size[v] ? ring_mean(f, from, v) - from[v] : zero;
    f->delta[v] = delta;
    f->buffer[1][v] = f->factor[0] * delta + (f->passes == 1 ? from[v] : zero);
  }
}

/* b[n] from b[n + 1] in `from` and b[n + 2] in `to`, where it goes. There is no b[degree]: the second pass
 * finds the surface there; and the last adds it to what it makes. */
static inline void sinc_step(const Filter *f, int pass, size_t begin, size_t end, bool second, bool last)
{
  const HilumSmoothing *s = f->s;
  const HilumLanes zero = {0, 0, 0, 0}, *from = f->buffer[pass % 2];
  HilumLanes *to = f->buffer[1 - pass % 2];
  const float own = f->factor[pass], factor = last ? 1 : 2;
  for (size_t v = begin; v < end; v++) {
    HilumLanes b = own * f->delta[v] + factor * ring_mean(f, from, v) - (second ? zero : to[v]);
    if (last) b += (HilumLanes){s->start[3 * v], s->start[3 * v + 1], s->start[3 * v + 2], 0};
    to[v] = b;
  }
}

static void sinc_pass(int pass, size_t begin, size_t end, void *data)
{
  const Filter *f = data;
  const bool last = pass == f->passes - 1;
  if (pass == 0)
    first_sinc_pass(f, begin, end);
  else if (pass > 1)
    last ? sinc_step(f, pass, begin, end, false, true) : sinc_step(f, pass, begin, end, false, false);
  else
    last ? sinc_step(f, pass, begin, end, true, true) : sinc_step(f, pass, begin, end, true, false);
}

static bool filter_sinc(HilumSmoothing *s, int degree, double pass_band, const HilumProgress *progress,
                        GError **error)
{
  g_autofree double *d = g_new(double, (gsize)degree);
  g_autofree float *factor = g_new(float, (gsize)degree);
  design(d, degree, pass_band);
  for (int pass = 0; pass < degree; pass++)
    factor[pass] = (float)d[degree - 1 - pass];
  Filter f = {.factor = factor, .passes = degree};
  f.delta = hilum_big_alloc((size_t)s->n * sizeof *f.delta, error);
  bool ok = f.delta && run_passes(&f, s, sinc_pass, progress, error);
  hilum_big_free(f.delta);
  return ok;
}

bool hilum_smoothing_filter(HilumSmoothing *s, const HilumSmoothOptions *o, const HilumProgress *progress,
                            GError **error)
{
  int n = o->iterations ? o->iterations : 20;
  double pass_band = o->pass_band > 0 ? o->pass_band : 0.1;
  hilum_smoothing_load(s, s->from);
  return o->filter == HILUM_SMOOTH_TAUBIN ? filter_taubin(s, n, pass_band, progress, error)
                                          : filter_sinc(s, n, pass_band, progress, error);
}
