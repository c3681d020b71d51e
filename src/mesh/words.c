/* What verdicts and records say. */
#include "hilum/mesh/repair.h"
#include "hilum/mesh/verdict.h"

#include <math.h>

static void defect_clear(gpointer defect)
{
  g_free(((HilumMeshDefect *)defect)->sentence);
}

static void add_defect(GArray *defects, const char *code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void add_defect(GArray *defects, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  const HilumMeshDefect defect = {code, g_strdup_vprintf(format, arguments)};
  va_end(arguments);
  g_array_append_val(defects, defect);
}

GArray *hilum_mesh_dup_defects(const HilumMeshReport *report, const HilumMeshBeyond *beyond)
{
  const HilumMeshReport *r = report;
  GArray *defects = g_array_new(FALSE, FALSE, sizeof(HilumMeshDefect));
  g_array_set_clear_func(defects, defect_clear);
  if (r->boundary_edges > 0)
    add_defect(defects, "open-edges", "The surface is open: %u edges have a triangle on one side only.",
               r->boundary_edges);
  if (r->nonmanifold_edges > 0)
    add_defect(defects, "nonmanifold-edges", "%u edges have more than two triangles.", r->nonmanifold_edges);
  if (r->nonmanifold_vertices > 0)
    add_defect(defects, "nonmanifold-vertices", "At %u points two parts of the surface only touch.",
               r->nonmanifold_vertices);
  if (r->flipped_edges > 0)
    add_defect(defects, "flipped", "Across %u edges the triangles face opposite ways.", r->flipped_edges);
  if (r->degenerate_triangles > 0)
    add_defect(defects, "degenerate", "%u triangles have no area.", r->degenerate_triangles);
  if (r->duplicate_triangles > 0)
    add_defect(defects, "duplicate", "%u triangles are there twice.", r->duplicate_triangles);
  if (beyond->self_intersections > 0)
    add_defect(defects, "self-intersecting",
               "The surface crosses or touches itself: %" G_GUINT64_FORMAT " pairs of triangles meet.",
               beyond->self_intersections);
  if (r->closed && r->oriented && !r->outward)
    add_defect(defects, "inside-out", "The surface faces inward: it encloses %.3f ml with its inside out.",
               fabs(r->volume_mm3) / 1000);
  return defects;
}

/* What was asked for and how often it was done. */
static void put_deed(GString *text, const HilumModification *m)
{
  const unsigned long long count = m->count;
  if (g_str_equal(m->op, "fill-holes"))
    g_string_append_printf(text, "%llu holes closed", count);
  else if (g_str_equal(m->op, "remove-shells"))
    g_string_append_printf(text, "%llu pieces below %g ml removed", count, m->value / 1000);
  else if (g_str_equal(m->op, "resolve"))
    g_string_append_printf(text, "made again on a grid of %.2f mm", m->resolution_mm);
  else if (g_str_equal(m->op, "thicken") && count == 0)
    g_string_append_printf(text, "thick enough for %g mm, made again on a grid of %.2f mm", m->value,
                           m->resolution_mm);
  else if (g_str_equal(m->op, "thicken"))
    g_string_append_printf(text, "thickened to %g mm with %llu balls", m->value, count);
  else if (g_str_equal(m->op, "hollow"))
    g_string_append_printf(text,
                           m->shells_after > m->shells_before ? "hollowed, with walls of %g mm"
                                                              : "not deep enough for walls of %g mm",
                           m->value);
  else
    g_string_append_printf(text, "%llu triangles taken away", count);
}

char *hilum_modification_dup_text(const HilumModification *modification)
{
  const HilumModification *m = modification;
  GString *text = g_string_new(NULL);
  put_deed(text, m);
  g_string_append_printf(text, ", volume %+.3f ml", m->volume_change_mm3 / 1000);
  if (m->volume_before_mm3 > 0)
    g_string_append_printf(text, " (%+.1f %%)", 100 * m->volume_change_mm3 / m->volume_before_mm3);
  if (m->shells_after != m->shells_before)
    g_string_append_printf(text, ", %u pieces after %u", m->shells_after, m->shells_before);
  if (isfinite(m->deviation_mm))
    g_string_append_printf(text, ", no point farther than %.3f mm from before", m->deviation_mm);
  if (m->below > 0)
    g_string_append_printf(text,
                           "; NOT REACHED: at %llu places it is thinner, the thinnest measures %.2f mm%s",
                           (unsigned long long)m->below, m->least_mm,
                           g_str_equal(m->op, "hollow")
                               ? " (hollowing leaves thin parts as they are: ask for a least diameter, too)"
                               : "");
  return g_string_free(text, FALSE);
}
