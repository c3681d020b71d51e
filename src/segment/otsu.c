/* Otsu's thresholds, exact for any number of classes.
 *
 * Maximising the variance between classes is maximising the sum of S^2 / N over them, S and N being a class's
 * sum and count. The best split of values 0..v into c classes comes from the best splits of 0..u into c - 1;
 * since the cost is a sum of squares over sorted values, the best u never moves back as v grows, so each row
 * is found by halving (as in k-means in one dimension: Gronlund et al., arXiv 1701.07204, 2017). */
#include "hilum/segment/range.h"

#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "hilum/segment/threshold.h"
#include "hilum/volume/histogram.h"

#include <math.h>

/* The values that occur, ascending. */
typedef struct {
  int n;
  int *index;          /* in the histogram */
  double *count, *sum; /* of values below, n + 1 each; sums about the overall mean */
  double all_squares;
} Values;

static void values_clear(Values *v)
{
  g_free(v->index);
  g_free(v->count);
  g_free(v->sum);
}

static Values values_of(const uint64_t *counts, int first, int last)
{
  Values v = {0};
  double n = 0, sum = 0;
  for (int b = first; b <= last; b++) {
    v.n += counts[b] > 0;
    n += (double)counts[b];
    sum += (double)counts[b] * b;
  }
  const double mean = n > 0 ? sum / n : 0;
  v.index = g_new(int, MAX(v.n, 1));
  v.count = g_new0(double, v.n + 1);
  v.sum = g_new0(double, v.n + 1);
  int at = 0;
  for (int b = first; b <= last; b++) {
    if (counts[b] == 0) continue;
    const double c = (double)counts[b], d = b - mean;
    v.index[at] = b;
    v.count[at + 1] = v.count[at] + c;
    v.sum[at + 1] = v.sum[at] + c * d;
    v.all_squares += c * d * d;
    at++;
  }
  return v;
}

/* S^2 / N of values [u, w). */
static double part(const Values *v, int u, int w)
{
  const double s = v->sum[w] - v->sum[u];
  return s * s / (v->count[w] - v->count[u]);
}

/* now[w], for w in [lo, hi]: best sum for values [0, w) in `classes` classes, of which the last begins at
 * from[w]; it is looked for in [u_lo, u_hi]. */
static void fill(const Values *v, int classes, const double *before, double *now, int *from, int lo, int hi,
                 int u_lo, int u_hi)
{
  if (lo > hi) return;
  const int w = lo + (hi - lo) / 2;
  double best = -1;
  int best_u = MAX(u_lo, classes - 1);
  for (int u = best_u; u <= MIN(u_hi, w - 1); u++) {
    const double value = before[u] + part(v, u, w);
    if (!(value > best)) continue;
    best = value;
    best_u = u;
  }
  now[w] = best;
  from[w] = best_u;
  fill(v, classes, before, now, from, lo, w - 1, u_lo, best_u);
  fill(v, classes, before, now, from, w + 1, hi, best_u, u_hi);
}

bool hilum_otsu_thresholds(const uint64_t *counts, int first, int last, int n_classes, int *thresholds,
                           double *separability)
{
  g_return_val_if_fail(counts != NULL && first >= 0 && last < HILUM_HISTOGRAM_BINS, false);
  g_return_val_if_fail(n_classes >= 2 && n_classes <= HILUM_OTSU_MAX_CLASSES, false);
  Values v = values_of(counts, first, last);
  if (v.n < n_classes) {
    values_clear(&v);
    return false;
  }
  const size_t n = (size_t)v.n + 1;
  g_autofree double *sums = g_new0(double, 2 * n);
  g_autofree int *from = g_new0(int, (size_t)n_classes *n);
  double *before = sums, *now = sums + n;
  for (int w = 1; w <= v.n; w++)
    before[w] = part(&v, 0, w);
  for (int c = 2; c <= n_classes; c++) {
    fill(&v, c, before, now, from + (size_t)(c - 1) * n, c, v.n, c - 1, v.n - 1);
    double *swap = before;
    before = now;
    now = swap;
  }
  if (separability != NULL) *separability = v.all_squares > 0 ? before[v.n] / v.all_squares : 0;
  for (int c = n_classes - 1, w = v.n; c >= 1; c--) {
    w = from[(size_t)c * n + (size_t)w];
    thresholds[c - 1] = v.index[w - 1];
  }
  values_clear(&v);
  return true;
}

/* --- ranges of classes --- */

typedef struct {
  const HilumMask *inside;
  const int16_t *voxels;
  HilumHistogram *counts;
  const HilumProgress *progress;
} Count;

static void count_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Count *c = data;
  const HilumMask *m = c->inside;
  for (size_t k = begin; k < end && !hilum_progress_cancelled(c->progress); k++)
    for (int32_t j = 0; j < m->dims[1]; j++) {
      const uint64_t *row = hilum_mask_row(m, j, (int32_t)k);
      const int16_t *values = c->voxels + (k * (size_t)m->dims[1] + (size_t)j) * (size_t)m->dims[0];
      int16_t gathered[64];
      for (size_t w = 0; w < m->row_words; w++) {
        size_t n = 0;
        for (uint64_t bits = row[w]; bits != 0; bits &= bits - 1)
          gathered[n++] = values[w * 64 + (size_t)__builtin_ctzll(bits)];
        if (n > 0) hilum_histogram_add(c->counts, worker, gathered, n);
      }
    }
}

