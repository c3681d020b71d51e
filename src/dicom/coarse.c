/* Coarse volumes while loading: which slices come first, and what is made of them (docs/decisions/
 * 0005-coarse-volumes.md). */
#include "coarse.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* A picture that the whole volume replaces sooner than this is only unrest. */
#define PATIENCE_MS 300.0
/* A coarse volume has at most this share of the voxels. */
#define SHARE 16

typedef struct {
  guint planes;
  guint *slices;         /* the slice that each plane shows */
  atomic_size_t missing; /* slices that no level before it brings */
} Level;

struct HilumCoarse {
  HilumCoarseSource source;
  HilumLoadWatch watch;
  void *watch_data;
  HilumGrid grid; /* of a coarse volume, but for the number of planes */
  guint n;        /* slices */
  guint *order;
  uint8_t *level_of; /* of each slice; n_levels: of none */
  guint n_levels;
  Level levels[HILUM_COARSE_LEVELS];
  gint64 started_us;
  atomic_size_t done;
  pthread_mutex_t lock;
  guint next; /* lock: the first level that was not shown */
};

static atomic_int patience_ms = -1;

void hilum_load_set_patience(int ms)
{
  atomic_store(&patience_ms, ms);
}

static double patience(void)
{
  const int chosen = atomic_load(&patience_ms);
  return chosen >= 0 ? chosen : PATIENCE_MS;
}

/* --- which slices --- */

static double plane_of(const HilumCoarse *c, guint slice)
{
  const HilumStackPlan *plan = &c->source.series->plan;
  return plan->slices ? plan->slices[slice].k : (double)slice;
}

/* The slice nearest to plane `k` of the final grid, looking on from `from`: k grows from call to call. */
static guint nearest_slice(const HilumCoarse *c, double k, guint from)
{
  while (from + 1 < c->n && fabs(plane_of(c, from + 1) - k) <= fabs(plane_of(c, from) - k))
    from++;
  return from;
}

static void add_level(HilumCoarse *c, guint planes, guint *n_ordered)
{
  Level *level = &c->levels[c->n_levels];
  const int32_t depth = c->source.series->info.grid.dims[2];
  level->planes = planes;
  level->slices = g_new(guint, planes);
  size_t missing = 0;
  guint slice = 0;
  for (guint p = 0; p < planes; p++) {
    slice = nearest_slice(c, (p + 0.5) * depth / planes - 0.5, slice);
    level->slices[p] = slice;
    if (c->level_of[slice] != UINT8_MAX) continue;
    c->level_of[slice] = (uint8_t)c->n_levels;
    c->order[(*n_ordered)++] = slice;
    missing++;
  }
  atomic_init(&level->missing, missing);
  c->n_levels++;
}

static void plan_order(HilumCoarse *c)
{
  const size_t plane = (size_t)c->grid.dims[0] * (size_t)c->grid.dims[1];
  const size_t most = hilum_grid_count(&c->source.series->info.grid) / SHARE;
  guint n_ordered = 0;
  for (guint planes = HILUM_COARSE_PLANES; planes <= c->n / 2 && c->n_levels < HILUM_COARSE_LEVELS;
       planes *= 2) {
    if (c->n_levels > 0 && plane * planes > most) break;
    add_level(c, planes, &n_ordered);
  }
  for (guint slice = 0; slice < c->n; slice++) {
    if (c->level_of[slice] != UINT8_MAX) continue;
    c->level_of[slice] = (uint8_t)c->n_levels;
    c->order[n_ordered++] = slice;
  }
}

/* The same box as the final grid, in `dims` larger voxels. */
static HilumGrid coarse_grid(const HilumGrid *fine, const int32_t dims[3])
{
  HilumGrid g = *fine;
  for (int a = 0; a < 3; a++) {
    const double ratio = (double)fine->dims[a] / dims[a];
    g.dims[a] = dims[a];
    g.spacing_mm[a] = fine->spacing_mm[a] * ratio;
    g.origin_mm = hilum_vec3_madd(g.origin_mm, (ratio - 1) / 2 * fine->spacing_mm[a], fine->axes[a]);
  }
  return g;
}

