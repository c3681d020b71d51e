/* Rigid registration from the options to the verdict: crop, compand, pyramid, points, search, climb, check.
 */
#include "hilum/register/register.h"

#include "hilum/register/error.h"

#include "search_private.h"

#include <math.h>

enum { LEVELS = 3, SEARCH_CLIMBS = 6, DEFAULT_SAMPLES = 60000, MIN_DIM = 4 };
static const double FINEST_MM = 1.0, MAX_LEVEL_VOXELS = 8e6, MARGIN_MM = 12;
static const size_t LEVEL_SAMPLES[LEVELS] = {G_MAXSIZE, 20000, 4000}; /* finest first */
static const int LEVEL_CLIMBS[LEVELS] = {2, 4, SEARCH_CLIMBS};

/* Everything of one call. */
typedef struct {
  const HilumVolume *volume[2]; /* fixed, moving */
  HilumRegisterOptions options; /* defaults filled in */
  HilumRigid start;
  Region region;
  HilumVoxelBox crop[2];
  Level *level[2][LEVELS]; /* finest first */
  Samples *samples[LEVELS];
  Scratch *scratch;
} Registration;

static const char *const series_name[2] = {"fixed", "moving"};

static void registration_clear(Registration *r)
{
  for (int l = 0; l < LEVELS; l++) {
    level_free(r->level[0][l]);
    level_free(r->level[1][l]);
    samples_free(r->samples[l]);
  }
  scratch_free(r->scratch);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Registration, registration_clear)

/* --- options and region --- */

static bool check_options(Registration *r, GError **error)
{
  HilumRegisterOptions *o = &r->options;
  const char *problem = NULL;
  for (int v = 0; v < 2; v++)
    for (int a = 0; a < 3; a++)
      if (hilum_volume_get_grid(r->volume[v])->dims[a] < MIN_DIM) {
        g_set_error(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_REGION,
                    "The %s series has fewer than %d slices, rows or columns; it cannot be aligned",
                    series_name[v], MIN_DIM);
        return false;
      }
  if (o->metric != HILUM_REGISTER_MUTUAL_INFORMATION && o->metric != HILUM_REGISTER_CORRELATION)
    problem = "an unknown metric was asked for";
  else if (!isfinite(o->capture_mm) || o->capture_mm > 200 || !(o->capture_rad >= 0 && o->capture_rad <= 1.6))
    problem = "the search range must be at most 200 mm and 90 degrees";
  else if (!(o->min_overlap >= 0 && o->min_overlap <= 1))
    problem = "the least overlap must lie between 0 and 1";
  else if (o->samples > 5000000 || (o->samples > 0 && o->samples < 2000))
    problem = "the number of points must lie between 2,000 and 5,000,000";
  else if (!hilum_rigid_is_valid(r->start))
    problem = "the transform to start from is not a rigid motion with finite numbers";
  else if (o->use_box && !(hilum_vec3_is_finite(o->box_mm.min) && hilum_vec3_is_finite(o->box_mm.max)))
    problem = "the box around the region is not finite";
  else if (o->mask)
    for (int a = 0; a < 3; a++)
      if (o->mask->dims[a] != hilum_volume_get_grid(r->volume[0])->dims[a])
        problem = "the mask of the region belongs to another series";
  if (problem)
    g_set_error(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_INVALID, "The series cannot be aligned: %s",
                problem);
  return !problem;
}

static void fill_defaults(HilumRegisterOptions *o)
{
  if (o->capture_mm == 0) o->capture_mm = 20;
  if (o->capture_rad == 0) o->capture_rad = 10 * G_PI / 180;
  if (o->min_overlap == 0) o->min_overlap = 0.25;
  if (o->samples == 0) o->samples = DEFAULT_SAMPLES;
}

static HilumVec3 box_corner(HilumBox box, int corner)
{
  return hilum_vec3(corner & 1 ? box.max.x : box.min.x, corner & 2 ? box.max.y : box.min.y,
                    corner & 4 ? box.max.z : box.min.z);
}

