/* Character sets with code extensions (ISO 2022 as PS3.5 6.1.2.5 restricts it): a small state machine of what
 * G0 and G1 hold; single characters go through iconv, which has the tables. */
#include "charset.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How many bytes a character of a set has, and how iconv is asked for it. */
typedef enum {
  CODE_ASCII,
  CODE_ROMAJI,   /* JIS X 0201, left half: ASCII with an overline for the tilde */
  CODE_KATAKANA, /* JIS X 0201, right half */
  CODE_SINGLE,   /* the right half of an ISO 8859 part, or Thai */
  CODE_DOUBLE,   /* 94 x 94 characters */
  CODE_NONE,
} CodeKind;

typedef struct {
  int number;     /* of ISO's registry, as the defined terms have it */
  char escape[4]; /* without ESC */
  bool in_g1;     /* else in G0 */
  CodeKind kind;
  const char *iconv;  /* the encoding that holds it in its right half */
  const char *prefix; /* byte that goes before the pair there */
} CodeSet;

static const CodeSet SETS[] = {
    {6, "(B", false, CODE_ASCII, NULL, ""},
    {13, "(J", false, CODE_ROMAJI, NULL, ""},
    {13, ")I", true, CODE_KATAKANA, NULL, ""},
    {87, "$B", false, CODE_DOUBLE, "EUC-JP", ""},
    {87, "$@", false, CODE_DOUBLE, "EUC-JP", ""}, /* its edition of 1978 */
    {159, "$(D", false, CODE_DOUBLE, "EUC-JP", "\x8F"},
    {149, "$)C", true, CODE_DOUBLE, "EUC-KR", ""},
    {58, "$)A", true, CODE_DOUBLE, "GB2312", ""},
    {100, "-A", true, CODE_SINGLE, "ISO-8859-1", ""},
    {101, "-B", true, CODE_SINGLE, "ISO-8859-2", ""},
    {109, "-C", true, CODE_SINGLE, "ISO-8859-3", ""},
    {110, "-D", true, CODE_SINGLE, "ISO-8859-4", ""},
    {144, "-L", true, CODE_SINGLE, "ISO-8859-5", ""},
    {127, "-G", true, CODE_SINGLE, "ISO-8859-6", ""},
    {126, "-F", true, CODE_SINGLE, "ISO-8859-7", ""},
    {138, "-H", true, CODE_SINGLE, "ISO-8859-8", ""},
    {148, "-M", true, CODE_SINGLE, "ISO-8859-9", ""},
    {166, "-T", true, CODE_SINGLE, "TIS-620", ""},
    {203, "-b", true, CODE_SINGLE, "ISO-8859-15", ""},
};
static const CodeSet NOTHING = {0, "", true, CODE_NONE, NULL, ""};

enum { TERM_UTF8 = 192, TERM_GBK = 936, TERM_GB18030 = 18030, TERM_UNKNOWN = -1, TERM_DEFAULT = 6 };
enum { ESCAPE = 0x1B };
static const char REPLACEMENT[] = "\xEF\xBF\xBD";

/* "ISO_IR 100", "ISO 2022 IR 100", "ISO-IR 100", "ISO 2022-IR 100", "ISO2022IR100": 100. */
static int term_number(const char *term)
{
  g_autofree char *text = g_ascii_strup(term, -1);
  g_strstrip(text);
  if (!*text) return TERM_DEFAULT;
  if (strstr(text, "GB18030")) return TERM_GB18030;
  if (strstr(text, "GBK")) return TERM_GBK;
  if (strstr(text, "UTF")) return TERM_UTF8;
  const char *ir = strstr(text, "IR");
  if (!ir) return TERM_UNKNOWN;
  ir += 2 + strspn(ir + 2, " _-");
  char *end = NULL;
  guint64 number = g_ascii_strtoull(ir, &end, 10);
  return end == ir || *end || number > 1000 ? TERM_UNKNOWN : (int)number;
}

typedef struct {
  GString *out;
  size_t bad; /* bytes that could not be read */
  const CodeSet *first_g0, *first_g1, *g0, *g1;
  GIConv converters[G_N_ELEMENTS(SETS)];
} Decoder;

static void put_bad(Decoder *d, size_t bytes)
{
  d->bad += bytes;
  g_string_append(d->out, REPLACEMENT);
}

/* One character of `n` bytes, all moved to the right half. */
static bool put_converted(Decoder *d, const CodeSet *set, const uint8_t *p, size_t n)
{
  GIConv *converter = &d->converters[set - SETS];
  if (*converter == (GIConv)-1) *converter = g_iconv_open("UTF-8", set->iconv);
  if (*converter == (GIConv)-1) return false;
  char from[4], to[16], *in = from, *out = to;
  size_t k = strlen(set->prefix), left = sizeof to;
  memcpy(from, set->prefix, k);
  for (size_t i = 0; i < n; i++)
    from[k++] = (char)(p[i] | 0x80);
  (void)g_iconv(*converter, NULL, NULL, NULL, NULL);
  if (g_iconv(*converter, &in, &k, &out, &left) == (size_t)-1 || k > 0) return false;
  g_string_append_len(d->out, to, (gssize)(sizeof to - left));
  return true;
}

