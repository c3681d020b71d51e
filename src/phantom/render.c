/* Rendering one phase: HU per tissue with a smooth texture, the mean of eight samples where tissues meet,
 * white noise, then one separable Gaussian for both, so that the noise comes out correlated as a scanner's
 * is. The noise is scaled beforehand by what the blur takes away. In two passes: slices blurred in their
 * plane and kept in eighths of a HU, then blurred along z. */
#include "render_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/base/random.h"

#include <math.h>
#include <stdatomic.h>

#define PSF_PLANE_MM 0.55 /* standard deviations of the point spread */
#define PSF_AXIS_MM 0.50
#define MAX_REACH 6
#define TILE 64 /* the texture repeats after TILE * TILE_MM */
#define TILE_MM 1.7
#define FINE 8.0f /* steps per HU between the passes */

typedef struct {
  int reach;
  float weight[2 * MAX_REACH + 1];
} Kernel;

typedef struct {
  const HilumTissueMap *map;
  HilumPhantomPhase phase;
  uint64_t seed;
  float noise;    /* factor on the sum of eight bytes, less its mean */
  float *tile;    /* TILE^3, mean 0, about -1..1 */
  float *scratch; /* per worker: four slices */
  Kernel kernel[3];
  int16_t *fine; /* in-plane blurred */
  int16_t *out;
  const HilumProgress *progress;
  atomic_size_t done;
} Render;

static Kernel make_kernel(double sigma_mm, double spacing_mm)
{
  Kernel k = {.reach = (int)ceil(3 * sigma_mm / spacing_mm)};
  k.reach = MIN(k.reach, MAX_REACH);
  double sum = 0, w[2 * MAX_REACH + 1];
  for (int i = -k.reach; i <= k.reach; i++) {
    double t = i * spacing_mm / sigma_mm;
    w[i + k.reach] = exp(-0.5 * t * t);
    sum += w[i + k.reach];
  }
  for (int i = 0; i <= 2 * k.reach; i++)
    k.weight[i] = (float)(w[i] / sum);
  return k;
}

/* What the kernel leaves of the variance of white noise. */
static double variance_left(const Kernel *k)
{
  double sum = 0;
  for (int i = 0; i <= 2 * k->reach; i++)
    sum += (double)k->weight[i] * (double)k->weight[i];
  return sum;
}

/* Hashes, smoothed once in each direction around the torus. */
static float *make_tile(uint64_t seed)
{
  const size_t n = (size_t)TILE * TILE * TILE;
  float *a = g_new(float, n), *b = g_new(float, n);
  for (size_t i = 0; i < n; i++)
    a[i] = (float)(hilum_random_uniform(seed, i) * 2 - 1);
  for (int axis = 0; axis < 3; axis++) {
    size_t step = axis == 0 ? 1 : axis == 1 ? TILE : TILE * TILE;
    for (size_t i = 0; i < n; i++) {
      size_t at = i / step % TILE;
      float before = a[at > 0 ? i - step : i + step * (TILE - 1)];
      float after = a[at + 1 < TILE ? i + step : i - step * (TILE - 1)];
      b[i] = 0.30f * before + 0.52f * a[i] + 0.30f * after;
    }
    float *swap = a;
    a = b;
    b = swap;
  }
  g_free(b);
  return a;
}

/* Texture along one row of voxels. */
static void texture_row(const Render *r, HilumVec3 start_mm, double step_mm, int32_t n, float *out)
{
  double y = start_mm.y / TILE_MM, z = start_mm.z / TILE_MM, fy = floor(y), fz = floor(z);
  size_t j = (size_t)(int64_t)fy % TILE, k = (size_t)(int64_t)fz % TILE;
  float ty = (float)(y - fy), tz = (float)(z - fz), line[TILE + 1];
  const float *r00 = r->tile + (k * TILE + j) * TILE, *r01 = r->tile + (k * TILE + (j + 1) % TILE) * TILE;
  const float *r10 = r->tile + ((k + 1) % TILE * TILE + j) * TILE;
  const float *r11 = r->tile + ((k + 1) % TILE * TILE + (j + 1) % TILE) * TILE;
  for (size_t i = 0; i < TILE; i++) {
    float near = r00[i] + ty * (r01[i] - r00[i]), far = r10[i] + ty * (r11[i] - r10[i]);
    line[i] = near + tz * (far - near);
  }
  line[TILE] = line[0];
  for (int32_t i = 0; i < n; i++) {
    double x = (start_mm.x + i * step_mm) / TILE_MM + 1024.0 * TILE;
    size_t c = (size_t)x;
    float t = (float)(x - (double)c);
    c %= TILE;
    out[i] = line[c] + t * (line[c + 1] - line[c]);
  }
}

