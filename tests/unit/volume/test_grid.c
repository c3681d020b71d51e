/* Grids: voxel to millimetres and back, validation, orientation. */
#include "hilum/base/random.h"
#include "hilum/volume/error.h"
#include "hilum/volume/grid.h"

#include <string.h>

/* An oblique frame, left-handed: slices run against the cross product of rows and columns. */
static HilumGrid oblique_left_handed(void)
{
  HilumGrid grid = hilum_grid_new(37, 23, 11, 0.7, 0.9, 2.5);
  HilumVec3 x = hilum_vec3_normalize(hilum_vec3(0.9, 0.3, -0.2));
  HilumVec3 y = hilum_vec3_normalize(hilum_vec3_cross(hilum_vec3(0.1, 0.2, 0.9), x));
  HilumVec3 z = hilum_vec3_cross(x, y);
  grid.axes[0] = x;
  grid.axes[1] = y;
  grid.axes[2] = hilum_vec3_scale(z, -1);
  grid.origin_mm = hilum_vec3(-211.5, 43.25, -1200.125);
  return grid;
}

static void test_round_trip(void)
{
  HilumGrid grid = oblique_left_handed();
  g_assert_true(hilum_grid_validate(&grid, NULL));
  g_assert_cmpint(hilum_grid_handedness(&grid), ==, -1);
  for (uint64_t n = 0; n < 1000; n++) {
    HilumVoxel v = {(int32_t)(hilum_random_u64(1, 3 * n) % 37),
                    (int32_t)(hilum_random_u64(1, 3 * n + 1) % 23),
                    (int32_t)(hilum_random_u64(1, 3 * n + 2) % 11)};
    HilumVec3 p = hilum_grid_voxel_to_mm(&grid, v);
    HilumIndexPos back = hilum_grid_from_mm(&grid, p);
    g_assert_cmpfloat_with_epsilon(back.i, v.i, 1e-9);
    g_assert_cmpfloat_with_epsilon(back.j, v.j, 1e-9);
    g_assert_cmpfloat_with_epsilon(back.k, v.k, 1e-9);
    /* Anywhere in the cell is the voxel. */
    HilumIndexPos inside = {v.i + 0.98 * (hilum_random_uniform(2, n) - 0.5),
                            v.j + 0.98 * (hilum_random_uniform(3, n) - 0.5),
                            v.k + 0.98 * (hilum_random_uniform(4, n) - 0.5)};
    HilumVoxel at = hilum_grid_voxel_at_mm(&grid, hilum_grid_to_mm(&grid, inside));
    g_assert_true(at.i == v.i && at.j == v.j && at.k == v.k);
    g_assert_true(hilum_grid_contains(&grid, at));
  }
}

static void test_far_points(void)
{
  HilumGrid grid = hilum_grid_new(4, 4, 4, 1e-3, 1, 1);
  HilumVoxel far = hilum_grid_voxel_at_mm(&grid, hilum_vec3(1e30, -1e30, 2));
  g_assert_cmpint(far.i, ==, INT32_MAX);
  g_assert_cmpint(far.j, ==, INT32_MIN);
  g_assert_false(hilum_grid_contains(&grid, far));
  HilumVoxel nan = hilum_grid_voxel_at_mm(&grid, hilum_vec3(NAN, NAN, NAN));
  g_assert_false(hilum_grid_contains(&grid, nan));
  HilumVoxel left = hilum_grid_voxel_at_mm(&grid, hilum_vec3(-0.4e-3, -0.6, 3.5));
  g_assert_true(left.i == 0 && left.j == -1 && left.k == 4);
}

static void expect_invalid(HilumGrid grid, const char *word)
{
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_grid_validate(&grid, &error));
  g_assert_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID);
  g_assert_nonnull(strstr(error->message, word));
}

static void test_validate(void)
{
  HilumGrid good = hilum_grid_new(2, 3, 4, 1, 1, 1), bad;
  g_assert_true(hilum_grid_validate(&good, NULL));
  bad = good, bad.dims[1] = 0, expect_invalid(bad, "axis 2");
  bad = good, bad.dims[2] = 32768, expect_invalid(bad, "32768");
  bad = good, bad.spacing_mm[0] = 0, expect_invalid(bad, "spacing");
  bad = good, bad.spacing_mm[0] = -1, expect_invalid(bad, "spacing");
  bad = good, bad.spacing_mm[2] = NAN, expect_invalid(bad, "axis 3");
  bad = good, bad.spacing_mm[2] = 100.5, expect_invalid(bad, "spacing");
  bad = good, bad.axes[0] = hilum_vec3(1.01, 0, 0), expect_invalid(bad, "unit");
  bad = good, bad.axes[0] = hilum_vec3(NAN, 0, 0), expect_invalid(bad, "unit");
  bad = good, bad.axes[1] = hilum_vec3_normalize(hilum_vec3(0.01, 1, 0)), expect_invalid(bad, "right angles");
  bad = good, bad.axes[2] = hilum_vec3(0, 1, 0), expect_invalid(bad, "right angles");
  bad = good, bad.origin_mm.z = INFINITY, expect_invalid(bad, "position");
}

