/* The marching-cubes table, derived and not copied. For each of the 256 cases:
 *
 * 1. On each face of the cell, contour segments join the crossed edges. Where all four are crossed, the two
 *    outside corners are cut off one by one, so that the inside stays joined through the face. The rule looks
 *    at the four corners of the face alone: both cells that share it draw the same segments, so no crack.
 * 2. Every crossed edge lies on two faces and so ends two segments: the segments form closed loops, directed
 *    so that the outside is on the right when seen from outside of the cell.
 * 3. Each loop is cut into triangles by diagonals. A diagonal between two vertices of one face is forbidden:
 *    it would lie in the face, where the neighbouring cell may draw the same line, and four triangles would
 *    meet. Among what is left the sum of squared diagonals (at edge midpoints) is least; interval dynamic
 *    programming as for optimal polygon triangulation (Klincsek 1980).
 *
 * With 3. any two triangles of different cells meet only along contour segments or grid vertices: the surface
 * is a closed 2-manifold for every configuration (tests/unit/mesh proves it for all pairs of cells). */
#include "hilum/kernels/mc.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  int slot, a, b; /* corners, a < b */
} Edge;

static const Edge EDGES[12] = {{HILUM_MC_X00, 0, 1},
                               {HILUM_MC_X10, 2, 3},
                               {HILUM_MC_X01, 4, 5},
                               {HILUM_MC_X11, 6, 7},
                               {HILUM_MC_Y0, 0, 2},
                               {HILUM_MC_Y1, 4, 6},
                               {HILUM_MC_Z0, 0, 4},
                               {HILUM_MC_Z1, 2, 6},
                               {HILUM_MC_NEXT + HILUM_MC_Y0, 1, 3},
                               {HILUM_MC_NEXT + HILUM_MC_Y1, 5, 7},
                               {HILUM_MC_NEXT + HILUM_MC_Z0, 1, 5},
                               {HILUM_MC_NEXT + HILUM_MC_Z1, 3, 7}};

/* Face f = 2 * axis + side. */
static bool corner_on_face(int corner, int face)
{
  return (corner >> (face / 2) & 1) == (face & 1);
}

static bool edge_on_face(const Edge *e, int face)
{
  return corner_on_face(e->a, face) && corner_on_face(e->b, face);
}

static bool share_face(int e, int f)
{
  for (int face = 0; face < 6; face++)
    if (edge_on_face(&EDGES[e], face) && edge_on_face(&EDGES[f], face)) return true;
  return false;
}

/* Twice the midpoint. */
static void midpoint(int e, int m[3])
{
  for (int axis = 0; axis < 3; axis++)
    m[axis] = (EDGES[e].a >> axis & 1) + (EDGES[e].b >> axis & 1);
}

static int distance2(int e, int f)
{
  int a[3], b[3], sum = 0;
  midpoint(e, a);
  midpoint(f, b);
  for (int axis = 0; axis < 3; axis++)
    sum += (a[axis] - b[axis]) * (a[axis] - b[axis]);
  return sum;
}

/* True if the segment e -> f on a face runs the way that leaves a surface counter-clockwise from outside:
 * with the face's normal n out of the cell and d = f - e, n x d points from inside to outside. */
static bool runs_forward(int code, int face, int e, int f)
{
  int a[3], b[3], d[3], n[3] = {0, 0, 0}, c[3], dot = 0;
  midpoint(e, a);
  midpoint(f, b);
  n[face / 2] = face & 1 ? 1 : -1;
  for (int axis = 0; axis < 3; axis++)
    d[axis] = b[axis] - a[axis];
  for (int axis = 0; axis < 3; axis++)
    c[axis] = n[(axis + 1) % 3] * d[(axis + 2) % 3] - n[(axis + 2) % 3] * d[(axis + 1) % 3];
  int in = code >> EDGES[e].a & 1 ? EDGES[e].a : EDGES[e].b, out = EDGES[e].a + EDGES[e].b - in;
  for (int axis = 0; axis < 3; axis++)
    dot += c[axis] * ((out >> axis & 1) - (in >> axis & 1));
  return dot > 0;
}

static void join(int code, int face, int e, int f, int next[12])
{
  if (runs_forward(code, face, e, f))
    next[e] = f;
  else
    next[f] = e;
}

