/* Every way to divide the eight corners of a cell among labels: seen by each label, the triangles are discs
 * that end on the segments of the faces, no two of them touch, and none has zero area. That faces agree from
 * cell to cell follows from their rule; test_joint.c checks the whole. */
#include "joint_cell.h"

#include "hilum/base/random.h"
#include "hilum/geom/vec3.h"
#include "hilum/kernels/mc.h"

#include <glib.h>
#include <string.h>

enum { N_VERTICES = HILUM_CELL_APEX + HILUM_CELL_MAX_APEXES };

static HilumVec3 edge_middle(int slot)
{
  static const double at[16][3] = {{.5, 0, 0}, {.5, 1, 0}, {.5, 0, 1}, {.5, 1, 1}, {0, .5, 0}, {0, .5, 1},
                                   {0, 0, .5}, {0, 1, .5}, {0},        {0},        {0},        {0},
                                   {1, .5, 0}, {1, .5, 1}, {1, 0, .5}, {1, 1, .5}};
  return hilum_vec3(at[slot][0], at[slot][1], at[slot][2]);
}

static uint32_t edges_of_face(int face, uint32_t crossed)
{
  uint32_t set = 0;
  for (int e = 0; e < 16; e++) {
    HilumVec3 m = edge_middle(e);
    double c[3] = {m.x, m.y, m.z};
    if ((crossed >> e & 1) && c[face / 2] == (face & 1)) set |= UINT32_C(1) << e;
  }
  return set;
}

static HilumVec3 mean(const HilumVec3 *p, uint32_t set)
{
  HilumVec3 sum = {0, 0, 0};
  for (int v = 0; v < 32; v++)
    if (set >> v & 1) sum = hilum_vec3_add(sum, p[v]);
  return hilum_vec3_scale(sum, 1.0 / __builtin_popcount(set));
}

static void place(const HilumCell *cell, HilumVec3 *p)
{
  uint32_t crossed = 0;
  for (int t = 0; t < cell->n_triangles; t++)
    for (int c = 0; c < 3; c++)
      if (cell->triangle[t].corner[c] < 16) crossed |= UINT32_C(1) << cell->triangle[t].corner[c];
  for (int e = 0; e < 16; e++)
    p[e] = edge_middle(e);
  for (int f = 0; f < 6; f++)
    p[HILUM_CELL_FACE + f] = mean(p, edges_of_face(f, crossed));
  for (int a = 0; a < cell->n_apexes; a++) {
    HilumVec3 m = mean(p, cell->members[a]);
    if (cell->towards[a] >= 0)
      m = hilum_vec3_scale(hilum_vec3_add(m, p[HILUM_CELL_APEX + cell->towards[a]]), 0.5);
    p[HILUM_CELL_APEX + a] = m;
  }
}

static bool on_one_face(int a, int b)
{
  if (a >= HILUM_CELL_APEX || b >= HILUM_CELL_APEX) return false;
  for (int f = 0; f < 6; f++) {
    uint32_t on = edges_of_face(f, 0xffff) | UINT32_C(1) << (HILUM_CELL_FACE + f);
    if ((on >> a & 1) && (on >> b & 1)) return true;
  }
  return false;
}

/* The triangles of one label, turned so that it is inside. */
static void check_label(const HilumCell *cell, uint8_t label)
{
  uint8_t used[N_VERTICES][N_VERTICES] = {{0}}, fan[N_VERTICES] = {0}, left[N_VERTICES] = {0};
  int next[N_VERTICES][N_VERTICES];
  memset(next, -1, sizeof next);
  for (int t = 0; t < cell->n_triangles; t++) {
    const HilumCellTriangle *x = &cell->triangle[t];
    if (x->inside != label && x->outside != label) continue;
    bool turn = x->outside == label;
    for (int c = 0; c < 3; c++) {
      int a = x->corner[c], b = x->corner[(c + (turn ? 2 : 1)) % 3], d = x->corner[(c + (turn ? 1 : 2)) % 3];
      g_assert_cmpuint(used[a][b]++, ==, 0); /* an edge once each way at most */
      next[a][b] = d;                        /* turning round a: after b comes d */
      fan[a]++;
    }
  }
  for (int a = 0; a < N_VERTICES; a++) {
    int start = -1, borders = 0, walked = 0;
    for (int b = 0; b < N_VERTICES; b++) {
      if (used[a][b] && !used[b][a]) { /* a border: it lies in a face */
        g_assert_true(on_one_face(a, b));
        left[b]++;
        borders++;
        start = b;
      }
      if (used[a][b] && used[b][a]) g_assert_false(on_one_face(a, b));
    }
    if (!fan[a]) continue;
    g_assert_cmpint(borders, ==, a < HILUM_CELL_APEX ? 1 : 0);
    for (int b = 0; b < N_VERTICES && start < 0; b++)
      if (next[a][b] >= 0) start = b;
    for (int b = start; next[a][b] >= 0 && walked < fan[a]; walked++)
      b = next[a][b];
    g_assert_cmpint(walked, ==, fan[a]); /* one fan */
  }
  for (int a = 0; a < HILUM_CELL_APEX; a++)
    g_assert_cmpint(left[a], ==, fan[a] ? 1 : 0);
}

