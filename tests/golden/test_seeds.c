/* Grow from seeds on the full-size phantom: the strokes of the sample kidney over three phases, and the
 * overlap with the truth that they must reach. Strokes are those of phantom seed 1. */
#include "hilum/base/parallel.h"
#include "hilum/phantom/phantom.h"
#include "hilum/segment/seeds.h"

static const struct {
  const char *name;
  HilumPhantomStructure truth;
  double dice;
} structures[] = {{"Parenchyma", HILUM_PHANTOM_PARENCHYMA, 0.95},
                  {"Tumour", HILUM_PHANTOM_TUMOUR, 0.90},
                  {"Cyst", HILUM_PHANTOM_CYST, 0.85},
                  {"Arteries", HILUM_PHANTOM_ARTERY, 0.85},
                  {"Veins", HILUM_PHANTOM_VEIN, 0.85},
                  {"Collecting system", HILUM_PHANTOM_COLLECTING, 0.85}};

static GArray *load_strokes(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path =
      g_build_filename(HILUM_SOURCE_DIR, "resources", "protocols", "sample-kidney", "kidney.strokes", NULL);
  GArray *strokes = hilum_strokes_load(path, &error);
  g_assert_no_error(error);
  for (guint s = 0; s < strokes->len; s++) {
    HilumStroke *stroke = &g_array_index(strokes, HilumStroke, s);
    for (size_t n = 0; stroke->structure != NULL && n < G_N_ELEMENTS(structures); n++)
      if (g_str_equal(stroke->structure, structures[n].name)) stroke->label = (uint8_t)structures[n].truth;
    g_assert_true(stroke->structure == NULL || stroke->label != 0);
  }
  return strokes;
}

static void check_overlap(const HilumSeedGrowth *growth, HilumLabelSnapshot *truth)
{
  for (size_t n = 0; n < G_N_ELEMENTS(structures); n++) {
    g_autoptr(HilumMask) got = hilum_seed_growth_dup_mask(growth, (uint8_t)structures[n].truth, NULL);
    g_autoptr(HilumMask) real = hilum_label_snapshot_dup_mask(truth, (uint8_t)structures[n].truth, NULL);
    const double sum = (double)hilum_mask_count(got) + (double)hilum_mask_count(real);
    hilum_mask_and(real, got);
    const double dice = 2 * (double)hilum_mask_count(real) / sum;
    g_test_message("%s: Dice %.4f", structures[n].name, dice);
    g_assert_cmpfloat(dice, >=, structures[n].dice);
  }
}

static void test_sample(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumPhantom) phantom = hilum_phantom_new(NULL, &error);
  g_assert_no_error(error);
  HilumVolume *volumes[HILUM_PHANTOM_PHASES];
  for (int p = 0; p < HILUM_PHANTOM_PHASES; p++) {
    volumes[p] = hilum_phantom_render(phantom, (HilumPhantomPhase)p, NULL, &error);
    g_assert_no_error(error);
  }
  g_autoptr(HilumLabelSnapshot) truth = hilum_phantom_truth(phantom, NULL, &error);
  g_assert_no_error(error);
  g_autoptr(GArray) strokes = load_strokes();
  g_assert_cmpuint(strokes->len, <=, 40);
  const HilumSeedOptions options = {.volumes = volumes, .n_volumes = HILUM_PHANTOM_PHASES};
  const gint64 started = g_get_monotonic_time();
  g_autoptr(HilumSeedGrowth) growth =
      hilum_seed_growth_new(&options, (const HilumStroke *)(void *)strokes->data, strokes->len, NULL, &error);
  g_assert_no_error(error);
  const HilumVoxelBox box = hilum_seed_growth_get_box(growth);
  g_test_message("%u strokes, %d x %d x %d voxels, %u threads: %.2f s", strokes->len, box.hi[0] - box.lo[0],
                 box.hi[1] - box.lo[1], box.hi[2] - box.lo[2], hilum_parallel_threads(),
                 (double)(g_get_monotonic_time() - started) / 1e6);
  check_overlap(growth, truth);
  for (int p = 0; p < HILUM_PHANTOM_PHASES; p++)
    hilum_volume_unref(volumes[p]);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/golden/seeds/sample", test_sample);
  return g_test_run();
}
