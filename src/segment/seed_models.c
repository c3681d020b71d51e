/* What labels look like: modes of the values under their strokes, found by halving what is too wide.
 *
 * A label's voxels are split at the mean of the phase in which they scatter most (the principal direction
 * divisive partitioning of Boley 1998, on the axes), until each part scatters little more than the images'
 * noise; what is heterogeneous, as a tumour with necrosis or "everything else", has several modes. A voxel's
 * unlikeness to a label is that to its nearest mode: the squared distance in standard deviations, summed over
 * the phases as independent evidence is. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/segment/error.h"
#include "seed_growth_private.h"

#include <math.h>
#include <string.h>

#define WIDE 2.2       /* standard deviations of noise beyond which a part is split */
#define LEAST_SHARE 33 /* of the label's voxels that a mode stands for: its inverse */
#define WIDEST 2.0f    /* standard deviations of noise that a mode may be wide */
#define RISE 2.0f      /* steps for each squared standard deviation beyond what noise makes */
#define LIMIT 250.0f   /* steps: for a voxel unlike all that the label knows */
#define STRANGE 6      /* steps: three standard deviations in one phase */
#define EDGE_FREE 3.0f /* standard deviations of noise that the difference of two neighbours may be */
#define EDGE_RISE 1.0f /* steps for each beyond */
#define EDGE_LIMIT 15.0f

static int compare_floats(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Noise from the differences of neighbours along rows at the seeds: the median, which edges do not move. The
 * noise of images is correlated over a voxel or two, which hides about a third of it. Never below a fifth
 * of a percent of the range of values, below which textures lie. */
static float measure_noise(const HilumSeedGrowth *g, GArray *seeds, size_t phase)
{
  const double spread = (hilum_volume_get_quantile(g->volumes[phase], 0.99) -
                         hilum_volume_get_quantile(g->volumes[phase], 0.01)) /
                        hilum_volume_get_slope(g->volumes[phase]);
  const float least = (float)fmax(0.002 * spread, 0.5);
  g_autofree float *differences = g_new(float, seeds->len + 1);
  const int16_t *look = g->look + phase * g->count;
  size_t n = 0;
  for (guint s = 0; s < seeds->len; s++) {
    const size_t at = g_array_index(seeds, HilumSeed, s).at;
    if (atomic_load_explicit(&g->state[at + 1], memory_order_relaxed) == HILUM_SEED_BLOCKED) continue;
    differences[n++] = fabsf((float)look[at] - (float)look[at + 1]);
  }
  if (n == 0) return least;
  qsort(differences, n, sizeof *differences, compare_floats);
  return fmaxf(least, differences[n / 2] * (float)(1.5 / (0.6745 * M_SQRT2)));
}

typedef struct {
  double mean[HILUM_SEED_MAX_PHASES], sd[HILUM_SEED_MAX_PHASES];
  size_t widest;
  double width; /* of the widest phase, in noise */
} Part;

static Part measure_part(const HilumSeedGrowth *g, const uint32_t *at, size_t n)
{
  Part part = {.width = 0};
  for (size_t p = 0; p < g->n_volumes; p++) {
    const int16_t *look = g->look + p * g->count;
    double sum = 0, squares = 0;
    for (size_t v = 0; v < n; v++)
      sum += look[at[v]];
    part.mean[p] = sum / (double)n;
    for (size_t v = 0; v < n; v++) {
      const double d = look[at[v]] - part.mean[p];
      squares += d * d;
    }
    part.sd[p] = sqrt(squares / (double)n);
    if (part.sd[p] / g->noise[p] <= part.width) continue;
    part.width = part.sd[p] / g->noise[p];
    part.widest = p;
  }
  return part;
}

static void add_mode(const HilumSeedGrowth *g, HilumSeedModel *model, const Part *part)
{
  HilumSeedMode *mode = &model->modes[model->n_modes++];
  for (size_t p = 0; p < g->n_volumes; p++) {
    mode->mean[p] = (float)part->mean[p];
    mode->scale[p] = 1 / fminf(fmaxf((float)part->sd[p], g->noise[p]), WIDEST * g->noise[p]);
  }
}

/* Halves voxels at[0..n) of a label until the parts are narrow. `room` modes may be made. */
static void split(const HilumSeedGrowth *g, HilumSeedModel *model, uint32_t *at, size_t n, size_t whole,
                  unsigned room)
{
  const Part part = measure_part(g, at, n);
  const int16_t *widest = g->look + part.widest * g->count;
  size_t below = 0;
  if (part.width > WIDE && room > 1)
    for (size_t v = 0; v < n; v++)
      if (widest[at[v]] <= part.mean[part.widest]) {
        const uint32_t swap = at[v];
        at[v] = at[below];
        at[below++] = swap;
      }
  if (below == 0 || below == n) {
    add_mode(g, model, &part);
    return;
  }
  /* A few voxels beside many are partial volume, not a tissue. */
  const size_t least = MIN(whole / LEAST_SHARE, n / 2);
  const bool low = below >= least, high = n - below >= least;
  const unsigned share = low && high ? room / 2 : room;
  if (low) split(g, model, at, below, whole, share);
  if (high) split(g, model, at + below, n - below, whole, low ? room - share : room);
}

/* Scratch of one row of the box. */
typedef struct {
  float *values; /* in all phases, one behind the other */
  float *sum, *best;
} Row;

/* Squared distance of each voxel of the row to the nearest mode, as a penalty. */
static void judge_row(const HilumSeedGrowth *g, const HilumSeedModel *model, const Row *row, uint8_t *penalty)
{
  const size_t n = g->dims[0];
  for (unsigned m = 0; m < model->n_modes; m++) {
    const HilumSeedMode *mode = &model->modes[m];
    for (size_t p = 0; p < g->n_volumes; p++) {
      const float *values = row->values + p * n, mean = mode->mean[p], scale = mode->scale[p];
      for (size_t x = 0; x < n; x++) {
        const float z = (values[x] - mean) * scale;
        row->sum[x] = p == 0 ? z * z : row->sum[x] + z * z;
      }
    }
    for (size_t x = 0; x < n; x++)
      row->best[x] = m == 0 || row->sum[x] < row->best[x] ? row->sum[x] : row->best[x];
  }
  const float noise = (float)g->n_volumes; /* it alone makes one for each phase */
  for (size_t x = 0; x < n; x++) {
    const float beyond = RISE * (row->best[x] - noise);
    penalty[x] = (uint8_t)((beyond < 0 ? 0 : beyond < LIMIT ? beyond : LIMIT) + 0.5f);
  }
}

static void judge_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const HilumSeedGrowth *g = data;
  const size_t n = g->dims[0];
  g_autofree float *scratch = g_new(float, (g->n_volumes + 2) * n);
  const Row row = {scratch, scratch + g->n_volumes * n, scratch + (g->n_volumes + 1) * n};
  for (size_t at = begin * g->dims[1] * n; at < end * g->dims[1] * n; at += n) {
    for (size_t p = 0; p < g->n_volumes; p++)
      for (size_t x = 0; x < n; x++)
        row.values[p * n + x] = g->look[p * g->count + at + x];
    for (unsigned m = 1; m < g->n_models; m++)
      if (g->models[m].n_modes > 0) judge_row(g, &g->models[m], &row, g->unlike + (m - 1) * g->count + at);
  }
}

