/* The ball, the barrier and the confidence of region growing. */
#include "grow_private.h"

#include "hilum/base/parallel.h"
#include "hilum/segment/brush.h"

#include <math.h>
#include <stdatomic.h>

HilumMask *hilum_grow_balls(const HilumVolume *volume, const HilumGrowOptions *o, GError **error)
{
  const HilumGrid *grid = hilum_volume_get_grid(volume);
  HilumMask *balls = hilum_mask_new(grid->dims, error);
  const HilumBrush ball = {.radius_mm = o->radius_mm, .ball = true, .normal = {0, 0, 1}};
  for (size_t s = 0; balls != NULL && s < o->n_seeds; s++) {
    const HilumVec3 at = hilum_grid_voxel_to_mm(grid, o->seeds[s]);
    hilum_brush_sweep(&ball, grid, at, at, balls, NULL);
  }
  return balls;
}

/* --- barrier --- */

typedef struct {
  const HilumGrid *grid;
  const int16_t *voxels;
  double bound2; /* of stored values, squared */
  HilumMask *domain;
  const HilumProgress *progress;
} Barrier;

/* Difference along one axis in stored values a millimetre: central, one-sided at the border. */
static double slope_along(const int16_t *at, ptrdiff_t stride, int32_t index, int32_t n, double spacing_mm)
{
  const int back = index > 0, forth = index + 1 < n;
  if (back + forth == 0) return 0;
  return (at[forth * stride] - at[-back * stride]) / ((back + forth) * spacing_mm);
}

static bool is_steep(const Barrier *b, int32_t i, int32_t j, int32_t k)
{
  const HilumGrid *g = b->grid;
  const ptrdiff_t row = g->dims[0], slice = row * g->dims[1];
  const int16_t *at = b->voxels + hilum_grid_offset(g, (HilumVoxel){i, j, k});
  const double x = slope_along(at, 1, i, g->dims[0], g->spacing_mm[0]);
  const double y = slope_along(at, row, j, g->dims[1], g->spacing_mm[1]);
  const double z = slope_along(at, slice, k, g->dims[2], g->spacing_mm[2]);
  return x * x + y * y + z * z > b->bound2;
}

static void barrier_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Barrier *b = data;
  const HilumMask *m = b->domain;
  for (size_t k = begin; k < end && !hilum_progress_cancelled(b->progress); k++)
    for (int32_t j = 0; j < m->dims[1]; j++) {
      uint64_t *row = hilum_mask_row(m, j, (int32_t)k);
      for (size_t w = 0; w < m->row_words; w++)
        for (uint64_t bits = row[w]; bits != 0; bits &= bits - 1) {
          const int bit = __builtin_ctzll(bits);
          if (is_steep(b, (int32_t)(w * 64) + bit, j, (int32_t)k)) row[w] &= ~(UINT64_C(1) << bit);
        }
    }
}

bool hilum_grow_put_up_barrier(const HilumVolume *volume, double bound, HilumMask *domain,
                               const HilumProgress *progress, GError **error)
{
  const double stored = bound / hilum_volume_get_slope(volume);
  Barrier b = {.grid = hilum_volume_get_grid(volume),
               .voxels = hilum_volume_get_voxels(volume),
               .bound2 = stored * stored,
               .domain = domain,
               .progress = progress};
  hilum_parallel_for((size_t)domain->dims[2], 4, barrier_body, &b);
  return !hilum_progress_fail(progress, error);
}

/* --- faces --- */

typedef struct {
  const HilumMask *grown, *domain;
  HilumMask *out;
  const HilumProgress *progress;
} Faces;

static void faces_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Faces *f = data;
  const HilumMask *g = f->grown;
  for (size_t slice = begin; slice < end && !hilum_progress_cancelled(f->progress); slice++) {
    const int32_t k = (int32_t)slice;
    for (int32_t j = 0; j < g->dims[1]; j++) {
      const uint64_t *row = hilum_mask_row(g, j, k), *may = hilum_mask_row(f->domain, j, k);
      const uint64_t *beside[4] = {
          j > 0 ? hilum_mask_row(g, j - 1, k) : row, j + 1 < g->dims[1] ? hilum_mask_row(g, j + 1, k) : row,
          k > 0 ? hilum_mask_row(g, j, k - 1) : row, k + 1 < g->dims[2] ? hilum_mask_row(g, j, k + 1) : row};
      uint64_t *out = hilum_mask_row(f->out, j, k);
      for (size_t w = 0; w < g->row_words; w++) {
        uint64_t near = row[w] << 1 | row[w] >> 1;
        if (w > 0) near |= row[w - 1] >> 63;
        if (w + 1 < g->row_words) near |= row[w + 1] << 63;
        for (int n = 0; n < 4; n++)
          near |= beside[n][w];
        out[w] = row[w] | (near & may[w]);
      }
    }
  }
}

