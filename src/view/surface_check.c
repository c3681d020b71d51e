/* The verdict on a surface, in words. */
#include "hilum/view/surface_check.h"

#include "hilum/view/cursor.h"

#include <math.h>

bool hilum_surface_check_deepen(HilumSurfaceCheck *check, const HilumMesh *mesh,
                                const HilumProgress *progress, GError **error)
{
  HilumSurfaceCheck deeper = *check;
  if (check->depth == HILUM_SURFACE_UNKNOWN) {
    deeper.triangles = hilum_mesh_get_triangle_count(mesh);
    deeper.bounds_mm = hilum_mesh_get_bounds_mm(mesh);
    deeper.depth = HILUM_SURFACE_MEASURED;
    if (!hilum_mesh_measure(mesh, &deeper.report, progress, error)) return false;
  } else {
    deeper.depth = HILUM_SURFACE_CHECKED;
    if (!hilum_mesh_look_beyond(mesh, &deeper.report, &deeper.beyond, progress, error)) return false;
  }
  *check = deeper;
  return true;
}

bool hilum_surface_check_is_sound(const HilumSurfaceCheck *check)
{
  return check->depth == HILUM_SURFACE_CHECKED && hilum_mesh_report_is_clean(&check->report) &&
         check->beyond.self_intersections == 0;
}

/* The least of both measures; infinite if there is no opposite wall, NAN if it is not known. */
static double thinnest(const HilumSurfaceCheck *check)
{
  if (check->depth < HILUM_SURFACE_CHECKED) return NAN;
  return fmin(check->beyond.thickness.min_ray_mm, check->beyond.thickness.min_ball_mm);
}

bool hilum_surface_check_is_thin(const HilumSurfaceCheck *check, double least_mm)
{
  return thinnest(check) < least_mm;
}

bool hilum_surface_check_is_ok(const HilumSurfaceCheck *check, double least_mm)
{
  return hilum_surface_check_is_sound(check) && !hilum_surface_check_is_thin(check, least_mm);
}

static void put_words(GString *text, const char *words)
{
  g_string_append_printf(text, "%s%s", text->len ? ", " : "", words);
}

static void put_count(GString *text, const char *what, uint64_t count)
{
  if (count == 0) return;
  g_autofree char *words = g_strdup_printf("%s %" G_GUINT64_FORMAT, what, count);
  put_words(text, words);
}

/* What is wrong with the surface as far as it is known. */
static void put_defects(GString *text, const HilumSurfaceCheck *check)
{
  const HilumMeshReport *r = &check->report;
  if (!r->closed) put_words(text, "open");
  if (!r->manifold) put_words(text, "not 2-manifold");
  if (!r->oriented || (r->closed && !r->outward)) put_words(text, "not outward");
  put_count(text, "degenerate", r->degenerate_triangles);
  put_count(text, "duplicate", r->duplicate_triangles);
  if (check->depth == HILUM_SURFACE_CHECKED)
    put_count(text, "self-intersections", check->beyond.self_intersections);
}

char *hilum_surface_check_dup_headline(const HilumSurfaceCheck *check, double least_mm)
{
  GString *text = g_string_new(NULL);
  if (check->depth >= HILUM_SURFACE_MEASURED) put_defects(text, check);
  const bool defects = text->len > 0;
  if (check->depth < HILUM_SURFACE_CHECKED)
    put_words(text, "measuring…");
  else if (!defects)
    put_words(text, "sound");
  if (hilum_surface_check_is_thin(check, least_mm)) {
    g_autofree char *thin = g_strdup_printf("%s%.2f mm thin", defects ? "" : "but ", thinnest(check));
    put_words(text, thin);
  }
  return g_string_free(text, FALSE);
}

