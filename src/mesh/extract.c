/* Marching cubes (Lorensen and Cline 1987) over bit rows, in the passes of flying edges (Schroeder, Maynard,
 * Geveci 2015): count per row, prefix sums, emit. What differs: a row of voxels is a row of bits, so edges
 * are xors of rows, empty space costs a bit a voxel, and a vertex's id is its rank, i.e. a population count;
 * no case array and no edge array is stored, and no voxel is read twice but for those at the surface.
 *
 * A row of points owns the x, y and z edges that start in it, and their vertices are numbered in that order,
 * row by row: ids do not depend on who computed them. Every slice writes its own part of the output. */
#include "extract_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/mesh/error.h"
#include "mesh_private.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { PREFETCH_ROWS = 6 };

/* What one slice of points holds, and where its part of the output starts. */
typedef struct Slice {
  uint64_t vertices, triangles;
  int32_t lo[2], hi[2]; /* box of the inside points along x and y; empty: lo > hi */
} Slice;

typedef struct {
  HilumExtraction *x;
  size_t rows, slices;       /* of points, padding included */
  int32_t first[3], last[3]; /* points taken part in: first <= p < last on each axis */
  const HilumMcTable *table;
  HilumMcCounts *counts; /* per row of points and one more: counts, then places */
  struct Slice *slice;   /* per slice */
  atomic_size_t done;
  HilumProgress part;
  HilumVec3 step[3]; /* one voxel along each axis, mm */
  double middle[3];  /* index position of the mesh's origin */
  float *positions, *normals;
  uint32_t *indices;
  uint32_t *list; /* scratch per worker */
  double *params;
  uint64_t *words;
} Run;

bool hilum_extraction_init(HilumExtraction *x, const HilumGrid *grid, HilumVoxelBox box,
                           const HilumExtractOptions *options, const HilumProgress *progress, GError **error)
{
  *x = (HilumExtraction){.grid = *grid, .progress = progress};
  if (!hilum_grid_validate(grid, error)) return false;
  if (hilum_voxel_box_is_empty(box)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "There is no surface to make: no voxel belongs to the structure");
    return false;
  }
  for (int a = 0; a < 3; a++) {
    x->lo[a] = box.lo[a];
    x->n[a] = box.hi[a] - box.lo[a];
    x->open_lo[a] = options && options->open_border && box.lo[a] == 0;
    x->open_hi[a] = options && options->open_border && box.hi[a] == grid->dims[a];
  }
  x->words = hilum_mc_row_words((size_t)x->n[0]);
  hilum_mc_kernels_init(&x->kernels);
  size_t bytes;
  if (!hilum_size_mul3((int64_t)x->words * 8, x->n[1] + 2, x->n[2] + 2, &bytes)) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT, "The volume is too large to mesh");
    return false;
  }
  x->bits = hilum_big_alloc(bytes, error);
  if (!x->bits) return false;
  size_t slice = ((size_t)x->n[1] + 2) * x->words;
  memset(x->bits, 0, slice * 8);
  memset(x->bits + slice * ((size_t)x->n[2] + 1), 0, slice * 8);
  for (int32_t k = 1; k <= x->n[2]; k++) {
    memset(hilum_extraction_row(x, 0, k), 0, x->words * 8);
    memset(hilum_extraction_row(x, x->n[1] + 1, k), 0, x->words * 8);
  }
  return true;
}

void hilum_extraction_clear(HilumExtraction *x)
{
  hilum_big_free(x->bits);
  x->bits = NULL;
}

static bool slice_begins(Run *run)
{
  return !hilum_progress_cancelled(run->x->progress);
}

static void slice_ends(Run *run)
{
  size_t done = atomic_fetch_add_explicit(&run->done, 1, memory_order_relaxed) + 1;
  hilum_progress_step(&run->part, (double)done / (double)run->slices);
}

/* The four rows of the cells that start in point row (j, k). At the far ends, where no cell starts, a row
 * stands for its missing neighbour, so that nothing is crossed towards it. */
static HilumMcCellRow cell_row(const Run *run, int32_t j, int32_t k)
{
  const HilumExtraction *x = run->x;
  int32_t jn = j + 1 < run->last[1] ? j + 1 : j, kn = k + 1 < run->last[2] ? k + 1 : k;
  return (HilumMcCellRow){hilum_extraction_row(x, j, k),
                          hilum_extraction_row(x, jn, k),
                          hilum_extraction_row(x, j, kn),
                          hilum_extraction_row(x, jn, kn),
                          x->words,
                          (uint32_t)run->first[0],
                          (uint32_t)run->last[0] - 1};
}

