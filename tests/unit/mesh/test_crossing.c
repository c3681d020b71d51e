/* Does the bare surface cross itself? Decided exactly: vertices are placed where coordinates are integers
 * over a power of two, so every orientation is an integer. Touching counts as crossing, except in what two
 * triangles share. */
#include "mesh_fixture.h"

typedef struct {
  int64_t x[3];
} Point;

static Point sub(Point a, Point b)
{
  return (Point){{a.x[0] - b.x[0], a.x[1] - b.x[1], a.x[2] - b.x[2]}};
}

static Point cross(Point a, Point b)
{
  return (Point){{a.x[1] * b.x[2] - a.x[2] * b.x[1], a.x[2] * b.x[0] - a.x[0] * b.x[2],
                  a.x[0] * b.x[1] - a.x[1] * b.x[0]}};
}

static int sign(int64_t v)
{
  return (v > 0) - (v < 0);
}

static int orient(Point a, Point b, Point c, Point d)
{
  Point n = cross(sub(b, a), sub(c, a)), e = sub(d, a);
  return sign(n.x[0] * e.x[0] + n.x[1] * e.x[1] + n.x[2] * e.x[2]);
}

/* In the plane that is left when axis `drop` is. */
static int orient2(Point a, Point b, Point c, int drop)
{
  int u = (drop + 1) % 3, v = (drop + 2) % 3;
  return sign((b.x[u] - a.x[u]) * (c.x[v] - a.x[v]) - (b.x[v] - a.x[v]) * (c.x[u] - a.x[u]));
}

static bool between(Point a, Point b, Point p)
{
  for (int i = 0; i < 3; i++)
    if (p.x[i] < MIN(a.x[i], b.x[i]) || p.x[i] > MAX(a.x[i], b.x[i])) return false;
  return true;
}

static bool segments_meet(Point p, Point q, Point a, Point b, int drop)
{
  int s1 = orient2(p, q, a, drop), s2 = orient2(p, q, b, drop), s3 = orient2(a, b, p, drop),
      s4 = orient2(a, b, q, drop);
  if (s1 * s2 < 0 && s3 * s4 < 0) return true;
  return (s1 == 0 && between(p, q, a)) || (s2 == 0 && between(p, q, b)) || (s3 == 0 && between(a, b, p)) ||
         (s4 == 0 && between(a, b, q));
}

static int drop_axis(const Point t[3])
{
  Point n = cross(sub(t[1], t[0]), sub(t[2], t[0]));
  int most = 0;
  for (int a = 1; a < 3; a++)
    if (llabs(n.x[a]) > llabs(n.x[most])) most = a;
  return most;
}

/* Closed segment against closed triangle. */
static bool meets(Point p, Point q, const Point t[3])
{
  int a = orient(t[0], t[1], t[2], p), b = orient(t[0], t[1], t[2], q);
  if (a * b > 0) return false;
  int s[3];
  if (a || b) {
    for (int i = 0; i < 3; i++)
      s[i] = orient(p, q, t[i], t[(i + 1) % 3]);
    return (s[0] >= 0 && s[1] >= 0 && s[2] >= 0) || (s[0] <= 0 && s[1] <= 0 && s[2] <= 0);
  }
  int drop = drop_axis(t);
  for (int i = 0; i < 3; i++) {
    if (segments_meet(p, q, t[i], t[(i + 1) % 3], drop)) return true;
    s[i] = orient2(t[i], t[(i + 1) % 3], p, drop);
  }
  return s[0] == s[1] && s[1] == s[2];
}

