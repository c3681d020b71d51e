/* Mutual information: Viola and Wells, "Alignment by maximization of mutual information", IJCV 24, 1997;
 * with the Parzen window of Mattes et al., "PET-CT image registration in the chest using free-form
 * deformations", IEEE TMI 22, 2003: a box for the fixed value, a cubic B-spline for the moving value, so that
 * the gradient is exact. The second derivative is replaced by the information matrix of the scores d log
 * p(m|f) / dm, in the place where Thevenaz and Unser (IEEE TIP 9, 2000) have a matrix of histogram
 * derivatives: one sum over the points, positive semidefinite, and right at the optimum if the histogram is.
 */
#include "scratch_private.h"

#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

static inline int fixed_bin(float value)
{
  return (int)(value + 0.5f);
}

typedef struct {
  const Problem *problem;
  Scratch *scratch;
  float score[BINS][BINS]; /* log p(f,m) / p(m) */
  float rows[3][3];
} InformationPass;

static void histogram_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const InformationPass *pass = data;
  const float *fixed = pass->problem->samples->value, *moving = pass->scratch->value;
  float(*joint)[BINS] = pass->scratch->joint[begin / CHUNK];
  memset(joint, 0, sizeof(float[BINS][BINS]));
  for (size_t n = begin; n < end; n++) {
    if (moving[n] < 0) continue;
    const int bin = (int)moving[n];
    float w[4];
    bspline_weights(moving[n] - (float)bin, w);
    float *cell = &joint[fixed_bin(fixed[n])][bin - 1];
    for (int b = 0; b < 4; b++)
      cell[b] += w[b];
  }
}

static void joint_make(const Problem *problem, Scratch *scratch, Joint *joint)
{
  InformationPass pass = {.problem = problem, .scratch = scratch};
  hilum_parallel_for(problem->samples->count, CHUNK, histogram_chunk, &pass);
  memset(joint, 0, sizeof *joint);
  for (size_t c = 0; c < hilum_parallel_chunks(problem->samples->count, CHUNK); c++)
    for (int f = 0; f < BINS; f++)
      for (int m = 0; m < BINS; m++)
        joint->p[f][m] += scratch->joint[c][f][m];
  for (int f = 0; f < BINS; f++)
    for (int m = 0; m < BINS; m++)
      joint->count += joint->p[f][m];
  const double scale = joint->count > 0 ? 1 / joint->count : 0;
  for (int f = 0; f < BINS; f++)
    for (int m = 0; m < BINS; m++) {
      joint->p[f][m] *= scale;
      joint->fixed[f] += joint->p[f][m];
      joint->moving[m] += joint->p[f][m];
    }
}

static void derivative_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const InformationPass *pass = data;
  const Samples *samples = pass->problem->samples;
  const Scratch *scratch = pass->scratch;
  const float per_radius = (float)(1 / samples->radius_mm);
  ChunkSums sums = {.count = 0};
  for (size_t n = begin; n < end; n++) {
    const float moving = scratch->value[n];
    if (moving < 0) continue;
    const int bin = (int)moving;
    float d[4], turned[3], j[PARAMETERS];
    bspline_slopes(moving - (float)bin, d);
    const float *s = &pass->score[fixed_bin(samples->value[n])][bin - 1];
    const float score = d[0] * s[0] + d[1] * s[1] + d[2] * s[2] + d[3] * s[3];
    turn_point(pass->rows, samples, n, turned);
    point_jacobian((float[3]){scratch->slope[0][n], scratch->slope[1][n], scratch->slope[2][n]}, turned,
                   per_radius, j);
    for (int a = 0; a < PARAMETERS; a++)
      sums.gradient[a] += score * j[a];
    add_outer(sums.matrix, (double)score * score, j);
  }
  scratch->sums[begin / CHUNK] = sums;
}

void mutual_information_evaluate(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives,
                                 Evaluation *out)
{
  InformationPass pass = {.problem = problem, .scratch = scratch};
  Joint joint;
  joint_make(problem, scratch, &joint);
  out->value = 0;
  for (int f = 0; f < BINS; f++)
    for (int m = 0; m < BINS; m++) {
      const double p = joint.p[f][m];
      if (!(p > 0)) continue;
      const double score = log(problem->conditional ? p : p / joint.moving[m]);
      out->value += p * (score - log(joint.fixed[f]));
      pass.score[f][m] = (float)score;
    }
  if (!derivatives) return;
  rotation_rows(rigid, pass.rows);
  hilum_parallel_for(problem->samples->count, CHUNK, derivative_chunk, &pass);
  for (size_t c = 0; c < hilum_parallel_chunks(problem->samples->count, CHUNK); c++) {
    for (int a = 0; a < PARAMETERS; a++)
      out->gradient[a] += scratch->sums[c].gradient[a] / joint.count;
    for (int n = 0; n < PAIRS; n++)
      out->matrix[n] += scratch->sums[c].matrix[n] / joint.count;
  }
}

void metric_pair_table(const Problem *problem, HilumRigid rigid, Scratch *scratch, PairTable *table)
{
  Evaluation ignored;
  metric_evaluate(problem, rigid, scratch, false, &ignored); /* samples the moving volume */
  Joint joint;
  joint_make(problem, scratch, &joint);
  for (int f = 0; f < BINS; f++)
    for (int m = 0; m < BINS; m++) {
      /* A pair that never occurred is unlikely, not impossible: half a point, as in Jeffreys' prior. */
      const double seen = joint.p[f][m] * joint.count + 0.5 * joint.fixed[f];
      const double expected = joint.fixed[f] * joint.moving[m] * joint.count + 0.5 * joint.fixed[f];
      table->likelihood[f][m] = expected > 0 ? log(seen / expected) : 0;
    }
}
