/* Otsu against every split there is, suggestions on known mixtures, and the table of presets. */
#include "hilum/segment/range.h"

#include "hilum/base/memory.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"
#include "hilum/volume/histogram.h"

#include <math.h>
#include <string.h>

/* --- Otsu --- */

/* Sum over classes of S^2 / N, the classes ending at the given indices. */
static double between(const uint64_t *counts, int n, const int *ends, int n_classes)
{
  double all = 0;
  for (int c = 0, begin = 0; c < n_classes; c++) {
    const int end = c + 1 < n_classes ? ends[c] : n - 1;
    double count = 0, sum = 0;
    for (int b = begin; b <= end; b++) {
      count += (double)counts[b];
      sum += (double)counts[b] * b;
    }
    if (count == 0) return -1;
    all += sum * sum / count;
    begin = end + 1;
  }
  return all;
}

/* The best of all splits with every threshold on a value that occurs. */
static double brute(const uint64_t *counts, int n, int n_classes, int *ends, int at, int from)
{
  if (at == n_classes - 1) return between(counts, n, ends, n_classes);
  double best = -1;
  for (int b = from; b < n; b++) {
    if (counts[b] == 0) continue;
    ends[at] = b;
    best = fmax(best, brute(counts, n, n_classes, ends, at + 1, b + 1));
  }
  return best;
}

static void test_otsu_brute(void)
{
  for (uint64_t round = 0; round < 300; round++) {
    const int n = 4 + (int)(hilum_random_u64(round, 0) % 16), n_classes = 2 + (int)(round % 4);
    g_autofree uint64_t *counts = g_new0(uint64_t, HILUM_HISTOGRAM_BINS);
    int different = 0;
    for (int b = 0; b < n; b++) {
      if (hilum_random_uniform(round, 100 + (uint64_t)b) < 0.7)
        counts[b] = 1 + hilum_random_u64(round, 200 + (uint64_t)b) % 50;
      different += counts[b] > 0;
    }
    counts[n] = 1000000; /* not looked at */
    int got[HILUM_OTSU_MAX_CLASSES], ends[HILUM_OTSU_MAX_CLASSES];
    double separability = -1;
    const bool ok = hilum_otsu_thresholds(counts, 0, n - 1, n_classes, got, &separability);
    g_assert_cmpint(ok, ==, different >= n_classes);
    if (!ok) continue;
    const double best = brute(counts, n, n_classes, ends, 0, 0);
    g_assert_cmpfloat_with_epsilon(between(counts, n, got, n_classes), best, 1e-9 * best);
    for (int c = 1; c < n_classes - 1; c++)
      g_assert_cmpint(got[c], >, got[c - 1]);
    g_assert_cmpfloat(separability, >=, 0);
    g_assert_cmpfloat(separability, <=, 1 + 1e-12);
  }
}

/* A full histogram of three humps: thresholds in the valleys (of an empty stretch, its lower end). */
static void test_otsu_full(void)
{
  g_autofree uint64_t *counts = g_new0(uint64_t, HILUM_HISTOGRAM_BINS);
  static const double centres[3] = {12000, 30000, 52000};
  for (int b = 0; b < HILUM_HISTOGRAM_BINS; b++)
    for (int h = 0; h < 3; h++)
      counts[b] += (uint64_t)(1e4 * exp(-0.5 * pow((b - centres[h]) / 2500, 2)));
  int t[HILUM_OTSU_MAX_CLASSES];
  double separability;
  g_assert_true(hilum_otsu_thresholds(counts, 0, HILUM_HISTOGRAM_BINS - 1, 3, t, &separability));
  g_assert_cmpfloat(fabs(t[0] - 21000.0), <, 400);
  g_assert_cmpfloat(fabs(t[1] - 41000.0), <, 400);
  g_assert_cmpfloat(separability, >, 0.95);
  /* One hump has nothing to separate: 2 / pi. */
  memset(counts, 0, HILUM_HISTOGRAM_BINS * sizeof *counts);
  for (int b = 0; b < HILUM_HISTOGRAM_BINS; b++)
    counts[b] = (uint64_t)(1e6 * exp(-0.5 * pow((b - 30000.0) / 400, 2)));
  g_assert_true(hilum_otsu_thresholds(counts, 0, HILUM_HISTOGRAM_BINS - 1, 2, t, &separability));
  g_assert_cmpfloat_with_epsilon(separability, 2 / G_PI, 0.002);
  g_assert_cmpint(ABS(t[0] - 30000), <=, 1);
}

/* --- volumes --- */

static double noise(uint64_t seed, uint64_t n)
{
  double sum = 0;
  for (uint64_t r = 0; r < 12; r++)
    sum += hilum_random_uniform(seed, 12 * n + r);
  return sum - 6;
}

/* Fat to the left of i = 20, kidney from there, bone from i = 34. */
static HilumVolume *make_layers(void)
{
  const HilumGrid g = hilum_grid_new(48, 20, 20, 1, 1, 2);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&g) * sizeof *voxels, NULL);
  for (size_t v = 0; v < hilum_grid_count(&g); v++) {
    const int i = (int)(v % 48);
    const double hu = (i < 20 ? -100 : i < 34 ? 160 : 700) + 12 * noise(3, v);
    voxels[v] = (int16_t)lround((hu + 1024) / 0.5);
  }
  return hilum_volume_new_take(&g, voxels, 0.5, -1024, "HU", NULL);
}

