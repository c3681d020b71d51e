/* Registration of the analytic abdomen: motions, contrasts, grids and regions it must get right, and those it
 * must admit not to get right. Voxels are 2 x 2 x 2.5 mm here; test_full_size.c has the real sizes. */
#include "scene.h"

#include "hilum/register/error.h"

#include <string.h>

static HilumRegisterResult run(const HilumVolume *fixed, const HilumVolume *moving,
                               const HilumRegisterOptions *options)
{
  HilumRegisterResult result;
  GError *error = NULL;
  g_assert_true(hilum_register_rigid(fixed, moving, options, &result, NULL, &error));
  g_assert_no_error(error);
  g_assert_true(hilum_rigid_is_valid(result.transform));
  return result;
}

static void assert_found(const HilumRegisterResult *result, HilumRigid truth, double mean_mm, double worst_mm)
{
  double worst;
  const double mean = scene_error_mm(result->transform, truth, &worst);
  g_test_message(
      "target error mean %.3f mm, worst %.3f mm; residual %.3f, worst %.2f mm; %u of %u patches; metric %.4f",
      mean, worst, result->residual_mm, result->residual_worst_mm, result->patches_agreeing, result->patches,
      result->metric);
  g_assert_cmpint(result->verdict, ==, HILUM_REGISTER_RELIABLE);
  g_assert_cmpfloat(mean, <=, mean_mm);
  g_assert_cmpfloat(worst, <=, worst_mm);
}

static HilumVolume *early(uint64_t seed)
{
  const HilumGrid grid = scene_grid();
  const Scene scene = scene_moved(hilum_rigid_identity(), false, seed);
  return scene_render(&scene, &grid);
}

static HilumVolume *moved(HilumRigid motion, bool late, uint64_t seed)
{
  const HilumGrid grid = scene_grid();
  const Scene scene = scene_moved(motion, late, seed);
  return scene_render(&scene, &grid);
}

/* A short search keeps the tests short; test_far_start has the usual one. */
static HilumRegisterOptions around_kidney(void)
{
  return (HilumRegisterOptions){.use_box = true, .box_mm = scene_kidney_box(12), .capture_mm = 7};
}

/* --- what it must get right --- */

static void test_known_motion(void)
{
  const HilumRigid truth = scene_motion(3, -2, 5, 3);
  g_autoptr(HilumVolume) fixed = early(1), same = moved(truth, false, 2), late = moved(truth, true, 3);
  HilumRegisterOptions options = around_kidney();
  HilumRegisterResult result = run(fixed, late, &options);
  assert_found(&result, truth, 0.25, 0.5);
  g_assert_cmpfloat(result.metric, >, result.metric_start);
  g_assert_cmpfloat(result.overlap, >, 0.99);
  result = run(fixed, late, NULL);
  assert_found(&result, truth, 0.25, 0.5);
  options.metric = HILUM_REGISTER_CORRELATION;
  result = run(fixed, same, &options);
  assert_found(&result, truth, 0.1, 0.2);
  g_assert_cmpfloat(result.metric, >, 0.95);
  g_assert_cmpfloat(result.metric, <=, 1);
}

/* Other corners of the capture range. */
static void test_far_start(void)
{
  const double far[][4] = {{-14, 13, -15, 9}, {18, 5, 10, -8}};
  g_autoptr(HilumVolume) fixed = early(1);
  HilumRegisterOptions options = around_kidney();
  options.capture_mm = 0; /* 20 */
  for (size_t n = 0; n < G_N_ELEMENTS(far); n++) {
    const HilumRigid truth = scene_motion(far[n][0], far[n][1], far[n][2], far[n][3]);
    g_autoptr(HilumVolume) late = moved(truth, true, 4 + n);
    const HilumRegisterResult result = run(fixed, late, &options);
    assert_found(&result, truth, 0.3, 0.6);
  }
}

/* Near a good start, without a search. */
static void test_refine_only(void)
{
  const HilumRigid truth = scene_motion(21, -26, 5, 14), near = scene_motion(20, -24, 6, 12);
  g_autoptr(HilumVolume) fixed = early(1), late = moved(truth, true, 3);
  HilumRegisterOptions options = around_kidney();
  options.start = &near;
  options.capture_mm = -1;
  const HilumRegisterResult result = run(fixed, late, &options);
  assert_found(&result, truth, 0.25, 0.5);
  g_assert_cmpint(result.evaluations, <, 300);
}

static void assert_identity(const HilumRegisterResult *result)
{
  double worst;
  scene_error_mm(result->transform, hilum_rigid_identity(), &worst);
  g_assert_cmpfloat(worst, <=, 1e-3);
  g_assert_cmpint(result->verdict, ==, HILUM_REGISTER_RELIABLE);
}

