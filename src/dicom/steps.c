/* The distances between slices. Slices on even steps are taken as they are. Steps of different size become
 * even planes by interpolation along the normal; the planes are as close as the closest slices, so that every
 * slice keeps at least half of the weight in one of them and none is averaged away. Where a step is a whole
 * number of ordinary steps, slices are missing, and only the user may decide to bridge them. Tolerances are
 * those of docs/dicom.md. */
#include "steps.h"

#include <math.h>
#include <stdlib.h>

#define EVEN_MM 0.01          /* positions this near to even steps are even */
#define UNEVEN_LIMIT_MM 0.1   /* rounding of positions explains no more: beyond, planes are interpolated */
#define RUN_TOLERANCE 0.02    /* steps that differ by less are of one size */
#define NEAR_LIMIT 0.25       /* of the median step: slices closer than that are no stack */
#define WIDE_LIMIT 2.05       /* of the steps around: a wider one could hide a slice */
#define SPACING_LIMIT_MM 10.0 /* no wider step is taken at all */

enum { SHORTEST_RUN = 4, LARGEST_COUNT = 32767 };

typedef enum { STEP_EVEN, STEP_UNEVEN, STEP_SAME, STEP_MISSING, STEP_NEAR, STEP_WIDE, STEP_KINDS } StepKind;

typedef struct {
  const GPtrArray *records;
  const double *depth;
  guint n; /* steps */
  double median, shortest, longest;
  bool *in_run; /* one of many equal steps: the protocol changed, nothing is missing */
} Steps;

static double step_at(const Steps *s, guint i)
{
  return s->depth[i + 1] - s->depth[i];
}

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool same_size(double a, double b)
{
  return fabs(a - b) <= fmax(2 * EVEN_MM, RUN_TOLERANCE * fmin(a, b));
}

static void find_runs(Steps *s)
{
  const guint least = MAX(SHORTEST_RUN, s->n / 4);
  guint end;
  for (guint begin = 0; begin < s->n; begin = end) {
    for (end = begin + 1; end < s->n && same_size(step_at(s, begin), step_at(s, end)); end++)
      ;
    for (guint i = begin; i < end && end - begin >= least; i++)
      s->in_run[i] = true;
  }
}

static void measure(Steps *s)
{
  g_autofree double *sorted = g_new(double, s->n);
  guint n = 0;
  for (guint i = 0; i < s->n; i++)
    if (step_at(s, i) >= HILUM_SAME_POSITION_MM) sorted[n++] = step_at(s, i);
  if (n == 0) return;
  qsort(sorted, n, sizeof *sorted, compare_doubles);
  s->median = sorted[(n - 1) / 2];
  s->shortest = sorted[0];
  s->longest = sorted[n - 1];
  find_runs(s);
}

/* What an ordinary step is at this place: the median, or that of a neighbouring run of its own size. */
static double ordinary_step(const Steps *s, guint i)
{
  double ordinary = s->median;
  if (s->in_run[i]) ordinary = fmax(ordinary, step_at(s, i));
  if (i > 0 && s->in_run[i - 1]) ordinary = fmax(ordinary, step_at(s, i - 1));
  if (i + 1 < s->n && s->in_run[i + 1]) ordinary = fmax(ordinary, step_at(s, i + 1));
  return ordinary;
}

static StepKind classify(const Steps *s, guint i)
{
  double step = step_at(s, i);
  if (step < HILUM_SAME_POSITION_MM) return STEP_SAME;
  if (step < NEAR_LIMIT * s->median) return STEP_NEAR;
  double ratio = step / s->median;
  if (ratio > 1.5 && !s->in_run[i] &&
      fabs(ratio - round(ratio)) * s->median <= fmax(0.05 * s->median, 2 * EVEN_MM))
    return STEP_MISSING;
  if (step > SPACING_LIMIT_MM || step > WIDE_LIMIT * ordinary_step(s, i)) return STEP_WIDE;
  return fabs(step - s->median) > 2 * EVEN_MM ? STEP_UNEVEN : STEP_EVEN;
}

