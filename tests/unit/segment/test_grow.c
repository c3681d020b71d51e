/* The limits of region growing against plain loops: confidence, barrier, ball; their errors. */
#include "hilum/segment/threshold.h"

#include "grids.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

/* Two soft blobs joined by a bridge, over noise; slope and intercept of their own. */
static HilumVolume *make_blobs(uint64_t seed, int32_t nx)
{
  const HilumGrid g = hilum_grid_new(nx, 24, 18, 0.8, 0.9, 1.7);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&g) * sizeof *voxels, NULL);
  for (size_t v = 0; v < hilum_grid_count(&g); v++) {
    const HilumVoxel at = voxel_at(&g, v);
    const double a = pow(at.i - 14, 2) + pow(at.j - 12, 2) + 3 * pow(at.k - 9, 2);
    const double b = pow(at.i - 34, 2) + pow(at.j - 12, 2) + 3 * pow(at.k - 9, 2);
    const double bridge = at.i > 14 && at.i < 34 && abs(at.j - 12) < 2 && abs(at.k - 9) < 2;
    const double value =
        fmax(fmax(180 / (1 + exp((a - 50) / 14)), 150 / (1 + exp((b - 50) / 14))), 90 * bridge);
    voxels[v] = (int16_t)lround(2 * (value + 16 * (hilum_random_uniform(seed, v) - 0.5)));
  }
  return hilum_volume_new_take(&g, voxels, 0.5, 7, "HU", NULL);
}

typedef struct {
  const HilumVolume *volume;
  const HilumGrid *g;
  uint8_t *may, *in;
} Brute;

/* Flood by repeated passes; connectivity 6. */
static void flood(Brute *b, const HilumVoxel *seeds, size_t n_seeds)
{
  memset(b->in, 0, hilum_grid_count(b->g));
  for (size_t s = 0; s < n_seeds; s++)
    b->in[hilum_grid_offset(b->g, seeds[s])] = b->may[hilum_grid_offset(b->g, seeds[s])];
  for (bool more = true; more;) {
    more = false;
    for (size_t v = 0; v < hilum_grid_count(b->g); v++) {
      if (b->in[v] || !b->may[v]) continue;
      const HilumVoxel at = voxel_at(b->g, v);
      for (int n = 0; n < 6 && !b->in[v]; n++) {
        HilumVoxel o = at;
        *(n / 2 == 0 ? &o.i : n / 2 == 1 ? &o.j : &o.k) += n & 1 ? 1 : -1;
        if (hilum_grid_contains(b->g, o) && b->in[hilum_grid_offset(b->g, o)]) b->in[v] = 1;
      }
      more |= b->in[v];
    }
  }
}

static double value(const Brute *b, int32_t i, int32_t j, int32_t k)
{
  return hilum_volume_get_value(b->volume, (HilumVoxel){i, j, k});
}

static double gradient(const Brute *b, HilumVoxel v)
{
  double squares = 0;
  for (int a = 0; a < 3; a++) {
    int32_t lo[3] = {v.i, v.j, v.k}, hi[3] = {v.i, v.j, v.k};
    if (lo[a] > 0) lo[a]--;
    if (hi[a] + 1 < b->g->dims[a]) hi[a]++;
    if (hi[a] == lo[a]) continue;
    const double d = value(b, hi[0], hi[1], hi[2]) - value(b, lo[0], lo[1], lo[2]);
    squares += pow(d / ((hi[a] - lo[a]) * b->g->spacing_mm[a]), 2);
  }
  return sqrt(squares);
}

static void allow_range(Brute *b, double lo, double hi)
{
  for (size_t v = 0; v < hilum_grid_count(b->g); v++) {
    const double x = hilum_volume_get_value(b->volume, voxel_at(b->g, v));
    b->may[v] = x >= lo && x <= hi;
  }
}

static void assert_equal(const Brute *b, const HilumMask *mask)
{
  for (size_t v = 0; v < hilum_grid_count(b->g); v++)
    g_assert_cmpint(hilum_mask_get(mask, voxel_at(b->g, v)), ==, b->in[v]);
}

