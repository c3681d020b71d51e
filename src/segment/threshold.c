/* Threshold: real bounds are turned once into stored bounds, then 64 voxels at a time become bits. */
#include "hilum/segment/threshold.h"

#include "hilum/base/parallel.h"
#include "hilum/kernels/bits.h"
#include "hilum/segment/error.h"

#include <math.h>
#include <stdatomic.h>

typedef struct {
  const int16_t *voxels;
  HilumMask *mask;
  int16_t lo, hi;
  HilumBitsKernels kernels;
  const HilumProgress *progress;
  atomic_size_t done;
} Threshold;

static void threshold_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Threshold *t = data;
  const HilumMask *m = t->mask;
  const size_t ni = (size_t)m->dims[0], nj = (size_t)m->dims[1];
  for (size_t k = begin; k < end; k++) {
    const size_t done = atomic_fetch_add_explicit(&t->done, 1, memory_order_relaxed);
    if (!hilum_progress_step(t->progress, (double)done / m->dims[2])) return;
    const int16_t *src = t->voxels + k * nj * ni;
    uint64_t *dst = hilum_mask_row(m, 0, (int32_t)k);
    if (ni % 64 == 0) /* rows without padding follow each other without a gap */
      t->kernels.compare_i16(src, ni * nj, t->lo, t->hi, dst);
    else
      for (size_t j = 0; j < nj; j++)
        t->kernels.compare_i16(src + j * ni, ni, t->lo, t->hi, dst + j * m->row_words);
  }
}

HilumMask *hilum_threshold(const HilumVolume *volume, double lo, double hi, const HilumProgress *progress,
                           GError **error)
{
  g_return_val_if_fail(volume != NULL, NULL);
  if (isnan(lo) || isnan(hi) || lo > hi) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_INVALID,
                "The range from %g to %g is empty: the lower bound must not be above the upper.", lo, hi);
    return NULL;
  }
  g_autoptr(HilumMask) mask = hilum_mask_new(hilum_volume_get_grid(volume)->dims, error);
  if (mask == NULL) return NULL;
  Threshold t = {.voxels = hilum_volume_get_voxels(volume), .mask = mask, .progress = progress};
  atomic_init(&t.done, 0);
  hilum_bits_kernels_init(&t.kernels);
  if (hilum_volume_stored_range(volume, lo, hi, &t.lo, &t.hi))
    hilum_parallel_for((size_t)mask->dims[2], 4, threshold_body, &t);
  if (hilum_progress_fail(progress, error)) return NULL;
  return g_steal_pointer(&mask);
}
