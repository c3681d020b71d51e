/* The tree of boxes against a look at every triangle: nearest points, rays and overlaps, for triangles of
 * every size and shape, and from places near, far and beyond what floats can square. */
#include "bvh_private.h"
#include "mesh_fixture.h"
#include "near_list_private.h"

enum { TRIANGLES = 700, ASKED = 400 };

static double between(uint64_t key, double lo, double hi)
{
  static uint64_t counter;
  return lo + (hi - lo) * hilum_random_uniform(key, counter++);
}

/* A soup: small ones, large ones, slivers, lines and points, `scale` mm all in all. */
static HilumMesh *soup(uint32_t n, double scale, uint64_t seed)
{
  g_autoptr(GError) error = NULL;
  float *positions = hilum_big_alloc(9 * (size_t)n * sizeof *positions + 1, &error);
  uint32_t *indices = hilum_big_alloc(3 * (size_t)n * sizeof *indices + 1, &error);
  for (uint32_t t = 0; t < n; t++) {
    double size = scale * (t % 5 == 0 ? 0.5 : 0.03), p[3][3];
    for (int a = 0; a < 3; a++) {
      p[0][a] = between(seed, -scale, scale);
      p[1][a] = p[0][a] + between(seed, -size, size);
      p[2][a] = t % 7 == 0   ? p[0][a]
                : t % 7 == 1 ? p[0][a] + 0.3 * (p[1][a] - p[0][a]) + between(seed, -1e-7, 1e-7) * scale
                             : p[0][a] + between(seed, -size, size);
      if (t % 35 == 0) p[1][a] = p[0][a];
    }
    for (uint32_t c = 0; c < 3; c++) {
      for (uint32_t a = 0; a < 3; a++)
        positions[9 * (size_t)t + 3 * c + a] = (float)p[c][a];
      indices[3 * (size_t)t + c] = 3 * t + c;
    }
  }
  HilumMesh *mesh = hilum_mesh_new_take(hilum_vec3(10, 20, 30), 3 * n, positions, NULL, n, indices, &error);
  g_assert_no_error(error);
  return mesh;
}

static void corners(const HilumMesh *mesh, uint32_t t, double c[3][3])
{
  hilum_triangle_corners(hilum_mesh_get_positions(mesh), hilum_mesh_get_indices(mesh), t, c);
}

static void check_nearest(const HilumMesh *mesh, double scale, double from)
{
  HilumBvh bvh;
  g_assert_true(hilum_bvh_init(&bvh, mesh, NULL));
  const uint32_t n = hilum_mesh_get_triangle_count(mesh);
  for (int i = 0; i < ASKED; i++) {
    double p[3], q[3], least = INFINITY;
    for (int a = 0; a < 3; a++)
      p[a] = between(1, -from, from);
    for (uint32_t t = 0; t < n; t++) {
      double c[3][3];
      corners(mesh, t, c);
      if (i % 4 == 0 && t == (uint32_t)i % n) memcpy(p, c[i % 3], sizeof p); /* on the surface */
    }
    for (uint32_t t = 0; t < n; t++) {
      double c[3][3];
      corners(mesh, t, c);
      least = fmin(least, hilum_nearest_on_triangle(p, c[0], c[1], c[2], q));
    }
    const HilumNearest any = hilum_bvh_nearest(&bvh, p, INFINITY);
    g_assert_cmpfloat(any.d2, ==, least);
    g_assert_cmpuint(any.triangle, <, n);
    double c[3][3];
    corners(mesh, any.triangle, c);
    g_assert_cmpfloat(hilum_nearest_on_triangle(p, c[0], c[1], c[2], q), ==, least);
    g_assert_cmpmem(any.point, sizeof any.point, q, sizeof q);
    /* Nearer than asked, or none. */
    const double limit = scale * scale * between(2, 0, 0.1);
    const HilumNearest some = hilum_bvh_nearest(&bvh, p, limit);
    g_assert_cmpint(some.triangle != UINT32_MAX, ==, least < limit);
    g_assert_cmpfloat(some.d2, ==, fmin(least, limit));
    g_assert_cmpuint(hilum_bvh_nearest(&bvh, p, least).triangle, ==, UINT32_MAX);
  }
  hilum_bvh_clear(&bvh);
}