static void test_confidence(void)
{
  for (uint64_t round = 0; round < 6; round++) {
    g_autoptr(HilumVolume) volume = make_blobs(round, round & 1 ? 48 : 70);
    const HilumGrid *g = hilum_volume_get_grid(volume);
    g_autofree uint8_t *may = g_new0(uint8_t, hilum_grid_count(g)),
                       *in = g_new0(uint8_t, hilum_grid_count(g));
    Brute b = {volume, g, may, in};
    const HilumVoxel seeds[2] = {{14, 12, 9}, {15, 11, 9}};
    const HilumGrowOptions o = {
        .seeds = seeds, .n_seeds = 1 + round % 2, .confidence = 2.5, .iterations = 1 + (int)round};
    double got_lo, got_hi;
    g_autoptr(HilumMask) mask = hilum_grow(volume, &o, &got_lo, &got_hi, NULL, NULL);
    g_assert_nonnull(mask);
    double mean = 0, variance = 0;
    for (size_t s = 0; s < o.n_seeds; s++) {
      double m, sd;
      hilum_neighbourhood_stats(volume, seeds[s], 1, &m, &sd);
      mean += m / (double)o.n_seeds;
      variance += sd * sd / (double)o.n_seeds;
    }
    double lo = mean - 2.5 * sqrt(variance), hi = mean + 2.5 * sqrt(variance);
    for (size_t s = 0; s < o.n_seeds; s++) {
      lo = fmin(lo, hilum_volume_get_value(volume, seeds[s]));
      hi = fmax(hi, hilum_volume_get_value(volume, seeds[s]));
    }
    allow_range(&b, lo, hi);
    flood(&b, seeds, o.n_seeds);
    for (int n = 0; n < o.iterations; n++) {
      double count = 0, sum = 0, squares = 0;
      for (size_t v = 0; v < hilum_grid_count(g); v++)
        if (in[v]) {
          count++;
          sum += hilum_volume_get_value(volume, voxel_at(g, v));
        }
      for (size_t v = 0; v < hilum_grid_count(g); v++)
        if (in[v]) squares += pow(hilum_volume_get_value(volume, voxel_at(g, v)) - sum / count, 2);
      lo = sum / count - 2.5 * sqrt(squares / count);
      hi = sum / count + 2.5 * sqrt(squares / count);
      allow_range(&b, lo, hi);
      flood(&b, seeds, o.n_seeds);
    }
    assert_equal(&b, mask);
    g_assert_cmpfloat(fabs(got_lo - lo), <=, 0.5 + 1e-9); /* the same stored values */
    g_assert_cmpfloat(fabs(got_hi - hi), <=, 0.5 + 1e-9);
  }
}

/* No spread at all: a step each way, and it ends. */
static void test_confidence_flat(void)
{
  const HilumGrid g = hilum_grid_new(10, 10, 10, 1, 1, 1);
  int16_t *voxels = hilum_big_alloc0(1000 * sizeof *voxels, NULL);
  voxels[555] = 40;
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&g, voxels, 1, 0, "HU", NULL);
  const HilumVoxel seed = {1, 1, 1};
  const HilumGrowOptions o = {.seeds = &seed, .n_seeds = 1, .confidence = 2, .iterations = 100};
  double lo, hi;
  g_autoptr(HilumMask) mask = hilum_grow(volume, &o, &lo, &hi, NULL, NULL);
  g_assert_cmpuint(hilum_mask_count(mask), ==, 999);
  g_assert_cmpfloat(lo, ==, -1);
  g_assert_cmpfloat(hi, ==, 1);
}

