/* Exact Euclidean distance, one axis after the other (Felzenszwalb and Huttenlocher 2012; Meijster, Roerdink
 * and Hesselink 2000 for the row pass), both sides of the boundary in one array.
 *
 * The sign of a value is the side its voxel lies on, its size the squared distance to the other side. Rows
 * are filled from bits run by run out of a table of squares; then columns along y, while the slice is in the
 * cache; then columns along z. Columns are copied into tiles of sixteen side by side: their stride in the
 * volume would fall on the same few cache lines. Scratch: five tiles a worker. */
#include "hilum/filter/distance.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/size.h"
#include "hilum/filter/error.h"
#include "hilum/kernels/edt.h"
#include "mask_box_private.h"

#include <math.h>
#include <string.h>

#define LANES HILUM_EDT_LANES
#define WIDE 4 /* tiles that are read together */

typedef struct {
  const HilumMask *mask;
  float *out;
  bool both;         /* also inside */
  float *squares[3]; /* squared distance of n voxels along each axis */
  float *tiles;      /* per worker: WIDE tiles of the longest column and scratch */
  size_t tile_floats;
  uint32_t slices[2]; /* slices [0], [1]) that matter to others */
  HilumEdtKernels kernels;
  HilumTicks ticks;
} Distance;

/* Fills one run [begin, end) of a row of n: squared distance to the nearer of its ends that is not the row's.
 */
static void fill_run(float *row, int32_t begin, int32_t end, int32_t n, const float *squares, float sign)
{
  const bool left = begin > 0, right = end < n;
  if (!left && !right) {
    for (int32_t i = begin; i < end; i++)
      row[i] = copysignf(INFINITY, sign);
    return;
  }
  const int32_t middle = !right ? end : !left ? begin : begin + (end - begin + 1) / 2;
  for (int32_t i = begin; i < middle; i++)
    row[i] = sign * squares[i - begin + 1];
  for (int32_t i = middle; i < end; i++)
    row[i] = sign * squares[end - i];
}

/* End of the run of equal bits that begins at i. */
static int32_t run_end(const uint64_t *bits, int32_t i, int32_t n)
{
  const uint64_t flip = (bits[i >> 6] >> (i & 63)) & 1 ? ~UINT64_C(0) : 0;
  uint64_t v = (bits[i >> 6] ^ flip) >> (i & 63);
  if (v != 0) return MIN(n, i + __builtin_ctzll(v));
  for (int32_t w = (i >> 6) + 1; w * 64 < n; w++)
    if ((bits[w] ^ flip) != 0) return MIN(n, w * 64 + __builtin_ctzll(bits[w] ^ flip));
  return n;
}

/* One row of bits to signed squared distances along x. */
static void fill_row(const Distance *d, const uint64_t *bits, float *row)
{
  const int32_t n = d->mask->dims[0];
  for (int32_t i = 0; i < n;) {
    const int32_t end = run_end(bits, i, n);
    const bool set = (bits[i >> 6] >> (i & 63)) & 1;
    if (set && !d->both)
      memset(row + i, 0, (size_t)(end - i) * sizeof *row);
    else
      fill_run(row, i, end, n, d->squares[0], set ? -1.0f : 1.0f);
    i = end;
  }
}

/* Up to WIDE tiles of columns side by side, read and written together so that whole lines of memory are used:
 * `base` is the first value, `stride` leads to the next row. */
static void run_tiles(const Distance *d, unsigned worker, float *base, size_t stride, uint32_t n,
                      size_t columns, const uint32_t range[2], const float *squares, bool root)
{
  const size_t tile_floats = (size_t)n * LANES;
  float *tiles = d->tiles + worker * d->tile_floats;
  float *scratch = tiles + WIDE * tile_floats;
  const size_t n_tiles = (columns + LANES - 1) / LANES, last = columns - (n_tiles - 1) * LANES;
  /* Lanes that a narrow last tile does not use stay zero: they are done at once. */
  if (last < LANES) memset(tiles + (n_tiles - 1) * tile_floats, 0, tile_floats * sizeof *tiles);
  for (size_t y = 0; y < n; y++)
    for (size_t t = 0; t < n_tiles; t++)
      memcpy(tiles + t * tile_floats + y * LANES, base + y * stride + t * LANES,
             (t + 1 < n_tiles ? LANES : last) * sizeof *tiles);
  for (size_t t = 0; t < n_tiles; t++) {
    float *tile = tiles + t * tile_floats;
    hilum_edt_column_tile(&d->kernels, tile, n, range[0], range[1], squares, scratch);
    if (root) d->kernels.signed_root(tile, tile_floats);
  }
  for (size_t y = 0; y < n; y++)
    for (size_t t = 0; t < n_tiles; t++)
      memcpy(base + y * stride + t * LANES, tiles + t * tile_floats + y * LANES,
             (t + 1 < n_tiles ? LANES : last) * sizeof *tiles);
}

