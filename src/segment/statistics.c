/* Volume, place and values of one structure. All sums are of integers and therefore exact, whatever the order
 * of the cores; millimetres and HU are made from them once, at the end. */
#include "hilum/segment/statistics.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "row_extents_private.h"

#include <math.h>
#include <stdatomic.h>

/* One slice's share. */
typedef struct {
  uint64_t voxels;
  int64_t sum_i, sum_j;
  int64_t value, value2; /* stored values, and their squares */
} SliceSums;

typedef struct {
  HilumLabelSnapshot *labels;
  uint8_t label;
  const int16_t *voxels; /* or NULL */
  const HilumGrid *grid;
  HilumRowExtents *extents;
  SliceSums *sums; /* one a slice of the box */
  uint8_t *rows;   /* per worker: one slice of the box */
  size_t slice_bytes;
  const HilumProgress *progress;
  atomic_size_t done;
} Measure;

static void measure_row(Measure *m, const uint8_t *labels, int32_t j, int32_t k, SliceSums *sums)
{
  const HilumVoxelBox *box = &m->extents->box;
  const int32_t n = box->hi[0] - box->lo[0];
  const int16_t *values =
      m->voxels != NULL ? m->voxels + hilum_grid_offset(m->grid, (HilumVoxel){box->lo[0], j, k}) : NULL;
  HilumRowExtent *extent = hilum_row_extents_at(m->extents, j, k);
  *extent = (HilumRowExtent){0, 0};
  for (int32_t i = 0; i < n; i++) {
    if (labels[i] != m->label) continue;
    if (extent->begin == extent->end) extent->begin = box->lo[0] + i;
    extent->end = box->lo[0] + i + 1;
    sums->voxels++;
    sums->sum_i += box->lo[0] + i;
    sums->sum_j += j;
    if (values == NULL) continue;
    sums->value += values[i];
    sums->value2 += (int64_t)values[i] * values[i];
  }
}

static void measure_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Measure *m = data;
  const HilumVoxelBox *box = &m->extents->box;
  const size_t row_bytes = (size_t)(box->hi[0] - box->lo[0]);
  uint8_t *labels = m->rows + worker * m->slice_bytes;
  for (size_t s = begin; s < end; s++) {
    const size_t done = atomic_fetch_add_explicit(&m->done, 1, memory_order_relaxed);
    if (!hilum_progress_step(m->progress, 0.8 * (double)done / (box->hi[2] - box->lo[2]))) return;
    HilumVoxelBox slice = *box;
    slice.lo[2] = box->lo[2] + (int32_t)s;
    slice.hi[2] = slice.lo[2] + 1;
    hilum_label_snapshot_read_box(m->labels, slice, labels, row_bytes, m->slice_bytes);
    SliceSums sums = {0};
    for (int32_t j = box->lo[1]; j < box->hi[1]; j++)
      measure_row(m, labels + (size_t)(j - box->lo[1]) * row_bytes, j, slice.lo[2], &sums);
    m->sums[s] = sums;
  }
}

/* Bounds of the cells: a linear function over a row is largest at one of its ends. */
static HilumBox bounds_of_cells(const HilumGrid *grid, const HilumRowExtents *e)
{
  HilumBox bounds = hilum_box_empty();
  for (int32_t k = e->box.lo[2]; k < e->box.hi[2]; k++)
    for (int32_t j = e->box.lo[1]; j < e->box.hi[1]; j++) {
      const HilumRowExtent *row = hilum_row_extents_at(e, j, k);
      if (row->begin == row->end) continue;
      bounds = hilum_box_include(bounds, hilum_grid_to_mm(grid, (HilumIndexPos){row->begin, j, k}));
      bounds = hilum_box_include(bounds, hilum_grid_to_mm(grid, (HilumIndexPos){row->end - 1, j, k}));
    }
  HilumVec3 half = {0, 0, 0};
  for (int a = 0; a < 3; a++) {
    half.x += fabs(grid->axes[a].x) * grid->spacing_mm[a] / 2;
    half.y += fabs(grid->axes[a].y) * grid->spacing_mm[a] / 2;
    half.z += fabs(grid->axes[a].z) * grid->spacing_mm[a] / 2;
  }
  bounds.min = hilum_vec3_sub(bounds.min, half);
  bounds.max = hilum_vec3_add(bounds.max, half);
  return bounds;
}

static void finish(const Measure *m, const HilumVolume *volume, HilumStructureStats *stats)
{
  const HilumVoxelBox *box = &m->extents->box;
  uint64_t n = 0;
  __int128 i = 0, j = 0, k = 0, value = 0, value2 = 0;
  for (int32_t s = 0; s < box->hi[2] - box->lo[2]; s++) {
    const SliceSums *sums = &m->sums[s];
    n += sums->voxels;
    i += sums->sum_i;
    j += sums->sum_j;
    k += (__int128)sums->voxels * (uint64_t)(box->lo[2] + s);
    value += sums->value;
    value2 += sums->value2;
  }
  const double count = (double)n;
  *stats = (HilumStructureStats){.voxels = n,
                                 .volume_ml = count * hilum_grid_voxel_mm3(m->grid) / 1000,
                                 .bounds_mm = bounds_of_cells(m->grid, m->extents),
                                 .mean = NAN,
                                 .sd = NAN};
  stats->centroid_mm =
      hilum_grid_to_mm(m->grid, (HilumIndexPos){(double)i / count, (double)j / count, (double)k / count});
  if (volume == NULL) return;
  const double slope = hilum_volume_get_slope(volume);
  stats->mean = slope * ((double)value / count) + hilum_volume_get_intercept(volume);
  stats->sd = slope * sqrt((double)((__int128)n * value2 - value * value)) / count;
}

static bool measure(Measure *m, GError **error)
{
  const HilumVoxelBox *box = &m->extents->box;
  const size_t slices = (size_t)(box->hi[2] - box->lo[2]);
  m->slice_bytes = (size_t)(box->hi[0] - box->lo[0]) * (size_t)(box->hi[1] - box->lo[1]);
  m->rows = hilum_big_alloc(m->slice_bytes * hilum_parallel_threads(), error);
  if (m->rows == NULL) return false;
  m->sums = g_new0(SliceSums, slices);
  atomic_init(&m->done, 0);
  hilum_parallel_for(slices, 4, measure_body, m);
  return !hilum_progress_fail(m->progress, error);
}

bool hilum_structure_stats(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                           HilumStructureStats *stats, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(labels != NULL && label != 0 && stats != NULL, false);
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  if (volume != NULL && !hilum_grid_equal(hilum_volume_get_grid(volume), grid, 0.01)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "The images do not lie on the grid of the structures.");
    return false;
  }
  const HilumVoxelBox box = hilum_label_snapshot_bounds(labels, label);
  if (hilum_voxel_box_is_empty(box)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                        "The structure has no voxels.");
    return false;
  }
  HilumRowExtents extents;
  if (!hilum_row_extents_init(&extents, box, error)) return false;
  Measure m = {.labels = labels,
               .label = label,
               .voxels = volume != NULL ? hilum_volume_get_voxels(volume) : NULL,
               .grid = grid,
               .extents = &extents,
               .progress = progress};
  bool ok = measure(&m, error);
  if (ok) {
    finish(&m, volume, stats);
    ok = hilum_row_extents_diameter(&extents, grid->spacing_mm, &stats->max_diameter_mm, progress, error);
  }
  g_free(m.sums);
  hilum_big_free(m.rows);
  hilum_row_extents_clear(&extents);
  return ok;
}
