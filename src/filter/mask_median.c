/* Median of 3x3x3 bits, 64 voxels at a time: counts are numbers whose binary digits lie in words of their
 * own. A row is the sums of three neighbours along x (2 digits), a slice those of three rows (4 digits), and
 * three slices sum to 0..27, of which 14 and more are most. */
#include "hilum/filter/majority.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/error.h"
#include "mask_box_private.h"

enum { DIGITS = 4, SLICES = 3, GRAIN = 8 };

typedef struct {
  const HilumMask *src;
  HilumMask *dst;
  uint64_t *sums;     /* per worker: SLICES slices of rows of words of DIGITS digits */
  size_t slice_words; /* of one slice of sums */
  HilumTicks ticks;
} Median;

typedef struct {
  uint64_t sum, carry;
} Bits2;

static inline Bits2 add3(uint64_t a, uint64_t b, uint64_t c)
{
  const uint64_t half = a ^ b;
  return (Bits2){half ^ c, (a & b) | (half & c)};
}

/* Word w of a row plus its neighbours to the left and to the right; the first and the last voxel go on. */
static inline Bits2 sum_along_x(const uint64_t *row, size_t w, size_t n_words, int32_t n)
{
  const uint64_t here = row[w];
  const uint64_t before = w > 0 ? row[w - 1] >> 63 : here & 1;
  uint64_t after = w + 1 < n_words ? row[w + 1] << 63 : here & (UINT64_C(1) << 63);
  uint64_t right = here >> 1 | after;
  if (w + 1 == n_words && n & 63) right |= here & (UINT64_C(1) << ((n & 63) - 1));
  return add3(here << 1 | before, here, right);
}

/* The sums of one slice: of each voxel and the eight round it in the slice. */
static void sum_slice(const Median *m, int32_t k, uint64_t *out)
{
  const int32_t nj = m->src->dims[1];
  const size_t n_words = m->src->row_words;
  for (int32_t j = 0; j < nj; j++) {
    const uint64_t *rows[3];
    for (int d = 0; d < 3; d++)
      rows[d] = hilum_mask_row(m->src, hilum_filter_clamp(j + d - 1, nj), k);
    for (size_t w = 0; w < n_words; w++, out += DIGITS) {
      Bits2 x[3];
      for (int d = 0; d < 3; d++)
        x[d] = sum_along_x(rows[d], w, n_words, m->src->dims[0]);
      const Bits2 ones = add3(x[0].sum, x[1].sum, x[2].sum);
      const Bits2 twos = add3(x[0].carry, x[1].carry, x[2].carry);
      const uint64_t twos_carry = twos.sum & ones.carry;
      out[0] = ones.sum;
      out[1] = twos.sum ^ ones.carry;
      out[2] = twos.carry ^ twos_carry;
      out[3] = twos.carry & twos_carry;
    }
  }
}

/* Of three sums of 0..9: is their sum 14 or more? */
static inline uint64_t is_most(const uint64_t *a, const uint64_t *b, const uint64_t *c)
{
  uint64_t carry = 0, digits[DIGITS + 1];
  for (int d = 0; d < DIGITS; d++) {
    const Bits2 s = add3(a[d], b[d], carry);
    digits[d] = s.sum;
    carry = s.carry;
  }
  digits[DIGITS] = carry;
  carry = 0;
  for (int d = 0; d < DIGITS; d++) {
    const Bits2 s = add3(digits[d], c[d], carry);
    digits[d] = s.sum;
    carry = s.carry;
  }
  return digits[DIGITS] | carry | (digits[3] & digits[2] & digits[1]);
}

static void median_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Median *m = data;
  const int32_t nk = m->src->dims[2], first = (int32_t)begin, last = (int32_t)end;
  const size_t n_words = m->src->row_words;
  uint64_t *sums = m->sums + worker * SLICES * m->slice_words;
  for (int32_t k = MAX(first - 1, 0); k <= first; k++)
    sum_slice(m, k, sums + (size_t)(k % SLICES) * m->slice_words);
  for (int32_t k = first; k < last; k++) {
    if (k + 1 < nk) sum_slice(m, k + 1, sums + (size_t)((k + 1) % SLICES) * m->slice_words);
    const uint64_t *at[SLICES];
    for (int d = 0; d < SLICES; d++)
      at[d] = sums + (size_t)(hilum_filter_clamp(k + d - 1, nk) % SLICES) * m->slice_words;
    for (int32_t j = 0; j < m->src->dims[1]; j++) {
      uint64_t *out = hilum_mask_row(m->dst, j, k);
      for (size_t w = 0; w < n_words; w++) {
        const size_t o = ((size_t)j * n_words + w) * DIGITS;
        out[w] = is_most(at[0] + o, at[1] + o, at[2] + o);
      }
      out[n_words - 1] &= hilum_mask_tail(m->dst);
    }
    if (!hilum_ticks_step(&m->ticks)) return;
  }
}

static bool allocate(Median *m, GError **error)
{
  size_t bytes;
  m->slice_words = (size_t)m->src->dims[1] * m->src->row_words * DIGITS;
  if (!hilum_size_mul3((int64_t)m->slice_words, SLICES * sizeof(uint64_t), hilum_parallel_threads(),
                       &bytes)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "The structure is too large to be smoothed.");
    return false;
  }
  m->sums = hilum_big_alloc(bytes, error);
  return m->sums != NULL;
}

bool hilum_mask_median(HilumMask *mask, const HilumProgress *progress, GError **error)
{
  static const int32_t margin[3] = {1, 1, 1};
  HilumVoxelBox box = hilum_mask_bounds(mask);
  if (hilum_voxel_box_is_empty(box)) return !hilum_progress_fail(progress, error);
  box = hilum_filter_grow_box(box, margin, mask->dims);
  Median m = {0};
  g_autoptr(HilumMask) src = hilum_filter_crop(mask, &box, error);
  g_autoptr(HilumMask) dst = src != NULL ? hilum_mask_new(src->dims, error) : NULL;
  m.src = src;
  m.dst = dst;
  if (dst == NULL || !allocate(&m, error)) return false;
  hilum_ticks_init(&m.ticks, progress, (size_t)src->dims[2]);
  hilum_parallel_for((size_t)src->dims[2], GRAIN, median_body, &m);
  hilum_big_free(m.sums);
  if (hilum_progress_fail(progress, error)) return false;
  hilum_filter_paste(mask, dst, box);
  return true;
}
