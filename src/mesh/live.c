/* Which tiles are to be made anew, and the pieces there are. What is to be made is cut into blocks of
 * neighbouring tiles, because the margin around a block costs less than that around each of its tiles; the
 * cut depends on the tiles alone. A block is made in live_block.c. */
#include "hilum/mesh/live.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/mesh/error.h"
#include "joint_grey.h"
#include "live_private.h"
#include "mesh_private.h"

#include <string.h>

enum {
  EDGE = HILUM_LIVE_EDGE,
  TOGETHER = HILUM_LIVE_TOGETHER,
  MAX_TILES = TOGETHER * TOGETHER * TOGETHER,
  BRICK = HILUM_BRICK_EDGE,
  NOT_DIRTY = -1
};

struct HilumLive {
  uint8_t wanted[HILUM_LABEL_COUNT], next[HILUM_LABEL_COUNT]; /* of the pieces; of the next update */
  HilumSurfaceRange *ranges, *next_ranges;                    /* likewise; NULL: none */
  HilumLabelSnapshot *labels;                                 /* NULL: nothing seen yet */
  int32_t dims[3];                                            /* in tiles */
  size_t n_tiles;
  HilumLiveTile *tile;
};

/* An update under way. */
typedef struct {
  const HilumLive *live;
  HilumLabelSnapshot *labels;
  const HilumSurfaceRange *ranges; /* NULL: none is in use */
  const int32_t *place;            /* per tile: in `made`, or NOT_DIRTY */
  HilumLiveTile *made;
  GArray *blocks; /* HilumLiveBlock */
  GError **errors;
  const HilumProgress *progress;
} Update;

HilumLive *hilum_live_new(const uint8_t wanted[HILUM_LABEL_COUNT])
{
  HilumLive *live = g_new0(HilumLive, 1);
  hilum_live_set_wanted(live, wanted);
  return live;
}

void hilum_live_set_wanted(HilumLive *live, const uint8_t wanted[HILUM_LABEL_COUNT])
{
  if (wanted)
    for (int l = 0; l < HILUM_LABEL_COUNT; l++)
      live->next[l] = wanted[l] != 0;
  else
    memset(live->next, 1, sizeof live->next);
  live->next[0] = 0;
}

void hilum_live_set_ranges(HilumLive *live, const HilumSurfaceRange ranges[HILUM_LABEL_COUNT])
{
  HilumSurfaceRange *copy = hilum_surface_ranges_copy(ranges);
  hilum_surface_ranges_free(live->next_ranges);
  live->next_ranges = copy;
}

static void live_clear(HilumLive *live)
{
  for (size_t t = 0; t < live->n_tiles; t++)
    hilum_live_tile_clear(&live->tile[t]);
  g_clear_pointer(&live->tile, g_free);
  g_clear_pointer(&live->labels, hilum_label_snapshot_unref);
  live->n_tiles = 0;
}

void hilum_live_free(HilumLive *live)
{
  if (!live) return;
  live_clear(live);
  hilum_surface_ranges_free(live->ranges);
  hilum_surface_ranges_free(live->next_ranges);
  g_free(live);
}

/* --- what is to be made --- */

/* True if all voxels that the cells of a brick of the map look at are of one kind: no tile of it has
 * triangles. */
static bool is_dull(const Update *u, const int32_t at[3], const int32_t dims[3])
{
  const uint8_t *wanted = u->live->next;
  uint8_t first = 0;
  hilum_label_snapshot_get_brick(u->labels, (at[2] * dims[1] + at[1]) * dims[0] + at[0], &first);
  first = wanted[first] ? first : 0;
  for (int n = 0; n < 8; n++) {
    uint8_t label = 0; /* beyond the map */
    int32_t b[3];
    bool there = true;
    for (int a = 0; a < 3; a++) {
      b[a] = at[a] + (n >> a & 1);
      there &= b[a] < dims[a];
      if (at[a] == 0 && first != 0) return false; /* against the border */
    }
    if (there && hilum_label_snapshot_get_brick(u->labels, (b[2] * dims[1] + b[1]) * dims[0] + b[0], &label))
      return false;
    if ((wanted[label] ? label : 0) != first) return false;
  }
  return true;
}

