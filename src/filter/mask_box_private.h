/* What every filter shares: working on the part of a mask that matters, and progress from many workers. */
#pragma once

#include "hilum/base/progress.h"
#include "hilum/volume/mask.h"

#include <stdatomic.h>

/* Grows a box by a margin per axis and clips it to the mask. */
HilumVoxelBox hilum_filter_grow_box(HilumVoxelBox box, const int32_t margin[3], const int32_t dims[3]);

/* Copies the part of `mask` in `box` as a mask of its own. The box is first widened along x to whole words,
 * so that rows are copied and not shifted. NULL with an error if memory is refused. */
HilumMask *hilum_filter_crop(const HilumMask *mask, HilumVoxelBox *box, GError **error);
/* Puts a crop back where it came from. */
void hilum_filter_paste(HilumMask *mask, const HilumMask *crop, HilumVoxelBox box);

/* True if any bit of the row is set. */
static inline bool hilum_filter_row_any(const uint64_t *row, size_t n_words)
{
  uint64_t any = 0;
  for (size_t w = 0; w < n_words; w++)
    any |= row[w];
  return any != 0;
}

/* The nearest index of 0..n-1: beyond the border the outermost voxel goes on. */
static inline int32_t hilum_filter_clamp(int32_t v, int32_t n)
{
  return v < 0 ? 0 : v >= n ? n - 1 : v;
}

/* Sigma is a number of mm >= 0, and at most `max_vox` voxels along every axis; else
 * HILUM_FILTER_ERROR_INVALID. */
bool hilum_filter_check_sigma(double sigma_mm, const double spacing_mm[3], int max_vox, GError **error);

/* Progress of a loop over the cores: each body counts what it finished. */
typedef struct {
  const HilumProgress *progress;
  size_t total;
  atomic_size_t done;
  atomic_bool stop;
} HilumTicks;

static inline void hilum_ticks_init(HilumTicks *ticks, const HilumProgress *progress, size_t total)
{
  ticks->progress = progress;
  ticks->total = total ? total : 1;
  atomic_init(&ticks->done, 0);
  atomic_init(&ticks->stop, false);
}
/* Counts one unit; false once cancelled: the body then returns. */
static inline bool hilum_ticks_step(HilumTicks *ticks)
{
  if (atomic_load_explicit(&ticks->stop, memory_order_relaxed)) return false;
  size_t done = atomic_fetch_add_explicit(&ticks->done, 1, memory_order_relaxed) + 1;
  if (hilum_progress_step(ticks->progress, (double)done / (double)ticks->total)) return true;
  atomic_store_explicit(&ticks->stop, true, memory_order_relaxed);
  return false;
}
