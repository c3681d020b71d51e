/* Normalised cross-correlation. Its maximum is the least squares fit of the values after each volume is
 * brought to mean 0 and variance 1, so that the second derivative follows as Gauss and Newton have it, with
 * the directions of mean and variance taken out. */
#include "scratch_private.h"

#include "hilum/base/parallel.h"

#include <math.h>

typedef struct {
  const Problem *problem;
  Scratch *scratch;
  float rows[3][3];
  double fixed_mean, fixed_sd, moving_mean, moving_sd, correlation;
} CorrelationPass;

static void moment_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const CorrelationPass *pass = data;
  const float *fixed = pass->problem->samples->value, *moving = pass->scratch->value;
  ChunkSums sums = {.count = 0};
  for (size_t n = begin; n < end; n++) {
    if (moving[n] < 0) continue;
    const double f = fixed[n], m = moving[n];
    sums.count += 1;
    sums.moments[0] += f, sums.moments[1] += m;
    sums.moments[2] += f * f, sums.moments[3] += m * m, sums.moments[4] += f * m;
  }
  pass->scratch->sums[begin / CHUNK] = sums;
}

static void derivative_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const CorrelationPass *pass = data;
  const Samples *samples = pass->problem->samples;
  const Scratch *scratch = pass->scratch;
  const float per_radius = (float)(1 / samples->radius_mm);
  ChunkSums sums = {.count = 0};
  for (size_t n = begin; n < end; n++) {
    if (scratch->value[n] < 0) continue;
    const double f = (samples->value[n] - pass->fixed_mean) / pass->fixed_sd;
    const double m = (scratch->value[n] - pass->moving_mean) / pass->moving_sd;
    float turned[3], j[PARAMETERS];
    turn_point(pass->rows, samples, n, turned);
    point_jacobian((float[3]){scratch->slope[0][n], scratch->slope[1][n], scratch->slope[2][n]}, turned,
                   per_radius, j);
    for (int a = 0; a < PARAMETERS; a++) {
      sums.gradient[a] += (f - pass->correlation * m) * j[a];
      sums.slope_sum[a] += j[a];
      sums.slope_moment[a] += m * j[a];
    }
    add_outer(sums.matrix, 1, j);
  }
  scratch->sums[begin / CHUNK] = sums;
}

static ChunkSums sums_combine(const Problem *problem, const Scratch *scratch)
{
  ChunkSums all = {.count = 0};
  for (size_t c = 0; c < hilum_parallel_chunks(problem->samples->count, CHUNK); c++) {
    const ChunkSums *one = &scratch->sums[c];
    all.count += one->count;
    for (int n = 0; n < 5; n++)
      all.moments[n] += one->moments[n];
    for (int a = 0; a < PARAMETERS; a++) {
      all.gradient[a] += one->gradient[a];
      all.slope_sum[a] += one->slope_sum[a];
      all.slope_moment[a] += one->slope_moment[a];
    }
    for (int n = 0; n < PAIRS; n++)
      all.matrix[n] += one->matrix[n];
  }
  return all;
}

void correlation_evaluate(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives,
                          Evaluation *out)
{
  CorrelationPass pass = {.problem = problem, .scratch = scratch};
  hilum_parallel_for(problem->samples->count, CHUNK, moment_chunk, &pass);
  const ChunkSums s = sums_combine(problem, scratch);
  pass.fixed_mean = s.moments[0] / s.count, pass.moving_mean = s.moments[1] / s.count;
  const double fixed_variance = s.moments[2] / s.count - pass.fixed_mean * pass.fixed_mean;
  const double moving_variance = s.moments[3] / s.count - pass.moving_mean * pass.moving_mean;
  out->value = 0;
  if (!(fixed_variance > 1e-6 && moving_variance > 1e-6)) return; /* nothing to correlate: no slope either */
  pass.fixed_sd = sqrt(fixed_variance), pass.moving_sd = sqrt(moving_variance);
  const double covariance = s.moments[4] / s.count - pass.fixed_mean * pass.moving_mean;
  out->value = pass.correlation = covariance / (pass.fixed_sd * pass.moving_sd);
  if (!derivatives) return;

  rotation_rows(rigid, pass.rows);
  hilum_parallel_for(problem->samples->count, CHUNK, derivative_chunk, &pass);
  const ChunkSums d = sums_combine(problem, scratch);
  for (int a = 0, n = 0; a < PARAMETERS; a++) {
    out->gradient[a] = d.gradient[a] / (s.count * pass.moving_sd);
    for (int b = a; b < PARAMETERS; b++, n++)
      out->matrix[n] = (d.matrix[n] - d.slope_sum[a] * d.slope_sum[b] / s.count -
                        d.slope_moment[a] * d.slope_moment[b] / s.count) /
                       (s.count * moving_variance);
  }
}
