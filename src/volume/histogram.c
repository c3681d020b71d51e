/* Counting voxels by value, by several workers at once. */
#include "hilum/volume/histogram.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <string.h>

/* Four tables side by side for a worker: equal neighbours (air, padding) would otherwise wait for each
 * other's store. 32-bit counts halve the cache they need. */
enum { LANES = 4 };

typedef struct {
  uint32_t lanes[LANES][HILUM_HISTOGRAM_BINS]; /* index: the stored word as unsigned */
  uint64_t pending;                            /* voxels in `lanes`: no lane can hold more than that */
  uint64_t wide[HILUM_HISTOGRAM_BINS];         /* what `lanes` held before they could overflow */
} Tally;

struct HilumHistogram {
  unsigned workers;
  Tally *tallies;
};

HilumHistogram *hilum_histogram_new(GError **error)
{
  unsigned workers = hilum_parallel_threads();
  Tally *tallies = hilum_big_alloc0(workers * sizeof *tallies, error);
  if (!tallies) return NULL;
  HilumHistogram *histogram = g_new(HilumHistogram, 1);
  histogram->workers = workers;
  histogram->tallies = tallies;
  return histogram;
}

void hilum_histogram_free(HilumHistogram *histogram)
{
  if (!histogram) return;
  hilum_big_free(histogram->tallies);
  g_free(histogram);
}

static void empty_lanes(Tally *t)
{
  for (unsigned lane = 0; lane < LANES; lane++)
    for (unsigned bin = 0; bin < HILUM_HISTOGRAM_BINS; bin++)
      t->wide[bin] += t->lanes[lane][bin];
  memset(t->lanes, 0, sizeof t->lanes);
  t->pending = 0;
}

/* One load for four voxels: the loop is bound by its stores otherwise, too. Which of them is first does not
 * matter to a sum. */
static void count(Tally *t, const int16_t *voxels, size_t n)
{
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    uint64_t four;
    memcpy(&four, voxels + i, sizeof four);
    t->lanes[0][four & 0xFFFF]++;
    t->lanes[1][four >> 16 & 0xFFFF]++;
    t->lanes[2][four >> 32 & 0xFFFF]++;
    t->lanes[3][four >> 48]++;
  }
  for (; i < n; i++)
    t->lanes[0][(uint16_t)voxels[i]]++;
  t->pending += n;
}

void hilum_histogram_add(HilumHistogram *histogram, unsigned worker, const int16_t *voxels, size_t n)
{
  g_assert(worker < histogram->workers);
  Tally *t = &histogram->tallies[worker];
  const size_t most = (size_t)1 << 30;
  for (size_t done = 0, part; done < n; done += part) {
    part = MIN(n - done, most);
    if (t->pending > UINT32_MAX - part) empty_lanes(t);
    count(t, voxels + done, part);
  }
}

uint64_t hilum_histogram_sum(HilumHistogram *histogram, uint64_t bins[HILUM_HISTOGRAM_BINS])
{
  memset(bins, 0, HILUM_HISTOGRAM_BINS * sizeof *bins);
  for (unsigned w = 0; w < histogram->workers; w++) {
    Tally *t = &histogram->tallies[w];
    empty_lanes(t);
    for (unsigned word = 0; word < HILUM_HISTOGRAM_BINS; word++)
      bins[word ^ 0x8000] += t->wide[word];
  }
  uint64_t all = 0;
  for (unsigned bin = 0; bin < HILUM_HISTOGRAM_BINS; bin++)
    all += bins[bin];
  return all;
}
