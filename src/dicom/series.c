/* Splitting a heap of slices into volumes. Two slices belong together if they share study, series, matrix,
 * spacing, orientation, frame of reference and image type. Where positions then repeat, or steps are uneven,
 * the attributes that tell phases, echoes and time points apart are tried in turn; a split counts only if it
 * leaves proper stacks. Nothing is told apart by guessing: what stays ambiguous is refused. */
#include "series.h"

#include <stdlib.h>
#include <string.h>

#define DIRECTION_TOLERANCE 1e-4
#define SPACING_TOLERANCE_MM 1e-4

void hilum_series_free(HilumSeries *series)
{
  if (!series) return;
  g_free((void *)series->info.files);
  g_free((void *)series->info.sop_uids);
  g_ptr_array_unref(series->records);
  g_array_unref(series->findings);
  g_free(series);
}

/* --- what makes one group --- */

static int compare_fields(const HilumRecord *a, const HilumRecord *b, HilumField field)
{
  return strcmp(hilum_record_text(a, field), hilum_record_text(b, field));
}

static int compare_for_grouping(const void *a, const void *b)
{
  const HilumRecord *x = *(HilumRecord *const *)a, *y = *(HilumRecord *const *)b;
  int order = compare_fields(x, y, HILUM_FIELD_STUDY_UID);
  if (order == 0) order = compare_fields(x, y, HILUM_FIELD_SERIES_UID);
  return order ? order : g_strcmp0(x->path, y->path);
}

static bool same_series(const HilumRecord *a, const HilumRecord *b)
{
  return compare_fields(a, b, HILUM_FIELD_STUDY_UID) == 0 &&
         compare_fields(a, b, HILUM_FIELD_SERIES_UID) == 0;
}

static bool near_direction(HilumVec3 a, HilumVec3 b)
{
  return fabs(a.x - b.x) <= DIRECTION_TOLERANCE && fabs(a.y - b.y) <= DIRECTION_TOLERANCE &&
         fabs(a.z - b.z) <= DIRECTION_TOLERANCE;
}

static bool same_volume(const HilumRecord *a, const HilumRecord *b)
{
  if (!same_series(a, b) || a->rows != b->rows || a->columns != b->columns || a->samples != b->samples)
    return false;
  if (a->frames != 1 || b->frames != 1) return false; /* each multi-frame file is its own */
  if (a->has_orientation != b->has_orientation || a->has_spacing != b->has_spacing) return false;
  if (a->has_orientation && (!near_direction(a->row, b->row) || !near_direction(a->column, b->column)))
    return false;
  if (a->has_spacing && (fabs(a->row_spacing_mm - b->row_spacing_mm) > SPACING_TOLERANCE_MM ||
                         fabs(a->column_spacing_mm - b->column_spacing_mm) > SPACING_TOLERANCE_MM))
    return false;
  static const HilumField SHARED[] = {HILUM_FIELD_FRAME_OF_REFERENCE, HILUM_FIELD_IMAGE_TYPE,
                                      HILUM_FIELD_MODALITY};
  for (size_t i = 0; i < G_N_ELEMENTS(SHARED); i++)
    if (compare_fields(a, b, SHARED[i]) != 0) return false;
  return true;
}

/* --- telling apart what shares its positions --- */

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

static bool builds_grid(const GPtrArray *records)
{
  g_autoptr(GArray) findings = hilum_findings_new();
  HilumGrid grid;
  hilum_slices_build_grid(records, &grid, findings);
  return hilum_findings_verdict(findings) != HILUM_VERDICT_REFUSED;
}

/* A split is believed if it removes repeats and leaves no part of a single slice, or, where nothing repeats
 * but the steps are uneven, if it leaves nothing but regular stacks of three slices and more. */
static bool split_is_good(const GPtrArray *parts, size_t repeats_before)
{
  size_t repeats = 0;
  for (guint i = 0; i < parts->len; i++) {
    const GPtrArray *part = g_ptr_array_index(parts, i);
    if (part->len < (repeats_before ? 2u : 3u)) return false;
    repeats += hilum_slices_count_repeats(part);
    if (!repeats_before && !builds_grid(part)) return false;
  }
  return parts->len > 1 && (!repeats_before || repeats < repeats_before);
}

