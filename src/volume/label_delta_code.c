/* Deltas as bytes, for journals and case files: the size of the grid, then for every brick its index and its
 * labels before and after as runs (hilum_brick_encode()). Little-endian. What is read may come from anywhere:
 * every brick is unfolded, checked and coded anew, so that what comes out is as good as a delta made here. */
#include "hilum/base/parallel.h"
#include "hilum/volume/error.h"
#include "label_map_private.h"

#include <string.h>

enum { HEAD_BYTES = 16, ENTRY_BYTES = 12 };

static void put32(GByteArray *out, uint32_t value)
{
  value = GUINT32_TO_LE(value);
  g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

static uint32_t get32(const uint8_t *data)
{
  uint32_t value;
  memcpy(&value, data, sizeof value);
  return GUINT32_FROM_LE(value);
}

void hilum_label_delta_encode(const HilumLabelDelta *delta, GByteArray *out)
{
  for (int a = 0; a < 3; a++)
    put32(out, (uint32_t)delta->grid_dims[a]);
  put32(out, (uint32_t)delta->count);
  for (size_t e = 0; e < delta->count; e++) {
    const HilumDeltaEntry *entry = &delta->entries[e];
    put32(out, (uint32_t)entry->brick);
    put32(out, entry->before->bytes);
    put32(out, entry->after->bytes);
    g_byte_array_append(out, entry->before->data, entry->before->bytes);
    g_byte_array_append(out, entry->after->data, entry->after->bytes);
  }
}

/* One brick of the code; borrows from it. */
typedef struct {
  uint32_t brick, before_bytes, after_bytes;
  const uint8_t *before, *after;
} Coded;

typedef struct {
  HilumBrickArray shape; /* grid and dims only */
  const Coded *coded;
  HilumDeltaEntry *slots;
  int64_t (*gained)[HILUM_LABEL_COUNT]; /* per worker */
  atomic_bool malformed;
} Decode;

/* Labels beyond the grid would be counted, shown and saved. */
static bool padding_is_empty(const HilumBrickArray *shape, size_t brick, const uint8_t *labels)
{
  if (hilum_brick_array_padding(shape, brick) == 0) return true;
  const HilumVoxelBox box = hilum_brick_array_box(shape, brick);
  const int n[3] = {box.hi[0] - box.lo[0], box.hi[1] - box.lo[1], box.hi[2] - box.lo[2]};
  for (int z = 0; z < HILUM_BRICK_EDGE; z++)
    for (int y = 0; y < HILUM_BRICK_EDGE; y++) {
      const uint8_t *row = labels + (z * HILUM_BRICK_EDGE + y) * HILUM_BRICK_EDGE;
      for (int x = z < n[2] && y < n[1] ? n[0] : 0; x < HILUM_BRICK_EDGE; x++)
        if (row[x]) return false;
    }
  return true;
}

static bool decode_entry(Decode *work, size_t index, int64_t *gained)
{
  const Coded *coded = &work->coded[index];
  uint8_t before[BRICK_VOXELS], after[BRICK_VOXELS], label;
  if (!hilum_brick_decode(coded->before, coded->before_bytes, before) ||
      !hilum_brick_decode(coded->after, coded->after_bytes, after) ||
      !padding_is_empty(&work->shape, coded->brick, before) ||
      !padding_is_empty(&work->shape, coded->brick, after))
    return false;
  HilumBrick made = {.voxels = before, .stamp = hilum_brick_next_stamp()};
  const HilumBrick *from = hilum_labels_are_uniform(before, &label) ? hilum_brick_uniform(label) : &made;
  return hilum_delta_entry_make(&work->slots[index], (int32_t)coded->brick, from, after, 0, gained);
}

static void decode_entries(size_t begin, size_t end, unsigned worker, void *data)
{
  Decode *work = data;
  for (size_t e = begin; e < end && !atomic_load_explicit(&work->malformed, memory_order_relaxed); e++)
    if (!decode_entry(work, e, work->gained[worker]))
      atomic_store_explicit(&work->malformed, true, memory_order_relaxed);
}

/* Finds the bricks in the code; false if it is not one. */
static bool split(const HilumBrickArray *shape, const uint8_t *data, size_t bytes, Coded *coded, size_t count)
{
  size_t at = HEAD_BYTES;
  for (size_t e = 0; e < count; e++) {
    if (bytes - at < ENTRY_BYTES) return false;
    Coded *c = &coded[e];
    *c = (Coded){get32(data + at), get32(data + at + 4), get32(data + at + 8), NULL, NULL};
    at += ENTRY_BYTES;
    if (c->brick >= shape->count || (e > 0 && c->brick <= coded[e - 1].brick)) return false;
    if (c->before_bytes > BRICK_RUNS_MAX || c->after_bytes > BRICK_RUNS_MAX ||
        (size_t)c->before_bytes + c->after_bytes > bytes - at)
      return false;
    c->before = data + at;
    c->after = c->before + c->before_bytes;
    at += (size_t)c->before_bytes + c->after_bytes;
  }
  return at == bytes;
}

static HilumLabelDelta *decode_all(Decode *work, size_t count)
{
  const unsigned workers = hilum_parallel_threads();
  g_autofree HilumDeltaEntry *slots = g_new0(HilumDeltaEntry, count + 1);
  g_autofree void *gained = g_malloc0_n(workers, sizeof(int64_t[HILUM_LABEL_COUNT]));
  work->slots = slots;
  work->gained = gained;
  hilum_parallel_for(count, 16, decode_entries, work);
  for (unsigned w = 1; w < workers; w++)
    for (int l = 0; l < HILUM_LABEL_COUNT; l++)
      work->gained[0][l] += work->gained[w][l];
  if (!atomic_load(&work->malformed))
    return hilum_label_delta_new_take(work->shape.grid.dims, slots, count, work->gained[0]);
  for (size_t e = 0; e < count; e++) {
    hilum_brick_runs_unref(slots[e].before);
    hilum_brick_runs_unref(slots[e].after);
  }
  return NULL;
}

HilumLabelDelta *hilum_label_delta_decode(const int32_t grid_dims[3], const uint8_t *data, size_t bytes,
                                          GError **error)
{
  Decode work = {.shape = {.count = 1}};
  bool good = bytes >= HEAD_BYTES;
  for (int a = 0; a < 3; a++) {
    good = good && get32(data + 4 * a) == (uint32_t)grid_dims[a];
    work.shape.grid.dims[a] = grid_dims[a];
    work.shape.dims[a] = (grid_dims[a] + HILUM_BRICK_EDGE - 1) / HILUM_BRICK_EDGE;
    work.shape.count *= (size_t)work.shape.dims[a];
  }
  const size_t count = good ? get32(data + 12) : 0;
  good = good && count <= work.shape.count && count <= (bytes - HEAD_BYTES) / ENTRY_BYTES;
  g_autofree Coded *coded = good ? g_new0(Coded, count + 1) : NULL;
  work.coded = coded;
  HilumLabelDelta *delta =
      good && split(&work.shape, data, bytes, coded, count) ? decode_all(&work, count) : NULL;
  if (!delta)
    g_set_error_literal(error, HILUM_VOLUME_ERROR, HILUM_VOLUME_ERROR_INVALID,
                        "a change of labels is malformed or belongs to images of another size");
  return delta;
}

/* --- states that follow each other --- */

struct HilumLabelChain {
  size_t count;
  HilumBrickRuns **now; /* per brick; NULL: not met yet */
};

HilumLabelChain *hilum_label_chain_new(HilumLabelSnapshot *labels)
{
  HilumLabelChain *chain = g_new0(HilumLabelChain, 1);
  chain->count = labels->array.count;
  chain->now = g_new0(HilumBrickRuns *, chain->count);
  for (size_t b = 0; b < chain->count; b++)
    if (labels->array.bricks[b]->voxels)
      chain->now[b] = hilum_brick_runs_new_from_brick(labels->array.bricks[b]);
  return chain;
}

void hilum_label_chain_free(HilumLabelChain *chain)
{
  if (!chain) return;
  for (size_t b = 0; b < chain->count; b++)
    hilum_brick_runs_unref(chain->now[b]);
  g_free(chain->now);
  g_free(chain);
}

static void share(HilumBrickRuns **state, HilumBrickRuns *known, size_t *bytes)
{
  if (!known || *state == known || !hilum_brick_runs_equal(*state, known)) return;
  *bytes -= sizeof(HilumBrickRuns) + (*state)->bytes;
  hilum_brick_runs_unref(*state);
  *state = hilum_brick_runs_ref(known);
}

void hilum_label_chain_add(HilumLabelChain *chain, HilumLabelDelta *delta, bool forward)
{
  for (size_t e = 0; e < delta->count; e++) {
    HilumDeltaEntry *entry = &delta->entries[e];
    if ((size_t)entry->brick >= chain->count) continue;
    HilumBrickRuns **now = &chain->now[entry->brick];
    share(forward ? &entry->before : &entry->after, *now, &delta->bytes);
    hilum_brick_runs_unref(*now);
    *now = hilum_brick_runs_ref(forward ? entry->after : entry->before);
  }
}
