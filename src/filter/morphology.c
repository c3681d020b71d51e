/* Ball morphology on bit rows.
 *
 * The ball is a bundle of rows. Each source row is widened once to every half-width that occurs in the ball
 * (each from the one before, by doubling shifts: van Herk's idea of sharing work between window sizes, on
 * bits), and the widened rows are joined into the rows of the result that the ball reaches: 64 voxels an
 * operation, rows without voxels cost nothing. Erosion is the dilation of the complement. The cost grows with
 * the square of the radius, so large balls take the way of ball_distance.c, with the same bits. */
#include "hilum/filter/morphology.h"

#include "ball_private.h"
#include "hilum/base/parallel.h"
#include "hilum/filter/error.h"
#include "hilum/kernels/morph.h"
#include "mask_box_private.h"

#include <math.h>
#include <string.h>

#define SLAB 16
#define WORDS_A_VOXEL 25 /* joined in the time that the distance transform takes for a voxel */

typedef struct {
  const HilumBall *ball;
  const HilumMask *src;
  HilumMask *dst;
  const HilumMask *wanted; /* rows of dst that are empty here are left out; NULL: all rows */
  HilumMorphKernels kernels;
  uint64_t *scratch; /* per worker: n_widths + 1 rows */
  HilumTicks ticks;
} Spread;

/* Joins a run of consecutive destination rows with one widened row. */
static void join_rows(const Spread *s, const uint64_t *widened, int32_t j0, int32_t n, int32_t k)
{
  const int32_t nj = s->dst->dims[1];
  int32_t end = j0 + n < nj ? j0 + n : nj;
  if (j0 < 0) j0 = 0;
  if (j0 >= end) return;
  s->kernels.or_rows(hilum_mask_row(s->dst, j0, k), s->dst->row_words, (size_t)(end - j0), widened,
                     s->dst->row_words);
}

/* All rows of the ball at one dk, around source row j. */
static void join_slice(const Spread *s, const uint64_t *widened, int32_t j, int32_t dk, int32_t k)
{
  const HilumBall *ball = s->ball;
  const size_t end = ball->first[dk + ball->radius_vox[2] + 1];
  for (size_t r = ball->first[dk + ball->radius_vox[2]]; r < end;) {
    size_t n = 1; /* rows that follow each other and share a width */
    while (r + n < end && ball->rows[r + n].width == ball->rows[r].width &&
           ball->rows[r + n].dj == ball->rows[r].dj + (int32_t)n)
      n++;
    join_rows(s, widened + ball->rows[r].width * s->src->row_words, j + ball->rows[r].dj, (int32_t)n, k);
    r += n;
  }
}

static bool slice_wanted(const Spread *s, int32_t k)
{
  return s->wanted == NULL || hilum_filter_row_any(hilum_mask_row(s->wanted, 0, k),
                                                   (size_t)s->wanted->dims[1] * s->wanted->row_words);
}

/* Spreads source slice ks into the destination slices [k0, k1). */
static void spread_slice(const Spread *s, int32_t ks, int32_t k0, int32_t k1, const bool *wanted,
                         uint64_t *widened)
{
  const HilumBall *ball = s->ball;
  const size_t n_words = s->src->row_words;
  uint64_t *tmp = widened + ball->n_widths * n_words;
  for (int32_t j = 0; j < s->src->dims[1]; j++) {
    const uint64_t *row = hilum_mask_row(s->src, j, ks);
    if (!hilum_filter_row_any(row, n_words)) continue;
    int32_t reach = 0;
    for (size_t w = 0; w < ball->n_widths; w++) {
      hilum_morph_widen_row(widened + w * n_words, row, n_words, (size_t)(ball->widths[w] - reach), tmp);
      reach = ball->widths[w];
      row = widened + w * n_words;
    }
    for (int32_t k = k0; k < k1; k++)
      if (wanted[k - k0] && k - ks >= -ball->radius_vox[2] && k - ks <= ball->radius_vox[2])
        join_slice(s, widened, j, k - ks, k);
  }
}

static void spread_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Spread *s = data;
  const int32_t k0 = (int32_t)begin, k1 = (int32_t)end, rk = s->ball->radius_vox[2];
  uint64_t *widened = s->scratch + worker * (s->ball->n_widths + 1) * s->src->row_words;
  bool wanted[SLAB];
  for (int32_t k = k0; k < k1; k++)
    wanted[k - k0] = slice_wanted(s, k);
  const int32_t from = k0 > rk ? k0 - rk : 0;
  const int32_t until = s->src->dims[2] - k1 > rk ? k1 + rk : s->src->dims[2];
  for (int32_t ks = from; ks < until; ks++) {
    if (hilum_progress_cancelled(s->ticks.progress)) return;
    spread_slice(s, ks, k0, k1, wanted, widened);
  }
  const uint64_t tail = hilum_mask_tail(s->dst);
  for (int32_t k = k0; k < k1; k++) {
    for (int32_t j = 0; j < s->dst->dims[1]; j++)
      hilum_mask_row(s->dst, j, k)[s->dst->row_words - 1] &= tail;
    if (!hilum_ticks_step(&s->ticks)) return;
  }
}

bool hilum_ball_spread_rows(const HilumBall *ball, const HilumMask *src, HilumMask *dst,
                            const HilumMask *wanted, const HilumProgress *progress, GError **error)
{
  Spread s = {.ball = ball, .src = src, .dst = dst, .wanted = wanted};
  hilum_morph_kernels_init(&s.kernels);
  const size_t slices = (size_t)src->dims[2];
  hilum_ticks_init(&s.ticks, progress, slices);
  s.scratch = g_try_new(uint64_t, hilum_parallel_threads() * (ball->n_widths + 1) * src->row_words);
  if (s.scratch == NULL) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "There is not enough memory for a margin this wide.");
    return false;
  }
  hilum_parallel_for(slices, SLAB, spread_body, &s);
  g_free(s.scratch);
  return !hilum_progress_fail(progress, error);
}

