/* Sampling the abdomen: blocks are halved while more than one solid reaches into them, so that the interior
 * of an organ costs next to nothing; then voxels with a neighbour of another tissue are sampled 2 x 2 x 2. */
#include "tissue_map_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <stdatomic.h>
#include <string.h>

#define BRICK 32
#define LEAF 4

/* --- walking by blocks --- */

typedef struct {
  const HilumAbdomen *abdomen;
  const HilumGrid *grid;
  HilumTissueFilter filter;
  HilumTissueVisit visit;
  void *data;
  const HilumProgress *progress;
  HilumSolidList all;
  int32_t bricks[3];
  size_t total;
  atomic_size_t done;
} Walk;

static void brick_counts(const HilumGrid *grid, int32_t out[3])
{
  for (int a = 0; a < 3; a++)
    out[a] = (grid->dims[a] + BRICK - 1) / BRICK;
}

size_t hilum_tissue_chunks(const HilumGrid *grid)
{
  int32_t n[3];
  brick_counts(grid, n);
  return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static void walk_block(Walk *w, const HilumVoxelBox *box, const HilumSolidList *parent, size_t chunk)
{
  const HilumGrid *g = w->grid;
  double centre[3], half2 = 0;
  int32_t longest = 0;
  for (int a = 0; a < 3; a++) {
    int32_t n = box->hi[a] - box->lo[a];
    longest = MAX(longest, n);
    centre[a] = 0.5 * (box->lo[a] + box->hi[a] - 1);
    half2 += 0.25 * n * n * g->spacing_mm[a] * g->spacing_mm[a];
  }
  HilumVec3 p = hilum_grid_to_mm(g, (HilumIndexPos){centre[0], centre[1], centre[2]});
  HilumTissueBlock block = {.box = *box, .chunk = chunk};
  block.list = hilum_abdomen_prune(w->abdomen, parent, p, sqrt(half2));
  if (w->filter != NULL && !w->filter(box, &block.list, w->data)) return;
  if (block.list.count == 0) {
    block.uniform = true;
    block.tissue = TISSUE_AIR;
  } else if (block.list.count == 1 && block.list.filled) {
    const HilumSolid *s = &hilum_solids[block.list.solid[0]];
    block.uniform = s->material == NULL;
    block.tissue = s->tissue;
  }
  if (block.uniform || longest <= LEAF) {
    w->visit(&block, w->data);
    return;
  }
  for (int part = 0; part < 8; part++) {
    HilumVoxelBox sub = *box;
    for (int a = 0; a < 3; a++) {
      int32_t middle = MIN(box->lo[a] + (longest + 1) / 2, box->hi[a]);
      if (part >> a & 1)
        sub.lo[a] = middle;
      else
        sub.hi[a] = middle;
    }
    if (!hilum_voxel_box_is_empty(sub)) walk_block(w, &sub, &block.list, chunk);
  }
}

static void walk_brick(size_t begin, size_t end, unsigned worker, void *data)
{
  Walk *w = data;
  for (size_t chunk = begin; chunk < end; chunk++) {
    if (hilum_progress_cancelled(w->progress)) return;
    size_t nx = (size_t)w->bricks[0], ny = (size_t)w->bricks[1];
    size_t at[3] = {chunk % nx, chunk / nx % ny, chunk / (nx * ny)};
    HilumVoxelBox box;
    for (int a = 0; a < 3; a++) {
      box.lo[a] = (int32_t)at[a] * BRICK;
      box.hi[a] = MIN(box.lo[a] + BRICK, w->grid->dims[a]);
    }
    walk_block(w, &box, &w->all, chunk);
    hilum_progress_step(w->progress, (double)(atomic_fetch_add(&w->done, 1) + 1) / (double)w->total);
  }
}

bool hilum_tissue_walk(const HilumAbdomen *abdomen, const HilumGrid *grid, HilumTissueFilter filter,
                       HilumTissueVisit visit, void *data, const HilumProgress *progress)
{
  Walk w = {abdomen, grid, filter, visit, data, progress, hilum_abdomen_all_solids(), {0}, 0, 0};
  brick_counts(grid, w.bricks);
  w.total = hilum_tissue_chunks(grid);
  hilum_parallel_for(w.total, 1, walk_brick, &w);
  return !hilum_progress_cancelled(progress);
}

/* --- the map --- */

typedef struct {
  const HilumAbdomen *abdomen;
  HilumTissueMap *map;
} Build;

static void fill_centres(const HilumTissueBlock *block, void *data)
{
  const Build *b = data;
  const HilumGrid *g = &b->map->grid;
  const HilumVoxelBox *box = &block->box;
  for (int32_t k = box->lo[2]; k < box->hi[2]; k++)
    for (int32_t j = box->lo[1]; j < box->hi[1]; j++) {
      uint8_t *row = b->map->tissue + hilum_grid_offset(g, (HilumVoxel){0, j, k});
      if (block->uniform) {
        memset(row + box->lo[0], (int)block->tissue, (size_t)(box->hi[0] - box->lo[0]));
        continue;
      }
      for (int32_t i = box->lo[0]; i < box->hi[0]; i++)
        row[i] = (uint8_t)hilum_abdomen_tissue(b->abdomen, &block->list,
                                               hilum_grid_voxel_to_mm(g, (HilumVoxel){i, j, k}));
    }
}

static void mark_mixed(size_t begin, size_t end, unsigned worker, void *data)
{
  HilumTissueMap *m = data;
  const size_t nx = (size_t)m->grid.dims[0], ny = (size_t)m->grid.dims[1], nz = (size_t)m->grid.dims[2];
  for (size_t row = begin; row < end; row++) {
    size_t j = row % ny, k = row / ny, count = 0;
    const uint8_t *t = m->tissue + row * nx;
    const uint8_t *around[4] = {j > 0 ? t - nx : t, j + 1 < ny ? t + nx : t, k > 0 ? t - nx * ny : t,
                                k + 1 < nz ? t + nx * ny : t};
    uint64_t *words = hilum_mask_row(m->mixed, (int32_t)j, (int32_t)k);
    for (size_t i = 0; i < nx; i++) {
      uint8_t left = t[i > 0 ? i - 1 : i], right = t[i + 1 < nx ? i + 1 : i];
      bool differs = (t[i] ^ left) | (t[i] ^ right) | (t[i] ^ around[0][i]) | (t[i] ^ around[1][i]) |
                     (t[i] ^ around[2][i]) | (t[i] ^ around[3][i]);
      words[i >> 6] |= (uint64_t)differs << (i & 63);
      count += differs;
    }
    m->row_first[row + 1] = count;
  }
}

/* Index of a mixed voxel's samples. */
static size_t sample_index(const HilumTissueMap *m, const uint64_t *words, int32_t i, size_t row)
{
  size_t rank = m->row_first[row];
  for (int32_t w = 0; w < i >> 6; w++)
    rank += (size_t)__builtin_popcountll(words[w]);
  return rank + (size_t)__builtin_popcountll(words[i >> 6] & ((UINT64_C(1) << (i & 63)) - 1));
}

static bool holds_mixed(const HilumVoxelBox *box, const HilumSolidList *list, void *data)
{
  const Build *b = data;
  for (int32_t k = box->lo[2]; k < box->hi[2]; k++)
    for (int32_t j = box->lo[1]; j < box->hi[1]; j++) {
      const uint64_t *words = hilum_mask_row(b->map->mixed, j, k);
      for (int32_t i = box->lo[0]; i < box->hi[0]; i++) {
        if ((i & 63) == 0 && box->hi[0] - i >= 64 && words[i >> 6] == 0) {
          i += 63;
          continue;
        }
        if (words[i >> 6] >> (i & 63) & 1) return true;
      }
    }
  return false;
}

static void fill_samples(const HilumTissueBlock *block, void *data)
{
  const Build *b = data;
  HilumTissueMap *m = b->map;
  const HilumVoxelBox *box = &block->box;
  for (int32_t k = box->lo[2]; k < box->hi[2]; k++)
    for (int32_t j = box->lo[1]; j < box->hi[1]; j++) {
      const uint64_t *words = hilum_mask_row(m->mixed, j, k);
      size_t row = (size_t)k * (size_t)m->grid.dims[1] + (size_t)j;
      for (int32_t i = box->lo[0]; i < box->hi[0]; i++) {
        if (!(words[i >> 6] >> (i & 63) & 1)) continue;
        uint8_t *out = m->samples + 8 * sample_index(m, words, i, row);
        for (int s = 0; s < 8; s++) {
          HilumIndexPos at = {i + (s & 1 ? 0.25 : -0.25), j + (s & 2 ? 0.25 : -0.25),
                              k + (s & 4 ? 0.25 : -0.25)};
          out[s] = block->uniform ? (uint8_t)block->tissue
                                  : (uint8_t)hilum_abdomen_tissue(b->abdomen, &block->list,
                                                                  hilum_grid_to_mm(&m->grid, at));
        }
      }
    }
}

void hilum_tissue_map_free(HilumTissueMap *m)
{
  if (m == NULL) return;
  hilum_big_free(m->tissue);
  hilum_mask_free(m->mixed);
  g_free(m->row_first);
  hilum_big_free(m->samples);
  g_free(m);
}

static bool build(Build *b, const HilumProgress *progress, GError **error)
{
  HilumTissueMap *m = b->map;
  size_t rows = (size_t)m->grid.dims[1] * (size_t)m->grid.dims[2];
  m->tissue = hilum_big_alloc(hilum_grid_count(&m->grid), error);
  if (m->tissue == NULL) return false;
  m->mixed = hilum_mask_new(m->grid.dims, error);
  if (m->mixed == NULL) return false;
  m->row_first = g_new0(size_t, rows + 1);
  HilumProgress part = hilum_progress_part(progress, 0, 0.5, NULL);
  if (!hilum_tissue_walk(b->abdomen, &m->grid, NULL, fill_centres, b, &part))
    return !hilum_progress_fail(progress, error);
  hilum_parallel_for(rows, 64, mark_mixed, m);
  for (size_t r = 0; r < rows; r++)
    m->row_first[r + 1] += m->row_first[r];
  m->samples = hilum_big_alloc(8 * m->row_first[rows], error);
  if (m->samples == NULL) return false;
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  hilum_tissue_walk(b->abdomen, &m->grid, holds_mixed, fill_samples, b, &part);
  return !hilum_progress_fail(progress, error);
}

HilumTissueMap *hilum_tissue_map_new(const HilumAbdomen *abdomen, const HilumGrid *grid,
                                     const HilumProgress *progress, GError **error)
{
  HilumTissueMap *m = g_new0(HilumTissueMap, 1);
  m->grid = *grid;
  Build b = {abdomen, m};
  if (build(&b, progress, error)) return m;
  hilum_tissue_map_free(m);
  return NULL;
}