static void test_equal(void)
{
  HilumGrid a = oblique_left_handed(), b = a;
  g_assert_true(hilum_grid_equal(&a, &b, 0));
  b.origin_mm.x += 1e-3;
  g_assert_true(hilum_grid_equal(&a, &b, 2e-3));
  g_assert_false(hilum_grid_equal(&a, &b, 5e-4));
  b = a;
  b.spacing_mm[0] += 1e-4; /* 36 steps: 3.6e-3 mm at the far side */
  g_assert_false(hilum_grid_equal(&a, &b, 2e-3));
  b = a;
  b.dims[2]++;
  g_assert_false(hilum_grid_equal(&a, &b, 1));
  HilumGrid slice = hilum_grid_new(8, 8, 1, 1, 1, 1), thick = hilum_grid_new(8, 8, 1, 1, 1, 5);
  g_assert_false(hilum_grid_equal(&slice, &thick, 1e-3));
}

static void test_bounds(void)
{
  HilumGrid grid = hilum_grid_new(10, 20, 30, 1, 2, 3);
  HilumBox box = hilum_grid_bounds_mm(&grid);
  g_assert_true(box.min.x == -0.5 && box.min.y == -1 && box.min.z == -1.5);
  g_assert_true(box.max.x == 9.5 && box.max.y == 39 && box.max.z == 88.5);
  g_assert_cmpint(hilum_grid_handedness(&grid), ==, 1);
  g_assert_cmpfloat(hilum_grid_voxel_mm3(&grid), ==, 6);
}

static void test_anatomical_axes(void)
{
  HilumGrid coronal = hilum_grid_new(4, 4, 4, 1, 1, 1); /* rows to the left, columns to the feet */
  coronal.axes[1] = hilum_vec3(0, 0, -1);
  coronal.axes[2] = hilum_vec3(0, 1, 0);
  int axis[3];
  hilum_grid_anatomical_axes(&coronal, axis);
  g_assert_true(axis[0] == 0 && axis[1] == 2 && axis[2] == 1);
  HilumGrid sagittal = coronal;
  sagittal.axes[0] = hilum_vec3(0, 1, 0);
  sagittal.axes[2] = hilum_vec3(1, 0, 0);
  hilum_grid_anatomical_axes(&sagittal, axis);
  g_assert_true(axis[0] == 2 && axis[1] == 0 && axis[2] == 1);
  /* At 45 degrees two axes are as close to x: still a permutation. */
  HilumGrid turned = hilum_grid_new(4, 4, 4, 1, 1, 1);
  turned.axes[0] = hilum_vec3_normalize(hilum_vec3(1, 1, 0));
  turned.axes[1] = hilum_vec3_normalize(hilum_vec3(-1, 1, 0));
  hilum_grid_anatomical_axes(&turned, axis);
  g_assert_cmpint((1 << axis[0]) | (1 << axis[1]) | (1 << axis[2]), ==, 7);
}

static void expect_letters(HilumVec3 direction, const char *expected)
{
  char out[4];
  hilum_orientation_letters(direction, 0.1, out);
  g_assert_cmpstr(out, ==, expected);
}

static void test_letters(void)
{
  expect_letters(hilum_vec3(1, 0, 0), "L");
  expect_letters(hilum_vec3(-1, 0, 0), "R");
  expect_letters(hilum_vec3(0, 1, 0), "P");
  expect_letters(hilum_vec3(0, -1, 0), "A");
  expect_letters(hilum_vec3(0, 0, 1), "S");
  expect_letters(hilum_vec3(0, 0, -1), "I");
  expect_letters(hilum_vec3(0.05, -0.99, 0), "A");
  expect_letters(hilum_vec3(0.2, -0.9, 0.3), "ASL");
  expect_letters(hilum_vec3(-0.6, 0.5, -0.62), "IRP");
  expect_letters(hilum_vec3(0, 0, 0), "");
  expect_letters(hilum_vec3(NAN, NAN, NAN), "");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/grid/round-trip", test_round_trip);
  g_test_add_func("/grid/far-points", test_far_points);
  g_test_add_func("/grid/validate", test_validate);
  g_test_add_func("/grid/equal", test_equal);
  g_test_add_func("/grid/bounds", test_bounds);
  g_test_add_func("/grid/anatomical-axes", test_anatomical_axes);
  g_test_add_func("/grid/letters", test_letters);
  return g_test_run();
}
