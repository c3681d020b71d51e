/* A seed stroke where a slice meets it. */
#include "tool_private.h"

#include "hilum/segment/seeds.h"

#include <math.h>

#define MAX_PIECES 64 /* of a segment that runs through the slice */

typedef struct {
  HilumPoint2 px;
  double distance_mm; /* from the slice */
} Place;

static Place place_of(const HilumSliceState *slice, HilumVec3 mm)
{
  Place p;
  hilum_slice_state_mm_to_widget(slice, mm, &p.px.x, &p.px.y, &p.distance_mm);
  return p;
}

/* The ball between two places meets the slice in discs: one line for each piece of about the same width. */
static void add_segment(GArray *out, const HilumSliceState *slice, const HilumStroke *stroke, Place a,
                        Place b)
{
  const double step_mm = fmax(stroke->radius_mm / 3, 0.1), along = b.distance_mm - a.distance_mm;
  const double half_slice_mm = 0.5 * slice->grid.spacing_mm[slice->n_axis];
  const int n = (int)CLAMP(ceil(fabs(along) / step_mm), 1, MAX_PIECES);
  for (int p = 0; p < n; p++) {
    const double t0 = (double)p / n, t1 = (p + 1.0) / n, distance_mm = a.distance_mm + along * (t0 + t1) / 2;
    const double square = stroke->radius_mm * stroke->radius_mm - distance_mm * distance_mm;
    if (square <= 0 && fabs(distance_mm) > half_slice_mm) continue;
    const HilumToolStroke piece = {.a = {a.px.x + (b.px.x - a.px.x) * t0, a.px.y + (b.px.y - a.px.y) * t0},
                                   .b = {a.px.x + (b.px.x - a.px.x) * t1, a.px.y + (b.px.y - a.px.y) * t1},
                                   .width_px = fmax(2 * sqrt(fmax(square, 0)) * slice->px_per_mm, 2),
                                   .label = stroke->label};
    g_array_append_val(out, piece);
  }
}

void hilum_tool_add_stroke(GArray *out, const HilumSliceState *slice, const HilumStroke *stroke)
{
  Place last = place_of(slice, g_array_index(stroke->points_mm, HilumVec3, 0));
  if (stroke->points_mm->len == 1) add_segment(out, slice, stroke, last, last);
  for (guint n = 1; n < stroke->points_mm->len; n++) {
    const Place next = place_of(slice, g_array_index(stroke->points_mm, HilumVec3, n));
    add_segment(out, slice, stroke, last, next);
    last = next;
  }
}
