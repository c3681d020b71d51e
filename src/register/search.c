/* The search at the coarsest level. The metric has many small maxima, and a climb reaches the right one only
 * from within some 10 mm; but there a few thousand points and a few thousand transforms cost less than one
 * climb at the finest level. So every transform on a lattice is tried, and the best that lie apart are
 * climbed (Jenkinson and Smith, "A global optimisation method for robust affine registration of brain
 * images", Medical Image Analysis 5, 2001, search likewise). */
#include "search_private.h"

#include "hilum/base/parallel.h"

#include <math.h>

enum { MAX_STARTS = 16, MAX_STEPS = 5 };

typedef struct {
  const Problem *problem;
  HilumRigid start;
  int steps, turns; /* -steps..steps along each axis; turns 1 or 7 */
  double step_mm, turn_rad;
  double *value; /* one per candidate */
  Climb *climbs;
  const HilumProgress *progress;
} Search;

static HilumRigid candidate_make(const Search *s, size_t index)
{
  const int side = 2 * s->steps + 1;
  const int turn = (int)(index / (size_t)(side * side * side));
  const int rest = (int)(index % (size_t)(side * side * side));
  const double shift[3] = {(rest % side - s->steps) * s->step_mm,
                           (rest / side % side - s->steps) * s->step_mm,
                           (rest / side / side - s->steps) * s->step_mm};
  HilumRigidParameters change = {.translation_mm = {shift[0], shift[1], shift[2]}};
  const double angle = turn % 2 ? s->turn_rad : -s->turn_rad;
  if (turn > 0) {
    double rotation[3] = {0, 0, 0};
    rotation[(turn - 1) / 2] = angle;
    change.rotation_rad = hilum_vec3(rotation[0], rotation[1], rotation[2]);
  }
  const HilumVec3 pivot = hilum_rigid_apply(s->start, s->problem->samples->centre_mm);
  return hilum_rigid_compose(hilum_rigid_from_parameters(change, pivot), s->start);
}

static void evaluate_candidates(size_t begin, size_t end, unsigned worker, void *data)
{
  Search *s = data;
  g_autoptr(Scratch) scratch = scratch_new(s->problem->samples->count);
  for (size_t n = begin; n < end; n++) {
    if (hilum_progress_cancelled(s->progress)) return;
    Evaluation e;
    metric_evaluate(s->problem, candidate_make(s, n), scratch, false, &e);
    s->value[n] = e.value;
  }
}

static void climb_candidates(size_t begin, size_t end, unsigned worker, void *data)
{
  Search *s = data;
  g_autoptr(Scratch) scratch = scratch_new(s->problem->samples->count);
  for (size_t n = begin; n < end; n++)
    climb_run(s->problem, scratch, s->step_mm, 0.05, &s->climbs[n], s->progress);
}

typedef struct {
  double value;
  size_t index;
} Ranked;

static int by_value(gconstpointer a, gconstpointer b)
{
  const Ranked *x = a, *y = b;
  if (x->value != y->value) return x->value < y->value ? 1 : -1;
  return x->index < y->index ? -1 : 1; /* total order: the sort need not be stable */
}

static int climb_by_value(gconstpointer a, gconstpointer b)
{
  const Climb *x = a, *y = b;
  return x->value != y->value ? (x->value < y->value ? 1 : -1) : 0;
}

/* Drops climbs that ended where a better one did; `climbs` is sorted. */
static size_t keep_distinct(const Samples *samples, Climb *climbs, size_t count, double apart_mm)
{
  size_t kept = 0;
  for (size_t n = 0; n < count; n++) {
    bool known = !isfinite(climbs[n].value);
    for (size_t m = 0; m < kept && !known; m++)
      known = rigid_difference_mm(samples, climbs[m].rigid, climbs[n].rigid) < apart_mm;
    if (!known) climbs[kept++] = climbs[n];
  }
  return kept;
}

/* The start, then the best candidates that lie at least `apart_mm` from those chosen before. */
static size_t choose_starts(const Search *s, size_t candidates, double apart_mm, Climb starts[MAX_STARTS])
{
  g_autofree Ranked *ranked = g_new(Ranked, candidates);
  for (size_t n = 0; n < candidates; n++)
    ranked[n] = (Ranked){s->value[n], n};
  qsort(ranked, candidates, sizeof *ranked, by_value);
  size_t count = 0;
  starts[count++] = (Climb){.rigid = s->start};
  for (size_t n = 0; n < candidates && count < MAX_STARTS; n++) {
    if (!isfinite(ranked[n].value)) break;
    HilumRigid rigid = candidate_make(s, ranked[n].index);
    bool near = false;
    for (size_t m = 1; m < count && !near; m++)
      near = rigid_difference_mm(s->problem->samples, starts[m].rigid, rigid) < apart_mm;
    if (!near) starts[count++] = (Climb){.rigid = rigid};
  }
  return count;
}

size_t search_run(const Problem *problem, HilumRigid start, double capture_mm, double capture_rad,
                  Climb *climbs, size_t capacity, int *evaluations, const HilumProgress *progress)
{
  Climb starts[MAX_STARTS] = {{.value = -INFINITY}};
  Search s = {.problem = problem, .start = start, .climbs = starts, .progress = progress};
  s.steps = (int)CLAMP(ceil(capture_mm / 7), 1, MAX_STEPS);
  s.step_mm = capture_mm / s.steps;
  s.turns = capture_rad > 0 ? 7 : 1;
  s.turn_rad = 0.8 * capture_rad;
  const size_t side = (size_t)(2 * s.steps + 1), candidates = side * side * side * (size_t)s.turns;
  g_autofree double *value = g_new(double, candidates);
  s.value = value;
  hilum_parallel_for(candidates, side * side, evaluate_candidates, &s);
  if (hilum_progress_cancelled(progress)) return 0;

  const size_t count = choose_starts(&s, candidates, 1.2 * s.step_mm, starts);
  hilum_parallel_for(count, 1, climb_candidates, &s);
  *evaluations += (int)candidates;
  for (size_t n = 0; n < count; n++)
    *evaluations += starts[n].evaluations;
  qsort(starts, count, sizeof *starts, climb_by_value);
  const size_t kept = MIN(keep_distinct(problem->samples, starts, count, 1.0), capacity);
  for (size_t n = 0; n < kept; n++)
    climbs[n] = starts[n];
  return kept;
}
