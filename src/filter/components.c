/* Connected components by runs and union-find (the run-based two-pass labelling of He, Chao and Suzuki 2008,
 * IEEE Trans. Image Process. 17:749, carried to three dimensions).
 *
 * A run is a maximal span of set voxels of one row. Slabs of slices are scanned and united on their own, then
 * the seams between slabs are united in order. The root of a set is always its lowest run, so the numbering
 * follows the first voxel whatever the order of the unions. */
#include "hilum/filter/components.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/filter/error.h"
#include "mask_box_private.h"

#define SLAB 16

typedef struct {
  int32_t begin, end; /* voxels [begin, end) of the row */
} Run;

struct HilumComponents {
  int32_t dims[3];
  HilumVoxelBox box;  /* rows outside it hold no run */
  size_t n_rows;      /* rows of the box */
  uint64_t *row_runs; /* n_rows + 1: first run of each row */
  Run *runs;
  uint32_t *component; /* of each run; during the construction its parent */
  uint32_t count;
  uint64_t *sizes;
  HilumVoxelBox *bounds;
  uint32_t largest;
};

typedef struct {
  HilumComponents *c;
  const HilumMask *mask;
  HilumConnectivity connectivity;
  HilumTicks ticks;
} Build;

static size_t box_rows_per_slice(const HilumComponents *c)
{
  return (size_t)(c->box.hi[1] - c->box.lo[1]);
}

static size_t count_runs(const uint64_t *row, size_t n_words)
{
  size_t n = 0;
  uint64_t before = 0; /* last bit of the previous word */
  for (size_t w = 0; w < n_words; w++) {
    uint64_t v = row[w];
    if (v) n += (size_t)__builtin_popcountll(v & ~(v << 1 | before));
    before = v >> 63;
  }
  return n;
}

static void extract_runs(const uint64_t *row, size_t n_words, Run *out)
{
  int32_t open = -1;
  for (size_t w = 0; w < n_words; w++) {
    uint64_t v = row[w];
    int32_t base = (int32_t)(w * 64);
    int bit = 0;
    if (open < 0 && v == 0) continue;
    while (bit < 64) {
      uint64_t rest = (open < 0 ? v : ~v) >> bit;
      if (rest == 0) break;
      bit += __builtin_ctzll(rest);
      if (open < 0)
        open = base + bit;
      else {
        *out++ = (Run){open, base + bit};
        open = -1;
      }
    }
  }
  if (open >= 0) *out = (Run){open, (int32_t)(n_words * 64)};
}

static uint32_t find_root(uint32_t *parent, uint32_t r)
{
  while (parent[r] != r) {
    parent[r] = parent[parent[r]]; /* path halving */
    r = parent[r];
  }
  return r;
}

static void unite(uint32_t *parent, uint32_t a, uint32_t b)
{
  a = find_root(parent, a);
  b = find_root(parent, b);
  if (a < b)
    parent[b] = a;
  else
    parent[a] = b;
}

/* Unites touching runs of two rows; `reach` 1 lets them touch at a corner. */
static void unite_rows(HilumComponents *c, size_t row_a, size_t row_b, int32_t reach)
{
  uint64_t a = c->row_runs[row_a], b = c->row_runs[row_b];
  const uint64_t end_a = c->row_runs[row_a + 1], end_b = c->row_runs[row_b + 1];
  while (a < end_a && b < end_b) {
    const Run ra = c->runs[a], rb = c->runs[b];
    if (ra.begin < rb.end + reach && rb.begin < ra.end + reach) unite(c->component, (uint32_t)a, (uint32_t)b);
    if (ra.end < rb.end)
      a++;
    else
      b++;
  }
}

/* Unites the rows of slice k with those before them: within the slice if `within`, and with slice k - 1 if
 * `below`. */
static void unite_slice(Build *b, size_t k, bool within, bool below)
{
  const size_t nj = box_rows_per_slice(b->c);
  const bool full = b->connectivity == HILUM_CONNECT_26;
  const int32_t reach = full ? 1 : 0;
  for (size_t j = 0; j < nj; j++) {
    size_t row = k * nj + j;
    if (b->c->row_runs[row] == b->c->row_runs[row + 1]) continue;
    if (within && j > 0) unite_rows(b->c, row - 1, row, reach);
    if (!below) continue;
    unite_rows(b->c, row - nj, row, reach);
    if (full && j > 0) unite_rows(b->c, row - nj - 1, row, 1);
    if (full && j + 1 < nj) unite_rows(b->c, row - nj + 1, row, 1);
  }
}

