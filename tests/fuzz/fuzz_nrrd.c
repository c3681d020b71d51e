/* NRRD: the header, raw and gzip data, as image and as labels. */
#include "fuzz.h"

#include "hilum/exchange/nrrd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *path = fuzz_write("volume.nrrd", data, size);
  g_autoptr(GError) error = NULL, label_error = NULL;
  g_autoptr(HilumVolume) volume = hilum_nrrd_read_volume(path, NULL, &error);
  fuzz_expect(volume != NULL, error);
  GPtrArray *names = NULL;
  HilumLabelSnapshot *labels = hilum_nrrd_read_labels(path, &names, NULL, &label_error);
  fuzz_expect(labels != NULL, label_error);
  if (labels) {
    if (names->len != 256) g_error("There are not 256 names");
    hilum_label_snapshot_unref(labels);
  }
  g_clear_pointer(&names, g_ptr_array_unref);
  return 0;
}