/* One stack, and what it took to find it. */
typedef struct {
  GPtrArray *records;
  const char *told_by;
  char *dropped; /* names of identical duplicates that were left out, or NULL */
} Stack;

/* Takes slices out of sorted records that repeat the one before them, place and pixels alike. */
static char *drop_duplicates(GPtrArray *records)
{
  HilumNameList names = {0};
  guint kept = 0;
  for (guint i = 0; i < records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(records, i);
    bool same = false;
    for (guint k = kept; k-- > 0 && !same && r->has_position;) {
      const HilumRecord *before = g_ptr_array_index(records, k);
      if (hilum_vec3_distance(before->position_mm, r->position_mm) >= HILUM_SAME_POSITION_MM) break;
      same = hilum_records_same_pixels(before, r);
      if (same)
        hilum_name_list_add(&names, "“%s” (same as “%s”)", hilum_record_name(r), hilum_record_name(before));
    }
    if (!same) g_ptr_array_index(records, kept++) = g_ptr_array_index(records, i);
  }
  g_ptr_array_set_size(records, (gint)kept);
  return names.n ? hilum_name_list_finish(&names) : NULL;
}

static void resolve(GPtrArray *records, size_t first_key, const char *told_by, GArray *stacks)
{
  hilum_slices_sort(records);
  size_t repeats = hilum_slices_count_repeats(records);
  if (repeats || !builds_grid(records))
    for (size_t k = first_key; k < G_N_ELEMENTS(DISCRIMINATORS); k++) {
      if (!repeats && !DISCRIMINATORS[k].for_gaps) continue;
      g_autoptr(GPtrArray) parts = partition(records, DISCRIMINATORS[k].field);
      if (parts->len < 2 || parts->len > records->len / 2 || !split_is_good(parts, repeats)) continue;
      for (guint i = 0; i < parts->len; i++)
        resolve(g_ptr_array_index(parts, i), k + 1, DISCRIMINATORS[k].name, stacks);
      return;
    }
  Stack stack = {g_ptr_array_ref(records), told_by, repeats ? drop_duplicates(records) : NULL};
  g_array_append_val(stacks, stack);
}

/* --- the verdict on one stack --- */

static void check_patients(HilumSeries *s)
{
  const HilumRecord *first = g_ptr_array_index(s->records, 0);
  HilumNameList names = {0};
  for (guint i = 1; i < s->records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(s->records, i);
    if (compare_fields(r, first, HILUM_FIELD_PATIENT_ID) != 0 ||
        compare_fields(r, first, HILUM_FIELD_PATIENT_NAME) != 0 ||
        compare_fields(r, first, HILUM_FIELD_BIRTH_DATE) != 0)
      hilum_name_list_add(&names, "“%s”", hilum_record_name(r));
  }
  if (names.n == 0) return;
  g_autofree char *list = hilum_name_list_finish(&names);
  hilum_findings_add(s->findings, HILUM_VERDICT_REFUSED, "mixed-patients",
                     "The slices do not all belong to the same patient as “%s”: %s.",
                     hilum_record_name(first), list);
}

/* Reasons of single files, each reason once, with how many files share it. */
static void check_files(HilumSeries *s)
{
  g_autoptr(GArray) reasons = hilum_findings_new();
  for (guint i = 0; i < s->records->len; i++)
    hilum_record_check_pixels(g_ptr_array_index(s->records, i), reasons);
  g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < reasons->len; i++) {
    char *code = (char *)g_array_index(reasons, HilumFinding, i).code;
    g_hash_table_insert(counts, code,
                        GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(counts, code)) + 1));
  }
  for (guint i = 0; i < reasons->len; i++) {
    const HilumFinding *f = &g_array_index(reasons, HilumFinding, i);
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, f->code));
    if (n == 0) continue; /* said already */
    if (n == 1)
      hilum_findings_add(s->findings, f->verdict, f->code, "%s", f->message);
    else
      hilum_findings_add(s->findings, f->verdict, f->code, "%s The same holds for %u more of %u files.",
                         f->message, n - 1, s->records->len);
    g_hash_table_insert(counts, (char *)f->code, GUINT_TO_POINTER(0));
  }
}

