/* Rays and planes in millimetres. Static inline, any thread. */
#pragma once

#include "hilum/geom/box.h"

typedef struct {
  HilumVec3 origin, dir; /* dir need not be of unit length; distances are in its units */
} HilumRay;

typedef struct {
  HilumVec3 normal; /* unit */
  double offset;    /* dot(normal, p) == offset on the plane */
} HilumPlane;

static inline HilumVec3 hilum_ray_at(HilumRay r, double t)
{
  return hilum_vec3_madd(r.origin, t, r.dir);
}

/* False if the ray is parallel to the plane. */
static inline bool hilum_ray_hit_plane(HilumRay r, HilumPlane p, double *t)
{
  double d = hilum_vec3_dot(p.normal, r.dir);
  if (fabs(d) < 1e-12) return false;
  *t = (p.offset - hilum_vec3_dot(p.normal, r.origin)) / d;
  return true;
}

/* Moeller and Trumbore 1997, two-sided; t in units of dir. */
static inline bool hilum_ray_hit_triangle(HilumRay r, HilumVec3 a, HilumVec3 b, HilumVec3 c, double *t)
{
  HilumVec3 e1 = hilum_vec3_sub(b, a), e2 = hilum_vec3_sub(c, a), p = hilum_vec3_cross(r.dir, e2);
  double det = hilum_vec3_dot(e1, p);
  if (fabs(det) < 1e-18) return false;
  HilumVec3 s = hilum_vec3_sub(r.origin, a), q = hilum_vec3_cross(s, e1);
  double u = hilum_vec3_dot(s, p) / det, v = hilum_vec3_dot(r.dir, q) / det;
  if (u < 0 || v < 0 || u + v > 1) return false;
  *t = hilum_vec3_dot(e2, q) / det;
  return *t > 0;
}
