/* What one evaluation of a metric passes from the sampling of the moving volume to its sums. */
#pragma once

#include "metric_private.h"

/* Sums over one chunk of points; double, because they decide which of two nearly equal transforms is better.
 */
typedef struct {
  double count;
  double moments[5];           /* correlation: f, m, f f, m m, f m */
  double gradient[PARAMETERS]; /* of the metric, not yet divided by the count */
  double matrix[PAIRS];
  double slope_sum[PARAMETERS]; /* correlation: sum of J, and of J m */
  double slope_moment[PARAMETERS];
} ChunkSums;

struct Scratch {
  size_t capacity;
  float *value;               /* companded moving value; negative: outside the moving volume */
  float *slope[3];            /* its gradient per mm, LPS; only with derivatives */
  float (*joint)[BINS][BINS]; /* per chunk */
  ChunkSums *sums;            /* per chunk */
};

/* Joint probability and the logarithms the gradient needs. */
typedef struct {
  double p[BINS][BINS]; /* [fixed][moving] */
  double fixed[BINS], moving[BINS];
  double count;
} Joint;

/* Jacobian of point n: change of the companded moving value per step of each parameter. `turned` is the point
 * relative to the centre, rotated. */
static inline void point_jacobian(const float slope[3], const float turned[3], float per_radius,
                                  float j[PARAMETERS])
{
  j[0] = slope[0], j[1] = slope[1], j[2] = slope[2];
  j[3] = (turned[1] * slope[2] - turned[2] * slope[1]) * per_radius;
  j[4] = (turned[2] * slope[0] - turned[0] * slope[2]) * per_radius;
  j[5] = (turned[0] * slope[1] - turned[1] * slope[0]) * per_radius;
}

/* matrix += weight j j' over the upper triangle. */
static inline void add_outer(double matrix[PAIRS], double weight, const float j[PARAMETERS])
{
  int n = 0;
  for (int a = 0; a < PARAMETERS; a++) {
    const double wa = weight * j[a];
    for (int b = a; b < PARAMETERS; b++)
      matrix[n++] += wa * j[b];
  }
}

/* Rotation matrix in float, rows first. */
void rotation_rows(HilumRigid rigid, float rows[3][3]);
static inline void turn_point(const float rows[3][3], const Samples *s, size_t n, float turned[3])
{
  for (int a = 0; a < 3; a++)
    turned[a] = rows[a][0] * s->x[n] + rows[a][1] * s->y[n] + rows[a][2] * s->z[n];
}

void mutual_information_evaluate(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives,
                                 Evaluation *out);
void correlation_evaluate(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives,
                          Evaluation *out);