static void warn_about_values(HilumSeries *s)
{
  const HilumRecord *first = g_ptr_array_index(s->records, 0);
  guint lossy = 0, inverted = 0, unscaled = 0, odd_unit = 0, oversized = 0, bad_uid = 0;
  for (guint i = 0; i < s->records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(s->records, i);
    const char *unit = hilum_record_text(r, HILUM_FIELD_RESCALE_TYPE);
    lossy += r->lossy;
    inverted += r->inverted;
    unscaled += !r->has_rescale;
    odd_unit += *unit && strcmp(unit, "HU") != 0;
    oversized += r->oversized_fields > 0;
    static const HilumField UIDS[] = {HILUM_FIELD_SOP_UID, HILUM_FIELD_SERIES_UID, HILUM_FIELD_STUDY_UID};
    for (size_t k = 0; k < G_N_ELEMENTS(UIDS); k++) {
      const char *uid = hilum_record_text(r, UIDS[k]);
      if (!*uid || strlen(uid) > 64 || strspn(uid, "0123456789.") != strlen(uid)) {
        bad_uid++;
        break;
      }
    }
  }
  const HilumVerdict warning = HILUM_VERDICT_WARNING;
  guint n = s->records->len;
  if (lossy)
    hilum_findings_add(s->findings, warning, "lossy-source", "%u of %u slices were compressed with loss.",
                       lossy, n);
  if (inverted)
    hilum_findings_add(s->findings, warning, "monochrome1",
                       "%u of %u slices count from white; their values were inverted.", inverted, n);
  if (hilum_record_is_ct(first) && unscaled)
    hilum_findings_add(s->findings, warning, "no-rescale",
                       "%u of %u slices do not say how their values become HU; they are not verified as HU.",
                       unscaled, n);
  if (hilum_record_is_ct(first) && odd_unit)
    hilum_findings_add(s->findings, warning, "rescale-type",
                       "The values of %u of %u slices are not given in HU.", odd_unit, n);
  if (oversized)
    hilum_findings_add(s->findings, warning, "oversized-attribute",
                       "%u of %u files hold attributes of absurd length, which were left out.", oversized, n);
  if (bad_uid)
    hilum_findings_add(s->findings, warning, "bad-uid",
                       "%u of %u files have identifiers that are missing or are no valid UIDs.", bad_uid, n);
}

static void check_value_map(HilumSeries *s)
{
  guint n = s->records->len;
  const HilumPixelFormat **formats = g_new(const HilumPixelFormat *, n);
  for (guint i = 0; i < n; i++)
    formats[i] = &((const HilumRecord *)g_ptr_array_index(s->records, i))->format;
  HilumValueMap map = hilum_value_map_plan(formats, NULL, n);
  g_free(formats);
  if (!map.exact)
    hilum_findings_add(
        s->findings, HILUM_VERDICT_WARNING, "rescale-varies",
        "The slices have different rescale slopes or intercepts without a common step; values may be "
        "rounded by up to %.3g.",
        map.error);
}

/* --- the description of a volume --- */

static void fill_window(HilumSeriesInfo *info, const HilumRecord *r)
{
  double center[1], width[1];
  bool given = hilum_parse_decimals(r->text[HILUM_FIELD_WINDOW_CENTER], center, 1) >= 1 &&
               hilum_parse_decimals(r->text[HILUM_FIELD_WINDOW_WIDTH], width, 1) >= 1;
  info->window_center = info->window_width = NAN;
  if (given && width[0] >= 1 && width[0] <= 65536 && fabs(center[0]) <= 65536) {
    info->window_center = center[0];
    info->window_width = width[0];
  }
}

static const char *first_text(const HilumRecord *r, HilumField a, HilumField b)
{
  const char *text = hilum_record_text(r, a);
  return *text ? text : hilum_record_text(r, b);
}

