/* The recipes of the sample kidney, run in their documented order on the full-size phantom: parenchyma and
 * tumour within 2 % of true volume, arteries, veins and collecting system within 10 %, and the overlap with
 * the truth. Seeds in the recipes are those of phantom seed 1. */
#include "hilum/phantom/phantom.h"
#include "hilum/segment/step.h"

#include <math.h>

static const char *const names[] = {"",      "Parenchyma",        "Tumour",      "Cyst", "Arteries",
                                    "Veins", "Collecting system", "Right kidney"};

static uint8_t find_label(const char *name, void *data)
{
  for (uint8_t i = 1; i < G_N_ELEMENTS(names); i++)
    if (g_str_equal(name, names[i])) return i;
  return 0;
}

/* A structure of the recipes, and what of the truth it stands for. */
static const HilumPhantomStructure truth_of[] = {0,
                                                 HILUM_PHANTOM_PARENCHYMA,
                                                 HILUM_PHANTOM_TUMOUR,
                                                 HILUM_PHANTOM_CYST,
                                                 HILUM_PHANTOM_ARTERY,
                                                 HILUM_PHANTOM_VEIN,
                                                 HILUM_PHANTOM_COLLECTING,
                                                 HILUM_PHANTOM_OTHER_KIDNEY};

typedef struct {
  const char *recipe;
  uint8_t label;
  double tolerance; /* relative, on the volume; 0: a rough step on the way */
  double dice;
} Stage;

static const Stage stages[] = {{"1-collecting-system", 6, 0.10, 0.95},
                               {"2-arteries", 4, 0.10, 0.95},
                               {"3-cyst", 3, 0.05, 0.96},
                               {"4-tumour", 2, 0.02, 0.97},
                               {"5-right-kidney", 7, 0, 0},
                               {"6-kidney-body", 1, 0, 0},
                               {"7-veins", 5, 0.10, 0.94},
                               {"8-parenchyma", 1, 0.02, 0.97}};

static void run_stage(const Stage *stage, HilumVolume *const *volumes, HilumLabelMap *map)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path =
      g_strdup_printf("%s/resources/protocols/sample-kidney/%s.recipe", HILUM_SOURCE_DIR, stage->recipe);
  g_autoptr(GArray) steps = hilum_steps_load_recipe(path, &error);
  g_assert_no_error(error);
  g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(map);
  HilumStepContext context = {volumes, HILUM_PHANTOM_PHASES, before, stage->label, find_label, NULL};
  g_autoptr(HilumMask) mask =
      hilum_steps_run(&context, (const HilumStep *)(void *)steps->data, steps->len, NULL, NULL, &error);
  g_assert_no_error(error);
  HilumLabelWrite write = {.label = stage->label, .mode = HILUM_LABEL_REPLACE};
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(before, mask, NULL, &write, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_label_map_apply(map, delta, true));
}

static void check_stage(const Stage *stage, HilumLabelSnapshot *got, HilumLabelSnapshot *truth)
{
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(got, stage->label, NULL);
  const HilumPhantomStructure s = truth_of[stage->label];
  g_autoptr(HilumMask) real = hilum_label_snapshot_dup_mask(truth, (uint8_t)s, NULL);
  const double n = (double)hilum_mask_count(mask), m = (double)hilum_mask_count(real);
  hilum_mask_and(real, mask);
  const double dice = 2 * (double)hilum_mask_count(real) / (n + m), off = n / m - 1;
  const double ml = hilum_grid_voxel_mm3(hilum_label_snapshot_get_grid(truth)) / 1000;
  g_test_message("%s: %.2f ml, true %.2f ml, %+.2f %%, Dice %.4f", names[stage->label], n * ml, m * ml,
                 100 * off, dice);
  if (stage->tolerance <= 0) return;
  g_assert_cmpfloat(fabs(off), <=, stage->tolerance);
  g_assert_cmpfloat(dice, >=, stage->dice);
}

static void test_recipes(void)
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
  g_autoptr(HilumLabelMap) map = hilum_label_map_new(hilum_phantom_get_grid(phantom), &error);
  g_assert_no_error(error);
  for (size_t i = 0; i < G_N_ELEMENTS(stages); i++)
    run_stage(&stages[i], volumes, map);
  /* Only at the end: a later structure must not have eaten an earlier one. */
  g_autoptr(HilumLabelSnapshot) final = hilum_label_map_snapshot(map);
  for (size_t i = 0; i < G_N_ELEMENTS(stages); i++)
    check_stage(&stages[i], final, truth);
  for (int p = 0; p < HILUM_PHANTOM_PHASES; p++)
    hilum_volume_unref(volumes[p]);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/golden/segment/recipes", test_recipes);
  return g_test_run();
}
