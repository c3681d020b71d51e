/* One file's header: the byte-level walk, the attributes through DCMTK, the record, the checks of one object,
 * and the references of a DICOMDIR. */
#include "fuzz.h"

#include "file_io.h"
#include "layout.h"
#include "record.h"

#include <unistd.h>

static void read_as_image(int fd, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(HilumRecord) record = hilum_record_read(fd, path, &error);
  fuzz_expect(record != NULL, error);
  if (!record) return;
  g_autoptr(GArray) findings = hilum_findings_new();
  hilum_record_check_pixels(record, findings);
}

static void read_as_directory(int fd)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
  bool good = hilum_layout_read_dicomdir(fd, "DICOMDIR", files, &error);
  fuzz_expect(good, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *path = fuzz_write("image", data, size);
  int fd = hilum_file_open(path);
  read_as_image(fd, path);
  read_as_directory(fd);
  hilum_file_close(fd);
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) findings = hilum_dicom_check(path, &error);
  fuzz_expect(findings != NULL, error);
  return 0;
}
