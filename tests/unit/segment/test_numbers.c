/* Extents, diameters in slices, percentiles and the partial-volume estimate against all voxels, all pairs of
 * corners, and shapes with known volumes. */
#include "hilum/segment/measurements.h"

#include "grids.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- shape --- */

/* Corners of one slice's cells, on the slice. */
static GArray *slice_corners(const HilumGrid *g, const uint8_t *labels, int stack, int32_t slice)
{
  GArray *corners = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
  for (size_t v = 0; v < hilum_grid_count(g); v++) {
    const HilumVoxel at = voxel_at(g, v);
    const int32_t index[3] = {at.i, at.j, at.k};
    if (labels[v] != 3 || index[stack] != slice) continue;
    for (int n = 0; n < 4; n++) {
      double p[3] = {at.i, at.j, at.k};
      p[stack == 0 ? 1 : 0] += n & 1 ? 0.5 : -0.5;
      p[stack == 2 ? 1 : 2] += n & 2 ? 0.5 : -0.5;
      const HilumVec3 mm = hilum_grid_to_mm(g, (HilumIndexPos){p[0], p[1], p[2]});
      g_array_append_val(corners, mm);
    }
  }
  return corners;
}

/* The longest chord of the convex outline at right angles to a-b, from the corners alone: every pair of them
 * on either side spans the outline between them, so cuts at many places along a-b bound it from below. */
static double chord_at_most(GArray *corners, HilumVec3 a, HilumVec3 b, HilumVec3 normal)
{
  const HilumVec3 d = hilum_vec3_normalize(hilum_vec3_sub(b, a)), w = hilum_vec3_cross(normal, d);
  double best = 0;
  for (guint c = 0; c < corners->len; c++) {
    const double t = hilum_vec3_dot(hilum_vec3_sub(g_array_index(corners, HilumVec3, c), a), d);
    double lo = INFINITY, hi = -INFINITY;
    for (guint m = 0; m < corners->len; m++)
      for (guint n = 0; n < corners->len; n++) {
        const HilumVec3 p = hilum_vec3_sub(g_array_index(corners, HilumVec3, m), a);
        const HilumVec3 q = hilum_vec3_sub(g_array_index(corners, HilumVec3, n), a);
        const double tp = hilum_vec3_dot(p, d), tq = hilum_vec3_dot(q, d);
        if (tp > t + 1e-12 || tq < t - 1e-12) continue;
        const double share = tq - tp > 1e-12 ? (t - tp) / (tq - tp) : 0;
        const double at = hilum_vec3_dot(p, w) * (1 - share) + hilum_vec3_dot(q, w) * share;
        lo = fmin(lo, at);
        hi = fmax(hi, at);
      }
    best = fmax(best, hi - lo);
  }
  return best;
}

static void check_plane(const HilumGrid *g, const uint8_t *labels, int stack, const HilumPlaneDiameter *d)
{
  double best = 0;
  int32_t first = -1;
  for (int32_t slice = 0; slice < g->dims[stack]; slice++) {
    g_autoptr(GArray) corners = slice_corners(g, labels, stack, slice);
    for (guint a = 0; a < corners->len; a++)
      for (guint b = 0; b < a; b++) {
        const double length =
            hilum_vec3_distance(g_array_index(corners, HilumVec3, a), g_array_index(corners, HilumVec3, b));
        if (length <= best + 1e-9) continue;
        best = length;
        first = slice;
      }
  }
  g_assert_cmpfloat_with_epsilon(d->diameter_mm, best, 1e-6);
  g_assert_cmpint(d->slice, ==, first);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_distance(d->a_mm, d->b_mm), best, 1e-6);
  g_autoptr(GArray) corners = slice_corners(g, labels, stack, first);
  const double chord = chord_at_most(corners, d->a_mm, d->b_mm, g->axes[stack]);
  g_assert_cmpfloat_with_epsilon(d->perpendicular_mm, chord, 1e-6);
  g_assert_cmpfloat_with_epsilon(hilum_vec3_distance(d->c_mm, d->d_mm), chord, 1e-6);
  g_assert_cmpfloat(fabs(hilum_vec3_dot(hilum_vec3_sub(d->d_mm, d->c_mm), hilum_vec3_sub(d->b_mm, d->a_mm))),
                    <, 1e-6 * (1 + best * chord));
}

