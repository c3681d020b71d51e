/* Artery from vein: the watershed of thickness from both, with a wall where the brightness changes. */
#include "hilum/filter/gaussian.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/error.h"
#include "hilum/segment/split.h"
#include "hilum/segment/threshold.h"
#include "vessel_private.h"

#include <math.h>

#define CALM_MM 1.0
#define ROUND_MM 1.0
#define THICK_MM 1.5
#define DEVIATIONS 4.0
enum { KEPT = 1, OTHER = 2 };

/* Mean and spread of a side: voxels of the mask within two of its points. */
static void look_at(const HilumVolume *volume, const HilumMask *mask, const HilumVoxel *points, size_t n,
                    double *mean, double *variance)
{
  double sum = 0, squares = 0;
  size_t count = 0;
  for (size_t p = 0; p < n; p++)
    for (int m = 0; m < 125; m++) {
      const HilumVoxel v = {points[p].i + m % 5 - 2, points[p].j + m / 5 % 5 - 2, points[p].k + m / 25 - 2};
      if (!hilum_grid_contains(hilum_volume_get_grid(volume), v) || !hilum_mask_get(mask, v)) continue;
      const double value = hilum_volume_get_value(volume, v);
      sum += value;
      squares += value * value;
      count++;
    }
  *mean = count > 0 ? sum / (double)count : 0;
  *variance = count > 0 ? fmax(squares / (double)count - *mean * *mean, 0) : 0;
}

/* Of the dark vessel what lies beside the bright one, where both are thick. What is thin is left alone: its
 * own partial volume dims it, and so it does the rim of what is thick. */
static bool stand_apart(const HilumGrid *grid, const HilumMask *mask, HilumMask *bright, HilumMask **walls,
                        const HilumProgress *progress, GError **error)
{
  const double *spacing = grid->spacing_mm;
  g_autoptr(HilumMask) dark = hilum_mask_copy(mask, error), near = NULL;
  if (dark == NULL) return false;
  hilum_mask_and_not(dark, bright);
  hilum_mask_and(bright, mask);
  if (!hilum_mask_open(bright, spacing, THICK_MM, progress, error) ||
      !hilum_mask_open(dark, spacing, THICK_MM, progress, error) ||
      (near = hilum_mask_copy(bright, error)) == NULL ||
      !hilum_mask_dilate(near, spacing, 1.01 * fmax(spacing[0], fmax(spacing[1], spacing[2])), progress,
                         error))
    return false;
  hilum_mask_and(dark, near);
  *walls = g_steal_pointer(&dark);
  return true;
}

/* *walls stays NULL if the two are alike. */
static bool find_walls(const HilumVolume *volume, const HilumMask *mask, const HilumVoxel *kept,
                       size_t n_kept, const HilumVoxel *other, size_t n_other, HilumMask **walls,
                       const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  double mean[2], variance[2];
  HilumProgress part = hilum_progress_part(progress, 0, 0.5, NULL);
  g_autoptr(HilumVolume) calm = hilum_volume_gaussian(volume, CALM_MM, &part, error);
  if (calm == NULL) return false;
  look_at(calm, mask, kept, n_kept, &mean[0], &variance[0]);
  look_at(calm, mask, other, n_other, &mean[1], &variance[1]);
  if (fabs(mean[0] - mean[1]) < DEVIATIONS * sqrt((variance[0] + variance[1]) / 2)) return true;
  g_autoptr(HilumMask) bright = hilum_threshold(calm, (mean[0] + mean[1]) / 2, INFINITY, NULL, error);
  if (bright == NULL) return false;
  part = hilum_progress_part(progress, 0.5, 0.8, NULL);
  if (!hilum_mask_smooth(bright, grid->spacing_mm, ROUND_MM, &part, error)) return false; /* no specks */
  part = hilum_progress_part(progress, 0.8, 1, NULL);
  return stand_apart(grid, mask, bright, walls, &part, error);
}

static bool check(const HilumMask *mask, const HilumVoxel *points, size_t n, GError **error)
{
  for (size_t p = 0; p < n; p++) {
    const HilumVoxel v = points[p];
    if (v.i >= 0 && v.j >= 0 && v.k >= 0 && v.i < mask->dims[0] && v.j < mask->dims[1] &&
        v.k < mask->dims[2] && hilum_mask_get(mask, v))
      continue;
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                        "A point to part vessels at lies outside the structure that holds them.");
    return false;
  }
  if (n > 0) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                      "Vessels are parted by points in both of them: set one in each.");
  return false;
}

HilumMask *hilum_vessel_separate(const HilumVolume *volume, const HilumMask *mask, const HilumVoxel *kept,
                                 size_t n_kept, const HilumVoxel *other, size_t n_other,
                                 const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL && mask != NULL, NULL);
  if (!check(mask, kept, n_kept, error) || !check(mask, other, n_other, error)) return NULL;
  g_autoptr(HilumMask) walls = NULL;
  HilumProgress part = hilum_progress_part(progress, 0, 0.4, NULL);
  if (!find_walls(volume, mask, kept, n_kept, other, n_other, &walls, &part, error)) return NULL;
  g_autoptr(GArray) seeds = g_array_new(FALSE, FALSE, sizeof(HilumSplitSeed));
  hilum_split_seeds_add(seeds, kept, n_kept, KEPT);
  hilum_split_seeds_add(seeds, other, n_other, OTHER);
  const HilumSplitOptions options = {
      .seeds = (const HilumSplitSeed *)(void *)seeds->data, .n_seeds = seeds->len, .walls = walls};
  part = hilum_progress_part(progress, 0.4, 1, NULL);
  g_autoptr(HilumSplit) split =
      hilum_split_new(mask, hilum_volume_get_grid(volume)->spacing_mm, &options, &part, error);
  if (split == NULL) return NULL;
  const size_t parts = (size_t)hilum_split_get_count(split) + 1;
  g_autofree uint8_t *keep = g_new(uint8_t, parts);
  for (size_t p = 0; p < parts; p++)
    keep[p] = 1;
  for (size_t p = 0; p < n_other; p++)
    keep[hilum_split_at(split, other[p])] = 0;
  return hilum_split_dup_mask(split, keep, error);
}
