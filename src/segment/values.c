/* Values of the voxels of a structure, by counting how often each stored value occurs. */
#include "hilum/segment/values.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "hilum/volume/histogram.h"
#include "values_private.h"

#include <math.h>
#include <stdatomic.h>

typedef struct {
  HilumLabelSnapshot *labels;
  uint8_t label;
  const HilumGrid *grid;
  const int16_t *voxels;
  HilumVoxelBox box;
  HilumHistogram *counts;
  uint8_t *slices;  /* per worker: labels of a slice of the box */
  int16_t *gathers; /* per worker: values of a row */
  size_t slice_bytes;
  const HilumProgress *progress;
  atomic_size_t done;
} Gather;

static void gather_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Gather *g = data;
  const size_t ni = (size_t)(g->box.hi[0] - g->box.lo[0]), nj = g->slice_bytes / ni;
  uint8_t *labels = g->slices + worker * g->slice_bytes;
  int16_t *row = g->gathers + worker * ni;
  for (size_t s = begin; s < end; s++) {
    const size_t done = atomic_fetch_add_explicit(&g->done, 1, memory_order_relaxed);
    if (!hilum_progress_step(g->progress, (double)done / (g->box.hi[2] - g->box.lo[2]))) return;
    HilumVoxelBox slice = g->box;
    slice.lo[2] = g->box.lo[2] + (int32_t)s;
    slice.hi[2] = slice.lo[2] + 1;
    hilum_label_snapshot_read_box(g->labels, slice, labels, ni, g->slice_bytes);
    for (size_t j = 0; j < nj; j++) {
      const HilumVoxel first = {g->box.lo[0], g->box.lo[1] + (int32_t)j, slice.lo[2]};
      const int16_t *values = g->voxels + hilum_grid_offset(g->grid, first);
      size_t n = 0;
      for (size_t i = 0; i < ni; i++)
        if (labels[j * ni + i] == g->label) row[n++] = values[i];
      hilum_histogram_add(g->counts, worker, row, n);
    }
  }
}

bool hilum_values_check(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                        HilumVoxelBox *box, GError **error)
{
  if (!hilum_grid_equal(hilum_volume_get_grid(volume), hilum_label_snapshot_get_grid(labels), 0.01)) {
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                        "The images do not lie on the grid of the structures.");
    return false;
  }
  *box = hilum_label_snapshot_bounds(labels, label);
  if (!hilum_voxel_box_is_empty(*box)) return true;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY, "The structure has no voxels.");
  return false;
}

uint64_t *hilum_structure_dup_histogram(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                                        const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(labels != NULL && label != 0 && volume != NULL, NULL);
  Gather g = {.labels = labels,
              .label = label,
              .grid = hilum_volume_get_grid(volume),
              .voxels = hilum_volume_get_voxels(volume),
              .progress = progress};
  if (!hilum_values_check(labels, label, volume, &g.box, error)) return NULL;
  const size_t ni = (size_t)(g.box.hi[0] - g.box.lo[0]), workers = hilum_parallel_threads();
  g.slice_bytes = ni * (size_t)(g.box.hi[1] - g.box.lo[1]);
  g_autoptr(HilumHistogram) counts = hilum_histogram_new(error);
  g.slices = counts != NULL ? hilum_big_alloc(workers * g.slice_bytes, error) : NULL;
  if (g.slices == NULL) return NULL;
  g.counts = counts;
  g_autofree int16_t *gathers = g_new(int16_t, workers * ni);
  g.gathers = gathers;
  atomic_init(&g.done, 0);
  hilum_parallel_for((size_t)(g.box.hi[2] - g.box.lo[2]), 4, gather_body, &g);
  hilum_big_free(g.slices);
  if (hilum_progress_fail(progress, error)) return NULL;
  uint64_t *bins = g_new(uint64_t, HILUM_HISTOGRAM_BINS);
  hilum_histogram_sum(counts, bins);
  return bins;
}

/* Index of the smallest value that at least `share` of the voxels do not exceed. */
static int nearest_rank(const uint64_t *counts, uint64_t n, double share)
{
  const double rank = fmax(1, ceil(share * (double)n * (1 - 1e-12)));
  uint64_t below = 0;
  int index = 0;
  for (; index < HILUM_HISTOGRAM_BINS - 1; index++) {
    below += counts[index];
    if ((double)below >= rank) break;
  }
  return index;
}

bool hilum_counts_percentile(const uint64_t *counts, const HilumVolume *volume, double share, double *value)
{
  uint64_t n = 0;
  for (int index = 0; index < HILUM_HISTOGRAM_BINS; index++)
    n += counts[index];
  if (n == 0) return false;
  *value = hilum_stored_to_real(hilum_volume_get_slope(volume), hilum_volume_get_intercept(volume),
                                (int16_t)(nearest_rank(counts, n, share) - 32768));
  return true;
}

static void make_bins(const uint64_t *counts, int lo, int hi, double slope, double intercept,
                      HilumStructureValues *v)
{
  int steps = 1;
  for (int n = 0; (hi - lo + steps) / steps > HILUM_VALUES_MAX_BINS; n++)
    steps = (n + 1) % 3 == 1 ? steps * 2 : (n + 1) % 3 == 2 ? steps / 2 * 5 : steps * 2;
  v->n_bins = (size_t)((hi - lo + steps) / steps);
  v->bins = g_new0(uint64_t, v->n_bins);
  v->bin_first = hilum_stored_to_real(slope, intercept, (int16_t)(lo - 32768));
  v->bin_width = steps * slope;
  for (int index = lo; index <= hi; index++)
    v->bins[(index - lo) / steps] += counts[index];
}

void hilum_values_from_counts(const uint64_t *counts, double slope, double intercept, HilumStructureValues *v)
{
  *v = (HilumStructureValues){0};
  __int128 sum = 0, squares = 0;
  int lo = HILUM_HISTOGRAM_BINS, hi = -1;
  for (int index = 0; index < HILUM_HISTOGRAM_BINS; index++) {
    if (counts[index] == 0) continue;
    const __int128 stored = index - 32768;
    v->voxels += counts[index];
    sum += stored * counts[index];
    squares += stored * stored * counts[index];
    lo = MIN(lo, index);
    hi = index;
  }
  if (v->voxels == 0) return;
  const __int128 n = v->voxels;
  const double count = (double)v->voxels;
  v->mean = slope * ((double)sum / count) + intercept;
  v->sd = slope * sqrt((double)(n * squares - sum * sum)) / count;
  const struct {
    double share, *out;
  } ranks[] = {{0, &v->min},    {0.05, &v->p5},  {0.25, &v->p25}, {0.5, &v->median},
               {0.75, &v->p75}, {0.95, &v->p95}, {1, &v->max}};
  for (size_t r = 0; r < G_N_ELEMENTS(ranks); r++) {
    const int index = nearest_rank(counts, v->voxels, ranks[r].share);
    *ranks[r].out = hilum_stored_to_real(slope, intercept, (int16_t)(index - 32768));
  }
  make_bins(counts, lo, hi, slope, intercept, v);
}

bool hilum_structure_values(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                            HilumStructureValues *values, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(values != NULL, false);
  g_autofree uint64_t *counts = hilum_structure_dup_histogram(labels, label, volume, progress, error);
  if (counts == NULL) return false;
  hilum_values_from_counts(counts, hilum_volume_get_slope(volume), hilum_volume_get_intercept(volume),
                           values);
  return true;
}

void hilum_structure_values_clear(HilumStructureValues *values)
{
  g_clear_pointer(&values->bins, g_free);
  *values = (HilumStructureValues){0};
}