static void check_axes(const HilumGrid *g, const uint8_t *labels, const HilumStructureShape *shape)
{
  double previous = INFINITY, n = 0;
  HilumVec3 mean = {0, 0, 0};
  for (size_t v = 0; v < hilum_grid_count(g); v++)
    if (labels[v] == 3) {
      mean = hilum_vec3_add(mean, hilum_grid_voxel_to_mm(g, voxel_at(g, v)));
      n++;
    }
  mean = hilum_vec3_scale(mean, 1 / n);
  for (int a = 0; a < 3; a++) {
    double lo = INFINITY, hi = -INFINITY, spread = 0, cell = 0;
    for (size_t v = 0; v < hilum_grid_count(g); v++) {
      if (labels[v] != 3) continue;
      const HilumVoxel at = voxel_at(g, v);
      spread += pow(hilum_vec3_dot(hilum_vec3_sub(hilum_grid_voxel_to_mm(g, at), mean), shape->axes[a]), 2);
      for (int c = 0; c < 8; c++) {
        const HilumIndexPos p = {at.i - 0.5 + (c & 1), at.j - 0.5 + (c >> 1 & 1), at.k - 0.5 + (c >> 2)};
        const double t = hilum_vec3_dot(hilum_grid_to_mm(g, p), shape->axes[a]);
        lo = fmin(lo, t);
        hi = fmax(hi, t);
      }
    }
    for (int x = 0; x < 3; x++)
      cell += pow(hilum_vec3_dot(g->axes[x], shape->axes[a]) * g->spacing_mm[x], 2) / 12;
    spread = spread / n + cell;
    g_assert_cmpfloat_with_epsilon(shape->extents_mm[a], hi - lo, 1e-6);
    g_assert_cmpfloat_with_epsilon(hilum_vec3_length(shape->axes[a]), 1, 1e-9);
    g_assert_cmpfloat(spread, <=, previous * (1 + 1e-9));
    previous = spread;
  }
  g_assert_cmpfloat(hilum_vec3_distance(hilum_vec3_cross(shape->axes[0], shape->axes[1]), shape->axes[2]), <,
                    1e-9);
}

static void test_shape_random(void)
{
  static const int32_t dims[][3] = {{1, 1, 1}, {7, 5, 4}, {3, 9, 6}, {12, 1, 6}, {1, 20, 1}};
  static const double densities[] = {0.05, 0.3, 1};
  for (size_t d = 0; d < G_N_ELEMENTS(dims); d++)
    for (size_t p = 0; p < G_N_ELEMENTS(densities); p++) {
      const HilumGrid g = oblique_grid(dims[d][0], dims[d][1], dims[d][2]);
      const size_t n = hilum_grid_count(&g);
      g_autofree uint8_t *labels = g_new0(uint8_t, n);
      for (size_t v = 0; v < n; v++)
        labels[v] = hilum_random_uniform(d, v) < densities[p] ? 3 : 200;
      labels[n / 2] = 3;
      g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
      HilumStructureShape shape, one;
      g_assert_true(hilum_structure_shape(snapshot, 3, &shape, NULL, NULL));
      int axis_of[3];
      hilum_grid_anatomical_axes(&g, axis_of);
      check_plane(&g, labels, axis_of[2], &shape.planes[HILUM_SHAPE_AXIAL]);
      check_plane(&g, labels, axis_of[0], &shape.planes[HILUM_SHAPE_SAGITTAL]);
      check_plane(&g, labels, axis_of[1], &shape.planes[HILUM_SHAPE_CORONAL]);
      check_axes(&g, labels, &shape);
      hilum_parallel_set_threads(1);
      g_assert_true(hilum_structure_shape(snapshot, 3, &one, NULL, NULL));
      hilum_parallel_set_threads(0);
      g_assert_cmpmem(&one, sizeof one, &shape, sizeof shape);
    }
}