/* Voxels whose centres may matter for a box of LPS mm mapped by `rigid`, grown by `margin_mm`, clipped. */
static HilumVoxelBox voxels_of_box(const HilumGrid *grid, HilumBox box, HilumRigid rigid, double margin_mm)
{
  double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
  for (int corner = 0; corner < 8; corner++) {
    HilumIndexPos p = hilum_grid_from_mm(grid, hilum_rigid_apply(rigid, box_corner(box, corner)));
    const double at[3] = {p.i, p.j, p.k};
    for (int a = 0; a < 3; a++)
      low[a] = fmin(low[a], at[a]), high[a] = fmax(high[a], at[a]);
  }
  HilumVoxelBox voxels;
  for (int a = 0; a < 3; a++) {
    const double margin = margin_mm / grid->spacing_mm[a] + 1;
    voxels.lo[a] = (int32_t)CLAMP(floor(low[a] - margin), 0, grid->dims[a]);
    voxels.hi[a] = (int32_t)CLAMP(ceil(high[a] + margin) + 1, 0, grid->dims[a]);
  }
  return voxels;
}

static HilumBox mask_box_mm(const HilumGrid *grid, const HilumMask *mask)
{
  HilumGrid part = *grid;
  const HilumVoxelBox b = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(b)) return hilum_box_empty();
  part.origin_mm = hilum_grid_voxel_to_mm(grid, (HilumVoxel){b.lo[0], b.lo[1], b.lo[2]});
  for (int a = 0; a < 3; a++)
    part.dims[a] = b.hi[a] - b.lo[a];
  return hilum_grid_bounds_mm(&part);
}

static HilumBox box_intersect(HilumBox a, HilumBox b)
{
  return (HilumBox){{fmax(a.min.x, b.min.x), fmax(a.min.y, b.min.y), fmax(a.min.z, b.min.z)},
                    {fmin(a.max.x, b.max.x), fmin(a.max.y, b.max.y), fmin(a.max.z, b.max.z)}};
}

static bool make_region(Registration *r, GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(r->volume[0]);
  Region *region = &r->region;
  *region = (Region){.box_mm = hilum_grid_bounds_mm(grid), .mask = r->options.mask, .grid = grid};
  region->volume_mm3 = (double)hilum_grid_count(grid) * hilum_grid_voxel_mm3(grid);
  if (r->options.use_box) region->box_mm = box_intersect(region->box_mm, r->options.box_mm);
  if (region->mask) {
    region->box_mm = box_intersect(region->box_mm, mask_box_mm(grid, region->mask));
    region->volume_mm3 = (double)hilum_mask_count(region->mask) * hilum_grid_voxel_mm3(grid);
  }
  const HilumVec3 size = hilum_vec3_sub(region->box_mm.max, region->box_mm.min);
  if (hilum_box_is_empty(region->box_mm) || !(size.x * size.y * size.z > 0)) {
    g_set_error_literal(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_REGION,
                        "The region to be aligned lies outside the fixed series or is empty");
    return false;
  }
  region->volume_mm3 = fmin(region->volume_mm3, size.x * size.y * size.z);

  /* What a turn by the capture angle moves the region's corner, on top of the capture range itself. */
  const double reach_mm = r->options.capture_mm < 0
                              ? 5
                              : 1.3 * r->options.capture_mm +
                                    sin(r->options.capture_rad) * hilum_box_diagonal(region->box_mm) / 2;
  r->crop[0] = voxels_of_box(grid, region->box_mm, hilum_rigid_identity(), MARGIN_MM);
  r->crop[1] =
      voxels_of_box(hilum_volume_get_grid(r->volume[1]), region->box_mm, r->start, MARGIN_MM + reach_mm);
  for (int v = 0; v < 2; v++)
    for (int a = 0; a < 3; a++)
      if (r->crop[v].hi[a] - r->crop[v].lo[a] < MIN_DIM) {
        g_set_error(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_REGION,
                    "The region to be aligned lies outside the %s series", series_name[v]);
        return false;
      }
  return true;
}