/* Counts of the voxels in the mask: NULL if cancelled. */
static uint64_t *count_inside(const HilumVolume *volume, const HilumMask *inside,
                              const HilumProgress *progress, GError **error)
{
  g_autoptr(HilumHistogram) counts = hilum_histogram_new(error);
  if (counts == NULL) return NULL;
  Count c = {inside, hilum_volume_get_voxels(volume), counts, progress};
  hilum_parallel_for((size_t)inside->dims[2], 4, count_body, &c);
  if (hilum_progress_fail(progress, error)) return NULL;
  uint64_t *bins = g_new(uint64_t, HILUM_HISTOGRAM_BINS);
  hilum_histogram_sum(counts, bins);
  return bins;
}

/* Where a class ends, as stored: in the middle of the values that do not occur behind its threshold, always
 * half a step from any. */
static double edge_after(const uint64_t *counts, int threshold)
{
  int next = threshold + 1;
  while (next < HILUM_HISTOGRAM_BINS - 1 && counts[next] == 0)
    next++;
  return (threshold + next - 1) / 2 - 32768 + 0.5;
}

bool hilum_otsu_range(const HilumVolume *volume, const HilumMask *inside, double lo, double hi, int n_classes,
                      int which, double *range_lo, double *range_hi, const HilumProgress *progress,
                      GError **error)
{
  g_return_val_if_fail(volume != NULL && which >= 1 && which <= n_classes, false);
  g_autofree uint64_t *own = NULL;
  if (inside != NULL && (own = count_inside(volume, inside, progress, error)) == NULL) return false;
  const uint64_t *counts = own != NULL ? own : hilum_volume_get_histogram(volume);
  const double slope = hilum_volume_get_slope(volume), intercept = hilum_volume_get_intercept(volume);
  int thresholds[HILUM_OTSU_MAX_CLASSES];
  int16_t first, last;
  if (isnan(lo) || isnan(hi) || !hilum_volume_stored_range(volume, lo, hi, &first, &last) ||
      !hilum_otsu_thresholds(counts, first + 32768, last + 32768, n_classes, thresholds, NULL)) {
    g_set_error(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                "There are fewer than %d different values from %g to %g to split into classes.", n_classes,
                lo, hi);
    return false;
  }
  *range_lo = which == 1 ? lo : slope * edge_after(counts, thresholds[which - 2]) + intercept;
  *range_hi = which == n_classes ? hi : slope * edge_after(counts, thresholds[which - 1]) + intercept;
  return true;
}

/* --- around a click --- */

/* Counts the stored values of voxels whose centre lies within the radius; returns how many there are. */
static uint64_t count_ball(const HilumVolume *volume, HilumVoxel at, double radius_mm, uint64_t *counts)
{
  const HilumGrid *g = hilum_volume_get_grid(volume);
  const int16_t *voxels = hilum_volume_get_voxels(volume);
  int32_t lo[3], hi[3];
  const int32_t centre[3] = {at.i, at.j, at.k};
  for (int a = 0; a < 3; a++) {
    const double reach = floor(radius_mm / g->spacing_mm[a]);
    lo[a] = (int32_t)MAX(centre[a] - reach, 0);
    hi[a] = (int32_t)MIN(centre[a] + reach, g->dims[a] - 1);
  }
  uint64_t n = 0;
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      for (int32_t i = lo[0]; i <= hi[0]; i++) {
        const double x = (i - at.i) * g->spacing_mm[0], y = (j - at.j) * g->spacing_mm[1];
        const double z = (k - at.k) * g->spacing_mm[2];
        if (x * x + y * y + z * z > radius_mm * radius_mm * (1 + 1e-9)) continue;
        counts[voxels[hilum_grid_offset(g, (HilumVoxel){i, j, k})] + 32768]++;
        n++;
      }
  return n;
}

/* Mean and standard deviation of the counted values in [first, last], as stored. */
static void moments(const uint64_t *counts, int first, int last, double *mean, double *sd)
{
  double n = 0, sum = 0, squares = 0;
  for (int b = first; b <= last; b++) {
    n += (double)counts[b];
    sum += (double)counts[b] * (b - 32768);
  }
  *mean = n > 0 ? sum / n : 0;
  for (int b = first; b <= last; b++)
    squares += (double)counts[b] * (b - 32768 - *mean) * (b - 32768 - *mean);
  *sd = n > 0 ? sqrt(squares / n) : 0;
}

void hilum_suggest_range(const HilumVolume *volume, HilumVoxel voxel, double radius_mm, double *lo,
                         double *hi, bool *two)
{
  g_return_if_fail(volume != NULL && hilum_grid_contains(hilum_volume_get_grid(volume), voxel));
  const double slope = hilum_volume_get_slope(volume), intercept = hilum_volume_get_intercept(volume);
  const int last = HILUM_HISTOGRAM_BINS - 1;
  g_autofree uint64_t *counts = g_new0(uint64_t, HILUM_HISTOGRAM_BINS);
  count_ball(volume, voxel, radius_mm > 0 ? radius_mm : 6, counts);
  int threshold = 0;
  double separability = 0, mean, sd, here;
  const bool split =
      hilum_otsu_thresholds(counts, 0, last, 2, &threshold, &separability) && separability >= 0.75;
  hilum_neighbourhood_stats(volume, voxel, 1, &here, NULL);
  const double edge = edge_after(counts, threshold);
  if (!split) {
    moments(counts, 0, last, &mean, &sd);
    const double reach = MAX(2.5 * sd, 1);
    *lo = mean - reach;
    *hi = mean + reach;
  } else if ((here - intercept) / slope > edge) {
    moments(counts, threshold + 1, last, &mean, &sd);
    *lo = edge;
    *hi = MAX(mean + 3 * sd, edge + 1);
  } else {
    moments(counts, 0, threshold, &mean, &sd);
    *lo = MIN(mean - 3 * sd, edge - 1);
    *hi = edge;
  }
  *lo = slope * *lo + intercept;
  *hi = slope * *hi + intercept;
  if (two != NULL) *two = split;
}
