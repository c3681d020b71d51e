/* Morphology with ellipsoids and boxes out of that with balls. An ellipsoid is the unit ball where a
 * millimetre along an axis counts as its radius' part; an axis left alone is one whose voxels lie too far
 * apart to reach each other. A box is the sum of three segments, and a segment is an ellipsoid along one
 * axis. */
#include "hilum/filter/error.h"
#include "hilum/filter/morphology.h"

#include <math.h>

#define ALONE 1e3 /* radii between voxels of an axis that is left alone */

typedef bool (*BallFunc)(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                         const HilumProgress *progress, GError **error);

static bool is_valid(const double spacing_mm[3], const HilumElement *element)
{
  for (int a = 0; a < 3; a++)
    if (!isfinite(element->radius_mm[a]) || element->radius_mm[a] < 0 || !isfinite(spacing_mm[a]) ||
        !(spacing_mm[a] > 0))
      return false;
  return true;
}

/* With the ellipsoid of the axes from `first` to `last`. */
static bool run_axes(BallFunc func, HilumMask *mask, const double spacing_mm[3], const HilumElement *element,
                     int first, int last, const HilumProgress *progress, GError **error)
{
  double scaled[3] = {ALONE, ALONE, ALONE};
  for (int a = first; a <= last; a++)
    if (element->radius_mm[a] > 0) scaled[a] = fmin(spacing_mm[a] / element->radius_mm[a], ALONE);
  return func(mask, scaled, 1, progress, error);
}

static bool run_element(BallFunc func, HilumMask *mask, const double spacing_mm[3],
                        const HilumElement *element, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(mask != NULL && element != NULL, false);
  if (!is_valid(spacing_mm, element)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                        "Each radius must be a number of millimetres that is not negative.");
    return false;
  }
  const double *r = element->radius_mm;
  if (!element->box && r[0] == r[1] && r[1] == r[2]) return func(mask, spacing_mm, r[0], progress, error);
  if (!element->box) return run_axes(func, mask, spacing_mm, element, 0, 2, progress, error);
  for (int a = 0; a < 3; a++) {
    const HilumProgress part = hilum_progress_part(progress, a / 3.0, (a + 1) / 3.0, NULL);
    if (!run_axes(func, mask, spacing_mm, element, a, a, &part, error)) return false;
  }
  return true;
}

bool hilum_mask_dilate_by(HilumMask *mask, const double spacing_mm[3], const HilumElement *element,
                          const HilumProgress *progress, GError **error)
{
  return run_element(hilum_mask_dilate, mask, spacing_mm, element, progress, error);
}

bool hilum_mask_erode_by(HilumMask *mask, const double spacing_mm[3], const HilumElement *element,
                         const HilumProgress *progress, GError **error)
{
  return run_element(hilum_mask_erode, mask, spacing_mm, element, progress, error);
}
