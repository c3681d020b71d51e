/* Noise out of what voxels look like, edges and thin vessels left: each value becomes the mean of those of
 * its 27 neighbours that in every phase lie within the noise of it (the sigma filter of Lee 1983, over all
 * phases together: what differs in one phase is another tissue in all). */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "seed_growth_private.h"

#include <math.h>
#include <string.h>

#define WITHIN 3.0f /* standard deviations of noise: two voxels of one tissue differ by sqrt(2) of it */

typedef struct {
  const HilumSeedGrowth *growth;
  int16_t *to;
  int32_t within[HILUM_SEED_MAX_PHASES];
  ptrdiff_t around[27];
} Smoothing;

/* Scratch of one row. */
typedef struct {
  int32_t *alike; /* -1 or 0 */
  int32_t *n;
  int32_t *sum; /* of each phase, one behind the other: differences to the centre */
} Row;

static void add_neighbour(const Smoothing *s, const Row *row, size_t at, ptrdiff_t around, size_t length)
{
  const HilumSeedGrowth *g = s->growth;
  for (size_t p = 0; p < g->n_volumes; p++) {
    const int16_t *centre = g->look + p * g->count + at, *other = centre + around;
    const int32_t within = s->within[p];
    for (size_t x = 0; x < length; x++) {
      const int32_t d = other[x] - centre[x], alike = -(int32_t)(d <= within && d >= -within);
      row->alike[x] = p == 0 ? alike : row->alike[x] & alike;
    }
  }
  for (size_t x = 0; x < length; x++)
    row->n[x] -= row->alike[x];
  for (size_t p = 0; p < g->n_volumes; p++) {
    const int16_t *centre = g->look + p * g->count + at, *other = centre + around;
    for (size_t x = 0; x < length; x++)
      row->sum[p * length + x] += (other[x] - centre[x]) & row->alike[x];
  }
}

static void smooth_row(const Smoothing *s, const Row *row, size_t at, size_t length)
{
  const HilumSeedGrowth *g = s->growth;
  memset(row->n, 0, length * sizeof *row->n);
  memset(row->sum, 0, g->n_volumes * length * sizeof *row->sum);
  for (int a = 0; a < 27; a++)
    add_neighbour(s, row, at, s->around[a], length);
  for (size_t p = 0; p < g->n_volumes; p++)
    for (size_t x = 0; x < length; x++) {
      const float mean = (float)row->sum[p * length + x] / (float)row->n[x];
      s->to[p * g->count + at + x] = (int16_t)(g->look[p * g->count + at + x] + (int32_t)rintf(mean));
    }
}

static void smooth_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const Smoothing *s = data;
  const size_t *dims = s->growth->dims, length = dims[0] - 2;
  g_autofree int32_t *scratch = g_new(int32_t, (s->growth->n_volumes + 2) * length);
  const Row row = {scratch, scratch + length, scratch + 2 * length};
  for (size_t z = begin + 1; z < end + 1; z++)
    for (size_t y = 1; y + 1 < dims[1]; y++)
      smooth_row(s, &row, (z * dims[1] + y) * dims[0] + 1, length);
}

bool hilum_seed_smooth_look(HilumSeedGrowth *g, GError **error)
{
  int16_t *to = hilum_big_alloc(g->count * g->n_volumes * sizeof *to, error);
  if (to == NULL) return false;
  memcpy(to, g->look, g->count * g->n_volumes * sizeof *to); /* the frame */
  Smoothing s = {.growth = g, .to = to};
  for (size_t p = 0; p < g->n_volumes; p++)
    s.within[p] = (int32_t)lrintf(WITHIN * g->noise[p]);
  for (int a = 0; a < 27; a++)
    s.around[a] = (a % 3 - 1) * g->along[0] + (a / 3 % 3 - 1) * g->along[1] + (a / 9 - 1) * g->along[2];
  hilum_parallel_for(g->dims[2] - 2, 4, smooth_slices, &s);
  hilum_big_free(g->look);
  g->look = to;
  return true;
}
