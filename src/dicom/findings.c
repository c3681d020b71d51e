/* Lists of findings. */
#include "findings.h"

#include <string.h>

enum { NAMES_SPELT_OUT = 4 };

static void finding_clear(void *data)
{
  g_free(((HilumFinding *)data)->message);
}

GArray *hilum_findings_new(void)
{
  GArray *findings = g_array_new(FALSE, FALSE, sizeof(HilumFinding));
  g_array_set_clear_func(findings, finding_clear);
  return findings;
}

void hilum_findings_add(GArray *findings, HilumVerdict verdict, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  HilumFinding finding = {verdict, g_intern_string(code), g_strdup_vprintf(format, arguments)};
  va_end(arguments);
  g_array_append_val(findings, finding);
}

const HilumFinding *hilum_findings_worst(const GArray *findings)
{
  const HilumFinding *worst = NULL;
  for (guint i = 0; i < findings->len; i++) {
    const HilumFinding *f = &g_array_index(findings, HilumFinding, i);
    if (!worst || f->verdict > worst->verdict) worst = f;
  }
  return worst;
}

HilumVerdict hilum_findings_verdict(const GArray *findings)
{
  const HilumFinding *worst = hilum_findings_worst(findings);
  return worst ? worst->verdict : HILUM_VERDICT_OK;
}

const char *hilum_findings_mark_estimate(const HilumFinding *findings, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(findings[i].code, "interpolated-gap") == 0) return findings[i].message;
  return NULL;
}

const char *hilum_verdict_name(HilumVerdict verdict)
{
  switch (verdict) {
  case HILUM_VERDICT_OK:
    return "ok";
  case HILUM_VERDICT_WARNING:
    return "warning";
  case HILUM_VERDICT_REFUSED:
    return "refused";
  }
  return "refused";
}

void hilum_name_list_add(HilumNameList *list, const char *format, ...)
{
  if (!list->text) list->text = g_string_new(NULL);
  if (list->n++ >= NAMES_SPELT_OUT) return;
  if (list->n > 1) g_string_append(list->text, ", ");
  va_list arguments;
  va_start(arguments, format);
  g_string_append_vprintf(list->text, format, arguments);
  va_end(arguments);
}

char *hilum_name_list_finish(HilumNameList *list)
{
  if (!list->text) return g_strdup("");
  if (list->n > NAMES_SPELT_OUT)
    g_string_append_printf(list->text, " and %zu more", list->n - NAMES_SPELT_OUT);
  char *text = g_string_free(list->text, FALSE);
  list->text = NULL;
  list->n = 0;
  return text;
}
