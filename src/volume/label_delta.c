/* Deltas: finished changes of a label map, one run-length coded pair of states (before, after) per brick that
 * changes. States are reference counted, so that joining two deltas copies no voxels. */
#include "hilum/base/parallel.h"
#include "hilum/volume/error.h"
#include "label_map_private.h"

#include <string.h>

/* --- entries --- */

/* Counts what changes between eight labels and eight others. */
static uint32_t count_word(uint64_t before, uint64_t after, int64_t *gained)
{
  uint8_t old = (uint8_t)before, new = (uint8_t)after;
  if (before == hilum_bytes_of(old) && after == hilum_bytes_of(new)) { /* the inside of most changes */
    gained[old] -= 8;
    gained[new] += 8;
    return 8;
  }
  uint32_t changed = 0;
  for (int byte = 0; byte < 8; byte++, before >>= 8, after >>= 8) {
    old = (uint8_t)before;
    new = (uint8_t)after;
    if (old == new) continue;
    gained[old]--;
    gained[new]++;
    changed++;
  }
  return changed;
}

static uint32_t count_changes(const HilumBrick *before, const uint8_t *after, int64_t *gained)
{
  uint64_t old = hilum_bytes_of(before->label), new;
  uint32_t changed = 0;
  for (size_t w = 0; w < BRICK_WORDS; w++) {
    if (before->voxels) memcpy(&old, before->voxels + 8 * w, sizeof old);
    memcpy(&new, after + 8 * w, sizeof new);
    if (old != new) changed += count_word(old, new, gained);
  }
  return changed;
}

bool hilum_delta_entry_make(HilumDeltaEntry *entry, int32_t index, const HilumBrick *before,
                            const uint8_t after[BRICK_VOXELS], uint64_t stamp,
                            int64_t gained[HILUM_LABEL_COUNT])
{
  uint32_t changed = count_changes(before, after, gained);
  if (changed == 0) return false;
  uint8_t label;
  HilumBrickRuns *runs;
  if (hilum_labels_are_uniform(after, &label))
    runs = hilum_brick_runs_new_from_brick(hilum_brick_uniform(label));
  else
    runs = hilum_brick_runs_new(after, stamp ? stamp : hilum_brick_next_stamp());
  *entry = (HilumDeltaEntry){index, changed, hilum_brick_runs_new_from_brick(before), runs};
  return true;
}

void hilum_delta_entry_make_uniform(HilumDeltaEntry *entry, int32_t index, uint8_t before, uint8_t after,
                                    int64_t gained[HILUM_LABEL_COUNT])
{
  *entry =
      (HilumDeltaEntry){index, BRICK_VOXELS, hilum_brick_runs_new_from_brick(hilum_brick_uniform(before)),
                        hilum_brick_runs_new_from_brick(hilum_brick_uniform(after))};
  gained[before] -= BRICK_VOXELS;
  gained[after] += BRICK_VOXELS;
}

/* --- life --- */

HilumLabelDelta *hilum_label_delta_new_take(const int32_t grid_dims[3], const HilumDeltaEntry *slots,
                                            size_t count, const int64_t gained[HILUM_LABEL_COUNT])
{
  HilumLabelDelta *delta = g_new0(HilumLabelDelta, 1);
  atomic_init(&delta->refs, 1);
  memcpy(delta->grid_dims, grid_dims, sizeof delta->grid_dims);
  memcpy(delta->gained, gained, sizeof delta->gained);
  for (size_t s = 0; s < count; s++)
    delta->count += slots[s].before != NULL;
  delta->entries = g_new(HilumDeltaEntry, delta->count);
  delta->bytes = sizeof *delta + delta->count * sizeof *delta->entries;
  size_t at = 0;
  for (size_t s = 0; s < count; s++) {
    if (!slots[s].before) continue;
    delta->entries[at++] = slots[s];
    delta->changed += slots[s].changed;
    delta->bytes += 2 * sizeof(HilumBrickRuns) + slots[s].before->bytes + slots[s].after->bytes;
  }
  return delta;
}

HilumLabelDelta *hilum_label_delta_ref(HilumLabelDelta *delta)
{
  atomic_fetch_add_explicit(&delta->refs, 1, memory_order_relaxed);
  return delta;
}

void hilum_label_delta_unref(HilumLabelDelta *delta)
{
  if (!delta || atomic_fetch_sub(&delta->refs, 1) != 1) return;
  for (size_t e = 0; e < delta->count; e++) {
    hilum_brick_runs_unref(delta->entries[e].before);
    hilum_brick_runs_unref(delta->entries[e].after);
  }
  g_free(delta->entries);
  g_free(delta);
}

bool hilum_label_delta_is_empty(const HilumLabelDelta *delta)
{
  return delta->count == 0;
}

uint64_t hilum_label_delta_get_changed(const HilumLabelDelta *delta)
{
  return delta->changed;
}

