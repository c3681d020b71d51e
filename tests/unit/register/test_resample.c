/* Resampling under a rigid motion against hilum_volume_sample_mm(), voxel by voxel. */
#include "hilum/register/resample.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/register/error.h"
#include "hilum/volume/error.h"

#include <string.h>

static HilumVolume *random_volume(const HilumGrid *grid, uint64_t seed, double slope, double intercept)
{
  const size_t count = hilum_grid_count(grid);
  int16_t *voxels = hilum_big_alloc(count * sizeof *voxels, NULL);
  for (size_t n = 0; n < count; n++)
    voxels[n] = (int16_t)(hilum_random_u64(seed, n) & 0xffff);
  GError *error = NULL;
  HilumVolume *volume = hilum_volume_new_take(grid, voxels, slope, intercept, "HU", &error);
  g_assert_no_error(error);
  return volume;
}

static HilumGrid oblique_grid(int32_t nx, int32_t ny, int32_t nz, double degrees, bool left_handed)
{
  HilumGrid grid = hilum_grid_new(nx, ny, nz, 0.9, 1.1, 2.3);
  HilumRigid turn = hilum_rigid_from_parameters(
      (HilumRigidParameters){{0, 0, 0}, hilum_vec3_scale(hilum_vec3(0.6, 0, 0.8), degrees * G_PI / 180)},
      hilum_vec3(0, 0, 0));
  for (int a = 0; a < 3; a++)
    grid.axes[a] = hilum_rigid_rotate(turn, grid.axes[a]);
  if (left_handed) grid.axes[2] = hilum_vec3_scale(grid.axes[2], -1);
  /* centred on what the motions turn about */
  const HilumVec3 middle =
      hilum_grid_to_mm(&grid, (HilumIndexPos){(nx - 1) / 2.0, (ny - 1) / 2.0, (nz - 1) / 2.0});
  grid.origin_mm = hilum_vec3_sub(hilum_vec3(4, 5, 6), middle);
  return grid;
}

static HilumRigid some_motion(double degrees)
{
  return hilum_rigid_from_parameters(
      (HilumRigidParameters){{2.3, -1.7, 3.1},
                             hilum_vec3_scale(hilum_vec3(0.48, 0.6, 0.64), degrees * G_PI / 180)},
      hilum_vec3(4, 5, 6));
}

/* Every voxel: inside equals the sampler to one rounding, outside is the outside value. */
static void compare_with_sampler(const HilumVolume *moving, const HilumGrid *grid, HilumRigid motion)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) out =
      hilum_volume_resample_rigid(moving, grid, &motion, -1000, HILUM_RESAMPLE_LINEAR, NULL, &error);
  g_assert_no_error(error);
  const double slope = hilum_volume_get_slope(moving);
  g_assert_cmpfloat(hilum_volume_get_slope(out), ==, slope);
  g_assert_cmpfloat(hilum_volume_get_intercept(out), ==, hilum_volume_get_intercept(moving));
  g_assert_cmpstr(hilum_volume_get_unit(out), ==, "HU");
  g_assert_true(hilum_grid_equal(hilum_volume_get_grid(out), grid, 0));
  size_t inside = 0;
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        double expected = -1000;
        if (hilum_volume_sample_mm(moving, hilum_rigid_apply(motion, hilum_grid_voxel_to_mm(grid, v)),
                                   &expected))
          inside++;
        /* random voxels differ by up to 65,535: float fractions cost up to a few hundredths of a step */
        g_assert_cmpfloat(fabs(hilum_volume_get_value(out, v) - expected), <=, 0.6 * slope);
      }
  g_assert_cmpuint(inside, >, hilum_grid_count(grid) / 10);
  g_assert_cmpuint(inside, <, hilum_grid_count(grid));
}

static void test_linear(void)
{
  const HilumGrid source = oblique_grid(23, 19, 11, 25, true), target = oblique_grid(31, 17, 13, -10, false);
  g_autoptr(HilumVolume) moving = random_volume(&source, 1, 0.5, -3);
  for (int n = 0; n < 8; n++)
    compare_with_sampler(moving, &target, some_motion(n * 23));
  /* a volume one voxel thick, and one voxel wide */
  const HilumGrid flat = oblique_grid(23, 19, 1, 25, false), line = oblique_grid(1, 19, 11, 25, false);
  g_autoptr(HilumVolume) slice = random_volume(&flat, 2, 0.5, -3);
  g_autoptr(HilumVolume) column = random_volume(&line, 3, 0.5, -3);
  const HilumVec3 middle = hilum_grid_to_mm(&flat, (HilumIndexPos){11, 9, 0});
  HilumGrid through = hilum_grid_new(9, 9, 9, 0.4, 0.4, 0.4);
  through.origin_mm = hilum_vec3_sub(middle, hilum_vec3(1.6, 1.6, 1.6));
  compare_with_sampler(slice, &through, hilum_rigid_identity());
  through.origin_mm =
      hilum_vec3_sub(hilum_grid_to_mm(&line, (HilumIndexPos){0, 9, 5}), hilum_vec3(1.6, 1.6, 1.6));
  compare_with_sampler(column, &through, hilum_rigid_identity());
}

