/* Parts of one structure as structures of their own. */
#include "hilum/base/memory.h"
#include "hilum/filter/components.h"
#include "hilum/segment/error.h"
#include "hilum/segment/split.h"

#include <string.h>

/* Of a voxel of the structure, whichever way it was parted: a number from 0. */
typedef struct {
  HilumSplit *split;
  HilumComponents *components;
} Parts;

static uint32_t count_parts(const Parts *p)
{
  return p->split != NULL ? hilum_split_get_count(p->split) : hilum_components_get_count(p->components);
}

static uint32_t part_at(const Parts *p, HilumVoxel v)
{
  return p->split != NULL ? hilum_split_at(p->split, v) - 1 : hilum_components_at(p->components, v);
}

static uint64_t size_of(const Parts *p, uint32_t part)
{
  return p->split != NULL ? hilum_split_get_size(p->split, part + 1)
                          : hilum_components_get_size(p->components, part);
}

static bool make_parts(Parts *parts, const HilumMask *mask, const HilumGrid *grid, const HilumLabelSplit *how,
                       const HilumProgress *progress, GError **error)
{
  if (how->method == HILUM_SPLIT_ISLANDS) {
    parts->components = hilum_components_new(mask, HILUM_CONNECT_6, progress, error);
    return parts->components != NULL;
  }
  const bool points = how->method == HILUM_SPLIT_POINTS;
  const HilumSplitOptions options = {.n_parts = points ? 0 : how->n,
                                     .seeds = points ? how->seeds : NULL,
                                     .n_seeds = points ? how->n_seeds : 0};
  parts->split = hilum_split_new(mask, grid->spacing_mm, &options, progress, error);
  return parts->split != NULL;
}

static void clear_parts(Parts *parts)
{
  hilum_split_free(parts->split);
  hilum_components_free(parts->components);
}

/* Group g takes the (g - 1)th label. */
static size_t label_groups(const Parts *parts, const HilumLabelSplit *how, uint8_t *label_of)
{
  size_t made = 0;
  for (size_t n = 0; n < how->n_seeds; n++) {
    const HilumSplitSeed *seed = &how->seeds[n];
    if (seed->group < 2 || seed->group - 2u >= how->n_fresh) continue;
    label_of[part_at(parts, seed->voxel)] = how->fresh[seed->group - 2];
    made = MAX(made, seed->group - 1u);
  }
  return made;
}

/* The largest stays, the next take the labels in order; of equal ones the first comes first. */
static size_t label_largest(const Parts *parts, const HilumLabelSplit *how, uint8_t *label_of)
{
  const uint32_t count = count_parts(parts);
  const uint32_t wanted = MIN(MIN(how->n, (uint32_t)how->n_fresh + 1), count);
  g_autofree bool *taken = g_new0(bool, count);
  for (uint32_t rank = 0; rank < wanted; rank++) {
    uint32_t best = UINT32_MAX;
    for (uint32_t p = 0; p < count; p++)
      if (!taken[p] && (best == UINT32_MAX || size_of(parts, p) > size_of(parts, best))) best = p;
    taken[best] = true;
    if (rank > 0) label_of[best] = how->fresh[rank - 1];
  }
  return wanted > 0 ? wanted - 1 : 0;
}

static HilumLabelSnapshot *write_parts(HilumLabelSnapshot *labels, uint8_t label, const Parts *parts,
                                       const uint8_t *label_of, GError **error)
{
  const HilumGrid *grid = hilum_label_snapshot_get_grid(labels);
  const int32_t *dims = grid->dims;
  const HilumVoxelBox all = {{0, 0, 0}, {dims[0], dims[1], dims[2]}};
  const HilumVoxelBox box = hilum_label_snapshot_bounds(labels, label);
  uint8_t *dense = hilum_big_alloc(hilum_grid_count(grid), error);
  if (dense == NULL) return NULL;
  hilum_label_snapshot_read_box(labels, all, dense, (size_t)dims[0], (size_t)dims[0] * (size_t)dims[1]);
  for (int32_t k = box.lo[2]; k < box.hi[2]; k++)
    for (int32_t j = box.lo[1]; j < box.hi[1]; j++) {
      uint8_t *row = dense + hilum_grid_offset(grid, (HilumVoxel){0, j, k});
      for (int32_t i = box.lo[0]; i < box.hi[0]; i++)
        if (row[i] == label) row[i] = label_of[part_at(parts, (HilumVoxel){i, j, k})];
    }
  HilumLabelSnapshot *after = hilum_label_snapshot_new_from_dense(grid, dense, error);
  hilum_big_free(dense);
  return after;
}

HilumLabelSnapshot *hilum_labels_split(HilumLabelSnapshot *labels, uint8_t label, const HilumLabelSplit *how,
                                       size_t *n_made, const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(labels != NULL && label != 0 && how != NULL && n_made != NULL, NULL);
  *n_made = 0;
  g_autoptr(HilumMask) mask = hilum_label_snapshot_dup_mask(labels, label, error);
  Parts parts = {0};
  HilumProgress parting = hilum_progress_part(progress, 0, 0.9, NULL);
  if (mask == NULL || !make_parts(&parts, mask, hilum_label_snapshot_get_grid(labels), how, &parting, error))
    return NULL;
  g_autofree uint8_t *label_of = g_malloc((size_t)count_parts(&parts) + 1);
  memset(label_of, label, (size_t)count_parts(&parts) + 1);
  *n_made = how->method == HILUM_SPLIT_POINTS ? label_groups(&parts, how, label_of)
                                              : label_largest(&parts, how, label_of);
  HilumLabelSnapshot *after = NULL;
  if (*n_made > 0)
    after = write_parts(labels, label, &parts, label_of, error);
  else
    g_set_error_literal(error, HILUM_SEGMENT_ERROR, HILUM_SEGMENT_ERROR_EMPTY,
                        "The structure is one part: there is nothing to split off.");
  clear_parts(&parts);
  return after;
}
