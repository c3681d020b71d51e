/* Vectors, boxes, rays. */
#include "hilum/geom/ray.h"

#include <glib.h>

static void test_vec3(void)
{
  HilumVec3 x = hilum_vec3(1, 0, 0), y = hilum_vec3(0, 1, 0);
  HilumVec3 z = hilum_vec3_cross(x, y);
  g_assert_true(z.x == 0 && z.y == 0 && z.z == 1);
  HilumVec3 zero = hilum_vec3_normalize(hilum_vec3(0, 0, 0));
  g_assert_true(hilum_vec3_length(zero) == 0);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_length(hilum_vec3_normalize(hilum_vec3(3, -4, 12))), 1, 1e-15);
  g_assert_true(hilum_vec3_is_finite(x));
  g_assert_false(hilum_vec3_is_finite(hilum_vec3(0, NAN, 0)));
  g_assert_false(hilum_vec3_is_finite(hilum_vec3(0, 0, -INFINITY)));
  HilumVec3 middle = hilum_vec3_lerp(x, y, 0.25);
  g_assert_true(middle.x == 0.75 && middle.y == 0.25);
}

static void test_box(void)
{
  HilumBox empty = hilum_box_empty();
  g_assert_true(hilum_box_is_empty(empty));
  g_assert_true(hilum_box_diagonal(empty) == 0);
  HilumBox one = hilum_box_include(empty, hilum_vec3(1, 2, 3)); /* a point is a closed box */
  g_assert_false(hilum_box_is_empty(one));
  HilumBox two = hilum_box_include(one, hilum_vec3(4, -2, 3));
  g_assert_cmpfloat(hilum_box_diagonal(two), ==, 5);
  g_assert_cmpfloat(hilum_box_center(two).x, ==, 2.5);
  HilumBox same = hilum_box_union(two, empty);
  g_assert_true(same.min.y == -2 && same.max.x == 4);
  same = hilum_box_union(empty, two);
  g_assert_true(same.min.y == -2 && same.max.x == 4 && same.min.z == 3);
  HilumBox bad = two;
  bad.max.y = NAN;
  g_assert_true(hilum_box_is_empty(bad));
}

static void test_voxel_box(void)
{
  const int32_t dims[3] = {10, 20, 30};
  HilumVoxelBox box = {{2, 0, 29}, {3, 20, 30}};
  g_assert_false(hilum_voxel_box_is_empty(box));
  HilumVoxelBox grown = hilum_voxel_box_grow(box, 3, dims);
  g_assert_cmpint(grown.lo[0], ==, 0);
  g_assert_cmpint(grown.hi[0], ==, 6);
  g_assert_cmpint(grown.lo[1], ==, 0);
  g_assert_cmpint(grown.hi[1], ==, 20);
  g_assert_cmpint(grown.lo[2], ==, 26);
  g_assert_cmpint(grown.hi[2], ==, 30);
  g_assert_true(hilum_voxel_box_is_empty((HilumVoxelBox){{1, 1, 1}, {2, 1, 2}}));
}

static void test_ray_triangle(void)
{
  HilumVec3 a = {0, 0, 5}, b = {4, 0, 5}, c = {0, 4, 5};
  HilumRay hit = {{1, 1, 0}, {0, 0, 2}}; /* t is in units of dir */
  double t = 0;
  g_assert_true(hilum_ray_hit_triangle(hit, a, b, c, &t));
  g_assert_cmpfloat_with_epsilon(t, 2.5, 1e-15);
  g_assert_true(hilum_ray_hit_triangle(hit, a, c, b, &t)); /* from either side */
  HilumVec3 at = hilum_ray_at(hit, t);
  g_assert_cmpfloat_with_epsilon(at.z, 5, 1e-14);
  HilumRay behind = {{1, 1, 10}, {0, 0, 1}}, beside = {{3, 3, 0}, {0, 0, 1}},
           parallel = {{0, 0, 0}, {1, 0, 0}};
  g_assert_false(hilum_ray_hit_triangle(behind, a, b, c, &t));
  g_assert_false(hilum_ray_hit_triangle(beside, a, b, c, &t));
  g_assert_false(hilum_ray_hit_triangle(parallel, a, b, c, &t));
  g_assert_false(hilum_ray_hit_triangle(hit, a, a, c, &t)); /* no area */
}

static void test_ray_plane(void)
{
  HilumPlane plane = {{0, 0, 1}, 5};
  double t = 0;
  g_assert_true(hilum_ray_hit_plane((HilumRay){{9, 9, 1}, {0, 3, 2}}, plane, &t));
  g_assert_cmpfloat(t, ==, 2);
  g_assert_true(hilum_ray_hit_plane((HilumRay){{9, 9, 9}, {0, 3, 2}}, plane, &t));
  g_assert_cmpfloat(t, ==, -2); /* behind: the caller decides */
  g_assert_false(hilum_ray_hit_plane((HilumRay){{0, 0, 1}, {1, 1, 0}}, plane, &t));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/geom/vec3", test_vec3);
  g_test_add_func("/geom/box", test_box);
  g_test_add_func("/geom/voxel-box", test_voxel_box);
  g_test_add_func("/geom/ray-triangle", test_ray_triangle);
  g_test_add_func("/geom/ray-plane", test_ray_plane);
  return g_test_run();
}