static void check(const uint8_t labels[8])
{
  HilumCell cell;
  HilumVec3 p[N_VERTICES];
  hilum_cell_build(labels, &cell);
  g_assert_cmpint(cell.n_triangles, <=, HILUM_CELL_MAX_TRIANGLES);
  g_assert_cmpint(cell.n_apexes, <=, HILUM_CELL_MAX_APEXES);
  place(&cell, p);
  for (int t = 0; t < cell.n_triangles; t++) {
    const HilumCellTriangle *x = &cell.triangle[t];
    HilumVec3 n = hilum_vec3_cross(hilum_vec3_sub(p[x->corner[1]], p[x->corner[0]]),
                                   hilum_vec3_sub(p[x->corner[2]], p[x->corner[0]]));
    g_assert_cmpfloat(hilum_vec3_length(n), >, 1e-3);
    g_assert_true(hilum_label_wins(x->inside, x->outside));
  }
  for (int c = 0; c < 8; c++)
    if (!memchr(labels, labels[c], (size_t)c)) check_label(&cell, labels[c]);
}

/* Up to four labels: all fillings. */
static void test_four_labels(void)
{
  for (unsigned code = 0; code < 65536; code++) {
    uint8_t labels[8];
    for (int c = 0; c < 8; c++)
      labels[c] = code >> 2 * c & 3;
    check(labels);
  }
}

/* Up to eight: every partition of the corners (restricted growth strings, 4140), its parts named in eight
 * random orders, so that the ties of faces fall both ways. */
static void test_partitions(void)
{
  uint8_t part[8] = {0};
  int n = 0;
  for (;;) {
    n++;
    for (uint64_t order = 0; order < 8; order++) {
      uint8_t name[8] = {0, 1, 2, 3, 4, 5, 6, 7}, labels[8];
      for (uint64_t i = 7; i > 0; i--) {
        uint64_t j = hilum_random_u64(order, (uint64_t)n * 8 + i) % (i + 1);
        uint8_t t = name[i];
        name[i] = name[j];
        name[j] = t;
      }
      for (int c = 0; c < 8; c++)
        labels[c] = name[part[c]];
      check(labels);
    }
    int c = 7;
    for (; c > 0; c--) {
      uint8_t most = 0;
      for (int i = 0; i < c; i++)
        most = MAX(most, part[i]);
      if (part[c] <= most) break;
    }
    if (c == 0) break;
    part[c]++;
    memset(part + c + 1, 0, (size_t)(7 - c));
  }
  g_assert_cmpint(n, ==, 4140);
}

/* Two labels: the triangles of the binary table with the winner inside. */
static void test_binary(void)
{
  const HilumMcTable *table = hilum_mc_table();
  for (unsigned code = 1; code < 255; code++) {
    uint8_t labels[8];
    HilumCell cell;
    for (int c = 0; c < 8; c++)
      labels[c] = code >> c & 1 ? 3 : 0;
    hilum_cell_build(labels, &cell);
    g_assert_cmpint(cell.n_triangles, ==, table->triangles[code]);
    g_assert_cmpint(cell.n_apexes, ==, 0);
    for (int t = 0; t < cell.n_triangles; t++) {
      bool found = false;
      for (int s = 0; s < cell.n_triangles; s++)
        for (int r = 0; r < 3; r++)
          found |= cell.triangle[t].corner[r] == table->pattern[code][3 * s] &&
                   cell.triangle[t].corner[(r + 1) % 3] == table->pattern[code][3 * s + 1] &&
                   cell.triangle[t].corner[(r + 2) % 3] == table->pattern[code][3 * s + 2];
      g_assert_true(found);
    }
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/joint-cell/binary", test_binary);
  g_test_add_func("/mesh/joint-cell/four-labels", test_four_labels);
  g_test_add_func("/mesh/joint-cell/partitions", test_partitions);
  return g_test_run();
}
