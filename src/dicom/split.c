/* Telling apart what shares a series and a grid: phases, echoes, time points, kernels. */
#include "split.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_COMPARED = 8 };

#define FAR_APART_MM 10.0 /* the widest step of a volume: farther apart are two */

static int compare_fields(const HilumRecord *a, const HilumRecord *b, HilumField field)
{
  return strcmp(hilum_record_text(a, field), hilum_record_text(b, field));
}

typedef struct {
  HilumField field;
  const char *name;
  bool for_gaps; /* may also tell apart stacks at different places */
} Discriminator;

static const Discriminator DISCRIMINATORS[] = {
    {HILUM_FIELD_ACQUISITION_NUMBER, "acquisition number", true},
    {HILUM_FIELD_TEMPORAL_POSITION, "temporal position", true},
    {HILUM_FIELD_STACK_ID, "stack", true},
    {HILUM_FIELD_CONTRAST_AGENT, "contrast agent", false},
    {HILUM_FIELD_ECHO_NUMBER, "echo number", false},
    {HILUM_FIELD_ECHO_TIME, "echo time", false},
    {HILUM_FIELD_B_VALUE, "b-value", false},
    {HILUM_FIELD_KERNEL, "reconstruction kernel", false},
    {HILUM_FIELD_TRIGGER_TIME, "trigger time", false},
    {HILUM_FIELD_SERIES_TIME, "series time", false},
    {HILUM_FIELD_ACQUISITION_DATETIME, "acquisition time", false},
    {HILUM_FIELD_ACQUISITION_TIME, "acquisition time", false},
    {HILUM_FIELD_CONTENT_TIME, "content time", false},
    {HILUM_FIELD_DIMENSION_VALUES, "dimension index", false},
};

static GPtrArray *partition(const GPtrArray *records, HilumField field)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  g_autoptr(GHashTable) by_value = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < records->len; i++) {
    HilumRecord *r = g_ptr_array_index(records, i);
    GPtrArray *part = g_hash_table_lookup(by_value, hilum_record_text(r, field));
    if (!part) {
      part = g_ptr_array_new();
      g_ptr_array_add(parts, part);
      g_hash_table_insert(by_value, (gpointer)hilum_record_text(r, field), part);
    }
    g_ptr_array_add(part, r);
  }
  return parts;
}

static bool is_regular(const GPtrArray *records)
{
  g_autoptr(GArray) findings = hilum_findings_new();
  HilumGrid grid;
  HilumStackPlan plan;
  hilum_slices_plan(records, false, &grid, &plan, findings);
  bool regular = hilum_findings_verdict(findings) != HILUM_VERDICT_REFUSED && !plan.uneven;
  hilum_stack_plan_clear(&plan);
  return regular;
}

/* Whether parts of sorted records lie far apart along the normal, or run through each other. */
static bool lie_apart(const GPtrArray *records, guint n_parts, const Discriminator *by)
{
  const HilumRecord *first = g_ptr_array_index(records, 0);
  guint borders = 0;
  double narrowest = INFINITY;
  for (guint i = 1; i < records->len; i++) {
    const HilumRecord *a = g_ptr_array_index(records, i - 1), *b = g_ptr_array_index(records, i);
    if (!a->has_position || !b->has_position) return false;
    if (compare_fields(a, b, by->field) == 0) continue;
    borders++;
    narrowest = fmin(narrowest, hilum_slice_depth_mm(first, b) - hilum_slice_depth_mm(first, a));
  }
  bool interleaved = borders > n_parts - 1;
  return interleaved || (by->for_gaps && narrowest > FAR_APART_MM);
}

typedef enum { SPLIT_BAD, SPLIT_HELPS, SPLIT_SETTLES } SplitWorth;

/* A split helps if it removes repeats and leaves no part of a single slice; it settles the matter if it
 * leaves nothing but regular stacks. Where nothing repeats but steps are uneven, only regular stacks of three
 * slices and more are believed, and only if they run through each other or lie far apart: others may be one
 * volume that lacks slices, and scanners count up acquisitions within one volume. */
static SplitWorth judge_split(const GPtrArray *records, const GPtrArray *parts, const Discriminator *by,
                              size_t repeats_before)
{
  size_t repeats = 0;
  bool regular = true;
  if (parts->len < 2 || parts->len > records->len / 2) return SPLIT_BAD;
  for (guint i = 0; i < parts->len; i++) {
    const GPtrArray *part = g_ptr_array_index(parts, i);
    if (part->len < (repeats_before ? 2u : 3u)) return SPLIT_BAD;
    repeats += hilum_slices_count_repeats(part);
    regular = regular && is_regular(part);
  }
  if (!repeats_before) return regular && lie_apart(records, parts->len, by) ? SPLIT_SETTLES : SPLIT_BAD;
  if (repeats >= repeats_before) return SPLIT_BAD;
  return repeats == 0 && regular ? SPLIT_SETTLES : SPLIT_HELPS;
}