static bool has_cells(const Run *run, int32_t j, int32_t k)
{
  return j + 1 < run->last[1] && k + 1 < run->last[2];
}

/* Widens the slice's box by the inside points of a row. */
static void include_row(const HilumExtraction *x, Slice *s, const uint64_t *row, int32_t j)
{
  size_t first = 0, last = x->words;
  while (first < last && !row[first])
    first++;
  if (first == last) return;
  while (!row[last - 1])
    last--;
  s->lo[0] = MIN(s->lo[0], (int32_t)(64 * first) + __builtin_ctzll(row[first]));
  s->hi[0] = MAX(s->hi[0], (int32_t)(64 * last) - 1 - __builtin_clzll(row[last - 1]));
  s->lo[1] = MIN(s->lo[1], j);
  s->hi[1] = j;
}

static void count_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Run *run = data;
  for (size_t k = begin; k < end; k++) {
    HilumMcCounts *out = run->counts + k * run->rows;
    Slice *s = &run->slice[k];
    *s = (Slice){0, 0, {INT32_MAX, INT32_MAX}, {-1, -1}};
    memset(out, 0, run->rows * sizeof *out);
    if ((int32_t)k < run->first[2] || (int32_t)k >= run->last[2] || !slice_begins(run)) continue;
    for (int32_t j = run->first[1]; j < run->last[1]; j++) {
      HilumMcCellRow row = cell_row(run, j, (int32_t)k);
      run->x->kernels.count_row(&row, run->table, &out[j]);
      if (!has_cells(run, j, (int32_t)k)) out[j].triangles = 0;
      s->vertices += (uint64_t)out[j].x + out[j].y + out[j].z;
      s->triangles += out[j].triangles;
      include_row(run->x, s, row.r00, j);
    }
  }
}

/* Totals of slices become the places where they start. */
static bool place_slices(Run *run, uint64_t *vertices, uint64_t *triangles)
{
  uint64_t v = 0, t = 0;
  for (size_t k = 0; k < run->slices; k++) {
    Slice *s = &run->slice[k];
    uint64_t sv = s->vertices, st = s->triangles;
    s->vertices = v;
    s->triangles = t;
    v += sv;
    t += st;
  }
  run->counts[run->rows * run->slices] = (HilumMcCounts){(uint32_t)v, (uint32_t)v, (uint32_t)v, (uint32_t)t};
  *vertices = v;
  *triangles = t;
  return v <= UINT32_MAX && t <= UINT32_MAX;
}

/* Counts of rows become places: x, y, z hold the id of the row's first vertex of that kind. */
static void place_rows(size_t begin, size_t end, unsigned worker, void *data)
{
  Run *run = data;
  for (size_t k = begin; k < end; k++) {
    uint32_t v = (uint32_t)run->slice[k].vertices, t = (uint32_t)run->slice[k].triangles;
    HilumMcCounts *c = run->counts + k * run->rows;
    for (size_t j = 0; j < run->rows; j++) {
      HilumMcCounts n = c[j];
      c[j] = (HilumMcCounts){v, v + n.x, v + n.x + n.y, t};
      v += n.x + n.y + n.z;
      t += n.triangles;
    }
  }
}

/* First point of row (j, k), as an offset in mm from the mesh's origin. */
static void row_base(const Run *run, int32_t j, int32_t k, double out[3])
{
  const int32_t *lo = run->x->lo;
  HilumVec3 b = hilum_vec3_scale(run->step[0], lo[0] - 1 - run->middle[0]);
  b = hilum_vec3_madd(b, lo[1] - 1 + j - run->middle[1], run->step[1]);
  b = hilum_vec3_madd(b, lo[2] - 1 + k - run->middle[2], run->step[2]);
  out[0] = b.x;
  out[1] = b.y;
  out[2] = b.z;
}

