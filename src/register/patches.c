/* Does the region confirm the transform piece by piece? The joint histogram at the transform says how well
 * any pair of values fits (a point similarity: Rogelj, Kovacic and Gee, "Point similarity measures for
 * non-rigid registration of multi-modal data", CVIU 92, 2003). With it, each patch of the region looks for a
 * better place of its own within a few millimetres. Patches that want to stay confirm the transform; how far
 * the others want to go is the residual. A patch counts only in the directions in which it has structure:
 * along an edge it could slide, and says nothing. */
#include "search_private.h"

#include "hilum/base/parallel.h"

#include "affine_private.h"

#include <math.h>

enum { PATCHES_WANTED = 64, SEARCH_POINTS = 250, MIN_POINTS = 80, REFINEMENTS = 12 };
static const double SEARCH_MM = 6, SEARCH_STEP_MM = 2;
/* A direction counts if the patch fixes it to this standard deviation. Noise and interpolation make
 * neighbouring points alike; CORRELATED points count as one. */
static const double SURE_MM = 0.4, CORRELATED = 4;
static const double CLEARLY_NATS = 15; /* log likelihood ratio, after a choice among 343 places */

typedef struct {
  const Problem *problem;
  HilumRigid rigid;
  PairTable table;
  float slope[BINS][BINS]; /* of the table along the moving value */
  const uint32_t *points;  /* sample numbers, patch by patch */
  const uint32_t *first;   /* of each patch, and one beyond the last */
  double *shift_mm;        /* per patch; negative: not enough structure */
  const HilumProgress *progress;
} PatchPass;

typedef struct {
  double score; /* mean over the points; -INFINITY if too few are inside */
  double gradient[3], matrix[6];
} PatchFit;

/* Without `derivatives` only the score. */
static PatchFit patch_fit(const PatchPass *p, const uint32_t *points, size_t count, size_t stride,
                          HilumVec3 shift_mm, bool derivatives)
{
  const Samples *s = p->problem->samples;
  const Level *moving = p->problem->moving;
  const HilumGrid *grid = &moving->grid;
  HilumRigid shifted = p->rigid;
  shifted.translation_mm = hilum_vec3_add(shifted.translation_mm, shift_mm);
  const IndexMap map = index_map_make(grid, shifted, s->centre_mm);
  PatchFit fit = {.score = 0};
  size_t inside = 0, asked = 0;
  for (size_t n = 0; n < count; n += stride) {
    const uint32_t point = points[n];
    const HilumIndexPos at = index_map_apply(&map, (HilumVec3){s->x[point], s->y[point], s->z[point]});
    float value, g[3] = {0, 0, 0};
    asked++;
    if (!level_sample(moving, (float)at.i, (float)at.j, (float)at.k, &value, derivatives ? g : NULL))
      continue;
    inside++;
    const int f = (int)(s->value[point] + 0.5f), m = (int)value;
    const float t = value - (float)m;
    fit.score += p->table.likelihood[f][m] + t * (p->table.likelihood[f][m + 1] - p->table.likelihood[f][m]);
    if (!derivatives) continue;
    const double slope = p->slope[f][m] + t * (p->slope[f][m + 1] - p->slope[f][m]);
    double j[3] = {0, 0, 0};
    for (int a = 0; a < 3; a++) {
      const double per_mm = slope * g[a] / grid->spacing_mm[a];
      j[0] += per_mm * grid->axes[a].x, j[1] += per_mm * grid->axes[a].y, j[2] += per_mm * grid->axes[a].z;
    }
    for (int a = 0, k = 0; a < 3; a++) {
      fit.gradient[a] += j[a];
      for (int b = a; b < 3; b++, k++)
        fit.matrix[k] += j[a] * j[b];
    }
  }
  fit.score = 10 * inside < 7 * asked ? -INFINITY : fit.score / (double)MAX(inside, 1);
  return fit;
}

/* Eigenvalues and eigenvectors (columns) of a symmetric 3 x 3 by Jacobi's rotations. */
static void eigen3(const double matrix[6], double value[3], double vector[3][3])
{
  double a[3][3] = {{matrix[0], matrix[1], matrix[2]},
                    {matrix[1], matrix[3], matrix[4]},
                    {matrix[2], matrix[4], matrix[5]}};
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++)
      vector[r][c] = r == c;
  for (int sweep = 0; sweep < 16; sweep++)
    for (int p = 0; p < 2; p++)
      for (int q = p + 1; q < 3; q++) {
        if (fabs(a[p][q]) < 1e-30) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
        const double c = 1 / sqrt(t * t + 1), s = t * c;
        for (int k = 0; k < 3; k++) {
          const double x = a[k][p], y = a[k][q];
          a[k][p] = c * x - s * y, a[k][q] = s * x + c * y;
        }
        for (int k = 0; k < 3; k++) {
          const double x = a[p][k], y = a[q][k];
          a[p][k] = c * x - s * y, a[q][k] = s * x + c * y;
        }
        for (int k = 0; k < 3; k++) {
          const double x = vector[k][p], y = vector[k][q];
          vector[k][p] = c * x - s * y, vector[k][q] = s * x + c * y;
        }
      }
  for (int k = 0; k < 3; k++)
    value[k] = a[k][k];
}

