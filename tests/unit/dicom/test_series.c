/* Splitting a heap of slices into volumes. */
#include "series.h"
#include "slices.h"

static GPtrArray *split(GPtrArray *slices)
{
  return hilum_series_split(slices);
}

static const HilumSeriesInfo *volume(GPtrArray *volumes, guint i)
{
  return &((HilumSeries *)g_ptr_array_index(volumes, i))->info;
}

static bool has_finding(const HilumSeriesInfo *info, const char *code)
{
  return finding_with_code(info->findings, info->n_findings, code) != NULL;
}

static void stack(GPtrArray *slices, int n, double z0, HilumField field, const char *value)
{
  for (int i = 0; i < n; i++) {
    HilumRecord *r = slice_axial(slices, z0 + i * 2);
    if (value) slice_set(r, field, value);
  }
}

static void test_one(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 10, 0, HILUM_FIELD_CHARSET, NULL);
  g_autoptr(GPtrArray) volumes = split(slices);
  g_assert_cmpuint(volumes->len, ==, 1);
  g_assert_cmpint(volume(volumes, 0)->verdict, ==, HILUM_VERDICT_OK);
  g_assert_cmpuint(volume(volumes, 0)->n_files, ==, 10);
  g_assert_cmpstr(volume(volumes, 0)->files[9], ==, "/somewhere/IM009");
}

/* Each of these makes a volume of its own. */
static void test_keys(void)
{
  static const struct {
    HilumField field;
    const char *value;
  } KEYS[] = {{HILUM_FIELD_STUDY_UID, "9.9"},
              {HILUM_FIELD_SERIES_UID, "9.9"},
              {HILUM_FIELD_FRAME_OF_REFERENCE, "9.9"},
              {HILUM_FIELD_IMAGE_TYPE, "DERIVED\\SECONDARY\\MPR"},
              {HILUM_FIELD_MODALITY, "PT"},
              {HILUM_FIELD_TEMPORAL_POSITION, "2"},
              {HILUM_FIELD_ACQUISITION_NUMBER, "2"},
              {HILUM_FIELD_ECHO_NUMBER, "2"},
              {HILUM_FIELD_B_VALUE, "800"},
              {HILUM_FIELD_KERNEL, "B60"},
              {HILUM_FIELD_CONTENT_TIME, "101500"},
              {HILUM_FIELD_TRIGGER_TIME, "400"}};
  for (size_t k = 0; k < G_N_ELEMENTS(KEYS); k++) {
    g_autoptr(GPtrArray) slices = slices_new();
    stack(slices, 5, 0, HILUM_FIELD_CHARSET, NULL);
    stack(slices, 5, 0, KEYS[k].field, KEYS[k].value);
    g_autoptr(GPtrArray) volumes = split(slices);
    g_assert_cmpuint(volumes->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
      g_assert_cmpuint(volume(volumes, i)->n_files, ==, 5);
      g_assert_cmpint(volume(volumes, i)->verdict, ==, HILUM_VERDICT_OK);
    }
  }
}

static void test_sizes(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 5, 0, HILUM_FIELD_CHARSET, NULL);
  ((HilumRecord *)g_ptr_array_index(slices, 4))->rows = 8;
  ((HilumRecord *)g_ptr_array_index(slices, 4))->pixel_length = 2 * 8 * 6;
  g_autoptr(GPtrArray) volumes = split(slices);
  g_assert_cmpuint(volumes->len, ==, 2);
  /* The end slice is gone from the volume, and the volume says so. */
  const HilumSeriesInfo *large = volume(volumes, volume(volumes, 0)->n_files == 4 ? 0 : 1);
  const HilumSeriesInfo *small = volume(volumes, volume(volumes, 0)->n_files == 4 ? 1 : 0);
  g_assert_cmpint(large->verdict, ==, HILUM_VERDICT_WARNING);
  g_assert_true(has_finding(large, "series-split"));
  g_assert_true(has_finding(small, "single-slice"));
}

/* Two acquisitions end to end with a gap are two volumes; a helical scan that counts acquisitions is one. */
static void test_acquisitions(void)
{
  g_autoptr(GPtrArray) apart = slices_new();
  stack(apart, 5, 0, HILUM_FIELD_ACQUISITION_NUMBER, "1");
  stack(apart, 5, 100.7, HILUM_FIELD_ACQUISITION_NUMBER, "2");
  g_autoptr(GPtrArray) two = split(apart);
  g_assert_cmpuint(two->len, ==, 2);
  g_assert_cmpint(volume(two, 0)->verdict, ==, HILUM_VERDICT_OK);
  g_autoptr(GPtrArray) joined = slices_new();
  stack(joined, 5, 0, HILUM_FIELD_ACQUISITION_NUMBER, "1");
  stack(joined, 5, 10, HILUM_FIELD_ACQUISITION_NUMBER, "2");
  g_autoptr(GPtrArray) one = split(joined);
  g_assert_cmpuint(one->len, ==, 1);
  g_assert_cmpuint(volume(one, 0)->n_files, ==, 10);
}

