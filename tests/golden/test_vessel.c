/* Vessels of the full-size phantom from one click each, against the truth. What was measured stands in
 * docs/segmentation.md. */
#include "hilum/phantom/phantom.h"
#include "hilum/segment/vessel.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  HilumPhantom *phantom;
  HilumVolume *volumes[2]; /* arterial, nephrographic */
  HilumLabelSnapshot *truth;
} Study;

static Study study;

static const HilumVec3 AORTA = {9.8, 6.6, 14}, CAVA = {-20, 5, 4};

static HilumMask *truth_of(HilumPhantomStructure structure)
{
  return hilum_label_snapshot_dup_mask(study.truth, (uint8_t)structure, NULL);
}

static double overlap(const HilumMask *mask, HilumPhantomStructure structure)
{
  g_autoptr(HilumMask) real = truth_of(structure);
  const double n = (double)hilum_mask_count(mask), m = (double)hilum_mask_count(real);
  hilum_mask_and(real, mask);
  return 2 * (double)hilum_mask_count(real) / (n + m);
}

static void check_tree(int phase, HilumVec3 click, HilumPhantomStructure structure, double least)
{
  g_autoptr(GError) error = NULL;
  HilumVesselTreeReport report;
  g_autoptr(HilumMask) tree = hilum_vessel_tree(study.volumes[phase], &click, 1, NULL, &report, NULL, &error);
  g_assert_no_error(error);
  const double dice = overlap(tree, structure);
  g_test_message("%s in the %s phase: Dice %.4f, tolerance %.0f HU, %u leaks",
                 hilum_phantom_structure_name(structure), hilum_phantom_phase_name((HilumPhantomPhase)phase),
                 dice, report.look.tolerance, report.leaks);
  g_assert_cmpfloat(dice, >=, least);
}

/* In the arterial phase the cava below the renal veins is as dark as muscle: no click in it reaches there. */
static void test_trees(void)
{
  check_tree(0, AORTA, HILUM_PHANTOM_ARTERY, 0.94);
  check_tree(1, AORTA, HILUM_PHANTOM_ARTERY, 0.91);
  check_tree(1, CAVA, HILUM_PHANTOM_VEIN, 0.90);
}

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* From the aorta to the farthest branch in the left kidney. In the middle of a branch the wall is as far as
 * its radius. */
static void test_course(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumMask) artery = truth_of(HILUM_PHANTOM_ARTERY);
  const HilumGrid *grid = hilum_phantom_get_grid(study.phantom);
  const HilumVoxelBox box = hilum_mask_bounds(artery);
  HilumVoxel far = {0, 0, 0};
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      if (hilum_mask_get(artery, (HilumVoxel){box.hi[0] - 1, j, k})) far = (HilumVoxel){box.hi[0] - 1, j, k};
  const HilumVec3 points[2] = {AORTA, hilum_grid_voxel_to_mm(grid, far)};
  g_autoptr(HilumVessel) vessel = hilum_vessel_trace(study.volumes[0], points, 2, NULL, NULL, &error);
  g_assert_no_error(error);
  const HilumVesselBranch *branch = vessel->branches->pdata[0];
  g_autofree double *errors = g_new(double, branch->points->len);
  size_t n = 0, outside = 0;
  for (guint p = 0; p < branch->points->len; p++) {
    const HilumVesselPoint point = g_array_index(branch->points, HilumVesselPoint, p);
    const double depth = -hilum_phantom_distance_mm(study.phantom, HILUM_PHANTOM_ARTERY, point.at_mm);
    outside += depth < 0;
    /* Where branches leave, the nearest wall is not at right angles. */
    if (hilum_vec3_distance(point.at_mm, points[0]) > 20) errors[n++] = fabs(point.radius_mm - depth);
  }
  qsort(errors, n, sizeof *errors, by_value);
  g_test_message(
      "%.1f mm long, %.1f to %.1f mm wide; radius off by %.2f mm in the median, 90 %% within %.2f mm",
      branch->length_mm, branch->least_diameter_mm, branch->mean_diameter_mm, errors[n / 2],
      errors[n * 9 / 10]);
  g_assert_cmpuint(outside, <=, branch->points->len / 20);
  g_assert_cmpfloat(errors[n / 2], <, 0.3);
  g_assert_cmpfloat(errors[n * 9 / 10], <, 1);
  hilum_mask_and_not(vessel->mask, artery);
  g_assert_cmpfloat((double)hilum_mask_count(vessel->mask) * hilum_grid_voxel_mm3(grid), <,
                    0.25 * G_PI * branch->mean_diameter_mm * branch->mean_diameter_mm * branch->length_mm *
                        0.15);
}

/* The artery and the vein as one structure, parted by one click in each. */
static void test_separate(void)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid *grid = hilum_phantom_get_grid(study.phantom);
  const HilumVoxel a = hilum_grid_voxel_at_mm(grid, AORTA), v = hilum_grid_voxel_at_mm(grid, CAVA);
  for (int phase = 0; phase < 2; phase++) {
    g_autoptr(HilumMask) both = truth_of(HILUM_PHANTOM_ARTERY), vein = truth_of(HILUM_PHANTOM_VEIN);
    hilum_mask_or(both, vein);
    g_autoptr(HilumMask) kept = hilum_vessel_separate(study.volumes[phase], both, &a, 1, &v, 1, NULL, &error);
    g_assert_no_error(error);
    const double dice = overlap(kept, HILUM_PHANTOM_ARTERY);
    g_test_message("arteries parted from veins in the %s phase: Dice %.4f",
                   hilum_phantom_phase_name((HilumPhantomPhase)phase), dice);
    g_assert_cmpfloat(dice, >=, phase == 0 ? 0.98 : 0.96);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autoptr(GError) error = NULL;
  study.phantom = hilum_phantom_new(NULL, &error);
  g_assert_no_error(error);
  for (int p = 0; p < 2; p++) {
    study.volumes[p] = hilum_phantom_render(study.phantom, (HilumPhantomPhase)p, NULL, &error);
    g_assert_no_error(error);
  }
  study.truth = hilum_phantom_truth(study.phantom, NULL, &error);
  g_assert_no_error(error);
  g_test_add_func("/golden/vessel/trees", test_trees);
  g_test_add_func("/golden/vessel/course", test_course);
  g_test_add_func("/golden/vessel/separate", test_separate);
  const int status = g_test_run();
  for (int p = 0; p < 2; p++)
    hilum_volume_unref(study.volumes[p]);
  hilum_label_snapshot_unref(study.truth);
  hilum_phantom_free(study.phantom);
  return status;
}