/* `v` without the directions that the patch does not fix; returns how many it fixes. */
static int project_sure(const double matrix[6], HilumVec3 *v)
{
  double value[3], vector[3][3];
  eigen3(matrix, value, vector);
  HilumVec3 kept = {0, 0, 0};
  int sure = 0;
  for (int k = 0; k < 3; k++) {
    if (!(value[k] > CORRELATED / (SURE_MM * SURE_MM))) continue;
    HilumVec3 direction = {vector[0][k], vector[1][k], vector[2][k]};
    kept = hilum_vec3_madd(kept, hilum_vec3_dot(*v, direction), direction);
    sure++;
  }
  *v = kept;
  return sure;
}

/* Newton's step M^-1 g in the eigenbasis, weak directions damped. */
static HilumVec3 newton_step(const PatchFit *fit, double longest_mm)
{
  double value[3], vector[3][3];
  eigen3(fit->matrix, value, vector);
  HilumVec3 step = {0, 0, 0}, g = {fit->gradient[0], fit->gradient[1], fit->gradient[2]};
  for (int k = 0; k < 3; k++) {
    HilumVec3 direction = {vector[0][k], vector[1][k], vector[2][k]};
    step =
        hilum_vec3_madd(step, hilum_vec3_dot(g, direction) / (value[k] + 1 / (SURE_MM * SURE_MM)), direction);
  }
  double length = hilum_vec3_length(step);
  return length > longest_mm ? hilum_vec3_scale(step, longest_mm / length) : step;
}

/* Climbs from `from`; steps shrink when the score does not rise. */
static PatchFit patch_climb(const PatchPass *p, const uint32_t *points, size_t count, HilumVec3 *from)
{
  PatchFit fit = patch_fit(p, points, count, 1, *from, true);
  double longest_mm = SEARCH_STEP_MM / 2;
  for (int n = 0; n < REFINEMENTS && longest_mm > 0.02; n++) {
    HilumVec3 next = hilum_vec3_add(*from, newton_step(&fit, longest_mm));
    PatchFit there = patch_fit(p, points, count, 1, next, true);
    if (there.score > fit.score)
      *from = next, fit = there;
    else
      longest_mm /= 3;
  }
  return fit;
}

/* The best place on a lattice around the transform, and the mean score of the lattice. */
static HilumVec3 patch_search(const PatchPass *p, const uint32_t *points, size_t count, double *mean_score)
{
  HilumVec3 best = {0, 0, 0};
  double sum = 0;
  size_t tried = 0;
  const size_t stride = MAX(1, count / SEARCH_POINTS);
  double best_score = patch_fit(p, points, count, stride, best, false).score;
  const int steps = (int)(SEARCH_MM / SEARCH_STEP_MM);
  for (int z = -steps; z <= steps; z++)
    for (int y = -steps; y <= steps; y++)
      for (int x = -steps; x <= steps; x++) {
        HilumVec3 shift = hilum_vec3_scale(hilum_vec3(x, y, z), SEARCH_STEP_MM);
        double score = patch_fit(p, points, count, stride, shift, false).score;
        if (score > best_score) best_score = score, best = shift;
        if (isfinite(score)) sum += score, tried++;
      }
  *mean_score = tried > 0 ? sum / (double)tried : 0;
  return best;
}

/* How clearly, in nats over the whole patch, one mean score beats another. */
static double evidence(double better, double worse, size_t count)
{
  return (better - worse) * (double)count / CORRELATED;
}

/* A place some way off is believed only if it fits clearly better than the best near the transform: contrast
 * that comes and goes between phases otherwise lets a patch jump. And whatever place it is counts only if it
 * fits clearly better than places taken at random: else the patch has no structure that both volumes show,
 * and cannot confirm anything (noise against noise agrees with every transform). */
