/* Sampling the moving volume under a transform, which both metrics share, and the step of the parameters. */
#include "scratch_private.h"

#include "hilum/base/parallel.h"

#include "affine_private.h"

#include <math.h>

Scratch *scratch_new(size_t samples)
{
  Scratch *s = g_new0(Scratch, 1);
  s->capacity = samples;
  s->value = g_new(float, samples);
  for (int a = 0; a < 3; a++)
    s->slope[a] = g_new(float, samples);
  size_t chunks = hilum_parallel_chunks(samples, CHUNK);
  s->joint = g_malloc_n(chunks, sizeof *s->joint);
  s->sums = g_new(ChunkSums, chunks);
  return s;
}

void scratch_free(Scratch *scratch)
{
  if (!scratch) return;
  g_free(scratch->value);
  for (int a = 0; a < 3; a++)
    g_free(scratch->slope[a]);
  g_free(scratch->joint);
  g_free(scratch->sums);
  g_free(scratch);
}

typedef struct {
  const Problem *problem;
  Scratch *scratch;
  bool derivatives;
  float origin[3],
      column[3][3];   /* index of the moving level = origin + column[0] x + column[1] y + column[2] z */
  float to_lps[3][3]; /* [axis of the level][x y z]: gradient per index to gradient per mm */
} SamplePass;

static void sample_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const SamplePass *p = data;
  const Samples *s = p->problem->samples;
  const Level *moving = p->problem->moving;
  Scratch *scratch = p->scratch;
  double inside = 0;
  for (size_t n = begin; n < end; n++) {
    float at[3], value, g[3] = {0, 0, 0};
    for (int a = 0; a < 3; a++)
      at[a] =
          p->origin[a] + p->column[0][a] * s->x[n] + p->column[1][a] * s->y[n] + p->column[2][a] * s->z[n];
    if (!level_sample(moving, at[0], at[1], at[2], &value, p->derivatives ? g : NULL)) {
      scratch->value[n] = -1;
      continue;
    }
    scratch->value[n] = value;
    inside += 1;
    if (!p->derivatives) continue;
    for (int a = 0; a < 3; a++)
      scratch->slope[a][n] = g[0] * p->to_lps[0][a] + g[1] * p->to_lps[1][a] + g[2] * p->to_lps[2][a];
  }
  scratch->sums[begin / CHUNK] = (ChunkSums){.count = inside};
}

static double sample_moving(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives)
{
  const Samples *s = problem->samples;
  const HilumGrid *grid = &problem->moving->grid;
  const IndexMap map = index_map_make(grid, rigid, s->centre_mm);
  SamplePass pass = {.problem = problem,
                     .scratch = scratch,
                     .derivatives = derivatives,
                     .origin = {(float)map.origin.i, (float)map.origin.j, (float)map.origin.k},
                     .column = {{(float)map.x.i, (float)map.x.j, (float)map.x.k},
                                {(float)map.y.i, (float)map.y.j, (float)map.y.k},
                                {(float)map.z.i, (float)map.z.j, (float)map.z.k}}};
  for (int a = 0; a < 3; a++) {
    HilumVec3 per_mm = hilum_vec3_scale(grid->axes[a], 1 / grid->spacing_mm[a]);
    pass.to_lps[a][0] = (float)per_mm.x, pass.to_lps[a][1] = (float)per_mm.y,
    pass.to_lps[a][2] = (float)per_mm.z;
  }
  hilum_parallel_for(s->count, CHUNK, sample_chunk, &pass);
  double inside = 0;
  for (size_t c = 0; c < hilum_parallel_chunks(s->count, CHUNK); c++)
    inside += scratch->sums[c].count;
  return inside / (double)s->count;
}

void rotation_rows(HilumRigid rigid, float rows[3][3])
{
  const HilumMat4 m = hilum_rigid_to_mat4(rigid);
  for (int row = 0; row < 3; row++)
    for (int column = 0; column < 3; column++)
      rows[row][column] = (float)m.m[4 * column + row];
}

void metric_evaluate(const Problem *problem, HilumRigid rigid, Scratch *scratch, bool derivatives,
                     Evaluation *out)
{
  *out = (Evaluation){.value = -INFINITY};
  out->overlap = sample_moving(problem, rigid, scratch, derivatives);
  if (out->overlap < problem->min_overlap) return;
  if (problem->metric == HILUM_REGISTER_CORRELATION)
    correlation_evaluate(problem, rigid, scratch, derivatives, out);
  else
    mutual_information_evaluate(problem, rigid, scratch, derivatives, out);
}

HilumRigid metric_step(const Samples *samples, HilumRigid rigid, const double step[PARAMETERS])
{
  const HilumRigid here = hilum_rigid_recentre(rigid, samples->centre_mm);
  const HilumRigidParameters change = {
      .translation_mm = {step[0], step[1], step[2]},
      .rotation_rad = hilum_vec3_scale(hilum_vec3(step[3], step[4], step[5]), 1 / samples->radius_mm)};
  const HilumVec3 pivot = hilum_vec3_add(here.centre_mm, here.translation_mm);
  return hilum_rigid_compose(hilum_rigid_from_parameters(change, pivot), here);
}