static void test_nearest(void)
{
  static const uint32_t counts[] = {1, 2, 4, 5, 16, 17, 64, TRIANGLES};
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    g_autoptr(HilumMesh) mesh = soup(counts[i], 200, i);
    check_nearest(mesh, 200, 250);
  }
  static const double scales[] = {1e-3, 1, 1e6, 1e18, 1e30};
  for (size_t i = 0; i < G_N_ELEMENTS(scales); i++) {
    g_autoptr(HilumMesh) mesh = soup(TRIANGLES / 4, scales[i], i);
    check_nearest(mesh, scales[i], scales[i]);
    check_nearest(mesh, scales[i], 1e17 * fmax(scales[i], 1));
  }
}

/* Where a line goes through the plane of a triangle, if it does so inside of it. */
static double meet(const double o[3], const double d[3], double c[3][3])
{
  const HilumVec3 p[3] = {hilum_vec3(c[0][0], c[0][1], c[0][2]), hilum_vec3(c[1][0], c[1][1], c[1][2]),
                          hilum_vec3(c[2][0], c[2][1], c[2][2])};
  const HilumVec3 origin = hilum_vec3(o[0], o[1], o[2]), dir = hilum_vec3(d[0], d[1], d[2]);
  const HilumVec3 n = hilum_vec3_cross(hilum_vec3_sub(p[1], p[0]), hilum_vec3_sub(p[2], p[0]));
  const double t = hilum_vec3_dot(hilum_vec3_sub(p[0], origin), n) / hilum_vec3_dot(dir, n);
  const HilumVec3 at = hilum_vec3_madd(origin, t, dir);
  for (int i = 0; i < 3; i++)
    if (!(hilum_vec3_dot(hilum_vec3_cross(hilum_vec3_sub(p[(i + 1) % 3], p[i]), hilum_vec3_sub(at, p[i])),
                         n) >= 0))
      return INFINITY;
  return t;
}

static void test_rays(void)
{
  g_autoptr(HilumMesh) mesh = soup(TRIANGLES, 200, 3);
  HilumBvh bvh;
  g_assert_true(hilum_bvh_init(&bvh, mesh, NULL));
  int hits = 0;
  for (int i = 0; i < 3 * ASKED; i++) {
    double o[3], d[3], least = INFINITY;
    for (int a = 0; a < 3; a++) {
      o[a] = between(4, -220, 220);
      d[a] = i % 5 == a ? 0 : between(5, -1, 1); /* also along planes of the axes */
    }
    if (i % 7 == 0) d[i % 3] = d[(i + 1) % 3] = 0;
    const double t_min = i % 2 ? 0 : between(6, 0, 50);
    const uint32_t skip = (uint32_t)i % (3 * TRIANGLES);
    for (uint32_t t = 0; t < TRIANGLES; t++) {
      double c[3][3];
      corners(mesh, t, c);
      const double at = t == skip / 3 || t % 7 < 2 ? INFINITY : meet(o, d, c); /* no area: no ray meets it */
      if (at > t_min) least = fmin(least, at);
    }
    uint32_t triangle;
    const double found = hilum_bvh_ray(&bvh, o, d, t_min, skip, &triangle);
    hits += isfinite(found);
    if (triangle != UINT32_MAX && triangle % 7 < 2) continue; /* a sliver, by its rounding */
    g_assert_cmpint(isfinite(found), ==, isfinite(least));
    if (isfinite(least)) g_assert_cmpfloat(fabs(found - least), <, 1e-6 * (1 + least));
    g_assert_cmpint(triangle != UINT32_MAX, ==, isfinite(found));
  }
  g_assert_cmpint(hits, >, ASKED / 2);
  hilum_bvh_clear(&bvh);
}

typedef struct {
  uint8_t seen[TRIANGLES];
  int left;
} Seen;

static bool see(uint32_t triangle, void *data)
{
  Seen *s = data;
  s->seen[triangle]++;
  return --s->left != 0;
}

