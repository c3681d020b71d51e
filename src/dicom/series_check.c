/* What is wrong or unusual about the files of one volume, its geometry aside. */
#include "series.h"

#include <string.h>

#define TABLE_LIMIT_DEGREES 0.5

static int compare_fields(const HilumRecord *a, const HilumRecord *b, HilumField field)
{
  return strcmp(hilum_record_text(a, field), hilum_record_text(b, field));
}

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
void hilum_series_check_files(HilumSeries *s)
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
  check_patients(s);
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

/* Kidneys move with the patient: what was planned supine is not where it is prone. */
static void warn_about_position(HilumSeries *s)
{
  static const char *const USUAL[] = {"", "HFS", "FFS"}; /* on the back, either way into the scanner */
  HilumNameList mixed = {0};
  const HilumRecord *first = g_ptr_array_index(s->records, 0);
  const char *position = hilum_record_text(first, HILUM_FIELD_PATIENT_POSITION);
  bool usual = false;
  for (size_t i = 0; i < G_N_ELEMENTS(USUAL); i++)
    usual |= strcmp(position, USUAL[i]) == 0;
  if (!usual)
    hilum_findings_add(
        s->findings, HILUM_VERDICT_WARNING, "patient-position",
        "The patient lies unusually (%s, “%s”): organs may lie elsewhere than in other series.", position,
        hilum_record_name(first));
  double widest = 0;
  for (guint i = 0; i < s->records->len; i++) {
    const HilumRecord *r = g_ptr_array_index(s->records, i);
    if (compare_fields(r, first, HILUM_FIELD_PATIENT_POSITION) != 0)
      hilum_name_list_add(&mixed, "“%s”", hilum_record_name(r));
    double angle[1];
    if (hilum_parse_decimals(r->text[HILUM_FIELD_TABLE_ANGLE], angle, 1) == 1)
      widest = fabs(angle[0]) > fabs(widest) ? angle[0] : widest;
  }
  bool several = mixed.n > 0;
  g_autofree char *names = hilum_name_list_finish(&mixed);
  if (several)
    hilum_findings_add(s->findings, HILUM_VERDICT_WARNING, "patient-position",
                       "The slices give different positions of the patient than “%s”: %s.",
                       hilum_record_name(first), names);
  if (fabs(widest) > TABLE_LIMIT_DEGREES)
    hilum_findings_add(s->findings, HILUM_VERDICT_WARNING, "table-angle",
                       "The table was tilted by %.1f degrees.", widest);
}

/* The third value of Image Type, and those after it, say what was made of the measured slices. */
static void warn_about_derivation(HilumSeries *s)
{
  const HilumRecord *first = g_ptr_array_index(s->records, 0);
  g_auto(GStrv) types = g_strsplit(hilum_record_text(first, HILUM_FIELD_IMAGE_TYPE), "\\", -1);
  static const char *const PROJECTIONS[] = {"MIP", "MAX_IP",        "MINIP", "MIN_IP", "PROJECTION IMAGE",
                                            "VRT", "VOLUME_RENDER", NULL};
  static const char *const REFORMATS[] = {"MPR", "CSA MPR", "REFORMATTED", "AVERAGE", NULL};
  const char *projection = NULL, *reformat = NULL;
  for (guint i = 0; types[i]; i++) {
    g_strstrip(types[i]);
    if (!projection && g_strv_contains(PROJECTIONS, types[i])) projection = types[i];
    if (!reformat && g_strv_contains(REFORMATS, types[i])) reformat = types[i];
  }
  if (projection)
    hilum_findings_add(
        s->findings, HILUM_VERDICT_WARNING, "derived-projection",
        "The images are projections (%s): each shows more than its own slice, and volumes measured "
        "in them are too large.",
        projection);
  if (reformat)
    hilum_findings_add(s->findings, HILUM_VERDICT_OK, "derived-reformat",
                       "The images were computed from others (%s).", reformat);
}

void hilum_series_check(HilumSeries *s)
{
  warn_about_values(s);
  check_value_map(s);
  warn_about_position(s);
  warn_about_derivation(s);
}
