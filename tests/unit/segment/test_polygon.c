/* Polygons in a slice against the rule applied to every voxel centre. */
#include "hilum/segment/polygon.h"

#include "hilum/base/random.h"

#include <math.h>

static const int32_t DIMS[3] = {70, 41, 33};

/* Crosses itself freely; every third one has its points on voxel centres and borders, where the rule decides.
 */
static size_t random_points(uint64_t seed, HilumPoint2 *points)
{
  const size_t n = 3 + hilum_random_u64(seed, 0) % 12;
  for (size_t p = 0; p < n; p++) {
    points[p] = (HilumPoint2){hilum_random_uniform(seed, 2 * p + 1) * 90 - 10,
                              hilum_random_uniform(seed, 2 * p + 2) * 60 - 10};
    if (seed % 3 == 0) points[p] = (HilumPoint2){floor(points[p].x * 2) / 2, floor(points[p].y * 2) / 2};
  }
  return n;
}

static void test_fill(void)
{
  for (uint64_t seed = 0; seed < 240; seed++) {
    HilumPoint2 points[16];
    const HilumPolygon polygon = {points, random_points(seed, points), (HilumFillRule)(seed & 1)};
    const int n_axis = (int)(seed % 3);
    const int32_t slice = (int32_t)(hilum_random_u64(seed, 99) % (uint64_t)DIMS[n_axis]);
    g_autoptr(HilumMask) mask = hilum_mask_new(DIMS, NULL);
    HilumVoxelBox touched = {{0}, {0}};
    hilum_polygon_fill_slice(&polygon, n_axis, slice, mask, &touched);
    uint64_t expected = 0;
    HilumVoxel v;
    for (v.k = 0; v.k < DIMS[2]; v.k++)
      for (v.j = 0; v.j < DIMS[1]; v.j++)
        for (v.i = 0; v.i < DIMS[0]; v.i++) {
          const int32_t at[3] = {v.i, v.j, v.k};
          const bool in =
              at[n_axis] == slice && hilum_polygon_contains(&polygon, at[hilum_slice_x_axis(n_axis)],
                                                            at[hilum_slice_y_axis(n_axis)]);
          g_assert_cmpint(hilum_mask_get(mask, v), ==, in);
          expected += in;
        }
    g_assert_cmpuint(hilum_mask_count(mask), ==, expected);
    const HilumVoxelBox tight = hilum_mask_bounds(mask);
    g_assert_cmpmem(&touched, sizeof touched, &tight, sizeof tight);
  }
}

/* By area: the area of a polygon with a known one, and a star whose middle the two rules see differently. */
static void test_rules(void)
{
  static const HilumPoint2 triangle[] = {{0, 0}, {60, 0}, {0, 40}};
  const int32_t dims[3] = {64, 64, 1};
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, NULL);
  hilum_polygon_fill_slice(&(HilumPolygon){triangle, 3, HILUM_FILL_EVEN_ODD}, 2, 0, mask, NULL);
  g_assert_cmpfloat_with_epsilon((double)hilum_mask_count(mask), 1200, 60);

  HilumPoint2 star[5];
  for (int p = 0; p < 5; p++)
    star[p] = (HilumPoint2){32 + 30 * sin(p * 4 * G_PI / 5), 32 - 30 * cos(p * 4 * G_PI / 5)};
  const HilumPolygon odd = {star, 5, HILUM_FILL_EVEN_ODD}, full = {star, 5, HILUM_FILL_NONZERO};
  g_assert_false(hilum_polygon_contains(&odd, 32, 32));
  g_assert_true(hilum_polygon_contains(&full, 32, 32));
  g_assert_true(hilum_polygon_contains(&odd, 32, 6));
  g_assert_true(hilum_polygon_contains(&full, 32, 6));
}

/* Two polygons that share an edge share no voxel and leave none out, also where the edge runs through
 * centres. */
