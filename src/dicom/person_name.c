/* The groups of a person's name (PS3.5 6.2.1.1). */
#include "hilum/dicom/dicom.h"

char *hilum_person_name_dup_shown(const char *name)
{
  g_auto(GStrv) groups = g_strsplit(name ? name : "", "=", 3);
  for (size_t i = 0; groups[i]; i++) {
    /* Alphabetic, ideographic, phonetic: the first that says anything. */
    g_strdelimit(groups[i], "^=", ' ');
    g_auto(GStrv) words = g_strsplit(groups[i], " ", -1);
    GString *shown = g_string_new(NULL);
    for (size_t k = 0; words[k]; k++)
      if (*words[k]) g_string_append_printf(shown, "%s%s", shown->len ? " " : "", words[k]);
    if (shown->len) return g_string_free(shown, FALSE);
    g_string_free(shown, TRUE);
  }
  return g_strdup("");
}
