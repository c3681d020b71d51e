/* What print preparation would refuse or do for nothing, told from the measures of a surface. The limits are
 * those that the operations themselves have: grids by hilum_field_count(), depth by the middles of inscribed
 * balls. */
#include "field_private.h"
#include "repair_private.h"

#include <math.h>

static void objection_clear(gpointer objection)
{
  g_free(((HilumObjection *)objection)->sentence);
}

static void object(GArray *objections, const char *op, bool refused, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static void object(GArray *objections, const char *op, bool refused, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  const HilumObjection objection = {op, refused, g_strdup_vprintf(format, arguments)};
  va_end(arguments);
  g_array_append_val(objections, objection);
}

/* False, with an objection, if the grid would be too large. */
static bool fits(GArray *objections, HilumBox bounds_mm, const char *op, double h, double margin)
{
  const double points = hilum_field_count(bounds_mm, h, margin);
  if (points <= hilum_field_most()) return true;
  object(objections, op, true,
         "A grid of %.2g mm over this surface would have %.0f million points; %.0f million is the most.", h,
         points * 1e-6, hilum_field_most() * 1e-6);
  return false;
}

/* The material is deeper than the wall somewhere, as it is or after thickening. */
static void foresee_hollow(GArray *objections, const HilumMeshBeyond *beyond, const HilumPrepareOptions *o,
                           double h)
{
  const double asked = o->hollow_mm + hilum_prepare_allowance_mm(o), wall = asked + h * h / asked;
  const double depth = fmax(beyond->thickness.max_depth_mm, o->min_diameter_mm / 2);
  if (isfinite(depth) && depth <= wall)
    object(objections, "hollow", false,
           "Walls of %g mm leave no cavity: it is nowhere deeper than about %.1f mm, and stays solid.",
           o->hollow_mm, depth);
}

GArray *hilum_mesh_dup_objections(HilumBox bounds_mm, const HilumMeshReport *report,
                                  const HilumMeshBeyond *beyond, const HilumPrepareOptions *options)
{
  const HilumPrepareOptions *o = options;
  const double h = hilum_prepare_choose_resolution(bounds_mm, o);
  GArray *objections = g_array_new(FALSE, FALSE, sizeof(HilumObjection));
  g_array_set_clear_func(objections, objection_clear);
  if (o->remove_below_mm3 > report->largest_mm3)
    object(objections, "remove-shells", true,
           "Nothing would be left: its largest piece encloses %.3f ml, and pieces below %g ml would go.",
           report->largest_mm3 / 1000, o->remove_below_mm3 / 1000);
  if (o->resolve && fits(objections, bounds_mm, "resolve", h, hilum_remake_margin_mm(h)) && beyond &&
      beyond->self_intersections == 0)
    object(objections, "resolve", false,
           "It crosses itself nowhere: there is nothing to resolve, and edges would be rounded to %.2g mm.",
           h);
  if (o->min_diameter_mm > 0)
    fits(objections, bounds_mm, "thicken", h,
         hilum_thicken_margin_mm(o->min_diameter_mm + hilum_prepare_allowance_mm(o), h));
  if (o->hollow_mm > 0 && fits(objections, bounds_mm, "hollow", h, hilum_remake_margin_mm(h)) && beyond)
    foresee_hollow(objections, beyond, o, h);
  return objections;
}