/* The sum of the eight bytes of a hash: close to normal (Irwin-Hall), mean 1020, deviation 209.02. */
static inline float byte_sum(uint64_t h)
{
  uint64_t pairs = (h & UINT64_C(0x00FF00FF00FF00FF)) + (h >> 8 & UINT64_C(0x00FF00FF00FF00FF));
  return (float)(pairs * UINT64_C(0x0001000100010001) >> 48) - 1020.0f;
}

static void shade_row(const Render *r, int32_t j, int32_t k, float *texture, float *out)
{
  const HilumTissueMap *m = r->map;
  const int32_t nx = m->grid.dims[0];
  const size_t row = (size_t)k * (size_t)m->grid.dims[1] + (size_t)j;
  const uint8_t *tissue = m->tissue + row * (size_t)nx;
  const uint64_t *mixed = hilum_mask_row(m->mixed, j, k);
  HilumVec3 start = hilum_grid_voxel_to_mm(&m->grid, (HilumVoxel){0, j, k});
  float hu[TISSUE_COUNT], amplitude[TISSUE_COUNT];
  for (int t = 0; t < TISSUE_COUNT; t++) {
    hu[t] = (float)hilum_tissue_hu((HilumTissue)t, r->phase, start.z);
    amplitude[t] = hilum_tissue_info[t].texture_hu;
  }
  texture_row(r, start, m->grid.spacing_mm[0], nx, texture);
  const uint8_t *samples = m->samples + 8 * m->row_first[row];
  for (int32_t i = 0; i < nx; i++) {
    if (mixed[i >> 6] >> (i & 63) & 1) {
      float sum = 0, amp = 0;
      for (int s = 0; s < 8; s++) {
        sum += hu[samples[s]];
        amp += amplitude[samples[s]];
      }
      samples += 8;
      out[i] = (sum + amp * texture[i]) * 0.125f;
    } else {
      out[i] = hu[tissue[i]] + amplitude[tissue[i]] * texture[i];
    }
  }
  if (r->noise > 0)
    for (int32_t i = 0; i < nx; i++)
      out[i] += r->noise * byte_sum(hilum_random_u64(r->seed, row * (size_t)nx + (size_t)i));
}

/* One row through the in-plane kernel along x; ends are held. */
static void blur_row(const Kernel *kernel, const float *in, int32_t n, float *padded, float *out)
{
  const int reach = kernel->reach;
  for (int32_t i = 0; i < n; i++)
    padded[i + reach] = in[i];
  for (int i = 0; i < reach; i++) {
    padded[i] = in[0];
    padded[n + reach + i] = in[n - 1];
  }
  for (int32_t i = 0; i < n; i++)
    out[i] = 0;
  for (int t = 0; t <= 2 * reach; t++) {
    const float w = kernel->weight[t];
    const float *from = padded + t;
    for (int32_t i = 0; i < n; i++)
      out[i] += w * from[i];
  }
}

static int16_t to_fine(float hu)
{
  float v = hu * FINE;
  v = v < -32767.0f ? -32767.0f : v > 32767.0f ? 32767.0f : v;
  return (int16_t)(v + (v < 0 ? -0.5f : 0.5f));
}

static size_t scratch_floats(const HilumGrid *g)
{
  size_t nx = (size_t)g->dims[0], ny = (size_t)g->dims[1];
  return nx * ny + 4 * (nx + 2 * MAX_REACH);
}

