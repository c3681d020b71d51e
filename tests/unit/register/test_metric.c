/* The parts under the registration: companding, the pyramid's geometry, the points, the metrics' gradients.
 */
#include "register/metric_private.h"

#include "scene.h"

/* A volume that is linear in LPS mm. */
static HilumVolume *ramp(const HilumGrid *grid, HilumVec3 per_mm, double at_zero)
{
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(grid) * sizeof *voxels, NULL);
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        voxels[hilum_grid_offset(grid, v)] =
            (int16_t)floor(hilum_vec3_dot(per_mm, hilum_grid_voxel_to_mm(grid, v)) + at_zero + 0.5);
      }
  return hilum_volume_new_take(grid, voxels, 1, 0, "HU", NULL);
}

static HilumVoxelBox whole(const HilumGrid *grid)
{
  return (HilumVoxelBox){{0, 0, 0}, {grid->dims[0], grid->dims[1], grid->dims[2]}};
}

/* Thinning must not move the picture: away from the border a linear volume reads the same at every level and
 * point. Half a voxel of error along one axis would show as 0.1 bins or more. */
static void test_pyramid_stays_in_place(void)
{
  HilumGrid grid = hilum_grid_new(67, 58, 23, 0.7, 0.9, 2.6);
  grid.origin_mm = hilum_vec3(-20, -31, 5);
  const HilumRigid turn = scene_motion(0, 0, 0, 33);
  for (int a = 0; a < 3; a++)
    grid.axes[a] = hilum_rigid_rotate(turn, grid.axes[a]);
  const HilumVec3 per_mm = {60, 90, -70};
  g_autoptr(HilumVolume) volume = ramp(&grid, per_mm, 1000);
  double lo, hi;
  hilum_volume_get_range(volume, &lo, &hi);
  g_autofree Compander *compander = compander_new_linear(volume, lo, hi);
  const double bins_per_unit = (double)(BIN_HIGHEST - BIN_LOWEST) / (hi - lo);
  const HilumVoxelBox crop = {{3, 2, 1}, {66, 55, 22}};
  g_autoptr(Level) fine = level_new(volume, crop, compander, 1, NULL, NULL);
  g_autoptr(Level) middle = level_new_coarser(fine, 2, NULL, NULL);
  g_autoptr(Level) coarse = level_new_coarser(middle, 4, NULL, NULL);
  const Level *levels[3] = {fine, middle, coarse};
  g_assert_cmpint(fine->grid.dims[0], ==, 63);
  g_assert_cmpint(middle->grid.dims[0], <, 63);
  g_assert_cmpint(middle->grid.dims[2], ==, 21); /* slices of 2.6 mm wait for the plane */
  g_assert_cmpint(coarse->grid.dims[0], <, middle->grid.dims[0]);
  const HilumVec3 centre = hilum_grid_to_mm(&grid, (HilumIndexPos){33, 28, 11});
  for (int l = 0; l < 3; l++)
    for (uint64_t n = 0; n < 300; n++) {
      const HilumVec3 p = hilum_vec3_add(centre, hilum_vec3(10 * hilum_random_uniform(1, 3 * n) - 5,
                                                            10 * hilum_random_uniform(1, 3 * n + 1) - 5,
                                                            10 * hilum_random_uniform(1, 3 * n + 2) - 5));
      const HilumIndexPos at = hilum_grid_from_mm(&levels[l]->grid, p);
      float value = 0;
      g_assert_true(level_sample(levels[l], (float)at.i, (float)at.j, (float)at.k, &value, NULL));
      const double expected = BIN_LOWEST + bins_per_unit * (hilum_vec3_dot(per_mm, p) + 1000 - lo);
      g_assert_cmpfloat(fabs(value - expected), <, 0.01);
    }
}

static void test_compander(void)
{
  const HilumGrid grid = scene_grid();
  const Scene scene = scene_moved(hilum_rigid_identity(), false, 1);
  g_autoptr(HilumVolume) volume = scene_render(&scene, &grid);
  g_autofree Compander *c = compander_new_for_box(volume, whole(&grid));
  g_assert_nonnull(c);
  for (int v = 0; v < 65536; v++) {
    g_assert_cmpfloat(c->position[v], >=, BIN_LOWEST);
    g_assert_cmpfloat(c->position[v], <=, BIN_HIGHEST);
    if (v > 0) g_assert_cmpfloat(c->position[v], >=, c->position[v - 1]);
  }
  /* soft tissue is common, -800 HU is rare: 100 HU of the one get more bins than 100 HU of the other */
  g_assert_cmpfloat(c->position[32768 + 150] - c->position[32768 + 50], >,
                    2 * (c->position[32768 - 700] - c->position[32768 - 800]));
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  g_autoptr(HilumVolume) constant = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
  g_assert_null(compander_new_for_box(constant, whole(&grid)));
}

typedef struct {
  HilumGrid grid;
  HilumVolume *volume[2];
  Level *level[2];
  Samples *samples;
} Pair;