/* A rod 60 x 20 x 8 mm, turned: its axes and sides are known. */
static void test_shape_rod(void)
{
  const HilumGrid g = hilum_grid_new(140, 140, 100, 0.5, 0.5, 0.75);
  const HilumVec3 u = hilum_vec3_normalize(hilum_vec3(2, 1, 1.5));
  const HilumVec3 v = hilum_vec3_normalize(hilum_vec3_cross(u, hilum_vec3(0, 0, 1)));
  const HilumVec3 w = hilum_vec3_cross(u, v), centre = {35, 35, 37};
  g_autofree uint8_t *labels = g_new0(uint8_t, hilum_grid_count(&g));
  for (size_t n = 0; n < hilum_grid_count(&g); n++) {
    const HilumVec3 d = hilum_vec3_sub(hilum_grid_voxel_to_mm(&g, voxel_at(&g, n)), centre);
    labels[n] = fabs(hilum_vec3_dot(d, u)) <= 30 && fabs(hilum_vec3_dot(d, v)) <= 10 &&
                fabs(hilum_vec3_dot(d, w)) <= 4;
  }
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
  HilumStructureShape shape;
  g_assert_true(hilum_structure_shape(snapshot, 1, &shape, NULL, NULL));
  const HilumVec3 axes[3] = {u, v, w};
  const double sides[3] = {60, 20, 8};
  for (int a = 0; a < 3; a++) {
    g_assert_cmpfloat(fabs(hilum_vec3_dot(shape.axes[a], axes[a])), >, 0.9995);
    g_assert_cmpfloat(fabs(shape.extents_mm[a] - sides[a]), <, 1.2); /* cells reach beyond their centres */
  }
}

/* --- values --- */

