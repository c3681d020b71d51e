/* The phantom from outside: options, determinism, anatomy of the truth, HU of the phases, cancellation. On a
 * coarse grid of the same field of view. */
#include "hilum/base/parallel.h"
#include "hilum/filter/components.h"
#include "hilum/phantom/phantom.h"

#include <math.h>
#include <string.h>

static const HilumPhantomOptions coarse = {.dims = {192, 192, 120}, .spacing_mm = {1.6, 1.6, 2.0}};
static const HilumPhantomOptions tiny = {.dims = {61, 59, 37}, .spacing_mm = {5.0, 5.2, 6.4}};

static void test_options(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumPhantom) p = hilum_phantom_new(NULL, &error);
  g_assert_no_error(error);
  const HilumGrid *g = hilum_phantom_get_grid(p);
  g_assert_cmpint(g->dims[0], ==, 384);
  g_assert_cmpint(g->dims[2], ==, 240);
  g_assert_cmpfloat(g->axes[0].x, ==, 1); /* left, posterior, superior */
  g_assert_cmpfloat(g->axes[1].y, ==, 1);
  g_assert_cmpfloat(g->axes[2].z, ==, 1);
  HilumPhantomOptions bad = {.dims = {10, 0, 10}};
  g_assert_null(hilum_phantom_new(&bad, &error));
  g_assert_nonnull(error);
  g_clear_error(&error);
  bad = (HilumPhantomOptions){.noise_hu = NAN};
  g_assert_null(hilum_phantom_new(&bad, &error));
  g_assert_nonnull(error);
}

static GBytes *render_bytes(unsigned threads, uint64_t seed, HilumPhantomPhase phase)
{
  hilum_parallel_set_threads(threads);
  HilumPhantomOptions o = tiny;
  o.seed = seed;
  g_autoptr(HilumPhantom) p = hilum_phantom_new(&o, NULL);
  g_autoptr(HilumVolume) v = hilum_phantom_render(p, phase, NULL, NULL);
  g_assert_nonnull(v);
  GBytes *bytes =
      g_bytes_new(hilum_volume_get_voxels(v), hilum_grid_count(hilum_phantom_get_grid(p)) * sizeof(int16_t));
  hilum_parallel_set_threads(0);
  return bytes;
}

static void test_deterministic(void)
{
  g_autoptr(GBytes) one = render_bytes(1, 5, HILUM_PHANTOM_ARTERIAL);
  g_autoptr(GBytes) three = render_bytes(3, 5, HILUM_PHANTOM_ARTERIAL);
  g_autoptr(GBytes) again = render_bytes(3, 5, HILUM_PHANTOM_ARTERIAL);
  g_autoptr(GBytes) other = render_bytes(3, 6, HILUM_PHANTOM_ARTERIAL);
  g_autoptr(GBytes) phase = render_bytes(3, 5, HILUM_PHANTOM_EXCRETORY);
  g_assert_true(g_bytes_equal(one, three));
  g_assert_true(g_bytes_equal(three, again));
  g_assert_false(g_bytes_equal(one, other));
  g_assert_false(g_bytes_equal(one, phase));
}

static void test_names(void)
{
  g_assert_cmpstr(hilum_phantom_structure_name(HILUM_PHANTOM_PARENCHYMA), ==, "Parenchyma");
  g_assert_cmpstr(hilum_phantom_phase_name(HILUM_PHANTOM_EXCRETORY), ==, "Excretory");
  for (int s = 0; s < HILUM_PHANTOM_STRUCTURES; s++)
    g_assert_cmpuint(strlen(hilum_phantom_structure_name((HilumPhantomStructure)s)), >, 0);
}

/* Largest component's share of a label. */
static double connected_share(HilumLabelSnapshot *truth, HilumPhantomStructure s)
{
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(truth, (uint8_t)s, NULL);
  g_autoptr(HilumComponents) c = hilum_components_new(mask, HILUM_CONNECT_26, NULL, NULL);
  uint32_t largest = hilum_components_get_largest(c);
  return (double)hilum_components_get_size(c, largest) / (double)hilum_mask_count(mask);
}