static void pair_make(Pair *pair)
{
  pair->grid = scene_grid();
  const Scene scenes[2] = {scene_moved(hilum_rigid_identity(), false, 1),
                           scene_moved(scene_motion(1, -2, 1.5, 2), true, 2)};
  for (int v = 0; v < 2; v++) {
    pair->volume[v] = scene_render(&scenes[v], &pair->grid);
    g_autofree Compander *c = compander_new_for_box(pair->volume[v], whole(&pair->grid));
    pair->level[v] = level_new(pair->volume[v], whole(&pair->grid), c, 4, NULL, NULL);
  }
  const HilumBox box = scene_kidney_box(10);
  const HilumVec3 size = hilum_vec3_sub(box.max, box.min);
  const Region region = {.box_mm = box, .grid = &pair->grid, .volume_mm3 = size.x * size.y * size.z};
  pair->samples = samples_new(&region, pair->level[0], 8000, NULL, NULL);
  g_assert_nonnull(pair->samples);
}

static void pair_clear(Pair *pair)
{
  samples_free(pair->samples);
  for (int v = 0; v < 2; v++) {
    level_free(pair->level[v]);
    hilum_volume_unref(pair->volume[v]);
  }
}

static void test_samples(void)
{
  Pair pair;
  pair_make(&pair);
  const Samples *s = pair.samples;
  g_assert_cmpuint(s->count, >, 7500);
  g_assert_cmpuint(s->count, <, 8500);
  const HilumBox box = scene_kidney_box(10);
  for (size_t n = 0; n < s->count; n++) {
    const HilumVec3 p = hilum_vec3_add(s->centre_mm, hilum_vec3(s->x[n], s->y[n], s->z[n]));
    g_assert_true(p.x > box.min.x - 1e-3 && p.x < box.max.x + 1e-3 && p.z > box.min.z - 1e-3 &&
                  p.z < box.max.z + 1e-3);
  }
  g_autoptr(Samples) few = samples_new_thinned(s, pair.level[0], 1000);
  g_assert_cmpuint(few->count, >=, 950);
  g_assert_cmpuint(few->count, <=, 1150);
  pair_clear(&pair);
}

/* The exact gradient against central differences along each parameter. The derivative of trilinear
 * interpolation jumps at the voxels' planes, and some of the points cross one within the step: hence 3 %. */
static void check_gradient(HilumRegisterMetric metric)
{
  Pair pair;
  pair_make(&pair);
  const Problem problem = {metric, pair.samples, pair.level[1], 0.25};
  g_autoptr(Scratch) scratch = scratch_new(pair.samples->count);
  const HilumRigid at = scene_motion(4, 1, -2, 5);
  Evaluation here;
  metric_evaluate(&problem, at, scratch, true, &here);
  double largest = 0;
  for (int a = 0; a < PARAMETERS; a++)
    largest = fmax(largest, fabs(here.gradient[a]));
  g_assert_cmpfloat(largest, >, 1e-3);
  for (int a = 0; a < PARAMETERS; a++) {
    double step[PARAMETERS] = {0}, h = 0.02;
    Evaluation up, down;
    step[a] = h;
    metric_evaluate(&problem, metric_step(pair.samples, at, step), scratch, false, &up);
    step[a] = -h;
    metric_evaluate(&problem, metric_step(pair.samples, at, step), scratch, false, &down);
    g_assert_cmpfloat(fabs((up.value - down.value) / (2 * h) - here.gradient[a]), <, 0.03 * largest);
  }
  for (int a = 0, n = 0; a < PARAMETERS; a++) {
    g_assert_cmpfloat(here.matrix[n], >, 0);
    n += PARAMETERS - a;
  }
  pair_clear(&pair);
}

static void test_gradient_information(void)
{
  check_gradient(HILUM_REGISTER_MUTUAL_INFORMATION);
}

static void test_gradient_correlation(void)
{
  check_gradient(HILUM_REGISTER_CORRELATION);
}

/* Values that say nothing about each other: mutual information near 0, and correlation too. A volume with
 * itself: correlation 1. */
static void test_values(void)
{
  Pair pair;
  pair_make(&pair);
  g_autoptr(Scratch) scratch = scratch_new(pair.samples->count);
  Problem problem = {HILUM_REGISTER_CORRELATION, pair.samples, pair.level[0], 0.25};
  Evaluation e;
  metric_evaluate(&problem, hilum_rigid_identity(), scratch, false, &e);
  g_assert_cmpfloat_with_epsilon(e.value, 1, 1e-6);
  g_assert_cmpfloat(e.overlap, ==, 1);
  for (size_t n = 0; n < pair.samples->count; n++)
    pair.samples->value[n] = 2 + 26 * (float)hilum_random_uniform(9, n);
  metric_evaluate(&problem, hilum_rigid_identity(), scratch, false, &e);
  g_assert_cmpfloat(fabs(e.value), <, 0.05);
  problem.metric = HILUM_REGISTER_MUTUAL_INFORMATION;
  metric_evaluate(&problem, hilum_rigid_identity(), scratch, false, &e);
  g_assert_cmpfloat(e.value, <, 0.08); /* (27 - 1)^2 / 2 / 8000 by chance */
  const HilumRigid away = {.rotation = {1, 0, 0, 0}, .translation_mm = {0, 0, 140}};
  metric_evaluate(&problem, away, scratch, true, &e);
  g_assert_cmpfloat(e.value, ==, -INFINITY);
  pair_clear(&pair);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/register/metric/pyramid-stays-in-place", test_pyramid_stays_in_place);
  g_test_add_func("/register/metric/compander", test_compander);
  g_test_add_func("/register/metric/samples", test_samples);
  g_test_add_func("/register/metric/gradient-information", test_gradient_information);
  g_test_add_func("/register/metric/gradient-correlation", test_gradient_correlation);
  g_test_add_func("/register/metric/values", test_values);
  return g_test_run();
}
