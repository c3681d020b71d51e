/* Putting sheared or uneven slices into an even, orthogonal grid. Within a slice: cubic convolution (R. G.
 * Keys, 1981, a = -0.5), which keeps edges where two-tap averaging would blur every slice by another amount;
 * a slice whose pixels fall on the grid's is copied bit for bit. Between slices: a straight line between the
 * two neighbours, which invents no value that neither of them has. */
#include "resample.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/dicom/error.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define ON_PLANE 1e-3    /* of a plane's distance: a slice so near is the plane */
#define ON_PIXEL_PX 1e-3 /* pixels so near are the grid's */

typedef struct {
  const HilumStackPlan *plan;
  const HilumGrid *grid;
  const int16_t *slices;
  int16_t *out;
  int16_t padding;
  float *scratch; /* of each worker: two rows of the grid and one of a slice */
  size_t scratch_n;
  const HilumProgress *progress;
  atomic_size_t done;
} Resample;

/* Weights of the four pixels around a place `t` (0..1) behind the second. */
static void cubic_weights(double t, float w[4])
{
  w[0] = (float)(((-0.5 * t + 1) * t - 0.5) * t);
  w[1] = (float)((1.5 * t - 2.5) * t * t + 1);
  w[2] = (float)(((-1.5 * t + 2) * t + 0.5) * t);
  w[3] = (float)((0.5 * t - 0.5) * t * t);
}

/* Where grid index 0 lies in a slice, as whole pixels and the rest. */
static int32_t split_offset(double offset, double *rest)
{
  double whole = floor(-offset);
  *rest = -offset - whole;
  if (*rest < ON_PIXEL_PX) *rest = 0;
  if (*rest > 1 - ON_PIXEL_PX) {
    *rest = 0;
    whole += 1;
  }
  return (int32_t)whole;
}

