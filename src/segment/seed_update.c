/* Brings a growth up to date with its strokes.
 *
 * Where looks stay, the answer is the one state in which every voxel has the least offer of its neighbours
 * (costs are above zero, so that there is only one: by induction over the cost). A change is therefore
 * repaired rather than repeated: new seeds are set, voxels whose own cost no longer follows from a neighbour
 * are taken back with all that followed from them, and fronts run from the rim of what was taken back. What
 * the fronts win over may leave others without ground, so this goes on until nothing is taken back
 * (differential image foresting transform: Falcao and Bergo 2004; dynamic shortest paths: Ramalingam and Reps
 * 1996). */
#include "hilum/segment/error.h"
#include "seed_looks_private.h"
#include "seed_update_private.h"

#include <string.h>

#define MAX_ROUNDS 64 /* then everything is grown again */

static uint32_t get(const HilumSeedGrowth *g, size_t at)
{
  return atomic_load_explicit(&g->state[at], memory_order_relaxed);
}

static void set(HilumSeedGrowth *g, size_t at, uint32_t state)
{
  atomic_store_explicit(&g->state[at], state, memory_order_relaxed);
}

static bool is_set(uint32_t state)
{
  return state != HILUM_SEED_UNSET && state != HILUM_SEED_BLOCKED;
}

static size_t neighbour(const HilumSeedGrowth *g, size_t at, int side)
{
  return side & 1 ? at + (size_t)g->along[side >> 1] : at - (size_t)g->along[side >> 1];
}

/* A seed, or what a neighbour of the same label offers. */
static bool has_ground(const HilumSeedGrowth *g, size_t at, uint32_t state)
{
  if (state >> 8 == 0) return true;
  for (int side = 0; side < 6; side++) {
    const size_t from = neighbour(g, at, side);
    const uint32_t other = get(g, from);
    if (!is_set(other) || (other & 0xff) != (state & 0xff) || other >= state) continue;
    if ((other >> 8) + hilum_seed_step_cost(g, side >> 1, from, at, state & 0xff) == state >> 8) return true;
  }
  return false;
}

/* Takes back what lost its ground, beginning with the neighbours of `lost`, to which it appends. True if
 * anything was. */
static bool take_back(HilumSeedGrowth *g, GArray *lost)
{
  const guint before = lost->len;
  for (guint n = 0; n < lost->len; n++)
    for (int side = 0; side < 6; side++) {
      const uint32_t at = (uint32_t)neighbour(g, g_array_index(lost, uint32_t, n), side);
      const uint32_t state = get(g, at);
      if (!is_set(state) || has_ground(g, at, state)) continue;
      set(g, at, HILUM_SEED_UNSET);
      g_array_append_val(lost, at);
    }
  return lost->len > before;
}

/* Adds the set neighbours of `lost`: from there it is grown again. */
static void add_rim(const HilumSeedGrowth *g, GArray *lost, GArray *from)
{
  for (guint n = 0; n < lost->len; n++)
    for (int side = 0; side < 6; side++) {
      const uint32_t at = (uint32_t)neighbour(g, g_array_index(lost, uint32_t, n), side);
      if (is_set(get(g, at))) g_array_append_val(from, at);
    }
}

/* Runs fronts from `from`, and again where they took the ground from others. False with *settled set false if
 * it does not come to an end. */
static bool settle(HilumSeedGrowth *g, GArray *from, bool *settled, const HilumProgress *progress,
                   GError **error)
{
  g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  *settled = true;
  for (int round = 0; round < MAX_ROUNDS; round++) {
    g_array_set_size(changed, 0);
    if (!hilum_seed_front_run(g, from, changed, progress, error)) return false;
    g_array_set_size(from, 0);
    if (!take_back(g, changed)) return true;
    add_rim(g, changed, from);
  }
  return *settled = false;
}

static void place_seeds(HilumSeedGrowth *g, GArray *seeds, GArray *from)
{
  for (guint s = 0; s < seeds->len; s++) {
    const HilumSeed *seed = &g_array_index(seeds, HilumSeed, s);
    set(g, seed->at, seed->place);
    g_array_append_val(from, seed->at);
  }
}

/* Everything, with looks learned anew or as they are. */
static bool grow_all(HilumSeedGrowth *g, GArray *seeds, bool learn, const HilumProgress *progress,
                     GError **error)
{
  hilum_seed_growth_gather(g);
  hilum_seed_growth_reset(g);
  if (!(learn ? hilum_seed_models_learn(g, seeds, error) : hilum_seed_models_recall(g, error))) return false;
  g_autoptr(GArray) from = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  place_seeds(g, seeds, from);
  return hilum_seed_front_run(g, from, NULL, progress, error);
}

/* Seeds that were not there before, and places of those that are gone, from the present state: only seeds
 * cost nothing. Every label must keep a seed. */