static int32_t coarse_side(const HilumGrid *fine, int axis)
{
  const int32_t longest = MAX(fine->dims[0], fine->dims[1]);
  const int32_t factor = (longest + HILUM_COARSE_SIDE - 1) / HILUM_COARSE_SIDE;
  return MAX((fine->dims[axis] + factor - 1) / factor, 1);
}

HilumCoarse *hilum_coarse_new(const HilumCoarseSource *source, HilumLoadWatch watch, void *watch_data)
{
  const guint n = source->series->records->len;
  if (!watch || n < 2 * HILUM_COARSE_PLANES) return NULL;
  const HilumGrid *fine = &source->series->info.grid;
  HilumCoarse *c = g_new0(HilumCoarse, 1);
  c->source = *source;
  c->watch = watch;
  c->watch_data = watch_data;
  c->n = n;
  c->grid = coarse_grid(fine, (int32_t[3]){coarse_side(fine, 0), coarse_side(fine, 1), fine->dims[2]});
  c->order = g_new(guint, n);
  c->level_of = g_malloc(n);
  memset(c->level_of, UINT8_MAX, n);
  plan_order(c);
  c->started_us = g_get_monotonic_time();
  atomic_init(&c->done, 0);
  pthread_mutex_init(&c->lock, NULL);
  return c;
}

void hilum_coarse_free(HilumCoarse *c)
{
  if (!c) return;
  for (guint l = 0; l < c->n_levels; l++)
    g_free(c->levels[l].slices);
  pthread_mutex_destroy(&c->lock);
  g_free(c->order);
  g_free(c->level_of);
  g_free(c);
}

size_t hilum_coarse_slice(const HilumCoarse *c, size_t turn)
{
  return c->order[turn];
}

/* --- what they show --- */

typedef struct {
  const int16_t *voxels;
  int32_t columns, rows;
  int32_t left, top;           /* where its first pixel lies in the grid */
  const HilumPixelFormat *raw; /* NULL: values are mapped */
} Slice;

static Slice get_slice(const HilumCoarse *c, guint index)
{
  const HilumSeries *s = c->source.series;
  const HilumStackPlan *plan = &s->plan;
  Slice slice = {.columns = s->info.grid.dims[0], .rows = s->info.grid.dims[1]};
  if (plan->slices) {
    slice.columns = plan->columns;
    slice.rows = plan->rows;
    slice.left = (int32_t)lround(plan->slices[index].i);
    slice.top = (int32_t)lround(plan->slices[index].j);
  }
  slice.voxels = c->source.voxels + (size_t)index * (size_t)slice.columns * (size_t)slice.rows;
  if (c->source.ranges) slice.raw = &((const HilumRecord *)g_ptr_array_index(s->records, index))->format;
  return slice;
}

/* The mean over grid columns [left, right) and rows [top, bottom), in the slice's values; false where it has
 * none. */
static bool mean(const Slice *s, int32_t left, int32_t right, int32_t top, int32_t bottom, double *value)
{
  left = MAX(left - s->left, 0);
  right = MIN(right - s->left, s->columns);
  top = MAX(top - s->top, 0);
  bottom = MIN(bottom - s->top, s->rows);
  const HilumPixelFormat *f = s->raw;
  int64_t sum = 0, n = 0;
  for (int32_t j = top; j < bottom; j++) {
    const int16_t *row = s->voxels + (size_t)j * (size_t)s->columns;
    for (int32_t i = left; i < right; i++) {
      const int32_t x = f && !f->is_signed ? (uint16_t)row[i] : row[i];
      if (f && f->has_padding && x >= f->padding_low && x <= f->padding_high) continue;
      sum += x;
      n++;
    }
  }
  if (n == 0) return false;
  *value = (double)sum / (double)n;
  if (f) *value = f->slope * *value + f->intercept;
  return true;
}