static void test_otsu_range(void)
{
  g_autoptr(HilumVolume) volume = make_layers();
  g_autoptr(GError) error = NULL;
  double lo[3], hi[3];
  for (int c = 0; c < 3; c++)
    g_assert_true(hilum_otsu_range(volume, NULL, -1000, 3000, 3, c + 1, &lo[c], &hi[c], NULL, &error));
  g_assert_cmpfloat(lo[0], ==, -1000);
  g_assert_cmpfloat(hi[0], ==, lo[1]);
  g_assert_cmpfloat(hi[1], ==, lo[2]);
  g_assert_cmpfloat(hi[2], ==, 3000);
  g_assert_cmpfloat(hi[0], >, -60);
  g_assert_cmpfloat(hi[0], <, 120);
  g_assert_cmpfloat(hi[1], >, 200);
  g_assert_cmpfloat(hi[1], <, 650);
  /* Between two stored values, so that no voxel is in two classes. */
  const double stored = (hi[0] + 1024) / 0.5;
  g_assert_cmpfloat_with_epsilon(stored - floor(stored), 0.5, 1e-9);

  /* In a mask that holds no bone, two classes are fat and kidney. */
  g_autoptr(HilumMask) inside = hilum_mask_new(hilum_volume_get_grid(volume)->dims, NULL);
  for (int k = 0; k < 20; k++)
    for (int j = 0; j < 20; j++)
      hilum_mask_set_span(inside, 8, 32, j, k);
  double a, b;
  g_assert_true(hilum_otsu_range(volume, inside, -INFINITY, INFINITY, 2, 2, &a, &b, NULL, &error));
  g_assert_cmpfloat(a, >, -60);
  g_assert_cmpfloat(a, <, 120);
  g_assert_true(isinf(b));
  g_assert_false(hilum_otsu_range(volume, NULL, 5000, 6000, 2, 1, &a, &b, NULL, &error));
  g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY);
}

static void test_suggest(void)
{
  g_autoptr(HilumVolume) volume = make_layers();
  double lo, hi;
  bool two;
  /* In the kidney beside fat: down to the valley between them, up to three standard deviations. */
  hilum_suggest_range(volume, (HilumVoxel){23, 10, 10}, 6, &lo, &hi, &two);
  g_assert_true(two);
  g_assert_cmpfloat(lo, >, -60);
  g_assert_cmpfloat(lo, <, 120);
  g_assert_cmpfloat_with_epsilon(hi, 160 + 3 * 12, 6);
  /* The same ball from the other side. */
  hilum_suggest_range(volume, (HilumVoxel){16, 10, 10}, 6, &lo, &hi, &two);
  g_assert_true(two);
  g_assert_cmpfloat_with_epsilon(lo, -100 - 3 * 12, 6);
  g_assert_cmpfloat(hi, >, -60);
  g_assert_cmpfloat(hi, <, 120);
  /* Nothing but kidney, whatever is outside the ball; clipped at the volume's corner too. */
  hilum_suggest_range(volume, (HilumVoxel){27, 10, 10}, 4, &lo, &hi, &two);
  g_assert_false(two);
  g_assert_cmpfloat_with_epsilon(lo, 160 - 2.5 * 12, 5);
  g_assert_cmpfloat_with_epsilon(hi, 160 + 2.5 * 12, 5);
  hilum_suggest_range(volume, (HilumVoxel){0, 0, 0}, 5, &lo, &hi, &two);
  g_assert_false(two);
  g_assert_cmpfloat_with_epsilon((lo + hi) / 2, -100, 5);
  hilum_suggest_range(volume, (HilumVoxel){0, 0, 0}, 0.1, &lo, &hi, &two); /* one voxel */
  g_assert_cmpfloat_with_epsilon(hi - lo, 1, 1e-9);
}

/* --- presets --- */

static void test_presets(void)
{
  static const char *const phases[] = {"unenhanced", "arterial", "nephrographic", "excretory", NULL};
  const HilumRangePreset *p;
  size_t n = 0;
  for (; (p = hilum_range_preset_at(n)) != NULL; n++) {
    g_assert_true(hilum_range_preset_find(p->id) == p); /* ids are unique */
    g_assert_true(g_strv_contains(phases, p->phase));
    g_assert_true(g_str_has_suffix(p->id, p->phase));
    g_assert_cmpfloat(p->lo, <, p->hi);
    g_assert_cmpuint(strlen(p->source), >, 10);
  }
  g_assert_cmpuint(n, >, 20);
  g_assert_null(hilum_range_preset_find("liver-arterial"));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/range/otsu-brute", test_otsu_brute);
  g_test_add_func("/segment/range/otsu-full", test_otsu_full);
  g_test_add_func("/segment/range/otsu-range", test_otsu_range);
  g_test_add_func("/segment/range/suggest", test_suggest);
  g_test_add_func("/segment/range/presets", test_presets);
  return g_test_run();
}
