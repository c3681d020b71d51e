/* Gaussian smoothing of a mask, thresholded at one half.
 *
 * Separable, in integers: weights are symmetric and sum to exactly 2^14, the indicator and the results of the
 * first two passes are 14-bit fixed point, the last pass is compared with one half without rounding. So the
 * outcome is the same on every machine and with any number of threads, and mirrors with its input. Beyond the
 * volume's border the nearest voxel goes on, so that an object cut by the border keeps its cut face. Scratch:
 * a ring of 2 * radius + BATCH slices of the mask's box in 16 bits. */
#include "hilum/filter/morphology.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/error.h"
#include "mask_box_private.h"

#include <math.h>
#include <string.h>

#define ONE (1 << 14)
#define BATCH 16
#define MAX_SIGMA_VOX 1000

typedef struct {
  int32_t radius;
  int16_t *weights; /* radius + 1, from the centre outwards */
} Weights;

typedef struct {
  const HilumMask *src;
  HilumMask *dst;
  Weights w[3];
  int16_t *ring; /* ring_slices slices of rows padded to whole words */
  size_t ring_slices, row_stride, slice_stride;
  int16_t *scratch;    /* per worker */
  size_t scratch_size; /* values a worker */
  int32_t k0;          /* first slice of the present batch */
  HilumTicks ticks;
} Smooth;

/* Gaussian weights to 4 sigma. Tails are rounded as sums from outside inwards, so that no error piles up. */
static Weights make_weights(double sigma_vox)
{
  Weights w = {.radius = (int32_t)ceil(4 * sigma_vox)};
  w.weights = g_new0(int16_t, (size_t)w.radius + 1);
  double sum = 1;
  for (int32_t r = 1; r <= w.radius; r++)
    sum += 2 * exp(-0.5 * r * r / (sigma_vox * sigma_vox));
  double tail = 0;
  int32_t given = 0;
  for (int32_t r = w.radius; r > 0; r--) {
    tail += ONE * exp(-0.5 * r * r / (sigma_vox * sigma_vox)) / sum;
    w.weights[r] = (int16_t)(lrint(tail) - given);
    given += w.weights[r];
  }
  w.weights[0] = (int16_t)(ONE - 2 * given);
  while (w.radius > 0 && w.weights[w.radius] == 0)
    w.radius--;
  return w;
}

/* One row of bits to fixed point, smoothed along x. `padded` holds n + 2 * radius values. */
static void smooth_bits(const uint64_t *bits, int32_t n, const Weights *w, int16_t *padded, int16_t *out)
{
  const int32_t r = w->radius;
  for (int32_t i = 0; i < n; i++)
    padded[r + i] = (int16_t)((bits[i >> 6] >> (i & 63)) & 1);
  for (int32_t i = 0; i < r; i++) {
    padded[i] = padded[r];
    padded[r + n + i] = padded[r + n - 1];
  }
  for (int32_t i = 0; i < n; i++)
    out[i] = (int16_t)(w->weights[0] * padded[r + i]);
  for (int32_t t = 1; t <= r; t++) {
    const int16_t weight = w->weights[t], *left = padded + r - t, *right = padded + r + t;
    for (int32_t i = 0; i < n; i++)
      out[i] = (int16_t)(out[i] + weight * (int16_t)(left[i] + right[i]));
  }
}

static void add_rows(int32_t *sum, size_t n, int16_t weight, const int16_t *a, const int16_t *b)
{
  for (size_t i = 0; i < n; i++)
    sum[i] += weight * (a[i] + b[i]);
}

/* Smooths slice k along x and y into the ring. */
static void smooth_slice(Smooth *s, int32_t k, int16_t *scratch)
{
  const int32_t ni = s->src->dims[0], nj = s->src->dims[1];
  const size_t n = (size_t)ni;
  int16_t *rows = scratch;
  int16_t *padded = rows + n * (size_t)nj;
  int32_t *sum = (int32_t *)(void *)(scratch + s->scratch_size - 2 * n - 2);
  int16_t *out = s->ring + ((size_t)k % s->ring_slices) * s->slice_stride;
  for (int32_t j = 0; j < nj; j++)
    smooth_bits(hilum_mask_row(s->src, j, k), ni, &s->w[0], padded, rows + n * (size_t)j);
  for (int32_t j = 0; j < nj; j++, out += s->row_stride) {
    const int16_t *centre = rows + n * (size_t)j;
    for (size_t i = 0; i < n; i++)
      sum[i] = s->w[1].weights[0] * centre[i];
    for (int32_t t = 1; t <= s->w[1].radius; t++)
      add_rows(sum, n, s->w[1].weights[t], rows + n * (size_t)hilum_filter_clamp(j - t, nj),
               rows + n * (size_t)hilum_filter_clamp(j + t, nj));
    for (size_t i = 0; i < n; i++)
      out[i] = (int16_t)((sum[i] + ONE / 2) >> 14);
  }
}