static void test_anatomy(void)
{
  HilumPhantomOptions o = coarse;
  o.spacing_mm[0] = o.spacing_mm[1] = 0.8; /* the kidneys' part only, fine enough for thin vessels */
  o.spacing_mm[2] = 1.0;
  o.dims[0] = 320; /* 256 x 112 x 150 mm around both kidneys */
  o.dims[1] = 140;
  o.dims[2] = 150;
  g_autoptr(HilumPhantom) p = hilum_phantom_new(&o, NULL);
  g_autoptr(HilumLabelSnapshot) truth = hilum_phantom_truth(p, NULL, NULL);
  const HilumGrid *g = hilum_phantom_get_grid(p);
  const double ml = hilum_grid_voxel_mm3(g) / 1000;
  const struct {
    HilumPhantomStructure s;
    double lo, hi;
  } ranges[] = {
      {HILUM_PHANTOM_PARENCHYMA, 130, 190}, {HILUM_PHANTOM_TUMOUR, 15, 30}, {HILUM_PHANTOM_CYST, 2, 8}};
  for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
    double v = (double)hilum_label_snapshot_count(truth, (uint8_t)ranges[i].s) * ml;
    g_test_message("%s %.2f ml", hilum_phantom_structure_name(ranges[i].s), v);
    g_assert_cmpfloat(v, >, ranges[i].lo);
    g_assert_cmpfloat(v, <, ranges[i].hi);
    HilumVoxelBox b = hilum_label_snapshot_bounds(truth, (uint8_t)ranges[i].s);
    g_assert_cmpfloat(hilum_grid_voxel_to_mm(g, (HilumVoxel){b.lo[0], 0, 0}).x, >, 0); /* on the left */
    for (int a = 0; a < 3; a++) {                                                      /* whole */
      g_assert_cmpint(b.lo[a], >, 0);
      g_assert_cmpint(b.hi[a], <, g->dims[a]);
    }
  }
  HilumVoxelBox right = hilum_label_snapshot_bounds(truth, HILUM_PHANTOM_OTHER_KIDNEY);
  g_assert_cmpfloat(hilum_grid_voxel_to_mm(g, (HilumVoxel){right.hi[0], 0, 0}).x, <, 0);
  const HilumPhantomStructure whole[] = {HILUM_PHANTOM_PARENCHYMA, HILUM_PHANTOM_TUMOUR,
                                         HILUM_PHANTOM_CYST,       HILUM_PHANTOM_ARTERY,
                                         HILUM_PHANTOM_VEIN,       HILUM_PHANTOM_COLLECTING};
  for (size_t i = 0; i < G_N_ELEMENTS(whole); i++) {
    double share = connected_share(truth, whole[i]);
    g_test_message("%s: %.5f in one piece", hilum_phantom_structure_name(whole[i]), share);
    g_assert_cmpfloat(share, >, whole[i] == HILUM_PHANTOM_PARENCHYMA ? 0.999 : 0.9999);
  }
}

/* The middle of each structure has the HU of the table, and the noise the deviation that was asked for. */
static void test_hu(void)
{
  HilumPhantomOptions o = coarse;
  g_autoptr(HilumPhantom) p = hilum_phantom_new(&o, NULL);
  const HilumGrid *g = hilum_phantom_get_grid(p);
  const HilumPhantomStructure solid[] = {HILUM_PHANTOM_TUMOUR, HILUM_PHANTOM_CYST, HILUM_PHANTOM_ARTERY,
                                         HILUM_PHANTOM_LIVER};
  for (int phase = 0; phase < HILUM_PHANTOM_PHASES; phase++) {
    g_autoptr(HilumVolume) v = hilum_phantom_render(p, (HilumPhantomPhase)phase, NULL, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(solid); i++) {
      HilumVoxel at = hilum_grid_voxel_at_mm(g, hilum_phantom_seed_mm(p, solid[i]));
      double sum = 0;
      for (int n = 0; n < 27; n++)
        sum +=
            hilum_volume_get_value(v, (HilumVoxel){at.i + n % 3 - 1, at.j + n / 3 % 3 - 1, at.k + n / 9 - 1});
      g_assert_cmpfloat(fabs(sum / 27 - hilum_phantom_hu(solid[i], (HilumPhantomPhase)phase)), <, 13);
    }
  }
}

static void test_noise(void)
{
  HilumPhantomOptions o = coarse;
  o.dims[2] = 12; /* liver and air are all that is looked at */
  g_autoptr(HilumPhantom) noisy = hilum_phantom_new(&o, NULL);
  o.noise_hu = -1;
  g_autoptr(HilumPhantom) quiet = hilum_phantom_new(&o, NULL);
  g_autoptr(HilumVolume) a = hilum_phantom_render(noisy, HILUM_PHANTOM_ARTERIAL, NULL, NULL);
  g_autoptr(HilumVolume) b = hilum_phantom_render(quiet, HILUM_PHANTOM_ARTERIAL, NULL, NULL);
  const int16_t *x = hilum_volume_get_voxels(a), *y = hilum_volume_get_voxels(b);
  double sum = 0, sum2 = 0;
  size_t n = 0;
  for (size_t i = 0; i < hilum_grid_count(hilum_phantom_get_grid(noisy)); i++) {
    if (y[i] < -950) continue; /* the floor of -1024 cuts the noise of air */
    double d = x[i] - y[i];
    sum += d;
    sum2 += d * d;
    n++;
  }
  double mean = sum / (double)n, sd = sqrt(sum2 / (double)n - mean * mean);
  g_test_message("noise: mean %.3f, deviation %.3f HU", mean, sd);
  g_assert_cmpfloat(fabs(mean), <, 0.2);
  g_assert_cmpfloat(fabs(sd - 10), <, 0.3);
}

static void test_cancel(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_cancellable_cancel(cancellable);
  HilumProgress progress = {.cancellable = cancellable};
  g_autoptr(HilumPhantom) p = hilum_phantom_new(&tiny, NULL);
  g_assert_null(hilum_phantom_render(p, HILUM_PHANTOM_ARTERIAL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  /* A cancelled making leaves nothing behind: the next one works. */
  g_autoptr(HilumVolume) v = hilum_phantom_render(p, HILUM_PHANTOM_ARTERIAL, NULL, &error);
  g_assert_no_error(error);
  g_assert_nonnull(v);
  g_assert_null(hilum_phantom_render(p, HILUM_PHANTOM_ARTERIAL, &progress, &error));
  g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/phantom/options", test_options);
  g_test_add_func("/phantom/deterministic", test_deterministic);
  g_test_add_func("/phantom/names", test_names);
  g_test_add_func("/phantom/anatomy", test_anatomy);
  g_test_add_func("/phantom/hu", test_hu);
  g_test_add_func("/phantom/noise", test_noise);
  g_test_add_func("/phantom/cancel", test_cancel);
  return g_test_run();
}