static int compare_doubles(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void test_values(void)
{
  for (uint64_t round = 0; round < 12; round++) {
    const HilumGrid g = oblique_grid(round & 1 ? 66 : 9, 7, round & 2 ? 1 : 8);
    const size_t n = hilum_grid_count(&g);
    const int spread = round < 4 ? 40 : round < 8 ? 3000 : 65536;
    g_autofree uint8_t *labels = g_new0(uint8_t, n);
    int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
    g_autofree double *own = g_new(double, n);
    size_t count = 0;
    for (size_t v = 0; v < n; v++) {
      voxels[v] = (int16_t)((int)(hilum_random_u64(round, v) % (unsigned)spread) - spread / 2);
      labels[v] = v == 0 || hilum_random_uniform(round + 50, v) < 0.3 ? 2 : 1;
      if (labels[v] == 2) own[count++] = 0.5 * voxels[v] + 10;
    }
    g_autoptr(HilumVolume) volume = hilum_volume_new_take(&g, voxels, 0.5, 10, "HU", NULL);
    g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
    HilumStructureValues values;
    g_assert_true(hilum_structure_values(snapshot, 2, volume, &values, NULL, NULL));
    qsort(own, count, sizeof *own, compare_doubles);
    const struct {
      int percent;
      double got;
    } ranks[] = {{5, values.p5}, {25, values.p25}, {50, values.median}, {75, values.p75}, {95, values.p95}};
    for (size_t r = 0; r < G_N_ELEMENTS(ranks); r++) {
      const size_t rank = (count * (size_t)ranks[r].percent + 99) / 100;
      g_assert_cmpfloat(ranks[r].got, ==, own[MAX(rank, 1) - 1]);
    }
    g_autofree uint64_t *counts = hilum_structure_dup_histogram(snapshot, 2, volume, NULL, NULL);
    double median = 0;
    g_assert_true(hilum_counts_percentile(counts, volume, 0.5, &median));
    g_assert_cmpfloat(median, ==, values.median);
    g_assert_cmpfloat(values.min, ==, own[0]);
    g_assert_cmpfloat(values.max, ==, own[count - 1]);
    HilumStructureStats stats;
    g_assert_true(hilum_structure_stats(snapshot, 2, volume, &stats, NULL, NULL));
    g_assert_cmpfloat_with_epsilon(values.mean, stats.mean, 1e-9);
    g_assert_cmpfloat_with_epsilon(values.sd, stats.sd, 1e-9);
    g_assert_cmpuint(values.n_bins, <=, HILUM_VALUES_MAX_BINS);
    for (size_t b = 0; b < values.n_bins; b++) {
      uint64_t expected = 0;
      for (size_t v = 0; v < count; v++)
        expected += floor((own[v] - values.bin_first) / values.bin_width + 1e-9) == (double)b;
      g_assert_cmpuint(values.bins[b], ==, expected);
    }
    hilum_structure_values_clear(&values);
  }
}

/* --- partial volume --- */

typedef struct {
  bool cylinder; /* along a slanted axis, cut by the volume's ends; else a ball */
  double radius_mm;
  HilumVec3 centre, axis;
  double spacing[3], fat, tissue, noise, cut; /* cut: share of tissue from which a voxel is labelled */
  double rim;                                 /* added to the outermost millimetre */
} Scene;

/* Renders the shape with 6x6x6 samples a voxel, labels it, and measures. */
static void measure_scene(const Scene *scene, uint64_t seed, HilumPartialVolume *partial, double *count_ml,
                          double *truth_ml)
{
  HilumGrid g = hilum_grid_new(48, 46, 44, scene->spacing[0], scene->spacing[1], scene->spacing[2]);
  const size_t n = hilum_grid_count(&g);
  g_autofree uint8_t *labels = g_new0(uint8_t, n);
  int16_t *voxels = hilum_big_alloc(n * sizeof *voxels, NULL);
  double truth = 0, labelled = 0;
  for (size_t v = 0; v < n; v++) {
    const HilumVoxel at = voxel_at(&g, v);
    int in = 0, rim = 0;
    for (int s = 0; s < 216; s++) {
      const HilumIndexPos p = {at.i + (s % 6 - 2.5) / 6, at.j + (s / 6 % 6 - 2.5) / 6,
                               at.k + (s / 36 - 2.5) / 6};
      HilumVec3 d = hilum_vec3_sub(hilum_grid_to_mm(&g, p), scene->centre);
      if (scene->cylinder) d = hilum_vec3_cross(d, scene->axis);
      const double r = hilum_vec3_length(d);
      in += r <= scene->radius_mm;
      rim += r <= scene->radius_mm && r > scene->radius_mm - 1;
    }
    const double share = in / 216.0;
    double noise = 0;
    for (uint64_t r = 0; r < 4; r++)
      noise += (hilum_random_uniform(seed, 4 * v + r) - 0.5) * sqrt(3);
    voxels[v] = (int16_t)lround(scene->fat + share * (scene->tissue - scene->fat) + rim / 216.0 * scene->rim +
                                noise * scene->noise);
    labels[v] = share >= scene->cut;
    truth += share;
    labelled += labels[v];
  }
  const double ml = hilum_grid_voxel_mm3(&g) / 1000;
  *truth_ml = scene->cylinder ? truth * ml : 4 * G_PI / 3 * pow(scene->radius_mm, 3) / 1000;
  *count_ml = labelled * ml;
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&g, voxels, 1, 0, "HU", NULL);
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
  g_assert_true(hilum_structure_partial_volume(snapshot, 1, volume, partial, NULL, NULL));
  HilumPartialVolume one;
  hilum_parallel_set_threads(1);
  g_assert_true(hilum_structure_partial_volume(snapshot, 1, volume, &one, NULL, NULL));
  hilum_parallel_set_threads(0);
  g_assert_cmpmem(&one, sizeof one, partial, sizeof *partial);
}

/* Where the boundary is drawn too wide or too tight, the count is wrong by percents and the estimate is not.
 */
