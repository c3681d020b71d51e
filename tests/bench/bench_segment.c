/* hilum-bench: segmentation. Radii are voxels, as the peers have them: their ball of radius r is the
 * ellipsoid of r + 1/2 voxels, so that the same voxels are asked for here. */
#include "bench.h"

#include "hilum/base/memory.h"
#include "hilum/filter/distance.h"
#include "hilum/filter/gaussian.h"
#include "hilum/filter/gradient.h"
#include "hilum/filter/median.h"
#include "hilum/filter/morphology.h"
#include "hilum/filter/vesselness.h"
#include "hilum/segment/seeds.h"
#include "hilum/segment/threshold.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  const BenchArgs *args;
  HilumVolume *volume;
  HilumMask *mask; /* of lo..hi, made outside of the clock */
  HilumVoxel seed;
  /* What the last run made: */
  HilumMask *made_mask;
  HilumVolume *made_volume;
  float *made_map;
} State;

/* Counts what is not zero. */
static void finish(gpointer data, BenchResult *result)
{
  State *s = data;
  if (s->made_mask != NULL) result->count = (int64_t)hilum_mask_count(s->made_mask);
  if (s->made_volume != NULL)
    result->count = (int64_t)(bench_voxels(s->args) - hilum_volume_get_histogram(s->made_volume)[32768]);
  if (s->made_map != NULL) {
    result->count = 0;
    for (size_t v = 0; v < bench_voxels(s->args); v++)
      result->count += s->made_map[v] != 0;
  }
  g_clear_pointer(&s->made_mask, hilum_mask_free);
  g_clear_pointer(&s->made_volume, hilum_volume_unref);
  g_clear_pointer(&s->made_map, hilum_big_free);
}

static void state_free(gpointer data)
{
  State *s = data;
  hilum_mask_free(s->mask);
  if (s->volume != NULL) hilum_volume_unref(s->volume);
  g_free(s);
}

static gpointer prepare_volume(const BenchArgs *args, GError **error)
{
  int16_t *voxels = bench_load(args, sizeof *voxels, error);
  if (voxels == NULL) return NULL;
  const HilumGrid grid = hilum_grid_new(args->dims[0], args->dims[1], args->dims[2], args->spacing_mm[0],
                                        args->spacing_mm[1], args->spacing_mm[2]);
  State *s = g_new0(State, 1);
  s->args = args;
  s->volume = hilum_volume_new_take(&grid, voxels, 1, 0, "HU", error);
  const char *seed = bench_text(args, "seed", "180,300,170");
  if (s->volume != NULL && sscanf(seed, "%d,%d,%d", &s->seed.i, &s->seed.j, &s->seed.k) == 3) return s;
  if (s->volume != NULL)
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--seed %s is not x,y,z", seed);
  state_free(s);
  return NULL;
}

static HilumMask *threshold(const State *s, GError **error)
{
  return hilum_threshold(s->volume, bench_number(s->args, "lo", 200), bench_number(s->args, "hi", 3071), NULL,
                         error);
}

static gpointer prepare_mask(const BenchArgs *args, GError **error)
{
  State *s = prepare_volume(args, error);
  if (s == NULL) return NULL;
  s->mask = threshold(s, error);
  if (s->mask != NULL) return s;
  state_free(s);
  return NULL;
}

static bool run_threshold(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  s->made_mask = threshold(s, error);
  return s->made_mask != NULL;
}

static bool run_grow(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  HilumGrowOptions options = {.seeds = &s->seed,
                              .n_seeds = 1,
                              .connectivity =
                                  bench_number(s->args, "conn", 6) == 26 ? HILUM_CONNECT_26 : HILUM_CONNECT_6,
                              .lo = bench_number(s->args, "lo", 200),
                              .hi = bench_number(s->args, "hi", 3071)};
  s->made_mask = hilum_grow(s->volume, &options, NULL, NULL, NULL, error);
  return s->made_mask != NULL;
}

static bool run_components(gpointer data, BenchResult *result, GError **error)
{
  const State *s = data;
  const bool full = strcmp(s->args->op, "cc26") == 0;
  g_autoptr(HilumComponents) components =
      hilum_components_new(s->mask, full ? HILUM_CONNECT_26 : HILUM_CONNECT_6, NULL, error);
  if (components == NULL) return false;
  result->count = hilum_components_get_count(components);
  return true;
}

static bool run_morphology(gpointer data, BenchResult *result, GError **error)
{
  static const double voxels[3] = {1, 1, 1};
  static const struct {
    const char *name;
    bool (*run)(HilumMask *, const double *, double, const HilumProgress *, GError **);
  } ops[] = {{"dilate", hilum_mask_dilate}, {"erode", hilum_mask_erode},        {"open", hilum_mask_open},
             {"close", hilum_mask_close},   {"smooth-mask", hilum_mask_smooth}, {NULL, NULL}};
  State *s = data;
  s->made_mask = hilum_mask_copy(s->mask, error);
  if (s->made_mask == NULL) return false;
  const bool smooth = strcmp(s->args->op, "smooth-mask") == 0;
  const double amount = smooth ? bench_number(s->args, "sigma", 1) : bench_number(s->args, "radius", 3) + 0.5;
  for (size_t n = 0; ops[n].name != NULL; n++)
    if (strcmp(s->args->op, ops[n].name) == 0)
      return ops[n].run(s->made_mask, smooth ? s->args->spacing_mm : voxels, amount, NULL, error);
  return false;
}

