/* Exact orientation. The product of two floats is a double without rounding; a third factor makes two doubles
 * (by a fused multiply-add). Their sum is kept as an expansion: doubles that do not overlap, whose sign is
 * that of the last. */
#include "exact_private.h"

#include <math.h>

enum { MAX_TERMS = 48 };

typedef struct {
  double part[MAX_TERMS];
  int n;
} Expansion;

/* Grow-expansion with zero elimination: the sum of `e` and `b`, without rounding. */
static void grow(Expansion *e, double b)
{
  int n = 0;
  double q = b;
  for (int i = 0; i < e->n; i++) {
    const double s = q + e->part[i], bb = s - q;
    const double low = (q - (s - bb)) + (e->part[i] - bb);
    if (low != 0) e->part[n++] = low;
    q = s;
  }
  if (q != 0) e->part[n++] = q;
  e->n = n;
}

static int sign_of(const Expansion *e)
{
  if (e->n == 0) return 0;
  return e->part[e->n - 1] > 0 ? 1 : -1;
}

/* +- p . (q x r) */
static void grow_triple(Expansion *e, double sign, const float *p, const float *q, const float *r)
{
  for (int a = 0; a < 3; a++) {
    const int b = (a + 1) % 3, c = (a + 2) % 3;
    const double minor[2] = {(double)q[b] * (double)r[c], -((double)q[c] * (double)r[b])};
    for (int k = 0; k < 2; k++) {
      const double f = sign * (double)p[a], high = minor[k] * f;
      grow(e, fma(minor[k], f, -high));
      grow(e, high);
    }
  }
}

int hilum_orient3(const float *a, const float *b, const float *c, const float *d)
{
  double u[3], v[3], w[3];
  for (int i = 0; i < 3; i++) {
    u[i] = (double)a[i] - (double)d[i];
    v[i] = (double)b[i] - (double)d[i];
    w[i] = (double)c[i] - (double)d[i];
  }
  double det = 0, size = 0;
  for (int i = 0; i < 3; i++) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    const double x = v[j] * w[k], y = v[k] * w[j];
    det += u[i] * (x - y);
    size += fabs(u[i]) * (fabs(x) + fabs(y));
  }
  if (fabs(det) > 1e-15 * size) return det > 0 ? 1 : -1; /* (7 + 56 eps) eps is 7.8e-16 */
  Expansion e = {.n = 0};
  grow_triple(&e, 1, a, b, c);
  grow_triple(&e, -1, d, b, c);
  grow_triple(&e, -1, a, d, c);
  grow_triple(&e, -1, a, b, d);
  return sign_of(&e);
}

int hilum_orient2(const float *a, const float *b, const float *c, int drop)
{
  const int u = (drop + 1) % 3, v = (drop + 2) % 3;
  const double ax = (double)a[u], ay = (double)a[v], bx = (double)b[u], by = (double)b[v], cx = (double)c[u],
               cy = (double)c[v];
  const double x = (bx - ax) * (cy - ay), y = (by - ay) * (cx - ax);
  if (fabs(x - y) > 1e-15 * (fabs(x) + fabs(y))) return x > y ? 1 : -1;
  Expansion e = {.n = 0};
  const double term[6] = {bx * cy, -(bx * ay), -(ax * cy), -(by * cx), by * ax, ay * cx};
  for (int i = 0; i < 6; i++)
    grow(&e, term[i]);
  return sign_of(&e);
}