/* Acquisitions that follow each other closely may be one volume that lacks slices: it says so. Stacks that
 * run through each other are two. */
static void test_acquisition_borders(void)
{
  g_autoptr(GPtrArray) near = slices_new();
  stack(near, 5, 0, HILUM_FIELD_ACQUISITION_NUMBER, "1");
  stack(near, 5, 12, HILUM_FIELD_ACQUISITION_NUMBER, "2");
  g_autoptr(GPtrArray) one = split(near);
  g_assert_cmpuint(one->len, ==, 1);
  g_assert_true(has_finding(volume(one, 0), "missing-slices"));
  g_autoptr(GPtrArray) woven = slices_new();
  stack(woven, 5, 0, HILUM_FIELD_CONTRAST_AGENT, NULL);
  stack(woven, 5, 0.7, HILUM_FIELD_CONTRAST_AGENT, "agent");
  g_autoptr(GPtrArray) two = split(woven);
  g_assert_cmpuint(two->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint(volume(two, i)->verdict, ==, HILUM_VERDICT_OK);
    g_assert_cmpuint(volume(two, i)->n_files, ==, 5);
  }
}

/* Two phases of two acquisitions each are two volumes, whether something else tells the phases apart or not.
 */
static void test_acquisitions_within_phases(void)
{
  static const HilumField KEYS[] = {HILUM_FIELD_CONTRAST_AGENT, HILUM_FIELD_CHARSET};
  for (size_t k = 0; k < G_N_ELEMENTS(KEYS); k++) {
    g_autoptr(GPtrArray) slices = slices_new();
    static const char *const NUMBERS[] = {"1", "2", "3", "4"};
    for (guint part = 0; part < 4; part++) {
      guint begin = slices->len;
      stack(slices, 5, part % 2 * 10, HILUM_FIELD_ACQUISITION_NUMBER, NUMBERS[part]);
      for (guint i = begin; i < slices->len; i++)
        slice_set(g_ptr_array_index(slices, i), KEYS[k], part < 2 ? "a" : "b");
    }
    g_autoptr(GPtrArray) volumes = split(slices);
    g_assert_cmpuint(volumes->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
      g_assert_cmpuint(volume(volumes, i)->n_files, ==, 10);
      g_assert_cmpint(volume(volumes, i)->verdict, ==, HILUM_VERDICT_OK);
    }
  }
}

static void test_gaps_accepted(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 5, 0, HILUM_FIELD_CHARSET, NULL);
  stack(slices, 5, 14, HILUM_FIELD_CHARSET, NULL);
  g_autoptr(GPtrArray) volumes = split(slices);
  const HilumSeriesInfo *info = volume(volumes, 0);
  g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_REFUSED);
  g_assert_null(hilum_findings_mark_estimate(info->findings, info->n_findings));
  g_assert_true(hilum_series_accept_gaps(g_ptr_array_index(volumes, 0)));
  g_assert_cmpint(info->verdict, ==, HILUM_VERDICT_WARNING);
  g_assert_false(has_finding(info, "missing-slices"));
  g_assert_cmpint(info->grid.dims[2], ==, 12);
  g_assert_cmpfloat(fabs(info->grid.spacing_mm[2] - 2), <, 1e-9);
  const char *why = hilum_findings_mark_estimate(info->findings, info->n_findings);
  g_assert_nonnull(why);
  g_assert_nonnull(strstr(why, "2 missing slices were made up"));
  g_assert_true(hilum_series_accept_gaps(g_ptr_array_index(volumes, 0))); /* again: nothing to do */
  /* Other reasons to refuse it stay. */
  g_autoptr(GPtrArray) worse = slices_new();
  stack(worse, 5, 0, HILUM_FIELD_CHARSET, NULL);
  stack(worse, 5, 14, HILUM_FIELD_CHARSET, NULL);
  slice_set(g_ptr_array_index(worse, 3), HILUM_FIELD_PATIENT_ID, "OTHER");
  g_autoptr(GPtrArray) mixed = split(worse);
  g_assert_false(hilum_series_accept_gaps(g_ptr_array_index(mixed, 0)));
  g_assert_cmpint(volume(mixed, 0)->verdict, ==, HILUM_VERDICT_REFUSED);
  g_assert_true(has_finding(volume(mixed, 0), "missing-slices"));
}