/* Vertices on the edges `bits` that start in row (j, k) and run along `axis`; the first has number id. */
static void emit_vertices(Run *run, unsigned worker, int32_t j, int32_t k, int axis, const uint64_t *bits,
                          uint32_t id)
{
  const HilumExtraction *x = run->x;
  size_t room = 64 * x->words + 8;
  uint32_t *list = run->list + worker * room;
  double *t = run->params + worker * room;
  HilumVec3 s = run->step[0], d = run->step[axis];
  HilumMcFrame frame = {.step = {s.x, s.y, s.z}, .dir = {d.x, d.y, d.z}};
  row_base(run, j, k, frame.base);
  size_t n = x->kernels.expand(list, bits, x->words), head = 0, tail = n;
  float *out = run->positions + 3 * (size_t)id;
  bool padded = axis == 1 ? j == 0 || j == x->n[1] : axis == 2 ? k == 0 || k == x->n[2] : false;
  if (!x->voxels || padded) {
    head = n;
  } else if (axis == 0) { /* towards the padding there is no second value to interpolate with */
    head = n > 0 && list[0] == 0;
    tail = n > head && list[n - 1] == (uint32_t)x->n[0] ? n - 1 : n;
  }
  if (head) x->kernels.place_half(out, list, head, &frame);
  if (tail > head) {
    ptrdiff_t nx = x->n[0], ny = x->n[1], stride = axis == 0 ? 1 : axis == 1 ? nx : nx * ny;
    const int16_t *src = x->voxels + ((ptrdiff_t)(k - 1) * ny + (j - 1)) * nx;
    x->kernels.place_iso(out + 3 * head, t + head, list + head, tail - head, src, stride, x->iso_stored,
                         &frame);
  }
  if (n > tail && tail >= head) x->kernels.place_half(out + 3 * tail, list + tail, n - tail, &frame);
  if (x->normals) hilum_extraction_normals(x, run->normals + 3 * (size_t)id, list, t, n, j, k, axis);
}

static void emit_row_vertices(Run *run, unsigned worker, int32_t j, int32_t k, const HilumMcCellRow *row)
{
  const HilumMcCounts *at = run->counts + (size_t)k * run->rows + (size_t)j;
  uint64_t *bits = run->words + worker * row->words;
  size_t words = row->words;
  if (at[0].y > at[0].x) {
    for (size_t w = 0; w < words; w++)
      bits[w] = row->r00[w] ^ (row->r00[w] >> 1 | (w + 1 < words ? row->r00[w + 1] << 63 : 0));
    if (row->first > 0) bits[0] &= ~UINT64_C(1); /* open at p = 0; the only first there is */
    if (row->last <= (uint32_t)run->x->n[0])     /* open at p = n */
      bits[row->last >> 6] &= ~(UINT64_C(1) << (row->last & 63));
    emit_vertices(run, worker, j, k, 0, bits, at[0].x);
  }
  if (at[0].z > at[0].y) {
    for (size_t w = 0; w < words; w++)
      bits[w] = row->r00[w] ^ row->r10[w];
    emit_vertices(run, worker, j, k, 1, bits, at[0].y);
  }
  if (at[1].x > at[0].z) {
    for (size_t w = 0; w < words; w++)
      bits[w] = row->r00[w] ^ row->r01[w];
    emit_vertices(run, worker, j, k, 2, bits, at[0].z);
  }
}

/* Asks for the voxels around the surface a few rows ahead: they were read once, long ago, and are scattered.
 */
static void prefetch_row(const Run *run, int32_t j, int32_t k)
{
  const HilumExtraction *x = run->x;
  if (!x->voxels || j < 1 || j > x->n[1] || k < 1 || k >= x->n[2]) return;
  HilumMcCellRow row = cell_row(run, j, k);
  ptrdiff_t nx = x->n[0], slice = nx * x->n[1];
  const int16_t *src = x->voxels + (ptrdiff_t)(k - 1) * slice + (ptrdiff_t)(j - 1) * nx;
  for (size_t w = 0; w < x->words; w++) {
    uint64_t a = row.r00[w], cut = (a ^ row.r10[w]) | (a ^ row.r01[w]) | (a ^ a >> 1);
    for (unsigned half = 0; half < 2; half++, cut >>= 32) {
      ptrdiff_t at = (ptrdiff_t)(64 * w + 32 * half);
      if (!(uint32_t)cut || at >= nx) continue;
      __builtin_prefetch(src + at);
      __builtin_prefetch(src + at + slice);
    }
  }
}

static void emit_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Run *run = data;
  const uint8_t(*pattern)[16] =
      hilum_grid_handedness(&run->x->grid) < 0 ? run->table->mirrored : run->table->pattern;
  for (size_t k = begin; k < end; k++) {
    if (!slice_begins(run)) return;
    const HilumMcCounts *at = run->counts + k * run->rows, *up = at + run->rows;
    uint32_t *stop = run->indices + 3 * (size_t)up->triangles;
    for (int32_t j = run->first[1]; j < run->last[1]; j++) {
      prefetch_row(run, j + PREFETCH_ROWS, (int32_t)k);
      bool vertices = at[j + 1].x > at[j].x, triangles = at[j + 1].triangles > at[j].triangles;
      if (!vertices && !triangles) continue;
      HilumMcCellRow row = cell_row(run, j, (int32_t)k);
      if (vertices) emit_row_vertices(run, worker, j, (int32_t)k, &row);
      if (!triangles) continue;
      uint32_t ids[8] = {at[j].x, at[j + 1].x, up[j].x, up[j + 1].x, at[j].y, up[j].y, at[j].z, at[j + 1].z};
      run->x->kernels.emit_row(&row, run->table->triangles, pattern, ids,
                               run->indices + 3 * (size_t)at[j].triangles, stop);
    }
    slice_ends(run);
  }
}

