/* Thickening to a least diameter D.
 *
 * What is promised is an opening (J. Serra, Image Analysis and Mathematical Morphology, 1982): every point of
 * the result lies in a ball of diameter D inside it, so that neither an inscribed ball nor a ray along a
 * normal is shorter. A union of such balls has that by construction, whatever their middles are, and only
 * those are put together here:
 * - all balls that fit into the solid: the opening itself, i.e. its erosion by D / 2, dilated again. Where
 * the solid is thick it is the solid;
 * - where the opening leaves more than D / 4 of the solid out, one at the middle of each inscribed ball that
 * is smaller: a shape is the union of its inscribed balls, so that what was thin is inside of the result;
 * - what is still left out by more than that (edges, where no inscribed ball is told from the corner itself)
 * gets balls where the solid is deepest within reach, one after the other. An edge or a tip that sticks out
 * of the opening by D / 4 or less is rounded to it.
 *
 * Both distances, to the surface and to the eroded one, are exact on the grid. Flat triangles between places
 * interpolated on the grid cut a ball by at most h^2 / D: that much is added to the radius. */
#include "field_private.h"
#include "hilum/base/memory.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/verdict.h"
#include "repair_private.h"

#include <math.h>

enum { OUTSIDE = 3, /* spacings */ MAX_PASSES = 5 };

typedef struct {
  HilumField f;
  float *open; /* signed distance of the opening, then of the result */
  double r, slack;
  GArray *balls; /* HilumBall */
} Thicken;

static inline size_t index_of(const HilumField *f, int32_t i, int32_t j, int32_t k)
{
  return ((size_t)k * (size_t)f->n[1] + (size_t)j) * (size_t)f->n[0] + (size_t)i;
}

/* Distances of the points of the grid where `d` lies within [from, to] to a surface that has its own origin.
 */
static bool distances_to(const Thicken *w, HilumVec3 origin_mm, HilumMesh *surface, float *d, double from,
                         double to, double band, float *far, const HilumProgress *progress, GError **error)
{
  const HilumVec3 shift = hilum_vec3_sub(origin_mm, hilum_mesh_get_origin_mm(surface));
  HilumField moved = w->f;
  moved.d = d;
  moved.lo[0] += shift.x;
  moved.lo[1] += shift.y;
  moved.lo[2] += shift.z;
  HilumBvh bvh;
  if (!hilum_bvh_init(&bvh, surface, error)) return false;
  const bool good = hilum_field_distances(&moved, &bvh, from, to, band, far, progress, error);
  hilum_bvh_clear(&bvh);
  return good;
}

/* The balls that fit, as a distance. Nothing fits: all is left out. */
static bool open_solid(Thicken *w, HilumVec3 origin_mm, const HilumProgress *progress, GError **error)
{
  const HilumProgress parts[2] = {hilum_progress_part(progress, 0, 0.3, NULL),
                                  hilum_progress_part(progress, 0.3, 1, NULL)};
  const size_t count = (size_t)w->f.n[0] * (size_t)w->f.n[1] * (size_t)w->f.n[2];
  const double band = w->r + w->slack + 3 * w->f.h;
  g_autoptr(GError) local = NULL;
  g_autoptr(HilumMesh) eroded = hilum_field_extract(&w->f, w->f.d, origin_mm, -w->r, 0, &parts[0], &local);
  if (!eroded && !g_error_matches(local, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY)) {
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
  }
  w->open = hilum_big_alloc(count * sizeof *w->open, error);
  if (!w->open) return false;
  if (eroded &&
      !distances_to(w, origin_mm, eroded, w->f.d, -w->r, OUTSIDE * w->f.h, band, w->open, &parts[1], error))
    return false;
  for (size_t i = 0; i < count; i++) {
    const bool within = (double)w->f.d[i] < -w->r;
    w->open[i] = (float)(within ? -band : (eroded ? (double)w->open[i] : band) - w->r);
  }
  return true;
}

