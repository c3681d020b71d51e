/* Coarse volumes while loading: which slices come first, and what is made of them (docs/decisions/
 * 0005-coarse-volumes.md). */
#include "coarse.h"

#include "hilum/base/memory.h"
#include "hilum/base/size.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* A picture that the whole volume replaces sooner than this is only unrest, and so is a finer one that it
 * replaces sooner than three times this. */
#define PATIENCE_MS 300.0
#define FINER 3
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

/* The columns of a slice that each voxel of a coarse row covers: [begin, end), none where it lies beside it.
 */
typedef struct {
  int32_t begin, end;
} Columns;

static Columns *plan_columns(const Slice *s, int32_t fine, int32_t coarse)
{
  Columns *columns = g_new(Columns, (gsize)coarse);
  for (int64_t i = 0; i < coarse; i++) {
    const int32_t begin = (int32_t)(i * fine / coarse) - s->left,
                  end = (int32_t)((i + 1) * fine / coarse) - s->left;
    columns[i].begin = MIN(MAX(begin, 0), s->columns);
    columns[i].end = MAX(MIN(end, s->columns), columns[i].begin);
  }
  return columns;
}

typedef struct {
  int64_t sum;
  int32_t n;
} Total;

/* Adds one row of the slice to the totals of `n` coarse voxels. */
static void add_row(const Slice *s, const int16_t *row, const Columns *columns, int32_t n, Total *totals)
{
  const HilumPixelFormat *f = s->raw;
  if (!f || (f->is_signed && !f->has_padding)) { /* nearly always, and in a hurry */
    for (int32_t i = 0; i < n; i++) {
      int32_t sum = 0; /* of at most 32767 columns */
      for (int32_t x = columns[i].begin; x < columns[i].end; x++)
        sum += row[x];
      totals[i].sum += sum;
      totals[i].n += columns[i].end - columns[i].begin;
    }
    return;
  }
  for (int32_t i = 0; i < n; i++)
    for (int32_t x = columns[i].begin; x < columns[i].end; x++) {
      const int32_t value = f->is_signed ? row[x] : (uint16_t)row[x];
      if (f->has_padding && value >= f->padding_low && value <= f->padding_high) continue;
      totals[i].sum += value;
      totals[i].n++;
    }
}

/* Rounded to the nearest; lround() costs more than all the rest. */
static int16_t round16(double x)
{
  return (int16_t)((int32_t)(x + 65536.5) - 65536);
}

static void fill_plane(const HilumCoarse *c, const HilumGrid *grid, guint index, const HilumValueMap *map,
                       int16_t padding, int16_t *out)
{
  const int32_t *fine = c->source.series->info.grid.dims;
  const Slice slice = get_slice(c, index);
  g_autofree Columns *columns = plan_columns(&slice, fine[0], grid->dims[0]);
  g_autofree Total *totals = g_new(Total, (gsize)grid->dims[0]);
  for (int64_t j = 0; j < grid->dims[1]; j++) {
    const int32_t top = MAX((int32_t)(j * fine[1] / grid->dims[1]) - slice.top, 0);
    const int32_t bottom = MIN((int32_t)((j + 1) * fine[1] / grid->dims[1]) - slice.top, slice.rows);
    memset(totals, 0, (size_t)grid->dims[0] * sizeof *totals);
    for (int32_t y = top; y < bottom; y++)
      add_row(&slice, slice.voxels + (size_t)y * (size_t)slice.columns, columns, grid->dims[0], totals);
    for (int32_t i = 0; i < grid->dims[0]; i++, out++) {
      const double value = totals[i].n ? (double)totals[i].sum / totals[i].n : 0;
      if (totals[i].n == 0)
        *out = padding;
      else if (slice.raw)
        *out = hilum_value_map_store(map, slice.raw->slope * value + slice.raw->intercept);
      else
        *out = round16(value);
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
static bool is_worth_it(HilumCoarse *c, bool first)
{
  const double done = (double)atomic_load(&c->done);
  const double elapsed_ms = (double)(g_get_monotonic_time() - c->started_us) / 1000;
  return elapsed_ms * (c->n - done) / done >= patience() * (first ? 1 : FINER);
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
  if (c->next > first && is_worth_it(c, first == 0)) {
    HilumVolume *volume = make_volume(c, &c->levels[c->next - 1]);
    if (volume) c->watch(volume, c->watch_data);
  }
  pthread_mutex_unlock(&c->lock);
}