static size_t count_rows(const HilumMask *mask)
{
  size_t rows = 0;
  for (int32_t k = 0; k < mask->dims[2]; k++)
    for (int32_t j = 0; j < mask->dims[1]; j++)
      rows += hilum_filter_row_any(hilum_mask_row(mask, j, k), mask->row_words);
  return rows;
}

/* Is the distance transform faster? Joining a word takes a small part of what the transform does for a voxel.
 */
static bool is_far(const HilumBall *ball, const HilumMask *src)
{
  const double voxels = (double)src->dims[0] * src->dims[1] * src->dims[2];
  const double most = (double)ball->n_rows * (double)src->row_words * src->dims[1] * src->dims[2];
  if (most < WORDS_A_VOXEL * voxels) return false;
  return (double)ball->n_rows * (double)src->row_words * (double)count_rows(src) > WORDS_A_VOXEL * voxels;
}

/* Spreads `src` by the ball into `dst` (clear, same dims), the faster way; without memory for that, the
 * other.
 */
static bool spread(const HilumMask *src, HilumMask *dst, const HilumMask *wanted, const double spacing_mm[3],
                   double radius_mm, const HilumProgress *progress, GError **error)
{
  HilumBall ball;
  hilum_ball_init(&ball, spacing_mm, radius_mm, src->dims);
  g_autoptr(GError) failure = NULL;
  bool ok =
      is_far(&ball, src) && hilum_ball_spread_far(&ball, src, dst, spacing_mm, radius_mm, progress, &failure);
  if (failure != NULL && g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error(error, g_steal_pointer(&failure));
  else if (!ok)
    ok = hilum_ball_spread_rows(&ball, src, dst, wanted, progress, error);
  hilum_ball_clear(&ball);
  return ok;
}

static bool check_radius(const double spacing_mm[3], double radius_mm, GError **error)
{
  for (int a = 0; a < 3; a++)
    g_return_val_if_fail(isfinite(spacing_mm[a]) && spacing_mm[a] > 0, false);
  if (isfinite(radius_mm) && radius_mm >= 0) return true;
  g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_INVALID,
                      "The radius must be a number of millimetres that is not negative.");
  return false;
}

/* How far the ball reaches in voxels. */
static void ball_margin(const HilumMask *mask, const double spacing_mm[3], double radius_mm,
                        int32_t margin[3])
{
  for (int a = 0; a < 3; a++)
    margin[a] = hilum_ball_extent(spacing_mm[a], hilum_ball_limit_mm2(radius_mm), mask->dims[a]);
}

bool hilum_mask_dilate(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                       const HilumProgress *progress, GError **error)
{
  if (!check_radius(spacing_mm, radius_mm, error)) return false;
  HilumVoxelBox box = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(box)) return !hilum_progress_fail(progress, error);
  int32_t margin[3];
  ball_margin(mask, spacing_mm, radius_mm, margin);
  box = hilum_filter_grow_box(box, margin, mask->dims);
  g_autoptr(HilumMask) src = hilum_filter_crop(mask, &box, error);
  if (src == NULL) return false;
  g_autoptr(HilumMask) dst = hilum_mask_new(src->dims, error);
  if (dst == NULL || !spread(src, dst, NULL, spacing_mm, radius_mm, progress, error)) return false;
  hilum_filter_paste(mask, dst, box);
  return true;
}

bool hilum_mask_erode(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                      const HilumProgress *progress, GError **error)
{
  if (!check_radius(spacing_mm, radius_mm, error)) return false;
  HilumVoxelBox box = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(box)) return !hilum_progress_fail(progress, error);
  int32_t margin[3];
  ball_margin(mask, spacing_mm, radius_mm, margin);
  box = hilum_filter_grow_box(box, margin, mask->dims);
  g_autoptr(HilumMask) kept = hilum_filter_crop(mask, &box, error);
  if (kept == NULL) return false;
  g_autoptr(HilumMask) background = hilum_mask_copy(kept, error);
  if (background == NULL) return false;
  hilum_mask_invert(background);
  g_autoptr(HilumMask) eaten = hilum_mask_new(kept->dims, error);
  if (eaten == NULL || !spread(background, eaten, kept, spacing_mm, radius_mm, progress, error)) return false;
  hilum_mask_and_not(kept, eaten);
  hilum_filter_paste(mask, kept, box);
  return true;
}

bool hilum_mask_open(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                     const HilumProgress *progress, GError **error)
{
  HilumProgress first = hilum_progress_part(progress, 0, 0.5, NULL);
  HilumProgress second = hilum_progress_part(progress, 0.5, 1, NULL);
  return hilum_mask_erode(mask, spacing_mm, radius_mm, &first, error) &&
         hilum_mask_dilate(mask, spacing_mm, radius_mm, &second, error);
}

bool hilum_mask_close(HilumMask *mask, const double spacing_mm[3], double radius_mm,
                      const HilumProgress *progress, GError **error)
{
  HilumProgress first = hilum_progress_part(progress, 0, 0.5, NULL);
  HilumProgress second = hilum_progress_part(progress, 0.5, 1, NULL);
  return hilum_mask_dilate(mask, spacing_mm, radius_mm, &first, error) &&
         hilum_mask_erode(mask, spacing_mm, radius_mm, &second, error);
}