static int32_t clamp_index(int32_t i, int32_t n)
{
  return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* The grid indices whose centre lies in one of a slice's n pixels, half a pixel beyond them included. */
static void covered_range(int32_t whole, double rest, int32_t n, int32_t grid_n, int32_t *begin, int32_t *end)
{
  double first = ceil(-0.5 - rest), last = floor(n - 0.5 - rest);
  double from = first - whole, to = last - whole + 1;
  *begin = (int32_t)fmin(fmax(from, 0), grid_n);
  *end = (int32_t)fmin(fmax(to, *begin), grid_n);
}

/* Row `j` of the grid as slice `s` has it; only [*begin, *end) is written. False: the slice does not reach
 * it. */
static bool sample_row(const Resample *r, guint s, int32_t j, float *line, float *row, int32_t *begin,
                       int32_t *end)
{
  const HilumStackPlan *plan = r->plan;
  const int32_t nx = plan->columns, ny = plan->rows;
  double rest_i, rest_j;
  int32_t whole_i = split_offset(plan->slices[s].i, &rest_i);
  int32_t whole_j = split_offset(plan->slices[s].j, &rest_j), first, last;
  covered_range(whole_j, rest_j, ny, r->grid->dims[1], &first, &last);
  if (j < first || j >= last) return false;
  covered_range(whole_i, rest_i, nx, r->grid->dims[0], begin, end);
  const int16_t *slice = r->slices + (size_t)s * (size_t)nx * (size_t)ny;
  const int16_t *taps[4];
  float wj[4], wi[4];
  for (int t = 0; t < 4; t++)
    taps[t] = slice + (size_t)clamp_index(j + whole_j + t - 1, ny) * (size_t)nx;
  cubic_weights(rest_j, wj);
  cubic_weights(rest_i, wi);
  for (int32_t i = 0; i < nx; i++)
    line[i] = rest_j == 0 ? taps[1][i]
                          : wj[0] * taps[0][i] + wj[1] * taps[1][i] + wj[2] * taps[2][i] + wj[3] * taps[3][i];
  for (int32_t i = *begin; i < *end; i++) {
    const int32_t x = i + whole_i;
    row[i] = rest_i == 0 ? line[clamp_index(x, nx)]
                         : wi[0] * line[clamp_index(x - 1, nx)] + wi[1] * line[clamp_index(x, nx)] +
                               wi[2] * line[clamp_index(x + 1, nx)] + wi[3] * line[clamp_index(x + 2, nx)];
  }
  return true;
}

static int16_t to_stored(float value)
{
  float rounded = floorf(value + 0.5f);
  return rounded <= INT16_MIN ? INT16_MIN : rounded >= INT16_MAX ? INT16_MAX : (int16_t)rounded;
}

/* The slices around plane `k`, and the share of the second. */
static void slices_around(const HilumStackPlan *plan, int32_t k, guint *a, guint *b, double *share)
{
  guint low = 0, high = plan->n - 1;
  while (high - low > 1) {
    guint middle = low + (high - low) / 2;
    if (plan->slices[middle].k <= k)
      low = middle;
    else
      high = middle;
  }
  double from = plan->slices[low].k, to = plan->slices[high].k;
  double t = to > from ? (k - from) / (to - from) : 0;
  *a = low;
  *b = high;
  *share = t;
  if ((k - from) <= ON_PLANE) *share = 0;
  if ((to - k) <= ON_PLANE) *share = 1;
}

/* Where only one of two slices reaches, it speaks alone. */
static void mix_rows(Resample *r, int32_t k, int32_t j, float *scratch, int16_t *out)
{
  const int32_t nx = r->grid->dims[0];
  float *line = scratch, *row_a = scratch + r->plan->columns, *row_b = row_a + nx;
  guint a, b;
  double share;
  slices_around(r->plan, k, &a, &b, &share);
  int32_t begin_a = 0, end_a = 0, begin_b = 0, end_b = 0;
  if (share < 1 && !sample_row(r, a, j, line, row_a, &begin_a, &end_a)) begin_a = end_a = 0;
  if (share > 0 && !sample_row(r, b, j, line, row_b, &begin_b, &end_b)) begin_b = end_b = 0;
  const float wb = (float)share, wa = (float)(1 - share);
  for (int32_t i = 0; i < nx; i++) {
    bool in_a = i >= begin_a && i < end_a, in_b = i >= begin_b && i < end_b;
    if (in_a && in_b)
      out[i] = to_stored(wa * row_a[i] + wb * row_b[i]);
    else if (in_a || in_b)
      out[i] = to_stored(in_a ? row_a[i] : row_b[i]);
    else
      out[i] = r->padding;
  }
}

static void resample_planes(size_t begin, size_t end, unsigned worker, void *data)
{
  Resample *r = data;
  const size_t nx = (size_t)r->grid->dims[0], ny = (size_t)r->grid->dims[1];
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(r->progress)) return;
    for (size_t j = 0; j < ny; j++)
      mix_rows(r, (int32_t)k, (int32_t)j, r->scratch + worker * r->scratch_n, r->out + (k * ny + j) * nx);
    size_t done = atomic_fetch_add(&r->done, 1) + 1;
    (void)hilum_progress_step(r->progress, (double)done / (double)r->grid->dims[2]);
  }
}

int16_t *hilum_stack_resample(const HilumStackPlan *plan, const HilumGrid *grid, int16_t *slices,
                              int16_t padding, const HilumProgress *progress, GError **error)
{
  Resample r = {.plan = plan, .grid = grid, .slices = slices, .padding = padding, .progress = progress};
  size_t voxels, bytes;
  if (!hilum_size_mul3(grid->dims[0], grid->dims[1], grid->dims[2], &voxels) ||
      !hilum_size_mul(voxels, sizeof *r.out, &bytes)) {
    g_set_error_literal(error, HILUM_DICOM_ERROR, HILUM_DICOM_ERROR_UNSUPPORTED,
                        "The resampled volume would be too large.");
    hilum_big_free(slices);
    return NULL;
  }
  r.out = hilum_big_alloc(bytes, error);
  if (r.out) {
    r.scratch_n = (size_t)plan->columns + 2 * (size_t)grid->dims[0];
    g_autofree float *scratch = g_new(float, r.scratch_n *hilum_parallel_threads());
    r.scratch = scratch;
    hilum_parallel_for((size_t)grid->dims[2], 1, resample_planes, &r);
    if (hilum_progress_fail(progress, error)) g_clear_pointer(&r.out, hilum_big_free);
  }
  hilum_big_free(slices);
  return r.out;
}
