/* The pyramid. Each axis is smoothed and thinned in one pass: only the rows that stay are computed. The
 * Gaussian's sigma is half the new spacing less (in variance) half the old one. An axis that is coarse
 * already, as across thick slices, is neither smoothed nor thinned until the others have caught up. */
#include "level_private.h"

#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"

#include <math.h>
#include <string.h>

enum { MAX_FACTOR = 16, MAX_TAPS = 48 };

/* Output o is centred on input o * factor + (factor - 1) / 2. */
typedef struct {
  int factor, taps, first; /* first tap at o * factor + first */
  float weight[MAX_TAPS];
} Thinning;

static Thinning thinning_make(double spacing_mm, double target_mm)
{
  Thinning t = {.factor = (int)CLAMP(floor(target_mm / spacing_mm + 0.4), 1, MAX_FACTOR)};
  if (t.factor == 1) {
    t.taps = 1, t.weight[0] = 1;
    return t;
  }
  const double sigma = 0.5 * sqrt(t.factor * t.factor - 1.0);
  const double centre = (t.factor - 1) / 2.0;
  const int reach = (int)ceil(2.5 * sigma);
  t.first = (int)floor(centre) - reach;
  t.taps = (int)ceil(centre) + reach - t.first + 1;
  double sum = 0, weights[MAX_TAPS];
  for (int n = 0; n < t.taps; n++) {
    double d = (t.first + n - centre) / sigma;
    sum += weights[n] = exp(-0.5 * d * d);
  }
  for (int n = 0; n < t.taps; n++)
    t.weight[n] = (float)(weights[n] / sum);
  return t;
}

typedef struct {
  const float *src;
  float *dst;
  int32_t src_dims[3], dst_dims[3];
  Thinning thinning;
  int axis;
  const HilumProgress *progress;
} ThinPass;

static void thin_row_x(const ThinPass *p, const float *src, float *dst)
{
  const Thinning *t = &p->thinning;
  const int32_t last = p->src_dims[0] - 1;
  for (int32_t o = 0; o < p->dst_dims[0]; o++) {
    const int32_t at = o * t->factor + t->first;
    float sum = 0;
    if (at >= 0 && at + t->taps - 1 <= last)
      for (int n = 0; n < t->taps; n++)
        sum += t->weight[n] * src[at + n];
    else
      for (int n = 0; n < t->taps; n++)
        sum += t->weight[n] * src[CLAMP(at + n, 0, last)];
    dst[o] = sum;
  }
}

/* Along y or z: whole rows are added up. */
static void thin_row_across(const ThinPass *p, const float *src, ptrdiff_t stride, int32_t o, float *dst)
{
  const Thinning *t = &p->thinning;
  const int32_t last = p->src_dims[p->axis] - 1, width = p->dst_dims[0];
  memset(dst, 0, (size_t)width * sizeof *dst);
  for (int n = 0; n < t->taps; n++) {
    const float *row = src + CLAMP(o * t->factor + t->first + n, 0, last) * stride;
    const float weight = t->weight[n];
    for (int32_t i = 0; i < width; i++)
      dst[i] += weight * row[i];
  }
}

static void thin_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const ThinPass *p = data;
  const ptrdiff_t src_line = p->src_dims[0], src_slice = src_line * p->src_dims[1];
  const ptrdiff_t dst_line = p->dst_dims[0], dst_slice = dst_line * p->dst_dims[1];
  for (ptrdiff_t k = (ptrdiff_t)begin; k < (ptrdiff_t)end; k++) {
    if (hilum_progress_cancelled(p->progress)) return;
    for (int32_t j = 0; j < p->dst_dims[1]; j++) {
      float *dst = p->dst + k * dst_slice + j * dst_line;
      if (p->axis == 0)
        thin_row_x(p, p->src + k * src_slice + j * src_line, dst);
      else if (p->axis == 1)
        thin_row_across(p, p->src + k * src_slice, src_line, j, dst);
      else
        thin_row_across(p, p->src + j * src_line, src_slice, (int32_t)k, dst);
    }
  }
}

