/* Lists of findings. */
#pragma once

#include "hilum/dicom/dicom.h"

/* The worst of them. */
HilumVerdict hilum_findings_verdict(const GArray *findings);
/* The first with the worst verdict, or NULL. */
const HilumFinding *hilum_findings_worst(const GArray *findings);

/* “a”, “b” and 3 more: names are added one at a time, only the first few are spelt out. */
typedef struct {
  GString *text;
  size_t n;
} HilumNameList;
void hilum_name_list_add(HilumNameList *list, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The text, to be freed with g_free(); the list is empty afterwards. */
char *hilum_name_list_finish(HilumNameList *list);