/* --- pyramid and points --- */

static bool make_companders(Registration *r, Compander *compander[2], GError **error)
{
  double low[2], high[2];
  for (int v = 0; v < 2; v++) {
    box_quantiles(r->volume[v], r->crop[v], 0.002, 0.998, &low[v], &high[v]);
    if (low[v] == high[v]) box_quantiles(r->volume[v], r->crop[v], 0, 1, &low[v], &high[v]);
    if (!(low[v] < high[v])) {
      g_set_error(
          error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_STRUCTURE,
          "The %s series has one and the same value everywhere in the region; there is nothing to align",
          series_name[v]);
      return false;
    }
  }
  for (int v = 0; v < 2; v++)
    compander[v] = r->options.metric == HILUM_REGISTER_CORRELATION
                       ? compander_new_linear(r->volume[v], fmin(low[0], low[1]), fmax(high[0], high[1]))
                       : compander_new_for_box(r->volume[v], r->crop[v]);
  return true;
}

static bool make_levels(Registration *r, const HilumProgress *progress, GError **error)
{
  Compander *compander[2] = {NULL, NULL};
  if (!make_companders(r, compander, error)) return false;
  const double target_mm = fmax(FINEST_MM, cbrt(r->region.volume_mm3 / MAX_LEVEL_VOXELS));
  bool ok = true;
  for (int v = 0; v < 2 && ok; v++) {
    for (int l = 0; l < LEVELS && ok; l++) {
      const double level_mm = target_mm * (1 << l);
      r->level[v][l] = l == 0 ? level_new(r->volume[v], r->crop[v], compander[v], level_mm, progress, error)
                              : level_new_coarser(r->level[v][l - 1], level_mm, progress, error);
      ok = r->level[v][l] != NULL;
    }
    hilum_progress_step(progress, (v + 1) / 2.0);
  }
  g_free(compander[0]);
  g_free(compander[1]);
  return ok;
}

static bool make_samples(Registration *r, const HilumProgress *progress, GError **error)
{
  r->samples[0] = samples_new(&r->region, r->level[0][0], r->options.samples, progress, error);
  if (!r->samples[0]) return false;
  for (int l = 1; l < LEVELS; l++) {
    r->samples[l] = samples_new_thinned(r->samples[0], r->level[0][l], LEVEL_SAMPLES[l]);
    if (r->samples[l]->count >= MIN_SAMPLES) continue;
    g_set_error_literal(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_REGION,
                        "The region to be aligned holds too little of the fixed series; make it larger");
    return false;
  }
  r->scratch = scratch_new(r->samples[0]->count);
  return true;
}

/* --- optimisation --- */

static Problem problem_at(const Registration *r, int level)
{
  return (Problem){r->options.metric, r->samples[level], r->level[1][level], r->options.min_overlap};
}

static int by_value(gconstpointer a, gconstpointer b)
{
  const Climb *x = a, *y = b;
  return x->value != y->value ? (x->value < y->value ? 1 : -1) : 0;
}

/* A climb on those points that lie well inside the moving volume. Points that leave or enter on the way would
 * change the entropies, and pull the optimum towards more or less overlap. */
static void climb_inside(Registration *r, Problem problem, double max_step_mm, double tolerance_mm,
                         Climb *climb, const HilumProgress *progress)
{
  const Samples *all = problem.samples;
  g_autoptr(Samples) inside = samples_new_inside(all, problem.moving, climb->rigid, 1.5 * max_step_mm);
  if (inside->count >= MIN_SAMPLES && (double)inside->count >= 0.5 * problem.min_overlap * (double)all->count)
    problem.samples = inside;
  climb_run(&problem, r->scratch, max_step_mm, tolerance_mm, climb, progress);
  if (problem.samples == all) return;
  Evaluation there;
  problem.samples = all;
  metric_evaluate(&problem, climb->rigid, r->scratch, false, &there);
  climb->evaluations++;
  climb->value = there.value, climb->overlap = there.overlap;
}

