/* Volume with boundary voxels counted in part: the definition is in values.h.
 *
 * The idea is the two-class case of the partial-volume mixel (Santago and Gage, IEEE Trans. Med. Imaging
 * 12:566, 1993; Choi, Haynor and Kim, IEEE Trans. Med. Imaging 10:395, 1991) with means taken nearby, because
 * a kidney borders on fat, muscle and liver. Works on masks of the structure's box and four voxels around. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/filter/morphology.h"
#include "values_private.h"

#include <math.h>
#include <stdatomic.h>

enum { AROUND = 4, REACH = 3, FEW_NEAR = 8, FEW_INNER = 27 };
static const double MOST_OWN = 1.1;

typedef struct {
  double sum, own; /* of the parts; of those of the structure's own voxels with enough contrast */
  uint64_t boundary, used, own_used;
} SliceSums;

typedef struct {
  double mean, sd;
  int n;
} Local;

typedef struct {
  const HilumGrid *grid;
  const int16_t *voxels;
  HilumVoxelBox box;
  HilumMask *own, *inner, *near, *ring; /* near: the structure and what touches it; ring: two to three off */
  Local all_inner;
  SliceSums *sums; /* one a slice */
  const HilumProgress *progress;
  atomic_size_t done;
} Estimate;

/* Stored values of the mask's voxels within reach of (i, j, k), places in the box. */
static Local look_around(const Estimate *e, const HilumMask *mask, int32_t i, int32_t j, int32_t k)
{
  int64_t sum = 0, squares = 0, n = 0;
  const int32_t i0 = MAX(i - REACH, 0), i1 = MIN(i + REACH + 1, mask->dims[0]);
  for (int32_t z = MAX(k - REACH, 0); z < MIN(k + REACH + 1, mask->dims[2]); z++)
    for (int32_t y = MAX(j - REACH, 0); y < MIN(j + REACH + 1, mask->dims[1]); y++) {
      const uint64_t *row = hilum_mask_row(mask, y, z);
      const HilumVoxel first = {e->box.lo[0], e->box.lo[1] + y, e->box.lo[2] + z};
      const int16_t *values = e->voxels + hilum_grid_offset(e->grid, first);
      for (int32_t x = i0; x < i1; x++) {
        if (!(row[x >> 6] >> (x & 63) & 1)) continue;
        sum += values[x];
        squares += (int64_t)values[x] * values[x];
        n++;
      }
    }
  if (n == 0) return (Local){0};
  const double count = (double)n;
  return (Local){(double)sum / count, sqrt((double)(n * squares - sum * sum)) / count, (int)n};
}

static void add_boundary_voxel(const Estimate *e, int32_t i, int32_t j, int32_t k, SliceSums *sums)
{
  const HilumVoxel at = {e->box.lo[0] + i, e->box.lo[1] + j, e->box.lo[2] + k};
  const Local outside = look_around(e, e->ring, i, j, k);
  Local inside = look_around(e, e->inner, i, j, k);
  if (inside.n < FEW_NEAR) inside = e->all_inner;
  const bool own = hilum_mask_get(e->own, (HilumVoxel){i, j, k});
  sums->boundary++;
  const double contrast = inside.mean - outside.mean;
  if (outside.n < FEW_NEAR || contrast == 0 || fabs(contrast) < 2 * fmax(inside.sd, outside.sd)) {
    sums->sum += own ? 1 : 0;
    return;
  }
  const double part = (e->voxels[hilum_grid_offset(e->grid, at)] - outside.mean) / contrast;
  const double counted = CLAMP(part, -0.5, 1.5);
  sums->sum += counted;
  sums->used++;
  if (!own) return;
  sums->own += counted;
  sums->own_used++;
}

static void estimate_body(size_t begin, size_t end, unsigned worker, void *data)
{
  Estimate *e = data;
  const HilumMask *near = e->near;
  for (size_t k = begin; k < end; k++) {
    const size_t done = atomic_fetch_add_explicit(&e->done, 1, memory_order_relaxed);
    if (!hilum_progress_step(e->progress, 0.3 + 0.7 * (double)done / near->dims[2])) return;
    SliceSums sums = {0};
    for (int32_t j = 0; j < near->dims[1]; j++)
      for (size_t w = 0; w < near->row_words; w++) {
        uint64_t bits = hilum_mask_row(near, j, (int32_t)k)[w] & ~hilum_mask_row(e->inner, j, (int32_t)k)[w];
        for (; bits != 0; bits &= bits - 1)
          add_boundary_voxel(e, (int32_t)(w * 64) + __builtin_ctzll(bits), j, (int32_t)k, &sums);
      }
    e->sums[k] = sums;
  }
}

