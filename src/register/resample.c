/* Resampling under a rigid motion. Along a row of the target grid the source position is affine, so the part
 * of the row inside the volume, and the part that needs no clamping, are intervals found once a row; the loop
 * over the latter has no branch. Cubic convolution: Keys, "Cubic convolution interpolation for digital image
 * processing", IEEE ASSP 29, 1981. */
#include "hilum/register/resample.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/register/error.h"

#include "affine_private.h"

#include <stdatomic.h>

typedef struct {
  const int16_t *voxels;
  int32_t dims[3];
  HilumGrid target;
  HilumIndexPos origin, step[3]; /* source index of target voxel 0, and per target voxel */
  int16_t outside;
  int16_t *out;
  HilumResampleInterpolation interpolation;
  const HilumProgress *progress;
  atomic_int slices_done;
} Resample;

typedef struct {
  double start[3], step[3];
} Row;

typedef struct {
  int32_t begin, end;
} Interval;

static inline int16_t round_to_stored(float v)
{
  v = v < -32768.0f ? -32768.0f : v > 32767.0f ? 32767.0f : v;
  return (int16_t)(v + (v < 0 ? -0.5f : 0.5f));
}

/* The part of [0, count) in which lo <= start + i step <= hi along every axis. The division only proposes;
 * the comparison that the loops rely on decides, by a step or two. */
static Interval row_inside(const Row *row, const double lo[3], const double hi[3], int32_t count)
{
  Interval all = {0, count};
  for (int a = 0; a < 3; a++) {
    const double start = row->start[a], step = row->step[a];
    double first = 0, last = count - 1;
    if (fabs(step) > 1e-12) {
      double t0 = (lo[a] - start) / step, t1 = (hi[a] - start) / step;
      first = ceil(fmin(t0, t1)) - 1, last = floor(fmax(t0, t1)) + 1;
    } else if (!(start >= lo[a] && start <= hi[a])) {
      return (Interval){0, 0};
    }
    if (first > all.begin) all.begin = (int32_t)fmin(first, count);
    if (last + 1 < all.end) all.end = (int32_t)fmax(last + 1, 0);
  }
  for (int a = 0; a < 3; a++) {
    const double start = row->start[a], step = row->step[a];
#define BEYOND(i) (!(start + (i)*step >= lo[a] && start + (i)*step <= hi[a]))
    while (all.begin < all.end && BEYOND(all.begin))
      all.begin++;
    while (all.begin < all.end && BEYOND(all.end - 1))
      all.end--;
#undef BEYOND
  }
  return all.begin < all.end ? all : (Interval){0, 0};
}

static inline float lerp(float a, float b, float t)
{
  return a + t * (b - a);
}

/* All eight neighbours lie in the volume. */
static void linear_row(const Resample *r, const Row *row, Interval range, int16_t *out)
{
  const ptrdiff_t line = r->dims[0], slice = line * r->dims[1];
  for (int32_t i = range.begin; i < range.end; i++) {
    const double x = row->start[0] + i * row->step[0];
    const double y = row->start[1] + i * row->step[1];
    const double z = row->start[2] + i * row->step[2];
    const int32_t ix = (int32_t)x, iy = (int32_t)y, iz = (int32_t)z;
    const float fx = (float)(x - ix), fy = (float)(y - iy), fz = (float)(z - iz);
    const int16_t *v = r->voxels + iz * slice + iy * line + ix;
    const float near0 = lerp(v[0], v[1], fx), near1 = lerp(v[line], v[line + 1], fx);
    const float far0 = lerp(v[slice], v[slice + 1], fx);
    const float far1 = lerp(v[slice + line], v[slice + line + 1], fx);
    out[i] = round_to_stored(lerp(lerp(near0, near1, fy), lerp(far0, far1, fy), fz));
  }
}