static void test_barrier(void)
{
  for (uint64_t round = 0; round < 4; round++) {
    g_autoptr(HilumVolume) volume = make_blobs(round, round & 1 ? 48 : 130);
    const HilumGrid *g = hilum_volume_get_grid(volume);
    const size_t n = hilum_grid_count(g);
    g_autofree uint8_t *may = g_new0(uint8_t, n), *in = g_new0(uint8_t, n), *all = g_new0(uint8_t, n);
    Brute b = {volume, g, may, in};
    const HilumVoxel seed = {14, 12, 9};
    const HilumGrowOptions o = {
        .seeds = &seed, .n_seeds = 1, .lo = 60, .hi = 300, .barrier = 18 + 4 * (double)round};
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumMask) mask = hilum_grow(volume, &o, NULL, NULL, NULL, &error);
    allow_range(&b, 60, 300);
    memcpy(all, may, n);
    for (size_t v = 0; v < n; v++)
      if (gradient(&b, voxel_at(g, v)) > o.barrier) may[v] = 0;
    if (!may[hilum_grid_offset(g, seed)]) {
      g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED);
      g_assert_nonnull(strstr(error->message, "barrier"));
      continue;
    }
    g_assert_no_error(error);
    flood(&b, &seed, 1);
    g_autofree uint8_t *core = g_memdup2(in, n);
    for (size_t v = 0; v < n; v++) { /* reached by a face, not passed */
      if (core[v] || !all[v]) continue;
      for (int d = 0; d < 6; d++) {
        HilumVoxel at = voxel_at(g, v);
        *(d / 2 == 0 ? &at.i : d / 2 == 1 ? &at.j : &at.k) += d & 1 ? 1 : -1;
        if (hilum_grid_contains(g, at) && core[hilum_grid_offset(g, at)]) in[v] = 1;
      }
    }
    assert_equal(&b, mask);
    /* It does what it is for: without it the other blob is reached, with it it is not. */
    HilumGrowOptions open = o;
    open.barrier = 0;
    g_autoptr(HilumMask) leaked = hilum_grow(volume, &open, NULL, NULL, NULL, NULL);
    g_assert_true(hilum_mask_get(leaked, (HilumVoxel){34, 12, 9}));
    g_assert_cmpuint(hilum_mask_count(mask), <, hilum_mask_count(leaked));
    hilum_parallel_set_threads(1);
    g_autoptr(HilumMask) one = hilum_grow(volume, &o, NULL, NULL, NULL, NULL);
    hilum_parallel_set_threads(0);
    g_assert_true(hilum_mask_equal(one, mask));
  }
}

static void test_radius(void)
{
  g_autoptr(HilumVolume) volume = make_blobs(1, 48);
  const HilumGrid *g = hilum_volume_get_grid(volume);
  const HilumVoxel seeds[2] = {{14, 12, 9}, {34, 12, 9}};
  for (size_t n_seeds = 1; n_seeds <= 2; n_seeds++) {
    g_autofree uint8_t *may = g_new0(uint8_t, hilum_grid_count(g)),
                       *in = g_new0(uint8_t, hilum_grid_count(g));
    Brute b = {volume, g, may, in};
    const HilumGrowOptions o = {.seeds = seeds, .n_seeds = n_seeds, .lo = 60, .hi = 300, .radius_mm = 4.3};
    g_autoptr(HilumMask) mask = hilum_grow(volume, &o, NULL, NULL, NULL, NULL);
    allow_range(&b, 60, 300);
    for (size_t v = 0; v < hilum_grid_count(g); v++) {
      bool near = false;
      for (size_t s = 0; s < n_seeds; s++)
        near |= hilum_vec3_distance(hilum_grid_voxel_to_mm(g, voxel_at(g, v)),
                                    hilum_grid_voxel_to_mm(g, seeds[s])) <= 4.3;
      if (!near) may[v] = 0;
    }
    flood(&b, seeds, n_seeds);
    assert_equal(&b, mask);
  }
}

static void test_refusals(void)
{
  g_autoptr(HilumVolume) volume = make_blobs(1, 48);
  const HilumVoxel seed = {14, 12, 9};
  const double bad[] = {-1, NAN};
  for (size_t n = 0; n < 2; n++)
    for (int which = 0; which < 3; which++) {
      HilumGrowOptions o = {.seeds = &seed, .n_seeds = 1, .lo = 60, .hi = 300};
      *(which == 0 ? &o.confidence : which == 1 ? &o.barrier : &o.radius_mm) = bad[n];
      g_autoptr(GError) error = NULL;
      g_assert_null(hilum_grow(volume, &o, NULL, NULL, NULL, &error));
      g_assert_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID);
    }
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  const HilumProgress progress = {.cancellable = cancellable};
  const HilumGrowOptions o = {.seeds = &seed, .n_seeds = 1, .confidence = 2, .barrier = 40, .radius_mm = 5};
  g_autoptr(GError) error = NULL;
  g_assert_null(hilum_grow(volume, &o, NULL, NULL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/segment/grow/confidence", test_confidence);
  g_test_add_func("/segment/grow/confidence-flat", test_confidence_flat);
  g_test_add_func("/segment/grow/barrier", test_barrier);
  g_test_add_func("/segment/grow/radius", test_radius);
  g_test_add_func("/segment/grow/refusals", test_refusals);
  return g_test_run();
}
