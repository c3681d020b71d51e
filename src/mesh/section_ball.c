/* Sections of a sphere. It is unrolled: u is the angle about an axis, v the height along it, so that bands
 * are belts; equal parts of u and v have equal areas (Lambert's cylindrical projection). The axis leaves the
 * sphere as far from all contours as one of thirteen can, since near it an angle says little. */
#include "hilum/mesh/error.h"
#include "section_private.h"

#include <math.h>
#include <string.h>

#define TURN (2 * G_PI)
#define STEP (G_PI / 45) /* 4 degrees: flat triangles lie within r / 1600 of the sphere */
enum { STEPS = 90, BELTS = 45 };

typedef struct {
  double radius;
  HilumVec3 u, v, axis;
  GArray *positions, *normals;
} Ball;

static HilumVec3 direction(const Ball *b, double u, double v)
{
  const double belt = sqrt(fmax(1 - v * v, 0));
  HilumVec3 p = hilum_vec3_scale(b->axis, v);
  p = hilum_vec3_madd(p, belt * cos(u), b->u);
  return hilum_vec3_madd(p, belt * sin(u), b->v);
}

static void add_corner(const Ball *b, double u, double v)
{
  const HilumVec3 n = direction(b, u, v), p = hilum_vec3_scale(n, b->radius);
  const float normal[3] = {(float)n.x, (float)n.y, (float)n.z};
  const float xyz[3] = {(float)p.x, (float)p.y, (float)p.z};
  g_array_append_vals(b->positions, xyz, 3);
  g_array_append_vals(b->normals, normal, 3);
}

/* From a0 (below) and a1 (above) to b0 and b1. */
static void add_piece(const Ball *b, double a0, double a1, double b0, double b1, double v0, double v1)
{
  add_corner(b, a0, v0);
  add_corner(b, b0, v0);
  add_corner(b, b1, v1);
  add_corner(b, a0, v0);
  add_corner(b, b1, v1);
  add_corner(b, a1, v1);
}

/* Cut at the same meridians in every belt, so that belts fit each other. */
static void add_belt(const HilumSide *l, const HilumSide *r, double shift, double v0, double v1, void *data)
{
  const Ball *b = data;
  double a0 = hilum_side_u(l, v0) + shift, a1 = hilum_side_u(l, v1) + shift;
  const double b0 = hilum_side_u(r, v0), b1 = hilum_side_u(r, v1), until = fmin(b0, b1);
  for (double k = floor(fmax(a0, a1) / STEP) + 1; k * STEP < until; k++) {
    add_piece(b, a0, a1, k * STEP, k * STEP, v0, v1);
    a0 = a1 = k * STEP;
  }
  add_piece(b, a0, a1, b0, b1, v0, v1);
}

static void add_ring(double v0, double v1, void *data)
{
  for (int k = 0; k < STEPS; k++)
    add_piece(data, k * STEP, k * STEP, (k + 1) * STEP, (k + 1) * STEP, v0, v1);
}

/* How far from either end of the axis the contours stay: 1 less the greatest cosine. */
static double clearance(const HilumSection *s, HilumVec3 middle, double radius, HilumVec3 axis)
{
  double most = 0;
  for (size_t i = 0; i < s->n_points; i++)
    most = fmax(most, fabs(hilum_vec3_dot(hilum_vec3_sub(s->points_mm[i], middle), axis)) / radius);
  return 1 - most;
}

static void set_frame(Ball *b, const HilumSection *s, HilumVec3 middle)
{
  double best = -INFINITY;
  for (int code = 0; code < 13; code++) { /* of 27, the rest are none and these, turned round */
    const HilumVec3 unit = hilum_vec3_normalize(hilum_vec3(code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1));
    const double clear = clearance(s, middle, b->radius, unit);
    if (clear <= best) continue;
    best = clear;
    b->axis = unit;
  }
  const HilumVec3 other = fabs(b->axis.x) < 0.7 ? hilum_vec3(1, 0, 0) : hilum_vec3(0, 1, 0);
  b->u = hilum_vec3_normalize(hilum_vec3_cross(other, b->axis));
  b->v = hilum_vec3_cross(b->axis, b->u);
}

/* Where a corner lies in the frame. */
static void unroll(const Ball *b, HilumVec3 p, double *u, double *v)
{
  *u = atan2(hilum_vec3_dot(p, b->v), hilum_vec3_dot(p, b->u));
  *v = CLAMP(hilum_vec3_dot(p, b->axis) / hilum_vec3_length(p), -1, 1);
}

static void add_side(GArray *sides, GArray *levels, const Ball *b, HilumVec3 p, HilumVec3 q)
{
  double u0, v0, u1, v1;
  unroll(b, p, &u0, &v0);
  unroll(b, q, &u1, &v1);
  u1 -= TURN * round((u1 - u0) / TURN); /* the short way */
  g_array_append_val(levels, v0);
  const HilumSide up = {v0, u0, v1, u1, true}, down = {v1, u1, v0, u0, false};
  if (v0 < v1) g_array_append_val(sides, up);
  if (v1 < v0) g_array_append_val(sides, down);
}