/* The same volume, and phases that did not move: nothing moves. */
static void test_identical(void)
{
  g_autoptr(HilumVolume) fixed = early(1), late = moved(hilum_rigid_identity(), true, 2);
  HilumRegisterOptions options = around_kidney();
  HilumRegisterResult result = run(fixed, fixed, &options);
  assert_identity(&result);
  result = run(fixed, late, &options);
  assert_identity(&result);
  options.metric = HILUM_REGISTER_CORRELATION;
  result = run(fixed, fixed, &options);
  assert_identity(&result);
  g_assert_cmpfloat_with_epsilon(result.metric, 1, 1e-6);
}

/* Slices of 5 mm, oblique, numbered towards the feet; fixed and moving grids have nothing in common. */
static void test_oblique_thick_slices(void)
{
  const HilumRigid truth = scene_motion(3, -2, 5, 3);
  HilumGrid grid = hilum_grid_new(110, 110, 34, 1.7, 1.7, 5);
  const HilumRigid turn = hilum_rigid_from_parameters(
      (HilumRigidParameters){{0, 0, 0}, hilum_vec3_scale(hilum_vec3(0.8, 0.6, 0), 25 * G_PI / 180)},
      hilum_vec3(0, 0, 0));
  for (int a = 0; a < 3; a++)
    grid.axes[a] = hilum_rigid_rotate(turn, grid.axes[a]);
  grid.axes[2] = hilum_vec3_scale(grid.axes[2], -1);
  const HilumVec3 middle = hilum_grid_to_mm(&grid, (HilumIndexPos){54.5, 54.5, 16.5});
  grid.origin_mm = hilum_vec3_sub(scene_kidney_centre(), middle);
  g_assert_cmpint(hilum_grid_handedness(&grid), ==, -1);
  const Scene scene = scene_moved(truth, true, 3);
  g_autoptr(HilumVolume) fixed = early(1), late = scene_render(&scene, &grid);
  const HilumRegisterOptions options = around_kidney();
  HilumRegisterResult result = run(fixed, late, &options);
  assert_found(&result, truth, 0.3, 0.6);
  result = run(late, fixed, NULL); /* and the other way round */
  assert_found(&result, hilum_rigid_invert(truth), 0.4, 0.8);
}

static void test_noise(void)
{
  const HilumRigid truth = scene_motion(3, -2, 5, 3);
  const HilumGrid grid = scene_grid();
  Scene scenes[2] = {scene_moved(hilum_rigid_identity(), false, 1), scene_moved(truth, true, 2)};
  scenes[0].noise_hu = scenes[1].noise_hu = 60;
  g_autoptr(HilumVolume) fixed = scene_render(&scenes[0], &grid), late = scene_render(&scenes[1], &grid);
  const HilumRegisterOptions options = around_kidney();
  const HilumRegisterResult result = run(fixed, late, &options);
  assert_found(&result, truth, 0.4, 0.8);
}

/* The moving series ends in the middle of the kidney. */
static void test_partial_overlap(void)
{
  const HilumRigid truth = scene_motion(3, -2, 5, 3);
  HilumGrid grid = hilum_grid_new(96, 90, 36, 2, 2, 2.5);
  grid.origin_mm = hilum_vec3(-95, -89, -79); /* up to z = 8.5 mm */
  const Scene scene = scene_moved(truth, true, 3);
  g_autoptr(HilumVolume) fixed = early(1), late = scene_render(&scene, &grid);
  const HilumRegisterOptions options = around_kidney();
  const HilumRegisterResult result = run(fixed, late, &options);
  assert_found(&result, truth, 0.4, 0.8);
  g_assert_cmpfloat(result.overlap, >, 0.35);
  g_assert_cmpfloat(result.overlap, <, 0.65);
}

/* Breathing: the kidney moved, the body did not. A mask a few mm wider than the kidney follows the kidney;
 * the whole field follows the body, and the worst patch says that something else moved. */
static void test_breathing(void)
{
  const HilumRigid truth = scene_motion(2, -3, 11, 4);
  const HilumGrid grid = scene_grid();
  Scene scene = scene_moved(truth, true, 3);
  scene.body = hilum_rigid_identity();
  g_autoptr(HilumVolume) fixed = early(1), late = scene_render(&scene, &grid);
  g_autoptr(HilumMask) mask = scene_kidney_mask(&grid, 4);
  const HilumRegisterOptions options = {.mask = mask};
  HilumRegisterResult result = run(fixed, late, &options);
  assert_found(&result, truth, 0.4, 0.9);
  result = run(fixed, late, NULL);
  double worst;
  g_assert_cmpfloat(scene_error_mm(result.transform, hilum_rigid_identity(), &worst), <, 1.5);
  g_assert_cmpfloat(result.residual_worst_mm, >, 3);
}

