/* Statistics and distances against sums and pairs over all voxels, and of shapes with known answers. */
#include "hilum/segment/statistics.h"

#include "grids.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

static HilumVec3 corner(const HilumGrid *g, HilumVoxel v, int n)
{
  return hilum_grid_to_mm(
      g, (HilumIndexPos){v.i - 0.5 + (n & 1), v.j - 0.5 + (n >> 1 & 1), v.k - 0.5 + (n >> 2)});
}

static double brute_diameter(const HilumGrid *g, const uint8_t *labels, uint8_t label)
{
  g_autoptr(GArray) corners = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  for (size_t v = 0; v < hilum_grid_count(g); v++)
    for (int n = 0; n < 8 && labels[v] == label; n++) {
      const HilumVec3 p = corner(g, voxel_at(g, v), n);
      g_array_append_val(corners, p);
    }
  double best = 0;
  for (guint a = 0; a < corners->len; a++)
    for (guint b = 0; b < a; b++)
      best = fmax(best, hilum_vec3_distance(g_array_index(corners, HilumVec3, a),
                                            g_array_index(corners, HilumVec3, b)));
  return best;
}

static void check_stats(const HilumGrid *g, const uint8_t *labels, uint8_t label, HilumVolume *volume)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(g, labels, &error);
  g_assert_no_error(error);
  HilumStructureStats s;
  uint64_t n = 0;
  HilumVec3 sum = {0, 0, 0};
  HilumBox bounds = hilum_box_empty();
  double mean = 0, squares = 0;
  for (size_t v = 0; v < hilum_grid_count(g); v++) {
    if (labels[v] != label) continue;
    n++;
    sum = hilum_vec3_add(sum, hilum_grid_voxel_to_mm(g, voxel_at(g, v)));
    for (int c = 0; c < 8; c++)
      bounds = hilum_box_include(bounds, corner(g, voxel_at(g, v), c));
    mean += hilum_volume_get_value(volume, voxel_at(g, v));
  }
  mean /= (double)n;
  for (size_t v = 0; v < hilum_grid_count(g); v++)
    if (labels[v] == label) squares += pow(hilum_volume_get_value(volume, voxel_at(g, v)) - mean, 2);
  const bool ok = hilum_structure_stats(snapshot, label, volume, &s, NULL, &error);
  if (n == 0) {
    g_assert_false(ok);
    g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
    return;
  }
  g_assert_no_error(error);
  g_assert_true(ok);
  g_assert_cmpuint(s.voxels, ==, n);
  g_assert_cmpfloat_with_epsilon(s.volume_ml, (double)n * 0.7 * 0.9 * 1.6 / 1000, 1e-9);
  g_assert_cmpfloat(hilum_vec3_distance(s.centroid_mm, hilum_vec3_scale(sum, 1 / (double)n)), <, 1e-6);
  g_assert_cmpfloat(hilum_vec3_distance(s.bounds_mm.min, bounds.min), <, 1e-6);
  g_assert_cmpfloat(hilum_vec3_distance(s.bounds_mm.max, bounds.max), <, 1e-6);
  g_assert_cmpfloat_with_epsilon(s.mean, mean, 1e-6 * (1 + fabs(mean)));
  g_assert_cmpfloat_with_epsilon(s.sd, sqrt(squares / (double)n), 1e-6 * (1 + s.sd));
  g_assert_cmpfloat_with_epsilon(s.max_diameter_mm, brute_diameter(g, labels, label), 1e-6);
}

static void test_random(void)
{
  static const int32_t dims[][3] = {{1, 1, 1}, {7, 5, 4}, {65, 3, 2}, {3, 9, 11}, {12, 1, 6}, {1, 40, 1}};
  static const double densities[] = {0.02, 0.3, 1};
  for (size_t d = 0; d < G_N_ELEMENTS(dims); d++)
    for (size_t p = 0; p < G_N_ELEMENTS(densities); p++) {
      const HilumGrid g = oblique_grid(dims[d][0], dims[d][1], dims[d][2]);
      const size_t n = hilum_grid_count(&g);
      g_autofree uint8_t *labels = g_new0(uint8_t, n);
      int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
      for (size_t v = 0; v < n; v++) {
        labels[v] = hilum_random_uniform(d, v) < densities[p] ? 3 : 200;
        voxels[v] = (int16_t)hilum_random_u64(p, v);
      }
      g_autoptr(HilumVolume) volume = hilum_volume_new_take(&g, voxels, 0.25, -100, "HU", NULL);
      check_stats(&g, labels, 3, volume);
    }
}

