/* What labels looked like earlier. Looks are learned from all strokes of a moment and stay until one comes
 * that they do not know; what is grown therefore hangs on the order in which strokes came, and taking the
 * last of them back must find the looks of before again, not learn others from what is left. So every
 * learning is kept, with a fingerprint of the strokes it was from and of the longer lists that it was good
 * for. */
#include "seed_looks_private.h"

#include <math.h>
#include <string.h>

#define MAX_KEPT 32

struct HilumSeedLooks {
  size_t n_strokes;
  uint64_t print; /* of these strokes */
  GArray *good;   /* uint64_t: prints of lists that were grown with these looks */
  HilumVoxelBox box;
  float raw_noise[HILUM_SEED_MAX_PHASES], noise[HILUM_SEED_MAX_PHASES];
  unsigned n_models;
  HilumSeedModel *models;
};

static void looks_free(gpointer data)
{
  HilumSeedLooks *looks = data;
  g_array_unref(looks->good);
  g_free(looks->models);
  g_free(looks);
}

/* FNV-1a. */
static uint64_t hash(uint64_t print, const void *data, size_t n)
{
  const uint8_t *byte = data;
  for (size_t b = 0; b < n; b++)
    print = (print ^ byte[b]) * UINT64_C(1099511628211);
  return print;
}

uint64_t *hilum_seed_looks_prints(const HilumStroke *strokes, size_t n_strokes)
{
  uint64_t *prints = g_new(uint64_t, n_strokes + 1);
  prints[0] = UINT64_C(14695981039346656037);
  for (size_t s = 0; s < n_strokes; s++) {
    const HilumStroke *stroke = &strokes[s];
    uint64_t print = hash(prints[s], &stroke->label, sizeof stroke->label);
    print = hash(print, &stroke->radius_mm, sizeof stroke->radius_mm);
    print = hash(print, &stroke->points_mm->len, sizeof stroke->points_mm->len);
    prints[s + 1] = hash(print, stroke->points_mm->data, stroke->points_mm->len * sizeof(HilumVec3));
  }
  return prints;
}

static HilumSeedLooks *last_of(const HilumSeedGrowth *g)
{
  return g->kept != NULL && g->kept->len > 0 ? g->kept->pdata[g->kept->len - 1] : NULL;
}

HilumSeedLooks *hilum_seed_looks_find(HilumSeedGrowth *g, const uint64_t *prints, size_t n_strokes,
                                      HilumVoxelBox box)
{
  HilumSeedLooks *last;
  while ((last = last_of(g)) != NULL &&
         (last->n_strokes > n_strokes || prints[last->n_strokes] != last->print)) {
    if (g->looks == last) g->looks = NULL;
    g_ptr_array_set_size(g->kept, (gint)g->kept->len - 1);
  }
  return last != NULL && memcmp(&last->box, &box, sizeof box) == 0 ? last : NULL;
}

bool hilum_seed_looks_were_good(const HilumSeedLooks *looks, uint64_t print)
{
  for (guint n = looks->good->len; n-- > 0;)
    if (g_array_index(looks->good, uint64_t, n) == print) return true;
  return false;
}

void hilum_seed_looks_add_good(HilumSeedLooks *looks, uint64_t print)
{
  if (!hilum_seed_looks_were_good(looks, print)) g_array_append_val(looks->good, print);
}

void hilum_seed_looks_keep(HilumSeedGrowth *g, uint64_t print, size_t n_strokes)
{
  HilumSeedLooks *looks = g_new0(HilumSeedLooks, 1);
  looks->n_strokes = n_strokes;
  looks->print = print;
  looks->good = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  hilum_seed_looks_add_good(looks, print);
  looks->box = g->box;
  memcpy(looks->raw_noise, g->raw_noise, sizeof g->raw_noise);
  memcpy(looks->noise, g->noise, sizeof g->noise);
  looks->n_models = g->n_models;
  looks->models = g_memdup2(g->models, g->n_models * sizeof *g->models);
  if (g->kept == NULL) g->kept = g_ptr_array_new_with_free_func(looks_free);
  if (g->kept->len == MAX_KEPT) g_ptr_array_remove_index(g->kept, 0);
  g_ptr_array_add(g->kept, looks);
  g->looks = looks;
}

void hilum_seed_looks_take(HilumSeedGrowth *g, HilumSeedLooks *looks)
{
  g->n_models = looks->n_models;
  memcpy(g->models, looks->models, looks->n_models * sizeof *g->models);
  memcpy(g->raw_noise, looks->raw_noise, sizeof g->raw_noise);
  memcpy(g->noise, looks->noise, sizeof g->noise);
  g->looks = looks;
}
