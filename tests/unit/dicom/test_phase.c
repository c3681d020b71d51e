/* Contrast phases guessed from words and times. */
#include "series.h"
#include "slices.h"

static void test_words(void)
{
  static const struct {
    const char *description, *protocol, *phase;
  } CASES[] = {
      {"ABD ARTERIAL 1.0", NULL, "arterial"},
      {"Art. Phase 1mm", NULL, "arterial"},
      {"Corticomedullary", NULL, "arterial"},
      {"NEPHROGRAPHIC 1.0 B30f", NULL, "nephrographic"},
      {"Portal venous", NULL, "nephrographic"},
      {"Delayed 10 min", NULL, "excretory"},
      {"phase tardive", NULL, "excretory"},
      {"NON-CONTRAST abdomen", NULL, "unenhanced"},
      {"without contrast", NULL, "unenhanced"},
      {"Nativ 3.0", NULL, "unenhanced"},
      {"Arterial and venous", NULL, ""}, /* contradicts itself */
      {"Heart", NULL, ""},               /* "art" inside a word is no artery */
      {"Cartesian", NULL, ""},
      {"", "ARTERIAL KIDNEY", "arterial"},
      {NULL, "Kidney excretory", "excretory"},
      {"1.0 B30f", "ARTERIAL KIDNEY", ""}, /* the protocol covers several series */
      {NULL, NULL, ""},
      {"\xC3\xA9tage art\xC3\xA9riel", NULL, "arterial"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    g_assert_cmpstr(hilum_phase_guess(CASES[i].description, CASES[i].protocol), ==, CASES[i].phase);
}

/* Times speak where words do not; the start of the injection is a fact, its absence is none. */
static void test_times(void)
{
  static const struct {
    const char *start, *acquired, *description, *agent, *phase;
  } CASES[] = {
      {"101500", "101535.5", NULL, NULL, "arterial"},
      {"101500", "101640", NULL, NULL, "nephrographic"},
      {"101500", "102100", NULL, NULL, "excretory"},
      {"101500", "101400", NULL, NULL, "unenhanced"},
      {"101500", "101615", NULL, NULL, ""}, /* 75 s: between two phases */
      {"101500", "101730", NULL, NULL, ""}, /* 150 s */
      {"101500", "151500", NULL, NULL, ""}, /* hours later: another examination */
      {"235950", "000020", NULL, NULL, "arterial"},
      {"1015", "101535", NULL, NULL, "arterial"},
      {"10:15:00", "101535", NULL, NULL, ""},
      {"101500", "101535", "portal venous", NULL, "nephrographic"}, /* words win */
      {NULL, "101535", NULL, "NONE", "unenhanced"},
      {NULL, "101535", NULL, "Iomeprol", ""},
      {NULL, "101535", NULL, NULL, ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(HilumRecord) r = slice_new("IM", hilum_vec3(0, 0, 0), hilum_vec3(1, 0, 0), hilum_vec3(0, 1, 0));
    slice_set(r, HILUM_FIELD_CONTRAST_START, CASES[i].start);
    slice_set(r, HILUM_FIELD_ACQUISITION_TIME, CASES[i].acquired);
    slice_set(r, HILUM_FIELD_SERIES_DESCRIPTION, CASES[i].description);
    slice_set(r, HILUM_FIELD_CONTRAST_AGENT, CASES[i].agent);
    g_assert_cmpstr(hilum_phase_of(r), ==, CASES[i].phase);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/phase/words", test_words);
  g_test_add_func("/dicom/phase/times", test_times);
  return g_test_run();
}