/* Neighbour indices first .. first + taps - 1 and their weights along one axis, clamped at the border. */
static void taps_linear(double p, int32_t count, int32_t index[4], float weight[4])
{
  double inside = CLAMP(p, 0, count - 1.0);
  int32_t lower = (int32_t)inside;
  float t = (float)(inside - lower);
  index[0] = lower, index[1] = MIN(lower + 1, count - 1);
  weight[0] = 1 - t, weight[1] = t;
}

static inline void keys_weights(float t, float weight[4])
{
  const float s = 1 - t;
  weight[0] = -0.5f * t * s * s;
  weight[1] = 1 + t * t * (1.5f * t - 2.5f);
  weight[2] = 1 + s * s * (1.5f * s - 2.5f);
  weight[3] = -0.5f * s * t * t;
}

static void taps_cubic(double p, int32_t count, int32_t index[4], float weight[4])
{
  double inside = CLAMP(p, 0, count - 1.0);
  int32_t lower = (int32_t)inside;
  for (int n = 0; n < 4; n++)
    index[n] = CLAMP(lower - 1 + n, 0, count - 1);
  keys_weights((float)(inside - lower), weight);
}

/* Any position inside the outermost cells. */
static void clamped_row(const Resample *r, const Row *row, Interval range, int16_t *out)
{
  const size_t line = (size_t)r->dims[0], slice = line * (size_t)r->dims[1];
  const bool cubic = r->interpolation == HILUM_RESAMPLE_CUBIC;
  const int taps = cubic ? 4 : 2;
  for (int32_t i = range.begin; i < range.end; i++) {
    int32_t index[3][4];
    float weight[3][4];
    for (int a = 0; a < 3; a++)
      (cubic ? taps_cubic : taps_linear)(row->start[a] + i * row->step[a], r->dims[a], index[a], weight[a]);
    float sum = 0;
    for (int c = 0; c < taps; c++)
      for (int b = 0; b < taps; b++) {
        const int16_t *v = r->voxels + (size_t)index[2][c] * slice + (size_t)index[1][b] * line;
        float along = 0;
        for (int a = 0; a < taps; a++)
          along += weight[0][a] * v[index[0][a]];
        sum += weight[2][c] * weight[1][b] * along;
      }
    out[i] = round_to_stored(sum);
  }
}

/* All 64 neighbours lie in the volume. */
static void cubic_row(const Resample *r, const Row *row, Interval range, int16_t *out)
{
  const ptrdiff_t line = r->dims[0], slice = line * r->dims[1];
  for (int32_t i = range.begin; i < range.end; i++) {
    const double x = row->start[0] + i * row->step[0];
    const double y = row->start[1] + i * row->step[1];
    const double z = row->start[2] + i * row->step[2];
    const int32_t ix = (int32_t)x, iy = (int32_t)y, iz = (int32_t)z;
    float wx[4], wy[4], wz[4];
    keys_weights((float)(x - ix), wx);
    keys_weights((float)(y - iy), wy);
    keys_weights((float)(z - iz), wz);
    const int16_t *v = r->voxels + (iz - 1) * slice + (iy - 1) * line + ix - 1;
    float column[4] = {0, 0, 0, 0}; /* summed over y and z; x last, so that four lanes go side by side */
    for (int c = 0; c < 4; c++)
      for (int b = 0; b < 4; b++) {
        const int16_t *p = v + c * slice + b * line;
        const float w = wz[c] * wy[b];
        for (int a = 0; a < 4; a++)
          column[a] += w * p[a];
      }
    float sum = 0;
    for (int a = 0; a < 4; a++)
      sum += wx[a] * column[a];
    out[i] = round_to_stored(sum);
  }
}

