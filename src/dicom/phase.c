/* Contrast phases from what the scanner's staff wrote, and from the times of injection and acquisition
 * (English, French, German, Spanish and Italian words that are in use; a guess that the user can change). */
#include "series.h"

#include <math.h>
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

/* --- from times --- */

/* Seconds since midnight of a TM ("HHMM", "HHMMSS.FFF"), or since midnight of its day for a DT. */
static bool parse_time(const char *text, bool with_date, double *seconds)
{
  if (!text) return false;
  if (with_date) {
    if (strlen(text) < 12) return false;
    text += 8;
  }
  size_t digits = strspn(text, "0123456789");
  if (digits != 4 && digits != 6) return false;
  int v[3] = {0};
  for (size_t i = 0; i < digits; i++)
    v[i / 2] = v[i / 2] * 10 + (text[i] - '0');
  if (v[0] > 23 || v[1] > 59 || v[2] > 60) return false;
  double fraction = digits == 6 && text[6] == '.' ? g_ascii_strtod(text + 6, NULL) : 0;
  *seconds = v[0] * 3600 + v[1] * 60 + v[2] + (fraction >= 0 && fraction < 1 ? fraction : 0);
  return true;
}

/* Seconds from the start of the injection (CLINICAL: corticomedullary 25-70 s with arterial images from 10 s
 * on, nephrographic 80-120 s, excretory from 3 min); what lies between belongs to neither. */
const char *hilum_phase_from_delay(double seconds)
{
  if (seconds < 0) return NAMES[UNENHANCED];
  if (seconds >= 10 && seconds <= 70) return NAMES[ARTERIAL];
  if (seconds >= 80 && seconds <= 120) return NAMES[NEPHROGRAPHIC];
  if (seconds >= 180 && seconds <= 3600) return NAMES[EXCRETORY];
  return "";
}

static const char *guess_from_times(const HilumRecord *r)
{
  double start, acquired;
  if (!parse_time(r->text[HILUM_FIELD_CONTRAST_START], false, &start)) return "";
  if (!parse_time(r->text[HILUM_FIELD_ACQUISITION_TIME], false, &acquired) &&
      !parse_time(r->text[HILUM_FIELD_ACQUISITION_DATETIME], true, &acquired))
    return "";
  double delay = acquired - start;
  if (delay < -43200) delay += 86400; /* past midnight */
  return fabs(delay) > 7200 ? "" : hilum_phase_from_delay(delay);
}

/* Some scanners write in words that nothing was injected. An absent attribute says nothing. */
static bool names_no_agent(const char *agent)
{
  static const char *const NOTHING[] = {"none", "no",   "no contrast", "without",
                                        "ohne", "sans", "nativ",       "non"};
  g_autofree char *lower = g_utf8_strdown(agent, -1);
  g_strstrip(lower);
  for (size_t i = 0; i < G_N_ELEMENTS(NOTHING); i++)
    if (strcmp(lower, NOTHING[i]) == 0) return true;
  return false;
}

const char *hilum_phase_of(const HilumRecord *r)
{
  const char *phase =
      hilum_phase_guess(r->text[HILUM_FIELD_SERIES_DESCRIPTION], r->text[HILUM_FIELD_PROTOCOL]);
  if (!*phase) phase = guess_from_times(r);
  if (!*phase && names_no_agent(hilum_record_text(r, HILUM_FIELD_CONTRAST_AGENT))) phase = NAMES[UNENHANCED];
  return phase;
}