/* A time on every slice must not tear a volume with a gap, or with repeats, into pairs. */
static void test_ambiguous(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 6, 0, HILUM_FIELD_CHARSET, NULL);
  stack(slices, 6, 0, HILUM_FIELD_CHARSET, NULL);
  for (guint i = 0; i < slices->len; i++) {
    g_autofree char *time = g_strdup_printf("1200%02u", i);
    slice_set(g_ptr_array_index(slices, i), HILUM_FIELD_CONTENT_TIME, time);
  }
  g_autoptr(GPtrArray) volumes = split(slices);
  g_assert_cmpuint(volumes->len, ==, 1);
  g_assert_cmpint(volume(volumes, 0)->verdict, ==, HILUM_VERDICT_REFUSED);
  g_assert_true(has_finding(volume(volumes, 0), "duplicate-positions"));
}

static void test_patients(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 5, 0, HILUM_FIELD_CHARSET, NULL);
  slice_set(g_ptr_array_index(slices, 2), HILUM_FIELD_PATIENT_ID, "OTHER^SECRET");
  g_autoptr(GPtrArray) volumes = split(slices);
  g_assert_cmpuint(volumes->len, ==, 1);
  const HilumFinding *f =
      finding_with_code(volume(volumes, 0)->findings, volume(volumes, 0)->n_findings, "mixed-patients");
  g_assert_nonnull(f);
  g_assert_cmpint(f->verdict, ==, HILUM_VERDICT_REFUSED);
  g_assert_null(strstr(f->message, "SECRET")); /* no patient data in messages */
}

typedef void (*Damage)(HilumRecord *r);
static void damage_syntax(HilumRecord *r)
{
  r->syntax = hilum_syntax_find("1.2.840.10008.1.2.4.100");
}
static void damage_samples(HilumRecord *r)
{
  r->samples = 3;
}
static void damage_length(HilumRecord *r)
{
  r->pixel_length -= 2;
}
static void damage_truncated(HilumRecord *r)
{
  r->pixels_truncated = true;
}
static void damage_pixels(HilumRecord *r)
{
  r->has_pixels = false;
}
static void damage_allocated(HilumRecord *r)
{
  r->format.bits_allocated = 32;
}
static void damage_high_bit(HilumRecord *r)
{
  r->format.high_bit = 16;
}
static void damage_stored(HilumRecord *r)
{
  r->format.bits_stored = 0;
}
static void damage_rescale(HilumRecord *r)
{
  r->bad_rescale = true;
}
static void damage_lut(HilumRecord *r)
{
  r->has_modality_lut = true;
}

static void test_pixel_defects(void)
{
  static const struct {
    Damage damage;
    const char *code;
  } CASES[] = {{damage_syntax, "unsupported-syntax"},
               {damage_length, "pixel-length"},
               {damage_truncated, "pixel-length"},
               {damage_pixels, "no-pixels"},
               {damage_allocated, "unsupported-bits"},
               {damage_high_bit, "bad-bits"},
               {damage_stored, "bad-bits"},
               {damage_rescale, "bad-rescale"},
               {damage_lut, "modality-lut"}};
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_autoptr(GPtrArray) slices = slices_new();
    stack(slices, 5, 0, HILUM_FIELD_CHARSET, NULL);
    CASES[c].damage(g_ptr_array_index(slices, 3));
    g_autoptr(GPtrArray) volumes = split(slices);
    g_assert_cmpuint(volumes->len, ==, 1);
    const HilumFinding *f =
        finding_with_code(volume(volumes, 0)->findings, volume(volumes, 0)->n_findings, CASES[c].code);
    g_assert_nonnull(f);
    g_assert_nonnull(strstr(f->message, "“IM003”"));
    g_assert_cmpint(volume(volumes, 0)->verdict, ==, HILUM_VERDICT_REFUSED);
  }
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 5, 0, HILUM_FIELD_CHARSET, NULL);
  for (guint i = 0; i < 5; i++)
    damage_samples(g_ptr_array_index(slices, i));
  g_autoptr(GPtrArray) volumes = split(slices);
  g_assert_true(has_finding(volume(volumes, 0), "colour"));
}

static void reparse(GPtrArray *slices, HilumField field, const char *value)
{
  for (guint i = 0; i < slices->len; i++) {
    HilumRecord *r = g_ptr_array_index(slices, i);
    slice_set(r, field, value);
    HilumVec3 p = r->position_mm;
    hilum_record_parse(r);
    r->position_mm = p;
  }
}

