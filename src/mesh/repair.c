/* Holes, small shells, and the order of things in print preparation. */
#include "hilum/mesh/repair.h"

#include "field_private.h"
#include "hilum/base/memory.h"
#include "hilum/mesh/decimate.h"
#include "hilum/mesh/distance.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/measure.h"
#include "mesh_private.h"
#include "repair_private.h"
#include "shells_private.h"

#include <math.h>
#include <string.h>

enum { MAX_EXACT_LOOP = 200, FEW_PLACES = 300 };
#define NOBODY UINT32_MAX
#define TWICE (UINT32_MAX - 1)

/* A mesh being added to. */
typedef struct {
  GArray *positions, *indices;
} Draft;

static HilumMesh *draft_finish(Draft *d, HilumVec3 origin, GError **error)
{
  const size_t np = d->positions->len, ni = d->indices->len;
  float *positions = hilum_big_alloc(MAX(np, 1u) * sizeof *positions, error);
  uint32_t *indices = positions ? hilum_big_alloc(MAX(ni, 1u) * sizeof *indices, error) : NULL;
  if (indices) {
    if (np) memcpy(positions, d->positions->data, np * sizeof *positions);
    if (ni) memcpy(indices, d->indices->data, ni * sizeof *indices);
  } else {
    hilum_big_free(positions);
  }
  g_array_unref(d->positions);
  g_array_unref(d->indices);
  return indices ? hilum_mesh_new_trusted(origin, (uint32_t)(np / 3), positions, NULL, (uint32_t)(ni / 3),
                                          indices)
                 : NULL;
}

static Draft draft_new(void)
{
  return (Draft){g_array_new(FALSE, FALSE, sizeof(float)), g_array_new(FALSE, FALSE, sizeof(uint32_t))};
}

/* For each vertex the one that follows it round a hole (against the triangles' direction): NOBODY, or TWICE.
 */
static uint32_t *find_borders(const HilumMesh *mesh, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  HilumCorners corners;
  if (!hilum_corners_init(&corners, nv, hilum_mesh_get_triangle_count(mesh), indices, error)) return NULL;
  uint32_t *follows = hilum_big_alloc(MAX(nv, 1u) * sizeof *follows, error);
  for (uint32_t v = 0; follows && v < nv; v++)
    follows[v] = NOBODY;
  for (uint32_t v = 0; follows && v < nv; v++)
    for (uint32_t i = corners.first[v]; i < corners.first[v + 1]; i++) {
      const uint32_t w = indices[hilum_corner_next(corners.corner[i])];
      bool paired = false;
      for (uint32_t j = corners.first[v]; j < corners.first[v + 1] && !paired; j++)
        paired = indices[hilum_corner_previous(corners.corner[j])] == w;
      if (!paired) follows[w] = follows[w] == NOBODY ? v : TWICE;
    }
  hilum_corners_clear(&corners);
  return follows;
}