static void test_overlaps(void)
{
  g_autoptr(HilumMesh) mesh = soup(TRIANGLES, 200, 8);
  HilumBvh bvh;
  g_assert_true(hilum_bvh_init(&bvh, mesh, NULL));
  for (int i = 0; i < ASKED; i++) {
    float lo[3], hi[3];
    for (int a = 0; a < 3; a++) {
      lo[a] = (float)between(9, -250, 250);
      hi[a] = lo[a] + (float)between(9, 0, i % 3 ? 20 : 300);
    }
    Seen s = {.left = -1};
    int all = 0;
    hilum_bvh_overlaps(&bvh, lo, hi, see, &s);
    for (uint32_t t = 0; t < TRIANGLES; t++) {
      double c[3][3];
      bool meets = true;
      corners(mesh, t, c);
      for (int a = 0; a < 3; a++)
        meets &= fmin(c[0][a], fmin(c[1][a], c[2][a])) <= (double)hi[a] &&
                 fmax(c[0][a], fmax(c[1][a], c[2][a])) >= (double)lo[a];
      g_assert_cmpint(s.seen[t], ==, meets);
      all += meets;
    }
    if (all < 2) continue;
    s = (Seen){.left = all - 1}; /* and it stops when told to */
    hilum_bvh_overlaps(&bvh, lo, hi, see, &s);
    g_assert_cmpint(s.left, ==, 0);
  }
  hilum_bvh_clear(&bvh);
}

static void count_pair(uint32_t a, uint32_t b, void *data)
{
  uint8_t(*pair)[TRIANGLES] = data;
  pair[MIN(a, b)][MAX(a, b)]++;
}

static void test_pairs(void)
{
  static const uint32_t counts[] = {1, 3, 4, 5, 16, 17, 65, TRIANGLES};
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    g_autoptr(HilumMesh) mesh = soup(counts[i], 200, 20 + i);
    g_autofree uint8_t(*pair)[TRIANGLES] = g_malloc0(sizeof *pair * TRIANGLES);
    HilumBvh bvh;
    g_assert_true(hilum_bvh_init(&bvh, mesh, NULL));
    for (uint32_t leaf = 0; leaf < bvh.count[0]; leaf++)
      hilum_bvh_pairs(&bvh, leaf, count_pair, pair);
    uint64_t all = 0;
    for (uint32_t t = 0; t < counts[i]; t++)
      for (uint32_t u = t; u < counts[i]; u++) {
        double c[3][3], d[3][3];
        bool meets = t != u;
        corners(mesh, t, c);
        corners(mesh, u, d);
        for (int a = 0; a < 3; a++)
          meets &= fmin(c[0][a], fmin(c[1][a], c[2][a])) <= fmax(d[0][a], fmax(d[1][a], d[2][a])) &&
                   fmin(d[0][a], fmin(d[1][a], d[2][a])) <= fmax(c[0][a], fmax(c[1][a], c[2][a]));
        g_assert_cmpint(pair[t][u], ==, meets);
        all += meets;
      }
    if (counts[i] == TRIANGLES) g_assert_cmpuint(all, >, 500);
    hilum_bvh_clear(&bvh);
  }
}

static void test_nothing(void)
{
  g_autoptr(HilumMesh) mesh = soup(0, 1, 0);
  const double p[3] = {0, 0, 0}, d[3] = {1, 0, 0};
  const float box[3] = {0, 0, 0};
  HilumBvh bvh;
  Seen s = {.left = 1};
  g_assert_true(hilum_bvh_init(&bvh, mesh, NULL));
  g_assert_cmpuint(hilum_bvh_nearest(&bvh, p, INFINITY).triangle, ==, UINT32_MAX);
  g_assert_cmpfloat(hilum_bvh_ray(&bvh, p, d, 0, UINT32_MAX, NULL), ==, INFINITY);
  hilum_bvh_overlaps(&bvh, box, box, see, &s);
  g_assert_cmpint(s.left, ==, 1);
  hilum_bvh_clear(&bvh);
}

static double nearest2(const HilumMesh *mesh, const double p[3])
{
  double least = INFINITY, c[3][3], q[3];
  for (uint32_t t = 0; t < hilum_mesh_get_triangle_count(mesh); t++) {
    corners(mesh, t, c);
    least = fmin(least, hilum_nearest_on_triangle(p, c[0], c[1], c[2], q));
  }
  return least;
}

