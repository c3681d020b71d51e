/* Local optimisation after Levenberg and Marquardt. All parameters are in mm of movement at the region's
 * radius, so that one damping and one step length fit them all. */
#include "search_private.h"

#include <math.h>
#include <string.h>

enum { MAX_ITERATIONS = 60 };

/* Solves (M + damping diag(M) + floor I) step = gradient by Cholesky; false if M is not positive definite. */
static bool solve(const double matrix[PAIRS], const double gradient[PARAMETERS], double damping,
                  double step[PARAMETERS])
{
  double l[PARAMETERS][PARAMETERS] = {{0}}, trace = 0;
  int n = 0;
  for (int a = 0; a < PARAMETERS; a++)
    for (int b = a; b < PARAMETERS; b++, n++)
      l[b][a] = matrix[n], trace += a == b ? matrix[n] : 0;
  if (!(trace > 0) || !isfinite(trace)) return false;
  for (int a = 0; a < PARAMETERS; a++)
    l[a][a] += damping * l[a][a] + 1e-6 * trace;
  for (int a = 0; a < PARAMETERS; a++) {
    for (int b = 0; b <= a; b++) {
      double sum = l[a][b];
      for (int k = 0; k < b; k++)
        sum -= l[a][k] * l[b][k];
      if (a != b)
        l[a][b] = sum / l[b][b];
      else if (sum > 0)
        l[a][a] = sqrt(sum);
      else
        return false;
    }
  }
  for (int a = 0; a < PARAMETERS; a++) {
    double sum = gradient[a];
    for (int k = 0; k < a; k++)
      sum -= l[a][k] * step[k];
    step[a] = sum / l[a][a];
  }
  for (int a = PARAMETERS - 1; a >= 0; a--) {
    double sum = step[a];
    for (int k = a + 1; k < PARAMETERS; k++)
      sum -= l[k][a] * step[k];
    step[a] = sum / l[a][a];
  }
  return true;
}

/* Length of a step in mm, after cutting it to at most `longest`. */
static double limit_step(double step[PARAMETERS], double longest)
{
  double square = 0;
  for (int a = 0; a < PARAMETERS; a++)
    square += step[a] * step[a];
  double length = sqrt(square);
  if (length <= longest) return length;
  for (int a = 0; a < PARAMETERS; a++)
    step[a] *= longest / length;
  return longest;
}

void climb_run(const Problem *problem, Scratch *scratch, double max_step_mm, double tolerance_mm,
               Climb *climb, const HilumProgress *progress)
{
  Evaluation here, there;
  metric_evaluate(problem, climb->rigid, scratch, true, &here);
  climb->evaluations++;
  climb->value = here.value, climb->overlap = here.overlap;
  if (!isfinite(here.value)) return;
  double damping = 1e-2;
  for (int n = 0; n < MAX_ITERATIONS && damping < 1e6; n++) {
    if (hilum_progress_cancelled(progress)) return;
    double step[PARAMETERS];
    if (!solve(here.matrix, here.gradient, damping, step)) return;
    double length = limit_step(step, max_step_mm);
    HilumRigid candidate = metric_step(problem->samples, climb->rigid, step);
    metric_evaluate(problem, candidate, scratch, true, &there);
    climb->evaluations++;
    if (there.value > here.value) {
      climb->rigid = candidate;
      here = there;
      climb->value = here.value, climb->overlap = here.overlap;
      climb->iterations++;
      damping = fmax(damping / 8, 1e-4);
    } else {
      damping *= 8;
    }
    if (length < tolerance_mm) return;
  }
}

double rigid_difference_mm(const Samples *samples, HilumRigid a, HilumRigid b)
{
  /* Of all rotations with one angle the mean square displacement is angle^2 radius^2 2 / 3 over a ball. */
  HilumRigid there = hilum_rigid_compose(hilum_rigid_invert(b), a);
  HilumRigidParameters p = hilum_rigid_to_parameters(there, samples->centre_mm);
  double shift = hilum_vec3_length(p.translation_mm);
  double arc = hilum_vec3_length(p.rotation_rad) * samples->radius_mm;
  return sqrt(shift * shift + arc * arc * 2 / 3);
}