static double triangle_area(const float *p, const float *q, const float *r)
{
  double u[3], v[3];
  for (int a = 0; a < 3; a++) {
    u[a] = (double)q[a] - (double)p[a];
    v[a] = (double)r[a] - (double)p[a];
  }
  const double n[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
  return 0.5 * sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
}

static void emit(Draft *d, const uint32_t *loop, const uint16_t *cut, uint32_t n, uint32_t i, uint32_t j)
{
  if (j < i + 2) return;
  const uint32_t m = cut[(size_t)i * n + j], t[3] = {loop[i], loop[m], loop[j]};
  g_array_append_vals(d->indices, t, 3);
  emit(d, loop, cut, n, i, m);
  emit(d, loop, cut, n, m, j);
}

/* Least area by dynamic programming (G. Barequet, M. Sharir, Filling gaps in the boundary of a polyhedron,
 * 1995). */
static void fill_exactly(Draft *d, const uint32_t *loop, uint32_t n)
{
  g_autofree double *area = g_new0(double, (size_t)n *n);
  g_autofree uint16_t *cut = g_new0(uint16_t, (size_t)n * n);
  const float *p = (const float *)(const void *)d->positions->data;
  for (uint32_t span = 2; span < n; span++)
    for (uint32_t i = 0; i + span < n; i++) {
      const uint32_t j = i + span;
      double least = INFINITY;
      for (uint32_t m = i + 1; m < j; m++) {
        const double a =
            area[(size_t)i * n + m] + area[(size_t)m * n + j] +
            triangle_area(p + 3 * (size_t)loop[i], p + 3 * (size_t)loop[m], p + 3 * (size_t)loop[j]);
        if (a >= least) continue;
        least = a;
        cut[(size_t)i * n + j] = (uint16_t)m;
      }
      area[(size_t)i * n + j] = least;
    }
  emit(d, loop, cut, n, 0, n - 1);
}

static void fill_by_fan(Draft *d, const uint32_t *loop, uint32_t n)
{
  double sum[3] = {0, 0, 0};
  for (uint32_t i = 0; i < n; i++)
    for (size_t a = 0; a < 3; a++)
      sum[a] += (double)g_array_index(d->positions, float, 3 * (size_t)loop[i] + a) / n;
  const uint32_t middle = d->positions->len / 3;
  const float p[3] = {(float)sum[0], (float)sum[1], (float)sum[2]};
  g_array_append_vals(d->positions, p, 3);
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t t[3] = {loop[i], loop[(i + 1) % n], middle};
    g_array_append_vals(d->indices, t, 3);
  }
}

HilumMesh *hilum_mesh_fill_holes(HilumMesh *mesh, uint64_t *filled, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh);
  *filled = 0;
  uint32_t *follows = find_borders(mesh, error);
  if (!follows) return NULL;
  Draft d = draft_new();
  g_array_append_vals(d.positions, hilum_mesh_get_positions(mesh), 3 * nv);
  g_array_append_vals(d.indices, hilum_mesh_get_indices(mesh), 3 * nt);
  g_autoptr(GArray) loop = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (uint32_t v = 0; v < nv; v++) {
    g_array_set_size(loop, 0);
    uint32_t at = v;
    while (at < TWICE && follows[at] != NOBODY && (loop->len == 0 || at != v)) {
      g_array_append_val(loop, at);
      const uint32_t next = follows[at];
      follows[at] = NOBODY;
      at = next;
    }
    if (at != v || loop->len < 3) continue; /* no simple loop */
    const uint32_t *l = (const uint32_t *)(const void *)loop->data;
    if (loop->len <= MAX_EXACT_LOOP)
      fill_exactly(&d, l, loop->len);
    else
      fill_by_fan(&d, l, loop->len);
    ++*filled;
  }
  hilum_big_free(follows);
  return draft_finish(&d, hilum_mesh_get_origin_mm(mesh), error);
}

