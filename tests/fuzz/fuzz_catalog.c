/* Bytes to volumes: the input is cut into files at every "HILUMCUT", these lie in one folder, which is
 * scanned; every volume that is not refused is loaded. Damaged files must become findings, never stop the
 * rest. */
#include "fuzz.h"

#include "hilum/dicom/dicom.h"

#include <string.h>

static const char CUT[] = "HILUMCUT";
enum { CUT_BYTES = sizeof CUT - 1, MOST_FILES = 12 };

/* File 0 has the name of a directory of files every other time, so that those are walked too. */
static void name_file(char name[16], unsigned number, const uint8_t *data, size_t size)
{
  if (number == 0 && size > 0 && data[0] == 'D')
    g_strlcpy(name, "DICOMDIR", 16);
  else
    g_snprintf(name, 16, "F%02u", number);
}

static unsigned write_files(const uint8_t *data, size_t size, char names[MOST_FILES][16])
{
  unsigned n = 0;
  while (n < MOST_FILES) {
    const uint8_t *cut = memmem(data, size, CUT, CUT_BYTES);
    size_t part = cut ? (size_t)(cut - data) : size;
    name_file(names[n], n, data, part);
    (void)fuzz_write(names[n], data, part);
    n++;
    if (!cut) break;
    data = cut + CUT_BYTES;
    size -= part + CUT_BYTES;
  }
  return n;
}

static void load(const HilumCatalog *catalog, size_t index)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumVolume) volume = hilum_catalog_load(catalog, index, NULL, &error);
  fuzz_expect(volume != NULL, error);
  const HilumSeriesInfo *info = hilum_catalog_get_series(catalog, index);
  if (volume && info->verdict == HILUM_VERDICT_REFUSED) g_error("A refused volume was loaded");
}

static void scan(void)
{
  const char *paths[] = {fuzz_folder()};
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumCatalog) catalog = hilum_catalog_scan(paths, 1, NULL, &error);
  fuzz_expect(catalog != NULL, error);
  for (size_t i = 0; catalog && i < hilum_catalog_get_count(catalog); i++)
    load(catalog, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char names[MOST_FILES][16];
  unsigned n = write_files(data, size, names);
  scan();
  while (n > 0)
    fuzz_remove(names[--n]);
  return 0;
}
