/* Journals: a case file and what lies beside it, either of which may come from anywhere. The two are joined
 * by HILUMCUT; without it all is the journal of no case. */
#include "fuzz.h"

#include "hilum/casefile/journal.h"

#include <string.h>

static const char cut[] = "HILUMCUT";

static const uint8_t *find_cut(const uint8_t *data, size_t size)
{
  for (size_t at = 0; at + sizeof cut - 1 <= size; at++)
    if (memcmp(data + at, cut, sizeof cut - 1) == 0) return data + at;
  return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_setenv("XDG_STATE_HOME", fuzz_folder(), TRUE);
  const uint8_t *at = find_cut(data, size);
  const size_t first = at ? (size_t)(at - data) : 0, skip = at ? first + sizeof cut - 1 : 0;
  (void)fuzz_write("patient.hilum-steps", data + skip, size - skip);
  g_autofree char *path = g_strdup(fuzz_write("patient.hilum", data, first));
  HilumRecovery recovery;
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCaseRecord) record =
      hilum_case_record_recover(path, HILUM_RECOVER_READ, &recovery, NULL, &error);
  fuzz_expect(record != NULL, error);
  if (record) {
    g_autoptr(GError) why = NULL;
    g_autoptr(HilumCase) opened = hilum_case_new_from_record(record, NULL, &why);
    fuzz_expect(opened != NULL, why);
    /* What was recovered can be gone back and forth in, or says why not. */
    for (int n = 0; opened && n < 20 && hilum_history_undo(hilum_case_get_history(opened), NULL); n++)
      ;
    for (int n = 0; opened && n < 20 && hilum_history_redo(hilum_case_get_history(opened), NULL); n++)
      ;
    hilum_recovery_clear(&recovery);
  }
  fuzz_remove("patient.hilum-steps");
  fuzz_remove("patient.hilum-steps-wal");
  fuzz_remove("patient.hilum-steps-shm");
  return 0;
}