/* Per tile: it is dirty and may have triangles. */
static uint8_t *find_work(const Update *u)
{
  const int32_t *n = u->live->dims;
  int32_t dims[3];
  uint8_t *work = g_malloc0(u->live->n_tiles), *dull = NULL;
  hilum_label_snapshot_brick_dims(u->labels, dims);
  dull = g_malloc((size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2]);
  memset(dull, 2, (size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2]); /* not asked yet */
  for (int32_t k = 0, t = 0; k < n[2]; k++)
    for (int32_t j = 0; j < n[1]; j++)
      for (int32_t i = 0; i < n[0]; i++, t++) {
        if (u->place[t] == NOT_DIRTY) continue;
        const int32_t at[3] = {i * EDGE / BRICK, j * EDGE / BRICK, k * EDGE / BRICK};
        uint8_t *d = &dull[(at[2] * dims[1] + at[1]) * dims[0] + at[0]];
        if (*d == 2) *d = is_dull(u, at, dims);
        work[t] = !*d;
      }
  g_free(dull);
  return work;
}

/* Shrinks a block to its work; false if there is none. */
static bool shrink(const HilumLive *live, const uint8_t *work, HilumLiveBlock *block)
{
  int32_t lo[3] = {INT32_MAX, INT32_MAX, INT32_MAX}, hi[3] = {0, 0, 0};
  for (int32_t k = block->lo[2]; k < block->lo[2] + block->n[2]; k++)
    for (int32_t j = block->lo[1]; j < block->lo[1] + block->n[1]; j++) {
      const uint8_t *row = work + (k * live->dims[1] + j) * live->dims[0] + block->lo[0];
      const uint8_t *some = memchr(row, 1, (size_t)block->n[0]);
      if (!some) continue;
      const uint8_t *last = memrchr(row, 1, (size_t)block->n[0]);
      const int32_t first_at[3] = {block->lo[0] + (int32_t)(some - row), j, k},
                    last_at[3] = {block->lo[0] + (int32_t)(last - row), j, k};
      for (int a = 0; a < 3; a++) {
        lo[a] = MIN(lo[a], first_at[a]);
        hi[a] = MAX(hi[a], last_at[a] + 1);
      }
    }
  for (int a = 0; a < 3 && lo[0] != INT32_MAX; a++) {
    block->lo[a] = lo[a];
    block->n[a] = hi[a] - lo[a];
  }
  return lo[0] != INT32_MAX;
}

/* Cuts a block across its longest side until it is small enough. */
static void cut(const HilumLive *live, const uint8_t *work, HilumLiveBlock block, GArray *blocks)
{
  if (!shrink(live, work, &block)) return;
  int axis = 0;
  for (int a = 1; a < 3; a++)
    if (block.n[a] >= block.n[axis]) axis = a;
  if (block.n[axis] <= TOGETHER) {
    g_array_append_val(blocks, block);
    return;
  }
  int32_t n = block.n[axis], low = (n + 1) / 2;
  if (n > 2 * TOGETHER) low = (low + TOGETHER - 1) / TOGETHER * TOGETHER;
  HilumLiveBlock high = block;
  block.n[axis] = low;
  high.lo[axis] += low;
  high.n[axis] = n - low;
  cut(live, work, block, blocks);
  cut(live, work, high, blocks);
}

/* --- making it --- */

static void make_blocks(size_t begin, size_t end, unsigned worker, void *data)
{
  Update *u = data;
  const int32_t *dims = u->live->dims;
  for (size_t b = begin; b < end; b++) {
    const HilumLiveBlock *block = &g_array_index(u->blocks, HilumLiveBlock, b);
    HilumLiveTile *out[MAX_TILES] = {NULL};
    if (hilum_progress_cancelled(u->progress)) return;
    for (int32_t k = 0, t = 0; k < block->n[2]; k++)
      for (int32_t j = 0; j < block->n[1]; j++)
        for (int32_t i = 0; i < block->n[0]; i++, t++) {
          int32_t place =
              u->place[((block->lo[2] + k) * dims[1] + block->lo[1] + j) * dims[0] + block->lo[0] + i];
          if (place != NOT_DIRTY) out[t] = &u->made[place];
        }
    hilum_live_make_block(u->labels, u->live->next, u->ranges, block, out, &u->errors[b]);
  }
}