/* The volume's own grid and no motion: every bit stays, with either interpolation. */
static void test_identity(void)
{
  const HilumGrid grid = oblique_grid(70, 19, 11, 25, true);
  g_autoptr(HilumVolume) moving = random_volume(&grid, 4, 1, 0);
  for (int n = 0; n < 2; n++) {
    g_autoptr(HilumVolume) out =
        hilum_volume_resample_rigid(moving, &grid, NULL, 0, (HilumResampleInterpolation)n, NULL, NULL);
    const int16_t *a = hilum_volume_get_voxels(moving), *b = hilum_volume_get_voxels(out);
    for (size_t v = 0; v < hilum_grid_count(&grid); v++)
      g_assert_cmpint(a[v], ==, b[v]);
  }
}

/* Keys' kernel reproduces quadratics; trilinear does not. */
static void test_cubic_reproduces_quadratics(void)
{
  const HilumGrid grid = hilum_grid_new(24, 24, 24, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (int32_t k = 0, n = 0; k < 24; k++)
    for (int32_t j = 0; j < 24; j++)
      for (int32_t i = 0; i < 24; i++, n++)
        voxels[n] = (int16_t)(20 * i * i - 15 * j * j + 10 * i * k - 2000);
  g_autoptr(HilumVolume) moving = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
  const HilumRigid shift = {.rotation = {1, 0, 0, 0}, .translation_mm = {0.5, 0.25, -0.3}};
  double worst[2] = {0, 0};
  for (int n = 0; n < 2; n++) {
    g_autoptr(HilumVolume) out =
        hilum_volume_resample_rigid(moving, &grid, &shift, 0, (HilumResampleInterpolation)n, NULL, NULL);
    for (int32_t k = 3; k < 20; k++)
      for (int32_t j = 3; j < 20; j++)
        for (int32_t i = 3; i < 20; i++) {
          const double x = i + 0.5, y = j + 0.25, z = k - 0.3;
          const double expected = 20 * x * x - 15 * y * y + 10 * x * z - 2000;
          worst[n] = fmax(worst[n], fabs(hilum_volume_get_value(out, (HilumVoxel){i, j, k}) - expected));
        }
  }
  g_assert_cmpfloat(worst[HILUM_RESAMPLE_CUBIC], <=, 0.51);
  g_assert_cmpfloat(worst[HILUM_RESAMPLE_LINEAR], >, 2);
}

static void test_threads(void)
{
  const HilumGrid source = oblique_grid(45, 40, 30, 25, true), target = oblique_grid(51, 37, 23, -10, false);
  g_autoptr(HilumVolume) moving = random_volume(&source, 5, 1, 0);
  const HilumRigid motion = some_motion(17);
  for (int n = 0; n < 2; n++) {
    hilum_parallel_set_threads(1);
    g_autoptr(HilumVolume) one =
        hilum_volume_resample_rigid(moving, &target, &motion, 0, (HilumResampleInterpolation)n, NULL, NULL);
    hilum_parallel_set_threads(5);
    g_autoptr(HilumVolume) five =
        hilum_volume_resample_rigid(moving, &target, &motion, 0, (HilumResampleInterpolation)n, NULL, NULL);
    hilum_parallel_set_threads(0);
    g_assert_cmpmem(hilum_volume_get_voxels(one), hilum_grid_count(&target) * 2,
                    hilum_volume_get_voxels(five), hilum_grid_count(&target) * 2);
  }
}

static void test_refusals(void)
{
  const HilumGrid grid = hilum_grid_new(8, 8, 8, 1, 1, 1);
  g_autoptr(HilumVolume) moving = random_volume(&grid, 6, 1, 0);
  HilumGrid broken = grid;
  broken.spacing_mm[1] = -1;
  GError *error = NULL;
  g_assert_null(hilum_volume_resample_rigid(moving, &broken, NULL, 0, HILUM_RESAMPLE_LINEAR, NULL, &error));
  g_assert_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID);
  g_clear_error(&error);
  const HilumRigid zero = {.centre_mm = {0, 0, 0}};
  g_assert_null(hilum_volume_resample_rigid(moving, &grid, &zero, 0, HILUM_RESAMPLE_LINEAR, NULL, &error));
  g_assert_error(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_INVALID);
  g_clear_error(&error);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_assert_null(
      hilum_volume_resample_rigid(moving, &grid, NULL, 0, HILUM_RESAMPLE_LINEAR, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  /* far away: nothing but the outside value, clipped into what int16 holds */
  const HilumRigid far = {.rotation = {1, 0, 0, 0}, .translation_mm = {1e7, -1e7, 1e7}};
  g_autoptr(HilumVolume) out =
      hilum_volume_resample_rigid(moving, &grid, &far, -1e9, HILUM_RESAMPLE_CUBIC, NULL, &error);
  g_assert_no_error(error);
  double lo, hi;
  hilum_volume_get_range(out, &lo, &hi);
  g_assert_cmpfloat(lo, ==, -32768);
  g_assert_cmpfloat(hi, ==, -32768);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/register/resample/linear", test_linear);
  g_test_add_func("/register/resample/identity", test_identity);
  g_test_add_func("/register/resample/cubic-reproduces-quadratics", test_cubic_reproduces_quadratics);
  g_test_add_func("/register/resample/threads", test_threads);
  g_test_add_func("/register/resample/refusals", test_refusals);
  return g_test_run();
}