/* The mesh's origin: the middle of the box around the inside voxels, which is the surface's box to within a
 * voxel. */
static void find_middle(Run *run)
{
  int32_t lo[3] = {INT32_MAX, INT32_MAX, INT32_MAX}, hi[3] = {-1, -1, -1};
  for (size_t k = 0; k < run->slices; k++) {
    const Slice *s = &run->slice[k];
    if (s->lo[0] > s->hi[0]) continue;
    for (int a = 0; a < 2; a++) {
      lo[a] = MIN(lo[a], s->lo[a]);
      hi[a] = MAX(hi[a], s->hi[a]);
    }
    lo[2] = MIN(lo[2], (int32_t)k);
    hi[2] = (int32_t)k;
  }
  for (int a = 0; a < 3; a++)
    run->middle[a] = run->x->lo[a] - 1 + 0.5 * ((double)lo[a] + hi[a]);
}

static bool alloc_output(Run *run, uint64_t vertices, uint64_t triangles, GError **error)
{
  size_t workers = hilum_parallel_threads(), room = 64 * run->x->words + 8;
  run->list = g_new(uint32_t, workers * room);
  run->params = g_new(double, workers *room);
  run->words = g_new(uint64_t, workers * run->x->words);
  run->positions = hilum_big_alloc((size_t)vertices * 3 * sizeof(float), error);
  if (!run->positions) return false;
  if (run->x->normals) {
    run->normals = hilum_big_alloc((size_t)vertices * 3 * sizeof(float), error);
    if (!run->normals) return false;
  }
  run->indices = hilum_big_alloc((size_t)triangles * 3 * sizeof(uint32_t), error);
  return run->indices != NULL;
}

static HilumMesh *emit_mesh(Run *run, GError **error)
{
  HilumExtraction *x = run->x;
  uint64_t vertices, triangles;
  if (!place_slices(run, &vertices, &triangles)) {
    g_set_error(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_LIMIT,
                "The surface would have %" G_GUINT64_FORMAT
                " triangles, more than a mesh can hold; smooth the image or choose another value",
                triangles);
    return NULL;
  }
  if (triangles == 0) {
    g_set_error_literal(error, HILUM_MESH_ERROR, HILUM_MESH_ERROR_EMPTY,
                        "There is no surface to make: nothing lies on its inside, or everything does");
    return NULL;
  }
  find_middle(run);
  if (!alloc_output(run, vertices, triangles, error)) return NULL;
  HilumVec3 origin =
      hilum_grid_to_mm(&x->grid, (HilumIndexPos){run->middle[0], run->middle[1], run->middle[2]});
  for (int a = 0; a < 3; a++)
    run->step[a] = hilum_vec3_scale(x->grid.axes[a], x->grid.spacing_mm[a]);
  hilum_parallel_for(run->slices, 8, place_rows, run);
  hilum_parallel_for(run->slices, 1, emit_slices, run);
  if (hilum_progress_fail(x->progress, error)) return NULL;
  HilumMesh *mesh = hilum_mesh_new_trusted(origin, (uint32_t)vertices, run->positions, run->normals,
                                           (uint32_t)triangles, run->indices);
  run->positions = run->normals = NULL;
  run->indices = NULL;
  return mesh;
}

HilumMesh *hilum_extraction_run(HilumExtraction *x, GError **error)
{
  Run run = {.x = x,
             .rows = (size_t)x->n[1] + 2,
             .slices = (size_t)x->n[2] + 2,
             .table = hilum_mc_table(),
             .part = hilum_progress_part(x->progress, 0.5, 1, NULL)};
  for (int a = 0; a < 3; a++) {
    run.first[a] = x->open_lo[a] ? 1 : 0;
    run.last[a] = x->n[a] + (x->open_hi[a] ? 1 : 2);
  }
  run.counts = hilum_big_alloc((run.rows * run.slices + 1) * sizeof *run.counts, error);
  if (!run.counts) return NULL;
  run.slice = g_new0(Slice, run.slices);
  hilum_parallel_for(run.slices, 4, count_slices, &run);
  HilumMesh *mesh = hilum_progress_fail(x->progress, error) ? NULL : emit_mesh(&run, error);
  hilum_big_free(run.counts);
  hilum_big_free(run.positions);
  hilum_big_free(run.normals);
  hilum_big_free(run.indices);
  g_free(run.slice);
  g_free(run.list);
  g_free(run.params);
  g_free(run.words);
  return mesh;
}