static void test_neighbours(void)
{
  static const HilumPoint2 left[] = {{2, 2}, {20, 2}, {26, 30}, {2, 30}};
  static const HilumPoint2 right[] = {{20, 2}, {50, 2}, {50, 30}, {26, 30}};
  static const HilumPoint2 both[] = {{2, 2}, {50, 2}, {50, 30}, {2, 30}};
  const int32_t dims[3] = {64, 64, 1};
  g_autoptr(HilumMask) a = hilum_mask_new(dims, NULL), b = hilum_mask_new(dims, NULL),
                       c = hilum_mask_new(dims, NULL);
  hilum_polygon_fill_slice(&(HilumPolygon){left, 4, HILUM_FILL_EVEN_ODD}, 2, 0, a, NULL);
  hilum_polygon_fill_slice(&(HilumPolygon){right, 4, HILUM_FILL_EVEN_ODD}, 2, 0, b, NULL);
  hilum_polygon_fill_slice(&(HilumPolygon){both, 4, HILUM_FILL_EVEN_ODD}, 2, 0, c, NULL);
  g_assert_cmpuint(hilum_mask_count(a) + hilum_mask_count(b), ==, 48 * 28);
  hilum_mask_or(a, b);
  g_assert_true(hilum_mask_equal(a, c));
}

/* Nothing to draw, nowhere to draw it. */
static void test_hostile(void)
{
  static const HilumPoint2 points[] = {{1, 1}, {30, 1}, {30, 30}}, nowhere[] = {{1, 1}, {NAN, 1}, {30, 30}};
  static const HilumPoint2 huge[] = {{-1e300, -1e300}, {1e300, -1e300}, {0, 1e300}};
  g_autoptr(HilumMask) mask = hilum_mask_new(DIMS, NULL);
  HilumVoxelBox touched = {{0}, {0}};
  hilum_polygon_fill_slice(&(HilumPolygon){points, 2, HILUM_FILL_EVEN_ODD}, 2, 3, mask, &touched);
  hilum_polygon_fill_slice(&(HilumPolygon){points, 3, HILUM_FILL_EVEN_ODD}, 2, -1, mask, &touched);
  hilum_polygon_fill_slice(&(HilumPolygon){points, 3, HILUM_FILL_EVEN_ODD}, 2, DIMS[2], mask, &touched);
  hilum_polygon_fill_slice(&(HilumPolygon){nowhere, 3, HILUM_FILL_EVEN_ODD}, 2, 3, mask, &touched);
  g_assert_cmpuint(hilum_mask_count(mask), ==, 0);
  g_assert_true(hilum_voxel_box_is_empty(touched));
  hilum_polygon_fill_slice(&(HilumPolygon){huge, 3, HILUM_FILL_EVEN_ODD}, 2, 3, mask, &touched);
  g_assert_cmpuint(hilum_mask_count(mask), ==, (uint64_t)DIMS[0] * (uint64_t)DIMS[1]);
}

static void test_from_mm(void)
{
  HilumGrid grid = hilum_grid_new(70, 41, 33, 0.7, 0.9, 1.6);
  grid.origin_mm = hilum_vec3(-4, 5, 6);
  grid.axes[0] = hilum_vec3(cos(0.3), sin(0.3), 0);
  grid.axes[1] = hilum_vec3(-sin(0.3), cos(0.3), 0);
  const HilumVec3 mm = hilum_grid_to_mm(&grid, (HilumIndexPos){12.25, 7.5, 3});
  const double expected[3][2] = {{7.5, 3}, {12.25, 3}, {12.25, 7.5}};
  for (int axis = 0; axis < 3; axis++) {
    const HilumPoint2 p = hilum_slice_point_from_mm(&grid, axis, mm);
    g_assert_cmpfloat_with_epsilon(p.x, expected[axis][0], 1e-9);
    g_assert_cmpfloat_with_epsilon(p.y, expected[axis][1], 1e-9);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/polygon/fill", test_fill);
  g_test_add_func("/polygon/rules", test_rules);
  g_test_add_func("/polygon/neighbours", test_neighbours);
  g_test_add_func("/polygon/hostile", test_hostile);
  g_test_add_func("/polygon/from-mm", test_from_mm);
  return g_test_run();
}