static void slice_pass(size_t begin, size_t end, unsigned worker, void *data)
{
  Render *r = data;
  const HilumGrid *g = &r->map->grid;
  const int32_t nx = g->dims[0], ny = g->dims[1];
  float *rows = r->scratch + worker * scratch_floats(g);
  float *line = rows + (size_t)nx * (size_t)ny, *texture = line + nx + 2 * MAX_REACH;
  float *padded = texture + nx + 2 * MAX_REACH, *sum = padded + nx + 2 * MAX_REACH;
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(r->progress)) return;
    for (int32_t j = 0; j < ny; j++) {
      shade_row(r, j, (int32_t)k, texture, line);
      blur_row(&r->kernel[0], line, nx, padded, rows + (size_t)j * (size_t)nx);
    }
    int16_t *out = r->fine + k * (size_t)nx * (size_t)ny;
    const Kernel *ky = &r->kernel[1];
    for (int32_t j = 0; j < ny; j++) {
      for (int32_t i = 0; i < nx; i++)
        sum[i] = 0;
      for (int t = -ky->reach; t <= ky->reach; t++) {
        int32_t from = CLAMP(j + t, 0, ny - 1);
        const float w = ky->weight[t + ky->reach], *in = rows + (size_t)from * (size_t)nx;
        for (int32_t i = 0; i < nx; i++)
          sum[i] += w * in[i];
      }
      for (int32_t i = 0; i < nx; i++)
        out[(size_t)j * (size_t)nx + (size_t)i] = to_fine(sum[i]);
    }
    hilum_progress_step(r->progress, 0.8 * (double)(atomic_fetch_add(&r->done, 1) + 1) / g->dims[2]);
  }
}

static void axis_pass(size_t begin, size_t end, unsigned worker, void *data)
{
  Render *r = data;
  const HilumGrid *g = &r->map->grid;
  const size_t nx = (size_t)g->dims[0], plane = nx * (size_t)g->dims[1];
  const Kernel *kz = &r->kernel[2];
  float *sum = r->scratch + worker * scratch_floats(g);
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(r->progress)) return;
    for (size_t row = 0; row < plane; row += nx) {
      for (size_t i = 0; i < nx; i++)
        sum[i] = 0;
      for (int t = -kz->reach; t <= kz->reach; t++) {
        size_t from = (size_t)CLAMP((ptrdiff_t)k + t, 0, g->dims[2] - 1);
        const float w = kz->weight[t + kz->reach] / FINE;
        const int16_t *in = r->fine + from * plane + row;
        for (size_t i = 0; i < nx; i++)
          sum[i] += w * (float)in[i];
      }
      int16_t *out = r->out + k * plane + row;
      for (size_t i = 0; i < nx; i++) {
        float v = sum[i] < -1024.0f ? -1024.0f : sum[i] > 3071.0f ? 3071.0f : sum[i];
        out[i] = (int16_t)(v + (v < 0 ? -0.5f : 0.5f));
      }
    }
  }
}

static bool allocate(Render *r, GError **error)
{
  const HilumGrid *g = &r->map->grid;
  size_t bytes = hilum_grid_count(g) * sizeof(int16_t);
  r->scratch = hilum_big_alloc(hilum_parallel_threads() * scratch_floats(g) * sizeof(float), error);
  if (r->scratch == NULL) return false;
  r->fine = hilum_big_alloc(bytes, error);
  if (r->fine == NULL) return false;
  r->out = hilum_big_alloc(bytes, error);
  return r->out != NULL;
}

HilumVolume *hilum_render_phase(const HilumTissueMap *map, HilumPhantomPhase phase, double noise_hu,
                                uint64_t seed, const HilumProgress *progress, GError **error)
{
  Render r = {.map = map,
              .phase = phase,
              .seed = hilum_random_u64(seed, 1000 + (uint64_t)phase),
              .progress = progress};
  double left = 1;
  for (int a = 0; a < 3; a++) {
    r.kernel[a] = make_kernel(a < 2 ? PSF_PLANE_MM : PSF_AXIS_MM, map->grid.spacing_mm[a]);
    left *= variance_left(&r.kernel[a]);
  }
  r.noise = noise_hu > 0 ? (float)(noise_hu / sqrt(left) / 209.0223) : 0.0f;
  HilumVolume *volume = NULL;
  if (allocate(&r, error)) {
    r.tile = make_tile(seed + 5);
    hilum_parallel_for((size_t)map->grid.dims[2], 1, slice_pass, &r);
    hilum_parallel_for((size_t)map->grid.dims[2], 1, axis_pass, &r);
    if (!hilum_progress_fail(progress, error)) {
      volume = hilum_volume_new_take(&map->grid, r.out, 1, 0, "HU", error);
      r.out = NULL;
    }
  }
  hilum_big_free(r.scratch);
  hilum_big_free(r.fine);
  hilum_big_free(r.out);
  g_free(r.tile);
  return volume;
}
