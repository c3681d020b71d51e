/* A section filled with triangles. The plane is cut into bands at the heights of all corners; in a band no
 * side ends, so that the sides that span it, in their order, bound material in pairs (even-odd: holes within
 * holes need no tree). As for scan lines (J. Foley et al., Computer Graphics, 1990, 3.6), with trapezoids in
 * place of rows. */
#include "hilum/base/memory.h"
#include "hilum/mesh/error.h"
#include "hilum/mesh/section.h"
#include "mesh_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A side of a contour, from its lower end to its upper: along v, at u. */
typedef struct {
  double v0, u0, v1, u1;
} Side;

typedef struct {
  HilumVec3 origin, u, v, normal; /* frame of the plane, relative to the result's origin */
  Side *sides;                    /* by v0 */
  size_t n_sides;
  double *levels; /* ascending, distinct */
  size_t n_levels;
  GArray *positions; /* float, 3 a vertex */
} Fill;

static int compare_sides(const void *a, const void *b)
{
  const double x = ((const Side *)a)->v0, y = ((const Side *)b)->v0;
  return (x > y) - (x < y);
}

static int compare_levels(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void set_frame(Fill *f, const HilumCutter *cutter)
{
  f->normal = hilum_vec3_normalize(cutter->normal);
  const HilumVec3 n = f->normal;
  const HilumVec3 other = fabs(n.x) < 0.7 ? hilum_vec3(1, 0, 0) : hilum_vec3(0, 1, 0);
  f->u = hilum_vec3_normalize(hilum_vec3_cross(other, n));
  f->v = hilum_vec3_cross(n, f->u);
}

/* The sides of closed contours, level ones left out: they bound nothing above or below. */
static void collect(Fill *f, const HilumSection *s)
{
  f->sides = g_new(Side, s->n_points + 1);
  f->levels = g_new(double, s->n_points + 1);
  for (size_t c = 0; c < s->n_contours; c++) {
    const HilumContour *contour = &s->contours[c];
    if (!contour->closed) continue;
    for (size_t i = 0; i < contour->n; i++) {
      HilumVec3 a = hilum_vec3_sub(s->points_mm[contour->first + i], f->origin);
      HilumVec3 b = hilum_vec3_sub(s->points_mm[contour->first + (i + 1) % contour->n], f->origin);
      double va = hilum_vec3_dot(a, f->v), vb = hilum_vec3_dot(b, f->v), ua = hilum_vec3_dot(a, f->u),
             ub = hilum_vec3_dot(b, f->u);
      f->levels[f->n_levels++] = va;
      if (va < vb) f->sides[f->n_sides++] = (Side){va, ua, vb, ub};
      if (vb < va) f->sides[f->n_sides++] = (Side){vb, ub, va, ua};
    }
  }
  qsort(f->sides, f->n_sides, sizeof *f->sides, compare_sides);
  qsort(f->levels, f->n_levels, sizeof *f->levels, compare_levels);
  size_t distinct = 0;
  for (size_t i = 0; i < f->n_levels; i++)
    if (distinct == 0 || f->levels[i] > f->levels[distinct - 1]) f->levels[distinct++] = f->levels[i];
  f->n_levels = distinct;
}

static double u_at(const Side *s, double v)
{
  return s->u0 + (s->u1 - s->u0) * ((v - s->v0) / (s->v1 - s->v0));
}

static void add_corner(Fill *f, double u, double v)
{
  HilumVec3 p = hilum_vec3_madd(hilum_vec3_scale(f->u, u), v, f->v);
  const float xyz[3] = {(float)p.x, (float)p.y, (float)p.z};
  g_array_append_vals(f->positions, xyz, 3);
}

/* Between two sides that bound material, counter-clockwise seen from above. */
static void add_trapezoid(Fill *f, const Side *l, const Side *r, double v0, double v1)
{
  const double u[4] = {u_at(l, v0), u_at(r, v0), u_at(r, v1), u_at(l, v1)}, v[4] = {v0, v0, v1, v1};
  static const int corner[6] = {0, 1, 2, 0, 2, 3};
  for (int i = 0; i < 6; i++)
    add_corner(f, u[corner[i]], v[corner[i]]);
}

static void fill_bands(Fill *f)
{
  g_autofree const Side **active = g_new(const Side *, f->n_sides + 1);
  size_t n = 0, next = 0;
  for (size_t b = 0; b + 1 < f->n_levels; b++) {
    double v0 = f->levels[b], v1 = f->levels[b + 1], middle = 0.5 * (v0 + v1);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
      if (active[i]->v1 > v0) active[kept++] = active[i];
    for (n = kept; next < f->n_sides && f->sides[next].v0 <= v0; next++)
      if (f->sides[next].v1 > v0) active[n++] = &f->sides[next];
    for (size_t i = 1; i < n; i++) /* few, and nearly in order from the band before */
      for (size_t j = i; j > 0 && u_at(active[j], middle) < u_at(active[j - 1], middle); j--) {
        const Side *swap = active[j];
        active[j] = active[j - 1];
        active[j - 1] = swap;
      }
    for (size_t i = 0; i + 1 < n; i += 2)
      add_trapezoid(f, active[i], active[i + 1], v0, v1);
  }
}

static HilumMesh *build(Fill *f, GError **error)
{
  uint32_t nv = f->positions->len / 3;
  size_t bytes = f->positions->len * sizeof(float);
  if (nv == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY, "The plane meets no closed surface");
    return NULL;
  }
  float *p = hilum_big_alloc(bytes, error), *n = p ? hilum_big_alloc(bytes, error) : NULL;
  uint32_t *indices = n ? hilum_big_alloc((size_t)nv * sizeof *indices, error) : NULL;
  if (!indices) {
    hilum_big_free(p);
    hilum_big_free(n);
    return NULL;
  }
  const float normal[3] = {(float)f->normal.x, (float)f->normal.y, (float)f->normal.z};
  memcpy(p, f->positions->data, bytes);
  for (size_t v = 0; v < nv; v++) {
    memcpy(n + 3 * v, normal, sizeof normal);
    indices[v] = (uint32_t)v;
  }
  return hilum_mesh_new_trusted(f->origin, nv, p, n, nv / 3, indices);
}

HilumMesh *hilum_section_fill(const HilumSection *section, const HilumCutter *cutter, GError **error)
{
  Fill f = {.origin = cutter->point_mm, .positions = g_array_new(FALSE, FALSE, sizeof(float))};
  set_frame(&f, cutter);
  collect(&f, section);
  fill_bands(&f);
  HilumMesh *mesh = build(&f, error);
  g_free(f.sides);
  g_free(f.levels);
  g_array_unref(f.positions);
  return mesh;
}