/* Triangles of three corners each, by vertex number and by place. */
static bool triangles_cross(const uint32_t *ia, const Point a[3], const uint32_t *ib, const Point b[3])
{
  int shared = 0, at_a = 0, at_b = 0, sum_a = 0, sum_b = 0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      if (ia[i] == ib[j]) {
        shared++;
        at_a = i;
        at_b = j;
        sum_a += i;
        sum_b += j;
      }
  if (shared >= 3) return true;
  if (shared == 2) { /* a hinge: only if folded flat onto itself */
    int i = 3 - sum_a, j = 3 - sum_b, drop = drop_axis(a);
    if (orient(a[0], a[1], a[2], b[j]) != 0) return false;
    Point e0 = a[(i + 1) % 3], e1 = a[(i + 2) % 3];
    return orient2(e0, e1, a[i], drop) == orient2(e0, e1, b[j], drop);
  }
  if (shared == 1)
    return meets(a[(at_a + 1) % 3], a[(at_a + 2) % 3], b) || meets(b[(at_b + 1) % 3], b[(at_b + 2) % 3], a);
  for (int i = 0; i < 3; i++)
    if (meets(a[i], a[(i + 1) % 3], b) || meets(b[i], b[(i + 1) % 3], a)) return true;
  return false;
}

enum { SCALE = 64 };

static size_t crossings(const HilumMesh *mesh)
{
  uint32_t nt = hilum_mesh_get_triangle_count(mesh), nv = hilum_mesh_get_vertex_count(mesh);
  const uint32_t *indices = hilum_mesh_get_indices(mesh);
  g_autofree Point *p = g_new(Point, nv + 1);
  for (uint32_t v = 0; v < nv; v++) {
    HilumVec3 mm = hilum_mesh_vertex_mm(hilum_mesh_get_origin_mm(mesh), hilum_mesh_get_positions(mesh), v);
    const double x[3] = {mm.x * SCALE, mm.y * SCALE, mm.z * SCALE};
    for (int a = 0; a < 3; a++) {
      p[v].x[a] = llrint(x[a]);
      g_assert_cmpfloat((double)p[v].x[a], ==, x[a]); /* exact, or the test means nothing */
    }
  }
  size_t found = 0;
  for (uint32_t s = 0; s < nt; s++) {
    const uint32_t *is = indices + 3 * (size_t)s;
    const Point a[3] = {p[is[0]], p[is[1]], p[is[2]]};
    for (uint32_t t = s + 1; t < nt; t++) {
      const uint32_t *it = indices + 3 * (size_t)t;
      const Point b[3] = {p[it[0]], p[it[1]], p[it[2]]};
      bool apart = false;
      for (int i = 0; i < 3 && !apart; i++)
        apart = MIN(MIN(a[0].x[i], a[1].x[i]), a[2].x[i]) > MAX(MAX(b[0].x[i], b[1].x[i]), b[2].x[i]) ||
                MIN(MIN(b[0].x[i], b[1].x[i]), b[2].x[i]) > MAX(MAX(a[0].x[i], a[1].x[i]), a[2].x[i]);
      if (!apart && triangles_cross(is, a, it, b)) found++;
    }
  }
  return found;
}

static HilumMesh *surface(const HilumGrid *grid, const int16_t *values, bool open)
{
  g_autoptr(GError) error = NULL;
  size_t bytes = hilum_grid_count(grid) * sizeof *values;
  int16_t *voxels = hilum_big_alloc(bytes, &error);
  memcpy(voxels, values, bytes);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(grid, voxels, 1, 0, "", &error);
  HilumExtractOptions o = {.open_border = open};
  return hilum_mesh_extract_iso(volume, 0, &o, NULL, &error);
}

/* Values +-1 and +-far: crossings at 1/2, 1/(far + 1) and far/(far + 1) of an edge. */
static int16_t value(bool inside, bool is_far, int16_t far)
{
  return (int16_t)((inside ? 1 : -1) * (is_far ? far : 1));
}

static const int16_t far_values[] = {1, 3, 7, 15, 31};

/* Every case; near and far at its corners at random, or every choice with -m slow (minutes). Within the cell
 * nothing meets. */