static void test_partial_volume(void)
{
  const Scene scenes[] = {
      {false, 10, {16.3, 16.1, 15.6}, {0, 0, 1}, {0.7, 0.7, 0.7}, -100, 150, 10, 0.15, 0},
      {false, 10, {16.3, 16.1, 15.6}, {0, 0, 1}, {0.7, 0.7, 0.7}, -100, 150, 10, 0.85, 0},
      {false, 7, {16.0, 15.7, 30.2}, {0, 0, 1}, {0.7, 0.7, 1.5}, 40, 140, 12, 0.2, 0},
      {false, 7, {16.0, 15.7, 30.2}, {0, 0, 1}, {0.7, 0.7, 1.5}, 40, 140, 12, 0.8, 0},
      {true, 4, {16.0, 15.7, 15.4}, {0, 0.28, 0.96}, {0.7, 0.7, 0.7}, -100, 300, 15, 0.2, 0},
      {true, 4, {16.0, 15.7, 15.4}, {0, 0.28, 0.96}, {0.7, 0.7, 0.7}, -100, 300, 15, 0.8, 0},
      {true, 2.5, {16.0, 15.7, 15.4}, {0, 0.28, 0.96}, {0.7, 0.7, 0.7}, -100, 300, 15, 0.3, 0},
      {true, 2.5, {16.0, 15.7, 15.4}, {0, 0.28, 0.96}, {0.7, 0.7, 0.7}, -100, 300, 15, 0.7, 0}};
  for (size_t s = 0; s < G_N_ELEMENTS(scenes); s++) {
    HilumPartialVolume partial;
    double count, truth;
    measure_scene(&scenes[s], s, &partial, &count, &truth);
    g_test_message("scene %zu: truth %.3f count %.3f (%+.1f %%) partial %.3f (%+.1f %%) share %.2f", s, truth,
                   count, 100 * (count / truth - 1), partial.volume_ml, 100 * (partial.volume_ml / truth - 1),
                   partial.share);
    g_assert_cmpfloat(partial.share, >, 0.9);
    g_assert_cmpfloat(fabs(partial.volume_ml - truth), <, 0.02 * truth);
    g_assert_cmpfloat(fabs(partial.volume_ml - truth), <, 0.5 * fabs(count - truth));
  }
}

/* Labelled at one half, the count of a small ball still depends on where it lies between the voxels. */
static void test_partial_volume_placement(void)
{
  double count_error = 0, partial_error = 0;
  for (uint64_t n = 0; n < 12; n++) {
    const Scene scene = {
        false,
        5.2,
        {33 + hilum_random_uniform(9, n), 32 + hilum_random_uniform(8, n), 32 + hilum_random_uniform(7, n)},
        {0, 0, 1},
        {1.4, 1.4, 1.4},
        -90,
        160,
        8,
        0.5};
    HilumPartialVolume partial;
    double count, truth;
    measure_scene(&scene, n, &partial, &count, &truth);
    count_error += pow(count - truth, 2);
    partial_error += pow(partial.volume_ml - truth, 2);
  }
  g_test_message("rms: count %.4f, partial %.4f", sqrt(count_error / 12), sqrt(partial_error / 12));
  g_assert_cmpfloat(partial_error, <, count_error);
}

static void test_partial_volume_unavailable(void)
{
  Scene scene = {false, 8, {16, 16, 16}, {0, 0, 1}, {0.7, 0.7, 0.7}, 100, 110, 12, 0.5, 0};
  HilumPartialVolume partial;
  double count, truth;
  measure_scene(&scene, 1, &partial, &count, &truth); /* as much noise as contrast */
  g_assert_true(isnan(partial.volume_ml));
  g_assert_cmpfloat(partial.share, <, 0.5);
  scene.radius_mm = 8;
  scene.tissue = 300;
  scene.rim = 300; /* a shell brighter than the inside: two classes do not hold */
  measure_scene(&scene, 1, &partial, &count, &truth);
  g_assert_true(isnan(partial.volume_ml));
  scene.rim = 0;
  scene.radius_mm = 1; /* nothing but boundary */
  measure_scene(&scene, 1, &partial, &count, &truth);
  g_assert_true(isnan(partial.volume_ml));
}