static bool judge(HilumSeedGrowth *g, GError **error)
{
  hilum_big_free(g->unlike);
  g->unlike = hilum_big_alloc((size_t)(g->n_models - 1) * g->count, error);
  if (g->unlike == NULL) return false;
  hilum_parallel_for(g->dims[2], 2, judge_slices, g);
  return true;
}

uint32_t hilum_seed_models_edge(const HilumSeedGrowth *g, size_t from, size_t to)
{
  float steepest = 0;
  for (size_t p = 0; p < g->n_volumes; p++) {
    const int16_t *look = g->look + p * g->count;
    const float difference = fabsf((float)look[from] - (float)look[to]) * g->per_noise[p];
    steepest = difference > steepest ? difference : steepest;
  }
  const float beyond = EDGE_RISE * (float)g->edge_weight * (steepest - EDGE_FREE);
  return (uint32_t)(fminf(fmaxf(beyond, 0), EDGE_LIMIT) + 0.5f);
}

uint32_t hilum_seed_models_max(void)
{
  return (uint32_t)(LIMIT + EDGE_LIMIT);
}

bool hilum_seed_models_know(const HilumSeedGrowth *g, GArray *fresh)
{
  size_t strange = 0;
  for (guint s = 0; s < fresh->len; s++) {
    const HilumSeed *seed = &g_array_index(fresh, HilumSeed, s);
    if (g->models[seed->place].n_modes == 0) return false;
    if (hilum_seed_growth_unlike(g, seed->place, seed->at) > STRANGE) strange++;
  }
  return strange * 10 <= fresh->len;
}

static void measure_all_noise(HilumSeedGrowth *g, GArray *seeds)
{
  for (size_t p = 0; p < g->n_volumes; p++) {
    g->noise[p] = measure_noise(g, seeds, p);
    g->per_noise[p] = 1 / g->noise[p];
  }
}

bool hilum_seed_models_recall(HilumSeedGrowth *g, GError **error)
{
  float left[HILUM_SEED_MAX_PHASES];
  memcpy(left, g->noise, sizeof left);
  memcpy(g->noise, g->raw_noise, sizeof left); /* which is what smoothing goes by */
  if (!hilum_seed_smooth_look(g, error)) return false;
  for (size_t p = 0; p < g->n_volumes; p++) {
    g->noise[p] = left[p];
    g->per_noise[p] = 1 / left[p];
  }
  return judge(g, error);
}

bool hilum_seed_models_learn(HilumSeedGrowth *g, GArray *seeds, GError **error)
{
  measure_all_noise(g, seeds);
  memcpy(g->raw_noise, g->noise, sizeof g->raw_noise);
  if (!hilum_seed_smooth_look(g, error)) return false;
  measure_all_noise(g, seeds); /* what is left of it */
  g_autofree uint32_t *at = g_new(uint32_t, seeds->len + 1);
  unsigned known = 0;
  for (unsigned m = 1; m < g->n_models; m++) {
    size_t n = 0;
    for (guint s = 0; s < seeds->len; s++)
      if (g_array_index(seeds, HilumSeed, s).place == m) at[n++] = g_array_index(seeds, HilumSeed, s).at;
    g->models[m].n_modes = 0;
    if (n == 0) continue;
    split(g, &g->models[m], at, n, n, HILUM_SEED_MAX_MODES);
    known++;
  }
  if (known >= 2) return judge(g, error);
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_SEED,
                      "Growing from seeds needs strokes of at least two labels inside the region, background "
                      "among them.");
  return false;
}
