/* Vessels: courses and radii against analytic tubes, trees and their leaks, artery from vein. */
#include "hilum/segment/vessel.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"
#include "hilum/segment/step.h"

#include <math.h>
#include <string.h>

#define BACKGROUND 40.0
#define BLOOD 240.0

/* A cone between two points, with its values. */
typedef struct {
  HilumVec3 from, to;
  double r_from, r_to, value;
} Tube;

/* Negative inside: distance to the wall of the cone, measured at right angles to its axis. */
static double depth_in(const Tube *t, HilumVec3 p)
{
  const HilumVec3 axis = hilum_vec3_sub(t->to, t->from);
  const double share =
      CLAMP(hilum_vec3_dot(hilum_vec3_sub(p, t->from), axis) / hilum_vec3_dot(axis, axis), 0, 1);
  return hilum_vec3_distance(p, hilum_vec3_lerp(t->from, t->to, share)) -
         (t->r_from + share * (t->r_to - t->r_from));
}

/* Partial volume by 4 x 4 x 4 points a voxel; the first tube that holds a point gives its value. Then noise.
 */
static HilumVolume *render(const HilumGrid *grid, const Tube *tubes, int n, double noise)
{
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(grid) * sizeof *voxels, NULL);
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        double sum = 0;
        for (int s = 0; s < 64; s++) {
          const HilumIndexPos at = {i + (s % 4 - 1.5) / 4, j + (s / 4 % 4 - 1.5) / 4, k + (s / 16 - 1.5) / 4};
          const HilumVec3 p = hilum_grid_to_mm(grid, at);
          double value = BACKGROUND;
          for (int t = 0; t < n; t++)
            if (depth_in(&tubes[t], p) <= 0) {
              value = tubes[t].value;
              break;
            }
          sum += value;
        }
        const size_t at = hilum_grid_offset(grid, (HilumVoxel){i, j, k});
        /* Sum of three evenly spread numbers: standard deviation 1/2. */
        double random = -1.5;
        for (int r = 0; r < 3; r++)
          random += hilum_random_uniform(7, 3 * at + (uint64_t)r);
        voxels[at] = (int16_t)rint(sum / 64 + 2 * noise * random);
      }
  return hilum_volume_new_take(grid, voxels, 1, 0, "HU", NULL);
}

/* A tilted grid of 0.8 x 0.8 x 1.25 mm. */
static HilumGrid tilted_grid(void)
{
  HilumGrid grid = hilum_grid_new(80, 72, 60, 0.8, 0.8, 1.25);
  const double a = 0.3;
  grid.axes[0] = hilum_vec3(cos(a), 0, -sin(a));
  grid.axes[2] = hilum_vec3(sin(a), 0, cos(a));
  return grid;
}

static HilumVec3 in_grid(const HilumGrid *grid, double x, double y, double z)
{
  return hilum_grid_to_mm(grid, (HilumIndexPos){x * grid->dims[0], y * grid->dims[1], z * grid->dims[2]});
}

/* --- courses --- */

/* Worst and mean errors of the middle and of the radius, away from the ends. */
static void check_course(const HilumVesselBranch *branch, const Tube *tube, double middle_mm,
                         double radius_mm, double bias_mm)
{
  const HilumVec3 axis = hilum_vec3_sub(tube->to, tube->from);
  double sum = 0, worst = 0, off = 0;
  guint n = 0;
  for (guint p = 0; p < branch->points->len; p++) {
    const HilumVesselPoint point = g_array_index(branch->points, HilumVesselPoint, p);
    const double share =
        hilum_vec3_dot(hilum_vec3_sub(point.at_mm, tube->from), axis) / hilum_vec3_dot(axis, axis);
    if (share < 0.12 || share > 0.88) continue;
    const double error = point.radius_mm - (tube->r_from + share * (tube->r_to - tube->r_from));
    off = fmax(off, hilum_vec3_distance(point.at_mm, hilum_vec3_lerp(tube->from, tube->to, share)));
    worst = fmax(worst, fabs(error));
    sum += error;
    n++;
  }
  g_assert_cmpuint(n, >, 20);
  g_test_message("radii %.1f to %.1f mm: worst %.3f mm, mean %+.3f mm; middle off by at most %.3f mm",
                 tube->r_from, tube->r_to, worst, sum / n, off);
  g_assert_cmpfloat(off, <, middle_mm);
  g_assert_cmpfloat(worst, <, radius_mm);
  g_assert_cmpfloat(fabs(sum / n), <, bias_mm);
}