/* --- what changed --- */

/* The box of voxels in which a brick differs between two states; empty if it does not. */
static HilumVoxelBox changed_box(HilumLabelSnapshot *before, HilumLabelSnapshot *after, int32_t brick)
{
  uint8_t was = 0, is = 0, row[2][BRICK];
  const uint8_t *a = hilum_label_snapshot_get_brick(before, brick, &was);
  const uint8_t *b = hilum_label_snapshot_get_brick(after, brick, &is);
  HilumVoxelBox box = hilum_label_snapshot_brick_box(after, brick),
                out = {{INT32_MAX, INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN, INT32_MIN}};
  if (a == b && (a || was == is)) return (HilumVoxelBox){{0, 0, 0}, {0, 0, 0}};
  memset(row[0], was, BRICK);
  memset(row[1], is, BRICK);
  for (int32_t k = 0; k < box.hi[2] - box.lo[2]; k++)
    for (int32_t j = 0; j < box.hi[1] - box.lo[1]; j++) {
      const uint8_t *p = a ? a + (k * BRICK + j) * BRICK : row[0],
                    *q = b ? b + (k * BRICK + j) * BRICK : row[1];
      if (memcmp(p, q, BRICK) == 0) continue;
      for (int32_t i = 0; i < box.hi[0] - box.lo[0]; i++) {
        if (p[i] == q[i]) continue;
        const int32_t v[3] = {box.lo[0] + i, box.lo[1] + j, box.lo[2] + k};
        for (int c = 0; c < 3; c++) {
          out.lo[c] = MIN(out.lo[c], v[c]);
          out.hi[c] = MAX(out.hi[c], v[c] + 1);
        }
      }
    }
  return out.lo[0] == INT32_MAX ? (HilumVoxelBox){{0, 0, 0}, {0, 0, 0}} : out;
}

static const HilumSurfaceRange *range_of(const HilumSurfaceRange *ranges, int label)
{
  static const HilumSurfaceRange none = {0, 0, NULL};
  return ranges && hilum_surface_range_in_use(&ranges[label]) ? &ranges[label] : &none;
}

/* Labels that are structures now and were none, or the other way round, and those placed by other values. */
static bool find_turned(const HilumLive *live, bool turned[HILUM_LABEL_COUNT])
{
  bool any = false;
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) {
    const HilumSurfaceRange *was = range_of(live->ranges, l), *is = range_of(live->next_ranges, l);
    turned[l] = l > 0 && (live->wanted[l] != live->next[l] || was->image != is->image || was->lo != is->lo ||
                          was->hi != is->hi);
    any |= turned[l];
  }
  return any;
}

static bool has_turned(HilumLabelSnapshot *labels, int32_t brick, const bool turned[HILUM_LABEL_COUNT])
{
  for (int l = 1; l < HILUM_LABEL_COUNT; l++)
    if (turned[l] && hilum_label_snapshot_brick_has(labels, brick, (uint8_t)l)) return true;
  return false;
}

/* Marks the tiles that see a changed box: cells of their margin end `reach` voxels behind it. */
static void mark_tiles(const HilumLive *live, HilumVoxelBox box, int32_t reach, uint8_t *dirty)
{
  int32_t lo[3], hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = MAX((box.lo[a] - reach) / EDGE, 0);
    hi[a] = MIN((box.hi[a] - 2 + reach) / EDGE, live->dims[a] - 1);
  }
  for (int32_t k = lo[2]; k <= hi[2]; k++)
    for (int32_t j = lo[1]; j <= hi[1]; j++)
      memset(dirty + (k * live->dims[1] + j) * live->dims[0] + lo[0], 1, (size_t)(hi[0] - lo[0] + 1));
}