static void compare_seeds(const HilumSeedGrowth *g, GArray *seeds, GArray *fresh, GArray *gone)
{
  size_t next = 0;
  for (size_t at = 0; at < g->count; at++) {
    while (next < seeds->len && g_array_index(seeds, HilumSeed, next).at < at)
      next++;
    const bool wanted = next < seeds->len && g_array_index(seeds, HilumSeed, next).at == at;
    const uint32_t state = get(g, at);
    const bool present = is_set(state) && state >> 8 == 0;
    if (wanted && !(present && state == g_array_index(seeds, HilumSeed, next).place))
      g_array_append_val(fresh, g_array_index(seeds, HilumSeed, next));
    else if (present && !wanted) {
      const uint32_t place = (uint32_t)at;
      g_array_append_val(gone, place);
    }
  }
}

static bool every_model_has_seeds(const HilumSeedGrowth *g, GArray *seeds)
{
  bool seen[HILUM_LABEL_COUNT] = {false};
  for (guint s = 0; s < seeds->len; s++)
    seen[g_array_index(seeds, HilumSeed, s).place] = true;
  for (unsigned m = 1; m < g->n_models; m++)
    if (seen[m] != (g->models[m].n_modes > 0)) return false;
  return true;
}

/* Only what the change reaches. *settled false: everything must be grown again. `good`: the looks are known
 * to be good for these seeds. */
static bool repair(HilumSeedGrowth *g, GArray *seeds, bool good, bool *settled, const HilumProgress *progress,
                   GError **error)
{
  g_autoptr(GArray) fresh = g_array_new(FALSE, FALSE, sizeof(HilumSeed));
  g_autoptr(GArray) lost = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) from = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  compare_seeds(g, seeds, fresh, lost);
  *settled = every_model_has_seeds(g, seeds) && (good || hilum_seed_models_know(g, fresh));
  if (!*settled) return true;
  for (guint n = 0; n < lost->len; n++)
    set(g, g_array_index(lost, uint32_t, n), HILUM_SEED_UNSET);
  place_seeds(g, fresh, from);
  g_array_append_vals(lost, from->data, from->len);
  take_back(g, lost);
  add_rim(g, lost, from);
  return settle(g, from, settled, progress, error) || !*settled;
}

/* With looks that were good for these strokes before. */
static bool go_back(HilumSeedGrowth *g, HilumSeedLooks *looks, const HilumStroke *strokes, size_t n_strokes,
                    const HilumProgress *progress, GError **error)
{
  hilum_seed_looks_take(g, looks);
  g_autoptr(GArray) seeds = hilum_seed_strokes_voxels(g, strokes, n_strokes, error);
  return seeds != NULL && grow_all(g, seeds, false, progress, error);
}

static bool learn_anew(HilumSeedGrowth *g, const HilumStroke *strokes, size_t n_strokes, uint64_t print,
                       const HilumProgress *progress, GError **error)
{
  g->n_models = 1;
  g_autoptr(GArray) seeds = hilum_seed_strokes_voxels(g, strokes, n_strokes, error);
  if (seeds == NULL || !grow_all(g, seeds, true, progress, error)) return false;
  hilum_seed_looks_keep(g, print, n_strokes);
  return true;
}

bool hilum_seed_growth_update(HilumSeedGrowth *g, const HilumStroke *strokes, size_t n_strokes, bool *again,
                              const HilumProgress *progress, GError **error)
{
  g_return_val_if_fail(g != NULL && (strokes != NULL || n_strokes == 0), false);
  HilumVoxelBox touched;
  if (!hilum_seed_strokes_box(g, strokes, n_strokes, &touched, error)) return false;
  const HilumVoxelBox box = hilum_seed_growth_wanted_box(g, touched);
  g_autofree uint64_t *prints = hilum_seed_looks_prints(strokes, n_strokes);
  HilumSeedLooks *looks = hilum_seed_looks_find(g, prints, n_strokes, box);
  const bool stays = g->state != NULL && memcmp(&box, &g->box, sizeof box) == 0;
  if (!stays && !hilum_seed_growth_set_box(g, box, error)) return false;
  const bool good = looks != NULL && hilum_seed_looks_were_good(looks, prints[n_strokes]);
  bool settled = false;
  if (stays && looks != NULL && looks == g->looks) {
    g_autoptr(GArray) seeds = hilum_seed_strokes_voxels(g, strokes, n_strokes, error);
    if (seeds == NULL || !repair(g, seeds, good, &settled, progress, error)) return false;
  } else if (good) {
    if (again != NULL) *again = true;
    return go_back(g, looks, strokes, n_strokes, progress, error);
  }
  if (again != NULL) *again = !settled;
  if (!settled) return learn_anew(g, strokes, n_strokes, prints[n_strokes], progress, error);
  hilum_seed_looks_add_good(looks, prints[n_strokes]);
  return true;
}