/* Mutual information is the moving volume's entropy less its entropy given the fixed volume. The first also
 * rewards the region for showing more variety, which pulls wherever the region cuts an organ, and most where
 * the moving volume ends. Once the match is found the second alone is the unbiased guide (it is the
 * likelihood of the moving values under the histogram's own model), and a last climb follows it. */
static void polish(Registration *r, Climb *best, const HilumProgress *progress)
{
  if (r->options.metric != HILUM_REGISTER_MUTUAL_INFORMATION || !isfinite(best->value)) return;
  Problem problem = problem_at(r, 0);
  problem.conditional = true;
  climb_inside(r, problem, cbrt(hilum_grid_voxel_mm3(&problem.moving->grid)), 1e-4, best, progress);
  problem.conditional = false;
  Evaluation there;
  metric_evaluate(&problem, best->rigid, r->scratch, false, &there);
  best->evaluations++;
  best->value = there.value, best->overlap = there.overlap;
}

/* Log likelihood ratio between two values of the metric over `count` independent points. */
static double log_ratio(HilumRegisterMetric metric, double better, double worse, double count)
{
  if (metric == HILUM_REGISTER_MUTUAL_INFORMATION) return count * (better - worse);
  const double floor = 1e-9; /* equal volumes: nothing is left unexplained */
  return count / 2 * log(fmax(1 - worse * worse, floor) / fmax(1 - better * better, floor));
}

/* Where the optimum explains the volumes no better than the start does, the start stays: series that share
 * their frame of reference and did not move keep the identity to the last bit. The bound is the 5 % point of
 * chi square with six degrees of freedom, halved; points are not independent (see patches.c). */
static void prefer_start(const Registration *r, Climb *best)
{
  const Problem problem = problem_at(r, 0);
  Evaluation start;
  metric_evaluate(&problem, r->start, r->scratch, false, &start);
  if (!isfinite(start.value) || !isfinite(best->value)) return;
  const double count = (double)problem.samples->count * best->overlap / 4;
  if (log_ratio(r->options.metric, best->value, start.value, count) > 6.3) return;
  best->rigid = r->start, best->value = start.value, best->overlap = start.overlap;
}

/* From the coarsest level to the finest; `best` is the winner there. Returns all evaluations. */
static int optimise(Registration *r, Climb *best, const HilumProgress *progress)
{
  Climb climbs[SEARCH_CLIMBS] = {{.rigid = r->start}};
  int evaluations = 0;
  size_t count = 1;
  if (r->options.capture_mm > 0) {
    const Problem problem = problem_at(r, LEVELS - 1);
    count = search_run(&problem, r->start, r->options.capture_mm, r->options.capture_rad, climbs,
                       SEARCH_CLIMBS, &evaluations, progress);
    for (size_t n = 0; n < count; n++)
      climbs[n].evaluations = 0; /* counted */
  }
  for (int level = r->options.capture_mm > 0 ? LEVELS - 2 : LEVELS - 1; level >= 0 && count > 0; level--) {
    hilum_progress_step(progress, 1 - (level + 1.0) / LEVELS);
    const Problem problem = problem_at(r, level);
    const double spacing_mm = cbrt(hilum_grid_voxel_mm3(&problem.moving->grid));
    count = MIN(count, (size_t)LEVEL_CLIMBS[level]);
    for (size_t n = 0; n < count; n++)
      climb_inside(r, problem, 2 * spacing_mm, level ? 0.02 : 1e-4, &climbs[n], progress);
    qsort(climbs, count, sizeof *climbs, by_value);
  }
  if (count > 0) polish(r, &climbs[0], progress);
  if (count > 0) prefer_start(r, &climbs[0]);
  *best = count > 0 ? climbs[0] : (Climb){.rigid = r->start, .value = -INFINITY};
  for (size_t n = 0; n < count; n++)
    evaluations += climbs[n].evaluations;
  return evaluations;
}

/* --- verdict --- */

