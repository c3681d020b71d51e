/* Points and directions in patient space: LPS, millimetres, double. By value, static inline, any thread. */
#pragma once

#include <math.h>
#include <stdbool.h>

typedef struct {
  double x, y, z;
} HilumVec3;

static inline HilumVec3 hilum_vec3(double x, double y, double z)
{
  return (HilumVec3){x, y, z};
}
static inline HilumVec3 hilum_vec3_add(HilumVec3 a, HilumVec3 b)
{
  return hilum_vec3(a.x + b.x, a.y + b.y, a.z + b.z);
}
static inline HilumVec3 hilum_vec3_sub(HilumVec3 a, HilumVec3 b)
{
  return hilum_vec3(a.x - b.x, a.y - b.y, a.z - b.z);
}
static inline HilumVec3 hilum_vec3_scale(HilumVec3 a, double s)
{
  return hilum_vec3(a.x * s, a.y * s, a.z * s);
}
/* a + s b */
static inline HilumVec3 hilum_vec3_madd(HilumVec3 a, double s, HilumVec3 b)
{
  return hilum_vec3(a.x + s * b.x, a.y + s * b.y, a.z + s * b.z);
}
static inline HilumVec3 hilum_vec3_lerp(HilumVec3 a, HilumVec3 b, double t)
{
  return hilum_vec3_madd(a, t, hilum_vec3_sub(b, a));
}
static inline double hilum_vec3_dot(HilumVec3 a, HilumVec3 b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline HilumVec3 hilum_vec3_cross(HilumVec3 a, HilumVec3 b)
{
  return hilum_vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static inline double hilum_vec3_length(HilumVec3 a)
{
  return sqrt(hilum_vec3_dot(a, a));
}
static inline double hilum_vec3_distance(HilumVec3 a, HilumVec3 b)
{
  return hilum_vec3_length(hilum_vec3_sub(a, b));
}
/* The zero vector stays zero. */
static inline HilumVec3 hilum_vec3_normalize(HilumVec3 a)
{
  double l = hilum_vec3_length(a);
  return l > 0 ? hilum_vec3_scale(a, 1 / l) : a;
}
static inline bool hilum_vec3_is_finite(HilumVec3 a)
{
  return isfinite(a.x) && isfinite(a.y) && isfinite(a.z);
}