static GArray *find_dirty(const HilumLive *live, HilumLabelSnapshot *labels)
{
  g_autofree uint8_t *dirty = g_malloc0(live->n_tiles);
  bool turned[HILUM_LABEL_COUNT];
  const bool other = find_turned(live, turned);
  const bool values = live->ranges || live->next_ranges;
  /* Values are looked at within a voxel of an edge, too. */
  const int32_t reach = 1 + (values ? HILUM_LIVE_GREY_MARGIN + 1 : HILUM_LIVE_MARGIN);
  int32_t dims[3];
  hilum_label_snapshot_brick_dims(labels, dims);
  if (!live->labels)
    memset(dirty, 1, live->n_tiles);
  else
    for (int32_t b = 0; b < dims[0] * dims[1] * dims[2]; b++) {
      HilumVoxelBox box = other && has_turned(labels, b, turned) ? hilum_label_snapshot_brick_box(labels, b)
                                                                 : changed_box(live->labels, labels, b);
      if (!hilum_voxel_box_is_empty(box)) mark_tiles(live, box, reach, dirty);
    }
  GArray *out = g_array_new(FALSE, FALSE, sizeof(int32_t));
  for (size_t t = 0; t < live->n_tiles; t++)
    if (dirty[t]) {
      int32_t tile = (int32_t)t;
      g_array_append_val(out, tile);
    }
  return out;
}

static void start_anew(HilumLive *live, HilumLabelSnapshot *labels)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  live_clear(live);
  live->n_tiles = 1;
  for (int a = 0; a < 3; a++) {
    live->dims[a] = (grid->dims[a] + EDGE - 1) / EDGE;
    live->n_tiles *= (size_t)live->dims[a];
  }
  live->tile = g_new0(HilumLiveTile, live->n_tiles);
}

/* New tiles in the place of old ones, or thrown away. */
static bool finish(HilumLive *live, Update *u, GArray *dirty, GError **error)
{
  bool good = !hilum_progress_fail(u->progress, error);
  for (guint b = 0; b < u->blocks->len; b++) {
    if (u->errors[b] && good) {
      g_propagate_error(error, g_steal_pointer(&u->errors[b]));
      good = false;
    }
    g_clear_error(&u->errors[b]);
  }
  for (guint d = 0; d < dirty->len; d++) {
    HilumLiveTile *old = &live->tile[g_array_index(dirty, int32_t, d)];
    hilum_live_tile_clear(good ? old : &u->made[d]);
    if (good) *old = u->made[d];
  }
  return good;
}

static bool make_dirty(HilumLive *live, HilumLabelSnapshot *labels, bool by_values, GArray *dirty,
                       const HilumProgress *progress, GError **error)
{
  g_autofree int32_t *place = g_new(int32_t, live->n_tiles);
  g_autofree HilumLiveTile *made = g_new0(HilumLiveTile, dirty->len);
  g_autoptr(GArray) blocks = g_array_new(FALSE, FALSE, sizeof(HilumLiveBlock));
  Update u = {live, labels, by_values ? live->next_ranges : NULL, place, made, blocks, NULL, progress};
  for (size_t t = 0; t < live->n_tiles; t++)
    place[t] = NOT_DIRTY;
  for (guint d = 0; d < dirty->len; d++)
    place[g_array_index(dirty, int32_t, d)] = (int32_t)d;
  g_autofree uint8_t *work = find_work(&u);
  cut(live, work, (HilumLiveBlock){{0, 0, 0}, {live->dims[0], live->dims[1], live->dims[2]}}, blocks);
  g_autofree GError **errors = g_new0(GError *, blocks->len);
  u.errors = errors;
  if (blocks->len == 1)
    make_blocks(0, 1, 0, &u); /* its loops are spread */
  else
    hilum_parallel_for(blocks->len, 1, make_blocks, &u);
  return finish(live, &u, dirty, error);
}

