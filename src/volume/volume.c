/* The image volume: ownership, the histogram from which range and quantiles follow, and sampling. The voxels
 * are counted when somebody first asks: a volume that is only loaded, moved or meshed never pays for it. */
#include "hilum/volume/volume.h"

#include "hilum/base/error.h"
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/volume/error.h"
#include "hilum/volume/histogram.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct HilumVolume {
  atomic_int refs;
  HilumGrid grid;
  int16_t *voxels;
  double slope, intercept;
  char *unit;
  pthread_mutex_t lock;          /* of counting */
  _Atomic(uint64_t *) histogram; /* NULL until counted; then it, min and max never change */
  int16_t min, max;
};

/* --- histogram --- */

enum { GRAIN_VOXELS = 1 << 20 };

typedef struct {
  const int16_t *voxels;
  HilumHistogram *histogram;
} CountPass;

static void count_chunk(size_t begin, size_t end, unsigned worker, void *data)
{
  const CountPass *pass = data;
  hilum_histogram_add(pass->histogram, worker, pass->voxels + begin, end - begin);
}

/* Side by side where there is memory for a table a worker, else one after the other. */
static void count_all(const HilumVolume *volume, uint64_t *bins)
{
  size_t n = hilum_grid_count(&volume->grid);
  g_autoptr(HilumHistogram) histogram = hilum_histogram_new(NULL);
  if (histogram) {
    CountPass pass = {volume->voxels, histogram};
    hilum_parallel_for(n, GRAIN_VOXELS, count_chunk, &pass);
    uint64_t counted = hilum_histogram_sum(histogram, bins);
    g_assert(counted == n);
    return;
  }
  memset(bins, 0, HILUM_HISTOGRAM_BINS * sizeof *bins);
  for (size_t i = 0; i < n; i++)
    bins[volume->voxels[i] + 32768]++;
}

static void find_range(HilumVolume *volume, const uint64_t *bins)
{
  unsigned lowest = 0, highest = HILUM_HISTOGRAM_BINS - 1;
  while (bins[lowest] == 0)
    lowest++;
  while (bins[highest] == 0)
    highest--;
  volume->min = (int16_t)((int)lowest - 32768);
  volume->max = (int16_t)((int)highest - 32768);
}

const uint64_t *hilum_volume_get_histogram(const HilumVolume *volume)
{
  HilumVolume *self = (HilumVolume *)volume; /* what it says never changes, only whether it is known yet */
  uint64_t *bins = atomic_load_explicit(&self->histogram, memory_order_acquire);
  if (bins) return bins;
  pthread_mutex_lock(&self->lock);
  bins = atomic_load_explicit(&self->histogram, memory_order_relaxed);
  if (!bins) {
    bins = g_new(uint64_t, HILUM_HISTOGRAM_BINS);
    count_all(self, bins);
    find_range(self, bins);
    atomic_store_explicit(&self->histogram, bins, memory_order_release);
  }
  pthread_mutex_unlock(&self->lock);
  return bins;
}

/* --- life --- */

HilumVolume *hilum_volume_new_take(const HilumGrid *grid, int16_t *voxels, double slope, double intercept,
                                   const char *unit, GError **error)
{
  g_autoptr(HilumVolume) volume = g_new0(HilumVolume, 1);
  atomic_init(&volume->refs, 1);
  atomic_init(&volume->histogram, NULL);
  pthread_mutex_init(&volume->lock, NULL);
  volume->grid = *grid;
  volume->voxels = voxels;
  volume->slope = slope;
  volume->intercept = intercept;
  volume->unit = g_strdup(unit ? unit : "");
  if (!hilum_grid_validate(grid, error)) return NULL;
  if (isfinite(slope) && slope > 0 && isfinite(intercept)) return g_steal_pointer(&volume);
  g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
              "The rescale of the voxel values (slope %g, intercept %g) cannot be used", slope, intercept);
  return NULL;
}

HilumVolume *hilum_volume_ref(HilumVolume *volume)
{
  atomic_fetch_add_explicit(&volume->refs, 1, memory_order_relaxed);
  return volume;
}

void hilum_volume_unref(HilumVolume *volume)
{
  if (!volume || atomic_fetch_sub(&volume->refs, 1) != 1) return;
  hilum_big_free(volume->voxels);
  g_free(atomic_load_explicit(&volume->histogram, memory_order_relaxed));
  pthread_mutex_destroy(&volume->lock);
  g_free(volume->unit);
  g_free(volume);
}