/* The structure in its own box of bits. */
static HilumMask *read_own(HilumLabelSnapshot *labels, uint8_t label, HilumVoxelBox box, GError **error)
{
  const int32_t dims[3] = {box.hi[0] - box.lo[0], box.hi[1] - box.lo[1], box.hi[2] - box.lo[2]};
  g_autoptr(HilumMask) mask = hilum_mask_new(dims, error);
  if (mask == NULL) return NULL;
  const size_t ni = (size_t)dims[0], nj = (size_t)dims[1];
  g_autofree uint8_t *slice = g_malloc(ni * nj);
  for (int32_t k = 0; k < dims[2]; k++) {
    HilumVoxelBox one = box;
    one.lo[2] = box.lo[2] + k;
    one.hi[2] = one.lo[2] + 1;
    hilum_label_snapshot_read_box(labels, one, slice, ni, ni * nj);
    for (int32_t j = 0; j < dims[1]; j++)
      for (int32_t i = 0; i < dims[0]; i++)
        if (slice[(size_t)j * ni + (size_t)i] == label) hilum_mask_set(mask, (HilumVoxel){i, j, k});
  }
  return g_steal_pointer(&mask);
}

/* Neighbourhoods count voxels, not millimetres: blur and partial volume are of the size of a voxel. */
static bool make_masks(Estimate *e, const HilumProgress *progress, GError **error)
{
  static const double unit[3] = {1, 1, 1};
  const double touch = sqrt(3), off = sqrt(12);
  e->inner = hilum_mask_copy(e->own, error);
  e->near = e->inner != NULL ? hilum_mask_copy(e->own, error) : NULL;
  e->ring = e->near != NULL ? hilum_mask_copy(e->own, error) : NULL;
  if (e->ring == NULL || !hilum_mask_erode(e->inner, unit, touch, progress, error) ||
      !hilum_mask_dilate(e->near, unit, touch, progress, error) ||
      !hilum_mask_dilate(e->ring, unit, off, progress, error))
    return false;
  hilum_mask_and_not(e->ring, e->near);
  return true;
}

/* Mean and spread of all inner voxels: from exact sums. */
static Local all_of(const Estimate *e, const HilumMask *mask)
{
  __int128 sum = 0, squares = 0;
  int64_t n = 0;
  for (int32_t k = 0; k < mask->dims[2]; k++)
    for (int32_t j = 0; j < mask->dims[1]; j++) {
      const HilumVoxel first = {e->box.lo[0], e->box.lo[1] + j, e->box.lo[2] + k};
      const int16_t *values = e->voxels + hilum_grid_offset(e->grid, first);
      for (size_t w = 0; w < mask->row_words; w++)
        for (uint64_t bits = hilum_mask_row(mask, j, k)[w]; bits != 0; bits &= bits - 1) {
          const int64_t v = values[w * 64 + (size_t)__builtin_ctzll(bits)];
          sum += v;
          squares += v * v;
          n++;
        }
    }
  if (n == 0) return (Local){0};
  const double count = (double)n;
  return (Local){(double)sum / count, sqrt((double)(n * squares - sum * sum)) / count,
                 (int)MIN(n, INT32_MAX)};
}

static bool estimate(Estimate *e, HilumPartialVolume *result, GError **error)
{
  *result = (HilumPartialVolume){NAN, 0};
  HilumProgress part = hilum_progress_part(e->progress, 0, 0.3, NULL);
  if (!make_masks(e, &part, error)) return false;
  e->all_inner = all_of(e, e->inner);
  if (e->all_inner.n < FEW_INNER) return true;
  e->sums = g_new0(SliceSums, (size_t)e->near->dims[2]);
  atomic_init(&e->done, 0);
  hilum_parallel_for((size_t)e->near->dims[2], 2, estimate_body, e);
  if (hilum_progress_fail(e->progress, error)) return false;
  SliceSums all = {.sum = (double)hilum_mask_count(e->inner)};
  for (int32_t k = 0; k < e->near->dims[2]; k++) {
    all.sum += e->sums[k].sum;
    all.own += e->sums[k].own;
    all.boundary += e->sums[k].boundary;
    all.used += e->sums[k].used;
    all.own_used += e->sums[k].own_used;
  }
  result->share = all.boundary > 0 ? (double)all.used / (double)all.boundary : 0;
  const bool rim_is_alike = all.own <= MOST_OWN * (double)all.own_used;
  if (result->share >= 0.5 && rim_is_alike)
    result->volume_ml = all.sum * hilum_grid_voxel_mm3(e->grid) / 1000;
  return true;
}

bool hilum_structure_partial_volume(HilumLabelSnapshot *labels, uint8_t label, const HilumVolume *volume,
                                    HilumPartialVolume *result, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(labels != NULL && label != 0 && volume != NULL && result != NULL, false);
  Estimate e = {
      .grid = hilum_volume_get_grid(volume), .voxels = hilum_volume_get_voxels(volume), .progress = progress};
  if (!hilum_values_check(labels, label, volume, &e.box, error)) return false;
  for (int a = 0; a < 3; a++) {
    e.box.lo[a] = MAX(e.box.lo[a] - AROUND, 0);
    e.box.hi[a] = MIN(e.box.hi[a] + AROUND, e.grid->dims[a]);
  }
  e.own = read_own(labels, label, e.box, error);
  const bool ok = e.own != NULL && estimate(&e, result, error);
  hilum_mask_free(e.own);
  hilum_mask_free(e.inner);
  hilum_mask_free(e.near);
  hilum_mask_free(e.ring);
  g_free(e.sums);
  return ok;
}