static double patch_shift(const PatchPass *p, const uint32_t *points, size_t count)
{
  HilumVec3 near = {0, 0, 0};
  PatchFit fit = patch_climb(p, points, count, &near);
  if (!isfinite(fit.score)) return -1;
  double mean_score;
  HilumVec3 far = patch_search(p, points, count, &mean_score);
  if (hilum_vec3_length(far) > 0) {
    PatchFit far_fit = patch_climb(p, points, count, &far);
    if (evidence(far_fit.score, fit.score, count) > CLEARLY_NATS) near = far, fit = far_fit;
  }
  if (evidence(fit.score, mean_score, count) < CLEARLY_NATS) return -1;
  return project_sure(fit.matrix, &near) > 0 ? hilum_vec3_length(near) : -1;
}

static void check_patches(size_t begin, size_t end, unsigned worker, void *data)
{
  const PatchPass *p = data;
  for (size_t n = begin; n < end; n++) {
    const size_t count = p->first[n + 1] - p->first[n];
    p->shift_mm[n] = -1;
    if (count < MIN_POINTS || hilum_progress_cancelled(p->progress)) continue;
    p->shift_mm[n] = patch_shift(p, p->points + p->first[n], count);
  }
}

/* Cubes over the samples' extent, about PATCHES_WANTED of them where the region is. */
typedef struct {
  float low[3];
  double edge_mm;
  int32_t dims[3];
  size_t count;
} PatchLattice;

static PatchLattice lattice_make(const Samples *s)
{
  PatchLattice l = {.low = {s->x[0], s->y[0], s->z[0]}};
  float high[3] = {s->x[0], s->y[0], s->z[0]};
  for (size_t n = 0; n < s->count; n++) {
    const float at[3] = {s->x[n], s->y[n], s->z[n]};
    for (int a = 0; a < 3; a++)
      l.low[a] = MIN(l.low[a], at[a]), high[a] = MAX(high[a], at[a]);
  }
  const double volume_mm3 = (double)s->count * pow(s->spacing_mm, 3);
  l.edge_mm = CLAMP(cbrt(volume_mm3 / PATCHES_WANTED), 12, 40);
  l.count = 1;
  for (int a = 0; a < 3; a++) {
    l.dims[a] = (int32_t)((high[a] - l.low[a]) / l.edge_mm) + 1;
    l.count *= (size_t)l.dims[a];
  }
  return l;
}

static size_t lattice_cell(const PatchLattice *l, const Samples *s, size_t n)
{
  const float at[3] = {s->x[n], s->y[n], s->z[n]};
  size_t cell = 0;
  for (int a = 2; a >= 0; a--) {
    int32_t index = (int32_t)((at[a] - l->low[a]) / l->edge_mm);
    cell = cell * (size_t)l->dims[a] + (size_t)CLAMP(index, 0, l->dims[a] - 1);
  }
  return cell;
}

static void table_slopes(PatchPass *pass)
{
  for (int f = 0; f < BINS; f++)
    for (int m = 1; m < BINS - 1; m++)
      pass->slope[f][m] = (float)((pass->table.likelihood[f][m + 1] - pass->table.likelihood[f][m - 1]) / 2);
}

void patches_check(const Problem *problem, Scratch *scratch, HilumRegisterResult *result,
                   const HilumProgress *progress)
{
  const Samples *s = problem->samples;
  PatchPass pass = {.problem = problem, .rigid = result->transform, .progress = progress};
  metric_pair_table(problem, result->transform, scratch, &pass.table);
  table_slopes(&pass);
  const PatchLattice lattice = lattice_make(s);
  g_autofree uint32_t *first = g_new0(uint32_t, lattice.count + 2);
  g_autofree uint32_t *points = g_new(uint32_t, s->count);
  for (size_t n = 0; n < s->count; n++)
    first[lattice_cell(&lattice, s, n) + 2]++;
  for (size_t n = 2; n < lattice.count + 2; n++)
    first[n] += first[n - 1];
  for (size_t n = 0; n < s->count; n++) /* counting sort: first[c + 1] walks to the end of cell c */
    points[first[lattice_cell(&lattice, s, n) + 1]++] = (uint32_t)n;
  g_autofree double *shift_mm = g_new(double, lattice.count);
  pass.first = first, pass.points = points, pass.shift_mm = shift_mm;
  hilum_parallel_for(lattice.count, 1, check_patches, &pass);

  double square = 0, worst = 0;
  result->patches = result->patches_agreeing = 0;
  for (size_t n = 0; n < lattice.count; n++) {
    if (shift_mm[n] < 0) continue;
    result->patches++;
    result->patches_agreeing += shift_mm[n] <= result->agree_mm;
    square += shift_mm[n] * shift_mm[n];
    worst = MAX(worst, shift_mm[n]);
  }
  result->residual_mm = result->patches ? sqrt(square / result->patches) : NAN;
  result->residual_worst_mm = result->patches ? worst : NAN;
}
