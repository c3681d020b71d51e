/* Places in and at a kidney that nothing accounts for: the kidney closed by a ball, less everything that was
 * segmented, less fat; what of it is thick and round. */
#include "hilum/segment/kidney.h"

#include "hilum/base/memory.h"
#include "hilum/filter/distance.h"
#include "hilum/filter/morphology.h"
#include "hilum/segment/threshold.h"

#include <math.h>
#include <string.h>

#define CLOSE_MM 20.0
#define OPEN_MM 2.5
#define LEAST_ML 0.5
#define LEAST_ROUNDNESS 0.25
#define FAT_BELOW_HU (-20.0)
#define MOST_CANDIDATES 32

/* What is left: the mask that candidates are components of. */
static HilumMask *left_over(const HilumVolume *volume, const HilumMask *kidney, const HilumMask *taken,
                            const HilumProgress *progress, GError **error)
{
  const double *spacing = hilum_volume_get_grid(volume)->spacing_mm;
  g_autoptr(HilumMask) rest = hilum_mask_copy(kidney, error);
  if (rest == NULL || !hilum_mask_close(rest, spacing, CLOSE_MM, progress, error)) return NULL;
  hilum_mask_and_not(rest, kidney);
  if (taken != NULL) hilum_mask_and_not(rest, taken);
  if (strcmp(hilum_volume_get_unit(volume), "HU") == 0) {
    g_autoptr(HilumMask) fat = hilum_threshold(volume, -INFINITY, FAT_BELOW_HU, progress, error);
    if (fat == NULL) return NULL;
    hilum_mask_and_not(rest, fat);
  }
  if (!hilum_mask_open(rest, spacing, OPEN_MM, progress, error)) return NULL;
  return g_steal_pointer(&rest);
}

/* The voxel farthest from the wall; of several, the first. */
static HilumVoxel deepest_voxel(const HilumComponents *components, uint32_t c, const float *depth_mm,
                                const HilumGrid *grid)
{
  const HilumVoxelBox box = hilum_components_get_bounds(components, c);
  HilumVoxel best = {box.lo[0], box.lo[1], box.lo[2]};
  float deepest = INFINITY; /* inside is negative */
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      for (int32_t i = box.lo[0]; i < box.hi[0]; i++) {
        const HilumVoxel v = {i, j, k};
        const float d = depth_mm[hilum_grid_offset(grid, v)];
        if (d >= deepest || hilum_components_at(components, v) != c) continue;
        deepest = d;
        best = v;
      }
  return best;
}

static void measure_values(const HilumVolume *volume, const HilumComponents *components, uint32_t c,
                           HilumKidneyCandidate *out)
{
  const HilumVoxelBox box = hilum_components_get_bounds(components, c);
  double n = 0, sum = 0, squares = 0;
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++)
      for (int32_t i = box.lo[0]; i < box.hi[0]; i++) {
        const HilumVoxel v = {i, j, k};
        if (hilum_components_at(components, v) != c) continue;
        const double value = hilum_volume_get_value(volume, v);
        n++;
        sum += value;
        squares += value * value;
      }
  out->mean = sum / n;
  out->sd = sqrt(fmax(squares / n - out->mean * out->mean, 0));
}

static bool measure(const HilumVolume *volume, const HilumComponents *components, uint32_t c,
                    const float *depth_mm, HilumKidneyCandidate *out)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  out->voxels = hilum_components_get_size(components, c);
  out->ml = (double)out->voxels * hilum_grid_voxel_mm3(grid) / 1000;
  if (out->ml < LEAST_ML) return false;
  const HilumVoxelBox box = hilum_components_get_bounds(components, c);
  double longest = 0;
  for (int a = 0; a < 3; a++)
    longest = fmax(longest, (box.hi[a] - box.lo[a]) * grid->spacing_mm[a]);
  out->roundness = fmin(1, 1000 * out->ml / (G_PI / 6 * longest * longest * longest));
  if (out->roundness < LEAST_ROUNDNESS) return false;
  out->center_mm = hilum_grid_voxel_to_mm(grid, deepest_voxel(components, c, depth_mm, grid));
  measure_values(volume, components, c, out);
  return true;
}

static int by_size(const void *a, const void *b)
{
  const HilumKidneyCandidate *x = a, *y = b;
  return (x->voxels < y->voxels) - (x->voxels > y->voxels);
}

GArray *hilum_kidney_find_candidates(const HilumVolume *volume, const HilumMask *kidney,
                                     const HilumMask *taken, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL && kidney != NULL, NULL);
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  HilumProgress part = hilum_progress_part(progress, 0, 0.6, NULL);
  g_autoptr(HilumMask) rest = left_over(volume, kidney, taken, &part, error);
  if (rest == NULL) return NULL;
  g_autoptr(GArray) found = g_array_new(FALSE, TRUE, sizeof(HilumKidneyCandidate));
  if (hilum_mask_count(rest) == 0) return g_steal_pointer(&found);
  part = hilum_progress_part(progress, 0.6, 0.9, NULL);
  g_autoptr(HilumComponents) components = hilum_components_new(rest, HILUM_CONNECT_6, &part, error);
  if (components == NULL) return NULL;
  float *depth_mm = hilum_mask_signed_distance(rest, grid->spacing_mm, &part, error);
  if (depth_mm == NULL) return NULL;
  for (uint32_t c = 0; c < hilum_components_get_count(components); c++) {
    HilumKidneyCandidate candidate;
    if (!hilum_progress_cancelled(progress) && measure(volume, components, c, depth_mm, &candidate))
      g_array_append_val(found, candidate);
  }
  hilum_big_free(depth_mm);
  if (hilum_progress_fail(progress, error)) return NULL;
  g_array_sort(found, by_size);
  if (found->len > MOST_CANDIDATES) g_array_set_size(found, MOST_CANDIDATES);
  return g_steal_pointer(&found);
}