static const uint64_t *box_row(const Build *b, size_t row)
{
  const size_t nj = box_rows_per_slice(b->c);
  return hilum_mask_row(b->mask, b->c->box.lo[1] + (int32_t)(row % nj),
                        b->c->box.lo[2] + (int32_t)(row / nj));
}

static void count_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Build *b = data;
  const size_t nj = box_rows_per_slice(b->c);
  for (size_t k = begin; k < end; k++) {
    if (!hilum_ticks_step(&b->ticks)) return;
    for (size_t row = k * nj; row < (k + 1) * nj; row++)
      b->c->row_runs[row + 1] = count_runs(box_row(b, row), b->mask->row_words);
  }
}

static void label_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Build *b = data;
  HilumComponents *c = b->c;
  const size_t nj = box_rows_per_slice(c);
  for (size_t k = begin; k < end; k++) {
    if (!hilum_ticks_step(&b->ticks)) return;
    for (size_t row = k * nj; row < (k + 1) * nj; row++) {
      if (c->row_runs[row] == c->row_runs[row + 1]) continue;
      extract_runs(box_row(b, row), b->mask->row_words, c->runs + c->row_runs[row]);
      for (uint64_t r = c->row_runs[row]; r < c->row_runs[row + 1]; r++)
        c->component[r] = (uint32_t)r;
    }
    unite_slice(b, k, true, k > begin);
  }
}

/* Turns parents into component numbers, in the order of first runs. */
static void number_components(HilumComponents *c, size_t n_runs)
{
  uint32_t count = 0;
  for (size_t r = 0; r < n_runs; r++) {
    uint32_t parent = c->component[r]; /* lower, so already numbered, or itself */
    c->component[r] = parent == r ? count++ : c->component[parent];
  }
  c->count = count;
}

static void measure_components(HilumComponents *c)
{
  const size_t nj = box_rows_per_slice(c);
  for (uint32_t i = 0; i < c->count; i++)
    c->bounds[i] = (HilumVoxelBox){{INT32_MAX, INT32_MAX, INT32_MAX}, {0, 0, 0}};
  for (size_t row = 0; row < c->n_rows; row++) {
    const int32_t j = c->box.lo[1] + (int32_t)(row % nj), k = c->box.lo[2] + (int32_t)(row / nj);
    for (uint64_t r = c->row_runs[row]; r < c->row_runs[row + 1]; r++) {
      const Run run = c->runs[r];
      HilumVoxelBox *b = &c->bounds[c->component[r]];
      c->sizes[c->component[r]] += (uint64_t)(run.end - run.begin);
      b->lo[0] = MIN(b->lo[0], run.begin);
      b->hi[0] = MAX(b->hi[0], run.end);
      b->lo[1] = MIN(b->lo[1], j);
      b->hi[1] = MAX(b->hi[1], j + 1);
      b->lo[2] = MIN(b->lo[2], k);
      b->hi[2] = k + 1; /* rows come in order */
    }
  }
  for (uint32_t i = 1; i < c->count; i++)
    if (c->sizes[i] > c->sizes[c->largest]) c->largest = i;
}

static bool allocate_runs(HilumComponents *c, size_t n_runs, GError **error)
{
  if (n_runs >= UINT32_MAX) {
    g_set_error(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                "The mask falls into too many pieces to be counted (%zu runs). Narrow the range first.",
                n_runs);
    return false;
  }
  c->runs = hilum_big_alloc(n_runs * sizeof *c->runs, error);
  if (c->runs == NULL) return false;
  c->component = hilum_big_alloc(n_runs * sizeof *c->component, error);
  return c->component != NULL;
}

