/* Case files: a SQLite database of compressed bricks, which may come from anywhere. */
#include "fuzz.h"

#include "hilum/casefile/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *path = fuzz_write("patient.hilum", data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCaseRecord) record = hilum_case_record_read(path, NULL, &error);
  fuzz_expect(record != NULL, error);
  if (!record) return 0;
  g_autoptr(GError) why = NULL;
  g_autoptr(HilumCase) opened = hilum_case_new_from_record(record, NULL, &why);
  fuzz_expect(opened != NULL, why);
  return 0;
}
