/* 4x4 matrices: inverse, product, frames, and the two projections against their definitions. */
#include "hilum/base/random.h"
#include "hilum/geom/mat4.h"

#include <glib.h>

static void expect_near(HilumVec3 a, HilumVec3 b, double tolerance)
{
  g_assert_cmpfloat(hilum_vec3_distance(a, b), <=, tolerance);
}

static void expect_identity(HilumMat4 m, double tolerance)
{
  HilumMat4 id = hilum_mat4_identity();
  for (int i = 0; i < 16; i++)
    g_assert_cmpfloat_with_epsilon(m.m[i], id.m[i], tolerance);
}

static void test_inverse(void)
{
  for (uint64_t round = 0; round < 200; round++) {
    HilumMat4 m;
    for (uint64_t i = 0; i < 16; i++)
      m.m[i] = 2 * hilum_random_uniform(round, i) - 1;
    for (int i = 0; i < 4; i++)
      m.m[5 * i] += 4; /* diagonally dominant: well away from singular */
    expect_identity(hilum_mat4_mul(m, hilum_mat4_inverse(m)), 1e-13);
    expect_identity(hilum_mat4_mul(hilum_mat4_inverse(m), m), 1e-13);
  }
  HilumMat4 singular = {{0}};
  HilumMat4 none = hilum_mat4_inverse(singular);
  for (int i = 0; i < 16; i++)
    g_assert_true(none.m[i] == 0);
}

static void test_product_order(void)
{
  HilumMat4 turn = hilum_mat4_from_rows(hilum_vec3(0, -1, 0), hilum_vec3(1, 0, 0), hilum_vec3(0, 0, 1));
  HilumMat4 move = hilum_mat4_translation(hilum_vec3(10, 0, 0));
  HilumVec3 p = hilum_vec3(1, 2, 3);
  expect_near(hilum_mat4_transform_point(turn, p), hilum_vec3(-2, 1, 3), 1e-15);
  expect_near(hilum_mat4_transform_point(hilum_mat4_mul(turn, move), p), hilum_vec3(-2, 11, 3), 1e-15);
  expect_near(hilum_mat4_transform_point(hilum_mat4_mul(move, turn), p), hilum_vec3(8, 1, 3), 1e-15);
  expect_near(hilum_mat4_transform_dir(move, p), p, 0); /* directions do not move */
}

static void test_ortho(void)
{
  HilumMat4 m = hilum_mat4_ortho(-3, 5, -7, 2, 10, 30);
  expect_near(hilum_mat4_transform_point(m, hilum_vec3(-3, -7, -10)), hilum_vec3(-1, -1, -1), 1e-14);
  expect_near(hilum_mat4_transform_point(m, hilum_vec3(5, 2, -30)), hilum_vec3(1, 1, 1), 1e-14);
  expect_near(hilum_mat4_transform_point(m, hilum_vec3(1, -2.5, -20)), hilum_vec3(0, 0, 0), 1e-14);
}

static void test_perspective(void)
{
  double fovy = 0.7, aspect = 1.6, n = 5, f = 500, t = tan(fovy / 2);
  HilumMat4 m = hilum_mat4_perspective(fovy, aspect, n, f);
  expect_near(hilum_mat4_transform_point(m, hilum_vec3(0, 0, -n)), hilum_vec3(0, 0, -1), 1e-12);
  expect_near(hilum_mat4_transform_point(m, hilum_vec3(0, 0, -f)), hilum_vec3(0, 0, 1), 1e-12);
  /* The upper right corner of any plane lands in the upper right corner of the picture. */
  HilumVec3 corner = hilum_mat4_transform_point(m, hilum_vec3(100 * t * aspect, 100 * t, -100));
  g_assert_cmpfloat_with_epsilon(corner.x, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon(corner.y, 1, 1e-12);
  /* And back. */
  HilumVec3 p = hilum_vec3(12, -7, -133);
  HilumVec3 back = hilum_mat4_transform_point(hilum_mat4_inverse(m), hilum_mat4_transform_point(m, p));
  expect_near(back, p, 1e-9);
}

static void test_to_float(void)
{
  float out[16];
  hilum_mat4_to_float(hilum_mat4_translation(hilum_vec3(1.5, -2, 3)), out);
  g_assert_true(out[12] == 1.5f && out[13] == -2.0f && out[14] == 3.0f && out[15] == 1.0f && out[1] == 0.0f);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mat4/inverse", test_inverse);
  g_test_add_func("/mat4/product-order", test_product_order);
  g_test_add_func("/mat4/ortho", test_ortho);
  g_test_add_func("/mat4/perspective", test_perspective);
  g_test_add_func("/mat4/to-float", test_to_float);
  return g_test_run();
}
