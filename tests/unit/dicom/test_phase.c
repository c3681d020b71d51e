/* Contrast phases guessed from words. */
#include "series.h"

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

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/phase/words", test_words);
  return g_test_run();
}
