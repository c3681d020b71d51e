/* Joint smoothing of labels: the largest of their Gaussians. */
#include "hilum/segment/joint_smooth.h"

#include "hilum/base/memory.h"
#include "hilum/filter/gaussian.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <string.h>

#define ONE 16384 /* a voxel of the label, before smoothing */

typedef struct {
  HilumVoxelBox box;
  HilumGrid grid; /* of the box */
  uint8_t *labels;
  uint8_t *best;
  int16_t *value; /* of `best` */
} Contest;

/* Around the structures that take part, with room for the Gaussian. */
static bool find_box(HilumLabelSnapshot *labels, const uint8_t *set, double sigma_mm, HilumVoxelBox *box)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  bool any = false;
  for (int l = 1; l < HILUM_LABEL_COUNT; l++) {
    const HilumVoxelBox b = hilum_label_snapshot_bounds(labels, (uint8_t)l);
    if (!set[l] || hilum_voxel_box_is_empty(b)) continue;
    for (int a = 0; a < 3; a++) {
      box->lo[a] = any ? MIN(box->lo[a], b.lo[a]) : b.lo[a];
      box->hi[a] = any ? MAX(box->hi[a], b.hi[a]) : b.hi[a];
    }
    any = true;
  }
  const double finest = fmin(grid->spacing_mm[0], fmin(grid->spacing_mm[1], grid->spacing_mm[2]));
  if (any) *box = hilum_voxel_box_grow(*box, (int32_t)fmin(ceil(4 * sigma_mm / finest), 32767), grid->dims);
  return any;
}

static void enter(Contest *c, uint8_t label, const int16_t *smoothed)
{
  const size_t n = hilum_grid_count(&c->grid);
  for (size_t v = 0; v < n; v++) {
    const bool better = smoothed[v] > c->value[v] || (smoothed[v] == c->value[v] && label == c->labels[v]);
    if (!better) continue;
    c->value[v] = smoothed[v];
    c->best[v] = label;
  }
}

static bool smooth_label(Contest *c, uint8_t label, double sigma_mm, const HilumProgress *progress,
                         GError **error)
{
  const size_t n = hilum_grid_count(&c->grid);
  int16_t *indicator = hilum_big_alloc(n * sizeof *indicator, error);
  if (indicator == NULL) return false;
  for (size_t v = 0; v < n; v++)
    indicator[v] = c->labels[v] == label ? ONE : 0;
  g_autoptr(HilumVolume) sharp = hilum_volume_new_take(&c->grid, indicator, 1, 0, "", error);
  g_autoptr(HilumVolume) soft = sharp ? hilum_volume_gaussian(sharp, sigma_mm, progress, error) : NULL;
  if (soft == NULL) return false;
  enter(c, label, hilum_volume_get_voxels(soft));
  return true;
}

static bool run_contest(Contest *c, const uint8_t *set, double sigma_mm, const HilumProgress *progress,
                        GError **error)
{
  bool present[HILUM_LABEL_COUNT] = {false};
  const size_t n = hilum_grid_count(&c->grid);
  int count = 0, done = 0;
  for (size_t v = 0; v < n; v++)
    present[c->labels[v]] = true;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    count += present[l] && set[l];
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    if (!present[l] || !set[l]) continue;
    HilumProgress part =
        hilum_progress_part(progress, (double)done / count, (double)(done + 1) / count, NULL);
    done++;
    if (!smooth_label(c, (uint8_t)l, sigma_mm, &part, error)) return false;
  }
  for (size_t v = 0; v < n; v++)
    if (set[c->labels[v]]) c->labels[v] = c->best[v];
  return true;
}

static HilumLabelSnapshot *put_back(HilumLabelSnapshot *labels, const Contest *c, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  uint8_t *all = hilum_big_alloc(hilum_grid_count(grid), error);
  if (all == NULL) return NULL;
  const size_t row = (size_t)grid->dims[0];
  const HilumVoxelBox everything = {{0, 0, 0}, {grid->dims[0], grid->dims[1], grid->dims[2]}};
  hilum_label_snapshot_read_box(labels, everything, all, row, row * (size_t)grid->dims[1]);
  const uint8_t *from = c->labels;
  for (int32_t k = c->box.lo[2]; k < c->box.hi[2]; k++)
    for (int32_t j = c->box.lo[1]; j < c->box.hi[1]; j++, from += c->grid.dims[0])
      memcpy(all + hilum_grid_offset(grid, (HilumVoxel){c->box.lo[0], j, k}), from, (size_t)c->grid.dims[0]);
  HilumLabelSnapshot *after = hilum_label_snapshot_new_from_dense(grid, all, error);
  hilum_big_free(all);
  return after;
}

HilumLabelSnapshot *hilum_labels_smooth_jointly(HilumLabelSnapshot *labels,
                                                const uint8_t set[HILUM_LABEL_COUNT], double sigma_mm,
                                                const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(labels != NULL && set != NULL, NULL);
  Contest c = {0};
  if (!(sigma_mm > 0) || !find_box(labels, set, sigma_mm, &c.box)) {
    g_set_error_literal(
        error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
        "There is nothing to smooth: choose structures that hold voxels and are not locked, and "
        "an amount above 0 mm.");
    return NULL;
  }
  c.grid = *hilum_label_snapshot_get_grid(labels);
  for (int a = 0; a < 3; a++)
    c.grid.dims[a] = c.box.hi[a] - c.box.lo[a];
  const size_t n = hilum_grid_count(&c.grid);
  c.labels = hilum_big_alloc(n, error);
  c.best = c.labels != NULL ? hilum_big_alloc0(n, error) : NULL;
  c.value = c.best != NULL ? hilum_big_alloc(n * sizeof *c.value, error) : NULL;
  HilumLabelSnapshot *after = NULL;
  if (c.value != NULL) {
    for (size_t v = 0; v < n; v++)
      c.value[v] = -1;
    const size_t row = (size_t)c.grid.dims[0];
    hilum_label_snapshot_read_box(labels, c.box, c.labels, row, row * (size_t)c.grid.dims[1]);
    if (run_contest(&c, set, sigma_mm, progress, error)) after = put_back(labels, &c, error);
  }
  hilum_big_free(c.labels);
  hilum_big_free(c.best);
  hilum_big_free(c.value);
  return after;
}
