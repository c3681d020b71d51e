/* Labels at half the resolution. */
#include "hilum/base/memory.h"
#include "hilum/base/parallel.h"
#include "hilum/volume/label_map.h"

#include <string.h>

typedef struct {
  HilumLabelSnapshot *snapshot;
  const HilumProgress *progress;
  int32_t dims[3]; /* of the result */
  uint8_t *out;
} Half;

/* What most of the eight hold: a structure before nothing, the lower of two. */
static uint8_t vote(const uint8_t label[8])
{
  uint8_t best = label[0];
  int most = 0;
  for (int a = 0; a < 8; a++) {
    int n = 0;
    for (int b = 0; b < 8; b++)
      n += label[b] == label[a];
    if (n > most || (n == most && (uint8_t)(label[a] - 1) < (uint8_t)(best - 1))) {
      best = label[a];
      most = n;
    }
  }
  return best;
}

static void halve_slice(const Half *h, const uint8_t *fine, size_t stride, uint8_t *out)
{
  size_t slice = 2 * stride; /* of the two rows at hand */
  for (int32_t i = 0; i < h->dims[0]; i++) {
    const uint8_t *at = fine + 2 * i;
    uint16_t pair[4];
    memcpy(&pair[0], at, 2);
    memcpy(&pair[1], at + stride, 2);
    memcpy(&pair[2], at + slice, 2);
    memcpy(&pair[3], at + slice + stride, 2);
    if (pair[0] == pair[1] && pair[0] == pair[2] && pair[0] == pair[3] && at[0] == at[1]) {
      out[i] = at[0];
      continue;
    }
    uint8_t label[8];
    memcpy(label, pair, sizeof label);
    out[i] = vote(label);
  }
}

static void halve_slices(size_t begin, size_t end, unsigned worker, void *data)
{
  const Half *h = data;
  size_t stride = 2 * (size_t)h->dims[0];
  g_autofree uint8_t *fine = g_malloc(4 * stride);
  for (size_t k = begin; k < end; k++) {
    if (hilum_progress_cancelled(h->progress)) return;
    for (int32_t j = 0; j < h->dims[1]; j++) {
      HilumVoxelBox box = {{0, 2 * j, 2 * (int32_t)k}, {(int32_t)stride, 2 * j + 2, 2 * (int32_t)k + 2}};
      hilum_label_snapshot_read_box(h->snapshot, box, fine, stride, 2 * stride);
      halve_slice(h, fine, stride, h->out + (k * (size_t)h->dims[1] + (size_t)j) * (size_t)h->dims[0]);
    }
  }
}

HilumLabelSnapshot *hilum_label_snapshot_new_half(HilumLabelSnapshot *snapshot, const HilumProgress *progress,
                                                  GError **error)
{
  HilumGrid grid = *hilum_label_snapshot_get_grid(snapshot);
  Half h = {.snapshot = snapshot, .progress = progress};
  grid.origin_mm = hilum_grid_to_mm(&grid, (HilumIndexPos){0.5, 0.5, 0.5});
  for (int a = 0; a < 3; a++) {
    h.dims[a] = grid.dims[a] = (grid.dims[a] + 1) / 2;
    grid.spacing_mm[a] *= 2;
  }
  h.out = hilum_big_alloc(hilum_grid_count(&grid), error);
  if (!h.out) return NULL;
  hilum_parallel_for((size_t)grid.dims[2], 1, halve_slices, &h);
  HilumLabelSnapshot *half =
      hilum_progress_fail(progress, error) ? NULL : hilum_label_snapshot_new_from_dense(&grid, h.out, error);
  hilum_big_free(h.out);
  return half;
}
