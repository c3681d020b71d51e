/* Which volumes of a catalog belong into one case. */
#include "study_choice.h"

/* Grids closer than this are the same place: phases of one scan. */
#define SAME_GRID_MM 0.01

bool hilum_study_may_join(const HilumSeriesInfo *a, const HilumSeriesInfo *b)
{
  return g_str_equal(a->patient_id, b->patient_id) && g_str_equal(a->study_uid, b->study_uid);
}

/* Plainly phases of one case. */
static bool belong_together(const HilumSeriesInfo *a, const HilumSeriesInfo *b)
{
  return hilum_study_may_join(a, b) && hilum_grid_equal(&a->grid, &b->grid, SAME_GRID_MM);
}

GArray *hilum_study_choose_silently(const HilumCatalog *catalog)
{
  g_autoptr(GArray) usable = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint n = 0; n < hilum_catalog_get_count(catalog); n++)
    if (hilum_catalog_get_series(catalog, n)->verdict != HILUM_VERDICT_REFUSED) g_array_append_val(usable, n);
  if (usable->len == 0) return NULL;
  const HilumSeriesInfo *first = hilum_catalog_get_series(catalog, g_array_index(usable, guint, 0));
  for (guint n = 1; n < usable->len; n++)
    if (!belong_together(first, hilum_catalog_get_series(catalog, g_array_index(usable, guint, n))))
      return NULL;
  /* A refused volume beside a good one is for the user to see. */
  if (usable->len < hilum_catalog_get_count(catalog)) return NULL;
  return g_steal_pointer(&usable);
}

/* Volumes of one study follow each other in a catalog, so a group is looked for within its study only. */
GArray *hilum_study_find_best(const HilumCatalog *catalog)
{
  g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
  const GArray *best = NULL;
  guint study = 0; /* the first group of the study at hand */
  for (guint n = 0; n < hilum_catalog_get_count(catalog); n++) {
    const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, n);
    if (info->verdict == HILUM_VERDICT_REFUSED) continue;
    GArray *home = NULL;
    for (guint g = study; g < groups->len && !home; g++) {
      GArray *group = g_ptr_array_index(groups, g);
      const HilumSeriesInfo *other = hilum_catalog_get_series(catalog, g_array_index(group, guint, 0));
      if (!g_str_equal(other->study_uid, info->study_uid))
        study = g + 1;
      else if (belong_together(other, info))
        home = group;
    }
    if (!home) {
      home = g_array_new(FALSE, FALSE, sizeof(guint));
      g_ptr_array_add(groups, home);
    }
    g_array_append_val(home, n);
    if (!best || home->len > best->len) best = home;
  }
  GArray *copy = g_array_new(FALSE, FALSE, sizeof(guint));
  if (best) g_array_append_vals(copy, best->data, best->len);
  return copy;
}