/* --- what is said of them --- */

typedef struct {
  HilumNameList lists[STEP_KINDS];
  double missing; /* slices */
} Account;

static void note_step(Account *a, const Steps *s, guint i, StepKind kind)
{
  const char *before = hilum_record_name(g_ptr_array_index(s->records, i));
  const char *after = hilum_record_name(g_ptr_array_index(s->records, i + 1));
  HilumNameList *list = &a->lists[kind];
  switch (kind) {
  case STEP_SAME:
    hilum_name_list_add(list, "“%s” and “%s” at %.2f mm", before, after, s->depth[i + 1]);
    break;
  case STEP_MISSING: {
    double n = round(step_at(s, i) / s->median) - 1;
    a->missing += n;
    hilum_name_list_add(list, "%.0f between slice %u (“%s”, %.2f mm) and slice %u (“%s”, %.2f mm)", n, i + 1,
                        before, s->depth[i], i + 2, after, s->depth[i + 1]);
    break;
  }
  case STEP_UNEVEN:
  case STEP_NEAR:
  case STEP_WIDE:
    hilum_name_list_add(list, "%.2f mm between slice %u (“%s”) and slice %u (“%s”)", step_at(s, i), i + 1,
                        before, i + 2, after);
    break;
  case STEP_EVEN:
  case STEP_KINDS:
    break;
  }
}

static void refuse_same(Account *a, GArray *findings)
{
  size_t n = a->lists[STEP_SAME].n;
  g_autofree char *list = hilum_name_list_finish(&a->lists[STEP_SAME]);
  if (n)
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "duplicate-positions",
                       "%zu %s at the same place as another, with other content: %s.", n,
                       n == 1 ? "slice lies" : "slices lie", list);
}

static void report_missing(Account *a, const Steps *s, bool accepted, GArray *findings)
{
  g_autofree char *list = hilum_name_list_finish(&a->lists[STEP_MISSING]);
  if (a->missing == 0) return;
  if (accepted)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "interpolated-gap",
                       "%.0f missing %s made up from the slices around, as the user accepted (even steps of "
                       "%.2f mm): %s. Whatever is measured there is an estimate.",
                       a->missing, a->missing == 1 ? "slice was" : "slices were", s->median, list);
  else
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "missing-slices",
                       "%.0f %s missing from even steps of %.2f mm: %s.", a->missing,
                       a->missing == 1 ? "slice is" : "slices are", s->median, list);
}

static void refuse_irregular(Account *a, const Steps *s, GArray *findings)
{
  size_t n_near = a->lists[STEP_NEAR].n, n_wide = a->lists[STEP_WIDE].n;
  g_autofree char *near = hilum_name_list_finish(&a->lists[STEP_NEAR]);
  g_autofree char *wide = hilum_name_list_finish(&a->lists[STEP_WIDE]);
  if (n_near)
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "irregular-spacing",
                       "Slices lie much closer together than the usual %.2f mm: %s.", s->median, near);
  if (n_wide)
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "irregular-spacing",
                       "Between slices that are usually %.2f mm apart lie gaps too wide to be bridged: %s.",
                       s->median, wide);
}

/* --- even planes --- */

/* The mean of the shortest steps, which rounding of positions hardly moves. */
static double finest_step(const Steps *s)
{
  double sum = 0;
  guint n = 0;
  for (guint i = 0; i < s->n; i++)
    if (same_size(step_at(s, i), s->shortest)) {
      sum += step_at(s, i);
      n++;
    }
  return n ? sum / n : s->shortest;
}