HilumMesh *hilum_mesh_remove_shells(HilumMesh *mesh, double below_mm3, uint64_t *removed, GError **error)
{
  const uint32_t nv = hilum_mesh_get_vertex_count(mesh), nt = hilum_mesh_get_triangle_count(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  const float *p = hilum_mesh_get_positions(mesh);
  uint32_t *shell = hilum_big_alloc(MAX(nv, 1u) * sizeof *shell, error);
  if (!shell) return NULL;
  const uint32_t n = hilum_mesh_number_shells(nv, nt, indices, shell);
  g_autofree double *volume = g_new0(double, (size_t)n + 1);
  g_autofree bool *has = g_new0(bool, (size_t)n + 1);
  for (size_t t = 0; t < nt; t++) {
    const float *a = p + 3 * (size_t)indices[3 * t], *b = p + 3 * (size_t)indices[3 * t + 1],
                *c = p + 3 * (size_t)indices[3 * t + 2];
    volume[shell[indices[3 * t]]] +=
        ((double)a[0] * ((double)b[1] * (double)c[2] - (double)b[2] * (double)c[1]) +
         (double)a[1] * ((double)b[2] * (double)c[0] - (double)b[0] * (double)c[2]) +
         (double)a[2] * ((double)b[0] * (double)c[1] - (double)b[1] * (double)c[0])) /
        6;
    has[shell[indices[3 * t]]] = true;
  }
  *removed = 0;
  for (uint32_t s = 0; s < n; s++)
    *removed += has[s] && fabs(volume[s]) < below_mm3;
  Draft d = draft_new();
  g_autofree uint32_t *number = g_new(uint32_t, (size_t)nv + 1);
  for (uint32_t v = 0; v < nv; v++) {
    if (!has[shell[v]] || fabs(volume[shell[v]]) < below_mm3) continue;
    number[v] = d.positions->len / 3;
    g_array_append_vals(d.positions, p + 3 * (size_t)v, 3);
  }
  for (size_t t = 0; t < nt; t++) {
    const uint32_t *i = indices + 3 * t;
    if (fabs(volume[shell[i[0]]]) < below_mm3) continue;
    const uint32_t k[3] = {number[i[0]], number[i[1]], number[i[2]]};
    g_array_append_vals(d.indices, k, 3);
  }
  hilum_big_free(shell);
  return draft_finish(&d, hilum_mesh_get_origin_mm(mesh), error);
}

typedef struct {
  HilumMesh *mesh; /* owned */
  GArray *record;
} Preparation;

/* Takes over `next`; NULL: the step failed. */
static bool accept(Preparation *p, HilumMesh *next, HilumModification what, GError **error)
{
  if (!next) return false;
  HilumMeshReport before, after;
  if (hilum_mesh_get_triangle_count(next) == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "Nothing of the surface is left; ask for less to be removed");
    hilum_mesh_unref(next);
    return false;
  }
  if (!hilum_mesh_measure(p->mesh, &before, NULL, error) || !hilum_mesh_measure(next, &after, NULL, error)) {
    hilum_mesh_unref(next);
    return false;
  }
  what.volume_before_mm3 = before.volume_mm3;
  what.volume_change_mm3 = after.volume_mm3 - before.volume_mm3;
  what.shells_before = before.shells;
  what.shells_after = after.shells;
  g_array_append_val(p->record, what);
  hilum_mesh_unref(p->mesh);
  p->mesh = next;
  return true;
}

static bool clean(Preparation *p, const HilumPrepareOptions *o, GError **error)
{
  uint64_t count;
  if (o->fill_holes) {
    HilumMesh *next = hilum_mesh_fill_holes(p->mesh, &count, error);
    if (next && count == 0)
      hilum_mesh_unref(next);
    else if (!accept(p, next,
                     (HilumModification){
                         .op = "fill-holes", .count = count, .least_mm = NAN, .deviation_mm = NAN},
                     error))
      return false;
  }
  if (o->remove_below_mm3 > 0) {
    HilumMesh *next = hilum_mesh_remove_shells(p->mesh, o->remove_below_mm3, &count, error);
    if (next && count == 0)
      hilum_mesh_unref(next);
    else if (!accept(p, next,
                     (HilumModification){.op = "remove-shells",
                                         .value = o->remove_below_mm3,
                                         .count = count,
                                         .least_mm = NAN,
                                         .deviation_mm = NAN},
                     error))
      return false;
  }
  return true;
}

double hilum_prepare_choose_resolution(HilumBox bounds_mm, const HilumPrepareOptions *o)
{
  if (o->resolution_mm > 0) return o->resolution_mm;
  double least = INFINITY;
  if (o->min_diameter_mm > 0) least = MIN(least, o->min_diameter_mm);
  if (o->hollow_mm > 0) least = MIN(least, o->hollow_mm);
  const double coarsest = isfinite(least) ? least / 3 : 1, most = hilum_field_most();
  double h = isfinite(least) ? MIN(CLAMP(least / 6, 0.1, 0.5), coarsest) : 0.3;
  while (h < coarsest) {
    const double margin = o->min_diameter_mm > 0
                              ? hilum_thicken_margin_mm(o->min_diameter_mm + hilum_prepare_allowance_mm(o), h)
                              : hilum_remake_margin_mm(h);
    const double points = hilum_field_count(bounds_mm, h, margin);
    if (points <= most) break;
    h = MIN(1.01 * h * cbrt(points / most), coarsest);
  }
  return h;
}

