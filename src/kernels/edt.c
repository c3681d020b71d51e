/* Reference of the distance kernels, the choice of variant, and the search they serve.
 *
 * The lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012) visits every column alone, with a
 * division a step. But the row where a column's minimum lies never moves back as y grows (the matrix
 * g(y') + squares[|y - y'|] is totally monotone: Aggarwal et al. 1987, Algorithmica 2:195), so halving works:
 * once every second row knows its minimum, the rows between need only look from one neighbour's to the
 * other's. Sixteen columns side by side share one range, without a branch between the lanes. */
#include "hilum/kernels/edt.h"

#include "hilum/base/cpu.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define LANES HILUM_EDT_LANES

static bool is_on_side(float v, float sign)
{
  return (signbit(v) != 0) == (sign < 0);
}

static void row_minimum_c(const float *g, uint32_t y, uint32_t lo, uint32_t hi, const float *squares,
                          float sign, float *out, uint32_t *arg_lo, uint32_t *arg_hi)
{
  float minimum[LANES];
  uint32_t arg[LANES];
  for (int l = 0; l < LANES; l++) {
    minimum[l] = INFINITY;
    arg[l] = 0;
  }
  for (uint32_t row = lo; row <= hi; row++) {
    const float square = squares[row < y ? y - row : row - y];
    for (int l = 0; l < LANES; l++) {
      const float d = g[(size_t)row * LANES + (size_t)l] + square;
      arg[l] = d < minimum[l] ? row : arg[l];
      minimum[l] = d < minimum[l] ? d : minimum[l];
    }
  }
  *arg_lo = UINT32_MAX;
  *arg_hi = 0;
  for (int l = 0; l < LANES; l++) {
    out[l] = is_on_side(out[l], sign) ? sign * minimum[l] : out[l];
    if (!(minimum[l] < INFINITY)) continue;
    *arg_lo = arg[l] < *arg_lo ? arg[l] : *arg_lo;
    *arg_hi = arg[l] > *arg_hi ? arg[l] : *arg_hi;
  }
}

static bool look_from_c(float sign, const float *tile, size_t n, float *g, uint32_t *first, uint32_t *last)
{
  bool any = false;
  for (size_t y = 0; y < n; y++) {
    bool here = false;
    for (int l = 0; l < LANES; l++) {
      const float v = tile[y * LANES + (size_t)l], mine = v * sign;
      here |= is_on_side(v, sign);
      g[y * LANES + (size_t)l] = mine > 0 ? mine : 0;
    }
    if (!here) continue;
    if (!any) *first = (uint32_t)y;
    *last = (uint32_t)y;
    any = true;
  }
  return any;
}

static void signed_root_c(float *v, size_t n)
{
  for (size_t i = 0; i < n; i++)
    v[i] = copysignf(sqrtf(fabsf(v[i])), v[i]);
}

void hilum_edt_kernels_init(HilumEdtKernels *table)
{
  table->row_minimum = row_minimum_c;
  table->look_from = look_from_c;
  table->signed_root = signed_root_c;
#if defined(__x86_64__)
  unsigned flags = hilum_cpu_flags();
  if (flags & HILUM_CPU_AVX2) hilum_edt_kernels_init_avx2(table);
  if (flags & HILUM_CPU_AVX512) hilum_edt_kernels_init_avx512(table);
#endif
}

/* One side of the boundary in the rows [first, last] of a tile. */
typedef struct {
  const HilumEdtKernels *kernels;
  const float *g; /* what this side's voxels see */
  float *tile;
  const float *squares;
  uint32_t *arg_lo, *arg_hi;
  uint32_t from, last_row; /* rows that may be looked at, inclusive */
  float sign;              /* of this side */
} Side;

/* Solves row y, whose minima lie in [lo, hi], and writes it where the voxel is on this side. */
static void solve_row(const Side *s, uint32_t y, uint32_t lo, uint32_t hi)
{
  s->kernels->row_minimum(s->g, y, lo, hi, s->squares, s->sign, s->tile + (size_t)y * LANES, &s->arg_lo[y],
                          &s->arg_hi[y]);
  if (s->arg_lo[y] > s->arg_hi[y]) { /* nothing to see anywhere */
    s->arg_lo[y] = lo;
    s->arg_hi[y] = lo;
  }
}

static void solve_side(const Side *s, uint32_t first, uint32_t last)
{
  uint32_t span = 1;
  while (span <= last - first)
    span *= 2;
  solve_row(s, first, s->from, s->last_row);
  for (uint32_t step = span / 2; step > 0; step /= 2)
    for (uint32_t y = first + step; y <= last; y += 2 * step)
      solve_row(s, y, s->arg_lo[y - step], last - y >= step ? s->arg_hi[y + step] : s->last_row);
}

void hilum_edt_column_tile(const HilumEdtKernels *kernels, float *tile, uint32_t n, uint32_t from,
                           uint32_t until, const float *squares, float *scratch)
{
  uint32_t *args = (uint32_t *)(void *)(scratch + (size_t)n * LANES);
  for (int side = 0; side < 2; side++) {
    uint32_t first = 0, last = 0;
    Side s = {.kernels = kernels,
              .g = scratch,
              .tile = tile,
              .squares = squares,
              .arg_lo = args,
              .arg_hi = args + n,
              .from = from,
              .last_row = until - 1,
              .sign = side == 0 ? 1.0f : -1.0f};
    if (!kernels->look_from(s.sign, tile, n, scratch, &first, &last)) continue;
    /* A row with nobody on this side is all zero to it: none beyond can be nearer. */
    if (first > from + 1) s.from = first - 1 < s.last_row ? first - 1 : s.last_row;
    if (last + 1 < s.last_row) s.last_row = last + 1 > s.from ? last + 1 : s.from;
    solve_side(&s, first, last);
  }
}
