/* The kidney guide headless: protocols on the full-size phantom with one click a structure, against the
 * truth. The bounds are those that the guide promises; what was measured stands in docs/segmentation.md. */
#include "hilum/base/memory.h"
#include "hilum/phantom/phantom.h"
#include "hilum/segment/kidney.h"
#include "hilum/segment/protocol.h"

#include <math.h>
#include <string.h>

/* Clicks that somebody would make on seed 1, and the least overlap (0: not asked). */
typedef struct {
  const char *structure;
  HilumPhantomStructure truth;
  HilumVec3 click_mm;
  double three_phases, two_phases; /* Dice */
} Expected;

static const Expected expected[] = {
    {"Parenchyma", HILUM_PHANTOM_PARENCHYMA, {82.3, 32.6, 13.4}, 0.95, 0.95},
    {"Other kidney", HILUM_PHANTOM_OTHER_KIDNEY, {-82.3, 32.6, 1.4}, 0.94, 0.94},
    {"Arteries", HILUM_PHANTOM_ARTERY, {9.8, 6.6, 14}, 0.85, 0.85},
    {"Collecting system", HILUM_PHANTOM_COLLECTING, {41.2, 8.5, -3.5}, 0.85, 0.75},
    {"Cyst", HILUM_PHANTOM_CYST, {74.1, 40.9, 31.2}, 0.95, 0.95},
    {"Tumour", HILUM_PHANTOM_TUMOUR, {83.6, 11.3, -20}, 0.90, 0.90},
    {"Veins", HILUM_PHANTOM_VEIN, {-20, 5, 4}, 0.85, 0.85}};

static uint8_t label_of(const char *name)
{
  for (size_t n = 0; n < G_N_ELEMENTS(expected); n++)
    if (g_ascii_strcasecmp(name, expected[n].structure) == 0) return (uint8_t)(n + 1);
  g_error("no label for %s", name);
}

static uint8_t find_label(const char *name, void *data)
{
  return label_of(name);
}

typedef struct {
  HilumPhantom *phantom;
  HilumVolume *volumes[HILUM_PHANTOM_PHASES];
  HilumLabelSnapshot *truth;
} Study;

static Study study;

static void run_stage(const HilumProtocol *protocol, size_t stage, const HilumProtocolRun *run,
                      HilumLabelMap *map)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) steps = hilum_protocol_make_steps(protocol, stage, run, &error);
  g_assert_no_error(error);
  const uint8_t label = label_of(hilum_protocol_get_stage(protocol, stage)->structure);
  g_autoptr(HilumLabelSnapshot) before = hilum_label_map_snapshot(map);
  const HilumStepContext context = {run->volumes, run->n_phases, before, label, find_label, NULL};
  g_autoptr(HilumMask) mask =
      hilum_steps_run(&context, (const HilumStep *)(void *)steps->data, steps->len, NULL, NULL, &error);
  g_assert_no_error(error);
  const HilumLabelWrite write = {.label = label, .mode = HILUM_LABEL_REPLACE};
  g_autoptr(HilumLabelDelta) delta =
      hilum_label_delta_new_from_mask(before, mask, NULL, &write, NULL, &error);
  g_assert_no_error(error);
  g_assert_true(hilum_label_map_apply(map, delta, true));
}

static double overlap(HilumLabelSnapshot *got, uint8_t label, HilumPhantomStructure structure)
{
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(got, label, NULL);
  g_autoptr(HilumMask) real = hilum_label_snapshot_dup_mask(study.truth, (uint8_t)structure, NULL);
  const double n = (double)hilum_mask_count(mask), m = (double)hilum_mask_count(real);
  hilum_mask_and(real, mask);
  return 2 * (double)hilum_mask_count(real) / (n + m);
}

/* All stages of a built-in protocol on the first n_phases of `kinds`. The finished map. */
static HilumLabelMap *run_protocol(const char *id, HilumVolume *const *volumes, const char *const *kinds,
                                   size_t n_phases)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumProtocol) protocol = hilum_protocol_load_builtin(id, &error);
  g_assert_no_error(error);
  const size_t n = hilum_protocol_get_count(protocol);
  g_autofree HilumVec3 *clicks = g_new0(HilumVec3, n);
  g_autofree bool *clicked = g_new0(bool, n);
  for (size_t s = 0; s < n; s++) {
    const HilumStage *stage = hilum_protocol_get_stage(protocol, s);
    if (stage->click == HILUM_CLICK_NONE) continue;
    clicks[s] = expected[label_of(stage->structure) - 1].click_mm;
    clicked[s] = true;
  }
  const HilumProtocolRun run = {volumes, kinds, n_phases, clicks, clicked};
  HilumLabelMap *map = hilum_label_map_new(hilum_phantom_get_grid(study.phantom), &error);
  g_assert_no_error(error);
  for (size_t s = 0; s < n; s++)
    run_stage(protocol, s, &run, map);
  return map;
}

