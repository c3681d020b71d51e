/* Progress values: scaling a part's fraction into the whole, and polling the cancellable. */
#include "hilum/base/progress.h"

#include <float.h>

static void get_range(const HilumProgress *progress, double *begin, double *end)
{
  bool whole = progress->begin == 0 && progress->end == 0;
  *begin = progress->begin;
  *end = whole ? 1 : progress->end;
}

HilumProgress hilum_progress_part(const HilumProgress *parent, double begin, double end, const char *what)
{
  double parent_begin = 0, parent_end = 1;
  if (parent) get_range(parent, &parent_begin, &parent_end);
  double length = parent_end - parent_begin;
  HilumProgress part = {
      .func = parent ? parent->func : NULL,
      .data = parent ? parent->data : NULL,
      .cancellable = parent ? parent->cancellable : NULL,
      .begin = parent_begin + CLAMP(begin, 0, 1) * length,
      .end = parent_begin + CLAMP(end, 0, 1) * length,
      .what = what || !parent ? what : parent->what,
  };
  if (part.begin == 0 && part.end == 0)
    part.end = DBL_MIN; /* an empty part at the start is not "the whole" */
  return part;
}

bool hilum_progress_cancelled(const HilumProgress *progress)
{
  return progress && progress->cancellable && g_cancellable_is_cancelled(progress->cancellable);
}

bool hilum_progress_step(const HilumProgress *progress, double fraction)
{
  if (!progress) return true;
  if (progress->func) {
    double begin, end;
    get_range(progress, &begin, &end);
    double inside = fraction > 0 ? MIN(fraction, 1) : 0; /* NaN becomes 0 */
    progress->func(begin + inside * (end - begin), progress->what, progress->data);
  }
  return !hilum_progress_cancelled(progress);
}

bool hilum_progress_fail(const HilumProgress *progress, GError **error)
{
  if (!hilum_progress_cancelled(progress)) return false;
  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The operation was cancelled");
  return true;
}
