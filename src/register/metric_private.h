/* The two similarity metrics with their gradient and Gauss-Newton matrix, over a fixed set of points. */
#pragma once

#include "hilum/register/register.h"

#include "level_private.h"

G_BEGIN_DECLS

enum { PARAMETERS = 6, PAIRS = 21, CHUNK = 2048 };

/* Points of the fixed volume at one level: positions relative to the centre (float: below 1 um within a
 * metre), and the companded value there. Immutable once made. */
typedef struct {
  size_t count;
  HilumVec3 centre_mm;
  double radius_mm;         /* root mean square distance from the centre: turns radians into mm */
  double spacing_mm;        /* mean distance between neighbours */
  float *x, *y, *z, *value; /* g_malloc() */
} Samples;

/* Points of the region at a mean distance that makes about `wanted` of them: one at a hashed place in each
 * cell of a regular lattice, so that they fall between the voxels of both volumes alike (Thevenaz, Bierlaire
 * and Unser 2008). NULL with HILUM_REGISTER_ERROR_REGION if fewer than MIN_SAMPLES lie in it. */
enum { MIN_SAMPLES = 200 };
typedef struct {
  HilumBox box_mm;
  const HilumMask *mask; /* or NULL */
  const HilumGrid *grid; /* of the fixed volume */
  double volume_mm3;
} Region;
Samples *samples_new(const Region *region, const Level *fixed, size_t wanted, const HilumProgress *progress,
                     GError **error);
/* Every n-th of a set. */
Samples *samples_new_thinned(const Samples *samples, const Level *fixed, size_t wanted);
/* Those that `rigid` puts into the moving level, at least `margin_mm` from its border. */
Samples *samples_new_inside(const Samples *samples, const Level *moving, HilumRigid rigid, double margin_mm);
void samples_free(Samples *samples);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Samples, samples_free)

/* What a metric is computed on. All borrowed, immutable. */
typedef struct {
  HilumRegisterMetric metric;
  const Samples *samples;
  const Level *moving;
  double min_overlap;
  bool conditional; /* without the entropy of the moving volume; see polish() in register.c */
} Problem;

/* Upper triangle, row by row, of a symmetric matrix. Parameters are translation (mm), then rotation about the
 * samples' centre as arc length at radius_mm, so that all six are in mm and of one size. */
typedef struct {
  double value; /* to be maximised; -INFINITY below min_overlap */
  double overlap;
  double gradient[PARAMETERS];
  double matrix[PAIRS]; /* positive semidefinite stand-in for minus the second derivative */
} Evaluation;

/* Scratch of one evaluation at a time. */
typedef struct Scratch Scratch;
Scratch *scratch_new(size_t samples);
void scratch_free(Scratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scratch, scratch_free)

/* Same bits with any number of threads, also when called from inside a parallel loop. */
void metric_evaluate(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives,
                     Evaluation *out);

/* log p(f,m) / (p(f) p(m)) of a mutual-information problem at `rigid`: how well a pair of values fits. */
typedef struct {
  double likelihood[BINS][BINS];
} PairTable;
void metric_pair_table(const Problem *problem, HilumRigid rigid, Scratch *scratch, PairTable *table);

/* rigid moved by a step in the metric's parameters. */
HilumRigid metric_step(const Samples *samples, HilumRigid rigid, const double step[PARAMETERS]);

/* Trilinear value and gradient (per index step) of a level at an index position; false outside. */
static inline bool level_sample(const Level *level, float i, float j, float k, float *value,
                                float gradient[3])
{
  const HilumGrid *g = &level->grid;
  if (!(i >= 0 && j >= 0 && k >= 0 && i < (float)(g->dims[0] - 1) && j < (float)(g->dims[1] - 1) &&
        k < (float)(g->dims[2] - 1)))
    return false;
  const int32_t ii = (int32_t)i, jj = (int32_t)j, kk = (int32_t)k;
  const float u = i - (float)ii, v = j - (float)jj, w = k - (float)kk;
  const size_t line = (size_t)g->dims[0], slice = line * (size_t)g->dims[1];
  const float *p = level->values + (size_t)kk * slice + (size_t)jj * line + (size_t)ii;
  const float d00 = p[1] - p[0], d10 = p[line + 1] - p[line];
  const float d01 = p[slice + 1] - p[slice], d11 = p[slice + line + 1] - p[slice + line];
  const float a00 = p[0] + u * d00, a10 = p[line] + u * d10;
  const float a01 = p[slice] + u * d01, a11 = p[slice + line] + u * d11;
  const float b0 = a00 + v * (a10 - a00), b1 = a01 + v * (a11 - a01);
  *value = b0 + w * (b1 - b0);
  if (gradient) {
    const float x0 = d00 + v * (d10 - d00), x1 = d01 + v * (d11 - d01);
    gradient[0] = x0 + w * (x1 - x0);
    gradient[1] = (a10 - a00) + w * ((a11 - a01) - (a10 - a00));
    gradient[2] = b1 - b0;
  }
  return true;
}

/* Cubic B-spline weights of the four bins around a position with fraction t, and their derivatives. */
static inline void bspline_weights(float t, float w[4])
{
  const float s = 1 - t, t2 = t * t, s2 = s * s;
  w[0] = s2 * s / 6;
  w[1] = (4 - 6 * t2 + 3 * t2 * t) / 6;
  w[2] = (4 - 6 * s2 + 3 * s2 * s) / 6;
  w[3] = t2 * t / 6;
}
static inline void bspline_slopes(float t, float d[4])
{
  const float s = 1 - t;
  d[0] = -s * s / 2;
  d[1] = t * (3 * t - 4) / 2;
  d[2] = -s * (3 * s - 4) / 2;
  d[3] = t * t / 2;
}

G_END_DECLS