/* --- what it must admit --- */

static void assert_doubted(const HilumRegisterResult *result)
{
  g_test_message("verdict %d, metric %.4f, %u of %u patches", (int)result->verdict, result->metric,
                 result->patches_agreeing, result->patches);
  g_assert_cmpint(result->verdict, !=, HILUM_REGISTER_RELIABLE);
  g_assert_cmpint((int)strlen(hilum_register_verdict_sentence(result->verdict)), >, 20);
}

static void test_no_match(void)
{
  const HilumRegisterOptions options = around_kidney();
  g_autoptr(HilumVolume) fixed = early(1);
  /* far beyond the capture range */
  const double turns[][4] = {{0, 0, 0, 60}, {10, 0, 0, 120}};
  for (size_t n = 0; n < G_N_ELEMENTS(turns); n++) {
    g_autoptr(HilumVolume) turned =
        moved(scene_motion(turns[n][0], turns[n][1], turns[n][2], turns[n][3]), true, 5 + n);
    const HilumRegisterResult result = run(fixed, turned, &options);
    assert_doubted(&result);
  }
  /* another place of the patient: the kidney is not there at all */
  const HilumGrid grid = scene_grid();
  Scene elsewhere = scene_moved(hilum_rigid_identity(), true, 9);
  elsewhere.kidney = scene_motion(0, 0, 120, 0);
  elsewhere.body = scene_motion(30, 0, 90, 40);
  g_autoptr(HilumVolume) other = scene_render(&elsewhere, &grid);
  HilumRegisterResult result = run(fixed, other, &options);
  assert_doubted(&result);
  /* nothing but noise */
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (size_t n = 0; n < hilum_grid_count(&grid); n++)
    voxels[n] = (int16_t)(100 * hilum_random_uniform(77, n));
  g_autoptr(HilumVolume) noise = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
  result = run(fixed, noise, &options);
  assert_doubted(&result);
  result = run(noise, fixed, NULL);
  assert_doubted(&result);
}

static void refuse(const HilumVolume *fixed, const HilumVolume *moving, const HilumRegisterOptions *options,
                   HilumRegisterError code, const char *words)
{
  HilumRegisterResult result = {.evaluations = -7};
  g_autoptr(GError) error = NULL;
  g_assert_false(hilum_register_rigid(fixed, moving, options, &result, NULL, &error));
  g_assert_error(error, HILUM_REGISTER_ERROR, (int)code);
  if (!strstr(error->message, words)) g_error("'%s' does not say '%s'", error->message, words);
  g_assert_cmpint(result.evaluations, ==, -7);
}

static void test_refusals(void)
{
  const HilumGrid grid = scene_grid();
  g_autoptr(HilumVolume) fixed = early(1);
  int16_t *zeros = hilum_big_alloc0(hilum_grid_count(&grid) * sizeof *zeros, NULL);
  g_autoptr(HilumVolume) constant = hilum_volume_new_take(&grid, zeros, 1, 0, "HU", NULL);
  refuse(constant, fixed, NULL, HILUM_REGISTER_ERROR_STRUCTURE,
         "The fixed series has one and the same value");
  refuse(fixed, constant, NULL, HILUM_REGISTER_ERROR_STRUCTURE,
         "The moving series has one and the same value");
  HilumRegisterOptions options = {.metric = HILUM_REGISTER_CORRELATION};
  refuse(fixed, constant, &options, HILUM_REGISTER_ERROR_STRUCTURE, "The moving series");

  options = (HilumRegisterOptions){.use_box = true, .box_mm = {{500, 0, 0}, {600, 50, 50}}};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_REGION, "outside the fixed series");
  options.box_mm = hilum_box_empty();
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "not finite");
  options.box_mm = (HilumBox){{0, 0, 0}, {0.5, 0.5, 0.5}};
  HilumRigid away = scene_motion(0, 0, 900, 0);
  options = (HilumRegisterOptions){.start = &away};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_REGION, "outside the moving series");
  g_autoptr(HilumMask) mask = hilum_mask_new(grid.dims, NULL);
  options = (HilumRegisterOptions){.mask = mask};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_REGION, "empty");
  hilum_mask_set(mask, (HilumVoxel){0, 0, 0}); /* half of it lies outside the outermost voxel centres */
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_REGION, "larger");
  const int32_t other_dims[3] = {96, 90, 63};
  g_autoptr(HilumMask) other = hilum_mask_new(other_dims, NULL);
  options.mask = other;
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "belongs to another series");

  const HilumRigid zero = {.centre_mm = {0, 0, 0}};
  options = (HilumRegisterOptions){.start = &zero};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "not a rigid motion");
  options = (HilumRegisterOptions){.capture_mm = NAN};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "search range");
  options = (HilumRegisterOptions){.capture_rad = -1};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "search range");
  options = (HilumRegisterOptions){.min_overlap = 1.5};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "overlap");
  options = (HilumRegisterOptions){.samples = 3};
  refuse(fixed, fixed, &options, HILUM_REGISTER_ERROR_INVALID, "number of points");

  const HilumGrid thin = hilum_grid_new(96, 90, 2, 2, 2, 5);
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&thin) * sizeof *voxels, NULL);
  g_autoptr(HilumVolume) slices = hilum_volume_new_take(&thin, voxels, 1, 0, "HU", NULL);
  refuse(slices, fixed, NULL, HILUM_REGISTER_ERROR_REGION, "The fixed series has fewer than 4");
}