static bool label_mask(Build *b, const HilumProgress *progress, GError **error)
{
  HilumComponents *c = b->c;
  const size_t slices = (size_t)(c->box.hi[2] - c->box.lo[2]);
  HilumProgress part = hilum_progress_part(progress, 0, 0.3, NULL);
  hilum_ticks_init(&b->ticks, &part, slices);
  hilum_parallel_for(slices, SLAB, count_body, b);
  if (hilum_progress_fail(progress, error)) return false;
  for (size_t row = 0; row < c->n_rows; row++)
    c->row_runs[row + 1] += c->row_runs[row];
  const size_t n_runs = c->row_runs[c->n_rows];
  if (!allocate_runs(c, n_runs, error)) return false;

  part = hilum_progress_part(progress, 0.3, 0.9, NULL);
  hilum_ticks_init(&b->ticks, &part, slices);
  hilum_parallel_for(slices, SLAB, label_body, b);
  if (hilum_progress_fail(progress, error)) return false;
  for (size_t k = SLAB; k < slices; k += SLAB)
    unite_slice(b, k, false, true);
  if (hilum_progress_fail(progress, error)) return false;

  number_components(c, n_runs);
  c->sizes = hilum_big_alloc0(c->count * sizeof *c->sizes, error);
  if (c->sizes == NULL) return false;
  c->bounds = hilum_big_alloc(c->count * sizeof *c->bounds, error);
  if (c->bounds == NULL) return false;
  measure_components(c);
  return !hilum_progress_fail(progress, error);
}

HilumComponents *hilum_components_new(const HilumMask *mask, HilumConnectivity connectivity,
                                      const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(mask != NULL, NULL);
  g_autoptr(HilumComponents) c = g_new0(HilumComponents, 1);
  memcpy(c->dims, mask->dims, sizeof c->dims);
  c->box = hilum_mask_bounds(mask);
  c->n_rows = (size_t)(c->box.hi[1] - c->box.lo[1]) * (size_t)(c->box.hi[2] - c->box.lo[2]);
  c->row_runs = hilum_big_alloc0((c->n_rows + 1) * sizeof *c->row_runs, error);
  if (c->row_runs == NULL) return NULL;
  Build build = {.c = c, .mask = mask, .connectivity = connectivity};
  if (!label_mask(&build, progress, error)) return NULL;
  return g_steal_pointer(&c);
}

void hilum_components_free(HilumComponents *c)
{
  if (c == NULL) return;
  hilum_big_free(c->row_runs);
  hilum_big_free(c->runs);
  hilum_big_free(c->component);
  hilum_big_free(c->sizes);
  hilum_big_free(c->bounds);
  g_free(c);
}

uint32_t hilum_components_get_count(const HilumComponents *c)
{
  return c->count;
}

uint64_t hilum_components_get_size(const HilumComponents *c, uint32_t component)
{
  g_return_val_if_fail(component < c->count, 0);
  return c->sizes[component];
}

HilumVoxelBox hilum_components_get_bounds(const HilumComponents *c, uint32_t component)
{
  g_return_val_if_fail(component < c->count, ((HilumVoxelBox){{0}, {0}}));
  return c->bounds[component];
}

uint32_t hilum_components_get_largest(const HilumComponents *c)
{
  return c->count ? c->largest : UINT32_MAX;
}

uint32_t hilum_components_at(const HilumComponents *c, HilumVoxel v)
{
  const HilumVoxelBox *b = &c->box;
  if (v.i < b->lo[0] || v.i >= b->hi[0] || v.j < b->lo[1] || v.j >= b->hi[1] || v.k < b->lo[2] ||
      v.k >= b->hi[2])
    return UINT32_MAX;
  const size_t row = (size_t)(v.k - b->lo[2]) * box_rows_per_slice(c) + (size_t)(v.j - b->lo[1]);
  uint64_t lo = c->row_runs[row], hi = c->row_runs[row + 1];
  while (lo < hi) { /* the first run that ends behind the voxel */
    uint64_t mid = lo + (hi - lo) / 2;
    if (c->runs[mid].end <= v.i)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo < c->row_runs[row + 1] && c->runs[lo].begin <= v.i ? c->component[lo] : UINT32_MAX;
}

void hilum_components_filter(const HilumComponents *c, HilumMask *mask, const uint8_t *keep)
{
  g_return_if_fail(memcmp(c->dims, mask->dims, sizeof c->dims) == 0);
  const size_t nj = box_rows_per_slice(c);
  for (size_t row = 0; row < c->n_rows; row++) {
    const int32_t j = c->box.lo[1] + (int32_t)(row % nj), k = c->box.lo[2] + (int32_t)(row / nj);
    for (uint64_t r = c->row_runs[row]; r < c->row_runs[row + 1]; r++)
      if (!keep[c->component[r]]) hilum_mask_clear_span(mask, c->runs[r].begin, c->runs[r].end, j, k);
  }
}
