/* Median of a mask over a ball: how many voxels of each row of the ball are set is the difference of two
 * running counts, so that a voxel costs as many subtractions as the ball has rows, eight voxels at a time.
 * Rows without a voxel cost nothing. */
#include "hilum/filter/majority.h"

#include "ball_private.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/error.h"
#include "mask_box_private.h"

#include <math.h>
#include <string.h>

#define BATCH 16
#define MAX_RADIUS_VOX 64

typedef struct {
  const HilumMask *src;
  HilumMask *dst;
  HilumBall ball;
  uint32_t most;    /* more than half of the ball */
  uint16_t *counts; /* a ring of slices of rows: how many are set before each place, modulo 2^16; the row
                       begins `pad` voxels before the mask's */
  uint8_t *filled;  /* of the ring's rows: any voxel is set */
  size_t ring_slices, row_stride, slice_stride;
  int32_t pad;
  uint32_t *sums; /* per worker: a row */
  int32_t k0;     /* first slice of the present batch */
  HilumTicks ticks;
} Majority;

/* Running counts of one row that goes on beyond both ends. */
static bool count_row(const Majority *m, const uint64_t *row, uint16_t *out)
{
  const int32_t n = m->src->dims[0];
  const uint64_t last = row[(n - 1) >> 6] >> ((n - 1) & 63) & 1;
  uint16_t count = 0;
  for (int32_t i = 0; i < m->pad; i++) {
    *out++ = count;
    count = (uint16_t)(count + (row[0] & 1));
  }
  for (int32_t i = 0; i < n; i++) {
    *out++ = count;
    count = (uint16_t)(count + (row[i >> 6] >> (i & 63) & 1));
  }
  for (int32_t i = 0; i <= m->pad; i++) {
    *out++ = count;
    count = (uint16_t)(count + last);
  }
  return hilum_filter_row_any(row, m->src->row_words);
}

static void count_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Majority *m = data;
  for (size_t k = begin; k < end; k++) {
    const size_t slice = (size_t)m->k0 + k, ring = slice % m->ring_slices;
    for (int32_t j = 0; j < m->src->dims[1]; j++)
      m->filled[ring * (size_t)m->src->dims[1] + (size_t)j] =
          count_row(m, hilum_mask_row(m->src, j, (int32_t)slice),
                    m->counts + ring * m->slice_stride + (size_t)j * m->row_stride);
  }
}

/* Windows are narrower than 2^16, so that differences modulo 2^16 are exact. */
static void add_row(uint32_t *sum, size_t n, const uint16_t *before, const uint16_t *behind)
{
  for (size_t i = 0; i < n; i++)
    sum[i] += (uint16_t)(behind[i] - before[i]);
}

static void majority_row(const Majority *m, int32_t j, int32_t k, uint32_t *sum)
{
  const size_t n = (size_t)m->src->dims[0];
  memset(sum, 0, n * sizeof *sum);
  bool any = false;
  for (size_t r = 0; r < m->ball.n_rows; r++) {
    const HilumBallRow *row = &m->ball.rows[r];
    const size_t ring = (size_t)hilum_filter_clamp(k + row->dk, m->src->dims[2]) % m->ring_slices;
    const size_t y = (size_t)hilum_filter_clamp(j + row->dj, m->src->dims[1]);
    if (!m->filled[ring * (size_t)m->src->dims[1] + y]) continue;
    const uint16_t *counts = m->counts + ring * m->slice_stride + y * m->row_stride + m->pad;
    add_row(sum, n, counts - row->reach, counts + row->reach + 1);
    any = true;
  }
  uint64_t *out = hilum_mask_row(m->dst, j, k);
  for (size_t i = 0; any && i < n; i++)
    out[i >> 6] |= (uint64_t)(sum[i] >= m->most) << (i & 63);
}