/* --- questions --- */

const HilumGrid *hilum_volume_get_grid(const HilumVolume *volume)
{
  return &volume->grid;
}

const int16_t *hilum_volume_get_voxels(const HilumVolume *volume)
{
  return volume->voxels;
}

double hilum_volume_get_slope(const HilumVolume *volume)
{
  return volume->slope;
}

double hilum_volume_get_intercept(const HilumVolume *volume)
{
  return volume->intercept;
}

const char *hilum_volume_get_unit(const HilumVolume *volume)
{
  return volume->unit;
}

static double to_real(const HilumVolume *volume, int16_t stored)
{
  return hilum_stored_to_real(volume->slope, volume->intercept, stored);
}

void hilum_volume_get_range(const HilumVolume *volume, double *min, double *max)
{
  (void)hilum_volume_get_histogram(volume);
  *min = to_real(volume, volume->min);
  *max = to_real(volume, volume->max);
}

double hilum_volume_get_quantile(const HilumVolume *volume, double fraction)
{
  double wanted = CLAMP(fraction, 0, 1) * (double)hilum_grid_count(&volume->grid);
  const uint64_t *bins = hilum_volume_get_histogram(volume);
  uint64_t below = 0;
  for (int stored = volume->min; stored < volume->max; stored++) {
    below += bins[stored + 32768];
    if (below > 0 && (double)below >= wanted) return to_real(volume, (int16_t)stored);
  }
  return to_real(volume, volume->max);
}

double hilum_volume_get_value(const HilumVolume *volume, HilumVoxel voxel)
{
  return to_real(volume, volume->voxels[hilum_grid_offset(&volume->grid, voxel)]);
}

/* --- sampling --- */

/* The two neighbours along one axis and the weight of the upper one, clamped at the border. False outside the
 * outermost cells. */
static bool split(double position, int32_t count, int32_t *lower, int32_t *upper, double *weight)
{
  if (!(position >= -0.5 && position <= count - 0.5)) return false;
  double inside = CLAMP(position, 0, count - 1.0);
  *lower = (int32_t)inside;
  *upper = MIN(*lower + 1, count - 1);
  *weight = inside - *lower;
  return true;
}

bool hilum_volume_sample_mm(const HilumVolume *volume, HilumVec3 point_mm, double *value)
{
  const HilumGrid *grid = &volume->grid;
  HilumIndexPos p = hilum_grid_from_mm(grid, point_mm);
  int32_t i[2], j[2], k[2];
  double wi, wj, wk;
  if (!split(p.i, grid->dims[0], &i[0], &i[1], &wi) || !split(p.j, grid->dims[1], &j[0], &j[1], &wj) ||
      !split(p.k, grid->dims[2], &k[0], &k[1], &wk))
    return false;
  double sum = 0;
  for (int corner = 0; corner < 8; corner++) {
    HilumVoxel v = {i[corner & 1], j[corner >> 1 & 1], k[corner >> 2 & 1]};
    double weight = (corner & 1 ? wi : 1 - wi) * (corner & 2 ? wj : 1 - wj) * (corner & 4 ? wk : 1 - wk);
    sum += weight * volume->voxels[hilum_grid_offset(grid, v)];
  }
  *value = volume->slope * sum + volume->intercept;
  return true;
}

/* First stored value whose real value is not below `bound` (or, with `beyond`, is above it); 32768 if none.
 * Bisection over the very expression that readers of a voxel evaluate, which rounding keeps monotonic, so
 * that no voxel at the edge of the range is judged otherwise than its printed value. */
static int first_not_below(const HilumVolume *volume, double bound, bool beyond)
{
  int lo = INT16_MIN, hi = INT16_MAX + 1;
  while (lo < hi) {
    int middle = lo + (hi - lo) / 2;
    double real = to_real(volume, (int16_t)middle);
    if (beyond ? real > bound : real >= bound)
      hi = middle;
    else
      lo = middle + 1;
  }
  return lo;
}

bool hilum_volume_stored_range(const HilumVolume *volume, double lo_real, double hi_real, int16_t *lo,
                               int16_t *hi)
{
  if (!(lo_real <= hi_real)) return false;
  int first = first_not_below(volume, lo_real, false);
  int last = first_not_below(volume, hi_real, true) - 1;
  if (first > last) return false;
  *lo = (int16_t)first;
  *hi = (int16_t)last;
  return true;
}
