/* A section filled with triangles: bands between the heights of corners (section_private.h), in a plane. */
#include "hilum/base/memory.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"
#include "section_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- bands --- */

static int compare_sides(const void *a, const void *b)
{
  const double x = ((const HilumSide *)a)->v0, y = ((const HilumSide *)b)->v0;
  return (x > y) - (x < y);
}

static int compare_levels(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void sort_levels(HilumSweep *s)
{
  if (s->n_sides > 0) qsort(s->sides, s->n_sides, sizeof *s->sides, compare_sides);
  qsort(s->levels, s->n_levels, sizeof *s->levels, compare_levels);
  size_t distinct = 0;
  for (size_t i = 0; i < s->n_levels; i++)
    if (distinct == 0 || s->levels[i] > s->levels[distinct - 1]) s->levels[distinct++] = s->levels[i];
  s->n_levels = distinct;
}

/* Within the first turn. */
static double place(const HilumSweep *s, const HilumSide *side, double v)
{
  const double u = hilum_side_u(side, v);
  return s->turn > 0 ? u - s->turn * floor(u / s->turn) : u;
}

/* Those that span the band at `middle`, in order; few, and nearly in order from the band before. */
static size_t choose(const HilumSweep *s, const HilumSide **active, size_t n, size_t *next, double v0,
                     double middle)
{
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (active[i]->v1 > v0) active[kept++] = active[i];
  for (n = kept; *next < s->n_sides && s->sides[*next].v0 <= v0; ++*next)
    if (s->sides[*next].v1 > v0) active[n++] = &s->sides[*next];
  for (size_t i = 1; i < n; i++)
    for (size_t j = i; j > 0 && place(s, active[j], middle) < place(s, active[j - 1], middle); j--) {
      const HilumSide *swap = active[j];
      active[j] = active[j - 1];
      active[j - 1] = swap;
    }
  return n;
}

/* What is added to u of a side so that it comes right after another. */
static double shift_before(const HilumSweep *s, const HilumSide *l, const HilumSide *r, double middle)
{
  const double gap = hilum_side_u(r, middle) - hilum_side_u(l, middle);
  return s->turn > 0 ? s->turn * floor(gap / s->turn) : 0;
}

/* At the end of a band: is what most of the turn passes through material? There sides meet that end, and what
 * lies between those has no width. */
static bool is_material_at(const HilumSweep *s, const HilumSide **active, size_t n, double middle, double v)
{
  double widest = -INFINITY;
  bool material = s->all;
  for (size_t i = 0; i < n; i++) {
    const HilumSide *l = active[i], *r = active[(i + 1) % n];
    double gap = hilum_side_u(r, v) - hilum_side_u(l, v) - shift_before(s, l, r, middle);
    if (n == 1) gap = s->turn;
    if (gap <= widest) continue;
    widest = gap;
    material = !l->up;
  }
  return material;
}

static void emit_band(const HilumSweep *s, const HilumSide **active, size_t n, double v0, double v1)
{
  const double middle = 0.5 * (v0 + v1);
  if (s->turn <= 0) {
    for (size_t i = 0; i + 1 < n; i += 2)
      s->emit(active[i], active[i + 1], 0, v0, v1, s->data);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    const HilumSide *l = active[i], *r = active[(i + 1) % n];
    if (!l->up && r->up) s->emit(l, r, shift_before(s, l, r, middle), v0, v1, s->data);
  }
}

void hilum_sweep_run(HilumSweep *s)
{
  sort_levels(s);
  g_autofree const HilumSide **active = g_new(const HilumSide *, s->n_sides + 1);
  size_t n = 0, next = 0, waiting = 0; /* bands at the bottom that no side spans */
  bool known = false, material = s->all;
  for (size_t b = 0; b + 1 < s->n_levels; b++) {
    const double v0 = s->levels[b], v1 = s->levels[b + 1], middle = 0.5 * (v0 + v1);
    n = choose(s, active, n, &next, v0, middle);
    if (n > 0) {
      if (!known && is_material_at(s, active, n, middle, v0) && s->ring)
        for (size_t w = 0; w < waiting; w++)
          s->ring(s->levels[w], s->levels[w + 1], s->data);
      known = true;
      emit_band(s, active, n, v0, v1);
      material = is_material_at(s, active, n, middle, v1);
    } else if (!known && s->n_sides > 0) {
      waiting++;
    } else if (material && s->ring) {
      s->ring(v0, v1, s->data);
    }
  }
}

HilumMesh *hilum_fill_build(HilumVec3 origin_mm, const GArray *positions, const GArray *normals,
                            GError **error)
{
  uint32_t nv = positions->len / 3;
  size_t bytes = positions->len * sizeof(float);
  if (nv == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY, "The cut meets no closed surface");
    return NULL;
  }
  float *p = hilum_big_alloc(bytes, error), *n = p ? hilum_big_alloc(bytes, error) : NULL;
  uint32_t *indices = n ? hilum_big_alloc((size_t)nv * sizeof *indices, error) : NULL;
  if (!indices) {
    hilum_big_free(p);
    hilum_big_free(n);
    return NULL;
  }
  memcpy(p, positions->data, bytes);
  memcpy(n, normals->data, bytes);
  for (size_t v = 0; v < nv; v++)
    indices[v] = (uint32_t)v;
  return hilum_mesh_new_trusted(origin_mm, nv, p, n, nv / 3, indices);
}