/* One ball at the middle of each inscribed one that is smaller than `diameter`. */
static bool find_balls(Thicken *w, const HilumMesh *mesh, HilumVec3 origin_mm, double diameter,
                       const HilumProgress *progress, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  const HilumVec3 o = hilum_vec3_sub(hilum_mesh_get_origin_mm(mesh), origin_mm);
  float *ball = hilum_big_alloc(MAX(nv, 1u) * sizeof *ball, error);
  float *centers = ball ? hilum_big_alloc(3 * (size_t)MAX(nv, 1u) * sizeof *centers, error) : NULL;
  HilumThickness thickness;
  const bool good = centers && hilum_mesh_thickness(mesh, &thickness, NULL, ball, centers, progress, error);
  for (uint32_t v = 0; good && v < nv; v++) {
    if (!((double)ball[v] < diameter)) continue;
    const float *c = centers + 3 * (size_t)v;
    const HilumBall b = {{o.x + (double)c[0], o.y + (double)c[1], o.z + (double)c[2]}, w->r};
    g_array_append_val(w->balls, b);
  }
  hilum_big_free(ball);
  hilum_big_free(centers);
  return good;
}

/* The deepest point of the grid within r of another; of equals the first. */
static HilumBall deepest(const Thicken *w, int32_t i, int32_t j, int32_t k)
{
  const HilumField *f = &w->f;
  const int32_t reach = (int32_t)(w->r / f->h), at[3] = {i, j, k};
  int32_t lo[3], hi[3], best[3] = {i, j, k};
  float least = f->d[index_of(f, i, j, k)];
  for (int a = 0; a < 3; a++) {
    lo[a] = MAX(at[a] - reach, 0);
    hi[a] = MIN(at[a] + reach, f->n[a] - 1);
  }
  for (int32_t z = lo[2]; z <= hi[2]; z++)
    for (int32_t y = lo[1]; y <= hi[1]; y++)
      for (int32_t x = lo[0]; x <= hi[0]; x++) {
        const double away = hypot(hypot(x - i, y - j), z - k) * f->h;
        const float d = f->d[index_of(f, x, y, z)];
        if (d >= least || away > w->r) continue;
        least = d;
        best[0] = x;
        best[1] = y;
        best[2] = z;
      }
  return (HilumBall){{f->lo[0] + best[0] * f->h, f->lo[1] + best[1] * f->h, f->lo[2] + best[2] * f->h}, w->r};
}

/* One after the other, so that a ball covers what the next would have been for. */
static bool cover_rest(Thicken *w, const HilumProgress *progress, GError **error)
{
  const HilumField *f = &w->f;
  for (int32_t k = 0; k < f->n[2]; k++) {
    if (!hilum_progress_step(progress, (double)k / f->n[2])) return !hilum_progress_fail(progress, error);
    for (int32_t j = 0; j < f->n[1]; j++)
      for (int32_t i = 0; i < f->n[0]; i++) {
        const size_t n = index_of(f, i, j, k);
        if (f->d[n] >= 0 || (double)w->open[n] <= w->slack) continue;
        const HilumBall b = deepest(w, i, j, k);
        hilum_field_add_balls(f, w->open, &b, 1);
        g_array_append_val(w->balls, b);
      }
  }
  return true;
}

/* Gaps and valleys that are too narrow for the grid would become webs and pockets on it: those that no ball
 * of radius s fits into are filled (a closing), and so are closed pockets of less than half a ball; no solid
 * piece is as small. */