static void plane_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(s->ticks.progress)) return;
    smooth_slice(s, s->k0 + (int32_t)k, s->scratch + worker * s->scratch_size);
  }
}

static const int16_t *ring_row(const Smooth *s, int32_t k, int32_t j)
{
  const size_t slice = (size_t)hilum_filter_clamp(k, s->src->dims[2]) % s->ring_slices;
  return s->ring + slice * s->slice_stride + (size_t)j * s->row_stride;
}

/* Smooths along z and compares with one half. */
static void axis_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Smooth *s = data;
  const size_t n = (size_t)s->src->dims[0];
  int32_t *sum = (int32_t *)(void *)(s->scratch + (worker + 1) * s->scratch_size - 2 * n - 2);
  for (size_t k = begin; k < end; k++) {
    if (!hilum_ticks_step(&s->ticks)) return;
    const int32_t kz = s->k0 + (int32_t)k;
    for (int32_t j = 0; j < s->src->dims[1]; j++) {
      const int16_t *centre = ring_row(s, kz, j);
      for (size_t i = 0; i < n; i++)
        sum[i] = s->w[2].weights[0] * centre[i];
      for (int32_t t = 1; t <= s->w[2].radius; t++)
        add_rows(sum, n, s->w[2].weights[t], ring_row(s, kz - t, j), ring_row(s, kz + t, j));
      uint64_t *row = hilum_mask_row(s->dst, j, kz);
      for (size_t i = 0; i < n; i++)
        row[i >> 6] |= (uint64_t)(sum[i] >= ONE * (ONE / 2)) << (i & 63);
    }
  }
}

static bool run_smooth(Smooth *s, const HilumProgress *progress, GError **error)
{
  const int32_t nk = s->src->dims[2], rk = s->w[2].radius;
  hilum_ticks_init(&s->ticks, progress, (size_t)nk);
  int32_t ready = 0; /* slices smoothed in their plane */
  for (int32_t k = 0; k < nk; k += BATCH) {
    const int32_t end = k + BATCH < nk ? k + BATCH : nk;
    const int32_t until = nk - end > rk ? end + rk : nk;
    s->k0 = ready;
    if (until > ready) hilum_parallel_for((size_t)(until - ready), 1, plane_body, s);
    ready = until;
    s->k0 = k;
    hilum_parallel_for((size_t)(end - k), 1, axis_body, s);
    if (hilum_progress_fail(progress, error)) return false;
  }
  return true;
}

static bool allocate(Smooth *s, GError **error)
{
  const size_t n = (size_t)s->src->dims[0], nj = (size_t)s->src->dims[1];
  s->ring_slices = MIN((size_t)s->src->dims[2], 2 * (size_t)s->w[2].radius + BATCH);
  s->row_stride = n;
  s->slice_stride = n * nj;
  s->scratch_size = n * nj + n + 2 * (size_t)s->w[0].radius + 2 * n + 4;
  s->scratch_size = (s->scratch_size + 31) & ~(size_t)31;
  size_t ring, scratch;
  if (!hilum_size_mul3((int64_t)s->ring_slices, (int64_t)s->slice_stride, sizeof *s->ring, &ring) ||
      !hilum_size_mul3((int64_t)hilum_parallel_threads(), (int64_t)s->scratch_size, sizeof *s->scratch,
                       &scratch)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "The structure is too large to be smoothed this far.");
    return false;
  }
  s->ring = hilum_big_alloc(ring, error);
  if (s->ring == NULL) return false;
  s->scratch = hilum_big_alloc(scratch, error);
  return s->scratch != NULL;
}

bool hilum_mask_smooth(HilumMask *mask, const double spacing_mm[3], double sigma_mm,
                       const HilumProgress *progress, GError **error)
{
  if (!hilum_filter_check_sigma(sigma_mm, spacing_mm, MAX_SIGMA_VOX, error)) return false;
  HilumVoxelBox box = hilum_mask_bounds(mask);
  if (sigma_mm == 0 || hilum_voxel_box_is_empty(box)) return !hilum_progress_fail(progress, error);

  Smooth s = {0};
  int32_t margin[3];
  for (int a = 0; a < 3; a++) {
    s.w[a] = make_weights(sigma_mm / spacing_mm[a]);
    margin[a] = s.w[a].radius;
  }
  box = hilum_filter_grow_box(box, margin, mask->dims);
  g_autoptr(HilumMask) src = hilum_filter_crop(mask, &box, error);
  g_autoptr(HilumMask) dst = src != NULL ? hilum_mask_new(src->dims, error) : NULL;
  s.src = src;
  s.dst = dst;
  bool ok = dst != NULL && allocate(&s, error) && run_smooth(&s, progress, error);
  if (ok) hilum_filter_paste(mask, dst, box);
  hilum_big_free(s.ring);
  hilum_big_free(s.scratch);
  for (int a = 0; a < 3; a++)
    g_free(s.w[a].weights);
  return ok;
}
