/* How often each stored value occurs, counted by several workers at once. */
#pragma once

#include "hilum/volume/volume.h"

G_BEGIN_DECLS

typedef struct HilumHistogram HilumHistogram;

/* Empty, with a table for each of hilum_parallel_threads() workers; that number must not change before
 * hilum_histogram_sum(). NULL with HILUM_BASE_ERROR_LIMIT or _MEMORY. */
HilumHistogram *hilum_histogram_new(GError **error);
void hilum_histogram_free(HilumHistogram *histogram);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HilumHistogram, hilum_histogram_free)

/* Counts `n` voxels. `worker` is the number that hilum_parallel_for() gave: different workers may add at
 * once. */
void hilum_histogram_add(HilumHistogram *histogram, unsigned worker, const int16_t *voxels, size_t n);
/* The sums over all workers, index = stored + 32768, and how many voxels were counted. Sums of integers do
 * not depend on who counted what: the same bits for any number of threads. */
uint64_t hilum_histogram_sum(HilumHistogram *histogram, uint64_t bins[HILUM_HISTOGRAM_BINS]);

G_END_DECLS