bool hilum_grow_reach_faces(HilumMask *grown, const HilumMask *domain, const HilumProgress *progress,
                            GError **error)
{
  g_autoptr(HilumMask) out = hilum_mask_new(grown->dims, error);
  if (out == NULL) return false;
  Faces f = {grown, domain, out, progress};
  hilum_parallel_for((size_t)grown->dims[2], 4, faces_body, &f);
  if (hilum_progress_fail(progress, error)) return false;
  uint64_t *words = grown->words;
  grown->words = out->words;
  out->words = words;
  return true;
}

/* --- confidence --- */

static void range_around(double mean, double sd, double confidence, double step, double *lo, double *hi)
{
  const double reach = fmax(confidence * sd, step);
  *lo = mean - reach;
  *hi = mean + reach;
}

void hilum_confidence_first_range(const HilumVolume *volume, const HilumGrowOptions *o, double *lo,
                                  double *hi)
{
  double sum = 0, variance = 0, seed_lo = INFINITY, seed_hi = -INFINITY;
  for (size_t s = 0; s < o->n_seeds; s++) {
    double mean, sd;
    hilum_neighbourhood_stats(volume, o->seeds[s], 1, &mean, &sd);
    const double value = hilum_volume_get_value(volume, o->seeds[s]);
    sum += mean;
    variance += sd * sd;
    seed_lo = fmin(seed_lo, value);
    seed_hi = fmax(seed_hi, value);
  }
  const double n = (double)o->n_seeds;
  range_around(sum / n, sqrt(variance / n), o->confidence, hilum_volume_get_slope(volume), lo, hi);
  *lo = fmin(*lo, seed_lo);
  *hi = fmax(*hi, seed_hi);
}

typedef struct {
  const HilumMask *mask;
  const int16_t *voxels;
  int64_t (*sums)[3]; /* one a slice: count, values, squares */
} Moments;

static void moments_body(size_t begin, size_t end, unsigned worker, void *data)
{
  const Moments *m = data;
  for (size_t k = begin; k < end; k++) {
    int64_t n = 0, sum = 0, squares = 0;
    for (int32_t j = 0; j < m->mask->dims[1]; j++) {
      const uint64_t *row = hilum_mask_row(m->mask, j, (int32_t)k);
      const int16_t *values =
          m->voxels + (k * (size_t)m->mask->dims[1] + (size_t)j) * (size_t)m->mask->dims[0];
      for (size_t w = 0; w < m->mask->row_words; w++)
        for (uint64_t bits = row[w]; bits != 0; bits &= bits - 1) {
          const int64_t v = values[w * 64 + (size_t)__builtin_ctzll(bits)];
          n++;
          sum += v;
          squares += v * v;
        }
    }
    m->sums[k][0] = n;
    m->sums[k][1] = sum;
    m->sums[k][2] = squares;
  }
}

bool hilum_confidence_next_range(const HilumVolume *volume, const HilumMask *grown, double confidence,
                                 double *lo, double *hi)
{
  const size_t slices = (size_t)grown->dims[2];
  g_autofree int64_t(*sums)[3] = g_malloc0(slices * sizeof *sums);
  Moments m = {grown, hilum_volume_get_voxels(volume), sums};
  hilum_parallel_for(slices, 4, moments_body, &m);
  __int128 n = 0, sum = 0, squares = 0;
  for (size_t k = 0; k < slices; k++) {
    n += sums[k][0];
    sum += sums[k][1];
    squares += sums[k][2];
  }
  const double slope = hilum_volume_get_slope(volume), count = (double)n;
  const double mean = slope * ((double)sum / count) + hilum_volume_get_intercept(volume);
  const double sd = slope * sqrt((double)(n * squares - sum * sum)) / count;
  double next_lo, next_hi;
  int16_t before[2], after[2];
  range_around(mean, sd, confidence, slope, &next_lo, &next_hi);
  if (hilum_volume_stored_range(volume, *lo, *hi, &before[0], &before[1]) &&
      hilum_volume_stored_range(volume, next_lo, next_hi, &after[0], &after[1]) && before[0] == after[0] &&
      before[1] == after[1])
    return false;
  *lo = next_lo;
  *hi = next_hi;
  return true;
}
