/* Text of DICOM's character sets as UTF-8 (PS3.5 section 6.1 and annexes H to K): Latin 1-5 and 9, Cyrillic,
 * Greek, Arabic, Hebrew, Thai, the Japanese, Korean and Chinese sets with their escape sequences, GBK,
 * GB18030 and UTF-8. Any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `n` bytes of text that Specific Character Set `charset` (values joined by "\\"; NULL or "" for none) says
 * how to read; names of sets are taken as they are written in the wild ("ISO-IR 100"). `delimiters`: the
 * characters after which the first set holds again, "\\^=" in names, "\\" elsewhere.
 *
 * Where the bytes do not fit: UTF-8 if they are that; else Latin 1 if nothing was declared; else what does
 * not fit becomes U+FFFD, never another letter. Always valid UTF-8. g_free(). */
char *hilum_charset_to_utf8(const char *text, size_t n, const char *charset, const char *delimiters);

G_END_DECLS