/* Takes an escape sequence; returns its length, 0 if it is none that is known. */
static size_t take_escape(Decoder *d, const uint8_t *p, size_t n)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++) {
    size_t length = strlen(SETS[i].escape);
    if (n <= length || memcmp(p + 1, SETS[i].escape, length) != 0) continue;
    if (SETS[i].in_g1)
      d->g1 = &SETS[i];
    else
      d->g0 = &SETS[i];
    return length + 1;
  }
  return 0;
}

/* A character of the left or right half; returns its bytes. */
static size_t take_character(Decoder *d, const uint8_t *p, size_t n)
{
  const CodeSet *set = p[0] < 0x80 ? d->g0 : d->g1;
  if (set->kind == CODE_DOUBLE) {
    bool whole = n >= 2 && (p[1] & 0x80) == (p[0] & 0x80) && (p[1] & 0x7F) >= 0x21 && (p[1] & 0x7F) < 0x7F;
    if (whole && put_converted(d, set, p, 2)) return 2;
    put_bad(d, whole ? 2 : 1);
    return whole ? 2 : 1;
  }
  if (set->kind == CODE_ASCII || set->kind == CODE_ROMAJI)
    g_string_append(d->out, set->kind == CODE_ROMAJI && p[0] == '~' ? "\xE2\x80\xBE" : (char[2]){(char)p[0]});
  else if (set->kind == CODE_KATAKANA && p[0] >= 0xA1 && p[0] <= 0xDF)
    g_string_append_unichar(d->out, 0xFF61u + p[0] - 0xA1u);
  else if (set->kind != CODE_SINGLE || p[0] < 0xA0 || !put_converted(d, set, p, 1))
    put_bad(d, 1);
  return 1;
}

static void decode_extended(Decoder *d, const uint8_t *p, size_t n, const char *delimiters)
{
  d->g0 = d->first_g0;
  d->g1 = d->first_g1;
  while (n > 0) {
    size_t used = 1;
    if (p[0] == ESCAPE) {
      used = take_escape(d, p, n);
      if (used == 0) {
        put_bad(d, 1);
        used = 1;
      }
    } else if (p[0] <= 0x20 || p[0] == 0x7F || (d->g0->kind != CODE_DOUBLE && strchr(delimiters, p[0]))) {
      g_string_append_c(d->out, p[0] ? (char)p[0] : ' ');
      if (p[0] != 0x20) { /* a line's end or a delimiter */
        d->g0 = d->first_g0;
        d->g1 = d->first_g1;
      }
    } else
      used = take_character(d, p, n);
    p += used;
    n -= used;
  }
}

/* Sets that stand alone: GBK, GB18030. */
static void decode_whole(Decoder *d, const char *text, size_t n, const char *encoding)
{
  GIConv converter = g_iconv_open("UTF-8", encoding);
  char *in = (char *)text;
  while (n > 0) {
    char to[64], *out = to;
    size_t left = sizeof to;
    size_t result = converter == (GIConv)-1 ? (size_t)-1 : g_iconv(converter, &in, &n, &out, &left);
    g_string_append_len(d->out, to, (gssize)(sizeof to - left));
    if (result != (size_t)-1 || left < 8) continue; /* all, or as much as there was room for */
    put_bad(d, 1);
    in++;
    n--;
  }
  if (converter != (GIConv)-1) g_iconv_close(converter);
}

static const CodeSet *find_set(int number, bool in_g1)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++)
    if (SETS[i].number == number && SETS[i].in_g1 == in_g1) return &SETS[i];
  return NULL;
}

/* What holds before any escape sequence. Two-byte sets of G0 need theirs, those of G1 are often left without.
 */
static void begin(Decoder *d, int term)
{
  const CodeSet *g0 = find_set(term, false), *g1 = find_set(term, true);
  d->first_g0 = g0 && g0->kind != CODE_DOUBLE ? g0 : &SETS[0];
  d->first_g1 = g1 ? g1 : &NOTHING;
}

static bool is_ascii(const char *text, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if ((uint8_t)text[i] >= 0x80) return false;
  return true;
}

char *hilum_charset_to_utf8(const char *text, size_t n, const char *charset, const char *delimiters)
{
  g_auto(GStrv) terms = g_strsplit(charset ? charset : "", "\\", -1);
  int term = terms[0] ? term_number(terms[0]) : TERM_DEFAULT;
  Decoder d = {.out = g_string_new(NULL)};
  for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++)
    d.converters[i] = (GIConv)-1;
  bool is_utf8 = g_utf8_validate_len(text, n, NULL);
  if (term == TERM_GB18030 || term == TERM_GBK)
    decode_whole(&d, text, n, term == TERM_GBK ? "GBK" : "GB18030");
  else if (term == TERM_UTF8) {
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)n);
    g_string_append(d.out, valid);
  } else {
    begin(&d, term);
    decode_extended(&d, (const uint8_t *)text, n, delimiters);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++)
    if (d.converters[i] != (GIConv)-1) g_iconv_close(d.converters[i]);
  bool nothing_declared = term == TERM_DEFAULT && (!terms[0] || !terms[1]);
  if (d.bad && is_utf8 && !is_ascii(text, n)) {
    g_string_truncate(d.out, 0);
    g_string_append_len(d.out, text, (gssize)n);
  } else if (d.bad && nothing_declared && !memchr(text, ESCAPE, n)) {
    g_string_truncate(d.out, 0);
    for (size_t i = 0; i < n; i++)
      g_string_append_unichar(d.out, (uint8_t)text[i]);
  }
  return g_string_free(d.out, FALSE);
}