static double mask_error(const HilumGrid *grid, const HilumMask *mask, const Tube *tube)
{
  const HilumVec3 axis = hilum_vec3_sub(tube->to, tube->from);
  size_t both = 0, either = 0;
  for (int32_t k = 0; k < grid->dims[2]; k++)
    for (int32_t j = 0; j < grid->dims[1]; j++)
      for (int32_t i = 0; i < grid->dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const HilumVec3 p = hilum_grid_voxel_to_mm(grid, v);
        const double share = hilum_vec3_dot(hilum_vec3_sub(p, tube->from), axis) / hilum_vec3_dot(axis, axis);
        if (share < 0.12 || share > 0.88) continue;
        const bool in = depth_in(tube, p) <= 0, got = hilum_mask_get(mask, v);
        both += in && got;
        either += in + got;
      }
  return 1 - 2 * (double)both / (double)either;
}

static void trace_tube(double r_from, double r_to, double noise, double middle_mm, double radius_mm,
                       double bias_mm, double dice_error)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = tilted_grid();
  const Tube tube = {in_grid(&grid, 0.2, 0.25, 0.1), in_grid(&grid, 0.75, 0.7, 0.9), r_from, r_to, BLOOD};
  g_autoptr(HilumVolume) volume = render(&grid, &tube, 1, noise);
  /* Clicks beside the middle. */
  HilumVec3 points[2] = {hilum_vec3_lerp(tube.from, tube.to, 0.04),
                         hilum_vec3_lerp(tube.from, tube.to, 0.96)};
  points[0].y += 0.4 * r_from;
  points[1].x -= 0.4 * r_to;
  g_autoptr(HilumVessel) vessel = hilum_vessel_trace(volume, points, 2, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(vessel->branches->len, ==, 1);
  const HilumVesselBranch *branch = vessel->branches->pdata[0];
  check_course(branch, &tube, middle_mm, radius_mm, bias_mm);
  const double length = hilum_vec3_distance(points[0], points[1]);
  g_assert_cmpfloat(branch->length_mm, >, 0.96 * length);
  g_assert_cmpfloat(branch->length_mm, <, 1.05 * length);
  g_assert_cmpfloat(fabs(branch->least_diameter_mm - 2 * fmin(r_from, r_to)), <, 1);
  const double missed = mask_error(&grid, vessel->mask, &tube);
  g_test_message("1 - Dice %.4f", missed);
  g_assert_cmpfloat(missed, <, dice_error);
}

static void test_tubes(void)
{
  trace_tube(5, 2.5, 0, 0.15, 0.2, 0.1, 0.03);
  trace_tube(2.2, 1.5, 0, 0.15, 0.2, 0.15, 0.06);
  trace_tube(8, 8, 0, 0.2, 0.2, 0.1, 0.02);
}

static void test_noise(void)
{
  trace_tube(5, 2.5, 20, 0.5, 0.6, 0.2, 0.06);
}

/* A narrowing is found where it is. */
static void test_stenosis(void)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = tilted_grid();
  const HilumVec3 a = in_grid(&grid, 0.2, 0.3, 0.15), b = in_grid(&grid, 0.7, 0.7, 0.85);
  const HilumVec3 m = hilum_vec3_lerp(a, b, 0.6);
  const Tube tubes[2] = {{a, m, 4, 1.6, BLOOD}, {m, b, 1.6, 4, BLOOD}};
  g_autoptr(HilumVolume) volume = render(&grid, tubes, 2, 5);
  const HilumVec3 points[2] = {hilum_vec3_lerp(a, b, 0.05), hilum_vec3_lerp(a, b, 0.95)};
  g_autoptr(HilumVessel) vessel = hilum_vessel_trace(volume, points, 2, NULL, NULL, &error);
  g_assert_no_error(error);
  const HilumVesselBranch *branch = vessel->branches->pdata[0];
  g_test_message("narrowest %.2f mm, %.2f mm from where it is", branch->least_diameter_mm,
                 hilum_vec3_distance(branch->narrowest_mm, m));
  g_assert_cmpfloat(fabs(branch->least_diameter_mm - 3.2), <, 0.6);
  g_assert_cmpfloat(hilum_vec3_distance(branch->narrowest_mm, m), <, 2);
}

/* --- trees --- */

typedef struct {
  HilumGrid grid;
  Tube tubes[4];
  HilumVolume *volume;
} Forest;