static void put_line(GString *text, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void put_line(GString *text, const char *format, ...)
{
  if (text->len) g_string_append_c(text, '\n');
  va_list arguments;
  va_start(arguments, format);
  g_string_append_vprintf(text, format, arguments);
  va_end(arguments);
}

static void put_wall(GString *text, const char *how, double mm, HilumVec3 at_mm)
{
  if (isnan(mm)) {
    put_line(text, "thinnest wall by %s: only of closed surfaces", how);
    return;
  }
  if (!isfinite(mm)) {
    put_line(text, "thinnest wall by %s: none", how);
    return;
  }
  g_autofree char *place = hilum_position_dup_text(at_mm);
  put_line(text, "thinnest wall by %s: %.2f mm at %s", how, mm, place);
}

static void put_report(GString *text, const HilumMeshReport *r)
{
  const int64_t genus = hilum_mesh_report_genus(r);
  if (r->closed)
    put_line(text, "closed: yes");
  else
    put_line(text, "closed: no, %u open edges", r->boundary_edges);
  if (r->manifold)
    put_line(text, "2-manifold: yes");
  else
    put_line(text, "2-manifold: no, at %u edges and %u points", r->nonmanifold_edges,
             r->nonmanifold_vertices);
  if (!r->oriented)
    put_line(text, "outward: no, turned across %u edges", r->flipped_edges);
  else if (r->closed) /* else there is no outside */
    put_line(text, r->outward ? "outward: yes" : "outward: no");
  put_line(text, "degenerate: %u, duplicate: %u", r->degenerate_triangles, r->duplicate_triangles);
  put_line(text, "shells: %u, cavities among them: %u", r->shells, r->outward ? r->cavities : 0);
  if (genus >= 0) put_line(text, "genus: %" G_GINT64_FORMAT, genus);
}

char *hilum_surface_check_dup_details(const HilumSurfaceCheck *check)
{
  GString *text = g_string_new(NULL);
  if (check->depth >= HILUM_SURFACE_MEASURED) put_report(text, &check->report);
  if (check->depth < HILUM_SURFACE_CHECKED) return g_string_free(text, FALSE);
  const HilumMeshBeyond *b = &check->beyond;
  if (b->self_intersections == 0)
    put_line(text, "self-intersections: 0");
  else {
    g_autofree char *place = hilum_position_dup_text(b->crossing_mm);
    put_line(text, "self-intersections: %" G_GUINT64_FORMAT ", one at %s", b->self_intersections, place);
  }
  put_wall(text, "ray", b->thickness.min_ray_mm, b->thickness.thinnest_ray_mm);
  put_wall(text, "ball", b->thickness.min_ball_mm, b->thickness.thinnest_mm);
  return g_string_free(text, FALSE);
}

bool hilum_surface_check_get_place(const HilumSurfaceCheck *check, HilumVec3 *place_mm)
{
  const HilumMeshBeyond *b = &check->beyond;
  if (check->depth < HILUM_SURFACE_CHECKED) return false;
  if (b->self_intersections > 0)
    *place_mm = b->crossing_mm;
  else
    *place_mm = b->thickness.min_ray_mm < b->thickness.min_ball_mm ? b->thickness.thinnest_ray_mm
                                                                   : b->thickness.thinnest_mm;
  return isfinite(place_mm->x);
}

char *hilum_surface_check_dup_suggestion(const HilumSurfaceCheck *check, double least_mm)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (check->depth >= HILUM_SURFACE_MEASURED)
    put_count(text, "small pieces to remove:", check->report.crumbs);
  if (check->depth == HILUM_SURFACE_CHECKED && check->beyond.self_intersections > 0)
    put_words(text, "resolve overlaps and crossings");
  if (hilum_surface_check_is_thin(check, least_mm)) put_words(text, "least diameter");
  return text->len ? g_strdup(text->str) : NULL;
}

char *hilum_surface_check_dup_record(const HilumSurfaceCheck *after, const char *name,
                                     const GArray *modifications)
{
  GString *text = g_string_new(name);
  for (guint n = 0; n < modifications->len; n++) {
    g_autofree char *deed = hilum_modification_dup_text(&g_array_index(modifications, HilumModification, n));
    g_string_append_printf(text, "%s %s", n ? ";" : ":", deed);
  }
  if (after->depth < HILUM_SURFACE_CHECKED) return g_string_free(text, FALSE);
  g_autofree char *headline = hilum_surface_check_dup_headline(after, 0);
  const HilumThickness *t = &after->beyond.thickness;
  g_string_append_printf(text, "%s now %s", modifications->len ? ";" : ":", headline);
  if (isfinite(t->min_ray_mm))
    g_string_append_printf(text, ", thinnest wall %.2f mm by ray, %.2f mm by ball", t->min_ray_mm,
                           t->min_ball_mm);
  return g_string_free(text, FALSE);
}