/* A ball of 12 mm: volume, diameter, centre. */
static void test_ball(void)
{
  const HilumGrid g = hilum_grid_new(64, 64, 64, 0.5, 0.5, 0.5);
  g_autofree uint8_t *labels = g_new0(uint8_t, hilum_grid_count(&g));
  const HilumVec3 centre = {16, 15.5, 15.25};
  for (size_t v = 0; v < hilum_grid_count(&g); v++)
    labels[v] = hilum_vec3_distance(hilum_grid_voxel_to_mm(&g, voxel_at(&g, v)), centre) <= 12 ? 1 : 0;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
  HilumStructureStats s, one;
  g_assert_true(hilum_structure_stats(snapshot, 1, NULL, &s, NULL, NULL));
  g_assert_true(isnan(s.mean) && isnan(s.sd));
  g_assert_cmpfloat_with_epsilon(s.volume_ml, 4.0 / 3 * G_PI * 12 * 12 * 12 / 1000, 0.01 * s.volume_ml);
  g_assert_cmpfloat(hilum_vec3_distance(s.centroid_mm, centre), <, 0.05);
  /* Corners of cells reach up to half a diagonal beyond the centres at both ends. */
  g_assert_cmpfloat(s.max_diameter_mm, >, 24 - 0.5);
  g_assert_cmpfloat(s.max_diameter_mm, <=, 24 + 0.5 * sqrt(3) + 1e-9);
  hilum_parallel_set_threads(1);
  g_assert_true(hilum_structure_stats(snapshot, 1, NULL, &one, NULL, NULL));
  hilum_parallel_set_threads(0);
  g_assert_true(s.max_diameter_mm == one.max_diameter_mm && s.centroid_mm.x == one.centroid_mm.x);
}

static void test_distance(void)
{
  for (uint64_t n = 0; n < 40; n++) {
    const HilumGrid g = oblique_grid(n & 1 ? 66 : 13, 12, n & 2 ? 9 : 1);
    const size_t count = hilum_grid_count(&g);
    g_autofree uint8_t *labels = g_new0(uint8_t, count);
    const double density = n % 4 == 3 ? 0.2 : 0.005;
    for (size_t v = 0; v < count; v++) {
      const double r = hilum_random_uniform(n, v);
      labels[v] = r < density ? 1 : r > 1 - density ? 2 : 0;
    }
    labels[0] = 1;
    labels[count - 1] = 2;
    g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
    double expected = INFINITY;
    for (size_t a = 0; a < count; a++)
      for (size_t b = 0; labels[a] == 1 && b < count; b++)
        if (labels[b] == 2)
          expected = fmin(expected, hilum_vec3_distance(hilum_grid_voxel_to_mm(&g, voxel_at(&g, a)),
                                                        hilum_grid_voxel_to_mm(&g, voxel_at(&g, b))));
    double got;
    HilumVec3 pa, pb;
    g_assert_true(hilum_structure_distance(snapshot, 1, 2, &got, &pa, &pb, NULL, NULL));
    g_assert_cmpfloat_with_epsilon(got, expected, 1e-9);
    g_assert_cmpfloat_with_epsilon(hilum_vec3_distance(pa, pb), expected, 1e-9);
    g_assert_cmpint(hilum_label_snapshot_get(snapshot, hilum_grid_voxel_at_mm(&g, pa)), ==, 1);
    g_assert_cmpint(hilum_label_snapshot_get(snapshot, hilum_grid_voxel_at_mm(&g, pb)), ==, 2);
    double back;
    g_assert_true(hilum_structure_distance(snapshot, 2, 1, &back, NULL, NULL, NULL, NULL));
    g_assert_cmpfloat_with_epsilon(back, expected, 1e-9);
  }
}

static void test_refusals(void)
{
  const HilumGrid g = hilum_grid_new(5, 5, 5, 1, 1, 1);
  g_autofree uint8_t *labels = g_new0(uint8_t, 125);
  labels[7] = 1;
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
  g_autoptr(GError) error = NULL;
  double d;
  g_assert_false(hilum_structure_distance(snapshot, 1, 2, &d, NULL, NULL, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
  g_clear_error(&error);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  HilumStructureStats s;
  g_assert_false(hilum_structure_stats(snapshot, 1, NULL, &s, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/statistics/random", test_random);
  g_test_add_func("/segment/statistics/ball", test_ball);
  g_test_add_func("/segment/statistics/distance", test_distance);
  g_test_add_func("/segment/statistics/refusals", test_refusals);
  return g_test_run();
}