static void check(HilumLabelMap *map, bool three)
{
  g_autoptr(HilumLabelSnapshot) got = hilum_label_map_snapshot(map);
  for (size_t n = 0; n < G_N_ELEMENTS(expected); n++) {
    const Expected *e = &expected[n];
    const double dice = overlap(got, (uint8_t)(n + 1), e->truth);
    g_test_message("%s: Dice %.4f", e->structure, dice);
    g_assert_cmpfloat(dice, >=, three ? e->three_phases : e->two_phases);
  }
}

static void test_three_phases(void)
{
  static const char *const kinds[] = {"arterial", "nephrographic", "excretory"};
  g_autoptr(HilumLabelMap) map = run_protocol("ct-three-phases", study.volumes, kinds, 3);
  check(map, true);
}

static void test_two_phases(void)
{
  static const char *const kinds[] = {"nephrographic", "arterial"}; /* whatever their order */
  HilumVolume *const volumes[] = {study.volumes[1], study.volumes[0]};
  g_autoptr(HilumLabelMap) map = run_protocol("ct-two-phases", volumes, kinds, 2);
  check(map, false);
}

/* A click in the cortex alone: the tumour and the cyst are what is left over and round. */
static void test_candidates(void)
{
  g_autoptr(GError) error = NULL;
  HilumVolume *volume = study.volumes[1];
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const HilumVoxel click = hilum_grid_voxel_at_mm(grid, expected[0].click_mm);
  g_autoptr(HilumMask) cortex = hilum_threshold(volume, 145, 230, NULL, &error);
  HilumKidneyReport report;
  g_autoptr(HilumMask) kidney = hilum_kidney_from_click(volume, click, cortex, &report, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpfloat(report.lo, <, report.bright);
  g_autoptr(GArray) found = hilum_kidney_find_candidates(volume, kidney, NULL, NULL, &error);
  g_assert_no_error(error);
  bool tumour = false;
  for (guint n = 0; n < found->len; n++) {
    const HilumKidneyCandidate *c = &g_array_index(found, HilumKidneyCandidate, n);
    const HilumVoxel v = hilum_grid_voxel_at_mm(grid, c->center_mm);
    g_assert_true(hilum_grid_contains(grid, v));
    g_test_message("%.1f ml, roundness %.2f, mean %.0f", c->ml, c->roundness, c->mean);
    g_assert_cmpfloat(c->ml, >=, 0.5);
    g_assert_cmpfloat(c->roundness, >=, 0.25);
    tumour |= hilum_label_snapshot_get(study.truth, v) == HILUM_PHANTOM_TUMOUR;
  }
  g_assert_true(tumour);
}

static void test_no_contrast(void)
{
  g_autoptr(GError) error = NULL;
  const HilumGrid grid = hilum_grid_new(80, 80, 80, 2, 2, 2);
  int16_t *voxels = hilum_big_alloc(hilum_grid_count(&grid) * sizeof *voxels, NULL);
  for (size_t i = 0; i < hilum_grid_count(&grid); i++)
    voxels[i] = (int16_t)(40 + (int)(i % 7));
  g_autoptr(HilumVolume) volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", NULL);
  g_assert_null(hilum_kidney_from_click(volume, (HilumVoxel){40, 40, 40}, NULL, NULL, NULL, &error));
  g_assert_nonnull(error);
  g_clear_error(&error);
  g_assert_null(hilum_kidney_from_click(volume, (HilumVoxel){80, 0, 0}, NULL, NULL, NULL, &error));
  g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_autoptr(GError) error = NULL;
  study.phantom = hilum_phantom_new(NULL, &error);
  g_assert_no_error(error);
  for (int p = 0; p < HILUM_PHANTOM_PHASES; p++) {
    study.volumes[p] = hilum_phantom_render(study.phantom, (HilumPhantomPhase)p, NULL, &error);
    g_assert_no_error(error);
  }
  study.truth = hilum_phantom_truth(study.phantom, NULL, &error);
  g_assert_no_error(error);
  g_test_add_func("/golden/guide/three-phases", test_three_phases);
  g_test_add_func("/golden/guide/two-phases", test_two_phases);
  g_test_add_func("/golden/guide/candidates", test_candidates);
  g_test_add_func("/golden/guide/no-contrast", test_no_contrast);
  const int status = g_test_run();
  for (int p = 0; p < HILUM_PHANTOM_PHASES; p++)
    hilum_volume_unref(study.volumes[p]);
  hilum_label_snapshot_unref(study.truth);
  hilum_phantom_free(study.phantom);
  return status;
}