enum { TRUNK, BRANCH, NECK, ORGAN };

/* A trunk with a branch of its own, and another that opens into a ball: an organ as bright as the blood. */
static Forest make_forest(double noise)
{
  Forest f = {.grid = hilum_grid_new(90, 60, 60, 0.8, 0.8, 1)};
  f.tubes[TRUNK] = (Tube){{14, 24, -5}, {14, 24, 70}, 6, 6, BLOOD};
  f.tubes[BRANCH] = (Tube){{14, 24, 40}, {14, 44, 53}, 2.6, 2, BLOOD};
  f.tubes[NECK] = (Tube){{14, 24, 20}, {46, 24, 24}, 2.4, 2.2, BLOOD};
  f.tubes[ORGAN] = (Tube){{54, 24, 26}, {54, 24, 26.1}, 12, 12, BLOOD};
  f.volume = render(&f.grid, f.tubes, 4, noise);
  return f;
}

static double share_in(const Forest *f, const HilumMask *mask, int which)
{
  size_t all = 0, got = 0;
  for (int32_t k = 0; k < f->grid.dims[2]; k++)
    for (int32_t j = 0; j < f->grid.dims[1]; j++)
      for (int32_t i = 0; i < f->grid.dims[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const HilumVec3 p = hilum_grid_voxel_to_mm(&f->grid, v);
        int first = -1;
        for (int t = 0; t < 4 && first < 0; t++)
          if (depth_in(&f->tubes[t], p) <= 0) first = t;
        if (first != which) continue;
        all++;
        got += hilum_mask_get(mask, v);
      }
  return (double)got / (double)all;
}

static void test_tree(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(15);
  /* From the trunk and from the tip of the branch: the same tree. */
  const HilumVec3 roots[2] = {{16, 22, 10}, {14, 41, 51}};
  for (int r = 0; r < 2; r++) {
    HilumVesselTreeReport report;
    g_autoptr(HilumMask) tree = hilum_vessel_tree(f.volume, &roots[r], 1, NULL, &report, NULL, &error);
    g_assert_no_error(error);
    g_test_message("trunk %.3f, branch %.3f, neck %.3f, organ %.3f; %u leaks", share_in(&f, tree, TRUNK),
                   share_in(&f, tree, BRANCH), share_in(&f, tree, NECK), share_in(&f, tree, ORGAN),
                   report.leaks);
    g_assert_cmpfloat(share_in(&f, tree, TRUNK), >, 0.97);
    g_assert_cmpfloat(share_in(&f, tree, BRANCH), >, 0.9);
    g_assert_cmpfloat(share_in(&f, tree, NECK), >, 0.4);
    g_assert_cmpfloat(share_in(&f, tree, ORGAN), <, 0.02);
    g_assert_cmpuint(report.leaks, >=, 1);
    g_assert_cmpfloat(fabs(report.widest_mm - 6), <, 1);
    g_assert_cmpuint(report.voxels, ==, hilum_mask_count(tree));
  }
  hilum_volume_unref(f.volume);
}

/* The largest radius keeps a tree out of a trunk, and the trunk from being one. */
static void test_largest_radius(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(0);
  const HilumVesselOptions thin = {.max_radius_mm = 4};
  const HilumVec3 tip = {14, 41, 51}, trunk = {14, 24, 10};
  g_autoptr(HilumMask) branch = hilum_vessel_tree(f.volume, &tip, 1, &thin, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(share_in(&f, branch, BRANCH), >, 0.6);
  g_assert_cmpfloat(share_in(&f, branch, TRUNK), <, 0.05);
  g_assert_null(hilum_vessel_tree(f.volume, &trunk, 1, &thin, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  hilum_volume_unref(f.volume);
}

/* A dark speck in the lumen is no neck. */
static void test_holes(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(0);
  hilum_volume_unref(f.volume);
  Tube tubes[5] = {{{14, 24, 30}, {14, 24, 31}, 2, 2, 60}};
  memcpy(tubes + 1, f.tubes, sizeof f.tubes);
  f.volume = render(&f.grid, tubes, 5, 5);
  const HilumVec3 root = {14, 24, 5};
  g_autoptr(HilumMask) tree = hilum_vessel_tree(f.volume, &root, 1, NULL, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(share_in(&f, tree, TRUNK), >, 0.97);
  g_assert_cmpfloat(share_in(&f, tree, BRANCH), >, 0.9);
  g_assert_cmpfloat(share_in(&f, tree, ORGAN), <, 0.02);
  hilum_volume_unref(f.volume);
}

/* A plaque across the whole lumen is passed, unless calcium is not to be taken. */
static void test_calcium(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(0);
  hilum_volume_unref(f.volume);
  Tube tubes[5] = {{{14, 24, 29}, {14, 24, 31}, 6, 6, 900}};
  memcpy(tubes + 1, f.tubes, sizeof f.tubes);
  f.volume = render(&f.grid, tubes, 5, 5);
  const HilumVec3 root = {14, 24, 5};
  /* The plaque holds 1.2 ml: a capsule. */
  const HilumVesselOptions with = {.calcium_ml = 2}, without = {.calcium_ml = -1};
  g_autoptr(HilumMask) tree = hilum_vessel_tree(f.volume, &root, 1, &with, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(share_in(&f, tree, TRUNK), >, 0.95);
  g_autoptr(HilumMask) stopped = hilum_vessel_tree(f.volume, &root, 1, &without, NULL, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(share_in(&f, stopped, TRUNK), <, 0.6);
  hilum_volume_unref(f.volume);
}

/* --- artery from vein --- */

/* Two tubes that run side by side and share a wall 4 mm wide, of one brightness or two. */
static void check_apart(double vein, double noise, double depth_mm, double worst_share)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = hilum_grid_new(70, 60, 60, 0.8, 0.8, 1);
  const Tube tubes[2] = {{{20, 16, 4}, {26, 34, 56}, 5, 5, BLOOD},
                         {{20 + depth_mm, 16, 56}, {26 + depth_mm, 34, 4}, 5, 5, vein}};
  g_autoptr(HilumVolume) volume = render(&grid, tubes, 2, noise);
  g_autoptr(HilumMask) both = hilum_mask_new(grid.dims, NULL);
  size_t sizes[2] = {0, 0}, wrong = 0;
  for (int pass = 0; pass < 2; pass++) {
    g_autoptr(HilumMask) artery = NULL;
    if (pass == 1) {
      const HilumVoxel a = hilum_grid_voxel_at_mm(&grid, hilum_vec3_lerp(tubes[0].from, tubes[0].to, 0.9)),
                       v = hilum_grid_voxel_at_mm(&grid, hilum_vec3_lerp(tubes[1].from, tubes[1].to, 0.1));
      artery = hilum_vessel_separate(volume, both, &a, 1, &v, 1, NULL, &error);
      g_assert_no_error(error);
    }
    for (int32_t k = 0; k < grid.dims[2]; k++)
      for (int32_t j = 0; j < grid.dims[1]; j++)
        for (int32_t i = 0; i < grid.dims[0]; i++) {
          const HilumVoxel v = {i, j, k};
          const HilumVec3 p = hilum_grid_voxel_to_mm(&grid, v);
          const double d[2] = {depth_in(&tubes[0], p), depth_in(&tubes[1], p)};
          if (d[0] > 0 && d[1] > 0) continue;
          if (pass == 0) {
            hilum_mask_set(both, v);
            sizes[d[0] > 0]++;
          } else {
            wrong += hilum_mask_get(artery, v) != (d[0] <= 0);
          }
        }
  }
  const double share = (double)wrong / (double)(sizes[0] + sizes[1]);
  g_test_message("vein at %.0f, %.1f mm apart: %.3f of the voxels on the wrong side", vein, depth_mm, share);
  g_assert_cmpfloat(share, <, worst_share);
}

static void test_separate(void)
{
  check_apart(BLOOD, 10, 9, 0.06); /* the neck tells */
  check_apart(170, 10, 9, 0.05);
  check_apart(150, 10, 4, 0.06); /* the brightness tells: the neck is 4.6 of 5 mm */
}

static void test_separate_errors(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(0);
  g_autoptr(HilumMask) mask = hilum_mask_new(f.grid.dims, NULL);
  const HilumVoxel in = {17, 30, 10}, out = {80, 50, 50};
  hilum_mask_set(mask, in);
  g_assert_null(hilum_vessel_separate(f.volume, mask, &in, 1, &out, 1, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  g_assert_null(hilum_vessel_separate(f.volume, mask, &in, 1, &in, 0, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  hilum_volume_unref(f.volume);
}

/* --- what holds for all --- */

static void test_threads(void)
{
  Forest f = make_forest(15);
  const HilumVec3 points[3] = {{14, 24, 10}, {14, 41, 51}, {40, 24, 23}};
  HilumMask *trees[2], *lumens[2];
  HilumVessel *vessels[2];
  for (int n = 0; n < 2; n++) {
    hilum_parallel_set_threads(n ? 4 : 1);
    trees[n] = hilum_vessel_tree(f.volume, points, 1, NULL, NULL, NULL, NULL);
    vessels[n] = hilum_vessel_trace(f.volume, points, 3, NULL, NULL, NULL);
    lumens[n] = vessels[n]->mask;
  }
  hilum_parallel_set_threads(0);
  g_assert_true(hilum_mask_equal(trees[0], trees[1]));
  g_assert_true(hilum_mask_equal(lumens[0], lumens[1]));
  g_assert_cmpuint(vessels[0]->branches->len, ==, 2);
  for (guint b = 0; b < 2; b++) {
    const HilumVesselBranch *one = vessels[0]->branches->pdata[b], *many = vessels[1]->branches->pdata[b];
    g_assert_cmpmem(one->points->data, one->points->len * sizeof(HilumVesselPoint), many->points->data,
                    many->points->len * sizeof(HilumVesselPoint));
  }
  for (int n = 0; n < 2; n++) {
    hilum_mask_free(trees[n]);
    hilum_vessel_free(vessels[n]);
  }
  hilum_volume_unref(f.volume);
}

/* A course from the map keeps to the vessel. */
static void test_map(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(10);
  const HilumVec3 root = {14, 24, 10}, tip = {14, 41, 51}, outside = {500, 0, 0};
  g_autoptr(HilumVesselMap) map = hilum_vessel_map_new(f.volume, &root, 1, NULL, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(GArray) course = hilum_vessel_map_dup_course(map, tip);
  g_assert_nonnull(course);
  g_assert_cmpfloat(hilum_vec3_distance(g_array_index(course, HilumVec3, 0), root), <, 1);
  g_assert_cmpfloat(hilum_vec3_distance(g_array_index(course, HilumVec3, course->len - 1), tip), <, 1);
  for (guint n = 0; n < course->len; n++) {
    const HilumVec3 p = g_array_index(course, HilumVec3, n);
    g_assert_cmpfloat(fmin(depth_in(&f.tubes[TRUNK], p), depth_in(&f.tubes[BRANCH], p)), <, 0.8);
  }
  g_assert_null(hilum_vessel_map_dup_course(map, outside));
  hilum_volume_unref(f.volume);
}

static void test_inside(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(0);
  g_autoptr(HilumMask) fence = hilum_mask_new(f.grid.dims, NULL);
  for (int32_t k = 0; k < 30; k++)
    for (int32_t j = 0; j < f.grid.dims[1]; j++)
      hilum_mask_set_span(fence, 0, f.grid.dims[0], j, k);
  const HilumVesselOptions options = {.inside = fence};
  const HilumVec3 points[2] = {{14, 24, 5}, {14, 24, 26}}, beyond = {14, 24, 50};
  g_autoptr(HilumMask) tree = hilum_vessel_tree(f.volume, points, 1, &options, NULL, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(HilumVessel) vessel = hilum_vessel_trace(f.volume, points, 2, &options, NULL, &error);
  g_assert_no_error(error);
  hilum_mask_invert(fence);
  hilum_mask_and(tree, fence);
  hilum_mask_and(fence, vessel->mask);
  g_assert_cmpuint(hilum_mask_count(tree) + hilum_mask_count(fence), ==, 0);
  hilum_mask_fill(fence, false);
  g_assert_null(hilum_vessel_tree(f.volume, &beyond, 1, &options, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  hilum_volume_unref(f.volume);
}

/* A step and its joined option from text; then one run of it. */
static HilumMask *run_step(const Forest *f, const char *op, const char *value, const char *option,
                           const char *amount, HilumStepResult *result, GError **error)
{
  HilumStep step = {0}, none = {0};
  bool joined;
  g_assert_true(hilum_step_parse(op, value, NULL, &step, &joined, NULL));
  g_assert_true(option == NULL || hilum_step_parse(option, amount, &step, &none, &joined, NULL));
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(&f->grid, NULL);
  g_autoptr(HilumLabelSnapshot) labels = hilum_label_map_snapshot(map);
  const HilumStepContext context = {.volumes = &f->volume, .n_volumes = 1, .labels = labels, .label = 1};
  g_autoptr(GArray) results = g_array_new(FALSE, FALSE, sizeof(HilumStepResult));
  HilumMask *mask = hilum_steps_run(&context, &step, 1, results, NULL, error);
  if (results->len > 0) *result = g_array_index(results, HilumStepResult, 0);
  hilum_step_clear(&step);
  return mask;
}

/* The steps do what the functions do, and say how long and how wide. */
static void test_steps(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(5);
  const HilumVec3 points[2] = {{14, 24, 10}, {14, 24, 35}};
  HilumStepResult result;
  g_autoptr(HilumMask) lumen = run_step(&f, "vessel", "14,24,10;14,24,35", "radius", "9", &result, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(fabs(result.course.length_mm - 25), <, 1);
  g_assert_cmpfloat(fabs(result.course.mean_diameter_mm - 12), <, 0.5);
  g_assert_cmpfloat(result.course.least_diameter_mm, <=, result.course.mean_diameter_mm);
  const HilumVesselOptions options = {.max_radius_mm = 9};
  g_autoptr(HilumVessel) vessel = hilum_vessel_trace(f.volume, points, 2, &options, NULL, &error);
  g_assert_true(hilum_mask_equal(lumen, vessel->mask));
  g_autoptr(HilumMask) tree = run_step(&f, "vessel-tree", "14,24,10", "calcium", "0.5", &result, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(result.course.length_mm, ==, 0);
  g_assert_cmpuint(result.voxels, ==, hilum_mask_count(tree));
  g_assert_cmpfloat(share_in(&f, tree, ORGAN), <, 0.02);
  /* There is nothing yet to part. */
  g_assert_null(run_step(&f, "separate", "14,24,10", "against", "14,24,35", &result, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  g_assert_null(run_step(&f, "vessel", "14,24,10", NULL, NULL, &result, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  hilum_volume_unref(f.volume);
}

static void test_errors(void)
{
  g_autoptr(GError) error = NULL;
  Forest f = make_forest(0);
  const HilumVec3 outside = {-90, 0, 0}, dark = {60, 44, 50}, good[2] = {{14, 24, 10}, {14, 24, 10.1}};
  g_assert_null(hilum_vessel_tree(f.volume, &outside, 1, NULL, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  g_assert_null(hilum_vessel_tree(f.volume, &dark, 1, NULL, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  g_assert_null(hilum_vessel_trace(f.volume, good, 1, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  g_clear_error(&error);
  g_assert_null(hilum_vessel_trace(f.volume, good, 2, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
  g_clear_error(&error);
  const HilumVesselOptions bad = {.tolerance = NAN};
  g_assert_null(hilum_vessel_tree(f.volume, good, 1, &bad, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
  hilum_volume_unref(f.volume);
}

static void cancel_soon(double fraction, const char *what, void *data)
{
  if (fraction > 0.3) g_cancellable_cancel(data);
}

static void test_cancel(void)
{
  Forest f = make_forest(0);
  const HilumVec3 points[2] = {{14, 24, 10}, {14, 41, 51}};
  for (int n = 0; n < 3; n++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    const HilumProgress progress = {.func = cancel_soon, .data = cancellable, .cancellable = cancellable};
    if (n == 0)
      g_assert_null(hilum_vessel_tree(f.volume, points, 1, NULL, NULL, &progress, &error));
    else if (n == 1)
      g_assert_null(hilum_vessel_trace(f.volume, points, 2, NULL, &progress, &error));
    else
      g_assert_null(hilum_vessel_map_new(f.volume, points, 1, NULL, &progress, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
  hilum_volume_unref(f.volume);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/vessel/tubes", test_tubes);
  g_test_add_func("/vessel/noise", test_noise);
  g_test_add_func("/vessel/stenosis", test_stenosis);
  g_test_add_func("/vessel/tree", test_tree);
  g_test_add_func("/vessel/largest-radius", test_largest_radius);
  g_test_add_func("/vessel/holes", test_holes);
  g_test_add_func("/vessel/calcium", test_calcium);
  g_test_add_func("/vessel/separate", test_separate);
  g_test_add_func("/vessel/separate-errors", test_separate_errors);
  g_test_add_func("/vessel/threads", test_threads);
  g_test_add_func("/vessel/map", test_map);
  g_test_add_func("/vessel/inside", test_inside);
  g_test_add_func("/vessel/steps", test_steps);
  g_test_add_func("/vessel/errors", test_errors);
  g_test_add_func("/vessel/cancel", test_cancel);
  return g_test_run();
}