bool hilum_live_update(HilumLive *live, HilumLabelSnapshot *labels, GArray *changed,
                       const HilumProgress *progress, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  bool by_values;
  if (!hilum_grid_validate(grid, error) || !hilum_grey_check(live->next_ranges, grid, &by_values, error))
    return false;
  if (!live->labels || !hilum_grid_equal(grid, hilum_label_snapshot_get_grid(live->labels), 0))
    start_anew(live, labels);
  g_autoptr(GArray) dirty = find_dirty(live, labels);
  if (!make_dirty(live, labels, by_values, dirty, progress, error)) return false;
  hilum_label_snapshot_ref(labels);
  g_clear_pointer(&live->labels, hilum_label_snapshot_unref);
  live->labels = labels;
  memcpy(live->wanted, live->next, sizeof live->wanted);
  hilum_surface_ranges_free(live->ranges);
  live->ranges = by_values ? hilum_surface_ranges_copy(live->next_ranges) : NULL;
  if (changed) g_array_append_vals(changed, dirty->data, dirty->len);
  return true;
}

void hilum_live_get_dims(const HilumLive *live, int32_t out[3])
{
  for (int a = 0; a < 3; a++)
    out[a] = live->tile ? live->dims[a] : 0;
}

const HilumLivePiece *hilum_live_get_pieces(const HilumLive *live, int32_t tile, size_t *n)
{
  bool there = tile >= 0 && (size_t)tile < live->n_tiles;
  *n = there ? live->tile[tile].n : 0;
  return there ? live->tile[tile].piece : NULL;
}

static HilumMesh *piece_of(const HilumLiveTile *t, uint8_t label)
{
  for (size_t p = 0; p < t->n; p++)
    if (t->piece[p].label == label) return t->piece[p].mesh;
  return NULL;
}

HilumMesh *hilum_live_join(const HilumLive *live, uint8_t label, GError **error)
{
  uint64_t nv = 0, nt = 0;
  HilumVec3 origin = {0, 0, 0};
  for (size_t b = 0; b < live->n_tiles; b++) {
    const HilumMesh *mesh = piece_of(&live->tile[b], label);
    if (!mesh) continue;
    nv += hilum_mesh_get_vertex_count(mesh);
    nt += hilum_mesh_get_triangle_count(mesh);
    origin = hilum_mesh_get_origin_mm(mesh);
  }
  if (nt == 0 || nv > UINT32_MAX || nt > UINT32_MAX) {
    g_set_error_literal(error, HILUM_MESH_ERROR, nt ? HILUM_MESH_ERROR_LIMIT : HILUM_MESH_ERROR_EMPTY,
                        nt ? "The surface has more triangles than a mesh can hold"
                           : "There is no surface to make: no voxel belongs to the structure");
    return NULL;
  }
  float *p = hilum_big_alloc(3 * nv * sizeof *p, error);
  float *n = p ? hilum_big_alloc(3 * nv * sizeof *n, error) : NULL;
  uint32_t *out = n ? hilum_big_alloc(3 * nt * sizeof *out, error) : NULL;
  if (!out) {
    hilum_big_free(p);
    hilum_big_free(n);
    return NULL;
  }
  size_t v = 0, t = 0;
  for (size_t b = 0; b < live->n_tiles; b++) {
    HilumMesh *mesh = piece_of(&live->tile[b], label);
    if (!mesh) continue;
    size_t mv = hilum_mesh_get_vertex_count(mesh), mt = hilum_mesh_get_triangle_count(mesh);
    memcpy(p + 3 * v, hilum_mesh_get_positions(mesh), 3 * mv * sizeof *p);
    memcpy(n + 3 * v, hilum_mesh_get_normals(mesh), 3 * mv * sizeof *n);
    for (size_t i = 0; i < 3 * mt; i++)
      out[3 * t + i] = hilum_mesh_get_indices(mesh)[i] + (uint32_t)v;
    v += mv;
    t += mt;
  }
  return hilum_mesh_new_trusted(origin, (uint32_t)nv, p, n, (uint32_t)nt, out);
}