static void majority_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Majority *m = data;
  uint32_t *sum = m->sums + (size_t)worker * (size_t)m->src->dims[0];
  for (size_t k = begin; k < end; k++) {
    if (!hilum_ticks_step(&m->ticks)) return;
    for (int32_t j = 0; j < m->src->dims[1]; j++)
      majority_row(m, j, m->k0 + (int32_t)k, sum);
  }
}

static bool run(Majority *m, const HilumProgress *progress, GError **error)
{
  const int32_t nk = m->src->dims[2], rk = m->ball.radius_vox[2];
  hilum_ticks_init(&m->ticks, progress, (size_t)nk);
  int32_t ready = 0; /* slices counted */
  for (int32_t k = 0; k < nk; k += BATCH) {
    const int32_t end = MIN(k + BATCH, nk), until = MIN(end + rk, nk);
    m->k0 = ready;
    if (until > ready) hilum_parallel_for((size_t)(until - ready), 1, count_body, m);
    ready = MAX(ready, until);
    m->k0 = k;
    hilum_parallel_for((size_t)(end - k), 1, majority_body, m);
    if (hilum_progress_fail(progress, error)) return false;
  }
  return true;
}

static bool allocate(Majority *m, GError **error)
{
  const size_t n = (size_t)m->src->dims[0], nj = (size_t)m->src->dims[1];
  m->pad = m->ball.radius_vox[0];
  m->ring_slices = MIN((size_t)m->src->dims[2], 2 * (size_t)m->ball.radius_vox[2] + BATCH);
  m->row_stride = n + 2 * (size_t)m->pad + 1;
  m->slice_stride = m->row_stride * nj;
  size_t counts, sums;
  if (!hilum_size_mul3((int64_t)m->ring_slices, (int64_t)m->slice_stride, sizeof *m->counts, &counts) ||
      !hilum_size_mul3((int64_t)hilum_parallel_threads(), (int64_t)n, sizeof *m->sums, &sums)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "The structure is too large to be smoothed this far.");
    return false;
  }
  m->counts = hilum_big_alloc(counts, error);
  m->sums = m->counts != NULL ? hilum_big_alloc(sums, error) : NULL;
  m->filled = m->sums != NULL ? hilum_big_alloc(m->ring_slices * nj, error) : NULL;
  return m->filled != NULL;
}

static void init_ball(Majority *m, const double spacing_mm[3], double radius_mm)
{
  static const int32_t unbounded[3] = {4 * MAX_RADIUS_VOX, 4 * MAX_RADIUS_VOX, 4 * MAX_RADIUS_VOX};
  uint32_t voxels = 0;
  hilum_ball_init(&m->ball, spacing_mm, radius_mm, unbounded);
  for (size_t r = 0; r < m->ball.n_rows; r++)
    voxels += 2 * (uint32_t)m->ball.rows[r].reach + 1;
  m->most = voxels / 2 + 1;
}

bool hilum_mask_majority(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                         const HilumProgress *progress, GError **error)
{
  if (!hilum_filter_check_sigma(radius_mm, spacing_mm, MAX_RADIUS_VOX, error)) return false;
  HilumVoxelBox box = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(box)) return !hilum_progress_fail(progress, error);
  Majority m = {0};
  init_ball(&m, spacing_mm, radius_mm);
  box = hilum_filter_grow_box(box, m.ball.radius_vox, mask->dims);
  g_autoptr(HilumMask) src = hilum_filter_crop(mask, &box, error);
  g_autoptr(HilumMask) dst = src != NULL ? hilum_mask_new(src->dims, error) : NULL;
  m.src = src;
  m.dst = dst;
  const bool ok = dst != NULL && allocate(&m, error) && run(&m, progress, error);
  if (ok) hilum_filter_paste(mask, dst, box);
  hilum_big_free(m.counts);
  hilum_big_free(m.sums);
  hilum_big_free(m.filled);
  hilum_ball_clear(&m.ball);
  return ok;
}