/* --- threads, progress, cancelling --- */

static void test_threads(void)
{
  const HilumRigid truth = scene_motion(3, -2, 5, 3);
  g_autoptr(HilumVolume) fixed = early(1), late = moved(truth, true, 3);
  HilumRegisterOptions options = around_kidney();
  for (int metric = 0; metric < 2; metric++) {
    options.metric = (HilumRegisterMetric)metric;
    HilumRegisterResult result[2];
    for (unsigned n = 0; n < 2; n++) {
      memset(&result[n], 0, sizeof result[n]);
      hilum_parallel_set_threads(n ? 5 : 1);
      result[n] = run(fixed, late, &options);
    }
    hilum_parallel_set_threads(0);
    g_assert_cmpmem(&result[0].transform, sizeof(HilumRigid), &result[1].transform, sizeof(HilumRigid));
    g_assert_cmpmem(&result[0].metric, sizeof(double), &result[1].metric, sizeof(double));
    g_assert_cmpmem(&result[0].residual_mm, sizeof(double), &result[1].residual_mm, sizeof(double));
    g_assert_cmpmem(&result[0].residual_worst_mm, sizeof(double), &result[1].residual_worst_mm,
                    sizeof(double));
    g_assert_cmpint(result[0].evaluations, ==, result[1].evaluations);
    g_assert_cmpuint(result[0].patches, ==, result[1].patches);
  }
}

typedef struct {
  GCancellable *cancellable;
  double cancel_at, last;
} Listener;

static void listen_progress(double fraction, const char *what, void *data)
{
  Listener *l = data;
  g_assert_cmpfloat(fraction, >=, l->last);
  g_assert_cmpfloat(fraction, <=, 1);
  l->last = fraction;
  if (fraction >= l->cancel_at) g_cancellable_cancel(l->cancellable);
}

static void test_cancel(void)
{
  g_autoptr(HilumVolume) fixed = early(1), late = moved(scene_motion(3, -2, 5, 3), true, 3);
  const double at[] = {0, 0.1, 0.3, 0.7, 2};
  for (size_t n = 0; n < G_N_ELEMENTS(at); n++) {
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    if (at[n] == 0) g_cancellable_cancel(cancellable);
    Listener listener = {cancellable, at[n], 0};
    const HilumProgress progress = {.func = listen_progress, .data = &listener, .cancellable = cancellable};
    const HilumRegisterOptions options = around_kidney();
    HilumRegisterResult result = {.evaluations = -7};
    g_autoptr(GError) error = NULL;
    const bool ok = hilum_register_rigid(fixed, late, &options, &result, &progress, &error);
    g_assert_cmpint(ok, ==, at[n] > 1);
    if (ok) {
      g_assert_cmpfloat(listener.last, ==, 1);
      continue;
    }
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpint(result.evaluations, ==, -7);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/register/known-motion", test_known_motion);
  g_test_add_func("/register/far-start", test_far_start);
  g_test_add_func("/register/refine-only", test_refine_only);
  g_test_add_func("/register/identical", test_identical);
  g_test_add_func("/register/oblique-thick-slices", test_oblique_thick_slices);
  g_test_add_func("/register/noise", test_noise);
  g_test_add_func("/register/partial-overlap", test_partial_overlap);
  g_test_add_func("/register/breathing", test_breathing);
  g_test_add_func("/register/no-match", test_no_match);
  g_test_add_func("/register/refusals", test_refusals);
  g_test_add_func("/register/threads", test_threads);
  g_test_add_func("/register/cancel", test_cancel);
  return g_test_run();
}
