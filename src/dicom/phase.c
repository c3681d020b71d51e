/* Contrast phases from what the scanner's staff wrote (English, French, German, Spanish and Italian words
 * that are in use; a guess that the user can change). */
#include "series.h"

#include <string.h>

typedef enum { ARTERIAL, NEPHROGRAPHIC, EXCRETORY, UNENHANCED, N_PHASES } Phase;
static const char *const NAMES[N_PHASES] = {"arterial", "nephrographic", "excretory", "unenhanced"};

/* A word that must start (or, with whole, equal) a word of the text. */
static const struct {
  const char *word;
  bool whole;
  Phase phase;
} WORDS[] = {
    {"arter", false, ARTERIAL},          {"artér", false, ARTERIAL},       {"art", true, ARTERIAL},
    {"corticomed", false, ARTERIAL},     {"cta", true, ARTERIAL},          {"angio", false, ARTERIAL},
    {"nephrog", false, NEPHROGRAPHIC},   {"venous", false, NEPHROGRAPHIC}, {"portal", false, NEPHROGRAPHIC},
    {"parenchym", false, NEPHROGRAPHIC}, {"venös", false, NEPHROGRAPHIC},  {"veneux", false, NEPHROGRAPHIC},
    {"veineux", false, NEPHROGRAPHIC},   {"venos", false, NEPHROGRAPHIC},  {"tubul", false, NEPHROGRAPHIC},
    {"excret", false, EXCRETORY},        {"delay", false, EXCRETORY},      {"urogra", false, EXCRETORY},
    {"late", true, EXCRETORY},           {"pyelo", false, EXCRETORY},      {"tardi", false, EXCRETORY},
    {"spät", false, EXCRETORY},          {"unenh", false, UNENHANCED},     {"noncon", false, UNENHANCED},
    {"nativ", false, UNENHANCED},        {"precon", false, UNENHANCED},    {"plain", true, UNENHANCED},
    {"basal", false, UNENHANCED},        {"ncct", true, UNENHANCED},
};

/* Several words that mean "unenhanced" together; searched anywhere in the text. */
static const char *const PHRASES[] = {"non contrast",  "non-contrast",   "without contrast", "no contrast",
                                      "w/o contrast",  "sans injection", "sans iv",          "ohne km",
                                      "non enhanced",  "non-enhanced",   "pre contrast",     "pre-contrast",
                                      "sin contraste", "senza mdc"};

static bool has_word(const char *text, const char *word, bool whole)
{
  size_t n = strlen(word);
  for (const char *p = text; (p = strstr(p, word)) != NULL; p++) {
    gunichar before = p > text ? g_utf8_get_char(g_utf8_find_prev_char(text, p)) : ' ';
    gunichar after = g_utf8_get_char(p + n);
    if (!g_unichar_isalpha(before) && (!whole || !g_unichar_isalpha(after))) return true;
  }
  return false;
}

static const char *guess_from(const char *text)
{
  g_autofree char *lower = g_utf8_strdown(text, -1);
  bool found[N_PHASES] = {false};
  for (size_t i = 0; i < G_N_ELEMENTS(PHRASES); i++)
    if (strstr(lower, PHRASES[i])) found[UNENHANCED] = true;
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (has_word(lower, WORDS[i].word, WORDS[i].whole)) found[WORDS[i].phase] = true;
  int n = 0, which = 0;
  for (int i = 0; i < N_PHASES; i++)
    if (found[i]) {
      n++;
      which = i;
    }
  return n == 1 ? NAMES[which] : "";
}

const char *hilum_phase_guess(const char *description, const char *protocol)
{
  /* The protocol names the whole examination and so often several phases: it counts only where the series
   * says nothing. */
  const char *phase = description ? guess_from(description) : "";
  if (!*phase && protocol && (!description || !*description)) phase = guess_from(protocol);
  return phase;
}