static void put_reached(HilumModification *m, const HilumOpenness *reached, double tolerance)
{
  m->least_mm = MIN(m->value, MIN(reached->least_ball_mm, reached->least_ray_mm));
  m->below = reached->below;
  m->tolerance_mm = tolerance;
}

/* How thick what was thickened or hollowed is now. */
static bool look(const Preparation *p, HilumModification *m, double decimated_mm,
                 const HilumProgress *progress, GError **error)
{
  /* corners of a decimated surface may stick out by its error */
  const double tolerance = hilum_mesh_tolerance(m->resolution_mm) + decimated_mm;
  HilumOpenness reached;
  if (!hilum_mesh_openness(p->mesh, m->value, tolerance, NULL, HILUM_OPENNESS_QUICK, &reached, NULL, progress,
                           error))
    return false;
  /* few are decided one by one, which takes milliseconds for each */
  if (reached.below > 0 && reached.below <= FEW_PLACES &&
      !hilum_mesh_openness(p->mesh, m->value, tolerance, NULL, HILUM_OPENNESS_EXACT, &reached, NULL, progress,
                           error))
    return false;
  put_reached(m, &reached, tolerance);
  return true;
}

static bool remake(Preparation *p, const char *op, double value, double resolution, double diameter,
                   double hollow, const HilumProgress *progress, GError **error)
{
  uint64_t thickened = 0;
  HilumOpenness reached;
  HilumModification what = {
      .op = op, .value = value, .resolution_mm = resolution, .least_mm = NAN, .deviation_mm = NAN};
  const HilumProgress making = hilum_progress_part(progress, 0, 0.6, NULL);
  const HilumProgress comparing = hilum_progress_part(progress, 0.6, 1, NULL);
  HilumMesh *next =
      diameter > 0 ? hilum_mesh_thicken(p->mesh, diameter, resolution, &thickened, &reached, &making, error)
                   : hilum_mesh_remake(p->mesh, resolution, hollow, &making, error);
  if (!next) return false;
  what.count = thickened;
  if (diameter > 0) put_reached(&what, &reached, hilum_mesh_tolerance(resolution));
  HilumSurfaceDistance d;
  if (hollow <= 0) {
    /* What lay inside of another part is gone after resolving, and no deviation. */
    if (!(diameter > 0 ? hilum_mesh_distance_symmetric : hilum_mesh_distance)(next, p->mesh, &d, &comparing,
                                                                              error)) {
      hilum_mesh_unref(next);
      return false;
    }
    what.deviation_mm = d.bound_mm;
  }
  return accept(p, next, what, error) &&
         (hollow <= 0 ||
          look(p, &g_array_index(p->record, HilumModification, p->record->len - 1), 0, &comparing, error));
}

