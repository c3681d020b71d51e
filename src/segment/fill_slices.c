/* Shape-based interpolation between drawn slices. */
#include "hilum/segment/fill_slices.h"

#include "hilum/base/memory.h"
#include "hilum/filter/distance.h"
#include "hilum/segment/error.h"

#include <math.h>

#define FAR 1e6F /* millimetres: where a slice is full and has no outline */

typedef struct {
  HilumMask *mask;
  int axis, u, v;
  const double *spacing_mm;
} Filling;

static HilumVoxel voxel_at(const Filling *f, int32_t slice, int32_t u, int32_t v)
{
  int32_t at[3];
  at[f->axis] = slice;
  at[f->u] = u;
  at[f->v] = v;
  return (HilumVoxel){at[0], at[1], at[2]};
}

/* Which slices along an axis hold voxels. */
static uint8_t *find_drawn(const HilumMask *mask, int axis)
{
  uint8_t *drawn = g_new0(uint8_t, mask->dims[axis]);
  for (int32_t k = 0; k < mask->dims[2]; k++)
    for (int32_t j = 0; j < mask->dims[1]; j++) {
      const uint64_t *row = hilum_mask_row(mask, j, k);
      for (size_t w = 0; w < mask->row_words; w++) {
        if (row[w] == 0) continue;
        if (axis > 0) {
          drawn[axis == 1 ? j : k] = 1;
          continue;
        }
        for (uint64_t bits = row[w]; bits != 0; bits &= bits - 1)
          drawn[w * 64 + (size_t)__builtin_ctzll(bits)] = 1;
      }
    }
  return drawn;
}

/* Empty slices between drawn ones. */
static int32_t count_gaps(const uint8_t *drawn, int32_t n)
{
  int32_t first = 0, last = n - 1, gaps = 0;
  while (first < n && !drawn[first])
    first++;
  while (last >= 0 && !drawn[last])
    last--;
  for (int32_t s = first; s < last; s++)
    gaps += !drawn[s];
  return gaps;
}

static int choose_axis(const HilumMask *mask)
{
  int best = 2;
  int32_t most = -1;
  for (int axis = 2; axis >= 0; axis--) {
    g_autofree uint8_t *drawn = find_drawn(mask, axis);
    const int32_t gaps = count_gaps(drawn, mask->dims[axis]);
    if (gaps > most) {
      most = gaps;
      best = axis;
    }
  }
  return best;
}

static float *slice_distance(const Filling *f, int32_t slice, GError **error)
{
  const int32_t dims[3] = {f->mask->dims[f->u], f->mask->dims[f->v], 1};
  const double spacing_mm[3] = {f->spacing_mm[f->u], f->spacing_mm[f->v], f->spacing_mm[f->axis]};
  g_autoptr(HilumMask) flat = hilum_mask_new(dims, error);
  if (flat == NULL) return NULL;
  for (int32_t v = 0; v < dims[1]; v++)
    for (int32_t u = 0; u < dims[0]; u++)
      if (hilum_mask_get(f->mask, voxel_at(f, slice, u, v))) hilum_mask_set(flat, (HilumVoxel){u, v, 0});
  return hilum_mask_signed_distance(flat, spacing_mm, NULL, error);
}

static void fill_between(const Filling *f, int32_t below, int32_t above, const float *from, const float *to)
{
  const int32_t nu = f->mask->dims[f->u], nv = f->mask->dims[f->v];
  for (int32_t s = below + 1; s < above; s++) {
    const float t = (float)(s - below) / (float)(above - below);
    for (int32_t v = 0; v < nv; v++)
      for (int32_t u = 0; u < nu; u++) {
        const size_t at = (size_t)v * (size_t)nu + (size_t)u;
        const float a = CLAMP(from[at], -FAR, FAR), b = CLAMP(to[at], -FAR, FAR);
        if ((1 - t) * a + t * b < 0) hilum_mask_set(f->mask, voxel_at(f, s, u, v));
      }
  }
}

bool hilum_mask_fill_slices(HilumMask *mask, const double spacing_mm[3], int axis,
                            const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(mask != NULL && spacing_mm != NULL && axis >= -1 && axis < 3, false);
  if (axis < 0) axis = choose_axis(mask);
  const Filling f = {mask, axis, axis == 0 ? 1 : 0, axis == 2 ? 1 : 2, spacing_mm};
  const int32_t n = mask->dims[axis];
  g_autofree uint8_t *drawn = find_drawn(mask, axis);
  int32_t before = -1, seen = 0;
  float *held = NULL; /* of slice `before`, while needed */
  bool good = true;
  for (int32_t s = 0; good && s < n; s++) {
    if (!drawn[s]) continue;
    seen++;
    float *now = NULL;
    if (before >= 0 && s - before > 1) {
      if (held == NULL) held = slice_distance(&f, before, error);
      now = held != NULL ? slice_distance(&f, s, error) : NULL;
      good = now != NULL;
      if (good) fill_between(&f, before, s, held, now);
    }
    hilum_big_free(held);
    held = now;
    before = s;
    good = good && (hilum_progress_step(progress, (double)s / n) || !hilum_progress_fail(progress, error));
  }
  hilum_big_free(held);
  if (!good || seen > 1) return good;
  g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                      "Filling between slices needs at least two slices with something in them.");
  return false;
}