static void test_cells(void)
{
  HilumGrid grid = hilum_grid_new(2, 2, 2, 1, 1, 1);
  uint64_t drawn = 0;
  unsigned choices = g_test_slow() ? 256 : 3;
  for (unsigned inside = 1; inside < 255; inside++)
    for (unsigned f = 0; f < G_N_ELEMENTS(far_values); f++)
      for (unsigned n = 0; n < (f ? choices : 1); n++) {
        unsigned choice = g_test_slow() ? n : (unsigned)(hilum_random_u64(3, drawn++) & 255);
        int16_t v[8];
        for (unsigned c = 0; c < 8; c++)
          v[c] = value(inside >> c & 1, choice >> c & 1, far_values[f]);
        g_autoptr(HilumMesh) mesh = surface(&grid, v, true);
        g_assert_nonnull(mesh);
        g_assert_cmpuint(crossings(mesh), ==, 0);
      }
}

static void test_blocks(gconstpointer data)
{
  int16_t far = (int16_t)GPOINTER_TO_INT(data);
  HilumGrid grid = hilum_grid_new(5, 5, 4, 1, 1, 1);
  int16_t v[100];
  for (uint64_t seed = 0; seed < 100; seed++) {
    double density = 0.1 + 0.8 * hilum_random_uniform(7, seed);
    for (size_t i = 0; i < 100; i++)
      v[i] = value(hilum_random_uniform(seed, 2 * i) < density, hilum_random_u64(seed, 2 * i + 1) & 1, far);
    g_autoptr(HilumMesh) mesh = surface(&grid, v, false);
    if (mesh) g_assert_cmpuint(crossings(mesh), ==, 0);
  }
}

/* The judge itself. */
static void test_judge(void)
{
  const Point a[3] = {{{0, 0, 0}}, {{4, 0, 0}}, {{0, 4, 0}}};
  const uint32_t ia[3] = {0, 1, 2}, apart[3] = {3, 4, 5}, one[3] = {0, 4, 5}, two[3] = {1, 0, 5};
  const Point through[3] = {{{1, 1, -1}}, {{1, 1, 1}}, {{9, 9, 1}}},
              above[3] = {{{1, 1, 1}}, {{1, 2, 1}}, {{9, 9, 2}}},
              touching[3] = {{{1, 1, 0}}, {{1, 1, 1}}, {{9, 9, 1}}},
              inside[3] = {{{1, 1, 0}}, {{2, 1, 0}}, {{1, 2, 0}}},
              fan[3] = {{{0, 0, 0}}, {{-4, 0, 1}}, {{-4, -4, 0}}},
              pierce[3] = {{{0, 0, 0}}, {{2, 2, 1}}, {{2, 2, -1}}},
              folded[3] = {{{4, 0, 0}}, {{0, 0, 0}}, {{1, 1, 0}}},
              hinge[3] = {{{4, 0, 0}}, {{0, 0, 0}}, {{0, 0, 4}}};
  g_assert_true(triangles_cross(ia, a, apart, through));
  g_assert_false(triangles_cross(ia, a, apart, above));
  g_assert_true(triangles_cross(ia, a, apart, touching));
  g_assert_true(triangles_cross(ia, a, apart, inside));
  g_assert_false(triangles_cross(ia, a, one, fan));
  g_assert_true(triangles_cross(ia, a, one, pierce));
  g_assert_true(triangles_cross(ia, a, two, folded));
  g_assert_false(triangles_cross(ia, a, two, hinge));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/crossing/judge", test_judge);
  g_test_add_func("/mesh/crossing/cells", test_cells);
  g_test_add_data_func("/mesh/crossing/blocks-half-way", GINT_TO_POINTER(1), test_blocks);
  g_test_add_data_func("/mesh/crossing/blocks-quarters", GINT_TO_POINTER(3), test_blocks);
  g_test_add_data_func("/mesh/crossing/blocks-32nds", GINT_TO_POINTER(31), test_blocks);
  return g_test_run();
}