/* --- the table --- */

static void test_table(void)
{
  const HilumGrid g = hilum_grid_new(12, 10, 8, 1, 1, 1);
  g_autofree uint8_t *labels = g_new0(uint8_t, hilum_grid_count(&g));
  labels[hilum_grid_offset(&g, (HilumVoxel){1, 1, 1})] = 1;
  labels[hilum_grid_offset(&g, (HilumVoxel){4, 5, 1})] = 2;
  labels[hilum_grid_offset(&g, (HilumVoxel){1, 1, 7})] = 4;
  int16_t *voxels = hilum_big_alloc0(hilum_grid_count(&g) * sizeof *voxels, NULL);
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&g, voxels, 1, 0, "HU", NULL);
  g_autoptr(HilumLabelSnapshot) snapshot = hilum_label_snapshot_new_from_dense(&g, labels, NULL);
  const HilumMeasureSubject subjects[] = {{1, "Tumour, \"left\"", "tumour"},
                                          {2, "=SUM(A1)", "artery"},
                                          {3, "Empty", "other"},
                                          {4, "Vein", "vein"}};
  HilumVolume *volumes[] = {volume, NULL};
  const char *phases[] = {"Arterial", "Late"};
  const HilumMeasureRequest request = {snapshot, subjects, 4, volumes, phases, 2, 0};
  g_autoptr(HilumMeasurements) m = hilum_measurements_new(&request, NULL, NULL);
  g_assert_nonnull(m);
  g_assert_cmpuint(m->n_structures, ==, 3);
  g_assert_cmpuint(m->n_distances, ==, 3);
  g_assert_cmpfloat(hilum_measurements_get_distance(m, 1, 0)->distance_mm, ==, 5);
  g_assert_cmpfloat(hilum_measurements_get_distance(m, 0, 2)->distance_mm, ==, 6);
  g_assert_cmpfloat_with_epsilon(hilum_measurements_get_distance(m, 2, 1)->distance_mm, sqrt(61), 1e-12);
  g_assert_null(hilum_measurements_get_distance(m, 1, 1));

  g_autofree char *csv = hilum_measurements_dup_table(m, HILUM_TABLE_CSV, NULL);
  g_assert_true(g_str_has_suffix(csv, "Planning aid. Not for diagnosis.\r\n"));
  g_assert_nonnull(strstr(csv, "\r\n\"Tumour, \"\"left\"\"\",tumour,1,0.001,"));
  g_assert_nonnull(strstr(csv, "\r\n'=SUM(A1),artery,1,"));
  g_assert_nonnull(strstr(csv, "Arterial mean (HU)"));
  g_assert_null(strstr(csv, "nan"));
  g_autofree char *tsv = hilum_measurements_dup_table(m, HILUM_TABLE_TSV, "An estimate.");
  g_auto(GStrv) rows = g_strsplit(tsv, "\n", -1);
  g_assert_cmpuint(g_strv_length(rows), ==, 5); /* header, three, and what follows the last line end */
  g_auto(GStrv) header = g_strsplit(rows[0], "\t", -1);
  for (int r = 1; r < 4; r++) {
    g_auto(GStrv) fields = g_strsplit(rows[r], "\t", -1);
    g_assert_cmpuint(g_strv_length(fields), ==, g_strv_length(header));
    g_assert_true(g_str_has_suffix(rows[r], "\tAn estimate. Planning aid. Not for diagnosis."));
  }

  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_measurements_new(&request, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/numbers/shape-random", test_shape_random);
  g_test_add_func("/segment/numbers/shape-rod", test_shape_rod);
  g_test_add_func("/segment/numbers/values", test_values);
  g_test_add_func("/segment/numbers/partial-volume", test_partial_volume);
  g_test_add_func("/segment/numbers/partial-volume-placement", test_partial_volume_placement);
  g_test_add_func("/segment/numbers/partial-volume-unavailable", test_partial_volume_unavailable);
  g_test_add_func("/segment/numbers/table", test_table);
  return g_test_run();
}