/* True if every slice lies on one of n + 1 even planes. */
static bool planes_hold_slices(const Steps *s, double length, double n)
{
  for (guint i = 1; i < s->n; i++) {
    double k = (s->depth[i] - s->depth[0]) / length * n;
    if (fabs(k - round(k)) * length / n > 2 * EVEN_MM) return false;
  }
  return true;
}

static bool lay_planes(const Steps *s, HilumStepPlan *plan, GArray *findings)
{
  double length = s->depth[s->n] - s->depth[0];
  double count = length / finest_step(s), near = fmax(1, round(count));
  double planes = planes_hold_slices(s, length, near) ? near : fmax(1, ceil(count - 1e-6));
  if (planes >= LARGEST_COUNT) {
    hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "too-large",
                       "%.0f even planes would be needed for steps of %.3f mm over %.0f mm.", planes + 1,
                       s->shortest, length);
    return false;
  }
  plan->n = (int32_t)planes + 1;
  plan->spacing_mm = length / planes;
  plan->uneven = true;
  return true;
}

static void warn_uneven(Account *a, const Steps *s, const HilumStepPlan *plan, GArray *findings)
{
  size_t n = a->lists[STEP_UNEVEN].n;
  g_autofree char *list = hilum_name_list_finish(&a->lists[STEP_UNEVEN]);
  if (n == 0 && plan->gaps) return; /* said already */
  hilum_findings_add(
      findings, HILUM_VERDICT_WARNING, "uneven-spacing",
      "The slices are %.2f to %.2f mm apart%s%s; they were resampled to even steps of %.2f mm.", s->shortest,
      s->longest, *list ? ": " : "", list, plan->spacing_mm);
}

static bool plan_uneven(Steps *s, bool accept_gaps, HilumStepPlan *plan, GArray *findings)
{
  measure(s);
  Account account = {.missing = 0};
  size_t counts[STEP_KINDS] = {0};
  for (guint i = 0; i < s->n; i++) {
    StepKind kind = classify(s, i);
    counts[kind]++;
    note_step(&account, s, i, kind);
  }
  refuse_same(&account, findings);
  bool good = !counts[STEP_SAME] && !counts[STEP_NEAR] && !counts[STEP_WIDE];
  report_missing(&account, s, accept_gaps && good, findings);
  refuse_irregular(&account, s, findings);
  plan->gaps = counts[STEP_MISSING] > 0;
  good = good && (!plan->gaps || accept_gaps) && lay_planes(s, plan, findings);
  if (good) warn_uneven(&account, s, plan, findings);
  g_free(hilum_name_list_finish(&account.lists[STEP_UNEVEN]));
  return good;
}

bool hilum_slices_plan_steps(const GPtrArray *records, const double *depth, bool accept_gaps,
                             HilumStepPlan *plan, GArray *findings)
{
  guint n = records->len;
  double step = (depth[n - 1] - depth[0]) / (n - 1), worst = 0;
  for (guint i = 0; i < n; i++)
    worst = fmax(worst, fabs(depth[i] - (depth[0] + step * i)));
  *plan = (HilumStepPlan){.spacing_mm = step, .n = (int32_t)n};
  if (!(step >= HILUM_SAME_POSITION_MM) || worst > fmin(UNEVEN_LIMIT_MM, 0.1 * step)) {
    g_autofree bool *in_run = g_new0(bool, n);
    Steps steps = {.records = records, .depth = depth, .n = n - 1, .in_run = in_run};
    return plan_uneven(&steps, accept_gaps, plan, findings);
  }
  if (worst > EVEN_MM)
    hilum_findings_add(findings, HILUM_VERDICT_WARNING, "uneven-spacing",
                       "Slice positions are up to %.3f mm off even steps of %.3f mm and are taken as even.",
                       worst, step);
  if (step <= SPACING_LIMIT_MM) return true;
  hilum_findings_add(findings, HILUM_VERDICT_REFUSED, "coarse-spacing",
                     "The slices are %.2f mm apart, too far to make a volume of them.", step);
  return false;
}