size_t hilum_label_delta_get_bytes(const HilumLabelDelta *delta)
{
  return delta->bytes;
}

/* --- between two states --- */

typedef struct {
  const HilumBrickArray *before, *after;
  HilumDeltaEntry *slots;               /* per brick */
  int64_t (*gained)[HILUM_LABEL_COUNT]; /* per worker */
} CompareState;

static void compare_bricks(size_t begin, size_t end, unsigned worker, void *data)
{
  const CompareState *state = data;
  uint8_t labels[BRICK_VOXELS];
  for (size_t b = begin; b < end; b++) {
    const HilumBrick *before = state->before->bricks[b], *after = state->after->bricks[b];
    if (before->stamp == after->stamp) continue;
    const uint8_t *wanted = after->voxels;
    if (!wanted) {
      memset(labels, after->label, sizeof labels);
      wanted = labels;
    }
    hilum_delta_entry_make(&state->slots[b], (int32_t)b, before, wanted, after->stamp, state->gained[worker]);
  }
}

HilumLabelDelta *hilum_label_delta_new_from_snapshots(HilumLabelSnapshot *before, HilumLabelSnapshot *after,
                                                      GError **error)
{
  const HilumBrickArray *from = &before->array, *to = &after->array;
  if (memcmp(from->grid.dims, to->grid.dims, sizeof from->grid.dims) != 0) {
    g_set_error(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
                "The two label maps differ in size (%d x %d x %d and %d x %d x %d voxels)",
                from->grid.dims[0], from->grid.dims[1], from->grid.dims[2], to->grid.dims[0],
                to->grid.dims[1], to->grid.dims[2]);
    return NULL;
  }
  unsigned workers = hilum_parallel_threads();
  g_autofree HilumDeltaEntry *slots = g_new0(HilumDeltaEntry, from->count);
  g_autofree void *gained = g_malloc0_n(workers, sizeof(int64_t[HILUM_LABEL_COUNT]));
  CompareState state = {from, to, slots, gained};
  hilum_parallel_for(from->count, 16, compare_bricks, &state);
  for (unsigned w = 1; w < workers; w++)
    for (int l = 0; l < HILUM_LABEL_COUNT; l++)
      state.gained[0][l] += state.gained[w][l];
  return hilum_label_delta_new_take(from->grid.dims, slots, from->count, state.gained[0]);
}

/* --- one after the other --- */

static HilumDeltaEntry entry_ref(const HilumDeltaEntry *entry)
{
  return (HilumDeltaEntry){entry->brick, entry->changed, hilum_brick_runs_ref(entry->before),
                           hilum_brick_runs_ref(entry->after)};
}

/* A brick that both change: before the first, after the second; nothing if that is the same. */
static HilumDeltaEntry join_entries(const HilumDeltaEntry *first, const HilumDeltaEntry *second)
{
  HilumDeltaEntry none = {.brick = first->brick};
  g_assert(hilum_brick_runs_equal(first->after, second->before)); /* second must follow first */
  if (hilum_brick_runs_equal(first->before, second->after)) return none;
  uint8_t before[BRICK_VOXELS], after[BRICK_VOXELS];
  bool ok = hilum_brick_decode(first->before->data, first->before->bytes, before) &&
            hilum_brick_decode(second->after->data, second->after->bytes, after);
  g_assert(ok);
  uint32_t changed = 0;
  for (size_t v = 0; v < BRICK_VOXELS; v++)
    changed += before[v] != after[v];
  return (HilumDeltaEntry){first->brick, changed, hilum_brick_runs_ref(first->before),
                           hilum_brick_runs_ref(second->after)};
}

HilumLabelDelta *hilum_label_delta_join(HilumLabelDelta *first, HilumLabelDelta *second)
{
  g_assert(memcmp(first->grid_dims, second->grid_dims, sizeof first->grid_dims) == 0);
  g_autofree HilumDeltaEntry *slots = g_new(HilumDeltaEntry, first->count + second->count + 1);
  size_t count = 0, a = 0, b = 0;
  while (a < first->count || b < second->count) {
    const HilumDeltaEntry *x = a < first->count ? &first->entries[a] : NULL;
    const HilumDeltaEntry *y = b < second->count ? &second->entries[b] : NULL;
    if (x && y && x->brick == y->brick) {
      slots[count++] = join_entries(x, y);
      a++;
      b++;
    } else if (x && (!y || x->brick < y->brick)) {
      slots[count++] = entry_ref(x);
      a++;
    } else {
      slots[count++] = entry_ref(y);
      b++;
    }
  }
  int64_t gained[HILUM_LABEL_COUNT];
  for (int l = 0; l < HILUM_LABEL_COUNT; l++)
    gained[l] = first->gained[l] + second->gained[l];
  return hilum_label_delta_new_take(first->grid_dims, slots, count, gained);
}