static HilumMesh *close_gaps(Thicken *w, HilumVec3 origin_mm, const HilumProgress *progress, GError **error)
{
  const double s = 1.5 * w->f.h;
  const size_t count = (size_t)w->f.n[0] * (size_t)w->f.n[1] * (size_t)w->f.n[2];
  const HilumProgress parts[3] = {hilum_progress_part(progress, 0, 0.2, NULL),
                                  hilum_progress_part(progress, 0.2, 0.9, NULL),
                                  hilum_progress_part(progress, 0.9, 1, NULL)};
  float *closed = w->f.d; /* the solid's own is not needed any more */
  g_autoptr(HilumMesh) dilated = hilum_field_extract(&w->f, w->open, origin_mm, s, 0, &parts[0], error);
  if (!dilated || !distances_to(w, origin_mm, dilated, w->open, -OUTSIDE * w->f.h, s, s + OUTSIDE * w->f.h,
                                closed, &parts[1], error))
    return NULL;
  for (size_t i = 0; i < count; i++)
    closed[i] = (double)w->open[i] <= s ? (float)(s - (double)closed[i]) : w->open[i];
  g_autoptr(HilumMesh) all = hilum_field_extract(&w->f, closed, origin_mm, 0, 0, &parts[2], error);
  uint64_t gone;
  return all ? hilum_mesh_remove_shells(all, G_PI / 6 * pow(2 * w->r, 3) / 2, &gone, error) : NULL;
}

/* Where balls meet the result can be thin again: it is looked at, and gets more balls, until it is not. */
static HilumMesh *finish(Thicken *w, HilumVec3 origin_mm, double diameter, const HilumProgress *progress,
                         GError **error)
{
  HilumMesh *result = NULL;
  guint known = 0;
  for (int pass = 0; pass < MAX_PASSES; pass++) {
    const HilumProgress parts[2] = {
        hilum_progress_part(progress, (double)pass / MAX_PASSES, (pass + 0.6) / MAX_PASSES, NULL),
        hilum_progress_part(progress, (pass + 0.6) / MAX_PASSES, (pass + 1.0) / MAX_PASSES, NULL)};
    const HilumBall *balls = (const HilumBall *)(const void *)w->balls->data;
    hilum_field_add_balls(&w->f, w->open, balls + known, w->balls->len - known);
    known = w->balls->len;
    g_clear_pointer(&result, hilum_mesh_unref);
    result = close_gaps(w, origin_mm, &parts[0], error);
    if (!result || pass + 1 == MAX_PASSES) break;
    if (!find_balls(w, result, origin_mm, diameter, &parts[1], error)) {
      hilum_mesh_unref(result);
      return NULL;
    }
    g_debug("pass %d: %u balls", pass, w->balls->len);
    if (w->balls->len == known) break;
  }
  return result;
}

HilumMesh *hilum_mesh_thicken(HilumMesh *mesh, double diameter, double h, uint64_t *places,
                              const HilumProgress *progress, GError **error)
{
  Thicken w = {.r = diameter / 2 + h * h / diameter, .slack = h / 4};
  const HilumProgress parts[5] = {
      hilum_progress_part(progress, 0, 0.2, NULL), hilum_progress_part(progress, 0.2, 0.4, NULL),
      hilum_progress_part(progress, 0.4, 0.5, NULL), hilum_progress_part(progress, 0.5, 0.55, NULL),
      hilum_progress_part(progress, 0.55, 1, NULL)};
  const HilumVec3 origin_mm = hilum_mesh_get_origin_mm(mesh);
  HilumMesh *result = NULL;
  w.balls = g_array_new(FALSE, FALSE, sizeof(HilumBall));
  if (hilum_field_init(&w.f, mesh, h, hilum_thicken_margin_mm(diameter, h), w.r + 3 * h, &parts[0], error) &&
      open_solid(&w, origin_mm, &parts[1], error) &&
      find_balls(&w, mesh, origin_mm, 2 * w.r, &parts[2], error)) {
    hilum_field_add_balls(&w.f, w.open, (const HilumBall *)(const void *)w.balls->data, w.balls->len);
    if (cover_rest(&w, &parts[3], error)) result = finish(&w, origin_mm, diameter, &parts[4], error);
  }
  *places = w.balls->len;
  g_array_unref(w.balls);
  hilum_big_free(w.open);
  hilum_field_clear(&w.f);
  return result;
}
