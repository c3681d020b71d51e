/* The mutable side: a label map on the main thread. Its only change is the application of a delta. */
#include "hilum/volume/label_map.h"

#include "hilum/base/parallel.h"
#include "label_map_private.h"

struct HilumLabelMap {
  HilumBrickArray array;
  uint64_t serial;
  uint64_t *brick_serials;
  HilumLabelSnapshot *snapshot; /* of the current state; NULL until asked for */
};

HilumLabelMap *hilum_label_map_new(const HilumGrid *grid, GError **error)
{
  HilumBrickArray array;
  if (!hilum_brick_array_init(&array, grid, error)) return NULL;
  HilumLabelMap *map = g_new0(HilumLabelMap, 1);
  map->array = array;
  map->brick_serials = g_new0(uint64_t, array.count);
  return map;
}

void hilum_label_map_free(HilumLabelMap *map)
{
  if (!map) return;
  hilum_label_snapshot_unref(map->snapshot);
  hilum_brick_array_clear(&map->array);
  g_free(map->brick_serials);
  g_free(map);
}

const HilumGrid *hilum_label_map_get_grid(const HilumLabelMap *map)
{
  return &map->array.grid;
}

uint8_t hilum_label_map_get(const HilumLabelMap *map, HilumVoxel voxel)
{
  return hilum_brick_array_get(&map->array, voxel);
}

uint64_t hilum_label_map_count(const HilumLabelMap *map, uint8_t label)
{
  return map->array.voxels_of[label];
}

HilumLabelSnapshot *hilum_label_map_snapshot(HilumLabelMap *map)
{
  if (!map->snapshot) map->snapshot = hilum_label_snapshot_new_from_array(&map->array, map->serial);
  return hilum_label_snapshot_ref(map->snapshot);
}

uint64_t hilum_label_map_get_serial(const HilumLabelMap *map)
{
  return map->serial;
}

void hilum_label_map_changed_since(const HilumLabelMap *map, uint64_t serial, GArray *bricks)
{
  for (size_t b = 0; b < map->array.count; b++)
    if (map->brick_serials[b] > serial) {
      int32_t index = (int32_t)b;
      g_array_append_val(bricks, index);
    }
}

/* --- applying a delta --- */

typedef struct {
  const HilumBrickArray *array;
  const HilumLabelDelta *delta;
  bool forward;
  atomic_bool stale;
  HilumBrick **made; /* per entry */
} ApplyPass;

static void check_entries(size_t begin, size_t end, unsigned worker, void *data)
{
  ApplyPass *pass = data;
  for (size_t e = begin; e < end && !atomic_load_explicit(&pass->stale, memory_order_relaxed); e++) {
    const HilumDeltaEntry *entry = &pass->delta->entries[e];
    const HilumBrickRuns *from = pass->forward ? entry->before : entry->after;
    if (!hilum_brick_runs_match(from, pass->array->bricks[entry->brick]))
      atomic_store_explicit(&pass->stale, true, memory_order_relaxed);
  }
}

static void make_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  ApplyPass *pass = data;
  for (size_t e = begin; e < end; e++) {
    const HilumDeltaEntry *entry = &pass->delta->entries[e];
    const HilumBrickRuns *to = pass->forward ? entry->after : entry->before;
    size_t padding = hilum_brick_array_padding(pass->array, (size_t)entry->brick);
    pass->made[e] = hilum_brick_runs_to_brick(to, padding);
  }
}

bool hilum_label_map_apply(HilumLabelMap *map, HilumLabelDelta *delta, bool forward)
{
  for (int a = 0; a < 3; a++)
    if (delta->grid_dims[a] != map->array.grid.dims[a]) return false;
  if (delta->count == 0) return true;

  enum { GRAIN = 16 };
  ApplyPass pass = {.array = &map->array, .delta = delta, .forward = forward};
  hilum_parallel_for(delta->count, GRAIN, check_entries, &pass);
  if (atomic_load(&pass.stale)) return false;
  g_autofree HilumBrick **made = g_new(HilumBrick *, delta->count);
  pass.made = made;
  hilum_parallel_for(delta->count, GRAIN, make_bricks, &pass);

  map->serial++;
  for (size_t e = 0; e < delta->count; e++) {
    size_t brick = (size_t)delta->entries[e].brick;
    hilum_brick_unref(map->array.bricks[brick]);
    map->array.bricks[brick] = made[e];
    map->brick_serials[brick] = map->serial;
  }
  for (int l = 0; l < HILUM_LABEL_COUNT; l++) /* modulo 2^64, so that a loss wraps to the right number */
    map->array.voxels_of[l] += (uint64_t)(forward ? delta->gained[l] : -delta->gained[l]);
  g_clear_pointer(&map->snapshot, hilum_label_snapshot_unref);
  return true;
}