static void resample_row(const Resample *r, int32_t j, int32_t k)
{
  const int32_t count = r->target.dims[0];
  int16_t *out = r->out + ((size_t)k * (size_t)r->target.dims[1] + (size_t)j) * (size_t)count;
  const HilumIndexPos o = r->origin, *s = r->step;
  const Row row = {
      {o.i + j * s[1].i + k * s[2].i, o.j + j * s[1].j + k * s[2].j, o.k + j * s[1].k + k * s[2].k},
      {s[0].i, s[0].j, s[0].k}};
  const bool cubic = r->interpolation == HILUM_RESAMPLE_CUBIC;
  double lo[3], hi[3], inner_lo[3], inner_hi[3];
  for (int a = 0; a < 3; a++) {
    lo[a] = -0.5, hi[a] = r->dims[a] - 0.5;
    inner_lo[a] = cubic ? 1 : 0;
    /* strictly below the last cell, so that the upper neighbour exists */
    inner_hi[a] = nextafter(r->dims[a] - (cubic ? 2.0 : 1.0), -1);
  }
  const Interval inside = row_inside(&row, lo, hi, count);
  const Interval inner = row_inside(&row, inner_lo, inner_hi, count);
  const bool has_inner = inner.begin < inner.end;
  for (int32_t i = 0; i < inside.begin; i++)
    out[i] = r->outside;
  clamped_row(r, &row, (Interval){inside.begin, has_inner ? inner.begin : inside.end}, out);
  if (has_inner) {
    (cubic ? cubic_row : linear_row)(r, &row, inner, out);
    clamped_row(r, &row, (Interval){inner.end, inside.end}, out);
  }
  for (int32_t i = inside.end; i < count; i++)
    out[i] = r->outside;
}

static void resample_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  Resample *r = data;
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(r->progress)) return;
    for (int32_t j = 0; j < r->target.dims[1]; j++)
      resample_row(r, j, (int32_t)k);
    int done = 1 + atomic_fetch_add_explicit(&r->slices_done, 1, memory_order_relaxed);
    hilum_progress_step(r->progress, (double)done / r->target.dims[2]);
  }
}

static int16_t stored_outside(const HilumVolume *volume, double real)
{
  double stored = (real - hilum_volume_get_intercept(volume)) / hilum_volume_get_slope(volume);
  return (int16_t)CLAMP(floor(stored + 0.5), -32768.0, 32767.0);
}

HilumVolume *hilum_volume_resample_rigid(const HilumVolume *moving, const HilumGrid *grid,
                                         const HilumRigid *transform, double outside_value,
                                         HilumResampleInterpolation interpolation,
                                         const HilumProgress *progress, GError **error)
{
  const HilumRigid motion = transform ? *transform : hilum_rigid_identity();
  if (!hilum_grid_validate(grid, error)) return NULL;
  if (!hilum_rigid_is_valid(motion) || !isfinite(outside_value)) {
    g_set_error_literal(error, HILUM_REGISTER_ERROR, HILUM_REGISTER_ERROR_INVALID,
                        "The alignment to be applied is not a rigid motion with finite numbers");
    return NULL;
  }
  if (hilum_progress_fail(progress, error)) return NULL;

  const HilumGrid *source = hilum_volume_get_grid(moving);
  const IndexMap map = index_map_make(source, motion, hilum_vec3(0, 0, 0));
  Resample r = {.voxels = hilum_volume_get_voxels(moving),
                .dims = {source->dims[0], source->dims[1], source->dims[2]},
                .target = *grid,
                .origin = index_map_apply(&map, grid->origin_mm),
                .outside = stored_outside(moving, outside_value),
                .interpolation = interpolation,
                .progress = progress};
  for (int a = 0; a < 3; a++) {
    HilumVec3 along = hilum_vec3_scale(grid->axes[a], grid->spacing_mm[a]);
    HilumIndexPos p = index_map_apply(&map, along);
    r.step[a] = (HilumIndexPos){p.i - map.origin.i, p.j - map.origin.j, p.k - map.origin.k};
  }
  r.out = hilum_big_alloc(hilum_grid_count(grid) * sizeof(int16_t), error);
  if (!r.out) return NULL;
  hilum_parallel_for((size_t)grid->dims[2], 1, resample_slices, &r);
  if (hilum_progress_fail(progress, error)) {
    hilum_big_free(r.out);
    return NULL;
  }
  return hilum_volume_new_take(grid, r.out, hilum_volume_get_slope(moving),
                               hilum_volume_get_intercept(moving), hilum_volume_get_unit(moving), error);
}