/* Contour segments of one face, entered into next[]. */
static void trace_face(int code, int face, int next[12])
{
  int crossed[4], n = 0;
  for (int e = 0; e < 12; e++)
    if (edge_on_face(&EDGES[e], face) && ((code >> EDGES[e].a ^ code >> EDGES[e].b) & 1)) crossed[n++] = e;
  if (n == 2) join(code, face, crossed[0], crossed[1], next);
  if (n != 4) return;
  for (int corner = 0; corner < 8; corner++) { /* ambiguous: cut off each outside corner */
    if (!corner_on_face(corner, face) || (code >> corner & 1)) continue;
    int pair[2], k = 0;
    for (int i = 0; i < 4; i++)
      if (EDGES[crossed[i]].a == corner || EDGES[crossed[i]].b == corner) pair[k++] = crossed[i];
    join(code, face, pair[0], pair[1], next);
  }
}

typedef struct {
  int n, loop[12];
  int cost[12][12], split[12][12];
} Polygon;

#define IMPOSSIBLE 1000000

/* Least cost of cutting loop[i..j], whose closing side (i, j) is a diagonal unless it is a side of the loop.
 */
static void solve(Polygon *p)
{
  for (int span = 1; span < p->n; span++) {
    for (int i = 0; i + span < p->n; i++) {
      int j = i + span, best = span == 1 ? 0 : IMPOSSIBLE;
      bool side = span == 1 || span == p->n - 1;
      if (!side && share_face(p->loop[i], p->loop[j]))
        best = IMPOSSIBLE;
      else
        for (int k = i + 1; k < j; k++)
          if (p->cost[i][k] + p->cost[k][j] < best) {
            best = p->cost[i][k] + p->cost[k][j];
            p->split[i][j] = k;
          }
      if (best < IMPOSSIBLE && !side) best += distance2(p->loop[i], p->loop[j]);
      p->cost[i][j] = best;
    }
  }
}

static void emit(const Polygon *p, int i, int j, uint8_t *pattern, int *count)
{
  if (j - i < 2) return;
  int k = p->split[i][j];
  uint8_t *t = pattern + 3 * *count;
  t[0] = (uint8_t)EDGES[p->loop[i]].slot;
  t[1] = (uint8_t)EDGES[p->loop[k]].slot;
  t[2] = (uint8_t)EDGES[p->loop[j]].slot;
  *count += 1;
  emit(p, i, k, pattern, count);
  emit(p, k, j, pattern, count);
}

int hilum_mc_cut_loop(const uint8_t *slots, int n, uint8_t *triangles)
{
  Polygon p = {.n = n};
  int count = 0;
  for (int i = 0; i < n; i++)
    p.loop[i] = slots[i] < HILUM_MC_NEXT ? slots[i] : slots[i] - 4; /* EDGES leaves no room after X..Z */
  solve(&p);
  if (p.cost[0][n - 1] >= IMPOSSIBLE) return 0;
  emit(&p, 0, n - 1, triangles, &count);
  return count;
}

static void build_case(HilumMcTable *table, int code)
{
  int next[12], count = 0;
  memset(next, -1, sizeof next);
  for (int face = 0; face < 6; face++)
    trace_face(code, face, next);
  for (int start = 0; start < 12; start++) {
    if (next[start] < 0) continue;
    Polygon p = {0};
    for (int e = start; next[e] >= 0;) {
      int after = next[e];
      next[e] = -1;
      p.loop[p.n++] = e;
      e = after;
    }
    solve(&p);
    /* Neither can be: the kernel tests walk all cases. */
    if (p.cost[0][p.n - 1] >= IMPOSSIBLE || count + p.n - 2 > HILUM_MC_MAX_TRIANGLES) abort();
    emit(&p, 0, p.n - 1, table->pattern[code], &count);
  }
  table->triangles[code] = (uint8_t)count;
  for (int t = 0; t < count; t++) {
    const uint8_t *in = table->pattern[code] + 3 * t;
    uint8_t *out = table->mirrored[code] + 3 * t;
    out[0] = in[0];
    out[1] = in[2];
    out[2] = in[1];
  }
}

static HilumMcTable shared_table;

static void build(void)
{
  for (int code = 0; code < 256; code++)
    build_case(&shared_table, code);
}

const HilumMcTable *hilum_mc_table(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, build);
  return &shared_table;
}