/* Thickening and hollowing resolve, too; each is a step of its own in the record. */
static bool reshape(Preparation *p, const HilumPrepareOptions *o, const HilumProgress *progress,
                    GError **error)
{
  const double h = hilum_prepare_choose_resolution(hilum_mesh_get_bounds_mm(p->mesh), o),
               taken = hilum_prepare_allowance_mm(o);
  const HilumProgress parts[3] = {hilum_progress_part(progress, 0, 0.3, NULL),
                                  hilum_progress_part(progress, 0.3, 0.6, NULL),
                                  hilum_progress_part(progress, 0.6, 1, NULL)};
  if (o->resolve && !remake(p, "resolve", h, h, 0, 0, &parts[0], error)) return false;
  if (o->min_diameter_mm > 0 &&
      !remake(p, "thicken", o->min_diameter_mm, h, o->min_diameter_mm + taken, 0, &parts[1], error))
    return false;
  if (o->hollow_mm <= 0) return true;
  const bool again = o->min_diameter_mm > 0;
  const HilumProgress hollowing = hilum_progress_part(&parts[2], 0, again ? 0.4 : 1, NULL);
  const HilumProgress mending = hilum_progress_part(&parts[2], 0.4, 0.9, NULL);
  const HilumProgress looking = hilum_progress_part(&parts[2], 0.9, 1, NULL);
  if (!remake(p, "hollow", o->hollow_mm, h, 0, o->hollow_mm + taken, &hollowing, error)) return false;
  if (!again) return true;
  /* Where cavities meet, what is between them can be thinner than either was asked for. */
  const guint hollowed = p->record->len - 1;
  const double least = MIN(o->min_diameter_mm, o->hollow_mm);
  const uint32_t shells = g_array_index(p->record, HilumModification, hollowed).shells_after;
  g_autoptr(HilumMesh) hollow = hilum_mesh_ref(p->mesh);
  if (!remake(p, "thicken", least, h, least + taken, 0, &mending, error)) return false;
  if (shells > 1 && g_array_index(p->record, HilumModification, hollowed + 1).shells_after == 1) {
    hilum_mesh_unref(p->mesh); /* not at the price of the only cavity */
    p->mesh = g_steal_pointer(&hollow);
    g_array_set_size(p->record, hollowed + 1);
  }
  return look(p, &g_array_index(p->record, HilumModification, hollowed), 0, &looking, error);
}

static bool simplify(Preparation *p, const HilumPrepareOptions *o, const HilumProgress *progress,
                     GError **error)
{
  if (o->decimate_error_mm <= 0 && o->decimate_triangles == 0) return true;
  const HilumDecimateOptions options = {o->decimate_triangles, o->decimate_error_mm};
  const uint32_t before = hilum_mesh_get_triangle_count(p->mesh);
  const HilumProgress making = hilum_progress_part(progress, 0, 0.8, NULL);
  const HilumProgress looking = hilum_progress_part(progress, 0.8, 1, NULL);
  double bound;
  HilumMesh *next = hilum_mesh_decimate(p->mesh, &options, &bound, &making, error);
  if (!next) return false;
  const HilumModification what = {.op = "decimate",
                                  .least_mm = NAN,
                                  .value = o->decimate_error_mm > 0 ? o->decimate_error_mm
                                                                    : (double)o->decimate_triangles,
                                  .count = before - hilum_mesh_get_triangle_count(next),
                                  .deviation_mm = o->decimate_error_mm > 0 ? bound : NAN};
  if (!accept(p, next, what, error)) return false;
  if (p->record->len < 2) return true;
  HilumModification *shaped = &g_array_index(p->record, HilumModification, p->record->len - 2);
  return isnan(shaped->least_mm) || look(p, shaped, o->decimate_error_mm, &looking, error);
}

HilumMesh *hilum_mesh_prepare(HilumMesh *mesh, const HilumPrepareOptions *options, GArray **record,
                              const HilumProgress *progress, GError **error)
{
  const double lengths[] = {options->remove_below_mm3, options->min_diameter_mm, options->hollow_mm,
                            options->resolution_mm, options->decimate_error_mm};
  for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
    if (!(lengths[i] >= 0) || !isfinite(lengths[i])) {
      g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_INVALID,
                          "Lengths and volumes for print preparation must be positive numbers");
      return NULL;
    }
  Preparation p = {hilum_mesh_ref(mesh), g_array_new(FALSE, FALSE, sizeof(HilumModification))};
  const HilumProgress shaping = hilum_progress_part(progress, 0, 0.6, NULL);
  const HilumProgress simplifying = hilum_progress_part(progress, 0.6, 1, NULL);
  if (clean(&p, options, error) && reshape(&p, options, &shaping, error) &&
      simplify(&p, options, &simplifying, error)) {
    *record = p.record;
    return p.mesh;
  }
  g_array_unref(p.record);
  hilum_mesh_unref(p.mesh);
  return NULL;
}