/* One axis of `level` in place. */
static bool level_thin(Level *level, int axis, double target_mm, const HilumProgress *progress,
                       GError **error)
{
  ThinPass p = {.src = level->values, .axis = axis, .progress = progress};
  p.thinning = thinning_make(level->grid.spacing_mm[axis], target_mm);
  if (p.thinning.taps == 1) return true;
  /* never to fewer than four samples: the metric needs room for a gradient */
  if (level->grid.dims[axis] / p.thinning.factor < 4) return true;
  memcpy(p.src_dims, level->grid.dims, sizeof p.src_dims);
  memcpy(p.dst_dims, level->grid.dims, sizeof p.dst_dims);
  p.dst_dims[axis] = level->grid.dims[axis] / p.thinning.factor;
  HilumGrid grid = level->grid;
  grid.dims[axis] = p.dst_dims[axis];
  grid.origin_mm =
      hilum_vec3_madd(grid.origin_mm, (p.thinning.factor - 1) / 2.0 * grid.spacing_mm[axis], grid.axes[axis]);
  grid.spacing_mm[axis] *= p.thinning.factor;
  p.dst = hilum_big_alloc(hilum_grid_count(&grid) * sizeof(float), error);
  if (!p.dst) return false;
  hilum_parallel_for((size_t)grid.dims[2], 1, thin_slices, &p);
  hilum_big_free(level->values);
  level->values = p.dst;
  level->grid = grid;
  return !hilum_progress_fail(progress, error);
}

static bool level_thin_all(Level *level, double target_mm, const HilumProgress *progress, GError **error)
{
  for (int axis = 0; axis < 3; axis++)
    if (!level_thin(level, axis, target_mm, progress, error)) return false;
  return true;
}

/* --- first level --- */

typedef struct {
  const HilumVolume *volume;
  const Compander *compander;
  HilumVoxelBox box;
  Level *level;
} CompandPass;

static void compand_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const CompandPass *p = data;
  const HilumGrid *grid = hilum_volume_get_grid(p->volume);
  const int16_t *voxels = hilum_volume_get_voxels(p->volume);
  const float *position = p->compander->position + 32768;
  const int32_t *dims = p->level->grid.dims;
  for (size_t k = begin; k < end; k++)
    for (int32_t j = 0; j < dims[1]; j++) {
      HilumVoxel first = {p->box.lo[0], p->box.lo[1] + j, p->box.lo[2] + (int32_t)k};
      const int16_t *src = voxels + hilum_grid_offset(grid, first);
      float *dst = p->level->values + (k * (size_t)dims[1] + (size_t)j) * (size_t)dims[0];
      for (int32_t i = 0; i < dims[0]; i++)
        dst[i] = position[src[i]];
    }
}

Level *level_new(const HilumVolume *volume, HilumVoxelBox box, const Compander *compander, double target_mm,
                 const HilumProgress *progress, GError **error)
{
  g_autoptr(Level) level = g_new0(Level, 1);
  level->grid = *hilum_volume_get_grid(volume);
  level->grid.origin_mm = hilum_grid_voxel_to_mm(&level->grid, (HilumVoxel){box.lo[0], box.lo[1], box.lo[2]});
  for (int a = 0; a < 3; a++)
    level->grid.dims[a] = box.hi[a] - box.lo[a];
  level->values = hilum_big_alloc(hilum_grid_count(&level->grid) * sizeof(float), error);
  if (!level->values) return NULL;
  CompandPass pass = {volume, compander, box, level};
  hilum_parallel_for((size_t)level->grid.dims[2], 1, compand_slices, &pass);
  if (hilum_progress_fail(progress, error)) return NULL;
  return level_thin_all(level, target_mm, progress, error) ? g_steal_pointer(&level) : NULL;
}

Level *level_new_coarser(const Level *finer, double target_mm, const HilumProgress *progress, GError **error)
{
  g_autoptr(Level) level = g_new0(Level, 1);
  level->grid = finer->grid;
  size_t bytes = hilum_grid_count(&finer->grid) * sizeof(float);
  level->values = hilum_big_alloc(bytes, error);
  if (!level->values) return NULL;
  memcpy(level->values, finer->values, bytes);
  return level_thin_all(level, target_mm, progress, error) ? g_steal_pointer(&level) : NULL;
}

void level_free(Level *level)
{
  if (!level) return;
  hilum_big_free(level->values);
  g_free(level);
}
