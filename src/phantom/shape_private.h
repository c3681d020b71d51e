/* Small implicit functions shared by the phantom's organs: negative inside, millimetres, exact to first order
 * at their surface. Where a shape is only bounded by its value away from the surface, the solid's Lipschitz
 * bound in abdomen.c says by how much. Smooth minimum: the polynomial form of Quilez (2008, "smooth
 * minimum"); ellipsoid: his bound k0 (k0 - 1) / k1. */
#pragma once

#include "hilum/base/random.h"
#include "hilum/geom/box.h"
#include "hilum/geom/vec3.h"

#include <glib.h>

static inline double shape_clamp(double v, double lo, double hi)
{
  return v < lo ? lo : v > hi ? hi : v;
}
static inline double shape_max(double a, double b)
{
  return a > b ? a : b;
}
static inline double shape_min(double a, double b)
{
  return a < b ? a : b;
}
static inline double shape_smoothstep(double lo, double hi, double v)
{
  double t = shape_clamp((v - lo) / (hi - lo), 0, 1);
  return t * t * (3 - 2 * t);
}
/* Union with a fillet of width k; within k / 4 of min(a, b). */
static inline double shape_smooth_min(double a, double b, double k)
{
  double h = k - fabs(a - b);
  return shape_min(a, b) - (h > 0 ? h * h / (4 * k) : 0);
}
static inline double shape_smooth_max(double a, double b, double k)
{
  return -shape_smooth_min(-a, -b, k);
}

/* Ellipsoid at the origin. */
static inline double shape_ellipsoid(HilumVec3 p, double rx, double ry, double rz)
{
  HilumVec3 q = hilum_vec3(p.x / rx, p.y / ry, p.z / rz);
  double k0 = hilum_vec3_length(q);
  double k1 = hilum_vec3_length(hilum_vec3(q.x / rx, q.y / ry, q.z / rz));
  return k1 > 1e-9 ? k0 * (k0 - 1) / k1 : -shape_min(rx, shape_min(ry, rz));
}
/* Ellipse in the plane, squarer than an ellipse as `blunt` goes from 0 to 1: the sum of t (1 - b + b t) for t
 * = x^2 is 1. */
static inline double shape_ellipse(double x, double y, double rx, double ry, double blunt)
{
  double tx = x * x / (rx * rx), ty = y * y / (ry * ry);
  double s = tx * (1 - blunt + blunt * tx) + ty * (1 - blunt + blunt * ty);
  double gx = 2 * x / (rx * rx) * (1 - blunt + 2 * blunt * tx);
  double gy = 2 * y / (ry * ry) * (1 - blunt + 2 * blunt * ty);
  double g = sqrt(gx * gx + gy * gy), k = sqrt(s);
  return g > 1e-9 ? (k - 1) * 2 * k / g : -shape_min(rx, ry);
}
/* Segment with a radius that runs linearly from ra to rb; *at is the position along it. */
static inline double shape_capsule(HilumVec3 p, HilumVec3 a, HilumVec3 b, double ra, double rb)
{
  HilumVec3 ab = hilum_vec3_sub(b, a), ap = hilum_vec3_sub(p, a);
  double l2 = hilum_vec3_dot(ab, ab);
  double t = l2 > 0 ? shape_clamp(hilum_vec3_dot(ap, ab) / l2, 0, 1) : 0;
  return hilum_vec3_length(hilum_vec3_madd(ap, -t, ab)) - (ra + t * (rb - ra));
}

static inline HilumBox shape_box(HilumVec3 c, double rx, double ry, double rz)
{
  return (HilumBox){{c.x - rx, c.y - ry, c.z - rz}, {c.x + rx, c.y + ry, c.z + rz}};
}
static inline HilumBox shape_box_grow(HilumBox b, double r)
{
  return (HilumBox){{b.min.x - r, b.min.y - r, b.min.z - r}, {b.max.x + r, b.max.y + r, b.max.z + r}};
}
/* Distance to a box, 0 inside: a lower bound for what lies in it. */
static inline double shape_box_distance(const HilumBox *b, HilumVec3 p)
{
  double x = shape_max(shape_max(b->min.x - p.x, p.x - b->max.x), 0);
  double y = shape_max(shape_max(b->min.y - p.y, p.y - b->max.y), 0);
  double z = shape_max(shape_max(b->min.z - p.z, p.z - b->max.z), 0);
  return sqrt(x * x + y * y + z * z);
}

/* Smooth value noise in -1..1 with features of about `size` mm: a hash at the corners of a lattice,
 * interpolated by smoothstep. The same on every machine. */
double shape_noise(uint64_t seed, HilumVec3 p, double size);
