/* 4x4 matrices, column-major as OpenGL has them (m[4 * column + row]), double until they are handed to the
 * GPU. Static inline, any thread. */
#pragma once

#include "hilum/geom/vec3.h"

typedef struct {
  double m[16];
} HilumMat4;

static inline HilumMat4 hilum_mat4_identity(void)
{
  return (HilumMat4){{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}};
}

/* a b: applies b first. */
static inline HilumMat4 hilum_mat4_mul(HilumMat4 a, HilumMat4 b)
{
  HilumMat4 r;
  for (int c = 0; c < 4; c++)
    for (int i = 0; i < 4; i++) {
      double s = 0;
      for (int k = 0; k < 4; k++)
        s += a.m[4 * k + i] * b.m[4 * c + k];
      r.m[4 * c + i] = s;
    }
  return r;
}

static inline HilumMat4 hilum_mat4_translation(HilumVec3 t)
{
  return (HilumMat4){{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, t.x, t.y, t.z, 1}};
}

/* Rows of the rotation are x, y, z: maps that frame's coordinates out of the world. */
static inline HilumMat4 hilum_mat4_from_rows(HilumVec3 x, HilumVec3 y, HilumVec3 z)
{
  return (HilumMat4){{x.x, y.x, z.x, 0, x.y, y.y, z.y, 0, x.z, y.z, z.z, 0, 0, 0, 0, 1}};
}

/* Transforms a point and divides by w. */
static inline HilumVec3 hilum_mat4_transform_point(HilumMat4 a, HilumVec3 p)
{
  double w = a.m[3] * p.x + a.m[7] * p.y + a.m[11] * p.z + a.m[15];
  double s = w != 0 ? 1 / w : 0;
  return hilum_vec3((a.m[0] * p.x + a.m[4] * p.y + a.m[8] * p.z + a.m[12]) * s,
                    (a.m[1] * p.x + a.m[5] * p.y + a.m[9] * p.z + a.m[13]) * s,
                    (a.m[2] * p.x + a.m[6] * p.y + a.m[10] * p.z + a.m[14]) * s);
}

/* Upper 3x3 only. */
static inline HilumVec3 hilum_mat4_transform_dir(HilumMat4 a, HilumVec3 v)
{
  return hilum_vec3(a.m[0] * v.x + a.m[4] * v.y + a.m[8] * v.z, a.m[1] * v.x + a.m[5] * v.y + a.m[9] * v.z,
                    a.m[2] * v.x + a.m[6] * v.y + a.m[10] * v.z);
}

/* General inverse by cofactors; a singular matrix gives all zeros. */
static inline HilumMat4 hilum_mat4_inverse(HilumMat4 a)
{
  const double *m = a.m;
  double s0 = m[0] * m[5] - m[1] * m[4], s1 = m[0] * m[6] - m[2] * m[4], s2 = m[0] * m[7] - m[3] * m[4];
  double s3 = m[1] * m[6] - m[2] * m[5], s4 = m[1] * m[7] - m[3] * m[5], s5 = m[2] * m[7] - m[3] * m[6];
  double c5 = m[10] * m[15] - m[11] * m[14], c4 = m[9] * m[15] - m[11] * m[13],
         c3 = m[9] * m[14] - m[10] * m[13];
  double c2 = m[8] * m[15] - m[11] * m[12], c1 = m[8] * m[14] - m[10] * m[12],
         c0 = m[8] * m[13] - m[9] * m[12];
  double det = s0 * c5 - s1 * c4 + s2 * c3 + s3 * c2 - s4 * c1 + s5 * c0;
  double d = det != 0 ? 1 / det : 0;
  return (HilumMat4){{(m[5] * c5 - m[6] * c4 + m[7] * c3) * d, (-m[1] * c5 + m[2] * c4 - m[3] * c3) * d,
                      (m[13] * s5 - m[14] * s4 + m[15] * s3) * d, (-m[9] * s5 + m[10] * s4 - m[11] * s3) * d,
                      (-m[4] * c5 + m[6] * c2 - m[7] * c1) * d, (m[0] * c5 - m[2] * c2 + m[3] * c1) * d,
                      (-m[12] * s5 + m[14] * s2 - m[15] * s1) * d, (m[8] * s5 - m[10] * s2 + m[11] * s1) * d,
                      (m[4] * c4 - m[5] * c2 + m[7] * c0) * d, (-m[0] * c4 + m[1] * c2 - m[3] * c0) * d,
                      (m[12] * s4 - m[13] * s2 + m[15] * s0) * d, (-m[8] * s4 + m[9] * s2 - m[11] * s0) * d,
                      (-m[4] * c3 + m[5] * c1 - m[6] * c0) * d, (m[0] * c3 - m[1] * c1 + m[2] * c0) * d,
                      (-m[12] * s3 + m[13] * s1 - m[14] * s0) * d, (m[8] * s3 - m[9] * s1 + m[10] * s0) * d}};
}

/* OpenGL clip space. */
static inline HilumMat4 hilum_mat4_ortho(double l, double r, double b, double t, double n, double f)
{
  return (HilumMat4){{2 / (r - l), 0, 0, 0, 0, 2 / (t - b), 0, 0, 0, 0, -2 / (f - n), 0, -(r + l) / (r - l),
                      -(t + b) / (t - b), -(f + n) / (f - n), 1}};
}
static inline HilumMat4 hilum_mat4_perspective(double fovy_rad, double aspect, double n, double f)
{
  double g = 1 / tan(fovy_rad / 2);
  return (HilumMat4){
      {g / aspect, 0, 0, 0, 0, g, 0, 0, 0, 0, (f + n) / (n - f), -1, 0, 0, 2 * f * n / (n - f), 0}};
}

static inline void hilum_mat4_to_float(HilumMat4 a, float out[16])
{
  for (int i = 0; i < 16; i++)
    out[i] = (float)a.m[i];
}