/* Sides that turn far about the axis are cut, for they are straight in space and not in the frame. */
static void collect(HilumSweep *sweep, const Ball *b, const HilumSection *s, HilumVec3 middle)
{
  enum { PARTS = 16 };
  GArray *sides = g_array_new(FALSE, FALSE, sizeof(HilumSide));
  GArray *levels = g_array_new(FALSE, FALSE, sizeof(double));
  for (size_t c = 0; c < s->n_contours; c++) {
    const HilumContour *contour = &s->contours[c];
    for (size_t i = 0; contour->closed && i < contour->n; i++) {
      const HilumVec3 p = hilum_vec3_sub(s->points_mm[contour->first + i], middle);
      const HilumVec3 q = hilum_vec3_sub(s->points_mm[contour->first + (i + 1) % contour->n], middle);
      const HilumVec3 across = hilum_vec3_cross(b->axis, p);
      const double turn =
          fabs(hilum_vec3_dot(hilum_vec3_sub(q, p), across)) / fmax(hilum_vec3_dot(across, across), 1e-12);
      const int parts = (int)CLAMP(ceil(turn / STEP), 1, PARTS);
      HilumVec3 from = p;
      for (int k = 1; k <= parts; k++) {
        const HilumVec3 to = k < parts ? hilum_vec3_lerp(p, q, (double)k / parts) : q;
        add_side(sides, levels, b, from, to);
        from = to;
      }
    }
  }
  for (int k = 0; k <= BELTS; k++) {
    const double v = k == 0 ? -1 : k == BELTS ? 1 : -cos(k * G_PI / BELTS);
    g_array_append_val(levels, v);
  }
  sweep->n_sides = sides->len;
  sweep->n_levels = levels->len;
  sweep->sides = (HilumSide *)(void *)g_array_free(sides, FALSE);
  sweep->levels = (double *)(void *)g_array_free(levels, FALSE);
}

HilumMesh *hilum_ball_fill(const HilumSection *section, const HilumCutter *cutter, GError **error)
{
  Ball b = {.radius = cutter->radius_mm,
            .positions = g_array_new(FALSE, FALSE, sizeof(float)),
            .normals = g_array_new(FALSE, FALSE, sizeof(float))};
  HilumSweep sweep = {
      .turn = TURN, .all = section->all_inside, .emit = add_belt, .ring = add_ring, .data = &b};
  set_frame(&b, section, cutter->point_mm);
  collect(&sweep, &b, section, cutter->point_mm);
  if (sweep.n_sides > 0 || sweep.all) hilum_sweep_run(&sweep);
  HilumMesh *mesh = hilum_fill_build(cutter->point_mm, b.positions, b.normals, error);
  g_free(sweep.sides);
  g_free(sweep.levels);
  g_array_unref(b.positions);
  g_array_unref(b.normals);
  return mesh;
}

/* --- measures --- */

/* The signed solid angle of a triangle, seen from the origin. */
static double solid_angle(HilumVec3 a, HilumVec3 b, HilumVec3 c)
{
  const double x = hilum_vec3_length(a), y = hilum_vec3_length(b), z = hilum_vec3_length(c);
  const double across = hilum_vec3_dot(a, hilum_vec3_cross(b, c));
  const double along =
      x * y * z + hilum_vec3_dot(a, b) * z + hilum_vec3_dot(b, c) * x + hilum_vec3_dot(c, a) * y;
  return 2 * atan2(across, along);
}

double hilum_ball_contour_area(const HilumVec3 *points_mm, size_t n, HilumVec3 middle_mm, double radius_mm)
{
  const HilumVec3 first = hilum_vec3_sub(points_mm[0], middle_mm);
  double angle = 0;
  for (size_t i = 1; i + 1 < n; i++)
    angle += solid_angle(first, hilum_vec3_sub(points_mm[i], middle_mm),
                         hilum_vec3_sub(points_mm[i + 1], middle_mm));
  angle -= 2 * TURN * round(angle / (2 * TURN));
  return angle * radius_mm * radius_mm;
}

bool hilum_mesh_has_inside(const HilumMesh *mesh, HilumVec3 point)
{
  const float *positions = hilum_mesh_get_positions(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  double angle = 0;
  for (size_t t = 0; t < hilum_mesh_get_triangle_count(mesh); t++) {
    HilumVec3 corner[3];
    for (size_t c = 0; c < 3; c++) {
      const float *p = positions + 3 * (size_t)indices[3 * t + c];
      corner[c] = hilum_vec3_sub(hilum_vec3((double)p[0], (double)p[1], (double)p[2]), point);
    }
    angle += solid_angle(corner[0], corner[1], corner[2]);
  }
  return angle > TURN;
}
