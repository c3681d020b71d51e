/* Median 3x3x3 by sorting networks on rows (src/kernels/median_rows.h). A task is a block of rows through a
 * few slices; in it each row of three voxels above each other is sorted once and kept for the three rows of
 * the result that need it. */
#include "hilum/filter/median.h"

#include "grey_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/kernels/median.h"
#include "mask_box_private.h"

#define ROWS 64  /* of a task */
#define SLICES 8 /* of a task */

typedef struct {
  const int16_t *voxels;
  const int32_t *dims;
  int16_t *out;
  HilumMedianKernels kernels;
  int16_t *scratch; /* per worker: a ring of three sorted rows, nine values a voxel, and the kernel's own */
  size_t scratch_size;
  size_t blocks; /* tasks side by side in a slice */
  HilumTicks ticks;
} Median;

static const int16_t *source_row(const Median *m, int32_t j, int32_t k)
{
  const size_t at = (size_t)hilum_filter_clamp(k, m->dims[2]) * (size_t)m->dims[1] + (size_t)j;
  return m->voxels + at * (size_t)m->dims[0];
}

/* Row j (clamped) of slices k - 1, k, k + 1, sorted into its place in the ring. */
static void sort_row(const Median *m, int16_t *ring, int32_t j, int32_t k)
{
  const size_t n = (size_t)m->dims[0];
  int16_t *at = ring + (size_t)(j % 3) * 3 * n;
  int16_t *const sorted[3] = {at, at + n, at + 2 * n};
  m->kernels.sort3(source_row(m, j, k - 1), source_row(m, j, k), source_row(m, j, k + 1), n, sorted);
}

static void median_rows(const Median *m, int32_t j0, int32_t j1, int32_t k, unsigned worker)
{
  const size_t n = (size_t)m->dims[0];
  const int32_t nj = m->dims[1];
  int16_t *ring = m->scratch + worker * m->scratch_size;
  if (j0 > 0) sort_row(m, ring, j0 - 1, k);
  sort_row(m, ring, j0, k);
  int16_t *out = m->out + ((size_t)k * (size_t)nj + (size_t)j0) * n;
  for (int32_t j = j0; j < j1; j++, out += n) {
    if (j + 1 < nj) sort_row(m, ring, j + 1, k);
    const int16_t *columns[9];
    for (int32_t r = 0; r < 9; r++)
      columns[r] = ring + (size_t)(hilum_filter_clamp(j + r / 3 - 1, nj) % 3 * 3 + r % 3) * n;
    m->kernels.median27(columns, n, ring + 9 * n, out);
  }
}

static void median_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Median *m = data;
  for (size_t t = begin; t < end; t++) {
    if (!hilum_ticks_step(&m->ticks)) return;
    const int32_t j0 = (int32_t)(t % m->blocks) * ROWS, k0 = (int32_t)(t / m->blocks) * SLICES;
    for (int32_t k = k0; k < MIN(k0 + SLICES, m->dims[2]); k++)
      median_rows(m, j0, MIN(j0 + ROWS, m->dims[1]), k, worker);
  }
}

HilumVolume *hilum_volume_median(const HilumVolume *volume, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(volume != NULL, NULL);
  Median m = {.voxels = hilum_volume_get_voxels(volume), .dims = hilum_volume_get_grid(volume)->dims};
  const size_t n = (size_t)m.dims[0];
  m.blocks = hilum_parallel_chunks((size_t)m.dims[1], ROWS);
  m.scratch_size = 9 * n + hilum_median_scratch(n);
  hilum_median_kernels_init(&m.kernels);
  const size_t tasks = m.blocks * hilum_parallel_chunks((size_t)m.dims[2], SLICES);
  hilum_ticks_init(&m.ticks, progress, tasks);
  m.out = hilum_grey_alloc(volume, error);
  if (m.out != NULL)
    m.scratch = hilum_big_alloc(hilum_parallel_threads() * m.scratch_size * sizeof *m.scratch, error);
  if (m.scratch != NULL) hilum_parallel_for(tasks, 1, median_body, &m);
  const bool ok = m.scratch != NULL && !hilum_progress_fail(progress, error);
  hilum_big_free(m.scratch);
  if (ok) return hilum_grey_take(volume, m.out, error);
  hilum_big_free(m.out);
  return NULL;
}