static void random_corners(double scale, double size, double p[3][3], double lo[3], double hi[3])
{
  for (int a = 0; a < 3; a++) {
    const double middle = between(3, -scale, scale);
    for (int k = 0; k < 3; k++)
      p[k][a] = middle + between(3, -size, size);
    lo[a] = fmin(p[0][a], fmin(p[1][a], p[2][a]));
    hi[a] = fmax(p[0][a], fmax(p[1][a], p[2][a]));
  }
}

/* What a list says of any point of the triangle it was made for is right as far as it reaches, and if it was
 * cut down as far as it was to. */
static void check_list(const HilumMesh *mesh, double scale)
{
  HilumBvh bvh;
  HilumNearGroup group;
  int narrowed = 0, empty = 0, too_many = 0;
  g_assert_true(hilum_bvh_init(&bvh, mesh, NULL) && hilum_near_group_init(&group, NULL));
  for (int i = 0; i < 1000; i++) {
    double p[3][3], lo[3], hi[3], size = 0, *row = group.rows + 5 * HILUM_NEAR_MOST;
    const double radius = scale * between(4, 0, i % 2 ? 0.02 : 0.4), limit = radius * between(4, 0, 1);
    random_corners(scale, scale * (i % 3 ? 0.02 : 0.15), p, lo, hi);
    if (!hilum_near_list_gather(&group.list, &bvh, lo, hi, radius, i % 5 ? HILUM_NEAR_MOST : 12)) {
      too_many++;
      continue;
    }
    HilumNearList list = group.list;
    empty += list.n == 0;
    for (int k = 0; k < 3; k++) {
      double side2 = 0;
      for (int a = 0; a < 3; a++)
        side2 += (p[k][a] - p[(k + 1) % 3][a]) * (p[k][a] - p[(k + 1) % 3][a]);
      size = fmax(size, sqrt(side2));
      hilum_near_list_distances2(&list, p[k], group.rows + list.padded * (size_t)k);
    }
    const double *const rows[3] = {group.rows, group.rows + list.padded, group.rows + 2 * list.padded};
    const bool cut =
        hilum_near_list_narrow(&group.list, rows, limit, size, &list, group.rows + 3 * group.list.padded);
    narrowed += cut;
    for (int j = 0; j < 5; j++) {
      const double u = between(5, 0, 1), v = between(5, 0, 1 - u), reach = cut ? limit : radius;
      double q[3];
      for (int a = 0; a < 3; a++)
        q[a] = p[0][a] + u * (p[1][a] - p[0][a]) + v * (p[2][a] - p[0][a]);
      const double listed = sqrt(hilum_near_list_distances2(&list, q, row)), real = sqrt(nearest2(mesh, q));
      g_assert_cmpfloat(listed, >=, real - 1e-9 * scale);
      if (real <= reach) g_assert_cmpfloat(listed, <=, real + 1e-9 * scale);
    }
  }
  g_assert_true(narrowed > 20 && empty > 20 && too_many > 5);
  hilum_near_group_clear(&group);
  hilum_bvh_clear(&bvh);
}

static void test_list(void)
{
  for (double scale = 1e-3; scale < 1e7; scale *= 1e3) {
    g_autoptr(HilumMesh) mesh = soup(TRIANGLES, scale, 12);
    check_list(mesh, scale);
  }
  HilumBvh bvh;
  HilumNearGroup group;
  const double p[3] = {0, 0, 0};
  g_autoptr(HilumMesh) vast = soup(TRIANGLES, 1e17, 13);
  g_assert_true(hilum_bvh_init(&bvh, vast, NULL) && hilum_near_group_init(&group, NULL));
  g_assert_false(hilum_near_list_gather(&group.list, &bvh, p, p, 1, HILUM_NEAR_MOST));
  hilum_near_group_clear(&group);
  hilum_bvh_clear(&bvh);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mesh/bvh/nearest", test_nearest);
  g_test_add_func("/mesh/bvh/rays", test_rays);
  g_test_add_func("/mesh/bvh/overlaps", test_overlaps);
  g_test_add_func("/mesh/bvh/pairs", test_pairs);
  g_test_add_func("/mesh/bvh/nothing", test_nothing);
  g_test_add_func("/mesh/bvh/list", test_list);
  return g_test_run();
}