static void fill_plane(const HilumCoarse *c, const HilumGrid *grid, guint index, const HilumValueMap *map,
                       int16_t padding, int16_t *out)
{
  const int32_t *fine = c->source.series->info.grid.dims;
  const Slice slice = get_slice(c, index);
  for (int64_t j = 0; j < grid->dims[1]; j++) {
    const int32_t top = (int32_t)(j * fine[1] / grid->dims[1]);
    const int32_t bottom = (int32_t)((j + 1) * fine[1] / grid->dims[1]);
    for (int64_t i = 0; i < grid->dims[0]; i++) {
      const int32_t left = (int32_t)(i * fine[0] / grid->dims[0]);
      const int32_t right = (int32_t)((i + 1) * fine[0] / grid->dims[0]);
      double value;
      int16_t stored = padding;
      if (mean(&slice, left, right, top, bottom, &value))
        stored = slice.raw ? hilum_value_map_store(map, value) : (int16_t)lround(value);
      *out++ = stored;
    }
  }
}

/* The map of raw slices that are here, which need not be that of the whole volume. */
static HilumValueMap plan_map(const HilumCoarse *c, const Level *level)
{
  if (!c->source.ranges) return c->source.map;
  g_autofree const HilumPixelFormat **formats = g_new(const HilumPixelFormat *, level->planes);
  g_autofree HilumRawRange *ranges = g_new(HilumRawRange, level->planes);
  for (guint p = 0; p < level->planes; p++) {
    formats[p] = get_slice(c, level->slices[p]).raw;
    ranges[p] = c->source.ranges[level->slices[p]];
  }
  return hilum_value_map_plan(formats, ranges, level->planes);
}

/* NULL where memory is short: the volume itself comes all the same. */
static HilumVolume *make_volume(const HilumCoarse *c, const Level *level)
{
  const HilumGrid *fine = &c->source.series->info.grid;
  const HilumGrid grid =
      coarse_grid(fine, (int32_t[3]){c->grid.dims[0], c->grid.dims[1], (int32_t)level->planes});
  const size_t plane = (size_t)grid.dims[0] * (size_t)grid.dims[1];
  int16_t *voxels = hilum_big_alloc(plane * level->planes * sizeof *voxels, NULL);
  if (!voxels) return NULL;
  const HilumValueMap map = plan_map(c, level);
  int16_t padding = c->source.padding_stored;
  if (c->source.ranges) padding = hilum_value_map_store(&map, -INFINITY);
  for (guint p = 0; p < level->planes; p++)
    fill_plane(c, &grid, level->slices[p], &map, padding, voxels + p * plane);
  return hilum_volume_new_take(&grid, voxels, map.slope, map.intercept, c->source.unit, NULL);
}

/* --- when --- */

static bool is_complete(HilumCoarse *c, guint level)
{
  for (guint l = 0; l <= level; l++)
    if (atomic_load(&c->levels[l].missing) > 0) return false;
  return true;
}

/* By the pace so far, the user will look at it long enough. */
static bool is_worth_it(HilumCoarse *c)
{
  const double done = (double)atomic_load(&c->done);
  const double elapsed_ms = (double)(g_get_monotonic_time() - c->started_us) / 1000;
  return elapsed_ms * (c->n - done) / done >= patience();
}

void hilum_coarse_done(HilumCoarse *c, size_t slice)
{
  atomic_fetch_add(&c->done, 1);
  const guint level = c->level_of[slice];
  if (level >= c->n_levels || atomic_fetch_sub(&c->levels[level].missing, 1) > 1) return;
  pthread_mutex_lock(&c->lock);
  const guint first = c->next;
  while (c->next < c->n_levels && is_complete(c, c->next))
    c->next++;
  if (c->next > first && is_worth_it(c)) {
    HilumVolume *volume = make_volume(c, &c->levels[c->next - 1]);
    if (volume) c->watch(volume, c->watch_data);
  }
  pthread_mutex_unlock(&c->lock);
}