static HilumRegisterVerdict judge(const Registration *r, const HilumRegisterResult *result)
{
  if (!isfinite(result->metric)) return HILUM_REGISTER_NO_MATCH;
  if (r->options.capture_mm > 0) {
    HilumRigid moved = hilum_rigid_compose(hilum_rigid_invert(r->start), result->transform);
    HilumRigidParameters p = hilum_rigid_to_parameters(moved, r->samples[0]->centre_mm);
    if (hilum_vec3_length(p.translation_mm) > sqrt(3) * 1.15 * r->options.capture_mm ||
        hilum_vec3_length(p.rotation_rad) > 1.75 * r->options.capture_rad)
      return HILUM_REGISTER_OUT_OF_RANGE;
  }
  if (result->patches < 6) return HILUM_REGISTER_FEW_LANDMARKS;
  return 5 * result->patches_agreeing < 3 * result->patches ? HILUM_REGISTER_NO_MATCH
                                                            : HILUM_REGISTER_RELIABLE;
}

const char *hilum_register_verdict_sentence(HilumRegisterVerdict verdict)
{
  switch (verdict) {
  case HILUM_REGISTER_RELIABLE:
    return "The series were aligned; compare them before relying on it.";
  case HILUM_REGISTER_NO_MATCH:
    return "No reliable match was found: parts of the region do not fit together. Align by hand, or choose a "
           "smaller region around the kidney.";
  case HILUM_REGISTER_OUT_OF_RANGE:
    return "No reliable match was found within the search range. Align roughly by hand, then try again.";
  case HILUM_REGISTER_FEW_LANDMARKS:
    return "The region shows too little structure to confirm the alignment. Choose a larger region, and "
           "compare "
           "the series before relying on it.";
  }
  return "";
}

static void measure(Registration *r, const Climb *best, HilumRegisterResult *result,
                    const HilumProgress *progress)
{
  const Problem problem = problem_at(r, 0);
  const HilumGrid *moving = hilum_volume_get_grid(r->volume[1]), *fixed = r->region.grid;
  double widest = 0;
  for (int a = 0; a < 3; a++)
    widest = fmax(widest, fmax(moving->spacing_mm[a], fixed->spacing_mm[a]));
  Evaluation start;
  metric_evaluate(&problem, r->start, r->scratch, false, &start);
  result->metric_start = isfinite(start.value) ? start.value : NAN;
  result->agree_mm = fmax(2, 1.5 * widest);
  result->transform = hilum_rigid_recentre(best->rigid, problem.samples->centre_mm);
  result->metric = isfinite(best->value) ? best->value : NAN;
  result->overlap = best->overlap;
  result->iterations = best->iterations;
  result->residual_mm = result->residual_worst_mm = NAN;
  if (isfinite(best->value)) patches_check(&problem, r->scratch, result, progress);
}

bool hilum_register_rigid(const HilumVolume *fixed, const HilumVolume *moving,
                          const HilumRegisterOptions *options, HilumRegisterResult *result,
                          const HilumProgress *progress, GError **error)
{
  g_auto(Registration) r = {.volume = {fixed, moving}, .start = hilum_rigid_identity()};
  if (options) r.options = *options;
  if (r.options.start) r.start = *r.options.start;
  if (!check_options(&r, error)) return false;
  fill_defaults(&r.options);
  if (hilum_progress_fail(progress, error) || !make_region(&r, error)) return false;
  HilumProgress part = hilum_progress_part(progress, 0, 0.3, NULL);
  if (!make_levels(&r, &part, error) || !make_samples(&r, &part, error)) return false;

  HilumRegisterResult found = {.verdict = HILUM_REGISTER_NO_MATCH};
  Climb best;
  part = hilum_progress_part(progress, 0.3, 0.9, NULL);
  found.evaluations = optimise(&r, &best, &part);
  if (hilum_progress_fail(progress, error)) return false;
  part = hilum_progress_part(progress, 0.9, 1, NULL);
  measure(&r, &best, &found, &part);
  if (hilum_progress_fail(progress, error)) return false;
  found.verdict = judge(&r, &found);
  hilum_progress_step(progress, 1);
  *result = found;
  return true;
}