/* Both files hold one and the same object. Frames of one file share its UID and are no copies. */
static bool same_object(const HilumRecord *a, const HilumRecord *b)
{
  return compare_fields(a, b, HILUM_FIELD_SOP_UID) == 0 && a->frame_number == b->frame_number &&
         g_strcmp0(a->path, b->path) != 0;
}

/* Takes slices out of sorted records that repeat another, place and pixels alike; `only_copies`: of one and
 * the same object. Of a cine at one place only the nearest images are compared: it is no volume anyway. */
char *hilum_slices_drop_duplicates(GPtrArray *records, bool only_copies)
{
  HilumNameList names = {0};
  guint kept = 0;
  for (guint i = 0; i < records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(records, i);
    bool same = false;
    guint compared = 0;
    for (guint k = kept; k-- > 0 && !same && r->has_position && compared < MOST_COMPARED;) {
      const HilumRecord *before = g_ptr_array_index(records, k);
      if (hilum_vec3_distance(before->position_mm, r->position_mm) >= HILUM_SAME_POSITION_MM) break;
      if (only_copies && !same_object(before, r)) continue;
      compared++;
      same = hilum_records_same_pixels(before, r);
      if (same)
        hilum_name_list_add(&names, "“%s” (same as “%s”)", hilum_record_name(r), hilum_record_name(before));
    }
    if (!same) g_ptr_array_index(records, kept++) = g_ptr_array_index(records, i);
  }
  g_ptr_array_set_size(records, (gint)kept);
  return names.n ? hilum_name_list_finish(&names) : NULL;
}

/* Parts that an acquisition number tells apart, put together again where one continues the other: a phase
 * scanned in several acquisitions is one volume. */
static void join_continuations(GPtrArray *parts)
{
  for (guint i = 0; i + 1 < parts->len;) {
    GPtrArray *a = g_ptr_array_index(parts, i), *b = g_ptr_array_index(parts, i + 1);
    g_autoptr(GPtrArray) both = g_ptr_array_new();
    g_ptr_array_extend(both, a, NULL, NULL);
    g_ptr_array_extend(both, b, NULL, NULL);
    hilum_slices_sort(both);
    if (hilum_slices_count_repeats(both) == 0 && is_regular(both) && is_regular(a) && is_regular(b)) {
      g_ptr_array_set_size(a, 0);
      g_ptr_array_extend(a, both, NULL, NULL);
      g_ptr_array_remove_index(parts, i + 1);
    } else
      i++;
  }
}

static int compare_acquisitions(const void *a, const void *b)
{
  const HilumRecord *x = g_ptr_array_index(*(GPtrArray *const *)a, 0),
                    *y = g_ptr_array_index(*(GPtrArray *const *)b, 0);
  int32_t i = hilum_record_int(x, HILUM_FIELD_ACQUISITION_NUMBER, 0);
  int32_t j = hilum_record_int(y, HILUM_FIELD_ACQUISITION_NUMBER, 0);
  return i != j ? (i > j) - (i < j) : g_strcmp0(x->path, y->path);
}

static GPtrArray *split_by(const GPtrArray *records, HilumField field)
{
  GPtrArray *parts = partition(records, field);
  if (field == HILUM_FIELD_ACQUISITION_NUMBER && parts->len > 1) {
    qsort(parts->pdata, parts->len, sizeof *parts->pdata, compare_acquisitions);
    join_continuations(parts);
  }
  return parts;
}

/* The split that settles the matter with the fewest parts, else the first that helps; the order of the keys
 * decides between equals. An acquisition number that tears phases apart so loses to the phase's own key. */
static GPtrArray *best_split(const GPtrArray *records, size_t repeats, size_t first_key, size_t *key)
{
  GPtrArray *best = NULL;
  SplitWorth best_worth = SPLIT_BAD;
  for (size_t k = first_key; k < G_N_ELEMENTS(DISCRIMINATORS); k++) {
    g_autoptr(GPtrArray) parts = split_by(records, DISCRIMINATORS[k].field);
    SplitWorth worth = judge_split(records, parts, &DISCRIMINATORS[k], repeats);
    if (worth < best_worth || worth == SPLIT_BAD) continue;
    if (worth == best_worth && (worth == SPLIT_HELPS || parts->len >= best->len)) continue;
    g_clear_pointer(&best, g_ptr_array_unref);
    best = g_steal_pointer(&parts);
    best_worth = worth;
    *key = k;
  }
  return best;
}

void hilum_stacks_resolve(GPtrArray *records, size_t first_key, const char *told_by, GArray *stacks)
{
  hilum_slices_sort(records);
  size_t repeats = hilum_slices_count_repeats(records), key = 0;
  g_autoptr(GPtrArray) parts =
      repeats || !is_regular(records) ? best_split(records, repeats, first_key, &key) : NULL;
  for (guint i = 0; parts && i < parts->len; i++)
    hilum_stacks_resolve(g_ptr_array_index(parts, i), key + 1, DISCRIMINATORS[key].name, stacks);
  if (parts) return;
  HilumStack stack = {g_ptr_array_ref(records), told_by,
                      repeats ? hilum_slices_drop_duplicates(records, false) : NULL, NULL};
  g_array_append_val(stacks, stack);
}
