/* hilum-bench: segmentation. Radii are voxels, as the peers have them: their ball of radius r is the
 * ellipsoid of r + 1/2 voxels, so that the same voxels are asked for here. */
#include "bench.h"

#include "hilum/base/memory.h"
#include "hilum/filter/distance.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/threshold.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  const BenchArgs *args;
  HilumVolume *volume;
  HilumMask *mask; /* of lo..hi, made outside of the clock */
  HilumVoxel seed;
} State;

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
  g_autoptr(HilumMask) mask = threshold(data, error);
  if (mask == NULL) return false;
  result->count = (int64_t)hilum_mask_count(mask);
  return true;
}

static bool run_grow(gpointer data, BenchResult *result, GError **error)
{
  const State *s = data;
  HilumGrowOptions options = {.seeds = &s->seed,
                              .n_seeds = 1,
                              .connectivity =
                                  bench_number(s->args, "conn", 6) == 26 ? HILUM_CONNECT_26 : HILUM_CONNECT_6,
                              .lo = bench_number(s->args, "lo", 200),
                              .hi = bench_number(s->args, "hi", 3071)};
  g_autoptr(HilumMask) mask = hilum_grow(s->volume, &options, NULL, NULL, NULL, error);
  if (mask == NULL) return false;
  result->count = (int64_t)hilum_mask_count(mask);
  return true;
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
  const State *s = data;
  g_autoptr(HilumMask) mask = hilum_mask_copy(s->mask, error);
  if (mask == NULL) return false;
  const bool smooth = strcmp(s->args->op, "smooth-mask") == 0;
  const double amount = smooth ? bench_number(s->args, "sigma", 1) : bench_number(s->args, "radius", 3) + 0.5;
  for (size_t n = 0; ops[n].name != NULL; n++)
    if (strcmp(s->args->op, ops[n].name) == 0 &&
        !ops[n].run(mask, smooth ? s->args->spacing_mm : voxels, amount, NULL, error))
      return false;
  result->count = (int64_t)hilum_mask_count(mask);
  return true;
}

static bool run_fill(gpointer data, BenchResult *result, GError **error)
{
  const State *s = data;
  g_autoptr(HilumMask) mask = hilum_mask_copy(s->mask, error);
  if (mask == NULL || !hilum_mask_fill_holes(mask, NULL, error)) return false;
  result->count = (int64_t)hilum_mask_count(mask);
  return true;
}

static bool run_distance(gpointer data, BenchResult *result, GError **error)
{
  const State *s = data;
  float *distance = hilum_mask_signed_distance(s->mask, s->args->spacing_mm, NULL, error);
  hilum_big_free(distance);
  return distance != NULL;
}

const BenchOp bench_segment_ops[] = {
    {"threshold", "voxels of --lo..--hi as a mask", prepare_volume, run_threshold, state_free},
    {"grow", "region growing from --seed in --lo..--hi, --conn 6|26", prepare_volume, run_grow, state_free},
    {"cc6", "6-connected components of --lo..--hi", prepare_mask, run_components, state_free},
    {"cc26", "26-connected components of --lo..--hi", prepare_mask, run_components, state_free},
    {"dilate", "dilation by a ball of --radius voxels", prepare_mask, run_morphology, state_free},
    {"erode", "erosion by a ball of --radius voxels", prepare_mask, run_morphology, state_free},
    {"open", "opening by a ball of --radius voxels", prepare_mask, run_morphology, state_free},
    {"close", "closing by a ball of --radius voxels", prepare_mask, run_morphology, state_free},
    {"smooth-mask", "Gaussian of the mask, --sigma mm", prepare_mask, run_morphology, state_free},
    {"fill-holes", "holes of --lo..--hi", prepare_mask, run_fill, state_free},
    {"edt", "signed distance of --lo..--hi", prepare_mask, run_distance, state_free},
    {NULL, NULL, NULL, NULL, NULL}};