static void test_warnings(void)
{
  static const struct {
    HilumField field;
    const char *value, *code;
  } CASES[] = {{HILUM_FIELD_LOSSY, "01", "lossy-source"},
               {HILUM_FIELD_PHOTOMETRIC, "MONOCHROME1", "monochrome1"},
               {HILUM_FIELD_RESCALE_TYPE, "US", "rescale-type"},
               {HILUM_FIELD_PATIENT_POSITION, "HFP", "patient-position"},
               {HILUM_FIELD_TABLE_ANGLE, "-12.5", "table-angle"},
               {HILUM_FIELD_IMAGE_TYPE, "DERIVED\\SECONDARY\\MIP", "derived-projection"},
               {HILUM_FIELD_SOP_UID, "../../etc/passwd", "bad-uid"}};
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_autoptr(GPtrArray) slices = slices_new();
    stack(slices, 4, 0, HILUM_FIELD_CHARSET, NULL);
    reparse(slices, CASES[c].field, CASES[c].value);
    g_autoptr(GPtrArray) volumes = split(slices);
    g_assert_cmpuint(volumes->len, ==, 1);
    g_assert_cmpint(volume(volumes, 0)->verdict, ==, HILUM_VERDICT_WARNING);
    g_assert_true(has_finding(volume(volumes, 0), CASES[c].code));
  }
}

static void test_window(void)
{
  static const struct {
    const char *center, *width;
    double expected;
  } CASES[] = {{"0", "0", NAN},
               {"40\\300", "400\\2000", 400},
               {"nan", "400", NAN},
               {NULL, NULL, NAN},
               {"40", "-5", NAN}};
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_autoptr(GPtrArray) slices = slices_new();
    stack(slices, 4, 0, HILUM_FIELD_CHARSET, NULL);
    reparse(slices, HILUM_FIELD_WINDOW_CENTER, CASES[c].center);
    reparse(slices, HILUM_FIELD_WINDOW_WIDTH, CASES[c].width);
    g_autoptr(GPtrArray) volumes = split(slices);
    double width = volume(volumes, 0)->window_width;
    g_assert_true(isnan(CASES[c].expected) ? isnan(width) : width == CASES[c].expected);
  }
}

/* The order of the files does not matter. */
static void test_order(void)
{
  g_autoptr(GPtrArray) slices = slices_new();
  stack(slices, 7, 0, HILUM_FIELD_ACQUISITION_NUMBER, "1");
  stack(slices, 7, 0, HILUM_FIELD_ACQUISITION_NUMBER, "2");
  stack(slices, 3, 50, HILUM_FIELD_SERIES_UID, "1.2.99");
  g_autoptr(GPtrArray) first = split(slices);
  for (guint i = 0; i < slices->len; i++) {
    guint j = (i * 7919 + 3) % slices->len;
    gpointer t = g_ptr_array_index(slices, i);
    g_ptr_array_index(slices, i) = g_ptr_array_index(slices, j);
    g_ptr_array_index(slices, j) = t;
  }
  g_autoptr(GPtrArray) second = split(slices);
  g_assert_cmpuint(first->len, ==, 3);
  g_assert_cmpuint(second->len, ==, 3);
  for (guint v = 0; v < 3; v++) {
    g_assert_cmpuint(volume(first, v)->n_files, ==, volume(second, v)->n_files);
    for (size_t i = 0; i < volume(first, v)->n_files; i++)
      g_assert_cmpstr(volume(first, v)->files[i], ==, volume(second, v)->files[i]);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/series/one", test_one);
  g_test_add_func("/dicom/series/keys", test_keys);
  g_test_add_func("/dicom/series/sizes", test_sizes);
  g_test_add_func("/dicom/series/acquisitions", test_acquisitions);
  g_test_add_func("/dicom/series/acquisition-borders", test_acquisition_borders);
  g_test_add_func("/dicom/series/acquisitions-within-phases", test_acquisitions_within_phases);
  g_test_add_func("/dicom/series/gaps-accepted", test_gaps_accepted);
  g_test_add_func("/dicom/series/ambiguous", test_ambiguous);
  g_test_add_func("/dicom/series/patients", test_patients);
  g_test_add_func("/dicom/series/pixel-defects", test_pixel_defects);
  g_test_add_func("/dicom/series/warnings", test_warnings);
  g_test_add_func("/dicom/series/window", test_window);
  g_test_add_func("/dicom/series/order", test_order);
  return g_test_run();
}
