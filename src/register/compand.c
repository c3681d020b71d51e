/* From stored values to bin positions. CT spreads kidney, fat and muscle over 200 of 4,000 HU; equal bins
 * would put them into two or three. */
#include "level_private.h"

#include <math.h>

enum { VALUES = 65536, SHIFT = 32768 };

/* Counts of every second voxel of every second row and slice are plenty. */
static uint64_t *box_histogram(const HilumVolume *volume, HilumVoxelBox box)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  const int16_t *voxels = hilum_volume_get_voxels(volume);
  uint64_t *counts = g_new0(uint64_t, VALUES);
  size_t size = 1;
  for (int a = 0; a < 3; a++)
    size *= (size_t)(box.hi[a] - box.lo[a]);
  const int32_t stride = size > 1000000 ? 2 : 1;
  for (int32_t k = box.lo[2]; k < box.hi[2]; k += stride)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j += stride) {
      const int16_t *row = voxels + hilum_grid_offset(grid, (HilumVoxel){0, j, k});
      for (int32_t i = box.lo[0]; i < box.hi[0]; i += stride)
        counts[row[i] + SHIFT]++;
    }
  return counts;
}

static int quantile_index(const uint64_t *counts, double share)
{
  uint64_t total = 0, below = 0;
  for (int v = 0; v < VALUES; v++)
    total += counts[v];
  for (int v = 0; v < VALUES; v++) {
    below += counts[v];
    if (below > 0 && (double)below >= share * (double)total) return v;
  }
  return VALUES - 1;
}

void box_quantiles(const HilumVolume *volume, HilumVoxelBox box, double lo, double hi, double *at_lo,
                   double *at_hi)
{
  g_autofree uint64_t *counts = box_histogram(volume, box);
  double slope = hilum_volume_get_slope(volume), intercept = hilum_volume_get_intercept(volume);
  *at_lo = slope * (quantile_index(counts, lo) - SHIFT) + intercept;
  *at_hi = slope * (quantile_index(counts, hi) - SHIFT) + intercept;
}

Compander *compander_new_linear(const HilumVolume *volume, double lo, double hi)
{
  Compander *c = g_new(Compander, 1);
  double slope = hilum_volume_get_slope(volume), intercept = hilum_volume_get_intercept(volume);
  for (int v = 0; v < VALUES; v++) {
    double share = (slope * (v - SHIFT) + intercept - lo) / (hi - lo);
    c->position[v] = BIN_LOWEST + (float)CLAMP(share, 0, 1) * (BIN_HIGHEST - BIN_LOWEST);
  }
  return c;
}

/* Box-smoothed counts over +-reach, by a running sum. */
static double *smooth_counts(const uint64_t *counts, int first, int last, int reach)
{
  double *smooth = g_new(double, last - first + 1);
  double sum = 0;
  for (int v = first; v < first + reach && v <= last; v++)
    sum += (double)counts[v];
  for (int v = first; v <= last; v++) {
    if (v + reach <= last) sum += (double)counts[v + reach];
    smooth[v - first] = sum;
    if (v - reach >= first) sum -= (double)counts[v - reach];
  }
  return smooth;
}

Compander *compander_new_for_box(const HilumVolume *volume, HilumVoxelBox box)
{
  g_autofree uint64_t *counts = box_histogram(volume, box);
  /* one voxel in 500 at either end may be metal, padding or noise */
  int first = quantile_index(counts, 0.002), last = quantile_index(counts, 0.998);
  if (first >= last) first = quantile_index(counts, 0), last = quantile_index(counts, 1);
  if (first >= last) return NULL;

  const int reach = MAX(1, (last - first) / 200);
  g_autofree double *smooth = smooth_counts(counts, first, last, reach);
  Compander *c = g_new(Compander, 1);
  double total = 0;
  for (int v = first; v < last; v++)
    total += cbrt(MAX(smooth[v - first], 0));
  const double scale = total > 0 ? (BIN_HIGHEST - BIN_LOWEST) / total : 0;
  double position = 0;
  for (int v = 0; v < VALUES; v++) {
    c->position[v] = (float)CLAMP(BIN_LOWEST + position * scale, BIN_LOWEST, BIN_HIGHEST);
    if (v >= first && v < last) position += cbrt(MAX(smooth[v - first], 0));
  }
  return c;
}