static void slice_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Distance *d = data;
  const size_t nx = (size_t)d->mask->dims[0];
  const uint32_t ny = (uint32_t)d->mask->dims[1];
  for (size_t k = begin; k < end; k++) {
    if (!hilum_ticks_step(&d->ticks)) return;
    float *slice = d->out + k * nx * ny;
    uint32_t range[2] = {ny, 0}; /* rows that know the other side */
    for (uint32_t j = 0; j < ny; j++) {
      fill_row(d, hilum_mask_row(d->mask, (int32_t)j, (int32_t)k), slice + j * nx);
      if (slice[j * nx] == INFINITY) continue;
      if (range[0] == ny) range[0] = j;
      range[1] = j + 1;
    }
    if (range[0] >= range[1]) continue;
    /* For voxels inside, the clear rows next to those are the nearest of the clear rows. */
    range[0] -= range[0] > 0;
    range[1] += range[1] < ny;
    for (size_t i = 0; i < nx; i += WIDE * LANES)
      run_tiles(d, worker, slice + i, nx, ny, MIN(WIDE * LANES, nx - i), range, d->squares[1], false);
  }
}

static void axis_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Distance *d = data;
  const size_t nx = (size_t)d->mask->dims[0], ny = (size_t)d->mask->dims[1];
  for (size_t j = begin; j < end; j++) {
    if (!hilum_ticks_step(&d->ticks)) return;
    for (size_t i = 0; i < nx; i += WIDE * LANES)
      run_tiles(d, worker, d->out + j * nx + i, nx * ny, (uint32_t)d->mask->dims[2],
                MIN(WIDE * LANES, nx - i), d->slices, d->squares[2], true);
  }
}

static bool allocate(Distance *d, const double spacing_mm[3], GError **error)
{
  const int32_t *dims = d->mask->dims;
  size_t count, bytes;
  if (!hilum_size_mul3(dims[0], dims[1], dims[2], &count) || !hilum_size_mul(count, sizeof(float), &bytes)) {
    g_set_error_literal(error, HILUM_FILTER_ERROR, HILUM_FILTER_ERROR_LIMIT,
                        "The volume is too large for a map of distances.");
    return false;
  }
  d->out = hilum_big_alloc(bytes, error);
  if (d->out == NULL) return false;
  hilum_big_touch(d->out, bytes);
  for (int a = 0; a < 3; a++) {
    d->squares[a] = g_new(float, (size_t)dims[a] + 1);
    for (int32_t n = 0; n <= dims[a]; n++)
      d->squares[a][n] = (float)((n * spacing_mm[a]) * (n * spacing_mm[a]));
  }
  const size_t rows = (size_t)MAX(dims[1], dims[2]);
  d->tile_floats = (WIDE * LANES * rows + hilum_edt_scratch(rows) + LANES - 1) / LANES * LANES;
  d->tiles = hilum_big_alloc(d->tile_floats * hilum_parallel_threads() * sizeof(float), error);
  return d->tiles != NULL;
}

static bool run_distance(Distance *d, const HilumProgress *progress, GError **error)
{
  const int32_t *dims = d->mask->dims;
  HilumProgress part = hilum_progress_part(progress, 0, 0.5, NULL);
  hilum_ticks_init(&d->ticks, &part, (size_t)dims[2]);
  hilum_parallel_for((size_t)dims[2], 1, slice_body, d);
  if (hilum_progress_fail(progress, error)) return false;
  part = hilum_progress_part(progress, 0.5, 1, NULL);
  hilum_ticks_init(&d->ticks, &part, (size_t)dims[1]);
  hilum_parallel_for((size_t)dims[1], 1, axis_body, d);
  return !hilum_progress_fail(progress, error);
}

static float *make_distance(const HilumMask *mask, const double spacing_mm[3], bool both,
                            const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(mask != NULL, NULL);
  for (int a = 0; a < 3; a++)
    g_return_val_if_fail(isfinite(spacing_mm[a]) && spacing_mm[a] > 0, NULL);
  const HilumVoxelBox box = hilum_mask_bounds(mask);
  Distance d = {.mask = mask,
                .both = both,
                .slices = {(uint32_t)MAX(box.lo[2] - 1, 0), (uint32_t)MIN(box.hi[2] + 1, mask->dims[2])}};
  hilum_edt_kernels_init(&d.kernels);
  if (!allocate(&d, spacing_mm, error) || !run_distance(&d, progress, error)) {
    hilum_big_free(d.out);
    d.out = NULL;
  }
  hilum_big_free(d.tiles);
  for (int a = 0; a < 3; a++)
    g_free(d.squares[a]);
  return d.out;
}

float *hilum_mask_distance(const HilumMask *mask, const double spacing_mm[3], const HilumProgress *progress,
                           GError **error)
{
  return make_distance(mask, spacing_mm, false, progress, error);
}

float *hilum_mask_signed_distance(const HilumMask *mask, const double spacing_mm[3],
                                  const HilumProgress *progress, GError **error)
{
  return make_distance(mask, spacing_mm, true, progress, error);
}
