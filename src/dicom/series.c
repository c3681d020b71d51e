/* Splitting a heap of slices into volumes. Two slices belong together if they share study, series, matrix,
 * spacing, orientation, frame of reference and image type. Where positions then repeat, or steps are uneven,
 * the attributes that tell phases, echoes and time points apart are tried in turn; a split counts only if it
 * leaves proper stacks. Nothing is told apart by guessing: what stays ambiguous is refused. */
#include "series.h"

#include "split.h"

#include <stdlib.h>
#include <string.h>

#define DIRECTION_TOLERANCE 1e-4
#define SPACING_TOLERANCE_MM 1e-4

void hilum_series_free(HilumSeries *series)
{
  if (!series) return;
  g_free((void *)series->info.files);
  g_free((void *)series->info.sop_uids);
  hilum_stack_plan_clear(&series->plan);
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
  if (order == 0) order = g_strcmp0(x->path, y->path);
  return order ? order : (x->frame_number > y->frame_number) - (x->frame_number < y->frame_number);
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
  info->phase = hilum_phase_of(r);
  for (guint i = 0; i < s->records->len; i++)
    info->has_padding |= ((const HilumRecord *)g_ptr_array_index(s->records, i))->format.has_padding;
  info->has_padding |= s->plan.sheared;
  fill_window(info, r);
  info->n_files = s->records->len;
  const char **files = g_new(const char *, info->n_files), **uids = g_new(const char *, info->n_files);
  for (size_t i = 0; i < info->n_files; i++) {
    const HilumRecord *slice = g_ptr_array_index(s->records, i);
    files[i] = slice->path;
    uids[i] = hilum_record_image_id(slice);
  }
  info->files = files;
  info->sop_uids = uids;
}

static const HilumFinding *finding_with_code(const HilumSeries *s, const char *code)
{
  for (guint i = 0; i < s->findings->len; i++)
    if (g_str_equal(g_array_index(s->findings, HilumFinding, i).code, code))
      return &g_array_index(s->findings, HilumFinding, i);
  return NULL;
}

static HilumSeries *series_new(GPtrArray *records)
{
  HilumSeries *s = g_new0(HilumSeries, 1);
  s->records = g_ptr_array_ref(records);
  s->findings = hilum_findings_new();
  hilum_series_check_files(s);
  /* A multi-frame file places its frames one by one: there is nothing to say about its stack yet. */
  if (((const HilumRecord *)g_ptr_array_index(records, 0))->frames == 1)
    hilum_slices_plan(records, false, &s->info.grid, &s->plan, s->findings);
  hilum_series_check(s);
  fill_info(s);
  return s;
}

static void drop_geometry_findings(HilumSeries *s, const GArray *of_geometry)
{
  for (guint i = 0; i < of_geometry->len; i++) {
    const HilumFinding *old = &g_array_index(of_geometry, HilumFinding, i);
    for (guint k = s->findings->len; k-- > 0;) {
      const HilumFinding *f = &g_array_index(s->findings, HilumFinding, k);
      if (f->code == old->code && strcmp(f->message, old->message) == 0) g_array_remove_index(s->findings, k);
    }
  }
}

bool hilum_series_accept_gaps(HilumSeries *s)
{
  if (!finding_with_code(s, "missing-slices")) return s->info.verdict != HILUM_VERDICT_REFUSED;
  g_autoptr(GArray) before = hilum_findings_new(), after = hilum_findings_new();
  HilumGrid grid;
  HilumStackPlan plan;
  hilum_slices_plan(s->records, false, &grid, &plan, before);
  hilum_stack_plan_clear(&plan);
  hilum_slices_plan(s->records, true, &grid, &plan, after);
  bool bridged = hilum_findings_verdict(after) != HILUM_VERDICT_REFUSED;
  for (guint i = 0; i < s->findings->len && bridged; i++) {
    const HilumFinding *f = &g_array_index(s->findings, HilumFinding, i);
    bridged = f->verdict != HILUM_VERDICT_REFUSED || g_str_equal(f->code, "missing-slices");
  }
  if (!bridged) {
    hilum_stack_plan_clear(&plan);
    return false;
  }
  drop_geometry_findings(s, before);
  for (guint i = 0; i < after->len; i++) {
    const HilumFinding *f = &g_array_index(after, HilumFinding, i);
    hilum_findings_add(s->findings, f->verdict, f->code, "%s", f->message);
  }
  hilum_stack_plan_clear(&s->plan);
  s->plan = plan;
  s->info.grid = grid;
  s->info.has_padding |= plan.sheared;
  hilum_series_refresh(s);
  return true;
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
  if (order == 0) order = g_strcmp0(p->path, q->path);
  return order ? order : (p->frame_number > q->frame_number) - (p->frame_number < q->frame_number);
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

static void warn_duplicates(HilumSeries *s, const char *names)
{
  if (names)
    hilum_findings_add(s->findings, HILUM_VERDICT_WARNING, "duplicate-slices",
                       "Files that repeat another slice exactly were left out: %s.", names);
}

GPtrArray *hilum_series_split(const GPtrArray *records)
{
  g_autoptr(GPtrArray) groups = group(records);
  GPtrArray *volumes = g_ptr_array_new_with_free_func((GDestroyNotify)hilum_series_free);
  g_autoptr(GPtrArray) told_by = g_ptr_array_new();
  g_autoptr(GArray) stacks = g_array_new(FALSE, FALSE, sizeof(HilumStack));
  for (guint g = 0; g < groups->len; g++) {
    GPtrArray *members = g_ptr_array_index(groups, g);
    hilum_slices_sort(members);
    g_autofree char *copies = hilum_slices_drop_duplicates(members, true);
    guint first = stacks->len;
    hilum_stacks_resolve(members, 0, NULL, stacks);
    for (guint i = first; i < stacks->len; i++)
      g_array_index(stacks, HilumStack, i).copies = g_strdup(copies);
  }
  for (guint i = 0; i < stacks->len; i++) {
    HilumStack *stack = &g_array_index(stacks, HilumStack, i);
    HilumSeries *s = series_new(stack->records);
    g_ptr_array_add(volumes, s);
    warn_duplicates(s, stack->copies);
    warn_duplicates(s, stack->dropped);
    g_free(stack->copies);
    g_free(stack->dropped);
    g_ptr_array_add(told_by, (gpointer)stack->told_by);
    g_ptr_array_unref(stack->records);
  }
  note_siblings(volumes, told_by);
  finish(volumes);
  return volumes;
}