static void fill_info(HilumSeries *s)
{
  const HilumRecord *r = g_ptr_array_index(s->records, 0);
  HilumSeriesInfo *info = &s->info;
  info->patient_name = hilum_record_text(r, HILUM_FIELD_PATIENT_NAME);
  info->patient_id = hilum_record_text(r, HILUM_FIELD_PATIENT_ID);
  info->birth_date = hilum_record_text(r, HILUM_FIELD_BIRTH_DATE);
  info->sex = hilum_record_text(r, HILUM_FIELD_SEX);
  info->study_uid = hilum_record_text(r, HILUM_FIELD_STUDY_UID);
  info->study_date = hilum_record_text(r, HILUM_FIELD_STUDY_DATE);
  info->study_description = hilum_record_text(r, HILUM_FIELD_STUDY_DESCRIPTION);
  info->series_uid = hilum_record_text(r, HILUM_FIELD_SERIES_UID);
  info->series_description = hilum_record_text(r, HILUM_FIELD_SERIES_DESCRIPTION);
  info->series_date = first_text(r, HILUM_FIELD_SERIES_DATE, HILUM_FIELD_ACQUISITION_DATE);
  info->series_time = first_text(r, HILUM_FIELD_SERIES_TIME, HILUM_FIELD_ACQUISITION_TIME);
  info->modality = hilum_record_text(r, HILUM_FIELD_MODALITY);
  info->frame_of_reference_uid = hilum_record_text(r, HILUM_FIELD_FRAME_OF_REFERENCE);
  info->body_part = hilum_record_text(r, HILUM_FIELD_BODY_PART);
  info->laterality = first_text(r, HILUM_FIELD_IMAGE_LATERALITY, HILUM_FIELD_LATERALITY);
  info->patient_position = hilum_record_text(r, HILUM_FIELD_PATIENT_POSITION);
  info->transfer_syntax = r->syntax_uid;
  info->series_number = hilum_record_int(r, HILUM_FIELD_SERIES_NUMBER, -1);
  info->phase = hilum_phase_guess(r->text[HILUM_FIELD_SERIES_DESCRIPTION], r->text[HILUM_FIELD_PROTOCOL]);
  fill_window(info, r);
  info->n_files = s->records->len;
  const char **files = g_new(const char *, info->n_files), **uids = g_new(const char *, info->n_files);
  for (size_t i = 0; i < info->n_files; i++) {
    const HilumRecord *slice = g_ptr_array_index(s->records, i);
    files[i] = slice->path;
    uids[i] = hilum_record_text(slice, HILUM_FIELD_SOP_UID);
  }
  info->files = files;
  info->sop_uids = uids;
}

static HilumSeries *series_new(GPtrArray *records)
{
  HilumSeries *s = g_new0(HilumSeries, 1);
  s->records = g_ptr_array_ref(records);
  s->findings = hilum_findings_new();
  check_files(s);
  check_patients(s);
  /* A multi-frame file places its frames one by one: there is nothing to say about its stack yet. */
  if (((const HilumRecord *)g_ptr_array_index(records, 0))->frames == 1)
    hilum_slices_build_grid(records, &s->info.grid, s->findings);
  warn_about_values(s);
  check_value_map(s);
  fill_info(s);
  return s;
}

static int compare_series(const void *a, const void *b)
{
  const HilumSeries *x = *(HilumSeries *const *)a, *y = *(HilumSeries *const *)b;
  int order = strcmp(x->info.study_date, y->info.study_date);
  if (order == 0) order = strcmp(x->info.study_uid, y->info.study_uid);
  if (order == 0)
    order = (x->info.series_number > y->info.series_number) - (x->info.series_number < y->info.series_number);
  if (order == 0) order = strcmp(x->info.series_uid, y->info.series_uid);
  const HilumRecord *p = g_ptr_array_index(x->records, 0), *q = g_ptr_array_index(y->records, 0);
  int32_t i = hilum_record_int(p, HILUM_FIELD_ACQUISITION_NUMBER, 0);
  int32_t j = hilum_record_int(q, HILUM_FIELD_ACQUISITION_NUMBER, 0);
  if (order == 0) order = (i > j) - (i < j);
  if (order == 0) order = (p->position_mm.z > q->position_mm.z) - (p->position_mm.z < q->position_mm.z);
  return order ? order : g_strcmp0(p->path, q->path);
}