static bool run_fill(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  s->made_mask = hilum_mask_copy(s->mask, error);
  return s->made_mask != NULL && hilum_mask_fill_holes(s->made_mask, NULL, error);
}

static bool run_distance(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  s->made_map = hilum_mask_signed_distance(s->mask, s->args->spacing_mm, NULL, error);
  return s->made_map != NULL;
}

static bool run_median(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  s->made_volume = hilum_volume_median(s->volume, NULL, error);
  return s->made_volume != NULL;
}

static bool run_gauss(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  s->made_volume = hilum_volume_gaussian(s->volume, bench_number(s->args, "sigma", 1), NULL, error);
  return s->made_volume != NULL;
}

static bool run_gradient(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  s->made_map = hilum_volume_gradient(s->volume, bench_number(s->args, "sigma", 1), NULL, error);
  return s->made_map != NULL;
}

static bool run_vesselness(gpointer data, BenchResult *result, GError **error)
{
  State *s = data;
  HilumVesselnessOptions options = {.measure = strcmp(s->args->op, "sato") == 0 ? HILUM_VESSELNESS_SATO
                                                                                : HILUM_VESSELNESS_FRANGI,
                                    .c = bench_number(s->args, "gamma", 100)};
  hilum_vesselness_scales(&options, bench_number(s->args, "smin", 1), bench_number(s->args, "smax", 3),
                          (size_t)CLAMP(bench_number(s->args, "steps", 3), 1, HILUM_VESSELNESS_MAX_SCALES));
  s->made_map = hilum_volume_vesselness(s->volume, &options, NULL, error);
  return s->made_map != NULL;
}

/* Six labels, each a line along x through another part of the volume, and background along its edge. */
static bool run_seeds(gpointer data, BenchResult *result, GError **error)
{
  static const double lines[6][2] = {{0.04, 0.04}, {0.35, 0.3}, {0.5, 0.4},
                                     {0.6, 0.55},  {0.45, 0.7}, {0.75, 0.5}};
  const State *s = data;
  const HilumGrid *grid = hilum_volume_get_grid(s->volume);
  HilumStroke strokes[6];
  for (int n = 0; n < 6; n++) {
    const double j = lines[n][0] * grid->dims[1], k = lines[n][1] * grid->dims[2];
    strokes[n] = (HilumStroke){.label = (uint8_t)n, .radius_mm = 2};
    strokes[n].points_mm = g_array_new(FALSE, FALSE, sizeof(HilumVec3));
    for (int end = 0; end < 2; end++) {
      const HilumIndexPos at = {(end ? 0.6 : 0.4) * grid->dims[0], j, k};
      const HilumVec3 mm = hilum_grid_to_mm(grid, at);
      g_array_append_val(strokes[n].points_mm, mm);
    }
  }
  const HilumSeedOptions options = {
      .volumes = &s->volume, .n_volumes = 1, .margin_mm = bench_number(s->args, "margin", -1)};
  g_autoptr(HilumSeedGrowth) growth = hilum_seed_growth_new(&options, strokes, 6, NULL, error);
  for (int n = 0; n < 6; n++)
    hilum_stroke_clear(&strokes[n]);
  return growth != NULL;
}

const BenchOp bench_segment_ops[] = {
    {"threshold", "voxels of --lo..--hi as a mask", prepare_volume, run_threshold, state_free, finish},
    {"grow", "region growing from --seed in --lo..--hi, --conn 6|26", prepare_volume, run_grow, state_free,
     finish},
    {"cc6", "6-connected components of --lo..--hi", prepare_mask, run_components, state_free, finish},
    {"cc26", "26-connected components of --lo..--hi", prepare_mask, run_components, state_free, finish},
    {"dilate", "dilation by a ball of --radius voxels", prepare_mask, run_morphology, state_free, finish},
    {"erode", "erosion by a ball of --radius voxels", prepare_mask, run_morphology, state_free, finish},
    {"open", "opening by a ball of --radius voxels", prepare_mask, run_morphology, state_free, finish},
    {"close", "closing by a ball of --radius voxels", prepare_mask, run_morphology, state_free, finish},
    {"smooth-mask", "Gaussian of the mask, --sigma mm", prepare_mask, run_morphology, state_free, finish},
    {"fill-holes", "holes of --lo..--hi", prepare_mask, run_fill, state_free, finish},
    {"edt", "signed distance of --lo..--hi", prepare_mask, run_distance, state_free, finish},
    {"median", "median of 3x3x3 voxels; counts what is not 0", prepare_volume, run_median, state_free,
     finish},
    {"gauss", "Gaussian of --sigma mm; counts what is not 0", prepare_volume, run_gauss, state_free, finish},
    {"gradient", "gradient at --sigma mm", prepare_volume, run_gradient, state_free, finish},
    {"vesselness", "Frangi at --steps scales of --smin..--smax mm, --gamma", prepare_volume, run_vesselness,
     state_free, finish},
    {"sato", "Sato at --steps scales of --smin..--smax mm", prepare_volume, run_vesselness, state_free,
     finish},
    {"seeds", "six labels grown from strokes, --margin mm around them (the whole volume)", prepare_volume,
     run_seeds, state_free, finish},
    {NULL, NULL, NULL, NULL, NULL, NULL}};