/* --- a plane --- */

typedef struct {
  HilumVec3 u, v, normal; /* frame of the plane, relative to the result's origin */
  GArray *positions, *normals;
} Plane;

static void set_frame(Plane *f, const HilumCutter *cutter)
{
  f->normal = hilum_vec3_normalize(cutter->normal);
  const HilumVec3 n = f->normal;
  const HilumVec3 other = fabs(n.x) < 0.7 ? hilum_vec3(1, 0, 0) : hilum_vec3(0, 1, 0);
  f->u = hilum_vec3_normalize(hilum_vec3_cross(other, n));
  f->v = hilum_vec3_cross(n, f->u);
}

/* The sides of closed contours. */
static void collect(HilumSweep *sweep, const Plane *f, const HilumSection *s, HilumVec3 origin)
{
  sweep->sides = g_new(HilumSide, s->n_points + 1);
  sweep->levels = g_new(double, s->n_points + 1);
  for (size_t c = 0; c < s->n_contours; c++) {
    const HilumContour *contour = &s->contours[c];
    if (!contour->closed) continue;
    for (size_t i = 0; i < contour->n; i++) {
      HilumVec3 a = hilum_vec3_sub(s->points_mm[contour->first + i], origin);
      HilumVec3 b = hilum_vec3_sub(s->points_mm[contour->first + (i + 1) % contour->n], origin);
      double va = hilum_vec3_dot(a, f->v), vb = hilum_vec3_dot(b, f->v), ua = hilum_vec3_dot(a, f->u),
             ub = hilum_vec3_dot(b, f->u);
      sweep->levels[sweep->n_levels++] = va;
      if (va < vb) sweep->sides[sweep->n_sides++] = (HilumSide){va, ua, vb, ub, true};
      if (vb < va) sweep->sides[sweep->n_sides++] = (HilumSide){vb, ub, va, ua, false};
    }
  }
}

/* Counter-clockwise seen from above. */
static void add_trapezoid(const HilumSide *l, const HilumSide *r, double shift, double v0, double v1,
                          void *data)
{
  const Plane *f = data;
  const double u[4] = {hilum_side_u(l, v0), hilum_side_u(r, v0), hilum_side_u(r, v1), hilum_side_u(l, v1)};
  const double v[4] = {v0, v0, v1, v1};
  const float normal[3] = {(float)f->normal.x, (float)f->normal.y, (float)f->normal.z};
  static const int corner[6] = {0, 1, 2, 0, 2, 3};
  for (int i = 0; i < 6; i++) {
    HilumVec3 p = hilum_vec3_madd(hilum_vec3_scale(f->u, u[corner[i]]), v[corner[i]], f->v);
    const float xyz[3] = {(float)p.x, (float)p.y, (float)p.z};
    g_array_append_vals(f->positions, xyz, 3);
    g_array_append_vals(f->normals, normal, 3);
  }
}

HilumMesh *hilum_section_fill(const HilumSection *section, const HilumCutter *cutter, GError **error)
{
  if (cutter->kind == HILUM_CUTTER_SPHERE) return hilum_ball_fill(section, cutter, error);
  Plane f = {.positions = g_array_new(FALSE, FALSE, sizeof(float)),
             .normals = g_array_new(FALSE, FALSE, sizeof(float))};
  HilumSweep sweep = {.emit = add_trapezoid, .data = &f};
  set_frame(&f, cutter);
  collect(&sweep, &f, section, cutter->point_mm);
  hilum_sweep_run(&sweep);
  HilumMesh *mesh = hilum_fill_build(cutter->point_mm, f.positions, f.normals, error);
  g_free(sweep.sides);
  g_free(sweep.levels);
  g_array_unref(f.positions);
  g_array_unref(f.normals);
  return mesh;
}
