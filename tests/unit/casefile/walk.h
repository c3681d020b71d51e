/* Random work on a fixture case, the same for the same seed: steps of every kind that needs no images, undo,
 * redo and strokes of many changes. */
#pragma once

#include "fixture.h"

static inline uint64_t walk_pick(uint64_t seed, uint64_t counter, uint64_t below)
{
  return hilum_random_u64(seed, counter) % below;
}

static inline HilumStructure *walk_structure(HilumCase *c, uint64_t seed)
{
  GListModel *list = hilum_case_get_structures(c);
  const guint n = g_list_model_get_n_items(list);
  if (n == 0) return NULL;
  g_autoptr(HilumStructure) s = g_list_model_get_item(list, (guint)walk_pick(seed, 1, n));
  return s;
}

static inline bool walk_paint(HilumCase *c, HilumStructure *s, uint64_t seed)
{
  const int i = (int)walk_pick(seed, 2, 60), j = (int)walk_pick(seed, 3, 35), k = (int)walk_pick(seed, 4, 30);
  const int w = 1 + (int)walk_pick(seed, 5, 10), h = 1 + (int)walk_pick(seed, 6, 10);
  return fixture_paint(c, s, fixture_box(i, j, k, i + w, j + h, k + 5), NULL);
}

static inline void walk_stroke(HilumCase *c, HilumStructure *s, uint64_t seed)
{
  hilum_history_begin_group(hilum_case_get_history(c), "Stroke");
  for (uint64_t n = 0; n < 6; n++)
    walk_paint(c, s, seed + 100 * n);
  hilum_history_end_group(hilum_case_get_history(c));
}

/* One step of any kind; what is refused leaves none. */
static inline void walk_step(HilumCase *c, uint64_t seed)
{
  HilumStructure *s = walk_structure(c, seed);
  g_autofree char *name = g_strdup_printf("Name %u", (guint)walk_pick(seed, 9, 1000000));
  const HilumStructureBoundary boundary = {(double)walk_pick(seed, 10, 300) - 100,
                                           walk_pick(seed, 11, 2) ? INFINITY : 250, 0};
  switch (s ? walk_pick(seed, 0, 10) : 0) {
  case 0:
    hilum_case_add_structure(c, (HilumStructureKind)walk_pick(seed, 8, HILUM_STRUCTURE_KINDS), NULL, NULL);
    break;
  case 1:
    hilum_case_remove_structure(c, s, NULL);
    break;
  case 2:
    hilum_case_rename_structure(c, s, name, NULL);
    break;
  case 3:
    hilum_case_recolor_structure(c, s, (uint32_t)walk_pick(seed, 7, 0xFFFFFF), NULL);
    break;
  case 4:
    hilum_case_set_side(c, (HilumSide)walk_pick(seed, 7, 4));
    break;
  case 5:
    hilum_case_lock_structure(c, s, walk_pick(seed, 7, 2), NULL);
    break;
  case 6:
    walk_stroke(c, s, seed);
    break;
  case 7:
    hilum_case_set_structure_boundary(c, s, walk_pick(seed, 12, 3) ? &boundary : NULL, NULL);
    break;
  default:
    walk_paint(c, s, seed);
  }
}

/* One event of the journal: a step, or back or forth in the history. */
static inline void walk_move(HilumCase *c, uint64_t seed)
{
  HilumHistory *history = hilum_case_get_history(c);
  const size_t undo = hilum_history_get_undo_depth(history);
  const uint64_t kind = walk_pick(seed, 40, 100);
  if (kind < 20)
    hilum_history_undo(history, NULL);
  else if (kind < 32)
    hilum_history_redo(history, NULL);
  else if (kind < 33 && undo > 60)
    hilum_history_clear(history);
  else
    walk_step(c, seed);
}