/* Volumes that share a series say so, and by what they are told apart. They follow each other here. */
static void note_siblings(GPtrArray *volumes, const GPtrArray *told_by)
{
  guint end;
  for (guint begin = 0; begin < volumes->len; begin = end) {
    const HilumSeries *first = g_ptr_array_index(volumes, begin);
    guint smallest = first->records->len;
    for (end = begin + 1; end < volumes->len; end++) {
      const HilumSeries *other = g_ptr_array_index(volumes, end);
      if (!same_series(g_ptr_array_index(first->records, 0), g_ptr_array_index(other->records, 0))) break;
      smallest = MIN(smallest, other->records->len);
    }
    for (guint i = begin; i < end && end - begin > 1; i++) {
      HilumSeries *s = g_ptr_array_index(volumes, i);
      const char *how = g_ptr_array_index(told_by, i);
      hilum_findings_add(
          s->findings, smallest == 1 ? HILUM_VERDICT_WARNING : HILUM_VERDICT_OK, "series-split",
          "The series holds %u volumes, told apart by %s; this one has %u of their slices.", end - begin,
          how ? how : "matrix, spacing, orientation, frame of reference or image type", s->records->len);
    }
  }
}

void hilum_series_refresh(HilumSeries *s)
{
  s->info.verdict = hilum_findings_verdict(s->findings);
  s->info.findings = (const HilumFinding *)(void *)s->findings->data;
  s->info.n_findings = s->findings->len;
}

static void finish(GPtrArray *volumes)
{
  for (guint i = 0; i < volumes->len; i++)
    hilum_series_refresh(g_ptr_array_index(volumes, i));
  if (volumes->len) qsort(volumes->pdata, volumes->len, sizeof *volumes->pdata, compare_series);
}

/* Slices that belong together so far, as arrays. */
static GPtrArray *group(const GPtrArray *records)
{
  g_autoptr(GPtrArray) sorted = g_ptr_array_new();
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add(sorted, g_ptr_array_index(records, i));
  if (sorted->len) qsort(sorted->pdata, sorted->len, sizeof *sorted->pdata, compare_for_grouping);
  GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  guint series_start = 0; /* groups of the series at hand */
  const HilumRecord *previous = NULL;
  for (guint i = 0; i < sorted->len; i++) {
    HilumRecord *r = g_ptr_array_index(sorted, i);
    if (previous && !same_series(previous, r)) series_start = groups->len;
    previous = r;
    GPtrArray *home = NULL;
    for (guint g = groups->len; g-- > series_start && !home;)
      if (same_volume(g_ptr_array_index((GPtrArray *)g_ptr_array_index(groups, g), 0), r))
        home = g_ptr_array_index(groups, g);
    if (!home) {
      home = g_ptr_array_new();
      g_ptr_array_add(groups, home);
    }
    g_ptr_array_add(home, r);
  }
  return groups;
}

GPtrArray *hilum_series_split(const GPtrArray *records)
{
  g_autoptr(GPtrArray) groups = group(records);
  GPtrArray *volumes = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_series_free);
  g_autoptr(GPtrArray) told_by = g_ptr_array_new();
  g_autoptr(GArray) stacks = g_array_new(FALSE, FALSE, sizeof(Stack));
  for (guint g = 0; g < groups->len; g++)
    resolve(g_ptr_array_index(groups, g), 0, NULL, stacks);
  for (guint i = 0; i < stacks->len; i++) {
    Stack *stack = &g_array_index(stacks, Stack, i);
    HilumSeries *s = series_new(stack->records);
    g_ptr_array_add(volumes, s);
    if (stack->dropped)
      hilum_findings_add(s->findings, HILUM_VERDICT_WARNING, "duplicate-slices",
                         "Files that repeat another slice exactly were left out: %s.", stack->dropped);
    g_free(stack->dropped);
    g_ptr_array_add(told_by, (gpointer)stack->told_by);
    g_ptr_array_unref(stack->records);
  }
  note_siblings(volumes, told_by);
  finish(volumes);
  return volumes;
}
